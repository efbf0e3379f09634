"""Reads one sheet of an .xlsx workbook as strictly as a CSV file, after its zip has been found safe."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas

from hnforecast.base.errors import InputError, Place, Problem, Problems, show_path
from hnforecast.inputs.columns import CellError, Column, PercentNumber, Rules, Sheet, blank
from hnforecast.inputs.tables import build_table
from hnforecast.inputs.zipsafety import check_workbook

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

# A title and notes may stand above a table; its header is looked for in the first rows.
HEADER_WITHIN = 20
MOST_ROWS = 200_000
MOST_COLUMNS = 1_000


def read_workbook_table(
    path: Path,
    sheet: str,
    columns: Sequence[Column],
    *,
    root: Path,
    key: Sequence[str] = (),
    allow_extra: bool = False,
    allow_totals: bool = False,
    notices: Problems | None = None,
) -> pandas.DataFrame:
    """Read a sheet of a workbook strictly: values equal to those shown, or an error.

    The header is the row among the first 20 that holds most of the columns; the table runs from it to the last row
    with anything in it. Formulas are read as the values Excel last saved.

    Args:
        path: the .xlsx file.
        sheet: name of the sheet; case and surrounding space are forgiven.
        columns: what each column holds; the sheet may order them otherwise.
        root: the project folder, for the file's name in messages.
        key: columns that together identify a row.
        allow_extra: leave out columns not listed, with a notice, instead of refusing them.
        allow_totals: rows named "Total" are a published category.
        notices: takes what was forgiven: hidden rows, filters, saved formula values, identifiers kept as numbers.

    Returns:
        The table, as `read_table` returns it.

    Raises:
        InputError: the file is unsafe or is no workbook, the sheet is missing, or a cell is wrong; each with its cell.
    """
    file = show_path(path, root)
    check_workbook(path, file)
    problems, noted = Problems(InputError), Problems(InputError)
    saved = _worksheet(_open(path, file, values=True), sheet, file)
    written = _worksheet(_open(path, file, values=False), sheet, file)
    _check_extent(saved, file)
    head = _find_header(saved, [column.name for column in columns])
    name = saved.title
    width = _width(saved, head)

    def place(row: int, position: int | None, column: str) -> Place:
        from openpyxl.utils import get_column_letter

        number = head + row + 1
        whole = f"A{number}:{get_column_letter(width)}{number}"
        cell = whole if position is None else f"{get_column_letter(position + 1)}{number}"
        return Place(file=file, sheet=name, cell=cell, path=column)

    rows = [[_value(cell, written) for cell in cells] for cells in saved.iter_rows(min_row=head + 1)]
    header = [cell.value for cell in saved[head][:width]]
    described = Sheet(header, rows, place)
    _check_merged(written, head, file, problems)
    _note_hidden(written, head, file, noted)
    _note_formulas(written, head, file, noted)
    frame = build_table(described, Rules(columns, key, allow_extra, allow_totals), problems, noted)
    problems.raise_any()
    _note_numbers(saved, head, header, columns, file, noted)
    if notices is not None:
        notices.extend(noted)
    return frame


def _open(path: Path, file: str, *, values: bool) -> Workbook:
    from openpyxl import load_workbook
    from openpyxl.xml import DEFUSEDXML

    if not DEFUSEDXML:
        do = "Install defusedxml, or set OPENPYXL_DEFUSEDXML to True."
        raise InputError(Problem("HN229", "Workbooks cannot be read safely here", Place(file=file), do=do))
    try:
        with warnings.catch_warnings():
            # openpyxl warns of extensions it drops (data validation, slicers); none of them changes a value.
            warnings.simplefilter("ignore")
            return load_workbook(path, data_only=values, keep_links=False)
    except Exception as error:  # a damaged workbook can fail anywhere inside the library
        do = "Open it in Excel and save it anew."
        found = f"{type(error).__name__}: {error}"[:160]
        raise InputError(Problem("HN230", "The workbook is damaged", Place(file=file), found=found, do=do)) from None


def _worksheet(book: Workbook, sheet: str, file: str) -> Worksheet:
    names = {str(worksheet.title).strip().casefold(): worksheet for worksheet in book.worksheets}
    found = names.get(sheet.strip().casefold())
    if found is None:
        shown = ", ".join(str(worksheet.title) for worksheet in book.worksheets)
        raise InputError(Problem("HN235", "The workbook lacks a sheet", Place(file=file), found=shown, expected=sheet))
    return found


def _check_extent(worksheet: Worksheet, file: str) -> None:
    if worksheet.max_row > MOST_ROWS or worksheet.max_column > MOST_COLUMNS:
        found = f"{worksheet.max_row:,} rows and {worksheet.max_column:,} columns in use"
        do = "Select the empty rows and columns beyond the table, delete them, and save."
        place = Place(file=file, sheet=worksheet.title)
        expected = f"{MOST_ROWS:,} rows and {MOST_COLUMNS:,} columns or fewer"
        raise InputError(Problem("HN232", "The sheet is in use far beyond a table", place, found, expected, do))


def _find_header(worksheet: Worksheet, names: Sequence[str]) -> int:
    wanted = {name.casefold() for name in names}
    best, most = 1, 0
    for row in worksheet.iter_rows(max_row=min(HEADER_WITHIN, worksheet.max_row)):
        count = sum(str(cell.value).strip().casefold() in wanted for cell in row if cell.value is not None)
        if count > most:
            best, most = int(row[0].row or 1), count
    return best


def _width(worksheet: Worksheet, head: int) -> int:
    return max((position for position, cell in enumerate(worksheet[head], 1) if not blank(cell.value)), default=1)


def _value(cell: Cell | Any, written: Worksheet) -> object:
    value = cell.value
    if cell.data_type == "e":
        do = "Mend the formula in Excel and save."
        return CellError("HN237", f"The cell holds the error {value}", "a value", do)
    source = written.cell(cell.row, cell.column)
    if source.data_type == "f" and value is None:
        do = "Open the workbook in Excel, let it calculate, and save it."
        return CellError("HN236", "The formula has no saved value", "a value", do)
    if isinstance(value, time):
        return CellError("HN219", "A time of day where a value belongs", "a value")
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    if isinstance(value, (int, float)) and not isinstance(value, bool) and "%" in str(cell.number_format):
        return PercentNumber(float(value))
    if isinstance(value, (str, int, float, bool, date)) or value is None:
        return value
    return str(value)


def _check_merged(worksheet: Worksheet, head: int, file: str, problems: Problems) -> None:
    for merged in worksheet.merged_cells.ranges:
        if merged.max_row >= head:
            place = Place(file=file, sheet=worksheet.title, cell=str(merged.coord))
            do = "Unmerge them in Excel and write the value in each cell."
            problems.add("HN238", "Merged cells in the table", place, do=do)


def _note_hidden(worksheet: Worksheet, head: int, file: str, notices: Problems) -> None:
    place = Place(file=file, sheet=worksheet.title)
    rows = [number for number, row in worksheet.row_dimensions.items() if row.hidden and number >= head]
    if rows:
        by_filter = " by a filter" if worksheet.auto_filter.ref else ""
        what = f"{len(rows)} hidden row{'s' if len(rows) > 1 else ''}{by_filter} read like the others"
        found = ", ".join(str(number) for number in sorted(rows)[:10])
        notices.add("HN239", what, place, found=f"rows {found}", do="Show them, and delete those that do not count.")
    columns = [letter for letter, column in worksheet.column_dimensions.items() if column.hidden]
    if columns:
        found = "columns " + ", ".join(sorted(columns)[:10])
        notices.add("HN239", "Hidden columns read like the others", place, found=found)


def _note_formulas(worksheet: Worksheet, head: int, file: str, notices: Problems) -> None:
    formulas = [cell for row in worksheet.iter_rows(min_row=head + 1) for cell in row if cell.data_type == "f"]
    if formulas:
        what = f"{len(formulas)} formula{'s' if len(formulas) > 1 else ''} read as last saved"
        place = Place(file=file, sheet=worksheet.title, cell=formulas[0].coordinate)
        do = "Save the workbook in Excel if anything it depends on has changed."
        notices.add("HN240", what, place, do=do)


def _note_numbers(
    worksheet: Worksheet, head: int, header: Sequence[object], columns: Sequence[Column], file: str, notices: Problems
) -> None:
    codes = {column.name.casefold() for column in columns if column.kind in ("code", "authority")}
    for position, title in enumerate(header):
        if str(title).strip().casefold() not in codes:
            continue
        cells = worksheet.iter_rows(min_row=head + 1, min_col=position + 1, max_col=position + 1)
        for (cell,) in cells:
            if isinstance(cell.value, (int, float)):
                what = "Identifiers are kept as numbers, which drops leading noughts"
                place = Place(file=file, sheet=worksheet.title, cell=cell.coordinate, path=str(title).strip())
                notices.add("HN241", what, place, found=str(cell.value), do="Format the column as Text.")
                break
