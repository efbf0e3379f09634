"""Types the cells of one column, remembers each distinct cell, and withholds what looks like a person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy
import pandas
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from hnforecast.base.errors import Problems
from hnforecast.inputs.cells import MARKERS, parse_cell, plain_number
from hnforecast.inputs.columns import CellError, Column, PercentNumber, Sheet, Value, blank

# Canaries for personal data.

_UPN = re.compile(r"\b[A-Z]\d{11}[0-9A-Z]\b", re.IGNORECASE | re.ASCII)
_NATIONAL_INSURANCE = re.compile(
    r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", re.IGNORECASE | re.ASCII
)
_NHS = re.compile(r"\b(\d{3})[ -]?(\d{3})[ -]?(\d{4})\b", re.ASCII)
_DATE = re.compile(r"(?:(\d{4})[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))(?:[ T]00:00(?::00)?)?")
_SECTION_251_LINE = re.compile(r"[12]\.\d{1,2}\.\d{1,2}")  # 1.2.13 is a line of the return, not a birthday
_EARLIEST = 1990

_HEADERS = frozenset(
    {
        "name", "firstname", "lastname", "fullname", "personname", "studentname", "parentname", "carername", "knownas",
        "initials", "dob", "birthday", "upn", "uln", "upnnumber", "uniquepupilnumber", "upnunknown", "nino", "ninumber",
        "nhsno", "postcode", "homepostcode", "address", "homeaddress", "email", "emailaddress", "telephone", "phone",
        "phonenumber", "mobile",
    }
)  # fmt: skip
_HEADER_PARTS = (
    "surname", "forename", "dateofbirth", "birthdate", "pupilname", "childname", "childsname",
    "nhsnumber", "nationalinsurance", "uniquelearner",
)  # fmt: skip


def personal_header(header: str) -> bool:
    """Whether a header names a person or their identifiers, as the person-level return's do."""
    plain = re.sub(r"[^a-z]", "", header.casefold())
    return plain in _HEADERS or any(part in plain for part in _HEADER_PARTS)


def personal_value(text: str) -> str:
    """What kind of personal data a text holds: "UPN", "National Insurance number", "NHS number", "date of birth".

    Returns:
        An empty string where it holds none. NHS numbers count only with a right check digit; a date counts only
        where it is the whole text and late enough for a person whose plan is still open.
    """
    if not any(character.isdigit() for character in text):
        return ""
    if _UPN.search(text):
        return "UPN"
    if _NATIONAL_INSURANCE.search(text):
        return "National Insurance number"
    if any(_is_nhs_number("".join(found.groups())) for found in _NHS.finditer(text)):
        return "NHS number"
    found = _DATE.fullmatch(text.strip())
    if found and not _SECTION_251_LINE.fullmatch(text.strip()):
        year = int(found[1] or found[2])
        year += 2000 if year < 100 else 0
        if year >= _EARLIEST:
            return "date of birth"
    return ""


def _is_nhs_number(digits: str) -> bool:
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return digits != "0000000000" and check % 11 == int(digits[9])


SHOWN = 20
TOTALS = frozenset({"total", "totals", "grand total", "sub total", "subtotal", "sum"})
NUMERIC = frozenset({"whole", "number", "money", "share", "percent"})


@dataclass
class Field:
    """The cells of one column of a sheet and where they stand.

    Attributes:
        column: what they should hold.
        cells: one per row that is read.
        rows: the sheet's row of each cell.
        position: the sheet's column.
        refuse_totals: "Total" is no value here.
        as_kept: numbers are plain, and blank where not published.
    """

    column: Column
    cells: Sequence[object]
    rows: Sequence[int]
    position: int
    refuse_totals: bool
    as_kept: bool = False

    def __post_init__(self) -> None:
        self.numeric = self.column.kind in NUMERIC or self.column.kind == "year"
        self.whole = self.column.kind in ("whole", "year")
        self.low, self.high = self.column.bounds


def read_field(sheet: Sheet, field: Field, problems: Problems, notices: Problems) -> list[Value | None]:
    """One value per cell, None where blank; each distinct cell is read once, and every fault is given its place."""
    # True == 1 == 1.0 as dictionary keys, so cells that are not text carry their type.
    keys: Sequence[Any] = field.cells if sheet.all_text else [(type(cell), cell) for cell in field.cells]
    cells = dict(zip(keys, field.cells, strict=True))
    read = {key: _read_plain(cell, field, sheet) for key, cell in cells.items()}
    wrong = {key: fault for key, fault in read.items() if isinstance(fault, CellError)}
    if wrong:
        _report(sheet, field, [(row, wrong[key]) for row, key in enumerate(keys) if key in wrong], problems)
    marked = {key: str(cells[key]).strip() for key, value in read.items() if value is None and not blank(cells[key])}
    if marked:
        count = sum(key in marked for key in keys)
        shown = ", ".join(sorted(set(marked.values())))
        what = f"{count} published marker{'s' if count > 1 else ''} ({shown}) read as not available"
        notices.add("HN227", what, sheet.place(-1, field.position, field.column.name))
    values = {key: None if isinstance(value, CellError) else value for key, value in read.items()}
    return list(map(values.__getitem__, keys))


