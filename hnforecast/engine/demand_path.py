"""Where a scenario follows history instead of the vintage: pooled demand for plans, unit costs for prices.

The pooled forecast gives a total each January. New plans of the twelve months before are scaled, one window at a
time, until the cohort flow meets it; ages, placements, hazards and caps stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers import tables
from hnforecast.engine.drivers.clocks import forecast_clock
from hnforecast.engine.drivers.flows import flow_rates
from hnforecast.engine.drivers.levers import Levers
from hnforecast.engine.measured import national_panel, panel_folder
from hnforecast.engine.model.plans import flow_plans
from hnforecast.engine.model.population import project_children
from hnforecast.engine.model.state import Clock
from hnforecast.engine.scenarios import Scenario

BOUNDS = (0.2, 5.0)  # a factor outside these says the total cannot be met by new plans alone
TESTED_HORIZON = 5  # years beyond which no backtest reaches: the last factor holds


@dataclass(frozen=True)
class HistoryPath:
    """What history says.

    Args:
        plans: January count -> total plans; empty where the vintage's own demand is used.
        price_growth: financial year -> (1,) growth of every price; empty where the vintage's indices are used.
    """

    plans: Mapping[int, float] = field(default_factory=dict)
    price_growth: Mapping[int, FloatArray] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path, scenario: Scenario, horizon: int) -> Self:
        """Read the panel only where the scenario follows it."""
        if scenario.spec.demand != "history" and scenario.spec.prices != "history":
            return cls()
        from hnforecast.engine.demand import authority_path

        manifest = scenario.vintage.manifest
        panel = national_panel(panel_folder(root))
        code, origin = manifest.authority.old_la_code, manifest.base_census
        totals = authority_path(panel, code, origin, TESTED_HORIZON)
        plans = {origin + h: float(value) for h, value in enumerate(totals.central, start=1)}
        growth: dict[int, FloatArray] = {}
        if scenario.spec.prices == "history":
            spend = authority_path(panel, code, origin, TESTED_HORIZON, series="spend")
            unit_cost = np.concatenate([[spend.last / totals.last], spend.central / totals.central])
            yearly = unit_cost[1:] / unit_cost[:-1] - 1.0
            growth = {
                manifest.base_outturn + h: np.array([yearly[min(h, TESTED_HORIZON) - 1]]) for h in range(1, horizon + 2)
            }
        return cls(plans if scenario.spec.demand == "history" else {}, growth)


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
