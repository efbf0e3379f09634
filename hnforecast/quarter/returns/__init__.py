"""The returns sent to the Department for Education: forms as data, checks, seals, templates filled."""

from hnforecast.quarter.returns.forms import Form, list_forms, load_form
from hnforecast.quarter.returns.periods import Period, parse_period

__all__ = ["Form", "Period", "list_forms", "load_form", "parse_period"]
