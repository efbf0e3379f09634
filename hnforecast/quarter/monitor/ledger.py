"""A year's ledger by line and placement: a line posted whole is shared by what the recorded plans cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import months_of_financial_year
from hnforecast.engine.model.state import Clock
from hnforecast.quarter.monitor.actuals import Actuals
from hnforecast.quarter.monitor.costs import Costs, LineKey, positions
from hnforecast.quarter.monitor.files import SERVICES, WHOLE
from hnforecast.quarter.monitor.reconcile import pence, share_out


@dataclass(frozen=True)
class YearLedger:
    """One year's postings.

    Args:
        months: recorded.
        posted: key -> (12,) pounds by month of the year.
        accrued: key -> due and not posted at the cut-off.
    """

    months: int
    posted: Mapping[LineKey, FloatArray]
    accrued: Mapping[LineKey, float]


def year_ledger(actuals: Actuals, costs: Costs, clock: Clock) -> YearLedger:
    """The ledger of a year, every row with a placement, adding up to what was posted to the penny.

    Args:
        actuals: of the year.
        costs: of the recorded plans, whose months share out a line that was posted whole.
        clock: of the costs.
    """
    start = months_of_financial_year(actuals.financial_year).start
    posted: dict[LineKey, FloatArray] = {}
    accrued: dict[LineKey, float] = {}
    for row in actuals.table("ledger").to_dict("records"):
        month, line, placement = int(row["month"]), str(row["s251_line"]), str(row["placement"])
        weights = {(line, placement): 1.0}
        if placement == WHOLE:
            weights = line_weights(costs, line, [clock.months.index(month)])
        for key, gbp in shared(float(row["gbp"]), weights).items():
            posted.setdefault(key, np.zeros(12))[month - start] += gbp
        due = float(row["accrual_gbp"])
        if month == actuals.cut_off and due == due:
            for key, gbp in shared(due, weights).items():
                accrued[key] = accrued.get(key, 0.0) + gbp
    for row in actuals.table("transport").to_dict("records"):
        matches = [key for key in posted if key[0] == row["s251_line"]]
        if not matches or matches == [(str(row["s251_line"]), SERVICES)]:
            key = (str(row["s251_line"]), SERVICES)
            posted.setdefault(key, np.zeros(12))[int(row["month"]) - start] += float(row["gbp"])
    return YearLedger(actuals.cut_off - start + 1, posted, accrued)


def line_weights(costs: Costs, line: str, months: Iterable[int]) -> dict[LineKey, float]:
    """What each placement costs on a line over some positions of the clock; a line nothing is expected on is services.

    Weights keep their sign: a line posted whole is net of the income on it, and so is their sum.
    """
    rows = costs.spend.rows
    where = {**positions(rows), **positions(rows, "council")}
    span = list(months)
    weights = {
        key: float(costs.spend.monthly[0][np.ix_(span, members)].sum())
        for key, members in where.items()
        if key[0] == line
    }
    return weights if abs(sum(weights.values())) >= 1.0 else {(line, SERVICES): 1.0}


def shared(gbp: float, weights: Mapping[LineKey, float]) -> dict[LineKey, float]:
    """A sum shared by weights, to the penny; a single weight takes it as it is."""
    if len(weights) == 1:
        return dict.fromkeys(weights, gbp)
    parts = share_out(pence(gbp), np.array(list(weights.values())))
    return {key: float(part) for key, part in zip(weights, parts, strict=True)}
