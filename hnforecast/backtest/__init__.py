"""How far to trust the demand forecast: rolling origins over a panel, errors and coverage beside the comparators'."""

from hnforecast.backtest.eligible import series_to_score
from hnforecast.backtest.page import render_accuracy_page, write_accuracy
from hnforecast.backtest.run import HORIZONS, ORIGINS, Backtest, run_backtest

__all__ = [
    "HORIZONS",
    "ORIGINS",
    "Backtest",
    "render_accuracy_page",
    "run_backtest",
    "series_to_score",
    "write_accuracy",
]
