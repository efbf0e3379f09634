"""The CSV tables an assumption names with `file:`: declared columns, every row and cell checked, nothing guessed.

Lines starting with # before the header are notes to the reader and are skipped.
"""

from __future__ import annotations

import csv
import difflib
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hnforecast.base import timeline
from hnforecast.base.axes import AGES
from hnforecast.base.errors import Place, Problems

FLOWS = ("new_plans", "ceased", "net_other")
_WHOLE = {"age": (0, AGES - 1), "year": (1990, 2100), "census_year": (1990, 2100), "month": (1, 12)}
_PLACEMENT = ("placement", "from_placement", "to_placement")


@dataclass(frozen=True)
class Table:
    """A table as read.

    Args:
        name: relative to the vintage folder, such as rates/cease.csv.
        columns: key columns, then `value`.
        rows: column -> value; ages, years and months are int, codes are text, `value` is float.
        lines: line of the file each row stands on.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    lines: tuple[int, ...]

    def lookup(self, *columns: str) -> dict[Any, float]:
        """Values by the named key columns (all key columns by default); a plain key where there is one column."""
        names = columns or self.columns[:-1]
        if len(names) == 1:
            return {row[names[0]]: row["value"] for row in self.rows}
        return {tuple(row[name] for name in names): row["value"] for row in self.rows}

    def key(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """The key cells of a row."""
        return tuple(row[name] for name in self.columns[:-1])


def read_table(
    text: str,
    name: str,
    file: str,
    columns: Sequence[str],
    placements: Sequence[str],
    bounds: tuple[float, float],
    words: str,
    problems: Problems,
) -> Table | None:
    """Read one table.

    Args:
        text: the whole file.
        name: relative to the vintage folder.
        file: the name to show in messages.
        columns: key columns, then `value`, in order.
        placements: the known placement codes.
        bounds: plausible bounds of `value`.
        words: what a value is, for messages.
        problems: where faults are recorded.

    Returns:
        The table, or None where a fault was recorded.
    """
    before = len(problems)
    lines = _split(text, file, problems)
    if lines is None:
        return None
    if not lines:
        problems.add("HN132", "The table is empty", Place(file=file), expected=",".join(columns))
        return None
    number, header = lines[0]
    if [cell.strip() for cell in header] != list(columns):
        place = Place(file=file, line=number)
        problems.add("HN132", "Wrong header", place, found=",".join(header), expected=",".join(columns))
        return None
    reader = _CellReader(file, placements, bounds, words, problems)
    rows: list[dict[str, Any]] = []
    numbers: list[int] = []
    first: dict[tuple[Any, ...], int] = {}
    for number, cells in lines[1:]:
        if len(cells) != len(columns):
            expected = f"{len(columns)} values: {','.join(columns)}"
            problems.add(
                "HN133",
                "Wrong number of values",
                Place(file=file, line=number),
                found=",".join(cells),
                expected=expected,
            )
            continue
        row = {column: reader.read(column, cell.strip(), number) for column, cell in zip(columns, cells, strict=True)}
        key = tuple(row[column] for column in columns[:-1])
        if key in first:
            what = f"The same row twice: lines {first[key]} and {number}"
            problems.add(
                "HN135", what, Place(file=file, line=number), found=",".join(map(str, key)), do="Keep one of the two."
            )
        first.setdefault(key, number)
        rows.append(row)
        numbers.append(number)
    if not rows and len(problems) == before:
        problems.add("HN132", "The table has a header and no rows", Place(file=file, line=lines[0][0]))
    return Table(name, tuple(columns), tuple(rows), tuple(numbers)) if len(problems) == before else None


def _split(text: str, file: str, problems: Problems) -> list[tuple[int, list[str]]] | None:
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        problems.add(
            "HN101",
            "The file holds a character that is not text",
            Place(file=file, line=line),
            found="character U+0000",
        )
        return None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if not lines and cells and cells[0].lstrip().startswith("#"):
                continue
            if any(cell.strip() for cell in cells):
                lines.append((reader.line_num, cells))
    except csv.Error as error:
        problems.add("HN133", f"Not a comma-separated table: {error}", Place(file=file, line=reader.line_num))
        return None
    return lines


class _CellReader:
    """Reads one cell by the meaning of its column."""

    def __init__(
        self, file: str, placements: Sequence[str], bounds: tuple[float, float], words: str, problems: Problems
    ) -> None:
        self.file, self.placements, self.words, self.problems = file, placements, words, problems
        self.low, self.high = bounds

    def read(self, column: str, cell: str, line: int) -> Any:
        if column == "value":
            return self._number(cell, line)
        if column in _WHOLE:
            return self._whole(column, cell, line)
        if column in _PLACEMENT:
            return self._code(column, cell, line, self.placements, "a placement of inputs/codes/placements.csv")
        if column == "flow":
            return self._code(column, cell, line, FLOWS, ", ".join(FLOWS))
        if column == "financial_year":
            try:
                return timeline.parse_year(cell)
            except ValueError:
                self._fault("HN134", "must be a financial year", column, cell, line, "a year such as 2025-26")
        elif not cell:
            self._fault("HN134", "is empty", column, cell, line)
        return cell

    def _number(self, cell: str, line: int) -> float:
        try:
            if "_" in cell:
                raise ValueError
            number = float(cell)
        except ValueError:
            self._fault(
                "HN134", "must be a number", "value", cell or "nothing", line, "digits, with no £, % or thousands comma"
            )
            return math.nan
        if not math.isfinite(number):
            self._fault("HN113", "must be a finite number", "value", cell, line)
        elif not self.low <= number <= self.high:
            expected = f"{self.low:,g} to {self.high:,g}"
            self._fault("HN114", f"must be {self.words}", "value", cell, line, expected)
        return number

    def _whole(self, column: str, cell: str, line: int) -> int:
        low, high = _WHOLE[column]
        if not cell.isdecimal() or not low <= int(cell) <= high:
            expected = f"a whole number from {low} to {high}"
            self._fault("HN134", f"{column} must be a whole number", column, cell or "nothing", line, expected)
            return -1
        return int(cell)

    def _code(self, column: str, cell: str, line: int, known: Sequence[str], expected: str) -> str:
        if cell not in known:
            near = difflib.get_close_matches(cell, known, n=1)
            do = f"Did you mean {near[0]!r}?" if near else ""
            self._fault("HN136", f"unknown {column}", column, cell or "nothing", line, expected, do)
        return cell

    def _fault(
        self, code: str, what: str, column: str, found: str, line: int, expected: str = "", do: str = ""
    ) -> None:
        self.problems.add(
            code, what, Place(file=self.file, line=line, path=column), found=found, expected=expected, do=do
        )
