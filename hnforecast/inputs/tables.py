"""Turns a CSV file or a sheet into a typed table, or says everything that is wrong with it.

Headers exact but for case and surrounding space, whole rows, typed cells, each key once, no totals, no personal data.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import pandas

from hnforecast.base.errors import InputError, Place, Problems, show_path
from hnforecast.inputs.columns import Column, Rules, Sheet, Value, blank
from hnforecast.inputs.csvfile import TextRows, read_bytes, rows_of
from hnforecast.inputs.fields import SHOWN, Field, as_array, look_for_persons, personal_header, read_field


def read_table(
    path: Path,
    columns: Sequence[Column],
    *,
    root: Path,
    key: Sequence[str] = (),
    allow_extra: bool = False,
    allow_totals: bool = False,
    notices: Problems | None = None,
) -> pandas.DataFrame:
    """Read a CSV file strictly: values equal to those written, or an error.

    Args:
        path: the file.
        columns: what each column holds; the file may order them otherwise.
        root: the project folder, for the file's name in messages.
        key: columns that together identify a row.
        allow_extra: leave out columns not listed, with a notice, instead of refusing them.
        allow_totals: rows named "Total" are a published category.
        notices: takes what was forgiven (an encoding, a published marker, an extra column).

    Returns:
        One column per `columns`, in that order: text as str ("" where blank), whole and year as int64 (float64 with NaN
        where not required), number, money, share and percent as float64, flag as bool, date as datetime64.

    Raises:
        InputError: every problem of the file, each with line and column.
    """
    file = show_path(path, root)
    problems = Problems(InputError)
    raw = read_bytes(path, file, problems)
    problems.raise_any()
    if raw is None:  # read_bytes always says why
        raise InputError
    return table_of(raw, file, Rules(columns, key, allow_extra, allow_totals), notices)[0]


def table_of(
    raw: bytes, file: str, rules: Rules, notices: Problems | None = None
) -> tuple[pandas.DataFrame, Sequence[int]]:
    """As `read_table`, of bytes that are read already; with the line of the file each row stands on.

    Args:
        raw: content of the file.
        file: its name in messages.
        rules: what the table must be.
        notices: takes what was forgiven.

    Raises:
        InputError: every problem of the file, each with line and column.
    """
    problems, noted = Problems(InputError), Problems(InputError)
    text = rows_of(raw, file, [column.name for column in rules.columns], problems, noted)
    if rules.as_kept and text is not None:
        _refuse_forgiven(raw, text, file, noted, problems)
    problems.raise_any()
    if text is None:  # rows_of always says why
        raise InputError

    def place(row: int, position: int | None, name: str) -> Place:
        return Place(file=file, line=text.lines[row + 1], column=None if position is None else position + 1, path=name)

    sheet = Sheet(text.rows[0], text.rows[1:], place, all_text=True, comma_ambiguous=text.delimiter == ";")
    frame = build_table(sheet, rules, problems, noted)
    if problems:
        raise InputError(*sorted(problems, key=lambda problem: (problem.place.line or 0, problem.place.column or 0)))
    if notices is not None:
        notices.extend(noted)
    return frame, text.lines[1 : 1 + len(frame)]


def _refuse_forgiven(raw: bytes, text: TextRows, file: str, noted: Problems, problems: Problems) -> None:
    """Faults, in a file kept in one form, of what is forgiven in a file somebody has just saved from a spreadsheet."""
    for notice in noted:
        try:
            raw.decode("utf-8-sig")
            line = 1
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
        what = f"{notice.what}, as it must be here"
        problems.add("HN203", what, Place(file=file, line=line), do="Save it as CSV UTF-8.")
    if text.delimiter != ",":
        found = "tabs" if text.delimiter == "\t" else f"{text.delimiter!r}"
        do = "Save it as CSV UTF-8, with commas between the columns."
        problems.add("HN202", "The columns are not parted by commas", Place(file=file, line=1), found=found, do=do)


def build_table(sheet: Sheet, rules: Rules, problems: Problems, notices: Problems) -> pandas.DataFrame:
    """Type the cells of a sheet; faults go to `problems`, and the frame is whole only where there are none."""
    where = _match_header(sheet, rules, problems, notices)
    rows = _whole_rows(sheet, problems)
    if not rows and not problems:
        problems.add("HN204", "No rows below the header", sheet.place(-1, None, ""), expected="at least one row")
    turned = list(zip(*(row for _, row in rows), strict=True))
    numbers = [number for number, _ in rows]
    typed: dict[str, list[Value | None]] = {}
    for column in rules.columns:
        position = where.get(column.name)
        if position is None or not rows:
            typed[column.name] = [None] * len(rows)
        else:
            totals = not rules.allow_totals and (column.kind != "text" or column.name in rules.key)
            field = Field(column, turned[position], numbers, position, totals, rules.as_kept)
            typed[column.name] = read_field(sheet, field, problems, notices)
    look_for_persons(sheet, turned, set(where.values()), problems)
    if not problems:
        _check_keys(sheet, typed, rules.key, problems)
    if problems:
        return pandas.DataFrame()
    return pandas.DataFrame({column.name: as_array(typed[column.name], column) for column in rules.columns})


def _match_header(sheet: Sheet, rules: Rules, problems: Problems, notices: Problems) -> dict[str, int]:
    names = {column.name.casefold(): column.name for column in rules.columns}
    where: dict[str, int] = {}
    extra: list[tuple[int, str]] = []
    for position, cell in enumerate(sheet.header):
        if blank(cell):
            if any(position < len(row) and not blank(row[position]) for row in sheet.rows):
                problems.add(
                    "HN207", "A column without a header", sheet.place(-1, position, ""), expected="a name above it"
                )
            continue
        header = str(cell).strip()
        name = names.get(header.casefold())
        if name is None:
            extra.append((position, header))
        elif name in where:
            problems.add("HN206", "Two columns have the same header", sheet.place(-1, position, ""), found=header)
        else:
            where[name] = position
    missing = [column.name for column in rules.columns if column.name not in where and not column.may_be_absent]
    for position, header in extra:
        if personal_header(header):
            do = "Only counts belong here: leave the column out before giving the file to the program."
            problems.add("HN301", "A column of personal data", sheet.place(-1, position, ""), found=header, do=do)
        elif not rules.allow_extra or get_close_matches(header.casefold(), missing, n=1, cutoff=0.8):
            close = get_close_matches(header.casefold(), missing or list(names.values()), n=1, cutoff=0.6)
            do = f"Did you mean {close[0]!r}?" if close else "Remove the column, or check that this is the right file."
            problems.add("HN208", "A column that is not expected", sheet.place(-1, position, ""), found=header, do=do)
        else:
            notices.add("HN208", "A column that is not used", sheet.place(-1, position, ""), found=header)
    if missing:
        found = ", ".join(str(cell).strip() for cell in sheet.header if not blank(cell)) or "a blank row"
        problems.add(
            "HN207", f"Missing column {', '.join(missing)}", sheet.place(-1, None, ""), found=found[:300],
            expected=", ".join(column.name for column in rules.columns if not column.may_be_absent),
        )  # fmt: skip
    return where


def _whole_rows(sheet: Sheet, problems: Problems) -> list[tuple[int, Sequence[object]]]:
    """The rows as long as the header, with their numbers; the others are problems. A blank tail is dropped."""
    width = len(sheet.header)
    last = len(sheet.rows)
    while last and all(blank(cell) for cell in sheet.rows[last - 1]):
        last -= 1
    whole: list[tuple[int, Sequence[object]]] = []
    for number, row in enumerate(sheet.rows[:last]):
        if len(row) == width and not blank(row[0]):
            whole.append((number, row))
            continue
        if len(row) > width and all(blank(cell) for cell in row[width:]):
            row = row[:width]
        if all(blank(cell) for cell in row):
            do = "Delete it, or move what stands below the table to another sheet or file."
            problems.add("HN210", "A blank row inside the table", sheet.place(number, None, ""), do=do)
        elif len(row) != width:
            beside = "A value that holds a comma needs quotation marks around it."
            beside = beside if sheet.all_text else "Move what stands beside the table to another sheet."
            do = beside if len(row) > width else ""
            problems.add(
                "HN209", "The row is not as long as the header", sheet.place(number, None, ""),
                found=f"{len(row)} value{'s' if len(row) != 1 else ''}", expected=f"{width} values", do=do,
            )  # fmt: skip
        else:
            whole.append((number, row))
    return whole


def _check_keys(sheet: Sheet, typed: dict[str, list[Value | None]], key: Sequence[str], problems: Problems) -> None:
    identities = list(zip(*(typed[name] for name in key), strict=True))
    if len(set(identities)) == len(identities):
        return
    # Every row was read (there are no problems yet), so positions here are rows of the sheet.
    first: dict[tuple[Value | None, ...], int] = {}
    twice = 0
    for row, identity in enumerate(identities):
        if identity in first:
            twice += 1
            if twice > SHOWN:
                continue
            shown = ", ".join(f"{name} {value}" for name, value in zip(key, identity, strict=True))
            other = sheet.place(first[identity], None, "")
            expected = f"each once; it is also on {other.cell or f'line {other.line}'}"
            problems.add("HN212", "The same row twice", sheet.place(row, None, ""), found=shown, expected=expected)
        first.setdefault(identity, row)
    if twice > SHOWN:
        do = "The file may have been added to itself: put back the one that was published."
        problems.add("HN212", f"{twice - SHOWN} more rows stand twice", sheet.place(-1, None, ""), do=do)