def _read_plain(cell: object, field: Field, sheet: Sheet) -> Value | CellError | None:
    if sheet.all_text and field.numeric:
        value = plain_number(str(cell), field.whole)
        if value is not None and field.low <= value <= field.high:
            return value
    return _read_cell(cell, field, sheet.comma_ambiguous)


def _report(sheet: Sheet, field: Field, faults: list[tuple[int, CellError]], problems: Problems) -> None:
    for row, fault in faults[:SHOWN]:
        cell = field.cells[row]
        place = sheet.place(field.rows[row], field.position, field.column.name)
        found = "" if blank(cell) or isinstance(cell, CellError) or _withheld(str(cell), field.column) else _shown(cell)
        problems.add(fault.code, fault.what, place, found=found, expected=fault.expected, do=fault.do)
    if len(faults) > SHOWN:
        row, fault = faults[SHOWN]
        what = f"{len(faults) - SHOWN} more cells of this column cannot be read"
        problems.add(fault.code, what, sheet.place(field.rows[row], field.position, field.column.name))


def _withheld(text: str, column: Column) -> bool:
    person = personal_value(text)
    return bool(person) and not (person == "date of birth" and column.kind in ("date", "month", "period"))


def _shown(cell: object) -> str:
    if isinstance(cell, PercentNumber):
        return f"{cell.value:.10g} shown as a percentage"
    return repr(cell)[:120] if isinstance(cell, str) else str(cell)


def _read_cell(cell: object, field: Field, comma_ambiguous: bool) -> Value | CellError | None:
    column = field.column
    if blank(cell):
        return CellError("HN213", "An empty cell where a value is needed", "a value") if column.required else None
    if isinstance(cell, CellError):
        return cell
    if isinstance(cell, str):
        word = cell.strip().casefold()
        if column.kind in NUMERIC and not column.required and word in MARKERS:
            if not field.as_kept:
                return None
            do = "Leave the cell blank where nothing was published."
            return CellError("HN227", "A published marker where a number or a blank belongs", "a number, or blank", do)
        if field.as_kept and field.numeric and "," in word:
            do = f"Write {word.replace(',', '')}, without thousands separators."
            return CellError("HN214", "A number with commas in it", "a plain number", do)
        if field.refuse_totals and word in TOTALS and cell.strip() not in column.choices:
            do = "Delete the row: totals are worked out here, and would count everything twice."
            return CellError("HN211", "A total among the rows", "single rows only", do)
    try:
        value = parse_cell(cell, column, comma_ambiguous=comma_ambiguous)
    except CellError as error:
        # Only what failed can be a person in a column of numbers: a sum of ten digits may pass the NHS check.
        return (_person(cell, column) if isinstance(cell, str) else None) or error
    return (_person(value, column) if isinstance(value, str) else None) or value


def _person(text: str, column: Column) -> CellError | None:
    person = "" if column.kind in ("date", "period") else personal_value(text)
    if not person or (person == "NHS number" and column.kind in NUMERIC):
        return None
    code = {"UPN": "HN302", "National Insurance number": "HN303", "NHS number": "HN304"}.get(person, "HN305")
    do = "The value is not shown. Only counts belong here: remove it before giving the file to the program."
    return CellError(
        code, f"This looks like {'an' if person == 'NHS number' else 'a'} {person}", "no personal data", do
    )


def look_for_persons(sheet: Sheet, columns: Sequence[Sequence[object]], read: set[int], problems: Problems) -> None:
    """Personal data in columns that are left out is refused too: it should not be in the folder at all."""
    for position, cells in enumerate(columns):
        if position in read:
            continue
        for person in sorted({personal_value(cell) for cell in set(cells) if isinstance(cell, str)}):
            if person in ("UPN", "National Insurance number"):
                do = "The value is not shown. Remove the column before giving the file to the program."
                problems.add("HN306", f"This column holds a {person}", sheet.place(-1, position, ""), do=do)


def as_array(values: list[Value | None], column: Column) -> ExtensionArray | NDArray[Any]:
    """The values as the array their kind is kept in; see `read_table`."""
    if column.kind in ("text", "code", "authority", "financial_year", "month", "period"):
        return pandas.Series(["" if value is None else str(value) for value in values], dtype="str").array
    if column.kind == "date":
        days = [value.isoformat() if isinstance(value, date) else "NaT" for value in values]
        return numpy.array(days, dtype="datetime64[s]")
    if column.kind == "flag":
        return numpy.array([bool(value) for value in values])
    if column.kind in ("whole", "year") and column.required and not column.may_be_absent:
        return numpy.array(values, dtype=numpy.int64)
    return numpy.array([numpy.nan if value is None else value for value in values], dtype=numpy.float64)
