"""Savings by measure for every scenario of a run that has measures, with their spread where there are draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.axes import FloatArray
from hnforecast.forecast import pinned_values
from hnforecast.savings import Saving, savings_by_measure

if TYPE_CHECKING:
    from hnforecast.forecast import Forecast

Savings = dict[str, tuple[Saving, ...]]


def run_savings(forecasts: Sequence[Forecast]) -> Savings:
    """Scenario -> what each of its measures saves by forecast year; empty for a scenario without measures."""
    return {
        forecast.scenario.name: savings_by_measure(
            forecast.scenario,
            sum(year >= forecast.clock.first_forecast for year in forecast.clock.financial_years),
            pinned_values(forecast.scenario),
            {census: np.array([factor]) for census, factor in forecast.window_factor.items()},
            {year: np.array([growth]) for year, growth in forecast.history_growth.items()},
            joint_improvement(forecast, forecasts),
        )
        for forecast in forecasts
    }


def joint_improvement(forecast: Forecast, forecasts: Sequence[Forecast]) -> FloatArray | None:
    """(d, f) what all measures of a scenario improve the in-year position by, in each draw of the forecast years.

    It needs a scenario of the run that differs in its measures alone, on the same noise; without one, or without draws,
    it is None.
    """
    if forecast.ensemble is None or not forecast.scenario.measures:
        return None
    for other in forecasts:
        if other.ensemble is not None and not other.scenario.measures and _same_but_measures(forecast, other):
            ahead = [year >= forecast.clock.first_forecast for year in forecast.clock.financial_years]
            improvement: FloatArray = forecast.ensemble.account.in_year - other.ensemble.account.in_year
            return improvement[:, ahead]
    return None


def _same_but_measures(forecast: Forecast, other: Forecast) -> bool:
    mine, its = forecast.scenario.spec, other.scenario.spec
    return (mine.demand, mine.prices, mine.growth) == (its.demand, its.prices, its.growth)
