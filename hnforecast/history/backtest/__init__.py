"""How far to trust the demand forecast: rolling origins over a panel, errors and coverage beside the comparators'."""

from hnforecast.engine.demand import PanelRead
from hnforecast.history.backtest.page import best_other, render_accuracy_page
from hnforecast.history.backtest.run import HORIZONS, ORIGINS, Backtest, count_steps, run_backtest, usable_origins
from hnforecast.history.backtest.scores import series_to_score
from hnforecast.history.backtest.stored import (
    AccuracyRow,
    frame_csv,
    frame_rows,
    read_accuracy,
    read_for_backtest,
    stored_csv,
)

__all__ = [
    "HORIZONS",
    "ORIGINS",
    "AccuracyRow",
    "Backtest",
    "PanelRead",
    "best_other",
    "count_steps",
    "frame_csv",
    "frame_rows",
    "read_accuracy",
    "read_for_backtest",
    "render_accuracy_page",
    "run_backtest",
    "series_to_score",
    "stored_csv",
    "usable_origins",
]
