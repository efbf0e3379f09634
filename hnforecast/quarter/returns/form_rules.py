"""What must hold inside a form before any figure is put into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hnforecast.base.errors import Place, Problems

if TYPE_CHECKING:
    from hnforecast.quarter.returns.forms import FormFile, Reference, Section, TableForm

NAME_LIMIT = 31
PER_YEAR = {"Q": 4, "T": 3}


def check_form(definition: FormFile, sections: Sequence[Section], at: Callable[..., Place], problems: Problems) -> None:
    """Keys used once, sheet names that fit, sums and ties that name rows, columns and tables there are."""
    tables: dict[str, TableForm] = {}
    sheets: dict[str, str] = {}
    for section in sections:
        if len(section.sheet) > NAME_LIMIT or set(section.sheet) & set("[]:*?/\\'"):
            do = f"Use at most {NAME_LIMIT} characters, none of [ ] : * ? / \\ '."
            problems.add(
                "HN703", "A sheet cannot have this name", at("sections", section.key), found=section.sheet, do=do
            )
        if section.sheet.lower() in sheets:
            problems.add("HN703", "Two sections have one sheet", at("sections", section.key), found=section.sheet)
        sheets[section.sheet.lower()] = section.key
        for table in section.tables:
            if table.key in tables:
                problems.add("HN703", "Two tables have one key", at("sections", section.key), found=table.key)
            tables[table.key] = table
            _check_table(table, at, problems)
    for position, tie in enumerate(definition.ties):
        for reference in (tie.left, tie.right):
            _check_reference(reference, tables, at("ties", position), problems)
    periods = definition.periods
    for name in ("quarters", "due"):
        given = getattr(periods, name)
        if (periods.kind == "T" and name == "quarters" and given is None) or (
            given is not None and len(given) != PER_YEAR[periods.kind]
        ):
            expected = f"{PER_YEAR[periods.kind]} of them"
            problems.add("HN703", f"`{name}` must be given for each period of a year", at("periods"), expected=expected)


def _check_table(table: TableForm, at: Callable[..., Place], problems: Problems) -> None:
    place = at(table.key)
    if not table.columns and table.across is None:
        problems.add("HN703", "A table has no columns", place, expected="`columns`, or `across`")
    keys = [column.key for column in table.columns]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        problems.add("HN703", "Two columns have one key", place, found=key)
    for cast in table.casts:
        for key in (cast.column, *(part.removeprefix("-") for part in cast.sum)):
            if key not in keys:
                problems.add("HN703", "A cast names a column that is not there", place, found=key)
    rows = [row.key for row in table.rows.listed or ()]
    for key in sorted({key for key in rows if rows.count(key) > 1}):
        problems.add("HN703", "Two rows have one key", place, found=key)
    for row in table.rows.listed or ():
        for part in row.sum or ():
            if part.removeprefix("-") not in rows:
                problems.add("HN703", "A row is the sum of a row that is not there", place, found=f"{row.key}: {part}")
    for key in table.chart.rows if table.chart else ():
        if table.rows.listed is not None and key not in [*rows, "total"]:
            problems.add("HN703", "A chart shows a row that is not there", place, found=key)


def _check_reference(reference: Reference, tables: dict[str, TableForm], place: Place, problems: Problems) -> None:
    given = [name for name in ("table", "source", "last") if getattr(reference, name) is not None]
    if len(given) != 1:
        expected = "one of `table`, `source` and `last`"
        problems.add("HN703", "A tie must say where each figure is", place, found=", ".join(given), expected=expected)
        return
    name = getattr(reference, given[0])
    if given[0] == "source":
        return
    table = tables.get(name)
    if table is None:
        problems.add("HN703", "A tie names a table that is not there", place, found=name)
        return
    columns = [column.key for column in table.columns]
    if table.across is None and reference.column not in columns and "{" not in reference.column:
        problems.add(
            "HN703",
            "A tie names a column that is not there",
            place,
            found=reference.column,
            expected=", ".join(columns),
        )
    rows = [row.key for row in table.rows.listed or ()]
    if rows and reference.row is not None and reference.row not in [*rows, "total"]:
        problems.add(
            "HN703", "A tie names a row that is not there", place, found=reference.row, expected=", ".join(rows)
        )
