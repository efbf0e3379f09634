"""Cell addresses: letters and numbers to row and column, and blocks of cells."""

from __future__ import annotations

import re

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
