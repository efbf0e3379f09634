"""What plans and places cost before any record: the rows of a forecast, gathered by s251 line and what drives them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import Month, academic_year
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers.clocks import outturn_clock
from hnforecast.engine.drivers.flows import flow_rates
from hnforecast.engine.drivers.funding import deductions
from hnforecast.engine.drivers.levers import Levers, levers_of
from hnforecast.engine.drivers.spend import spend_rules
from hnforecast.engine.forecast import Forecast, pinned_values
from hnforecast.engine.model.spend import SpendRules, cost_plans
from hnforecast.engine.model.state import Plans, Spend, SpendRow
from hnforecast.engine.model.steps import steps_of

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
    drawn = Drawn(pinned=pinned_values(scenario))
    levers = levers_of(scenario.measures, drawn)
    growth = {year: np.array([value]) for year, value in forecast.history_growth.items()}
    steps = steps_of(clock, True)
    paid_direct = deductions(scenario.vintage, clock.financial_years, drawn)
    rules = spend_rules(scenario.vintage, levers, clock, steps, plans, places, paid_direct, drawn, growth)
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
