"""Methods the forecast must beat, written as array formulas over all authorities at once.

Each takes plans (authority, year) up to the origin, complete and positive, and the number of years ahead, and returns
(authority, horizon). S is the sum over the panel, g yearly log growth, k = min(3, growths available). Every formula
is stated in its function.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hnforecast.engine.demand.panel import Floats, Panel

DAMPING = 0.9
REVERSION = 0.6


def _steps(horizons: int) -> Floats:
    return np.arange(1, horizons + 1, dtype=float)


def _growths(values: Floats) -> Floats:
    return np.diff(np.log(values), axis=1)


def naive(values: Floats, horizons: int) -> Floats:
    """Y_T."""
    return np.repeat(values[:, -1:], horizons, axis=1)


def drift(values: Floats, horizons: int) -> Floats:
    """Y_T + h (Y_T - Y_first) / (T - first)."""
    slope = (values[:, -1:] - values[:, :1]) / (values.shape[1] - 1)
    forecast: Floats = values[:, -1:] + _steps(horizons) * slope
    return forecast


def drift3(values: Floats, horizons: int) -> Floats:
    """Y_T + h (Y_T - Y_{T-k}) / k."""
    back = min(3, values.shape[1] - 1)
    forecast: Floats = values[:, -1:] + _steps(horizons) * (values[:, -1:] - values[:, [-1 - back]]) / back
    return forecast


def own1(values: Floats, horizons: int) -> Floats:
    """Y_T exp(h g_T)."""
    return values[:, -1:] * np.exp(_steps(horizons) * _growths(values)[:, -1:])


def own3(values: Floats, horizons: int) -> Floats:
    """Y_T exp(h mean of the last k g)."""
    back = min(3, values.shape[1] - 1)
    return np.asarray(
        values[:, -1:] * np.exp(_steps(horizons) * _growths(values)[:, -back:].mean(axis=1, keepdims=True)), dtype=float
    )


def pooled1(values: Floats, horizons: int) -> Floats:
    """Y_T exp(h ln(S_T / S_{T-1}))."""
    total = values.sum(axis=0)
    return np.asarray(values[:, -1:] * np.exp(_steps(horizons) * np.log(total[-1] / total[-2])), dtype=float)


def pooled3(values: Floats, horizons: int) -> Floats:
    """Y_T exp(h G3), G3 = ln(S_T / S_{T-k}) / k."""
    return values[:, -1:] * np.exp(_steps(horizons) * _pooled_growth3(values))


def _pooled_growth3(values: Floats) -> float:
    back = min(3, values.shape[1] - 1)
    total = values.sum(axis=0)
    return float(np.log(total[-1] / total[-1 - back]) / back)


def shrunk_growth(values: Floats) -> tuple[Floats, float, float]:
    """Own mean growth, its panel mean and the empirical-Bayes weight lam = B / (B + V) on one's own.

    V is the sampling variance of a mean of k growths, averaged over authorities; B the spread of means beyond it.
    """
    growths = _growths(values)
    back = min(3, growths.shape[1])
    recent = growths[:, -back:]
    own = recent.mean(axis=1)
    noise = float((recent.var(axis=1, ddof=1) / back).mean()) if back > 1 else 0.0
    spread = max(float(own.var(ddof=1)) - noise, 1e-9) if len(own) > 1 else 1e-9
    return own, float(own.mean()), spread / (spread + noise)


def eb_shrink3(values: Floats, horizons: int) -> Floats:
    """Y_T exp(h e), e = lam m + (1 - lam) mu."""
    own, mean, weight = shrunk_growth(values)
    return values[:, -1:] * np.exp(np.outer(weight * own + (1 - weight) * mean, _steps(horizons)))


def eb_damp90(values: Floats, horizons: int) -> Floats:
    """Y_T exp(e (1 - 0.9^h) / 0.1): the first step undamped."""
    own, mean, weight = shrunk_growth(values)
    damped = (1 - DAMPING ** _steps(horizons)) / (1 - DAMPING)
    return values[:, -1:] * np.exp(np.outer(weight * own + (1 - weight) * mean, damped))


def eb_revert(values: Floats, horizons: int) -> Floats:
    """Y_T exp(h G3 + lam (m - mu) (0.6 + ... + 0.6^h))."""
    own, mean, weight = shrunk_growth(values)
    fading = np.cumsum(REVERSION ** _steps(horizons))
    return values[:, -1:] * np.exp(_steps(horizons) * _pooled_growth3(values) + np.outer(weight * (own - mean), fading))


def panel_ar_coefficients(growths: Floats) -> tuple[float, float]:
    """OLS of g_t on 1, g_{t-1} over the last six growths, pooled; slope clipped to [0, .98] after the fit."""
    recent = growths[:, -6:]
    before, after = recent[:, :-1].ravel(), recent[:, 1:].ravel()
    seen = np.isfinite(before) & np.isfinite(after)
    before, after = before[seen], after[seen]
    variance = float(np.var(before)) if len(before) > 1 else 0.0
    # Growth that varies by less than a millionth is one growth and rounding: no slope can be read off it.
    if variance < 1e-12:
        return float(after.mean()) if len(after) else 0.0, 0.0
    slope = float(np.mean((before - before.mean()) * (after - after.mean())) / variance)
    return float(after.mean() - slope * before.mean()), min(max(slope, 0.0), 0.98)


def panel_ar(values: Floats, horizons: int) -> Floats:
    """Y_T exp(g_{T+1} + ... + g_{T+h}) with g_{T+j} = b0 + b1 g_{T+j-1}."""
    growths = _growths(values)
    intercept, slope = panel_ar_coefficients(growths)
    growth, path = growths[:, -1], []
    for _ in range(horizons):
        growth = intercept + slope * growth
        path.append(growth)
    return values[:, -1:] * np.exp(np.cumsum(np.stack(path, axis=1), axis=1))


def combo_a(values: Floats, horizons: int) -> Floats:
    """Mean of pooled1, EBdamp90 and panelAR, in levels: the best simple combination, and the mark to beat."""
    return (pooled1(values, horizons) + eb_damp90(values, horizons) + panel_ar(values, horizons)) / 3


def damped_holt(values: Floats, horizons: int) -> Floats:
    """Holt's linear trend with damping 0.9; level and trend weights least squares on a grid, by authority."""
    best = np.full(len(values), np.inf)
    forecast = np.zeros((len(values), horizons))
    fading = np.cumsum(DAMPING ** _steps(horizons))
    for level_weight in np.arange(0.1, 1.01, 0.1):
        for trend_weight in np.arange(0.0, 1.01, 0.1):
            level, trend = values[:, 0], values[:, 1] - values[:, 0]
            squares = np.zeros(len(values))
            for column in range(1, values.shape[1]):
                miss = values[:, column] - level - DAMPING * trend
                squares += miss**2
                level = level + DAMPING * trend + level_weight * miss
                trend = DAMPING * trend + level_weight * trend_weight * miss
            better = squares < best
            best = np.where(better, squares, best)
            forecast[better] = (level[:, None] + trend[:, None] * fading)[better]
    return forecast


