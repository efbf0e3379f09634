"""The quarter: what happened, the year's outturn, why it differs, and the queue behind new plans."""

from hnforecast.monitoring.actuals import Actuals, read_actuals
from hnforecast.monitoring.anchor import Anchored, reanchor
from hnforecast.monitoring.illustration import Departure, illustrative_actuals
from hnforecast.monitoring.monitor import Monitoring, anchor_on, gather, monitor_period
from hnforecast.monitoring.period import Period, parse_period
from hnforecast.monitoring.pipeline import Pipeline, joiner_factor, released_ceasing, run_pipeline
from hnforecast.monitoring.pipeline_file import PipelineFile, compare_targets, load_pipeline
from hnforecast.monitoring.reconcile import compare_ledgers

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
