"""What a cell can turn out to be: a value, a number shown as a percentage, or a fault in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

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
