"""Pooled demand forecast across authorities: plans, new plans, placement groups, spend, with measured intervals.

- panel.py: every history on one clock; `known_at` is the only door to the past
- panel_files.py: a folder of published files -> the panel; any subset of files
- recorded.py: faults of recording left out of it
- signals.py: what published returns say about an authority's next years
- local.py: the pooled regression that turns signals into a local path
- national.py: the common path
- unit_cost.py: spend per plan
- central.py: the two multiplied, the central forecast
- spread.py: intervals from the errors known at the origin
- comparators.py, statsmodels_comparators.py: the methods it must beat
- forecast.py: what other modules call
"""

from hnforecast.engine.demand.forecast import (
    HELD,
    OURS,
    AuthorityPath,
    DemandForecast,
    authority_path,
    forecast_series,
    pooled_growth,
)
from hnforecast.engine.demand.panel import Panel
from hnforecast.engine.demand.panel_files import PanelRead, build_panel, read_panel

__all__ = [
    "HELD",
    "OURS",
    "AuthorityPath",
    "DemandForecast",
    "Panel",
    "PanelRead",
    "authority_path",
    "build_panel",
    "forecast_series",
    "pooled_growth",
    "read_panel",
]
