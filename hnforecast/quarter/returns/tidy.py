"""The return as tidy data in the form Explore Education Statistics takes, with the file that describes its columns.

One observation a row. The filters are section, table, item, measure and reference period; each unit has its own
indicator, z (not applicable) where an observation is in another unit. Words stay in the workbook and the JSON.
"""

from __future__ import annotations

from hnforecast.quarter.returns.build import BuiltReturn, BuiltTable
from hnforecast.writing.csvtext import (
    NOT_APPLICABLE,
    PLACE,
    TIME,
    TOTAL,
    Authority,
    Cell,
    Table,
    meta_file,
    to_csv,
    year_period,
)

__all__ = ["Authority", "tidy_files"]

PLACES = 2
INDICATORS: dict[str, tuple[str, str, int]] = {
    "gbp": ("amount_gbp", "£", 2),
    "plans": ("number_of_plans", "", 2),
    "places": ("number_of_places", "", 0),
    "count": ("number", "", 0),
    "percent": ("percentage", "%", 1),
    "weeks": ("weeks", "", 1),
    "share": ("share", "", 4),
}
LABELS = {
    "amount_gbp": "Amount",
    "number_of_plans": "Number of EHC plans",
    "number_of_places": "Number of places",
    "number": "Number",
    "percentage": "Percentage",
    "weeks": "Weeks",
    "share": "Share",
}
FILTERS = (
    ("section", "Section of the return"),
    ("data_table", "Table of the return"),
    ("item", "Item, a row of the table"),
    ("measure", "Measure, a column of the table"),
    ("reference_period", "Year the figure is for, where not the period of the return"),
    ("figure_status", "Whether the figure happened, is a forecast or is an estimate"),
)


def tidy_files(built: BuiltReturn, authority: Authority, year: int, quarter: int) -> tuple[bytes, bytes]:
    """The data file and its meta file.

    Args:
        built: the return.
        authority: whose it is.
        year: first calendar year of the financial year.
        quarter: of the actuals it rests on.
    """
    indicators = tuple(name for name, _, _ in INDICATORS.values())
    time = (year_period(year), f"Financial year Q{quarter}")
    rows: list[list[Cell]] = []
    for section in built.form.sections:
        for table in built.of_section(section):
            for observed in _observations(table):
                filters: list[Cell] = [section.title, table.form.title, *observed[:4]]
                cells: list[Cell] = [NOT_APPLICABLE] * len(indicators)
                cells[list(INDICATORS).index(str(observed[4]))] = observed[5]
                rows.append([*time, *authority.place(), *filters, *cells])
    columns = (*TIME, *PLACE, *(name for name, _ in FILTERS), *indicators)
    return to_csv(Table("return", columns, rows, PLACES)), _meta()


def _observations(table: BuiltTable) -> list[tuple[str, str, str, str, str, float]]:
    """(item, measure, reference period, status, unit, value) of every number of a table."""
    across = table.form.across
    found: list[tuple[str, str, str, str, str, float]] = []
    for row in table.rows:
        item = TOTAL if row.kind == "total" else str(row.cells[0])
        if not table.form.rows.listed and row.kind == "row":
            words = [
                str(row.cells[c]) for c, column in enumerate(table.columns) if column.unit == "text" and row.cells[c]
            ]
            item = ", ".join(words[:2]) if len(table.form.rows.by) > 1 else words[0] if words else row.key
        for c, column in enumerate(table.columns):
            value = row.cells[c]
            if not column.numeric or not isinstance(value, float):
                continue
            made = across is not None and column.key not in {one.key for one in table.form.columns}
            period, _, status = column.label.partition(" ") if made else (TOTAL, "", "")
            measure = TOTAL if made else column.label
            found.append((item, measure, period, status or TOTAL, column.unit, value))
    return found


def _meta() -> bytes:
    """One row a filter and an indicator."""
    indicators = [(name, LABELS[name], unit, places) for name, unit, places in INDICATORS.values()]
    return meta_file(FILTERS, indicators, "Return")
