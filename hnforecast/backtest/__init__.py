"""How far to trust the demand forecast: rolling origins over a panel, errors and coverage beside the comparators'."""

from hnforecast.backtest.eligible import series_to_score
from hnforecast.backtest.page import best_other, render_accuracy_page
from hnforecast.backtest.reading import PanelRead, read_panel
from hnforecast.backtest.run import HORIZONS, ORIGINS, Backtest, count_steps, run_backtest, usable_origins
from hnforecast.backtest.stored import AccuracyRow, read_accuracy, stored_csv
from hnforecast.backtest.tables import frame_csv, frame_rows

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
    "read_panel",
    "render_accuracy_page",
    "run_backtest",
    "series_to_score",
    "stored_csv",
    "usable_origins",
]
