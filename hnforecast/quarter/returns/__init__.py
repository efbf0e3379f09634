"""The returns sent to the Department for Education: forms as data, checks, seals, templates filled."""

from hnforecast.quarter.period import ReturnPeriod, parse_return_period
from hnforecast.quarter.returns.forms import Form, list_forms, load_form

__all__ = ["Form", "ReturnPeriod", "list_forms", "load_form", "parse_return_period"]
