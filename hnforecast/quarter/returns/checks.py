"""What must hold before a return is written: casts, ties, signs, blanks explained, closed periods unchanged.

Every fault is collected; nothing is written while one stands.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hnforecast.base.errors import Place, Problems
from hnforecast.base.timeline import show_year
from hnforecast.quarter.returns.build import BuiltReturn, BuiltTable, Cell, pick
from hnforecast.quarter.returns.forms import Reference, Tie

if TYPE_CHECKING:
    import pandas as pd

CAST_TOLERANCE = 0.005
THOUSAND_LOW, THOUSAND_HIGH = 900.0, 1100.0
MOST_SHOWN = 12


@dataclass(frozen=True)
class Passed:
    """A check that held, for the return's own list of checks."""

    what: str
    left: float
    right: float
    tolerance: float


def check_return(
    built: BuiltReturn,
    sources: Mapping[str, pd.DataFrame],
    last: Mapping[str, Any] | None,
    year: int,
    problems: Problems,
) -> list[Passed]:
    """Check every table, then every tie of the form.

    Args:
        built: the return.
        sources: what it was built from, which ties may name.
        last: return.json of the return before, or None for the first.
        year: first calendar year of the return's financial year.
        problems: where faults are recorded.

    Returns:
        The casts and ties that held.
    """
    passed: list[Passed] = []
    for table in built.tables.values():
        passed += _casts(table, problems)
        _cross_casts(table, problems)
        _cells(table, problems)
    new_year = last is not None and not str(last.get("quarter", "")).startswith(show_year(year))
    for tie in built.form.definition.ties:
        if (tie.left.last or tie.right.last) and last is None:
            continue
        if tie.when != "always" and last is not None and (tie.when == "new_year") != new_year:
            continue
        for one in _written_out(tie, built, year):
            held = _tie(one, built, sources, last, problems)
            if held is not None:
                passed.append(held)
    return passed


def _written_out(tie: Tie, built: BuiltReturn, year: int) -> list[Tie]:
    """A tie with its years filled in, once for each column where it asks for that."""
    words = {"{year}": show_year(year), "{last_year}": show_year(year - 1), "{next_january}": str(year + 1)}
    if not tie.each:
        return [_filled(tie, words)]
    table = built.tables.get(str(tie.left.table))
    columns = [column.key for column in table.columns if column.numeric] if table is not None else []
    return [_filled(tie, words | {"{each}": key}) for key in columns]


def _filled(tie: Tie, words: Mapping[str, str]) -> Tie:
    def fill(reference: Reference) -> Reference:
        where = {name: words.get(str(value), value) for name, value in (reference.where or {}).items()}
        column = words.get(reference.column, reference.column)
        return reference.model_copy(update={"column": column, "where": where or None})

    what = f"{tie.what}, {words['{each}']}" if "{each}" in words else tie.what
    return tie.model_copy(update={"what": what, "left": fill(tie.left), "right": fill(tie.right)})


def _place(table: BuiltTable, row: str, column: str) -> Place:
    return Place(file="the return", sheet=table.sheet, path=f"{table.key}: {row.replace('|', ', ')}, {column}")


def _casts(table: BuiltTable, problems: Problems) -> Iterator[Passed]:
    """Totals and sums against their rows; whole numbers rounded one by one may differ by half a row each."""
    rows = {row.key: row for row in table.rows}
    for row in table.rows:
        if not row.parts:
            continue
        for c, column in enumerate(table.columns):
            value = row.cells[c]
            if not column.numeric or not column.adds or not isinstance(value, float):
                continue
            parts = [(sign, rows[key].cells[c]) for sign, key in row.parts if key in rows]
            total = math.fsum(sign * part for sign, part in parts if isinstance(part, float))
            tolerance = CAST_TOLERANCE + (0.5 * (len(parts) + 1) if table.form.whole else 0.0)
            if abs(total - value) <= tolerance:
                yield Passed(f"{table.form.title}: {row.cells[0]}, {column.label}", value, total, tolerance)
                continue
            problems.add(
                "HN710", "A table does not add up", _place(table, str(row.cells[0]), column.label),
                found=f"{value:,.2f} against parts that make {total:,.2f}, {value - total:+,.2f}",
                expected=f"equal to within {tolerance:g}", do=_unit_hint(value, total),
            )  # fmt: skip


def _cross_casts(table: BuiltTable, problems: Problems) -> None:
    """Columns that are, in every row, the sum of others; a row with a blank among them has nothing to add up."""
    for cast in table.form.casts:
        parts = [(-1 if part.startswith("-") else 1, table.position(part.removeprefix("-"))) for part in cast.sum]
        position = table.position(cast.column)
        for row in table.rows:
            values = [row.cells[c] for c in (position, *(c for _, c in parts)) if c is not None]
            numbers = [value for value in values if isinstance(value, float)]
            if len(numbers) != len(parts) + 1:
                continue
            total = math.fsum(sign * value for (sign, _), value in zip(parts, numbers[1:], strict=True))
            if abs(total - numbers[0]) > cast.tolerance * max(1, len(row.parts)):
                parts_said = " + ".join(cast.sum).replace("+ -", "- ")
                found = f"{numbers[0]:,.2f} against {parts_said} = {total:,.2f}, {numbers[0] - total:+,.2f}"
                place = _place(table, str(row.cells[0]), cast.column)
                do = _unit_hint(numbers[0], total)
                problems.add("HN710", "A row does not add up", place, found=found, do=do)


