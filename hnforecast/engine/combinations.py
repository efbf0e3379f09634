"""Plan-years under combinations of measures, for a model that must answer without running the engine again.

A combination says which of the measures that change plans are in place, each at its expected delivery. Where every
combination is run, any choice of measures on or off is exact. Where there are too many, those with none, one, all but
one and all are run, and what lies between is found from both ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import calendar, financial_year
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers.levers import plan_measures
from hnforecast.engine.drivers.prices import HistoryGrowth
from hnforecast.engine.method import WindowFactor, lean_result
from hnforecast.engine.model.state import Clock, Plans
from hnforecast.engine.model.steps import Step, steps_of
from hnforecast.engine.scenarios import Scenario

TERMS = 2  # April to August, September to March: prices change between them and nowhere else


@dataclass(frozen=True)
class Combinations:
    """Plan-years of one scenario under combinations of its measures.

    Args:
        measures: those that change plans, in the scenario's order.
        members: (n, m) 1 where a measure is in the combination.
        complete: every combination is there.
        plan_years: (n, f, term, p) with the measures of each combination in place and no other.
    """

    measures: tuple[str, ...]
    members: FloatArray
    complete: bool
    plan_years: FloatArray


def plan_years_by_term(plan_months: FloatArray, steps: tuple[Step, ...], years: tuple[int, ...]) -> FloatArray:
    """(d, f, term, p) plan-years in April to August and in September to March, from (d, t, p) plan-months."""
    result = np.zeros((plan_months.shape[0], len(years), TERMS, plan_months.shape[2]))
    for t, step in enumerate(steps):
        year = financial_year(step[0])
        if year in years:
            result[:, years.index(year), term_of(step[0])] += plan_months[:, t]
    return result / 12.0


def term_of(month: int) -> int:
    """0 for April to August, 1 for September to March."""
    return 0 if 4 <= calendar(month)[1] < 9 else 1


def run_combinations(
    scenario: Scenario,
    clock: Clock,
    plans: Plans,
    pinned: Mapping[str, float],
    window_factor: WindowFactor,
    price_growth: HistoryGrowth,
    *,
    most: int,
) -> Combinations:
    """Run the plans of a scenario under combinations of its measures.

    Args:
        clock, plans: of the central run, whose figures stand where every measure is in place.
        pinned: what the scenario pins, such as low delivery.
        window_factor, price_growth: as the central run used them.
        most: measures for which every combination is run.
    """
    names = plan_measures(scenario.measures)
    members, complete = _members(len(names), most)
    deliveries = {m.name: m.delivery for m in scenario.measures}
    values = {
        deliveries[name].path: pinned.get(deliveries[name].path, deliveries[name].at(0)) * members[:, i]
        for i, name in enumerate(names)
    }
    drawn = Drawn(len(members), values, pinned={path: v for path, v in pinned.items() if path not in values})
    years = clock.financial_years
    central = plan_years_by_term(plans.plan_months, steps_of(clock, detail=True), years)
    ahead = sum(year >= clock.first_forecast for year in years)
    lean = lean_result(scenario, ahead, drawn, window_factor, price_growth)
    found = plan_years_by_term(lean.plans.plan_months, steps_of(lean.clock, detail=False), years)
    found = np.broadcast_to(found, (len(members), *found.shape[1:])).copy()
    # months before the first simulated one are the outturn's, the same in every combination
    everything = int(np.nonzero(members.all(axis=1))[0][0])
    outturn = len(years) - ahead
    found[:, :outturn] += central[0, :outturn] - found[everything, :outturn]
    found[everything] = central[0]
    return Combinations(names, members, complete, found)


def _members(measures: int, most: int) -> tuple[FloatArray, bool]:
    """Every combination, or none, each alone, each left out, and all."""
    if measures <= most:
        return ((np.arange(2**measures)[:, None] >> np.arange(measures)) & 1).astype(float), True
    alone = np.eye(measures)
    ends = np.zeros((1, measures)), np.ones((1, measures))
    return np.concatenate([ends[0], alone, 1.0 - alone, ends[1]]), False
