"""Rules of the checklist on cells: headers, gaps, numbers, shorthand and notes, letters and colours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from hnforecast.writing.xlsx.numbers import count_lines, text_width

SMALLEST, NARROW = 12, 8.43
SANS = frozenset({"Arial", "Calibri", "Verdana", "Tahoma", "Aptos"})
CONTRAST = 4.5
SHORTHAND = re.compile(r"^\[\w+\]$")
NUMBER_AS_TEXT = re.compile(r"^[-(]?£?\d[\d,]*(\.\d+)?%?\)?$")
UNIT = re.compile(r"\((£[^)]*|plans|%|[^)]*per[^)]*)\)$")
SYMBOLS = re.compile("[*†‡§#¹²³⁰-⁹]")
NOTE = re.compile(r"\bnotes? ((?:\d+)(?:(?:, | and )\d+)*)", re.IGNORECASE)
NOTES = "Notes"
BLACK, WHITE = "FF000000", "FFFFFFFF"


def _tables(book: Any) -> Iterator[tuple[Any, list[Any], list[tuple[Any, ...]]]]:
    """(sheet, header cells, rows of cells) of every table."""
    for sheet in book.worksheets:
        for table in sheet.tables.values():
            rows = list(sheet[table.ref])
            yield sheet, list(rows[0]), rows[1:]


def _filled(book: Any) -> Iterator[tuple[Any, Any]]:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    yield sheet, cell


def _headers(book: Any) -> Iterator[str]:
    for sheet, header, _ in _tables(book):
        texts = [str(cell.value or "").strip() for cell in header]
        if not all(texts):
            yield f"{sheet.title} has a column without a header"
        if len(set(texts)) < len(texts):
            yield f"{sheet.title} has two columns with one header"
        for cell in header:
            if not cell.font.bold or not cell.alignment.wrap_text:
                yield f"the header {sheet.title}!{cell.coordinate} is not bold and wrapped"


def _gaps(book: Any) -> Iterator[str]:
    for sheet, _, rows in _tables(book):
        for row in rows:
            empty = [cell.coordinate for cell in row if cell.value is None or str(cell.value).strip() == ""]
            if empty:
                yield f"{sheet.title} has empty cells: {', '.join(empty)}"
    for sheet in book.worksheets:
        for number, row in enumerate(sheet.iter_rows(), start=1):
            if all(cell.value is None for cell in row):
                yield f"{sheet.title} has a blank row {number}"


def _numbers(book: Any) -> Iterator[str]:
    for sheet, _, rows in _tables(book):
        for row in rows:
            for cell in row:
                if isinstance(cell.value, str) and NUMBER_AS_TEXT.match(cell.value.strip()):
                    yield f"{sheet.title}!{cell.coordinate} is a number written as text"
                if cell.data_type == "f":
                    yield f"{sheet.title}!{cell.coordinate} is a formula"


def _units(book: Any) -> Iterator[str]:
    for sheet, header, rows in _tables(book):
        for c, head in enumerate(header):
            if any(isinstance(row[c].value, (int, float)) for row in rows) and not UNIT.search(str(head.value)):
                yield f"{sheet.title}!{head.coordinate} holds numbers and its header names no unit"


def _explained(book: Any) -> Iterator[str]:
    notes = book[NOTES] if NOTES in book.sheetnames else None
    known = {str(row[0].value) for row in notes.iter_rows()} if notes is not None else set()
    for sheet, cell in _filled(book):
        text = str(cell.value)
        if SHORTHAND.match(text) and text not in known:
            yield f"{sheet.title}!{cell.coordinate} is {text}, which the Notes sheet does not explain"
        for found in NOTE.findall(text):
            for number in re.findall(r"\d+", found):
                if f"Note {number}" not in known:
                    yield f"{sheet.title}!{cell.coordinate} names note {number}, which is not there"


def _symbols(book: Any) -> Iterator[str]:
    for sheet, cell in _filled(book):
        if isinstance(cell.value, str) and SYMBOLS.search(cell.value):
            yield f"{sheet.title}!{cell.coordinate} uses a symbol where a word or [note] belongs"


def _letters(book: Any) -> Iterator[str]:
    for sheet, cell in _filled(book):
        font = cell.font
        faults = [
            word
            for word, wrong in (
                (f"is of {font.sz} points", (font.sz or 0) < SMALLEST),
                (f"is set in {font.name}", font.name not in SANS),
                ("is italic", bool(font.i)),
                ("is struck out", bool(font.strike)),
                ("is underlined and no link", bool(font.u) and cell.hyperlink is None),
            )
            if wrong
        ]
        for fault in faults:
            yield f"{sheet.title}!{cell.coordinate} {fault}"


def _colours(book: Any) -> Iterator[str]:
    for sheet, _, rows in _tables(book):
        for row in rows:
            for cell in row:
                if cell.fill.fill_type not in (None, "none"):
                    yield f"{sheet.title}!{cell.coordinate} is filled with a colour"
                if _ink(cell) != BLACK and cell.hyperlink is None:
                    yield f"{sheet.title}!{cell.coordinate} is written in a colour"
    for sheet in book.worksheets:
        if sheet.conditional_formatting:
            yield f"{sheet.title} colours cells by a rule"


def _contrast(book: Any) -> Iterator[str]:
    for sheet, cell in _filled(book):
        paper = cell.fill.fgColor.rgb if cell.fill.fill_type == "solid" else WHITE
        if _ratio(_ink(cell), str(paper)) < CONTRAST:
            yield f"{sheet.title}!{cell.coordinate} has too little contrast"


def _fits(book: Any) -> Iterator[str]:
    for sheet, header, rows in _tables(book):
        widths = _widths(sheet)
        for cells in (header, *rows):
            for c, cell in enumerate(cells):
                places = 1 if ".0" in cell.number_format else 0
                if isinstance(cell.value, (int, float)):
                    if text_width(f"{cell.value:,.{places}f}") * SMALLEST / 11 > widths.get(c, NARROW):
                        yield f"{sheet.title}!{cell.coordinate} does not fit its column"
                elif max(text_width(word) for word in _text(cell).split()) * SMALLEST / 11 > widths.get(c, NARROW):
                    yield f"{sheet.title}!{cell.coordinate} has a word wider than its column"
            height = sheet.row_dimensions[cells[0].row].height or 0.0
            needed = max(
                count_lines(_text(cell), widths.get(c, NARROW) * 11 / SMALLEST) for c, cell in enumerate(cells)
            )
            if height and height < needed * SMALLEST:
                yield f"{sheet.title} row {cells[0].row} is too low for its text"


def _text(cell: Any) -> str:
    """A text as it is broken into lines: what a no-break space joins stays one word."""
    return str(cell.value).replace("\N{NO-BREAK SPACE}", "n")


def _widths(sheet: Any) -> dict[int, float]:
    """Column, from nought, -> width; neighbours of one width are kept together in a file."""
    found: dict[int, float] = {}
    for column in sheet.column_dimensions.values():
        if column.min is not None:
            found.update(dict.fromkeys(range(column.min - 1, column.max), column.width))
    return found


def _ink(cell: Any) -> str:
    colour = cell.font.color
    return str(colour.rgb) if colour is not None and colour.type == "rgb" else BLACK


def _ratio(ink: str, paper: str) -> float:
    light, dark = sorted((_luminance(ink), _luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(argb: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(argb[-6:][k : k + 2], 16) / 255 for k in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


CELL_RULES: Mapping[str, Callable[[Any], Iterator[str]]] = MappingProxyType(
    {
        "every column has a header of its own, bold and wrapped": _headers,
        "no cell, row or column of a table is empty": _gaps,
        "numbers are stored as numbers, and as values": _numbers,
        "columns of numbers name their unit": _units,
        "shorthand and notes are explained on the Notes sheet": _explained,
        "no symbol stands for a note": _symbols,
        "letters are sans serif, 12 points or more, not italic or underlined": _letters,
        "nothing is said by colour alone": _colours,
        "ink stands out from paper": _contrast,
        "everything fits its cell": _fits,
    }
)


# Rules of the checklist on sheets and tables.

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
