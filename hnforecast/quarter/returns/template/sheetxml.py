"""One worksheet part as bytes, with where each row and cell lies in it, so that a cell is changed and nothing else is.

The part is scanned once by expat, which gives byte positions; it is never parsed and written anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

from hnforecast.quarter.returns.build import Cell

# Cell addresses.

_CELL = re.compile(r"^\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})$")
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
Spot = tuple[int, int]


def parse_cell(text: str) -> Spot | None:
    """Row and column of a cell such as C12, counted from 1; None where it is none."""
    found = _CELL.match(text.strip())
    if not found:
        return None
    column = 0
    for letter in found[1].upper():
        column = 26 * column + ord(letter) - 64
    row = int(found[2])
    return (row, column) if row <= MOST_ROWS and column <= MOST_COLUMNS else None


def show_cell(spot: Spot) -> str:
    """A cell as C12."""
    row, column = spot
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def offset(text: str, down: int, right: int) -> str | None:
    """The cell so many rows below and columns beside another."""
    spot = parse_cell(text)
    return None if spot is None else show_cell((spot[0] + down, spot[1] + right))


def parse_area(text: str) -> tuple[Spot, Spot] | None:
    """First and last cell of an area such as B2:D4, or of one cell."""
    first, _, last = text.partition(":")
    start, end = parse_cell(first), parse_cell(last or first)
    return None if start is None or end is None else (start, end)


def inside(spot: Spot, area: tuple[Spot, Spot]) -> bool:
    """Whether a cell lies in an area."""
    (top, left), (bottom, right) = area
    return top <= spot[0] <= bottom and left <= spot[1] <= right


_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass
class CellSpan:
    """Where a cell lies: start and end of its element; style and type as written; whether it has a formula."""

    start: int
    end: int
    style: str = ""
    kind: str = ""
    formula: bool = False
    value_start: int = -1
    value_end: int = -1


@dataclass
class RowSpan:
    """Where a row lies: end of its start tag, and where it closes; `empty` for <row/>."""

    start: int
    tag_end: int
    close: int
    end: int
    empty: bool


@dataclass
class SheetXml:
    """A worksheet part and what was found in it."""

    raw: bytes
    cells: dict[Spot, CellSpan] = field(default_factory=dict)
    rows: dict[int, RowSpan] = field(default_factory=dict)
    merges: list[tuple[Spot, Spot]] = field(default_factory=list)
    validations: list[Mapping[str, str]] = field(default_factory=list)
    protected: bool = False
    prefix: str = ""

    def used(self) -> tuple[int, int]:
        """The last row and column that hold anything."""
        spots = [*self.cells, *(end for _, end in self.merges)]
        return max((row for row, _ in spots), default=0), max((column for _, column in spots), default=0)


def scan_sheet(raw: bytes) -> SheetXml:
    """Find the rows, cells, merged areas and validations of a worksheet part.

    Raises:
        expat.ExpatError: the part is not well formed.
    """
    return _Scanner(raw).found


class _Scanner:
    def __init__(self, raw: bytes) -> None:
        self.raw, self.found = raw, SheetXml(raw)
        self._row: int | None = None
        self._cell: Spot | None = None
        self._rule: dict[str, str] | None = None
        self._text: str | None = None
        self._next = (0, 0)
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._words
        parser.buffer_text = True
        self._parser = parser
        parser.Parse(raw, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        prefix, _, local = name.rpartition(":")
        at = self._parser.CurrentByteIndex
        if local == "worksheet":
            self.found.prefix = f"{prefix}:" if prefix else ""
        elif local == "row":
            number = int(attributes.get("r", self._next[0] + 1))
            self._row, self._next = number, (number, 0)
            end = self._tag_end(at)
            self.found.rows[number] = RowSpan(at, end, end, end, self.raw[end - 2 : end] == b"/>")
        elif local == "c" and self._row is not None:
            spot = parse_cell(attributes.get("r", "")) or (self._row, self._next[1] + 1)
            self._cell, self._next = spot, spot
            end = self._tag_end(at)
            self.found.cells[spot] = CellSpan(at, end, attributes.get("s", ""), attributes.get("t", ""))
        elif local == "f" and self._cell is not None:
            self.found.cells[self._cell].formula = True
        elif local == "v" and self._cell is not None:
            self.found.cells[self._cell].value_start = at
            self.found.cells[self._cell].value_end = self._tag_end(at)
        elif local == "mergeCell":
            area = parse_area(attributes.get("ref", ""))
            if area is not None:
                self.found.merges.append(area)
        elif local == "sheetProtection":
            self.found.protected = attributes.get("sheet", "0") in ("1", "true")
        elif local == "dataValidation":
            self._rule = dict(attributes)
            self.found.validations.append(self._rule)
        elif local in ("formula1", "formula2") and self._rule is not None:
            self._text = ""

    def _words(self, text: str) -> None:
        if self._text is not None:
            self._text += text

    def _end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        at = self._parser.CurrentByteIndex
        if local in ("formula1", "formula2") and self._rule is not None and self._text is not None:
            self._rule[local], self._text = self._text, None
        elif local == "dataValidation":
            self._rule = None
        elif local == "c" and self._cell is not None:
            span = self.found.cells[self._cell]
            if self.raw[span.end - 2 : span.end] != b"/>":  # expat gives the end of <c/>, where </row> may begin
                span.end = self.raw.index(b">", at) + 1
            self._cell = None
        elif local == "v" and self._cell is not None:
            span = self.found.cells[self._cell]
            if self.raw[span.value_end - 2 : span.value_end] != b"/>":
                span.value_end = self.raw.index(b">", at) + 1
        elif local == "row" and self._row is not None:
            row = self.found.rows[self._row]
            if not row.empty:
                row.close, row.end = at, self.raw.index(b">", at) + 1
            self._row = None

    def _tag_end(self, at: int) -> int:
        """The end of the start tag at a byte: the first > outside quotation marks."""
        quote = b""
        for position in range(at, len(self.raw)):
            byte = self.raw[position : position + 1]
            if quote:
                quote = b"" if byte == quote else quote
            elif byte in (b'"', b"'"):
                quote = byte
            elif byte == b">":
                return position + 1
        return len(self.raw)


def cell_xml(spot: Spot, value: Cell, style: str, prefix: str = "") -> bytes:
    """A cell's element: a number, or words kept inside the cell so that the shared list of words stays as it is."""
    start = f'<{prefix}c r="{show_cell(spot)}"' + (f' s="{style}"' if style else "")
    if value is None:
        return f"{start}/>".encode()
    if isinstance(value, str):
        words = escape(_ILLEGAL.sub("", value))
        inner = f'<{prefix}is><{prefix}t xml:space="preserve">{words}</{prefix}t></{prefix}is>'
        return f'{start} t="inlineStr">{inner}</{prefix}c>'.encode()
    return f"{start}><{prefix}v>{float(value)!r}</{prefix}v></{prefix}c>".encode()


