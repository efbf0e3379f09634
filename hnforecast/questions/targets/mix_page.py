"""The page of a mix of measures: which, how much, at what cost and how sure; and what would close the rest."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from hnforecast.base.timeline import show_year
from hnforecast.questions.targets.choice import sure
from hnforecast.questions.targets.words import (
    brief_move,
    chance_text,
    goal_margin_name,
    margin_text,
    set_text,
    short,
    start_text,
)
from hnforecast.writing.answer import Answer
from hnforecast.writing.blocks import Block, Grid, Heading, Paragraph, Points
from hnforecast.writing.csvtext import Cell, Table
from hnforecast.writing.style import millions, signed

if TYPE_CHECKING:
    from hnforecast.questions.targets import Closing, Mix

OBJECTIVE_WORDS = {
    "cheapest": "the least money found: investment and running on any budget, and transfers from the schools block",
    "deliverable": "the highest chance that every measure delivers at least what is asked of it",
}


def answer_mix(mix: Mix, closing: Closing | None) -> Answer:
    """The best mix of measures, and what would close the rest, as page, tables and figures."""
    return Answer("mix", mix_plain(mix, closing), mix_page(mix, closing), tables=partial(mix_tables, mix, closing))


def mix_page(mix: Mix, closing: Closing | None) -> list[Block]:
    """The page."""
    goal, forecast = mix.goal, mix.before_forecast
    vintage = forecast.scenario.vintage
    blocks: list[Block] = [
        Heading(f"Which mix brings {goal.words()}", 1),
        Paragraph(
            f"{vintage.manifest.authority.name}, scenario {forecast.scenario.name}, assumptions of {vintage.name}: "
            f"{len(mix.surface.options)} measures, each delivered from none of it to {100 * mix.surface.caps[0]:g}%. "
            f"Sought: {OBJECTIVE_WORDS[mix.objective]}."
        ),
        Paragraph(_answer(mix)),
        Grid(["measure", "now", "mix", "sure", "worth, £m", "cost, £m"], _measures(mix)),
        Paragraph(
            f"Mix: share delivered. Sure: the chance of delivering at least that, from the measure's interval. Worth: "
            f"what the goal's margin loses without the measure, the rest as chosen (brackets: it would make it worse); "
            f"such amounts overlap and do not add up. Cost: money found to {show_year(goal.year)}, whatever the budget."
            f"{_free(mix)}"
        ),
        Grid(
            ["", "as it stands", "with the mix"],
            [
                ["goal, £m", margin_text(mix.before), margin_text(mix.score)],
                ["chance of the goal", chance_text(mix.chance_before), chance_text(mix.chance_after)],
                ["money found, £m", millions(mix.cost_now), millions(mix.cost)],
                ["all deliver as asked", _odds(mix.sure_now), _odds(mix.sure)],
            ],
        ),
        Paragraph(
            f"The goal is read on the {goal_margin_name(goal)}. Its chance takes each delivery as what is expected, "
            "with the measure's own spread about it."
        ),
    ]
    if closing is not None:
        blocks += _closing(mix, closing)
    blocks += [Heading("How it was checked"), Paragraph(_checked(mix))]
    if mix.overrides:
        run = [f"--set {path}={value}" for path, value in mix.overrides.items()]
        blocks += [Paragraph("To run the mix beside every other scenario: hnforecast run, with"), Points(run)]
    return blocks


def _answer(mix: Mix) -> str:
    goal, left_out = (
        mix.goal,
        [o.measure.name for o, x in zip(mix.surface.options, mix.deliveries, strict=True) if not x],
    )
    without = f" Left out: {', '.join(name.replace('_', ' ') for name in left_out)}." if left_out else ""
    if mix.met:
        more = mix.cost - mix.cost_now
        money = f"£{millions(mix.cost)}m found to {show_year(goal.year)}, £{millions(abs(more))}m "
        return (
            f"This mix brings {goal.words()}. It takes {money}{'more' if more >= 0 else 'less'} than as it stands."
            f"{without}"
        )
    return (
        f"No mix of these measures brings {goal.words()}. The best they reach is {margin_text(mix.score)}, from "
        f"{margin_text(mix.before)} as they stand: £{millions(mix.score)}m is beyond them.{without}"
    )


def _measures(mix: Mix) -> list[list[str]]:
    rows = []
    for option, delivery, worth in zip(mix.surface.options, mix.deliveries, mix.worth, strict=True):
        rows.append(
            [
                short(option.measure.name.replace("_", " ")),
                f"{100 * option.stands:.0f}%",
                f"{100 * float(delivery):.0f}%" if delivery else "none",
                f"{100 * sure(option.measure, float(delivery)):.0f}%" if delivery else "-",
                signed(float(worth)),
                millions(float(option.cost(delivery))),
            ]
        )
    return rows


def _free(mix: Mix) -> str:
    """How many measures state no cost, so that a reader does not take them for free."""
    free = sum(option.fixed == 0 and option.moved == 0 for option in mix.surface.options)
    if not free:
        return ""
    return f" {free} of the {len(mix.surface.options)} measures state no cost of delivery and so count as free here."


def _then(closing: Closing) -> str:
    return "" if closing.chance_after is None else f", chance {chance_text(closing.chance_after)}"


def _odds(share: float) -> str:
    """A chance that may be minute."""
    if share >= 0.001:
        return chance_text(share)
    return "under 1 in 1,000,000" if share < 1e-6 else f"1 in {1 / share:,.0f}"


def _closing(mix: Mix, closing: Closing) -> list[Block]:
    alone = [
        [
            short(lever.label),
            brief_move(lever, found.best if found.move is None else found.move),
            "yes" if found.move is not None else "no",
            signed(float(found.scores.max()) if found.move is None else 0.0),
        ]
        for lever, found in closing.alone
    ]
    combined = [
        [short(lever.label), *(brief_move(lever, one) for one in (move, lever.low, lever.high))]
        for lever, move in closing.moves
    ]
    which = [lever.label.lower() for lever, found in closing.alone if found.move is not None]
    single = (
        f"Alone, {' or '.join(which)} would." if which else "None of them would alone, within its plausible bounds."
    )
    if closing.met:
        text = (
            f"Together: each moved {100 * closing.share:.0f}% of the way to its better bound, on top of the mix, "
            f"brings {mix.goal.words()} ({margin_text(closing.score)} in the run anew"
            f"{_then(closing)})."
        )
    else:
        text = (
            f"Together: even with every one of them at its better bound, on top of the mix, the goal is "
            f"{margin_text(closing.score)}{_then(closing)}."
        )
    return [
        Heading("What would close the rest"),
        Paragraph(
            f"With the mix in place, levers beyond the measures were moved within their plausible bounds. {single}"
        ),
        Grid(["lever, alone", "moved to", "closes it", "leaves, £m"], alone),
        Paragraph(text),
        Grid(["lever, together", "moved to", "lowest", "highest"], combined),
        Paragraph(
            "These are not proposals: growth of the block is set nationally, and fewer plans can only come of needs "
            f"that are met without one. {start_text(mix.forecast)}"
        ),
    ]


def _checked(mix: Mix) -> str:
    ensemble = mix.forecast.ensemble
    how = f"with all {ensemble.account.in_year.shape[0]:,} draws" if ensemble is not None else "in the central run"
    times = "once" if mix.runs == 1 else f"{mix.runs} times, the mix chosen again with what each showed"
    return (
        f"Deliveries were chosen on a quadratic surface with every interaction of two measures, fitted to the model in "
        f"one pass (root mean square of what it leaves: £{mix.surface.error / 1e6:,.2f}m). The mix was run anew {how}, "
        f"{times}: the surface expects the goal {margin_text(mix.expected)}, the run gives {margin_text(mix.score)}, a "
        f"difference of £{abs(mix.score - mix.expected) / 1e6:,.2f}m."
    )


def mix_tables(mix: Mix, closing: Closing | None) -> list[Table]:
    """Deliveries by measure, and the levers that would close the rest."""
    rows: list[list[Cell]] = [
        [
            option.measure.name, option.stands, float(delivery), sure(option.measure, float(delivery)), float(worth),
            float(option.cost(delivery)), option.fixed, option.moved,
        ]
        for option, delivery, worth in zip(mix.surface.options, mix.deliveries, mix.worth, strict=True)
    ]  # fmt: skip
    columns = (
        "measure", "delivery_now", "delivery", "chance_of_it", "worth_gbp", "cost_gbp", "cost_to_run_gbp",
        "transfer_at_full_gbp",
    )  # fmt: skip
    tables = [Table("mix", columns, rows, places=None)]
    if closing is not None:
        together = {lever.path: move for lever, move in closing.moves}
        rows = [
            [
                lever.path, lever.moves_by, lever.low, lever.high, lever.start, found.move,
                float(found.scores.max()), together.get(lever.path),
            ]
            for lever, found in closing.alone
        ]  # fmt: skip
        columns = ("lever", "moves_by", "low", "high", "now", "closes_alone_at", "best_margin_gbp", "moved_together")
        tables.append(Table("mix_closing", columns, rows, places=None))
    return tables


def mix_plain(mix: Mix, closing: Closing | None) -> dict[str, Any]:
    """The mix as plain values for JSON."""
    goal = mix.goal
    found: dict[str, Any] = {
        "schema": "hnforecast/mix/1",
        "scenario": mix.forecast.scenario.name,
        "vintage": mix.forecast.scenario.vintage.name,
        "goal": {"kind": goal.kind, "financial_year": show_year(goal.year), "probability": goal.probability},
        "objective": mix.objective,
        "met": mix.met,
        "deliveries": {
            option.measure.name: float(x) for option, x in zip(mix.surface.options, mix.deliveries, strict=True)
        },
        "overrides": mix.overrides,
        "margin_before_gbp": round(mix.before, 2),
        "margin_expected_gbp": round(mix.expected, 2),
        "margin_gbp": round(mix.score, 2),
        "chance_before": mix.chance_before,
        "chance_after": mix.chance_after,
        "cost_gbp": round(mix.cost, 2),
        "cost_now_gbp": round(mix.cost_now, 2),
        "chance_all_deliver": float(np.float64(mix.sure)),
        "surface_error_gbp": round(mix.surface.error, 2),
    }
    if closing is not None:
        found["closing"] = {
            "met": closing.met,
            "share_of_the_way": closing.share,
            "margin_gbp": round(closing.score, 2),
            "chance_after": closing.chance_after,
            "alone": {lever.path: search.move for lever, search in closing.alone},
            "together": {lever.path: move for lever, move in closing.moves},
            "settings": [setting for lever, move in closing.moves for setting in set_text(lever, move)],
        }
    return found
