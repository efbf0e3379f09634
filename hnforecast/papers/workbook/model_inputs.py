"""The Inputs sheet: every number the model in this workbook is worked out from, to be changed by hand.

A cell in blue on yellow is an input. A year after the last one stated holds that year's value by a formula, as the
program does, until it is typed over. The sheet Inputs as run is the same, as it was when the run was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hnforecast.assumptions import Sourced
from hnforecast.base.timeline import show_year
from hnforecast.papers.workbook.content import AS_RUN, BEFORE, FIRST_YEAR, INPUTS, NOT_APPLICABLE, Content
from hnforecast.writing.xlsx.book import FIRST_TABLE_ROW, Sheet, local
from hnforecast.writing.xlsx.numbers import NumberFormat, format_of_unit

CHANGED = "inputs_changed"
UNITS = {
    "gbp_per_plan_year": "£ a plan and year", "gbp_per_place_year": "£ a place and year", "gbp_year": "£ a year",
    "gbp": "£", "share": "share", "share_per_year": "growth on the year before", "places": "places", "plans": "plans",
    "gbp_per_child_year": "£ a child and year",
}  # fmt: skip


@dataclass(frozen=True)
class InputRow:
    """One row of inputs.

    Args:
        key: how formulas find it.
        group: what it belongs to.
        label: what it is.
        basis: unit, status and mark, in words.
        path: the assumption it comes from; for overrides of a run by the same name.
        number: how it is shown.
        value: where it holds for every year, or the year before the first; None where there is none.
        years: by year of the ruler; None where there is none.
        held: positions of years that follow the cell before them.
        absent: what stands where there is no number.
    """

    key: str
    group: str
    label: str
    basis: str
    path: str
    number: NumberFormat
    value: float | None = None
    years: tuple[float | None, ...] = ()
    held: frozenset[int] = frozenset()
    absent: str = NOT_APPLICABLE


def single(key: str, group: str, label: str, sourced: Sourced, *, note: str = "") -> InputRow:
    """A value that is the same in every year."""
    number = format_of_unit(sourced.unit)
    return InputRow(key, group, label, _basis(sourced, note), sourced.path, number, float(sourced.at(0)))


def yearly(
    key: str,
    group: str,
    label: str,
    sourced: Sourced,
    periods: Sequence[int],
    *,
    default: float = 0.0,
    hold: bool = True,
    before: int | None = None,
    note: str = "",
) -> InputRow:
    """A value by year.

    Args:
        periods: the year, month or count the value of each column is for.
        default: where nothing is known.
        hold: the last earlier value holds until the next.
        before: the period of the column before the first year; None for no value there.
    """
    values = [float(sourced.at(period, default, hold=hold)) for period in periods]
    known = sorted(sourced.by) if sourced.by is not None else []
    all_periods = [*([before] if before is not None else []), *periods]
    first = len(all_periods) - len(periods)
    held = frozenset(
        i + 1 - first
        for i, (earlier, later) in enumerate(pairwise(all_periods))
        if hold and not any(earlier < key <= later for key in known) and (not known or known[0] <= later)
    )
    value = None if before is None else float(sourced.at(before, default, hold=hold))
    number = format_of_unit(sourced.unit)
    return InputRow(key, group, label, _basis(sourced, note), sourced.path, number, value, tuple(values), held)


def cost_row(key: str, group: str, label: str, cost: Sourced, years: Sequence[int]) -> InputRow:
    """A cost written by year, or once with the year of its prices."""
    if cost.by is not None:
        return yearly(key, group, label, cost, years, hold=False)
    return single(key, group, label, cost, note=price_note(cost))


def price_note(price: Sourced) -> str:
    """In which year's prices a value is, and when it steps."""
    if price.uprate_by is None:
        return "does not grow"
    base = show_year(price.price_base) if price.price_base is not None else "the first year"
    return f"prices of {base}, steps each {'September' if price.uplift_month == 9 else 'April'} by {price.uprate_by}"


def _basis(sourced: Sourced, note: str) -> str:
    return "; ".join(filter(None, (UNITS.get(sourced.unit, sourced.unit), note, sourced.status, sourced.mark)))


def write_inputs(content: Content, sheet: Sheet, rows: Iterable[InputRow]) -> None:
    """Write the inputs, and remember where each stands."""
    gathered = tuple(rows)
    row = _write(content, sheet, gathered, "input", "inputs")
    named: set[str] = set()
    for r, item in enumerate(gathered, start=FIRST_TABLE_ROW + 1):
        content.place(INPUTS, "", item.key, r)
        if item.value is not None and item.years == () and _name(item.key) not in named:
            named.add(_name(item.key))  # a name given twice is a broken file
            sheet.book.define_name(_name(item.key), sheet.cell(r, BEFORE, fixed=True))
        if item.key.startswith("switch."):
            sheet.allow_shares(r, BEFORE)
    as_run = content.sheets[AS_RUN]
    _write(content, as_run, gathered, "calculated", "inputs_as_run")
    last = FIRST_YEAR + len(content.years) - 1
    here, there = (s.fixed_span((FIRST_TABLE_ROW + 1, BEFORE), (row - 1, last)) for s in (sheet, as_run))
    as_run.text(2, 0, "Cells that differ from the run", "label")
    as_run.formula(2, 1, f"=SUMPRODUCT(--({here}<>{there}))", 0, role="total")
    as_run.book.define_name(CHANGED, as_run.cell(2, 1, fixed=True))


def _write(content: Content, sheet: Sheet, rows: Sequence[InputRow], role: str, name: str) -> int:
    header = FIRST_TABLE_ROW
    row = header + 1
    for item in rows:
        for column, text in enumerate((item.group, item.label, item.basis)):
            sheet.text(row, column, text, "wrapped")
        _number(sheet, row, BEFORE, item.value, item, role)
        for f, column in content.year_columns():
            value = item.years[f] if item.years else None
            if f in item.held and value is not None and role == "input":
                sheet.formula(row, column, f"={local(row, column - 1)}", value, item.number)
            else:
                _number(sheet, row, column, value, item, role)
        sheet.text(row, FIRST_YEAR + len(content.years), item.path or NOT_APPLICABLE, "wrapped")
        row += 1
    headers = [
        "Group", "Input", "Unit and basis", "Value, or year before the first",
        *content.year_headers(), "Assumption",
    ]  # fmt: skip
    right = {"right_from": BEFORE, "right_to": FIRST_YEAR + len(content.years)}
    sheet.table(header, headers, len(rows), name, filtered=True, blocks=True, **right)
    for column, width in {0: 22, 1: 42, 2: 34, FIRST_YEAR + len(content.years): 40}.items():
        sheet.set_width(column, width)
    sheet.freeze(header + 1, FIRST_YEAR)
    return row


def _number(sheet: Sheet, row: int, column: int, value: float | None, item: InputRow, role: str) -> None:
    if value is None:
        sheet.text(row, column, item.absent, align="right")
    else:
        sheet.number(row, column, value, item.number, role)


def _name(key: str) -> str:
    """A name a spreadsheet takes, from a key."""
    return "in_" + "".join(letter if letter.isalnum() else "_" for letter in key)