def _cells(table: BuiltTable, problems: Problems) -> None:
    for row in table.rows:
        for c, column in enumerate(table.columns):
            value, place = row.cells[c], _place(table, str(row.cells[0]), column.label)
            if value is None:
                if row.kind == "row" and not column.blank and not column.entry:
                    do = "Give the figure, or say in the form why it may be blank (`blank:`)."
                    problems.add("HN711", "A blank cell that nothing explains", place, do=do)
                continue
            if column.numeric:
                _number(value, row.sign if column.sign == "row" else column.sign, row.kind, place, problems)
            elif isinstance(value, str):
                _words(value, column.choices, column.longest, place, problems)


def _number(value: Cell, sign: str, kind: str, place: Place, problems: Problems) -> None:
    if not isinstance(value, float):
        problems.add("HN712", "Words stand where a number belongs", place, found=repr(value))
        return
    wrong = kind == "row" and ((sign == "positive" and value < 0) or (sign == "negative" and value > 0))
    if wrong:
        expected = "nil or more" if sign == "positive" else "nil or less"
        do = "Check whether the sign was turned in the export: spend is positive, income and deficits are negative."
        problems.add("HN713", "A figure has the wrong sign", place, found=f"{value:,.2f}", expected=expected, do=do)


def _words(value: str, choices: tuple[str, ...], longest: int | None, place: Place, problems: Problems) -> None:
    if choices and value not in choices:
        problems.add(
            "HN714", "Not one of the words this cell may hold", place, found=value, expected=", ".join(choices)
        )
    if longest is not None and len(value) > longest:
        do = "Shorten it: the form gives no more room."
        problems.add(
            "HN715", "A text is too long for the form", place, found=f"{len(value):,} characters",
            expected=f"at most {longest:,}", do=do,
        )  # fmt: skip


def _tie(
    tie: Tie,
    built: BuiltReturn,
    sources: Mapping[str, pd.DataFrame],
    last: Mapping[str, Any] | None,
    problems: Problems,
) -> Passed | None:
    if tie.where_known and _figure(tie.left, built, sources, last) is None:
        return None
    sides = [_figure(reference, built, sources, last) for reference in (tie.left, tie.right)]
    place = Place(file=built.form.file, path=tie.what)
    for reference, value in zip((tie.left, tie.right), sides, strict=True):
        if value is None:
            problems.add("HN716", "A figure that must tie is not there", place, found=describe(reference))
    left, right = sides
    if left is None or right is None:
        return None
    if abs(left - right) <= tie.tolerance:
        return Passed(tie.what, left, right, tie.tolerance)
    code = "HN718" if tie.left.last or tie.right.last else "HN717"
    what = "The return does not follow from the last one" if code == "HN718" else "Two figures that must agree do not"
    problems.add(
        code, what, place,
        found=f"{describe(tie.left)} {left:,.2f}; {describe(tie.right)} {right:,.2f}; difference {left - right:+,.2f}",
        expected=f"equal to within {tie.tolerance:g}", do=_unit_hint(left, right),
    )  # fmt: skip
    return None


def _unit_hint(left: float, right: float) -> str:
    """A likely cause: thousands for pounds, or a turned sign."""
    if left and right:
        ratio = abs(left / right)
        ratio = max(ratio, 1 / ratio)
        if THOUSAND_LOW <= ratio <= THOUSAND_HIGH:
            return "One is about a thousand times the other: one is in £000s, the other in £. Give both in £."
        if math.isclose(left, -right, rel_tol=1e-6):
            return "They differ in sign alone: one was turned. Spend is positive, a deficit is negative."
    return "Find which of the two changed since the figures were last agreed."


def describe(reference: Reference) -> str:
    """Where a figure is, in words."""
    where = ", ".join(f"{name} {value}" for name, value in (reference.where or {}).items())
    row = reference.row or where or "sum of all rows"
    name = reference.table or reference.source or f"last return's {reference.last}"
    return f"{name} ({row}, {reference.column})"


def _figure(
    reference: Reference, built: BuiltReturn, sources: Mapping[str, pd.DataFrame], last: Mapping[str, Any] | None
) -> float | None:
    finders: dict[str, Callable[[], float | None]] = {
        "table": lambda: _of_table(built.tables.get(str(reference.table)), reference),
        "source": lambda: _of_source(sources.get(str(reference.source)), reference),
        "last": lambda: _of_last(last, reference),
    }
    return next(find() for name, find in finders.items() if getattr(reference, name) is not None)


def _of_table(table: BuiltTable | None, reference: Reference) -> float | None:
    if table is None:
        return None
    position = table.position(reference.column)
    if position is None:
        return None
    if reference.row is not None:
        row = table.row(reference.row)
        return _float(row.cells[position]) if row is not None else None
    return math.fsum(
        value for row in table.rows if row.kind == "row" and (value := _float(row.cells[position])) is not None
    )


def _of_source(frame: pd.DataFrame | None, reference: Reference) -> float | None:
    if frame is None or reference.column not in frame.columns:
        return None
    chosen = pick(frame, reference.where or {})[reference.column].dropna()
    return math.fsum(float(value) for value in chosen) if len(chosen) else None


def _of_last(last: Mapping[str, Any] | None, reference: Reference) -> float | None:
    table = (last or {}).get("tables", {}).get(reference.last)
    if table is None:
        return None
    keys = [column["key"] for column in table["columns"]]
    if reference.column not in keys:
        return None
    position = keys.index(reference.column)
    rows = table["rows"]
    if reference.row is not None:
        return next((_float(row["cells"][position]) for row in rows if row["key"] == reference.row), None)
    values = [_float(row["cells"][position]) for row in rows if row["kind"] == "row"]
    return math.fsum(value for value in values if value is not None)


def _float(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
