"""One authority beside its statistical neighbours, its region and England, and the forecast at the neighbours' median.

panel -> Indicator (a ratio of two published figures, by authority) -> Standing -> forecast at the median
"""

from hnforecast.questions.benchmark.forecasts import AtMedian, forecast_at_median
from hnforecast.questions.benchmark.indicators import Indicator, Standing, read_indicators, stand

__all__ = ["AtMedian", "Indicator", "Standing", "forecast_at_median", "read_indicators", "stand"]
