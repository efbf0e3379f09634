"""What the forecast hangs on: tornado, switching values, shares of variance, and settlements of the block.

uncertain (every driver with its 10th and 90th percentile) -> tornado, switching, indices; settlements beside them
"""

from hnforecast.questions.sensitivity.indices import Index, Indices, variance_shares
from hnforecast.questions.sensitivity.settlements import Settlement, run_settlements
from hnforecast.questions.sensitivity.switching import Switch, switching_values
from hnforecast.questions.sensitivity.tornado import Bar, tornado
from hnforecast.questions.sensitivity.uncertain import Quantity, Uncertain, uncertain_drivers

__all__ = [
    "Bar",
    "Index",
    "Indices",
    "Quantity",
    "Settlement",
    "Switch",
    "Uncertain",
    "run_settlements",
    "switching_values",
    "tornado",
    "uncertain_drivers",
    "variance_shares",
]
