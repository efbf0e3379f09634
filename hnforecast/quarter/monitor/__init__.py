"""The quarter: what happened, the year's outturn, why it differs, and the queue behind new plans."""

from hnforecast.quarter.monitor.actuals import Actuals, read_actuals
from hnforecast.quarter.monitor.anchor import Anchored, reanchor
from hnforecast.quarter.monitor.illustration import Departure, illustrative_actuals
from hnforecast.quarter.monitor.monitor import Monitoring, anchor_on, gather, monitor_period
from hnforecast.quarter.monitor.pipeline import Pipeline, joiner_factor, released_ceasing, run_pipeline
from hnforecast.quarter.monitor.pipeline_file import PipelineFile, compare_targets, load_pipeline
from hnforecast.quarter.monitor.reconcile import compare_ledgers
from hnforecast.quarter.period import Period, parse_period

__all__ = [
    "Actuals",
    "Anchored",
    "Departure",
    "Monitoring",
    "Period",
    "Pipeline",
    "PipelineFile",
    "anchor_on",
    "compare_ledgers",
    "compare_targets",
    "gather",
    "illustrative_actuals",
    "joiner_factor",
    "load_pipeline",
    "monitor_period",
    "parse_period",
    "read_actuals",
    "reanchor",
    "released_ceasing",
    "run_pipeline",
]
