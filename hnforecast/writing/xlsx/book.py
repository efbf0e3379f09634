"""A workbook that cannot go wrong quietly: text stays text, formulas carry their values, every cell is checked.

XlsxWriter returns a number instead of raising when a cell is out of range or a text too long; here that is an error.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from xlsxwriter import Workbook  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]

from hnforecast.base.errors import OutputError, Place, Problem
from hnforecast.writing import style
from hnforecast.writing.xlsx.numbers import NumberFormat, count_lines, text_width
from hnforecast.writing.xlsx.quick import QuickWorksheet, cell_name

# One sheet.

A4, NARROWEST, PADDING = 9, 9.0, 1.5
BOLD_WIDER = 1.1  # bold Arial against the digits column widths are counted in
WIDEST_WRAPPED = 40  # characters, where no width is set
PARAGRAPH = 200  # characters of a line of running text across the page
FIRST_TABLE_ROW = 4
LINE_HEIGHT, ROW_SPACE = 14.5, 2.0  # points, Arial 11
WRAPPED_ROLES = ("wrapped", "input text")
FREE_ROLES = ("title", "purpose", "heading", "plain")  # run over the cells beside them


class Sheet:
    """A worksheet under its title; row and column numbers count from nought."""

    def __init__(self, book: Book, worksheet: QuickWorksheet, name: str) -> None:
        self.book, self.worksheet, self.name = book, worksheet, name
        self._widths: dict[int, float] = {}
        self._wrapped: list[tuple[int, int, str, float]] = []
        self._fixed: dict[int, float] = {}
        self._last_row, self._last_column = 0, 0

    def text(self, row: int, column: int, text: str, role: str = "label", *, align: str = "") -> None:
        """Write text that stays text, whatever it begins with."""
        self._written(self.worksheet.write_string(row, column, text, self.book.format(role, align=align)), row, column)
        if role in WRAPPED_ROLES:
            self._wrapped.append((row, column, text, 1.0))
            self._widen(column, min(text_width(text), WIDEST_WRAPPED))
        elif role not in FREE_ROLES:
            self._widen(column, text_width(text) * (BOLD_WIDER if role == "total" else 1.0))

    def number(self, row: int, column: int, value: float, number: NumberFormat, role: str = "calculated") -> None:
        """Write a number; one that is not finite raises."""
        self._written(self.worksheet.write_number(row, column, value, self.book.format(role, number)), row, column)
        self._widen(column, len(number.shown(value)) * (BOLD_WIDER if role == "total" else 1.0))

    def formula(
        self,
        row: int,
        column: int,
        formula: str,
        value: float | str,
        number: NumberFormat | None = None,
        role: str = "calculated",
        *,
        align: str = "",
    ) -> None:
        """Write a live formula with the engine's value: a preview shows it, a recalculation is checked by it."""
        align = align or ("right" if isinstance(value, str) and number is None else "")
        form = self.book.format(role, number, align)
        self._written(self.worksheet.write_formula(row, column, formula, form, value), row, column)
        shown = value if isinstance(value, str) else number.shown(value) if number else f"{value:g}"
        self._widen(column, len(shown) * (BOLD_WIDER if role == "total" else 1.0))

    def numbers(self, row: int, column: int, values: Sequence[float], number: NumberFormat, role: str) -> None:
        """Write a long row of finite numbers; `widen` makes their columns wide enough."""
        code = self.worksheet.write_row_of_numbers(row, column, values, self.book.format(role, number))
        self._written(code, row, column)
        self._written(code, row, column + len(values) - 1)

    def widen(self, column: int, value: float, number: NumberFormat) -> None:
        """Make a column wide enough for a value."""
        self._widen(column, len(number.shown(value)))

    def allow_shares(self, row: int, column: int) -> None:
        """Take a share from 0% to 100% in a cell and refuse anything else."""
        rule = {
            "validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1,
            "error_title": "A switch", "error_message": "A share from 0% (off) to 100% (as planned).",
        }  # fmt: skip
        self._written(self.worksheet.data_validation(row, column, row, column, rule), row, column)

    def warn_unless(self, row: int, column: int, text: str) -> None:
        """Fill a cell as failing while it says anything else than a text; the words are there without the fill."""
        criteria = f'={cell_name(row, column, fixed=True)}<>"{text}"'
        rule = {"type": "formula", "criteria": criteria, "format": self.book.format("warning")}
        self._written(self.worksheet.conditional_format(row, column, row, column, rule), row, column)

    def link(self, row: int, column: int, sheet: str) -> None:
        """Write the name of a sheet as a link to its first cell."""
        code = self.worksheet.write_url(row, column, f"internal:'{sheet}'!A1", self.book.format("link"), sheet)
        self._written(code, row, column)
        self._widen(column, text_width(sheet))

    def paragraph(self, row: int, text: str, width: int = PARAGRAPH) -> int:
        """Write running text across the page, a line a row, and return the row after it."""
        for line in textwrap.wrap(text, width) or [""]:
            self.text(row, 0, line, "plain")
            row += 1
        return row

    def table(
        self,
        row: int,
        headers: Sequence[str],
        rows: int,
        name: str,
        *,
        filtered: bool = False,
        right_from: int = 1_000,
        right_to: int = 1_000,
        blocks: bool = False,
    ) -> None:
        """Declare a spreadsheet table: one header row with unique names, then so many rows, written separately.

        Args:
            row: of the header.
            headers: unique.
            rows: how many below it.
            name: of the table.
            filtered: show the filter buttons.
            right_from, right_to: the columns whose headers stand to the right, above numbers; the last left out.
            blocks: draw a line where the first column changes.
        """
        last = row + max(rows, 1)
        columns = [
            {
                "header": header,
                "header_format": self.book.format("header", align="right" if right_from <= c < right_to else ""),
            }
            for c, header in enumerate(headers)
        ]
        options: dict[str, Any] = {"name": name, "columns": columns, "style": None, "autofilter": filtered}
        self._written(self.worksheet.add_table(row, 0, last, len(headers) - 1, options), row, 0)
        for column, header in enumerate(headers):
            self._widen(column, max(map(text_width, header.split())) * BOLD_WIDER + (3 if filtered else 0))
            self._wrapped.append((row, column, header, BOLD_WIDER))
            self._written(0, last, column)
        if blocks:
            rule = {"type": "formula", "criteria": f"=$A{row + 2}<>$A{row + 1}", "format": self.book.format("block")}
            self._written(self.worksheet.conditional_format(row + 1, 0, last, len(headers) - 1, rule), row, 0)
        self.worksheet.repeat_rows(row)

    def one_page(self) -> None:
        """Print the sheet on one page, chart and all."""
        self.worksheet.fit_to_pages(1, 1)

    def break_before(self, rows: Sequence[int]) -> None:
        """Begin a new page at each row."""
        self._written(self.worksheet.set_h_pagebreaks(list(rows)), 0, 0)

    def pages_wide(self, pages: int) -> None:
        """Print a sheet too wide for one page on several, with its first two columns on each."""
        self.worksheet.fit_to_pages(pages, 0)
        self.worksheet.repeat_columns(0, 1)

    def freeze(self, row: int, column: int) -> None:
        """Keep the rows above and the columns to the left in sight."""
        self.worksheet.freeze_panes(row, column)

    def set_width(self, column: int, width: float) -> None:
        """Fix the width of a column of wrapped text."""
        self._fixed[column] = width

    def cell(self, row: int, column: int, *, fixed: bool = False) -> str:
        """The address of a cell as another sheet refers to it."""
        return f"{self.quoted}!{cell_name(row, column, fixed=fixed)}"

    def span(self, first: tuple[int, int], last: tuple[int, int]) -> str:
        """The address of a block of cells as another sheet refers to it."""
        return f"{self.quoted}!{cell_name(*first)}:{cell_name(*last)}"

    def fixed_span(self, first: tuple[int, int], last: tuple[int, int]) -> str:
        """The address of a block of cells as charts refer to it."""
        return f"{self.quoted}!{cell_name(*first, fixed=True)}:{cell_name(*last, fixed=True)}"

    def chart(self, row: int, column: int, chart: Any, options: dict[str, Any], rows: int, last_column: int) -> None:
        """Put a chart on the sheet and count the cells it covers into what is printed.

        Args:
            row, column: its upper left cell.
            chart: from `Book.chart`.
            options: position and description (alt text).
            rows, last_column: how far it reaches.
        """
        self._written(self.worksheet.insert_chart(row, column, chart, options), row, column)
        self.reach(row + rows, last_column)

    @property
    def quoted(self) -> str:
        """The sheet's name as formulas write it."""
        return self.name if self.name.isalnum() else f"'{self.name}'"

    def set_up_page(self, footer: str) -> None:
        """A4 landscape, as wide as the page, with version and fingerprint in the footer."""
        sheet = self.worksheet
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.3, right=0.3, top=0.4, bottom=0.7)
        sheet.set_footer(f"&L&8{footer}&C&8&A&R&8Page &P of &N", {"scale_with_doc": False})
        sheet.hide_gridlines(2)

    def finish(self) -> None:
        """Set column widths and the print area, once everything is written."""
        for column in sorted(self._widths.keys() | self._fixed.keys()):
            self._fixed[column] = self._width(column)
            self.worksheet.set_column(column, column, self._fixed[column])
        self._fit_rows()
        self.worksheet.print_area(0, 0, self._last_row, self._last_column)

    def pixels(self, last_column: int) -> int:
        """How wide the columns up to one are on the screen, from what is written so far."""
        return sum(int(7 * self._width(column) + 5) for column in range(last_column + 1))

    def _width(self, column: int) -> float:
        return self._fixed.get(column, max(NARROWEST, self._widths.get(column, 0.0) + PADDING))

    def _fit_rows(self) -> None:
        """Make rows of wrapped text as high as their longest cell; not every program does so on opening."""
        lines: dict[int, int] = {}
        for row, column, text, wider in self._wrapped:
            lines[row] = max(lines.get(row, 1), count_lines(text, (self._fixed[column] - PADDING) / wider))
        for row, count in lines.items():
            self.worksheet.set_row(row, LINE_HEIGHT * count + ROW_SPACE)

    def reach(self, row: int, column: int) -> None:
        """Count a cell that something floating over the sheet covers into what is printed."""
        self._last_row, self._last_column = max(self._last_row, row), max(self._last_column, column)

    def _written(self, code: int | None, row: int, column: int) -> None:
        from hnforecast.writing.xlsx.book import check_written

        if code not in (0, None):
            check_written(code, self.name, cell_name(row, column))
        self.reach(row, column)

    def _widen(self, column: int, width: float) -> None:
        self._widths[column] = max(self._widths.get(column, 0.0), width)


