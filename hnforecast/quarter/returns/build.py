"""Puts figures into a form: every table as rows of cells, with what each row is and what it adds up from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from hnforecast.base.errors import Place, Problems
from hnforecast.quarter.returns.forms import SHARED_UNITS, Column, Form, Row, Section, Sign, TableForm, Unit
from hnforecast.writing.style import round_half_up

if TYPE_CHECKING:
    import pandas as pd

Cell = str | float | None
TOTAL = "total"


@dataclass(frozen=True)
class BuiltColumn:
    """A column as it stands in the return; `blank` says why a cell of it may be empty; an entry is filled by hand."""

    key: str
    label: str
    unit: Unit
    sign: Sign = "any"
    blank: str = ""
    choices: tuple[str, ...] = ()
    longest: int | None = None
    adds: bool = True
    entry: bool = False
    width: int | None = None

    @property
    def numeric(self) -> bool:
        """Whether its cells are numbers."""
        return self.unit not in SHARED_UNITS


@dataclass(frozen=True)
class BuiltRow:
    """A row: its key, its cells, and for a sum the rows it is made of (1 added, -1 taken away)."""

    key: str
    cells: tuple[Cell, ...]
    kind: Literal["row", "sum", "total"] = "row"
    parts: tuple[tuple[int, str], ...] = ()
    sign: Sign = "any"


@dataclass(frozen=True)
class BuiltTable:
    """A table with its figures."""

    form: TableForm
    section: str
    sheet: str
    columns: tuple[BuiltColumn, ...]
    rows: tuple[BuiltRow, ...]

    @property
    def key(self) -> str:
        """The table's key in the form."""
        return self.form.key

    def position(self, column: str) -> int | None:
        """Where a column stands."""
        return next((c for c, built in enumerate(self.columns) if built.key == column), None)

    def row(self, key: str) -> BuiltRow | None:
        """A row by its key."""
        return next((row for row in self.rows if row.key == key), None)


@dataclass(frozen=True)
class BuiltReturn:
    """A form with its figures, table by table in order."""

    form: Form
    tables: Mapping[str, BuiltTable]

    def of_section(self, section: Section) -> list[BuiltTable]:
        """The tables of one section."""
        return [self.tables[table.key] for table in section.tables]


def build_return(form: Form, sources: Mapping[str, pd.DataFrame], problems: Problems) -> BuiltReturn:
    """Read every cell a form asks for from the sources; a source or column that is not there is a problem."""
    tables: dict[str, BuiltTable] = {}
    for section in form.sections:
        for table in section.tables:
            place = Place(file=form.file, path=f"{section.key}.{table.key}")
            frame = sources.get(table.source)
            if frame is None:
                problems.add(
                    "HN704", "A table is made from a source there is not", place, found=table.source,
                    expected=", ".join(sorted(sources)),
                )  # fmt: skip
                continue
            missing = [name for name in _asked(table) if name not in frame.columns]
            if missing:
                found, expected = ", ".join(missing), ", ".join(map(str, frame.columns))
                what = f"The source {table.source!r} has not every column asked for"
                problems.add("HN704", what, place, found=found, expected=expected)
                continue
            tables[table.key] = _table(table, section, pick(frame, table.where or {}), problems, place)
    return BuiltReturn(form, tables)


