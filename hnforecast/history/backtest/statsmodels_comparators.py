"""Textbook methods fitted to each authority alone, by statsmodels: comparators of the backtest, never the forecast.

Some twenty milliseconds a fit, so they run on total plans and only when asked for. Forms are fixed beforehand: on 8
to 16 yearly points choice by information criterion always ends at "no trend". A fit that fails, as some do on so few
points, is replaced by that of the naive method rather than left out, so that a method is not flattered by its
failures.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np

from hnforecast.engine.demand.comparators import naive
from hnforecast.engine.demand.panel import Floats

Fit = Callable[[Floats, int], Floats]


def _per_authority(fit: Fit) -> Fit:
    """One authority at a time: (year,) -> (horizon,) made (authority, year) -> (authority, horizon)."""

    def run(values: Floats, horizons: int) -> Floats:
        forecast = naive(values, horizons)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            for row, history in enumerate(values):
                try:
                    fitted = np.asarray(fit(history, horizons), dtype=float)
                except (ValueError, IndexError, np.linalg.LinAlgError):
                    continue
                if np.isfinite(fitted).all() and (fitted > 0).all():
                    forecast[row] = fitted
        return forecast

    return run


def _ets(history: Floats, horizons: int) -> Floats:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    logs = np.log(history)
    # Starting values from the history itself: estimated along with the weights, they are lost on so few points.
    start = {"initial_level": logs[0], "initial_trend": np.diff(logs).mean()}
    model = ETSModel(logs, error="add", trend="add", damped_trend=True, initialization_method="known", **start)
    return np.asarray(np.exp(model.fit(disp=False).forecast(horizons)), dtype=float)


def _theta(history: Floats, horizons: int) -> Floats:
    from statsmodels.tsa.forecasting.theta import ThetaModel

    return np.asarray(ThetaModel(history, period=1, deseasonalize=False, use_test=False).fit().forecast(horizons))


def _local_linear_trend(history: Floats, horizons: int) -> Floats:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    model = UnobservedComponents(np.log(history), "lltrend")
    return np.asarray(np.exp(np.asarray(model.fit(disp=False).forecast(horizons))), dtype=float)


STATSMODELS_COMPARATORS: dict[str, Fit] = {
    "ETS": _per_authority(_ets),
    "Theta": _per_authority(_theta),
    "localLinearTrend": _per_authority(_local_linear_trend),
}