def local(row: int, column: int) -> str:
    """The address of a cell for a formula on its own sheet."""
    return cell_name(row, column)


def local_span(first: tuple[int, int], last: tuple[int, int]) -> str:
    """The address of a block of cells for a formula on its own sheet."""
    return f"{cell_name(*first)}:{cell_name(*last)}"


BODY, HEADING, TITLE = 11, 12, 16
NAME_LIMIT = 31
RESERVED_NAMES = {"history"}

# The look of a cell by what it is; the words are explained on the Notes sheet.
ROLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": TITLE},
    "purpose": {"font_size": HEADING},
    "heading": {"bold": True, "font_size": HEADING},
    "header": {
        "bold": True,
        "bg_color": style.HEADER_FILL,
        "font_color": style.HEADER_INK,
        "text_wrap": True,
        "valign": "vcenter",
        "border": 1,
        "border_color": style.RULE,
    },
    "label": {"valign": "top", "bottom": 4, "bottom_color": style.RULE},
    "wrapped": {"valign": "top", "text_wrap": True, "indent": 1, "bottom": 4, "bottom_color": style.RULE},
    "calculated": {"valign": "top", "bottom": 4, "bottom_color": style.RULE},
    "linked": {"valign": "top", "font_color": style.LINK_INK, "bottom": 4, "bottom_color": style.RULE},
    "input": {
        "valign": "top",
        "font_color": style.INPUT_INK,
        "bg_color": style.INPUT_FILL,
        "bottom": 4,
        "bottom_color": style.RULE,
    },
    "engine": {"valign": "top", "font_color": style.ENGINE_INK, "bottom": 4, "bottom_color": style.RULE},
    "input text": {
        "valign": "top",
        "text_wrap": True,
        "font_color": style.INPUT_INK,
        "bg_color": style.INPUT_FILL,
        "bottom": 4,
        "bottom_color": style.RULE,
    },
    "total": {"bold": True, "bg_color": style.TOTAL_FILL, "top": 1, "bottom": 1, "valign": "top"},
    "pass": {"bg_color": style.PASS_FILL},
    "fail": {"bg_color": style.FAIL_FILL, "bold": True},
    "warning": {"bg_color": style.FAIL_FILL},
    "link": {"font_color": style.INPUT_INK, "underline": 1, "valign": "top"},
    "plain": {},
    "block": {"top": 1},
}


