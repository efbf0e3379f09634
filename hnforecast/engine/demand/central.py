"""Central forecasts of a series for every authority: the national path times each authority's local path."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hnforecast.engine.demand.local import local_path
from hnforecast.engine.demand.national import series_growth_path
from hnforecast.engine.demand.panel import Floats, Panel, log_growth
from hnforecast.engine.demand.signals import series_signals
from hnforecast.engine.demand.unit_cost import held_log_path, unit_cost_log_path

# A method: (panel known at the origin, series, years ahead) -> log of forecast over last value, (authority, horizon).
LogPath = Callable[[Panel, str, int], Floats]


def central_log_path(past: Panel, name: str, horizons: int) -> Floats:
    """Log of the forecast over the last value known, (authority, horizon).

    Args:
        past: the panel known at the origin, whose last column is the origin.
        name: total_plans, new_plans, plans_<placement group>, or spend (plans x unit cost, never spend extrapolated).
        horizons: years ahead.

    Returns:
        (authority, horizon); finite for every authority, meaningful where the series is known at the origin.
    """
    if name == "spend":
        return central_log_path(past, "total_plans", horizons) + unit_cost_log_path(past, horizons)
    values = past.series(name)
    common = np.cumsum(series_growth_path(past, name, horizons))
    signals = list(series_signals(past, name).values())
    return common[None, :] + local_path(log_growth(values), signals, values, horizons)


def held_unit_cost_path(past: Panel, name: str, horizons: int) -> Floats:
    """The same with spend per plan by the method used until 2026; every other series is as above."""
    if name == "spend":
        return central_log_path(past, "total_plans", horizons) + held_log_path(past, horizons)
    return central_log_path(past, name, horizons)
