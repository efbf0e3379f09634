"""How wrong a forecast made at an origin may be, from the errors of earlier forecasts already known there.

Log errors have two parts. The local part differs between authorities and is measured: forecasts are made again at
earlier origins, each with what was known then, and compared with the counts since. Its spread is

    s[i, h] = s1 x (plans_i / typical)^-p x h^H

with s1 and H from the spreads at each horizon and p from how errors fall with size. The common part, an error of the
national path, strikes everyone at once; seven or eight known origins cannot measure it, so it is set at a quarter of
the local part at one year and grows in proportion to h (a little over 1 % a year for total plans), and spend carries
besides what the national path of spend per plan has missed by.

"Spread" is always that of the normal distribution with the same central 80 % as the errors, so one wild authority
does not widen everyone's interval; tails are those of Student's t with seven degrees of freedom, fatter than the
normal's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hnforecast.engine.demand.local import centred, precision
from hnforecast.engine.demand.national import LogPath, central_log_path
from hnforecast.engine.demand.panel import Floats, Panel, safe_log
from hnforecast.engine.demand.unit_cost import LONG_RUN_GROWTH, national_unit_cost_growth, past_path_errors

# Errors of forecasts made in the last six origins count; an origin needs this many censuses of the series behind it.
ORIGINS_USED = 6
CENSUSES_NEEDED = 3
# Prior for the growth of spread with horizon, worth one origin's errors at horizon e, and its bounds.
GROWTH_EXPONENT = 0.65
GROWTH_WEIGHT = 1.0
GROWTH_BOUNDS = (0.3, 0.95)
SIZE_BOUNDS = (0.0, 0.4)
COMMON_SHARE = 0.25
# Yearly error of the national path of unit cost, until the panel has shown its own.
PRICE_SHOCK = 0.03
DEGREES_OF_FREEDOM = 7.0
NORMAL_80 = 1.2815515655446004
# Where no error is known yet (too short a history): a wide guess, as log points at one year.
UNKNOWN_SPREAD = 0.10


@dataclass(frozen=True)
class SpendLaw:
    """What the spread of spend has besides that of plans.

    Args:
        exponent: prior for the growth of the local spread with horizon.
        shock: panel known at the origin -> common spread a year from the national path of unit cost.
    """

    exponent: float
    shock: Callable[[Panel], float]


@dataclass(frozen=True)
class Spread:
    """Spread of log errors at one origin.

    Args:
        local: (authority,) s1 by authority: local spread at one year.
        exponent: H, growth of the local spread with horizon.
        common: common spread at one year; at h years it is h times this.
        errors: number of past errors behind it.
    """

    local: Floats
    exponent: float
    common: float
    errors: int

    def log_sd(self, horizons: int) -> Floats:
        """Both parts together, (authority, horizon); never narrower with horizon."""
        steps = np.arange(1, horizons + 1)
        return np.asarray(np.hypot(np.outer(self.local, steps**self.exponent), self.common * steps), dtype=float)

    def path_covariance(self, authority: int, horizons: int) -> Floats:
        """Covariance of one authority's log errors over horizons, (horizon, horizon).

        Local errors follow fractional Brownian motion, s1^2/2 (h^2H + k^2H - |h-k|^2H), which has the correlations
        seen between horizons; the common part is one shock growing with h.
        """
        steps = np.arange(1, horizons + 1, dtype=float)
        power = 2 * self.exponent
        gaps = np.abs(steps[:, None] - steps[None, :])
        walk = 0.5 * (steps[:, None] ** power + steps[None, :] ** power - gaps**power)
        return np.asarray(self.local[authority] ** 2 * walk + self.common**2 * np.outer(steps, steps), dtype=float)


def t_quantile(levels: Floats) -> Floats:
    """Quantiles of the error in spreads: Student's t scaled so that its central 80 % is the normal's."""
    from scipy.stats import t

    return np.asarray(t.ppf(levels, DEGREES_OF_FREEDOM) / t.ppf(0.9, DEGREES_OF_FREEDOM) * NORMAL_80, dtype=float)


def _shock_of(departures: Floats) -> float:
    """Root mean square of yearly departures; the prior counts as one year."""
    return float(np.sqrt((np.sum(departures**2) + PRICE_SHOCK**2) / (len(departures) + 1)))


def _path_error(past: Panel) -> float:
    """What the national path of unit cost has missed by at one year, at the origins known."""
    return _shock_of(past_path_errors(past))


def _long_run_departure(past: Panel) -> float:
    """How far national unit cost growth has been from its long-run rate."""
    growth = national_unit_cost_growth(past)
    return _shock_of(growth[np.isfinite(growth)] - LONG_RUN_GROWTH)


SPEND = SpendLaw(GROWTH_EXPONENT, _path_error)
# As it was measured until 2026: wide at three years and beyond, as that method's path was.
HELD_SPEND = SpendLaw(0.9, _long_run_departure)


def measure_spread(
    past: Panel, name: str, horizons: int, predict: LogPath = central_log_path, law: SpendLaw = SPEND
) -> Spread:
    """Spread of the series' errors as known at the last census of `past`.

    Args:
        past: the panel known at the origin; every error used lies within it.
        name: series, as in `central_log_path`.
        horizons: longest horizon whose past errors are looked at.
        predict: the method whose errors are measured.
        law: what the spread of spend has besides.
    """
    sizes = np.maximum(np.nan_to_num(past.series(name)[:, -1], nan=1.0), 1.0)
    errors, size_of_error, horizon_of_error = _past_errors(past, name, horizons, predict)
    price, prior = (law.shock(past), law.exponent) if name == "spend" else (0.0, GROWTH_EXPONENT)
    first = horizon_of_error == 1
    if first.sum() < 10:
        return Spread(np.full(len(sizes), UNKNOWN_SPREAD), prior, COMMON_SHARE * UNKNOWN_SPREAD, int(first.sum()))
    power = _size_power(errors[first], size_of_error[first])
    typical = float(np.exp(np.median(np.log(size_of_error))))
    scaled = np.abs(errors) * (size_of_error / typical) ** power
    seen = np.unique(horizon_of_error)
    spreads = np.array([np.quantile(scaled[horizon_of_error == h], 0.8) for h in seen]) / NORMAL_80
    origins = np.array([(horizon_of_error == h).sum() for h in seen]) / first.sum()
    one_year = float(spreads[0])
    logs = np.log(seen)
    rise = np.log(np.maximum(spreads, 1e-9) / max(one_year, 1e-9))
    exponent = (np.sum(origins * logs * rise) + GROWTH_WEIGHT * prior) / (np.sum(origins * logs**2) + GROWTH_WEIGHT)
    exponent = float(np.clip(exponent, *GROWTH_BOUNDS))
    one_year = float(np.exp(np.average(np.log(np.maximum(spreads, 1e-9)) - exponent * logs, weights=origins)))
    local = one_year * (sizes / typical) ** -power
    return Spread(local, exponent, float(np.hypot(COMMON_SHARE * one_year, price)), len(errors))


def _past_errors(past: Panel, name: str, horizons: int, predict: LogPath) -> tuple[Floats, Floats, Floats]:
    """Local log errors of forecasts from earlier origins, with the size of the authority and the horizon of each."""
    values = past.series(name)
    logs, last = safe_log(values), values.shape[1] - 1
    weights = precision(past.series("total_plans") if name == "spend" else values)
    found: list[tuple[Floats, Floats, Floats]] = []
    for column in range(max(last - ORIGINS_USED, 0), last):
        then = past.known_at(past.years[column])
        if (np.isfinite(safe_log(then.series(name))).sum(axis=0) > 1).sum() < CENSUSES_NEEDED:
            continue
        ahead = min(horizons, last - column)
        missed = logs[:, column + 1 : column + 1 + ahead] - logs[:, [column]] - predict(then, name, ahead)
        missed = centred(missed, np.broadcast_to(weights[:, [column]], missed.shape))
        size = np.broadcast_to(np.maximum(np.nan_to_num(values[:, [column]], nan=1.0), 1.0), missed.shape)
        horizon = np.broadcast_to(np.arange(1.0, ahead + 1), missed.shape)
        # Below ten plans an error is chance, and would set the size law for everyone.
        known = np.isfinite(missed) & (size >= 10)
        found.append((missed[known], size[known], horizon[known]))
    if not found:
        empty = np.empty(0)
        return empty, empty, empty
    errors, sizes, ahead_of = zip(*found, strict=True)
    return np.concatenate(errors), np.concatenate(sizes), np.concatenate(ahead_of)


def _size_power(errors: Floats, sizes: Floats) -> float:
    """Power p in spread ~ size^-p, by regression of log |error| on log size (Harvey's method), bounded."""
    logs = np.log(sizes)
    if np.ptp(logs) == 0.0:
        return 0.0
    slope = np.polyfit(logs, np.log(np.abs(errors) + 1e-4), 1)[0]
    return float(np.clip(-slope, *SIZE_BOUNDS))
