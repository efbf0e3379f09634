"""How sure the forecast is: the fan, the chances an officer asks for, the interval of a saving, and their errors.

Quantiles are of the signed value: p5 of a balance is its worse end. The simulation error of a figure is its standard
error over eight blocks of consecutive draws: a little cautious, because the whole block is more even than its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import show_year
from hnforecast.writing.csvtext import Cell, Table, at, quantile_cells

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast

LEVELS = (0.05, 0.10, 0.20, 0.30, 0.40, 0.50, 0.60, 0.70, 0.80, 0.90, 0.95)
ITEMS = ("in_year", "closing", "gross_closing")
BLOCKS = 8
WORST = 0.1


def fan_table(forecasts: Sequence[Forecast]) -> Table:
    """Quantiles from p5 to p95 of the in-year position and both balances, signed pounds."""
    rows: list[list[Cell]] = []
    for forecast in forecasts:
        if forecast.ensemble is None:
            continue
        for item in ITEMS:
            drawn: FloatArray = getattr(forecast.ensemble.account, item)
            quantiles = quantile_cells(drawn, LEVELS)
            for f, year in enumerate(forecast.clock.financial_years):
                values = at(quantiles, (f,), len(LEVELS))
                rows.append([forecast.scenario.name, show_year(year), item, *values])
    names = tuple(f"p{round(100 * level)}" for level in LEVELS)
    return Table("fan", ("scenario", "financial_year", "item", *names), rows)


def risk_table(forecasts: Sequence[Forecast]) -> Table:
    """Chances, contingency and tail by scenario and year; probabilities as shares, the rest signed pounds."""
    rows: list[list[Cell]] = []
    for forecast in forecasts:
        if forecast.ensemble is None:
            continue
        account = forecast.ensemble.account
        measures: dict[str, tuple[FloatArray, Callable[[FloatArray], float]]] = {
            "probability_in_year_balance": ((account.in_year >= 0).astype(float), lambda draws: float(draws.mean())),
            "contingency_p80_less_p50": (account.gross_closing, contingency),
            "expected_gross_closing_worst_tenth": (account.gross_closing, expected_shortfall),
            "expected_closing_worst_tenth": (account.closing, expected_shortfall),
        }
        for name, (drawn, figure) in measures.items():
            for f, year in enumerate(forecast.clock.financial_years):
                if year < forecast.clock.first_forecast:
                    continue
                value, error = figure(drawn[:, f]), simulation_error(drawn[:, f], figure)
                rows.append([forecast.scenario.name, show_year(year), name, value, error])
    return Table("risk", ("scenario", "financial_year", "item", "value", "simulation_error"), rows, 6)


def difference_table(forecasts: Sequence[Forecast]) -> Table:
    """What each scenario changes in the in-year position and the gross balance against the first, on shared noise."""
    rows: list[list[Cell]] = []
    base = forecasts[0]
    for forecast in forecasts[1:]:
        for item in ("in_year", "gross_closing"):
            central = getattr(forecast.account, item)[0] - getattr(base.account, item)[0]
            quantiles = np.full((3, len(central)), np.nan)
            if forecast.ensemble is not None and base.ensemble is not None:
                drawn = getattr(forecast.ensemble.account, item) - getattr(base.ensemble.account, item)
                quantiles = np.quantile(drawn, (0.1, 0.5, 0.9), axis=0)
            for f, year in enumerate(forecast.clock.financial_years):
                cells: list[Cell] = [float(value) if np.isfinite(value) else None for value in quantiles[:, f]]
                rows.append(
                    [forecast.scenario.name, base.scenario.name, show_year(year), item, float(central[f]), *cells]
                )
    columns = ("scenario", "against", "financial_year", "item", "central", "p10", "p50", "p90")
    return Table("differences", columns, rows)


def contingency(draws: FloatArray) -> float:
    """How much worse than the median the balance is at one time in five: p50 less p20 of the signed value."""
    worse, middle = np.quantile(draws, (0.2, 0.5))
    return float(middle - worse)


def expected_shortfall(draws: FloatArray) -> float:
    """Mean of the worst tenth of draws, signed."""
    count = max(1, int(np.ceil(WORST * len(draws))))
    return float(np.partition(draws, count - 1)[:count].mean())


def simulation_error(draws: FloatArray, figure: Callable[[FloatArray], float]) -> float:
    """Standard error of a figure over eight blocks of consecutive draws."""
    blocks = [figure(block) for block in np.array_split(draws, BLOCKS) if len(block)]
    return float(np.std(blocks, ddof=1) / np.sqrt(len(blocks))) if len(blocks) > 1 else 0.0
