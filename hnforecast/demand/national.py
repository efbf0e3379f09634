"""The common path: how the national series will grow, as a mean of simple views.

The published national rows are used where the panel has them, as a sample of authorities measures the same growth with more noise;
otherwise growth is chained from the authorities present in both years of each pair, so one that joins or leaves makes no jump.

Total plans, equal weights (the combination of pooled1, EBdamp90 and panelAR, taken at the national level):

    last growth held          g_T
    damped mean growth        mean of the last 3 g, x 0.9 each year after the first
    panel autoregression      b0 + b1 g, pooled over authorities

Another series (new plans, a placement group): last growth held, damped mean growth, and "as total plans", weighted by the inverse of
the mean square error each would have had over the origins already known. A group that has always followed the total is carried by
it; one limited by its buildings, as state special schools are, goes its own way.
"""

from __future__ import annotations

import numpy as np

from hnforecast.demand.comparators import DAMPING, panel_ar_coefficients
from hnforecast.demand.panel import Floats, Panel, log_growth

# Origins whose errors weigh the views, the years ahead they are judged on, and how far weights are drawn together
# (as a share of the mean square error): judgements, flat in score.
ORIGINS_JUDGED = 8
YEARS_JUDGED = 3
DRAWN_TOGETHER = 0.2


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
    last = len(own) - 1
    errors = []
    for origin in range(max(last - ORIGINS_JUDGED, 2), last):
        if not np.isfinite(own[: origin + 1]).any():
            continue
        ahead = min(YEARS_JUDGED, last - origin)
        views = _views(own[: origin + 1], equal_views(total[: origin + 1], local_total[:, : origin + 1], ahead))
        missed = np.cumsum(views, axis=1) - np.cumsum(own[origin + 1 : origin + 1 + ahead])
        errors.append(np.mean((missed / np.arange(1, ahead + 1)) ** 2, axis=1))
    views = _views(own, equal_views(total, local_total, horizons))
    known = [error for error in errors if np.isfinite(error).all()]
    if not known:
        return views.mean(axis=0)
    square = np.mean(known, axis=0)
    weight = 1.0 / (square + DRAWN_TOGETHER * square.mean() + 1e-9)
    return weight / weight.sum() @ views


def _views(own: Floats, as_total: Floats) -> Floats:
    """The three views of a series other than the total, (view, horizon)."""
    held, damped = _held_and_damped(own, len(as_total))
    return np.stack([held, damped, as_total])


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
