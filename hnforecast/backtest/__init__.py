"""How far to trust the demand forecast: rolling origins over a panel, errors and coverage beside those of the methods it must beat."""

from hnforecast.backtest.eligible import series_to_score
from hnforecast.backtest.run import HORIZONS, ORIGINS, Backtest, run_backtest

__all__ = ["HORIZONS", "ORIGINS", "Backtest", "run_backtest", "series_to_score"]
