"""How an authority's growth will differ from the national: one ridge regression, pooled over authorities and years.

An authority's growth less the national has a spread of five points and mostly reverts, so its own past says little.
What does say something is what published returns show before the plans appear: requests received and not refused,
assessments still undecided, the rate of new plans, and how many residents already hold one. For each lead k = 1..H

    g[i, s+k] - mean_i g[., s+k]  =  z[i, s] . beta_k          s + k <= origin

with z the signals of year s, each taken as its difference from the panel mean of that year, in units of its usual
spread. Taking year means out of both sides leaves the national path to `national.py` and makes breaks in a
definition, common to all, vanish. beta_k is shrunk towards FADING x beta_{k-1}, so a lead with few past pairs borrows
from the shorter one and every signal fades unless the years say otherwise.

Each authority and year counts by its precision: growth of a small count is mostly chance.

The constants are round numbers chosen on this panel, where scores are flat nearby: PENALTY from 30 to 300, FADING from
0 to 0.9, DECAY from 0.6 to 1 move the error of total plans by 0.1 points at one year and 0.4 at five.
"""

from __future__ import annotations

import numpy as np

from hnforecast.engine.demand.panel import Floats, Panel, log_growth, safe_log

# A signal one spread from the mean is expected to move growth by a tenth of growth's own spread: the ridge penalty is
# 10 squared.
PENALTY = 100.0
FADING = 0.5
# Weight of a year relative to the next: five-year-old pairs count about half.
DECAY = 0.85
# Values further out are pulled in to this many spreads: one clean-up of records must not bend everyone's forecast.
CLIP = 3.0
# Plans at which chance (variance of log growth about 0.3 / plans) equals real differences between authorities (about
# 0.055 squared).
CHANCE_PLANS = 100.0
# A signal that varies by less than this share of its size is constant, and what is left of it is rounding.
ROUNDING = 1e-9
# Normal consistency of the median absolute deviation.
MAD_TO_SD = 1.4826


def precision(counts: Floats) -> Floats:
    """Weight of an observation of growth by the count behind it: 1 / (1 + 100 / plans); zero without one."""
    found = np.maximum(np.nan_to_num(counts), 0.0)
    return np.asarray(found / (found + CHANCE_PLANS), dtype=float)


def centred(values: Floats, weights: Floats) -> Floats:
    """Each year less its weighted mean over those that report; NaN stays NaN, as does a year with fewer than two."""
    seen = np.isfinite(values) & (weights > 0)
    used = np.where(seen, weights, 0.0)
    sums = (used * np.where(seen, values, 0.0)).sum(axis=0)
    enough = seen.sum(axis=0) > 1
    means = np.divide(sums, used.sum(axis=0), out=np.full(enough.shape, np.nan), where=enough)
    return np.asarray(np.where(seen, values, np.nan) - means, dtype=float)


def standardise(signal: Floats, weights: Floats) -> Floats:
    """Signal in units of its usual spread about each year's mean, clipped; a missing value is zero: no news.

    Args:
        signal: (authority, year).
        weights: (authority, year), precision of each observation.

    Returns:
        (authority, year), finite.
    """
    deviations = centred(signal, weights)
    spread = robust_spread(deviations)
    size = float(np.max(np.abs(signal[np.isfinite(signal)]), initial=0.0))
    if spread <= ROUNDING * size:
        return np.zeros_like(signal)
    return np.nan_to_num(np.clip(deviations / spread, -CLIP, CLIP))


def robust_spread(deviations: Floats) -> float:
    """1.4826 x median absolute deviation; the standard deviation if over half are equal; 0 if nothing varies."""
    found = deviations[np.isfinite(deviations)]
    if len(found) < 3:
        return 0.0
    spread = float(MAD_TO_SD * np.median(np.abs(found)))
    return spread if spread > 0 else float(found.std())


