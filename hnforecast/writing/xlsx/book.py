"""A workbook that cannot go wrong quietly: text stays text, formulas carry their values, every cell is checked.

XlsxWriter returns a number instead of raising when a cell is out of range or a text too long; here that is an error.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from xlsxwriter import Workbook  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]

from hnforecast.base.errors import OutputError, Place, Problem
from hnforecast.writing import style
from hnforecast.writing.xlsx.numbers import NumberFormat
from hnforecast.writing.xlsx.quick import QuickWorksheet
from hnforecast.writing.xlsx.sheet import Sheet

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
