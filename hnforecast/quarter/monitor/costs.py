"""What plans and places cost before any record: the rows of a forecast, gathered by s251 line and what drives them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import Month, academic_year, months_of_financial_year
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers.flows import flow_rates
from hnforecast.engine.drivers.levers import Levers
from hnforecast.engine.drivers.paid_direct import paid_direct
from hnforecast.engine.drivers.spend import spend_rules
from hnforecast.engine.drivers.tables import outturn_clock
from hnforecast.engine.model.spend import SpendRules, cost_plans
from hnforecast.engine.model.state import Clock, Plans, Spend, SpendRow
from hnforecast.engine.model.steps import steps_of
from hnforecast.engine.records import Forecast
from hnforecast.quarter.monitor.actuals import Actuals
from hnforecast.quarter.monitor.files import SERVICES, WHOLE
from hnforecast.quarter.monitor.reconcile import pence, share_out

LineKey = tuple[str, str]  # s251 line and placement (services where no plan drives the line)


@dataclass(frozen=True)
class Costs:
    """Modelled spend of some plans, and what drives each row.

    Args:
        spend: by month.
        rules: of the same rows.
    """

    spend: Spend
    rules: SpendRules


def cost_of(forecast: Forecast, plans: Plans, places: FloatArray) -> Costs:
    """Spend of the forecast's prices and rules on other plans or places.

    Args:
        forecast: whose scenario, prices and clock are used.
        plans: detailed.
        places: (d, y, k) as from `places_of`.
    """
    scenario, clock = forecast.scenario, forecast.clock
    drawn, levers, growth = forecast.drawn, forecast.levers, forecast.history.price_growth
    steps = steps_of(clock, True)
    direct = paid_direct(scenario.vintage, clock, steps, plans, places, drawn)
    rules = spend_rules(scenario.vintage, levers, clock, steps, plans, places, direct, drawn, growth)
    return Costs(cost_plans(plans, forecast.prices, rules, steps, clock, True), rules)


def places_of(forecast: Forecast) -> FloatArray:
    """(d, y, k) commissioned places by academic year of the whole clock, the year before the forecast as recorded."""
    manifest = forecast.scenario.vintage.manifest
    past = outturn_clock(manifest.base_census, manifest.base_outturn)
    earlier = flow_rates(forecast.scenario.vintage, Levers(()), past, Drawn()).places[:, :1]
    ahead = forecast.rates.places
    return np.concatenate([np.broadcast_to(earlier, ahead[:, :1].shape), ahead], axis=1)


def with_commissioned(
    forecast: Forecast, places: FloatArray, month: Month, commissioned: dict[str, float]
) -> FloatArray:
    """Places with those of the academic year of a month as recorded; later years stay as planned."""
    changed = places.copy()
    year = academic_year(month)
    if year not in forecast.clock.academic_years:
        return changed
    y = forecast.clock.academic_years.index(year)
    for k, name in enumerate(forecast.scenario.vintage.flows.places):
        if name in commissioned:
            changed[:, y, k] = commissioned[name]
    return changed


def positions(rows: tuple[SpendRow, ...], account: str = "dsg") -> dict[LineKey, list[int]]:
    """(line, placement) -> the rows that make it up, income with gross; places the DfE pays direct are on no ledger."""
    found: dict[LineKey, list[int]] = {}
    for r, row in enumerate(rows):
        if row.account == account and row.kind != "recoupment":
            found.setdefault((row.s251_line, row.placement), []).append(r)
    return found


def volume(forecast: Forecast, plans: Plans, costs: Costs, rows: list[int]) -> FloatArray | None:
    """(t,) plan-years or place-years a month behind some rows; None where nothing countable drives them."""
    for r in rows:
        if r in costs.rules.per_plan:
            placement, _share = costs.rules.per_plan[r]
            return np.asarray(plans.plan_months[0, :, placement] / 12.0)
        if r in costs.rules.per_place:
            placement, _share = costs.rules.per_place[r]
            return np.asarray(costs.rules.places[0, :, placement] / 12.0)
    return None


def is_plan_driven(costs: Costs, rows: list[int]) -> bool:
    """Whether plans drive some of the rows: only these have a mix."""
    return any(r in costs.rules.per_plan for r in rows)


# A year's ledger by line and placement.


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