def pick(frame: pd.DataFrame, where: Mapping[str, Any]) -> pd.DataFrame:
    """The rows of a frame whose columns hold the values wanted (or one of several)."""
    for name, wanted in where.items():
        options = [str(option) for option in (wanted if isinstance(wanted, list) else [wanted])]
        frame = frame[frame[name].astype(str).isin(options)]
    return frame


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame by column name."""
    return [{str(name): value for name, value in record.items()} for record in frame.to_dict("records")]


def _asked(table: TableForm) -> list[str]:
    names = [*table.rows.by, *(table.where or {}), *(column.source or column.key for column in table.columns)]
    across = table.across
    if across is not None:
        names += [across.by, across.value, *([across.status] if across.status else [])]
    return names


def _table(table: TableForm, section: Section, frame: pd.DataFrame, problems: Problems, place: Place) -> BuiltTable:
    if frame.empty and table.none is None:
        do = "Give the table its figures, or a `none:` sentence in the form that says what their absence means."
        problems.add("HN704", "A table has no figures", place, found=str(table.where or "no rows"), do=do)
    columns = _columns(table, frame)
    found: dict[str, dict[str, Any]] = {}
    for record in records_of(frame):
        key = "|".join(str(record[name]) for name in table.rows.by)
        _merge(found, key, record, table, problems, place)
    rows = _listed(table, columns, found, problems, place) if table.rows.listed else _as_given(table, columns, found)
    if table.total is not None and rows:
        rows.append(_total(table, columns, rows))
    if table.whole:
        rows = [replace(row, cells=tuple(_whole(cell) for cell in row.cells)) for row in rows]
    return BuiltTable(table, section.key, section.sheet, tuple(columns), tuple(rows))


def _columns(table: TableForm, frame: pd.DataFrame) -> list[BuiltColumn]:
    fixed = [
        BuiltColumn(
            column.key, column.label, column.unit, column.sign, column.blank or "", tuple(column.choices or ()),
            column.longest, column.total, column.entry, column.width,
        )
        for column in table.columns
    ]  # fmt: skip
    if table.across is None:
        return fixed
    across = table.across
    start = [] if fixed else [BuiltColumn("item", table.rows.title or "Item", "text")]
    status: dict[str, str] = {}
    for record in frame.to_dict("records"):
        status.setdefault(str(record[across.by]), str(record[across.status]) if across.status else "")
    made = [
        BuiltColumn(key, f"{key} {status[key]}".strip(), across.unit, across.sign, across.blank or "") for key in status
    ]
    return [*start, *fixed, *made]


def _merge(
    found: dict[str, dict[str, Any]],
    key: str,
    record: dict[str, Any],
    table: TableForm,
    problems: Problems,
    place: Place,
) -> None:
    """One record into its row; a second value for one cell is added where the form says so, else refused."""
    row = found.setdefault(key, {"_across": {}})
    if table.across is None:
        if len(row) > 1:
            problems.add("HN705", "Two figures for one row", place, found=key.replace("|", ", "))
        row |= record
        return
    name, value = str(record[table.across.by]), _cell(record[table.across.value])
    cells = row["_across"]
    if name in cells and not table.rows.add:
        problems.add("HN705", "Two figures for one cell", place, found=f"{key.replace('|', ', ')}, {name}")
    before = cells.get(name)
    cells[name] = before + value if isinstance(before, float) and isinstance(value, float) else value
    for column, content in record.items():
        row.setdefault(str(column), content)


def _as_given(table: TableForm, columns: Sequence[BuiltColumn], found: Mapping[str, dict[str, Any]]) -> list[BuiltRow]:
    return [BuiltRow(key, _cells(table, columns, record, key)) for key, record in found.items()]


def _listed(
    table: TableForm,
    columns: Sequence[BuiltColumn],
    found: Mapping[str, dict[str, Any]],
    problems: Problems,
    place: Place,
) -> list[BuiltRow]:
    """The rows the form lists, in its order and words; figures it has no row for would be lost, so are refused."""
    listed = table.rows.listed or []
    unknown = [key for key in found if key not in {row.key for row in listed}]
    if unknown:
        do = "Add the rows to the form, or leave them out with `where`."
        problems.add("HN704", "The form has no row for some figures", place, found=", ".join(unknown[:8]), do=do)
    rows: dict[str, BuiltRow] = {}
    for row in listed:
        record = {**found.get(row.key, {"_across": {}})}
        cells = _cells(table, columns, record, row.label)
        parts = tuple((-1 if part.startswith("-") else 1, part.removeprefix("-")) for part in row.sum or ())
        if parts and row.key not in found:
            cells = _summed(row, columns, parts, rows)
        rows[row.key] = BuiltRow(row.key, cells, "sum" if parts else "row", parts, row.sign)
    return list(rows.values())


def _summed(
    row: Row, columns: Sequence[BuiltColumn], parts: Sequence[tuple[int, str]], rows: Mapping[str, BuiltRow]
) -> tuple[Cell, ...]:
    cells: list[Cell] = [row.label]
    for c in range(1, len(columns)):
        values = [rows[part].cells[c] for _, part in parts if part in rows]
        known = all(isinstance(value, float) for value in values) and len(values) == len(parts)
        cells.append(
            sum(s * float(v) for (s, _), v in zip(parts, values, strict=True) if v is not None) if known else None
        )
    return tuple(cells)


def _cells(table: TableForm, columns: Sequence[BuiltColumn], record: Mapping[str, Any], label: str) -> tuple[Cell, ...]:
    form: dict[str, Column] = {column.key: column for column in table.columns}
    cells: list[Cell] = []
    for position, column in enumerate(columns):
        if column.key in form:
            source = form[column.key].source or column.key
            value = _cell(record.get(source))
        elif position == 0:
            value = label
        else:
            value = record["_across"].get(column.key)
        if position == 0 and table.rows.listed:
            value = label
        cells.append(value)
    return tuple(cells)


def _total(table: TableForm, columns: Sequence[BuiltColumn], rows: Sequence[BuiltRow]) -> BuiltRow:
    """The total of the rows the source gave; rows the form adds up itself are not counted twice."""
    plain = [row for row in rows if row.kind == "row"]
    cells: list[Cell] = [table.total]
    for c, column in enumerate(columns[1:], start=1):
        values = [row.cells[c] for row in plain]
        numbers = [value for value in values if isinstance(value, float)]
        cells.append(math.fsum(numbers) if column.numeric and column.adds and numbers else None)
    return BuiltRow(TOTAL, tuple(cells), "total", tuple((1, row.key) for row in plain))


def _whole(cell: Cell) -> Cell:
    """A figure as a whole number, each rounded by itself; words as they are."""
    return round_half_up(cell) if isinstance(cell, float) else cell


def _cell(value: Any) -> Cell:
    """A value of a frame as a cell: text, a float, or nothing."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, (int, float, np.number)):
        number = float(value)
        return None if math.isnan(number) else number
    if isinstance(value, datetime):
        return None if value != value else value.date().isoformat()
    text = str(value).strip()
    return text or None
