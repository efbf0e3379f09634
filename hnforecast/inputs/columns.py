"""What a column of an input holds: its kind, whether a cell may be blank, its plausible bounds, its codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

from hnforecast.base.errors import Place

Kind = Literal[
    "text", "code", "authority", "whole", "number", "money", "share", "percent",
    "year", "financial_year", "month", "date", "period", "flag",
]  # fmt: skip

# Outside these a figure is a slip (pence for pounds, a percentage for a share), whatever the column.
BOUNDS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "whole": (0, 1e9),
        "number": (-1e15, 1e15),
        "money": (-1e12, 1e12),
        "share": (0, 1),
        "percent": (-100, 1000),
        "year": (1990, 2100),
    }
)


@dataclass(frozen=True)
class Column:
    """One column of an input table.

    Args:
        name: header, snake_case; case and surrounding space are forgiven in the file.
        kind: text, code (an identifier, always text), authority (the DfE's three
            digits, text), whole, number, money (GBP), share (0 to 1; 5% is read as 0.05),
            percent (5 and 5% are both 5), year, financial_year (2025-26), month (2025-04), date (2025-04-01),
            period (any of the last four, or two joined by " to "), flag (yes or no).
        required: no cell may be blank. Blank cells of other columns become "", NaN or NaT.
        low: least value allowed; the kind's plausible bound where None.
        high: greatest value allowed; the kind's plausible bound where None.
        choices: the codes allowed; empty for any.
        may_be_absent: the whole column may be missing from the file; it is then filled as if blank.
    """

    name: str
    kind: Kind = "text"
    required: bool = True
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    may_be_absent: bool = False

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest value allowed."""
        low, high = BOUNDS.get(self.kind, (float("-inf"), float("inf")))
        return (low if self.low is None else self.low, high if self.high is None else self.high)


# What a cell can turn out to be.

Value = str | int | float | bool | date

_MONTH_NAME = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
MANGLED_DATE = re.compile(rf"(?:\d{{1,2}}-{_MONTH_NAME}|{_MONTH_NAME}-\d{{1,4}})(?:-\d{{2,4}})?", re.IGNORECASE)


class CellError(Exception):
    """Why a cell is not what its column holds; without file or place, which the table adds."""

    def __init__(self, code: str, what: str, expected: str = "", do: str = "") -> None:
        super().__init__(what)
        self.code, self.what, self.expected, self.do = code, what, expected, do


@dataclass(frozen=True)
class PercentNumber:
    """A number from a cell that is formatted as a percentage: 0.05 shown as 5%."""

    value: float


def example(kind: str) -> str:
    """What a cell of a kind looks like, for messages."""
    return {
        "authority": "the DfE's three digits, such as 886",
        "whole": "a whole number such as 42 or 1,042",
        "number": "a number such as 1234.5",
        "money": "pounds such as 1,234.50, £1,234 or (1,234)",
        "share": "a share such as 0.06, or 6%",
        "percent": "a percentage such as 6 or 6%",
        "year": "a year such as 2025",
        "financial_year": "a financial year such as 2025-26",
        "month": "a month such as 2025-04",
        "date": "a date such as 2025-04-01",
        "period": "2025, 2025-26, 2025-04 or 2025-04-01, or two of them joined by ' to '",
    }[kind]


# A rectangle of cells and the rules a table must keep, the same for CSV files and workbook sheets.


@dataclass(frozen=True)
class Sheet:
    """A rectangle of cells and where each stands.

    Attributes:
        header: header cells as written.
        rows: cells below it, ragged as found; text, or typed values of a workbook. None and "" are blank.
        place: place of row r (-1 for the header), column c (None for the whole row), named as `path`.
        all_text: every cell is text, as in a CSV file.
        comma_ambiguous: a comma in a number may be a decimal comma.
    """

    header: Sequence[object]
    rows: Sequence[Sequence[object]]
    place: Callable[[int, int | None, str], Place]
    all_text: bool = False
    comma_ambiguous: bool = False


@dataclass(frozen=True)
class Rules:
    """What a table must be: its columns, its key, and what it may hold besides.

    Attributes:
        columns: the columns, in the order wanted.
        key: names of the columns that identify a row; empty where rows may repeat.
        allow_extra: columns not listed are left out with a notice, not refused.
        allow_totals: "Total" is a published category here.
        as_kept: the file is kept here in one form (UTF-8, commas, plain numbers, blank for what was not published), so
            another form is a fault and not another program's habit.
    """

    columns: Sequence[Column]
    key: Sequence[str] = ()
    allow_extra: bool = False
    allow_totals: bool = False
    as_kept: bool = False


def blank(cell: object) -> bool:
    """Whether a cell holds nothing but space."""
    return cell is None or (isinstance(cell, str) and not cell.strip())