def combo_1(values: Floats, horizons: int) -> Floats:
    """Mean of damped Holt, EBrevert and pooled3, in levels."""
    return (damped_holt(values, horizons) + eb_revert(values, horizons) + pooled3(values, horizons)) / 3


COMPARATORS: dict[str, Callable[[Floats, int], Floats]] = {
    "naive": naive,
    "drift": drift,
    "drift3": drift3,
    "own1": own1,
    "own3": own3,
    "pooled1": pooled1,
    "pooled3": pooled3,
    "EBshrink3": eb_shrink3,
    "EBdamp90": eb_damp90,
    "EBrevert": eb_revert,
    "panelAR": panel_ar,
    "dampedHolt": damped_holt,
    "comboA": combo_a,
    "combo1": combo_1,
}


def complete_rows(values: Floats) -> tuple[NDArray[np.bool_], int]:
    """Rows positive in every year from `start` on, the year after the last that fewer than half report."""
    known = np.nan_to_num(values) > 0
    scarce = np.flatnonzero(known.mean(axis=0) < 0.5)
    start = int(scarce[-1]) + 1 if len(scarce) else 0
    return np.asarray(known[:, start:].all(axis=1)), start


def comparator_log_path(formula: Callable[[Floats, int], Floats]) -> Callable[[Panel, str, int], Floats]:
    """A formula as a method: NaN for authorities without a complete history of at least two years."""

    def predict(past: Panel, name: str, horizons: int) -> Floats:
        values = past.series(name)
        rows, start = complete_rows(values)
        path = np.full((len(values), horizons), np.nan)
        if values.shape[1] - start >= 2 and rows.any():
            history = values[rows, start:]
            with np.errstate(invalid="ignore", divide="ignore"):
                path[rows] = np.log(np.maximum(formula(history, horizons), 0.0) / history[:, -1:])
        return path

    return predict
