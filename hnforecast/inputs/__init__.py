"""Strict readers of what was published or recorded: equal to what was written, or refused; never silently different."""

from hnforecast.inputs.columns import Column
from hnforecast.inputs.council import CouncilInputs, load_council
from hnforecast.inputs.panel import Panel, load_panel
from hnforecast.inputs.sources import check_sources
from hnforecast.inputs.tables import read_table
from hnforecast.inputs.workbook import read_workbook_table

__all__ = [
    "Column",
    "CouncilInputs",
    "Panel",
    "check_sources",
    "load_council",
    "load_panel",
    "read_table",
    "read_workbook_table",
]
