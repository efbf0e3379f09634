"""Where a scenario follows history instead of the vintage: pooled demand for plans, pooled spend for money.

The pooled forecast gives a total each January. New plans of the twelve months before are scaled, one window at a
time, until the cohort flow meets it; ages, placements, hazards and caps stay as they are.

Every price grows as spend per plan does in the pooled forecast. The mix of placements moves as well, so lines 1.2 would
still miss it: what is short or over stands as a row of its own, so that no price hides it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers import tables
from hnforecast.engine.drivers.flows import flow_rates
from hnforecast.engine.drivers.levers import Levers
from hnforecast.engine.drivers.tables import forecast_clock
from hnforecast.engine.measured import national_panel, panel_folder
from hnforecast.engine.model.plans import flow_plans
from hnforecast.engine.model.population import project_children
from hnforecast.engine.model.state import Clock
from hnforecast.engine.published import lines_total
from hnforecast.engine.scenarios import Scenario

if TYPE_CHECKING:
    from hnforecast.engine.demand import Panel
    from hnforecast.engine.method import Result

BOUNDS = (0.2, 5.0)  # a factor outside these says the total cannot be met by new plans alone
TESTED_HORIZON = 5  # years beyond which no backtest reaches: the last factor holds


@dataclass(frozen=True)
class HistoryPath:
    """What history says.

    Args:
        plans: January count -> total plans; empty where the vintage's own demand is used.
        price_growth: financial year -> (1,) growth of every price; empty where the vintage's indices are used.
        spend: financial year -> spend on lines 1.2 over that of the base outturn year; empty with price_growth.
    """

    plans: Mapping[int, float] = field(default_factory=dict)
    price_growth: Mapping[int, FloatArray] = field(default_factory=dict)
    spend: Mapping[int, float] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path, scenario: Scenario, horizon: int) -> Self:
        """Read the panel only where the scenario follows it."""
        if scenario.spec.demand != "history" and scenario.spec.prices != "history":
            return cls()
        from hnforecast.engine.demand import authority_path

        manifest = scenario.vintage.manifest
        panel = national_panel(panel_folder(root))
        code, origin = manifest.authority.old_la_code, manifest.base_census
        plans: dict[int, float] = {}
        if scenario.spec.demand == "history":
            totals = authority_path(panel, code, origin, TESTED_HORIZON)
            plans = {origin + h: float(value) for h, value in enumerate(totals.central, start=1)}
        if scenario.spec.prices != "history":
            return cls(plans)
        yearly, spend = _pooled_spend(panel, code, manifest.base_outturn)
        last = max(yearly)
        growth = {
            year: np.array([yearly[min(year, last)]])
            for year in range(manifest.base_outturn + 1, manifest.base_outturn + horizon + 2)
        }
        return cls(plans, growth, spend)


def _pooled_spend(panel: Panel, code: str, base: int) -> tuple[dict[int, float], dict[int, float]]:
    """Growth of spend per plan, and spend over that of the base outturn year, by financial year after it.

    Outturn is published most of a year after the count: where that of the base year is not, the forecast starts from
    the last one there is.
    """
    from hnforecast.engine.demand import authority_path

    spent = panel.series("spend")[panel.authorities.index(code)] if code in panel.authorities else np.empty(0)
    known = [year for year, value in zip(panel.years, spent, strict=False) if value > 0 and year <= base + 1]
    origin = known[-1] if known else base + 1
    horizon = TESTED_HORIZON + base + 1 - origin
    totals = authority_path(panel, code, origin, horizon)
    pounds = authority_path(panel, code, origin, horizon, series="spend")
    spend = np.concatenate([[pounds.last], pounds.central])
    cost = spend / np.concatenate([[totals.last], totals.central])
    steps = range(base + 2 - origin, horizon + 1)
    yearly = {origin - 1 + h: float(cost[h] / cost[h - 1] - 1.0) for h in steps}
    return yearly, {origin - 1 + h: float(spend[h] / spend[base + 1 - origin]) for h in steps}


def beyond_plans_and_prices(history: HistoryPath, result: Result, base: int) -> dict[int, float]:
    """Financial year -> pounds by which the pooled forecast of spend lies over lines 1.2 of a run without measures.

    Args:
        history: what is followed.
        result: the central run, measures left out, nothing beyond plans and prices in it.
        base: first calendar year of the base outturn year.
    """
    years = result.clock.financial_years
    lines = {year: lines_total(result.spend, f) for f, year in enumerate(years)}
    found = {year: lines[base] * ratio - lines[year] for year, ratio in history.spend.items() if year in lines}
    if found:  # after the last year tested, the share of spend it has by then
        last = max(found)
        found |= {year: found[last] / lines[last] * lines[year] for year in years if year > last}
    return found


def solve_window_factor(scenario: Scenario, clock: Clock, drawn: Drawn, history: HistoryPath) -> dict[int, FloatArray]:
    """January count -> (1,) multiplier on the new plans of the twelve months before it; the last holds to the horizon.

    Measures are left out: the factor is that of the unmitigated flow, and measures then act on rates.
    """
    if not history.plans:
        return {}
    vintage = scenario.vintage
    base = tables.opening_counts(vintage.flows.opening_plans, clock.censuses[0], vintage.codes.placements)
    children = project_children(tables.children(vintage.population.children, clock.academic_years), np.ones((1, 1)))
    factor: dict[int, FloatArray] = {}
    for c, census in enumerate(clock.censuses[1:], start=1):
        if census not in history.plans:
            factor[census] = factor[max(factor)] if factor else np.ones(1)
            continue
        short = forecast_clock(clock.censuses[0], clock.first_forecast, c)

        def total(value: float, census: int = census, short: Clock = short, c: int = c) -> float:
            trial = {**factor, census: np.array([value])}
            rates = flow_rates(vintage, Levers(()), short, drawn, trial)
            years = len(short.academic_years)
            plans = flow_plans(base, children.children[:, :years], rates, short, counts_only=True)
            return float(plans.january[0, c].sum())

        factor[census] = np.array([_secant(total, history.plans[census])])
    return factor


def _secant(total: Callable[[float], float], target: float) -> float:
    """The factor at which a nearly linear total meets its target, kept within bounds."""
    low, high = 1.0, 1.1
    at_low, at_high = total(low) - target, total(high) - target
    for _ in range(20):
        if abs(at_high) < 1e-7 or at_high == at_low:
            break
        low, high, at_low = high, high - at_high * (high - low) / (at_high - at_low), at_high
        high = float(np.clip(high, *BOUNDS))
        at_high = total(high) - target
    return high
