"""How wide the rest of the year is: the measured spread of a year's spend, shrunk by the months already recorded.

The level of spend is taken to wander from the cut-off, so what m of twelve months can still move a year by is
(m/12)^1.5 of what twelve months can. With the year recorded nothing is left.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hnforecast.engine.ensemble import Ensemble
from hnforecast.engine.forecast import Forecast
from hnforecast.engine.measured import NORMAL_80, MeasuredSpread
from hnforecast.quarter.monitor.costs import LineKey, positions

LEVELS = (0.1, 0.9)
LEAST = 1.0  # pounds: less than that is nothing to take a ratio of


def left_share(months_recorded: int) -> float:
    """Share of a year's spread that is left after so many months."""
    return float(((12 - months_recorded) / 12.0) ** 1.5)


def year_spread(root: Path, forecast: Forecast) -> float:
    """Standard deviation of a year's log spend one year ahead, measured on past forecasts of authorities."""
    return float(np.sqrt(MeasuredSpread.of(root, forecast.scenario, 1).spend(1)[0, 0]))


def line_ratios(
    forecast: Forecast, year: int, keys: list[LineKey], spread: float
) -> dict[LineKey, tuple[float, float]]:
    """Each line's p10 and p90 over its central value at the start of a year.

    With draws they are the line's own, in the year over the year before; without, the spread of all spend stands for
    every line.
    """
    ensemble = forecast.ensemble
    plain = (float(np.exp(-NORMAL_80 * spread)), float(np.exp(NORMAL_80 * spread)))
    if ensemble is None:
        return dict.fromkeys(keys, plain)
    where = positions(ensemble.spend.rows)
    return {key: _ratio(ensemble, where[key], forecast, year) if key in where else plain for key in keys}


def _ratio(ensemble: Ensemble, rows: list[int], forecast: Forecast, year: int) -> tuple[float, float]:
    f = forecast.clock.financial_years.index(year)
    drawn = ensemble.spend.by_year[:, :, rows].sum(axis=2)
    central = np.median(drawn, axis=0)
    if min(abs(central[f]), abs(central[f - 1])) < LEAST:
        return 1.0, 1.0
    # a draw in which nobody was there the year before says nothing of how the line grows
    told = np.abs(drawn[:, f - 1]) >= LEAST
    ratio = (drawn[told, f] / central[f]) / (drawn[told, f - 1] / central[f - 1])
    low, high = np.quantile(ratio, LEVELS)
    return float(low), float(high)
