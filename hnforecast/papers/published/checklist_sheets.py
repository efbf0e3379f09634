"""Rules of the checklist on sheets and tables: where things stand, what they are called, what links to what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

NAME_LIMIT = 31
HEADING = "Heading 1"
VAGUE = frozenset({"click here", "here", "link", "more", "this page", "read more"})
TABLE_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")
DEFAULT_NAME = re.compile(r"^(table|sheet)\d*$", re.IGNORECASE)
COVER, CONTENTS = "Cover", "Contents"


def _names(book: Any) -> Iterator[str]:
    for name in book.sheetnames:
        if len(name) > NAME_LIMIT or DEFAULT_NAME.match(name):
            yield f"a sheet is called {name}"


def _titles(book: Any) -> Iterator[str]:
    for sheet in book.worksheets:
        if not isinstance(sheet["A1"].value, str) or not sheet["A1"].value.strip():
            yield f"{sheet.title} has no title in A1"
        elif sheet["A1"].style != HEADING:
            yield f"the title of {sheet.title} is not marked as {HEADING}"
    titles = [sheet["A1"].value for sheet in book.worksheets]
    for title in sorted({str(title) for title in titles if titles.count(title) > 1}):
        yield f"two sheets have the title {title}"


def _abouts(book: Any) -> Iterator[str]:
    for sheet in book.worksheets:
        if not isinstance(sheet["A2"].value, str) or not sheet["A2"].value.strip():
            yield f"{sheet.title} does not say in A2 what it holds"


def _one_table(book: Any) -> Iterator[str]:
    for sheet in book.worksheets:
        wanted = 0 if sheet.title == COVER else 1
        if len(sheet.tables) != wanted:
            yield f"{sheet.title} has {len(sheet.tables)} tables and not {wanted}"


def _covered(book: Any) -> Iterator[str]:
    for sheet in book.worksheets:
        for table in sheet.tables.values():
            first, last = table.ref.split(":")
            if not first.startswith("A") or first[1:2].isalpha():
                yield f"the table of {sheet.title} does not start in column A"
            end = sheet[last]
            if (end.row, end.column) != (sheet.max_row, sheet.max_column):
                yield f"something of {sheet.title} lies outside its table"


def _table_names(book: Any) -> Iterator[str]:
    names = [table.name for sheet in book.worksheets for table in sheet.tables.values()]
    for name in names:
        if not TABLE_NAME.match(name) or DEFAULT_NAME.match(name):
            yield f"a table is called {name}"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"two tables are called {name}"


def _merged(book: Any) -> Iterator[str]:
    for sheet in book.worksheets:
        for area in sheet.merged_cells.ranges:
            yield f"{sheet.title} has merged cells {area}"


def _hidden(book: Any) -> Iterator[str]:
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            yield f"{sheet.title} is hidden"
        hidden = [str(key) for key, row in sheet.row_dimensions.items() if row.hidden]
        hidden += [key for key, column in sheet.column_dimensions.items() if column.hidden]
        for key in hidden:
            yield f"{sheet.title} hides {key}"


def _filters(book: Any) -> Iterator[str]:
    for sheet in book.worksheets:
        filtered = [table.name for table in sheet.tables.values() if table.autoFilter is not None]
        if filtered or sheet.auto_filter.ref:
            yield f"{sheet.title} has a filter"


def _frozen(book: Any) -> Iterator[str]:
    for sheet in book.worksheets:
        if sheet.freeze_panes:
            yield f"{sheet.title} has panes frozen at {sheet.freeze_panes}"


def _linked(book: Any) -> Iterator[str]:
    targets = set()
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.hyperlink is None:
                    continue
                text = str(cell.value or "").strip()
                if not text or text.lower() in VAGUE or text.lower().startswith(("http", "www.")):
                    yield f"{sheet.title}!{cell.coordinate} does not say where it leads: {text or 'empty'}"
                location = cell.hyperlink.location or ""
                target = location.rpartition("!")[0].strip("'")
                if location and target not in book.sheetnames:
                    yield f"{sheet.title}!{cell.coordinate} leads to {target}, which is not there"
                if sheet.title == CONTENTS:
                    targets.add(target)
    for name in book.sheetnames:
        if name not in (COVER, CONTENTS) and name not in targets:
            yield f"{CONTENTS} has no link to {name}"


SHEET_RULES: Mapping[str, Callable[[Any], Iterator[str]]] = MappingProxyType(
    {
        "sheets have short names that mean something": _names,
        "every sheet has its own title in A1, marked as a heading": _titles,
        "every sheet says in A2 what it holds": _abouts,
        "every sheet but the cover holds one table": _one_table,
        "the table starts in column A and nothing lies outside it": _covered,
        "tables have names of their own that mean something": _table_names,
        "no cells are merged": _merged,
        "no sheet, row or column is hidden": _hidden,
        "no table has a filter": _filters,
        "no panes are frozen": _frozen,
        "links say where they lead, and the contents lead to every sheet": _linked,
    }
)
