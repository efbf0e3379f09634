"""The pooled demand forecast: what other modules ask for.

`forecast_series` gives every authority's forecast of a series with its interval; `pooled_growth` the national path;
`authority_path` one authority's target for the cohort model. The method `hnforecast` is ours; any name in
`COMPARATORS` gives that method with intervals measured the same way, so that two methods differ in their errors and
not in how those were turned into intervals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.base.errors import InputError, Place, Problem
from hnforecast.engine.demand.comparators import COMPARATORS, comparator_log_path
from hnforecast.engine.demand.national import LogPath, central_log_path, held_unit_cost_path, series_growth_path
from hnforecast.engine.demand.panel import Floats, Panel
from hnforecast.engine.demand.spread import HELD_SPEND, SPEND, Spread, measure_spread, t_quantile
from hnforecast.engine.demand.unit_cost import unit_cost_growth_path

OURS = "hnforecast"
# Ours with spend per plan as it was forecast until 2026.
HELD = "held_unit_cost"


@dataclass(frozen=True)
class DemandForecast:
    """A forecast of one series from one origin.

    Args:
        series: total_plans, new_plans, plans_<placement group>, spend.
        origin: the last census known. Horizon h is census origin + h; new plans of horizon h are those of calendar year
            origin + h - 1, spend that of the financial year holding January origin + h.
        authorities: old_la_code, in the order of the rows below.
        central: (authority, horizon), the median; NaN where the series is not known at the origin.
        log_sd: (authority, horizon), spread of the log error; never narrower at a longer horizon.
        spread: local spread at one year, its growth exponent and the common part.
    """

    series: str
    origin: int
    method: str
    authorities: tuple[str, ...]
    central: Floats
    log_sd: Floats
    spread: Spread

    def quantile(self, level: float) -> Floats:
        """Quantile of the outcome at a level in (0, 1), (authority, horizon)."""
        return self.central * np.exp(self.log_sd * float(t_quantile(np.asarray(level))))

    def path_covariance(self, old_la_code: str) -> Floats:
        """Covariance of one authority's log errors over horizons, (horizon, horizon), for drawing whole paths."""
        return self.spread.path_covariance(self.authorities.index(old_la_code), self.central.shape[1])


def method_log_path(method: str) -> LogPath:
    """The function that forecasts by a named method.

    Raises:
        InputError: the name is not a method.
    """
    if method == OURS:
        return central_log_path
    if method == HELD:
        return held_unit_cost_path
    if method in COMPARATORS:
        return comparator_log_path(COMPARATORS[method])
    raise InputError(
        Problem(
            "HN364",
            "There is no forecast method of this name.",
            Place(path="method"),
            method,
            "one of " + ", ".join((OURS, HELD, *COMPARATORS)),
            "Correct the name.",
        )
    )


def forecast_series(panel: Panel, series: str, origin: int, horizon: int, method: str = OURS) -> DemandForecast:
    """Forecast a series for every authority, using nothing later than the origin.

    Args:
        panel: the national panel, any years; columns after the origin are cut off first.
        series: total_plans, new_plans, plans_<placement group> or spend.
        origin: the last census known.
        horizon: years ahead, at least 1. Nothing was tested beyond five.
        method: "hnforecast" or a comparator.

    Raises:
        InputError: origin outside the panel, unknown series or method.
    """
    past = panel.known_at(origin)
    return forecast_from(past, series, horizon, method_log_path(method), method)


def forecast_from(past: Panel, series: str, horizon: int, predict: LogPath, method: str) -> DemandForecast:
    """Forecast from the last census of a panel by any function that gives log paths."""
    last = past.series(series)[:, -1:]
    spread = measure_spread(past, series, horizon, predict, HELD_SPEND if method == HELD else SPEND)
    central = last * np.exp(predict(past, series, horizon))
    return DemandForecast(series, past.years[-1], method, past.authorities, central, spread.log_sd(horizon), spread)


def pooled_growth(panel: Panel, origin: int, horizon: int = 5, series: str = "total_plans") -> Floats:
    """Expected national log growth of a series in each of the years after the origin, (horizon,)."""
    past = panel.known_at(origin)
    if series == "spend":
        return series_growth_path(past, "total_plans", horizon) + unit_cost_growth_path(past, horizon)
    return series_growth_path(past, series, horizon)


@dataclass(frozen=True)
class AuthorityPath:
    """One authority's forecast of a series: last value known, then (horizon,) medians and spreads, and covariance."""

    old_la_code: str
    series: str
    origin: int
    last: float
    central: Floats
    log_sd: Floats
    covariance: Floats
    common_sd: Floats


def authority_path(
    panel: Panel, old_la_code: str, origin: int, horizon: int, series: str = "total_plans"
) -> AuthorityPath:
    """The path one authority's cohort model is scaled to.

    Raises:
        InputError: the panel does not hold the authority, or not its value at the origin.
    """
    forecast = forecast_series(panel, series, origin, horizon)
    if old_la_code not in forecast.authorities or not np.isfinite(
        forecast.central[row := forecast.authorities.index(old_la_code), 0]
    ):
        raise InputError(
            Problem(
                "HN365",
                f"The panel has no {series} for this authority at census {origin}.",
                Place(path="old_la_code"),
                old_la_code,
                "an authority with a value in that year",
                "Check the three-digit code, or choose an earlier origin.",
            )
        )
    last = float(panel.known_at(origin).series(series)[row, -1])
    common = np.asarray(forecast.spread.common * np.arange(1, horizon + 1), dtype=float)
    return AuthorityPath(
        old_la_code,
        series,
        origin,
        last,
        forecast.central[row],
        forecast.log_sd[row],
        forecast.path_covariance(old_la_code),
        common,
    )
