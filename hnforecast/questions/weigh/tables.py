"""Options weighed, as tidy tables and as plain values."""

from __future__ import annotations

from typing import Any

import numpy as np

from hnforecast.base.timeline import show_year
from hnforecast.questions.weigh import Weighing, Weights
from hnforecast.writing.csvtext import SHARE_PLACES, Cell, Table

SCHEMA = "hnforecast/weigh/1"


def options_tables(weighing: Weighing, weights: Weights) -> list[Table]:
    """The options with their ranks, every figure with its score, and where the lead changes."""
    groups = list(weights.groups)
    options: list[list[Cell]] = []
    for o, name in enumerate(weighing.options):
        standing = weighing.standings[o]
        options.append(
            [name, show_year(weighing.year), weighing.ranks[o], float(weighing.total[o]),
             *(group_score(weighing, weights, o, group) for group in groups), standing.best, standing.worst,
             standing.leads, weighing.dominated.get(name)]
        )  # fmt: skip
    return [
        Table(
            "options",
            ("option", "financial_year", "rank", "score", *(f"score_{group}" for group in groups), "best_rank",
             "worst_rank", "share_of_weights_leading", "dominated_by"),
            options,
            SHARE_PLACES,
        ),
        Table(
            "option_figures",
            ("option", "criterion", "group", "weight", "figure", "score", "worst", "best", "reason"),
            _figures(weighing, weights),
            SHARE_PLACES,
        ),
        Table(
            "option_switches",
            ("criterion", "weight", "lead_changes_at", "leader_beyond"),
            [[one.criterion, one.weight, one.at, one.leader or None] for one in weighing.switches],
            SHARE_PLACES,
        ),
    ]  # fmt: skip


def group_score(weighing: Weighing, weights: Weights, option: int, group: str) -> float:
    """An option's score in one group of criteria, 0 to 1; NaN where none of its criteria counts."""
    inside = [c for c, name in enumerate(weighing.criteria) if weights.criteria[name].group == group]
    share = weighing.weights[inside]
    return float(weighing.scores[option, inside] @ share / share.sum()) if share.sum() > 0 else float("nan")


def options_plain(weighing: Weighing, weights: Weights) -> dict[str, Any]:
    """What --json prints; null is not known."""
    return {
        "schema": SCHEMA,
        "financial_year": show_year(weighing.year),
        "weights": {name: float(weighing.weights[c]) for c, name in enumerate(weighing.criteria)},
        "left_out": dict(weighing.left_out),
        "grid": {"points": weighing.points, "steps": weighing.steps},
        "options": {
            name: {
                "rank": weighing.ranks[o],
                "score": float(weighing.total[o]),
                "groups": {group: _known(group_score(weighing, weights, o, group)) for group in weights.groups},
                "figures": {c: _known(figure.value) for c, figure in weighing.figures[name].items()},
                "best_rank": weighing.standings[o].best,
                "worst_rank": weighing.standings[o].worst,
                "share_of_weights_leading": weighing.standings[o].leads,
                "dominated_by": weighing.dominated.get(name),
            }
            for o, name in enumerate(weighing.options)
        },
        "switches": [
            {"criterion": one.criterion, "weight": one.weight, "lead_changes_at": _known(one.at), "leader": one.leader}
            for one in weighing.switches
        ],
    }


def _figures(weighing: Weighing, weights: Weights) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for o, option in enumerate(weighing.options):
        for name, criterion in weights.criteria.items():
            figure = weighing.figures[option][name]
            counts = name in weighing.criteria
            c = weighing.criteria.index(name) if counts else 0
            rows.append(
                [option, name, criterion.group, float(weighing.weights[c]) if counts else 0.0, figure.value,
                 float(weighing.scores[o, c]) if counts else None, criterion.worst, criterion.best,
                 weighing.left_out.get(name)]
            )  # fmt: skip
    return rows


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
