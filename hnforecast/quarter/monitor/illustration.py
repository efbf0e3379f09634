"""Invented actuals in the shape of real ones: a forecast with a known departure and seeded noise, to practise on.

They are never real and every file says so in its column `basis`. The departure is what a monitoring officer should
find again: more new plans than forecast, dearer independent places, invoices of some lines a little late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import Month, show_month
from hnforecast.engine.model.state import Plans
from hnforecast.engine.records import Forecast
from hnforecast.quarter.monitor.actuals import Actuals
from hnforecast.quarter.monitor.anchor import Anchored
from hnforecast.quarter.monitor.anchor_plans import RecordedPlans, anchor_plans
from hnforecast.quarter.monitor.costs import Costs, LineKey, cost_of, places_of, positions
from hnforecast.quarter.monitor.files import ILLUSTRATIVE
from hnforecast.quarter.monitor.illustrative_lists import backlog_rows, budget_rows, flow_rows, listed_rows
from hnforecast.quarter.monitor.monitor import anchor_on
from hnforecast.quarter.monitor.pipeline_file import PipelineFile
from hnforecast.quarter.monitor.reconcile import pence, total
from hnforecast.quarter.period import Period


@dataclass(frozen=True)
class Departure:
    """How invented actuals differ from the forecast they are made from.

    Args:
        new_plans: multiplier on new plans.
        prices: s251 line -> multiplier on its cost.
        late: s251 line -> share of a month posted in the next and due meanwhile.
        noise: standard deviation of a line's month, as a share.
        chance: whether plans arrive by chance (Poisson) or as expected, rounded.
    """

    new_plans: float = 1.05
    prices: Mapping[str, float] = field(default_factory=lambda: {"1.2.3": 1.02, "1.2.1": 1.005})
    late: Mapping[str, float] = field(default_factory=lambda: {"1.2.3": 0.06, "1.2.7": 0.1})
    noise: float = 0.01
    chance: bool = True


def illustrative_actuals(
    forecast: Forecast,
    earlier: Sequence[Actuals],
    period: Period,
    pipeline: PipelineFile | None,
    departure: Departure | None = None,
    seed: int | None = None,
) -> dict[str, pd.DataFrame]:
    """Invented files of a year up to the end of a quarter, by name, months as 2025-04.

    Args:
        forecast: with savings, so that measures have a plan.
        earlier: actuals of the years before, which these carry on from.
        period: up to when.
        pipeline: of the council; without one the vintage's shares of agreed and issued stand.
        departure: from the forecast.
        seed: of the noise; the financial year by default.
    """
    depart = departure or Departure()
    chance = np.random.Generator(np.random.PCG64DXSM(period.financial_year if seed is None else seed))
    start, _queue = anchor_on(forecast, earlier, pipeline)
    truth = _truth(start, period, depart)
    costs = cost_of(start.forecast, truth, places_of(forecast))
    plans = _plan_rows(start.forecast, truth, period, depart, chance, earlier)
    ledger = _ledger_rows(start, costs, plans, truth, period, depart, chance)
    tables: dict[str, list[dict[str, Any]]] = {
        "ledger": ledger,
        "ledger_control": _control_rows(ledger),
        "budget": budget_rows(start, period.financial_year),
        "plans": plans,
        "pipeline": flow_rows(start.forecast, truth, plans, period, pipeline, chance),
        "backlog": backlog_rows(start.forecast, truth, period, pipeline),
        **listed_rows(start, costs, plans, period, chance),
    }
    return {name: pd.DataFrame(rows).assign(basis=ILLUSTRATIVE) for name, rows in tables.items() if rows}


def _truth(start: Anchored, period: Period, depart: Departure) -> Plans:
    """The forecast's plans with the departure in the period's months and after."""
    forecast = start.forecast
    before = period.months.start - 1
    t = forecast.clock.months.index(before)
    plans = forecast.plans
    own = RecordedPlans(
        range(before, before + 1), plans.open[0, t : t + 1], plans.new[0, t : t + 1], plans.ceased[0, t : t + 1]
    )
    joiners = {month: depart.new_plans for month in forecast.clock.months if month > before}
    return anchor_plans(plans, forecast.rates, forecast.clock, own, joiners, {})


def _plan_rows(
    forecast: Forecast,
    truth: Plans,
    period: Period,
    depart: Departure,
    chance: np.random.Generator,
    earlier: Sequence[Actuals],
) -> list[dict[str, Any]]:
    """Whole plans, month on month: opening + new - ceased + other = open."""
    placements = forecast.scenario.vintage.codes.placements
    first = forecast.clock.months.index(period.months.start)
    stock = np.rint(truth.open[0, first - 1]).astype(int)
    for year in earlier[-1:]:
        last = year.latest("plans").set_index("placement")["open"]
        stock = np.array([int(last.get(name, 0)) for name in placements])
    rows: list[dict[str, Any]] = []
    for t, month in enumerate(period.months, start=first):
        new, ceased = (np.maximum(0.0, array[0, t]) for array in (truth.new, truth.ceased))
        draw = chance.poisson if depart.chance else np.rint
        joined, left = (np.asarray(draw(flow)).astype(int) for flow in (new, ceased))
        other = np.rint(truth.open[0, t] - truth.open[0, t - 1] - truth.new[0, t] + truth.ceased[0, t]).astype(int)
        left = np.minimum(left, np.maximum(0, stock + joined + other))
        stock = np.maximum(0, stock + joined - left + other)
        rows += [
            {"month": show_month(month), "placement": name, "open": int(stock[p]), "new": int(joined[p]),
             "ceased": int(left[p])}
            for p, name in enumerate(placements)
        ]  # fmt: skip
    return rows


def _ledger_rows(
    start: Anchored,
    costs: Costs,
    plans: list[dict[str, Any]],
    truth: Plans,
    period: Period,
    depart: Departure,
    chance: np.random.Generator,
) -> list[dict[str, Any]]:
    clock, codes = start.forecast.clock, start.forecast.scenario.vintage.codes
    recorded = {(row["month"], row["placement"]): float(row["open"]) for row in plans}
    where: dict[LineKey, list[int]] = {
        **positions(costs.spend.rows),
        **{key: rows for key, rows in positions(costs.spend.rows, "council").items() if not is_transport(key[0])},
    }
    rows: list[dict[str, Any]] = []
    for key, members in where.items():
        line, placement = key
        ratio = start.lines[period.financial_year, key].ratio if (period.financial_year, key) in start.lines else 1.0
        cost: dict[Month, float] = {}
        for month in range(period.months.start - 1, period.cut_off + 1):
            t = clock.months.index(month)
            modelled = float(costs.spend.monthly[0, t, members].sum()) * ratio * depart.prices.get(line, 1.0)
            modelled *= _followed(recorded.get((show_month(month), placement)), truth, t, placement, codes.placements)
            cost[month] = modelled * (1.0 + depart.noise * float(chance.standard_normal()))
        late = depart.late.get(line, 0.0)
        for month in period.months:
            # the year before closed with nothing due, so April posts no invoice of March
            before = late * cost[month - 1] if month > period.months.start else 0.0
            posted = float(pence((1.0 - late) * cost[month] + before))
            due = float(pence(late * cost[month])) if late else None
            rows.append({"month": show_month(month), "s251_line": line, "placement": placement, "gbp": posted,
                         "accrual_gbp": due})  # fmt: skip
    return sorted(rows, key=lambda row: str(row["month"]))


def is_transport(line: str) -> bool:
    """Whether a line of the council's own budget is transport, which has its own file."""
    return line in ("2.1.4", "2.1.6", "2.1.7")


def _followed(recorded: float | None, truth: Plans, t: int, placement: str, placements: tuple[str, ...]) -> float:
    """Recorded plans over those the cost was worked out for."""
    if recorded is None or placement not in placements:
        return 1.0
    expected: FloatArray = truth.open[0, t]
    here = float(expected[placements.index(placement)])
    return recorded / here if here >= 1.0 else 1.0


def _control_rows(ledger: list[dict[str, Any]]) -> list[dict[str, Any]]:
    sums: dict[tuple[str, str], list[float]] = {}
    for row in ledger:
        sums.setdefault((row["month"], row["s251_line"]), []).append(row["gbp"])
    return [{"month": month, "s251_line": line, "gbp": float(total(values))} for (month, line), values in sums.items()]