def local_path(growth: Floats, signals: list[Floats], counts: Floats, horizons: int) -> Floats:
    """Log of each authority's level over the national path, from one to `horizons` years after the last column.

    Args:
        growth: (authority, year), yearly log growth of the series; NaN where unknown.
        signals: each (authority, year); NaN where unknown.
        counts: (authority, year), plans behind each growth, for its precision.
        horizons: years ahead.

    Returns:
        (authority, horizon), cumulative log deviation; zero where there is nothing to learn from.
    """
    authorities, years = growth.shape
    if not signals:
        return np.zeros((authorities, horizons))
    weights = precision(counts)
    news = np.stack([standardise(signal, weights) for signal in signals], axis=2)
    target = centred(growth, weights)
    limit = CLIP * robust_spread(target)
    target = np.clip(target, -limit, limit)
    beta = np.zeros(news.shape[2])
    path = np.zeros((authorities, horizons))
    for lead in range(1, horizons + 1):
        beta = _lead_coefficients(news, target, weights, lead, FADING * beta)
        path[:, lead - 1] = news[:, years - 1] @ beta
    return np.cumsum(path, axis=1)


def _lead_coefficients(news: Floats, target: Floats, weights: Floats, lead: int, prior: Floats) -> Floats:
    """Ridge towards `prior`: (Z'WZ + penalty) (beta - prior) = Z'W (y - Z prior), pairs (s, s + lead) known."""
    starts = np.arange(target.shape[1] - lead)
    if len(starts) == 0:
        return prior
    z = news[:, starts].reshape(-1, news.shape[2])
    y = target[:, starts + lead].ravel()
    weight = (weights[:, starts] * DECAY ** (starts[-1] - starts)).ravel()
    known = np.isfinite(y) & (weight > 0)
    z, y, weight = z[known], y[known], weight[known]
    weighted = z * weight[:, None]
    return prior + np.linalg.solve(weighted.T @ z + PENALTY * np.eye(z.shape[1]), weighted.T @ (y - z @ prior))


# What an authority's published returns say about its next years, as signals for `local.py`.


def lagged(values: Floats, years: int) -> Floats:
    """Values of `years` columns before; NaN where the panel does not reach back."""
    if years == 0:
        return values
    shifted = np.full_like(values, np.nan)
    shifted[:, years:] = values[:, :-years]
    return shifted


def ratio(above: Floats, below: Floats) -> Floats:
    """Quotient, NaN where the divisor is zero or either is missing."""
    return above / np.where(np.nan_to_num(below) > 0, below, np.nan)


def demand_signals(panel: Panel) -> dict[str, Floats]:
    """Signals of demand for plans; those whose files are missing are NaN throughout and carry no news."""
    plans = panel.series("total_plans")
    growth = log_growth(plans)
    return {
        "growth": growth,
        "growth_before": lagged(growth, 1),
        "growth_two_before": lagged(growth, 2),
        "new_plan_rate": ratio(panel.optional("new_plans"), lagged(plans, 1)),
        "request_rate": ratio(panel.optional("requests"), plans),
        "refused_rate": ratio(panel.optional("refused"), plans),
        "undecided_rate": ratio(panel.optional("undecided"), plans),
        "prevalence": prevalence(panel),
    }


def prevalence(panel: Panel) -> Floats:
    """Log plans per resident on the latest estimate known: one cross-section, as editions were rebased between."""
    plans = panel.series("total_plans")
    if not panel.residents:
        return np.full_like(plans, np.nan)
    latest = panel.residents[max(panel.residents)]
    return safe_log(ratio(plans, np.broadcast_to(latest[:, None], plans.shape)))


def series_signals(panel: Panel, name: str) -> dict[str, Floats]:
    """Demand signals, and for a series other than the total its own momentum and its share of the total."""
    signals = demand_signals(panel)
    if name == "total_plans":
        return signals
    values = panel.series(name)
    own = log_growth(values)
    signals["own_growth"] = own
    signals["own_growth_before"] = lagged(own, 1)
    signals["share"] = safe_log(ratio(values, panel.series("total_plans")))
    return signals
