"""The return as a workbook: a sheet a section in the form's order, totals as live formulas, every blank explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from hnforecast.quarter.returns.build import BuiltColumn, BuiltReturn, BuiltRow, BuiltTable
from hnforecast.quarter.returns.checks import Passed
from hnforecast.writing.style import DASHES, MARKERS, colours
from hnforecast.writing.xlsx.book import FIRST_TABLE_ROW, Book, Sheet, local, local_span
from hnforecast.writing.xlsx.numbers import DECIMAL, GBP, GBP_PENCE, PLANS, NumberFormat, text_width

NOT_AVAILABLE, NOT_APPLICABLE = "[x]", "[z]"
FORMATS: dict[str, NumberFormat] = {
    "gbp": GBP, "plans": PLANS, "places": PLANS, "count": PLANS, "percent": DECIMAL, "weeks": DECIMAL, "share": DECIMAL,
}  # fmt: skip
LABEL_WIDTH, CHART_ROWS, CHART_HEIGHT, FEW_SERIES = 44.0, 19, 340, 4
DIGIT_PIXELS, MOST_COLUMNS = 9.0, 20
CHECKS_SHEET = "Checks"
WITH_CHART = 12  # rows of a table that still share a page with its chart
ALL_LEFT = 1_000  # no column: figures and words alternate


def write_return_book(
    built: BuiltReturn, passed: Sequence[Passed], *, title: str, author: str, created: datetime, footer: str
) -> bytes:
    """The workbook's bytes; the same return gives the same bytes.

    Args:
        built: tables with their figures, all checks passed.
        passed: the checks, for the last sheet.
        title, author, created: document properties; created is fixed by the period, not the clock.
        footer: of every page.
    """
    book = Book(title, author, created, footer)
    for section in built.form.sections:
        sheet = book.sheet(section.sheet, f"{section.number}. {section.title}".removeprefix("0. "), section.purpose)
        row = FIRST_TABLE_ROW - 1
        breaks = []
        tables = built.of_section(section)
        for position, table in enumerate(tables):
            if position and table.form.chart is not None:
                breaks.append(row)
            row = _write_table(book, sheet, table, row, breaks)
        _make_room(sheet, section.title, section.purpose)
        if len(tables) > 1:  # one table alone repeats its header, several the title of the sheet
            sheet.worksheet.repeat_rows(0)
        sheet.worksheet.set_h_pagebreaks(breaks)
    _write_checks(book, passed)
    return book.to_bytes()


def _make_room(sheet: Sheet, *texts: str) -> None:
    """Print as many columns as the running text at the top covers, where the tables are narrower."""
    needed = max(text_width(text) for text in texts) * DIGIT_PIXELS
    last = next((c for c in range(MOST_COLUMNS) if sheet.pixels(c) >= needed), MOST_COLUMNS)
    sheet.reach(0, last)


def _write_table(book: Book, sheet: Sheet, table: BuiltTable, row: int, breaks: list[int]) -> int:
    """One table under its heading; returns the first free row, one left blank.

    A chart below a long table goes to a page of its own: its row is added to `breaks`.
    """
    sheet.text(row, 0, table.form.title, "heading")
    row += 1
    for text in filter(None, (table.form.note, *_blanks(table))):
        row = sheet.paragraph(row, text, 150)
    if not table.rows:
        row = sheet.paragraph(row, table.form.none or "", 150)
        return row + 1
    header = row
    numbers = [c for c, column in enumerate(table.columns) if column.numeric]
    right = (
        numbers[0]
        if numbers and all(table.columns[c].numeric for c in range(numbers[0], len(table.columns)))
        else ALL_LEFT
    )
    sheet.table(
        header, [column.label for column in table.columns], len(table.rows), f"table_{table.key}", right_from=right
    )
    if right == ALL_LEFT:
        for c in numbers:
            sheet.text(header, c, table.columns[c].label, "header", align="right")
    places = {built.key: header + 1 + r for r, built in enumerate(table.rows)}
    for built in table.rows:
        for c, column in enumerate(table.columns):
            _write_cell(sheet, table, built, column, (places[built.key], c), places)
    for c, column in enumerate(table.columns):
        if column.width:
            sheet.set_width(c, float(column.width))
    if table.form.across is not None:
        sheet.set_width(0, LABEL_WIDTH)
    row = header + len(table.rows) + 2
    if table.form.chart is not None:
        if len(table.rows) > WITH_CHART:
            breaks.append(row)
        row = _write_chart(book, sheet, table, header, row)
    return row


def _blanks(table: BuiltTable) -> list[str]:
    """Why cells of a table are blank, for the columns that have such cells."""
    reasons: dict[str, list[str]] = {}
    for c, column in enumerate(table.columns):
        if column.blank and any(row.cells[c] is None for row in table.rows if row.kind == "row"):
            reasons.setdefault(column.blank, []).append(column.label)
    if len(reasons) == 1 and table.form.across is not None:
        return [f"{NOT_AVAILABLE}: {next(iter(reasons))}"]
    return [f"{NOT_AVAILABLE} under {', '.join(labels)}: {reason}" for reason, labels in reasons.items()]


def _write_cell(
    sheet: Sheet, table: BuiltTable, row: BuiltRow, column: BuiltColumn, at: tuple[int, int], places: dict[str, int]
) -> None:
    value = row.cells[at[1]]
    summed = row.kind != "row"
    role = "total" if summed else "calculated"
    if value is None:
        symbol = NOT_APPLICABLE if summed else "" if column.entry else NOT_AVAILABLE
        sheet.text(*at, symbol, "input text" if column.entry else role, align="right" if column.numeric else "")
        return
    if isinstance(value, str):
        sheet.text(*at, value, "total" if summed else "wrapped")
        return
    number = FORMATS[column.unit]
    if at[1] + 1 < len(table.columns) and not table.columns[at[1] + 1].numeric:
        number = _apart(number)
    formula = _formula(table, row, at[1], places)
    if formula:
        sheet.formula(*at, formula, value, number, role)
    else:
        sheet.number(*at, value, number, role)


def _apart(number: NumberFormat) -> NumberFormat:
    """The format with room after it, for a figure with words to its right."""
    code = ";".join(f"{part}_)_)" for part in number.code.split(";"))
    return replace(number, code=code, suffix=f"{number.suffix}  ")


def _formula(table: BuiltTable, row: BuiltRow, c: int, places: dict[str, int]) -> str:
    """The live sum of a total; whole numbers rounded one by one stand as they are."""
    if not row.parts or table.form.whole or not table.columns[c].adds:
        return ""
    spots = [(sign, places[key]) for sign, key in row.parts if key in places]
    rows = [r for _, r in spots]
    if all(sign == 1 for sign, _ in spots) and rows == list(range(rows[0], rows[0] + len(rows))):
        return f"=SUM({local_span((rows[0], c), (rows[-1], c))})"
    return "=" + "".join(f"{'+' if sign > 0 else '-'}{local(r, c)}" for sign, r in spots).removeprefix("+")


def _write_chart(book: Book, sheet: Sheet, table: BuiltTable, header: int, row: int) -> int:
    form = table.form.chart
    if form is None:
        return row
    chart: Any = book.chart(form.kind)
    last = len(table.columns) - 1
    first = next((c for c, column in enumerate(table.columns) if column.numeric), 1)
    shown = [(r, built) for r, built in enumerate(table.rows, start=header + 1) if built.key in form.rows]
    for number, (r, _) in enumerate(shown):
        colour = colours(number + 1)[-1]
        look: dict[str, Any] = {"color": colour, "width": 2.25, "dash_type": DASHES[number % len(DASHES)]}
        series: dict[str, Any] = {
            "name": f"={sheet.fixed_span((r, 0), (r, 0)).split(':')[0]}",
            "categories": f"={sheet.fixed_span((header, first), (header, last))}",
            "values": f"={sheet.fixed_span((r, first), (r, last))}",
        }
        if form.kind == "line":
            mark = {"fill": {"color": colour}, "border": {"color": colour}}
            series |= {"line": look, "marker": {"type": MARKERS[number % len(MARKERS)], "size": 6, **mark}}
        else:
            series["fill"] = {"color": colour}
        chart.add_series(series)
    money = table.columns[first].unit == "gbp"
    axis: dict[str, Any] = {"num_format": '#,##0,,"m"' if money else "#,##0", "num_font": {"name": "Arial", "size": 10}}
    chart.set_y_axis(axis | {"name": "£m" if money else "EHC plans", "name_font": {"name": "Arial", "size": 10}})
    chart.set_x_axis({"num_font": {"name": "Arial", "size": 10}, "label_position": "low"})
    chart.set_title({"name": form.title, "name_font": {"name": "Arial", "size": 12}})
    position = "right" if len(shown) > FEW_SERIES else "bottom"
    chart.set_legend({"position": position, "font": {"name": "Arial", "size": 10}})
    chart.set_size({"width": 960, "height": CHART_HEIGHT})
    options = {"description": form.describe, "x_offset": 2, "y_offset": 4}
    sheet.chart(row, 0, chart, options, CHART_ROWS, min(last, 6))
    return row + CHART_ROWS + 1


def _write_checks(book: Book, passed: Sequence[Passed]) -> None:
    """Every cast and tie that held when the return was written, with both figures."""
    sheet = book.sheet(
        CHECKS_SHEET, "Checks", "Every table adds up and every figure ties: what was compared, and with what."
    )
    header = FIRST_TABLE_ROW
    headers = ["Check", "Figure", "Ties to", "Difference", "Allowed", "Result"]
    sheet.table(header, headers, max(len(passed), 1), "checks", right_from=1)
    for r, check in enumerate(passed, start=header + 1):
        sheet.text(r, 0, check.what, "wrapped")
        sheet.number(r, 1, check.left, GBP_PENCE)
        sheet.number(r, 2, check.right, GBP_PENCE)
        sheet.formula(r, 3, f"={local(r, 1)}-{local(r, 2)}", check.left - check.right, GBP_PENCE)
        sheet.number(r, 4, check.tolerance, GBP_PENCE)
        formula = f'=IF(ABS({local(r, 3)})<={local(r, 4)},"holds","fails")'
        sheet.formula(r, 5, formula, "holds", align="right")
    if not passed:
        sheet.text(header + 1, 0, "Nothing to check", "label")
    sheet.set_width(0, 80.0)
    sheet.worksheet.repeat_rows(header)
