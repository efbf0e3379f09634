"""Options weighed, as a page: figures, scores, ranks, and how far the ranking hangs on the weights."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from hnforecast.assumptions import Vintage
from hnforecast.base.timeline import show_year
from hnforecast.questions.weigh import Weighing, Weights
from hnforecast.questions.weigh.tables import group_score, options_plain, options_tables
from hnforecast.questions.weigh.weighing import TIE
from hnforecast.questions.weigh.weights import Criterion
from hnforecast.writing.answer import Answer
from hnforecast.writing.blocks import Block, Grid, Heading, Paragraph, Points
from hnforecast.writing.style import chance_words, signed
from hnforecast.writing.terminal import GAP, WIDTH

COUNTED = ("dependencies", "statutory_flags")
CHANCES = ("chance_in_year_balance", "chance_agreement")


def answer_weighing(weighing: Weighing, weights: Weights, vintage: Vintage, said: Sequence[str]) -> Answer:
    """Options weighed, as page, tables and figures.

    Args:
        said: what must be said of the choice of options.
    """
    page = options_page(weighing, weights, vintage.manifest.authority.name, vintage.name, said)
    tables = partial(options_tables, weighing, weights)
    return Answer("weigh", options_plain(weighing, weights), page, tables=tables)


def options_page(
    weighing: Weighing, weights: Weights, council: str, vintage: str, said: Sequence[str] = ()
) -> list[Block]:
    """The page.

    Args:
        weighing: the result.
        weights: as read.
        council: its name.
        vintage: the assumptions.
        said: sentences about which scenarios are weighed.
    """
    year = show_year(weighing.year)
    return [
        Heading(f"Options weighed: {council}, {year}", 1),
        Paragraph(_opening(weighing, weights, vintage)),
        _ranks(weighing, weights),
        Paragraph(_range(weighing)),
        Heading("What each is weighed by"),
        *_figures(weighing, weights),
        Heading("If the weights were others"),
        Paragraph(
            "For each criterion, the nearest weight at which another option leads, the other weights in proportion."
        ),
        _switches(weighing, weights),
        Heading("To be known before it is used"),
        Points(_cautions(weighing, weights, said)),
    ]


def _opening(weighing: Weighing, weights: Weights, vintage: str) -> str:
    first = [name for o, name in enumerate(weighing.options) if weighing.ranks[o] == 1]
    led = " and ".join(first)
    verb = "leads" if len(first) == 1 else "lead together"
    parts = ", ".join(
        f"{group.label.lower()} {_group_weight(weighing, weights, name):.0%}" for name, group in weights.groups.items()
    )
    leaders = "; ".join(
        f"{group.label.lower()} {' and '.join(led_by)}"
        for name, group in weights.groups.items()
        if (led_by := _best_in(weighing, weights, name))
    )
    alone = [
        group.label.lower()
        for name, group in weights.groups.items()
        if len(first) == 1 and first[0] in _best_in(weighing, weights, name)
    ]
    if len(first) == 1 and len(alone) <= 1:
        leaders += f". {led} leads by {alone[0] if alone else 'no group'} alone: read the rest before you read its rank"
    return (
        f"Assumptions of {vintage}. With these weights {led} {verb}. Weights: {parts}. Scores run from 0 to 1 on "
        f"scales fixed beforehand. The weights are an argument, not a finding ({weights.owner}). "
        f"Best in each group: {leaders}."
    )


def _best_in(weighing: Weighing, weights: Weights, group: str) -> list[str]:
    """The options with the highest score of a group; none where it has none."""
    scores = [group_score(weighing, weights, o, group) for o in range(len(weighing.options))]
    best = max(scores)
    return [name for name, score in zip(weighing.options, scores, strict=True) if score >= best - TIE]


def _group_weight(weighing: Weighing, weights: Weights, group: str) -> float:
    inside = [c for c, name in enumerate(weighing.criteria) if weights.criteria[name].group == group]
    return float(weighing.weights[inside].sum())


def _ranks(weighing: Weighing, weights: Weights) -> Grid:
    header = ["Option", "rank", "score", *(_short(group.label) for group in weights.groups.values()), "ranks", "leads"]
    rows = []
    for o in np.argsort(np.array(weighing.ranks), kind="stable"):
        standing = weighing.standings[o]
        groups = [group_score(weighing, weights, int(o), group) for group in weights.groups]
        rows.append(
            [
                weighing.options[o],
                str(weighing.ranks[o]),
                f"{weighing.total[o]:.2f}",
                *("-" if np.isnan(score) else f"{score:.2f}" for score in groups),
                f"{standing.best} to {standing.worst}" if standing.best != standing.worst else str(standing.best),
                f"{standing.leads:.0%}",
            ]
        )
    return Grid(header, rows)


def _short(label: str) -> str:
    """The last word of a label of several, in small letters."""
    return label.rsplit(maxsplit=1)[-1].lower()


def _range(weighing: Weighing) -> str:
    always = [name for o, name in enumerate(weighing.options) if weighing.standings[o].leads >= 1.0]
    never = [name for o, name in enumerate(weighing.options) if weighing.standings[o].leads <= 0.0]
    text = (
        f"Ranks and leads are over {weighing.points:,} sets of weights, every one in steps of 1/{weighing.steps} that "
        "adds up to one."
    )
    if always:
        text += f" {' and '.join(always)} leads whatever the weights."
    if never and len(never) < len(weighing.options):
        text += f" Leads under none of them: {', '.join(never)}."
    for option, other in weighing.dominated.items():
        text += f" {option} is dominated: {other} is no worse in any figure and better in one."
    return text


def _figures(weighing: Weighing, weights: Weights) -> list[Block]:
    """Criteria down, options across, in as many tables as fit the screen."""
    money = [key for key in weights.criteria if any(not np.isnan(of[key].gbp) for of in weighing.figures.values())]
    label = max(len(criterion.label) for criterion in weights.criteria.values())
    room = WIDTH - label - (GAP + len("weight"))
    columns = []
    for name in weighing.options:
        values = [_found(weighing.figures[name][key].value, criterion) for key, criterion in weights.criteria.items()]
        values += [signed(weighing.figures[name][key].gbp) for key in money]
        columns.append([name, *values])
    tables: list[Block] = []
    start = 0
    while start < len(columns):
        used, end = 0, start
        while end < len(columns) and (end == start or used + GAP + max(map(len, columns[end])) <= room):
            used += GAP + max(map(len, columns[end]))
            end += 1
        tables.append(_table(columns[start:end], weighing, weights, money))
        start = end
    return tables


def _table(columns: list[list[str]], weighing: Weighing, weights: Weights, money: Sequence[str]) -> Grid:
    rows = []
    for position, (name, criterion) in enumerate(weights.criteria.items(), start=1):
        counts = name in weighing.criteria
        weight = f"{weighing.weights[weighing.criteria.index(name)]:.0%}" if counts else "-"
        rows.append([criterion.label, weight, *(column[position] for column in columns)])
    for position, name in enumerate(money, start=1 + len(weights.criteria)):
        told = weights.criteria[name].label.split(" over ")[0]
        rows.append([f"  {told}, £m", "", *(column[position] for column in columns)])
    return Grid(["Figure", "weight", *(column[0] for column in columns)], rows)


def _found(value: float, criterion: Criterion) -> str:
    """A figure of an option: a chance is never said to be surer than a share of draws can be."""
    return chance_words(value) if criterion.figure in CHANCES and value == value else _shown(value, criterion)


def _shown(value: float, criterion: Criterion) -> str:
    if np.isnan(value):
        return "-"
    return f"{value:.0f}" if criterion.figure in COUNTED else f"{100 * value:.1f}%"


def _switches(weighing: Weighing, weights: Weights) -> Grid:
    rows = []
    for one in weighing.switches:
        label = weights.criteria[one.criterion].label
        never = np.isnan(one.at)
        rows.append(
            [label, f"{one.weight:.0%}", "no weight" if never else f"{one.at:.0%}", "-" if never else one.leader]
        )
    return Grid(["Criterion", "weight", "lead changes at", "then leads"], rows)


def _cautions(weighing: Weighing, weights: Weights, said: Sequence[str]) -> list[str]:
    found = [
        f"{weights.criteria[name].label} is left out for every option: {reason}. Others of its group take its weight."
        for name, reason in weighing.left_out.items()
    ]
    found += said
    found += [
        f"{criterion.label}, scored from {_shown(criterion.worst, criterion)} (0) to "
        f"{_shown(criterion.best, criterion)} (1): {criterion.why}."
        for name, criterion in weights.criteria.items()
        if name in weighing.criteria
    ]
    found.append(
        "A duty flagged is a question, not a verdict, and no weight makes up for one that is not met: "
        "`hnforecast check` shows each with what the measure says."
    )
    return found
