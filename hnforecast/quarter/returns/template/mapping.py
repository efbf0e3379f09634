"""The map from a return to an official workbook: which cell, name or block of cells takes which figure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from hnforecast.assumptions.fields import Strict, Text
from hnforecast.assumptions.settings import read_settings_file
from hnforecast.base.errors import InputError, Place, Problem, Problems, show_path
from hnforecast.base.yaml import YamlFile
from hnforecast.quarter.returns.build import BuiltReturn, Cell
from hnforecast.quarter.returns.template.sheetxml import offset


class OneCell(Strict):
    """One cell: where, and the figure or the words it takes; `missing` stands in for a figure that is blank."""

    sheet: Text | None = None
    cell: Text | None = None
    name: Text | None = None
    table: Text | None = None
    row: Text | None = None
    column: Text | None = None
    text: Text | None = None
    missing: Text | None = None
    divide: int = 1
    locked: bool = False


class Block(Strict):
    """A block of cells: the rows and columns of a table laid out from a first cell."""

    sheet: Text
    start: Text
    table: Text
    rows: list[Text]
    columns: list[Text]
    missing: Text | None = None
    divide: int = 1
    locked: bool = False
    turned: bool = False


class MapFile(Strict):
    """A map as its file has it."""

    form: Text
    template: Text
    template_sha256: Text | None = None
    cells: list[OneCell] = Field(default_factory=list)
    blocks: list[Block] = Field(default_factory=list)


@dataclass(frozen=True)
class Filling:
    """One cell to be filled: by sheet and cell, or by defined name."""

    sheet: str
    cell: str
    name: str
    value: Cell
    locked: bool
    place: Place


@dataclass(frozen=True)
class Mapping:
    """A map as read."""

    content: MapFile
    yaml: YamlFile

    @property
    def file(self) -> str:
        """Its name in messages."""
        return self.yaml.file


def load_map(path: Path, root: Path) -> Mapping:
    """Read a map.

    Raises:
        InputError: every fault, with line and column.
    """
    file = show_path(path, root)
    try:
        raw = path.read_bytes()
    except OSError:
        raise InputError(Problem("HN750", "The map cannot be read", Place(file=file), do="Check its name.")) from None
    return Mapping(*read_settings_file(raw, file, MapFile, "map"))


def fillings(mapping: Mapping, built: BuiltReturn, problems: Problems) -> list[Filling]:
    """Every cell the map fills, with its figure; a table, row or column the return does not have is a problem."""
    content, found = mapping.content, []
    if content.form != built.form.name:
        problems.add(
            "HN751", "The map is for another form", mapping.yaml.place(("form",)), found=content.form,
            expected=built.form.name,
        )  # fmt: skip
        return []
    for position, cell in enumerate(content.cells):
        place = mapping.yaml.place(("cells", position))
        found += _one(cell, built, place, problems)
    for position, block in enumerate(content.blocks):
        place = mapping.yaml.place(("blocks", position))
        for r, row in enumerate(block.rows):
            for c, column in enumerate(block.columns):
                down, right = (c, r) if block.turned else (r, c)
                where = offset(block.start, down, right)
                if where is None:
                    problems.add("HN751", "This is not a cell", place, found=block.start, expected="a cell such as C12")
                    break
                value = _figure(built, block.table, row, column, place, problems)
                value = _shown(value, block.missing, block.divide)
                found.append(Filling(block.sheet, where, "", value, block.locked, place))
    _twice(found, problems)
    return found


def _one(cell: OneCell, built: BuiltReturn, place: Place, problems: Problems) -> list[Filling]:
    by_name = cell.name is not None
    by_cell = cell.sheet is not None and cell.cell is not None
    if by_name == by_cell:
        problems.add("HN751", "A cell is given by `sheet` and `cell`, or by `name`", place)
        return []
    if (cell.text is None) == (cell.table is None):
        problems.add("HN751", "A cell takes `text`, or `table` with `row` and `column`", place)
        return []
    value: Cell = cell.text
    if cell.table is not None:
        if cell.row is None or cell.column is None:
            problems.add("HN751", "`table` needs `row` and `column`", place)
            return []
        value = _shown(_figure(built, cell.table, cell.row, cell.column, place, problems), cell.missing, cell.divide)
    where = "" if cell.cell is None else offset(cell.cell, 0, 0)
    if where is None:
        problems.add("HN751", "This is not a cell", place, found=str(cell.cell), expected="a cell such as C12")
        return []
    return [Filling(cell.sheet or "", where, cell.name or "", value, cell.locked, place)]


def _figure(built: BuiltReturn, table: str, row: str, column: str, place: Place, problems: Problems) -> Cell:
    found = built.tables.get(table)
    if found is None:
        problems.add("HN752", "The return has no such table", place, found=table, expected=_some(list(built.tables)))
        return None
    line = found.row(row)
    if line is None:
        rows = [one.key for one in found.rows]
        problems.add("HN752", f"The table {table!r} has no such row", place, found=row, expected=_some(rows))
        return None
    position = found.position(column)
    if position is None:
        columns = [one.key for one in found.columns]
        problems.add("HN752", f"The table {table!r} has no such column", place, found=column, expected=_some(columns))
        return None
    return line.cells[position]


def _some(names: list[str]) -> str:
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")


def _shown(value: Cell, missing: str | None, divide: int) -> Cell:
    if value is None:
        return missing
    return value / divide if isinstance(value, float) and divide != 1 else value


def _twice(found: list[Filling], problems: Problems) -> None:
    seen: set[tuple[str, str, str]] = set()
    for one in found:
        key = (one.sheet, one.cell, one.name)
        if key in seen:
            where = one.name or f"{one.sheet}!{one.cell}"
            problems.add("HN751", "Two entries fill one cell", one.place, found=where, do="Keep one of them.")
        seen.add(key)
