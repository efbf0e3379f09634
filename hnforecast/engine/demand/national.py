"""The common path: how the national series will grow, as a mean of simple views.

The published national rows are used where the panel has them, as a sample of authorities measures the same growth
with more noise; otherwise growth is chained from the authorities present in both years of each pair, so one that
joins or leaves makes no jump.

Total plans, equal weights (the combination of pooled1, EBdamp90 and panelAR, taken at the national level):

    last growth held          g_T
    damped mean growth        mean of the last 3 g, x 0.9 each year after the first
    panel autoregression      b0 + b1 g, pooled over authorities

Another series (new plans, a placement group): last growth held, damped mean growth, and "as total plans", weighted by
the inverse of the mean square error each would have had over the origins already known. State special schools take
the first two views only: their places are built years ahead, and children they cannot take are placed elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hnforecast.engine.demand.comparators import DAMPING, panel_ar_coefficients
from hnforecast.engine.demand.local import local_path, series_signals
from hnforecast.engine.demand.panel import Floats, Panel, log_growth
from hnforecast.engine.demand.unit_cost import held_log_path, unit_cost_log_path

# Origins whose errors weigh the views, the years ahead they are judged on, and how far weights are drawn together
# (as a share of the mean square error): chosen on this panel, where scores are flat nearby.
ORIGINS_JUDGED = 8
YEARS_JUDGED = 3
DRAWN_TOGETHER = 0.2
# Series that follow buildings rather than the growth of the total.
BUILT_AHEAD = ("plans_special_state",)


def national_growth(panel: Panel, name: str) -> Floats:
    """Yearly log growth of a series over the country, (year,); NaN where neither rows nor authorities give it."""
    values = panel.series(name)
    growth = np.full(len(panel.years), np.nan)
    both = np.isfinite(values[:, 1:]) & np.isfinite(values[:, :-1])
    before = np.where(both, values[:, :-1], 0.0).sum(axis=0)
    after = np.where(both, values[:, 1:], 0.0).sum(axis=0)
    usable = (before > 0) & (after > 0)
    growth[1:][usable] = np.log(after[usable] / before[usable])
    published = log_growth(panel.national.get(name, np.full(len(panel.years), np.nan)))
    return np.where(np.isfinite(published), published, growth)


def total_growth_path(panel: Panel, horizons: int) -> Floats:
    """Expected national log growth of total plans in each of the next years, (horizon,)."""
    return equal_views(national_growth(panel, "total_plans"), log_growth(panel.series("total_plans")), horizons)


def series_growth_path(panel: Panel, name: str, horizons: int) -> Floats:
    """Expected national log growth of any count series in each of the next years, (horizon,)."""
    if name == "total_plans":
        return total_growth_path(panel, horizons)
    own, total = national_growth(panel, name), national_growth(panel, "total_plans")
    local_total = log_growth(panel.series("total_plans"))

    def views(columns: int, ahead: int) -> Floats:
        """The views of one who knows the first `columns` years, (view, horizon)."""
        known = list(_held_and_damped(own[:columns], ahead))
        if name not in BUILT_AHEAD:
            known.append(equal_views(total[:columns], local_total[:, :columns], ahead))
        return np.stack(known)

    now = views(len(own), horizons)
    squares = []
    for columns in range(max(len(own) - ORIGINS_JUDGED, 3), len(own)):
        ahead = min(YEARS_JUDGED, len(own) - columns)
        missed = np.cumsum(views(columns, ahead), axis=1) - np.cumsum(own[columns : columns + ahead])
        square = np.mean((missed / np.arange(1, ahead + 1)) ** 2, axis=1)
        if np.isfinite(own[:columns]).any() and np.isfinite(square).all():
            squares.append(square)
    if not squares:
        return np.asarray(now.mean(axis=0), dtype=float)
    mean_square = np.mean(squares, axis=0)
    weight = 1.0 / (mean_square + DRAWN_TOGETHER * mean_square.mean() + 1e-9)
    return np.asarray(weight / weight.sum() @ now, dtype=float)


def _held_and_damped(national: Floats, horizons: int) -> tuple[Floats, Floats]:
    seen = national[np.isfinite(national)]
    if len(seen) == 0:
        return np.zeros(horizons), np.zeros(horizons)
    return np.full(horizons, seen[-1]), seen[-3:].mean() * DAMPING ** np.arange(horizons)


def equal_views(national: Floats, local: Floats, horizons: int) -> Floats:
    """Mean of last growth held, damped mean growth and the panel autoregression, (horizon,).

    Args:
        national: (year,) national log growth up to the origin.
        local: (authority, year) log growth of each authority, for the pooled autoregression.
        horizons: years ahead.
    """
    held, damped = _held_and_damped(national, horizons)
    intercept, slope = panel_ar_coefficients(local)
    growth, regressed = float(held[0]), np.zeros(horizons)
    for step in range(horizons):
        growth = intercept + slope * growth
        regressed[step] = growth
    return (held + damped + regressed) / 3


# Central forecasts of a series for every authority.

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