def patch_sheet(sheet: SheetXml, values: Mapping[Spot, Cell]) -> bytes:
    """The part with some cells given values, and the saved results of all its formulas taken out.

    A saved result may rest on a cell that was filled, so none is kept: whoever opens the file works them out.
    """
    changes: list[tuple[int, int, bytes]] = []
    inserted: dict[int, list[Spot]] = {}
    for spot, value in values.items():
        span = sheet.cells.get(spot)
        if span is not None:
            changes.append((span.start, span.end, cell_xml(spot, value, span.style, sheet.prefix)))
        elif value is not None:
            inserted.setdefault(spot[0], []).append(spot)
    for span in (span for spot, span in sheet.cells.items() if span.formula and spot not in values):
        if span.value_start >= 0:
            changes.append((span.value_start, span.value_end, b""))
    for row, spots in inserted.items():
        changes += _insert(sheet, row, sorted(spots), values)
    raw = sheet.raw
    for start, end, content in sorted(changes, reverse=True):
        raw = raw[:start] + content + raw[end:]
    return raw


def _insert(sheet: SheetXml, row: int, spots: list[Spot], values: Mapping[Spot, Cell]) -> list[tuple[int, int, bytes]]:
    """New cells of a row, each before the next cell to its right; a row that is not there is made in its place."""
    made = {spot: cell_xml(spot, values[spot], "", sheet.prefix) for spot in spots}
    span = sheet.rows.get(row)
    if span is None:
        content = f'<{sheet.prefix}row r="{row}">'.encode() + b"".join(made.values()) + f"</{sheet.prefix}row>".encode()
        after = [other.start for number, other in sheet.rows.items() if number > row]
        if after:
            return [(min(after), min(after), content)]
        last = max((other.end for other in sheet.rows.values()), default=-1)
        if last >= 0:
            return [(last, last, content)]
        empty = re.search(rb"<(\w+:)?sheetData\s*/>", sheet.raw)
        if empty is None:
            return []
        tag = f"{sheet.prefix}sheetData".encode()
        return [(empty.start(), empty.end(), b"<" + tag + b">" + content + b"</" + tag + b">")]
    if span.empty:
        opened = sheet.raw[span.start : span.tag_end - 2].rstrip() + b">"
        content = opened + b"".join(made.values()) + f"</{sheet.prefix}row>".encode()
        return [(span.start, span.end, content)]
    changes: dict[int, bytes] = {}
    for spot in spots:
        right = [other.start for (r, column), other in sheet.cells.items() if r == row and column > spot[1]]
        at = min(right, default=span.close)
        changes[at] = changes.get(at, b"") + made[spot]
    return [(at, at, content) for at, content in changes.items()]