class Book:
    """A workbook in memory.

    Args:
        title: document title.
        author: document author, a setting of the vintage and never the user's name.
        created: fixed, so that the same run gives the same bytes.
        footer: left-hand footer of every page.
    """

    def __init__(self, title: str, author: str, created: datetime, footer: str) -> None:
        self._stream = io.BytesIO()
        self._workbook = Workbook(
            self._stream,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": False,
                "default_format_properties": {"font_name": style.FONT, "font_size": BODY},
            },
        )
        self._workbook.set_properties({"title": title, "author": author, "created": created, "company": author})
        self._workbook.set_calc_mode("auto")
        self._formats: dict[tuple[str, str, str], Format] = {}
        self._footer = footer
        self.sheets: list[Sheet] = []

    def sheet(self, name: str, title: str, purpose: str) -> Sheet:
        """Add a sheet: title in A1, what it holds in A2.

        Raises:
            OutputError: a name no spreadsheet takes, or one already used.
        """
        if len(name) > NAME_LIMIT or name.lower() in RESERVED_NAMES or set(name) & set("[]:*?/\\'"):
            raise OutputError(Problem("HN810", "A sheet cannot have this name", found=name))
        sheet = Sheet(self, self._workbook.add_worksheet(name, QuickWorksheet), name)
        sheet.set_up_page(self._footer)
        sheet.text(0, 0, title, "title")
        sheet.text(1, 0, purpose, "purpose")
        self.sheets.append(sheet)
        return sheet

    def format(self, role: str, number: NumberFormat | None = None, align: str = "") -> Format:
        """The format of a role with a number format, made once."""
        key = (role, number.code if number else "", align)
        if key not in self._formats:
            font = {} if role in ("block", "warning") else {"font_name": style.FONT, "font_size": BODY}
            properties = font | ROLES[role]
            if number:
                properties["num_format"] = number.code
            if align:
                properties["align"] = align
                properties["indent"] = 1 if align == "right" and role != "header" else 0
            self._formats[key] = self._workbook.add_format(properties)
        return self._formats[key]

    def define_name(self, name: str, reference: str) -> None:
        """Name a cell, so that formulas say what they use."""
        self._workbook.define_name(name, f"={reference}")

    def chart(self, kind: str, subtype: str = "") -> Any:
        """A native chart, to be filled and inserted."""
        return self._workbook.add_chart({"type": kind, "subtype": subtype} if subtype else {"type": kind})

    def to_bytes(self) -> bytes:
        """Finish the sheets and return the file."""
        for sheet in self.sheets:
            sheet.finish()
        self._workbook.worksheets()[0].activate()
        self._workbook.close()
        return self._stream.getvalue()


def check_written(code: int | None, sheet: str, cell: str) -> None:
    """Refuse what the library took without a word: -1 out of range, -2 text cut short.

    Raises:
        OutputError: with the sheet and cell.
    """
    if code not in (0, None):
        what = "A text is too long for a cell" if code == -2 else "A cell lies outside what a spreadsheet holds"
        raise OutputError(Problem("HN811", what, Place(sheet=sheet, cell=cell)))
