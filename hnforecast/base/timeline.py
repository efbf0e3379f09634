"""The clock: months, and the financial years, academic years, quarters and January counts that fall on them.

A month is an absolute number, 12 x year + (month - 1), so that adding one is the next month. Every conversion
between the calendars is here; no other module knows that April starts a financial year.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

Month = int

_MONTH = re.compile(r"^(\d{4})-(\d{2})$")
_YEAR = re.compile(r"^(?:FY|AY)?\s*(\d{4}|\d{2})\s*[-/]\s*(\d{4}|\d{2})$", re.IGNORECASE)


def month(year: int, month_of_year: int) -> Month:
    """The absolute number of a month; month_of_year 1 is January."""
    return 12 * year + month_of_year - 1


def calendar(absolute: Month) -> tuple[int, int]:
    """Year and month of year (1..12) of an absolute month."""
    return absolute // 12, absolute % 12 + 1


def parse_month(text: str) -> Month:
    """Read a month written as 2026-09.

    Raises:
        ValueError: anything else.
    """
    found = _MONTH.match(text.strip())
    if not found or not 1 <= int(found[2]) <= 12:
        raise ValueError(f"{text!r} is not a month such as 2026-09")
    return month(int(found[1]), int(found[2]))


def show_month(absolute: Month) -> str:
    """A month as 2026-09."""
    year, month_of_year = calendar(absolute)
    return f"{year:04d}-{month_of_year:02d}"


def parse_year(text: str) -> int:
    """First calendar year of a financial or academic year written 2025-26, 2025/26, 25/26 or FY2025-26.

    Raises:
        ValueError: not such a year, or its two parts are not consecutive (2025-27).
    """
    found = _YEAR.match(str(text).strip())
    if not found:
        raise ValueError(f"{text!r} is not a year such as 2025-26")
    first = int(found[1]) if len(found[1]) == 4 else 2000 + int(found[1])
    second = int(found[2]) if len(found[2]) == 4 else 100 * (first // 100) + int(found[2])
    if second < first and len(found[2]) == 2:
        second += 100
    if second != first + 1:
        raise ValueError(f"{text!r}: {found[2]} does not follow {found[1]}; a year is written 2025-26")
    return first


def show_year(first: int) -> str:
    """A financial or academic year as 2025-26."""
    return f"{first}-{(first + 1) % 100:02d}"


def financial_year(absolute: Month) -> int:
    """First calendar year of the financial year (April to March) that holds a month."""
    year, month_of_year = calendar(absolute)
    return year if month_of_year >= 4 else year - 1


def academic_year(absolute: Month) -> int:
    """First calendar year of the academic year (September to August) that holds a month."""
    year, month_of_year = calendar(absolute)
    return year if month_of_year >= 9 else year - 1


def month_of_academic_year(absolute: Month) -> int:
    """0 for September, 4 for January, 7 for April, 11 for August."""
    return (absolute - 8) % 12


def months_of_financial_year(first: int) -> range:
    """The twelve months April to March."""
    return range(month(first, 4), month(first + 1, 4))


def months_of_academic_year(first: int) -> range:
    """The twelve months September to August."""
    return range(month(first, 9), month(first + 1, 9))


def quarter(absolute: Month) -> int:
    """1 for April to June ... 4 for January to March."""
    return ((calendar(absolute)[1] - 4) % 12) // 3 + 1


def census(year: int) -> Month:
    """The month whose end is the SEN2 January count of a year."""
    return month(year, 1)


def census_window(year: int) -> range:
    """The twelve months, February to January, whose flows lie between two January counts."""
    return range(month(year - 1, 2), month(year, 2))


def positions(months: Iterable[Month], wanted: Iterable[Month]) -> list[int]:
    """Where the wanted months lie along a time axis.

    Raises:
        KeyError: a wanted month is not simulated.
    """
    index = {absolute: position for position, absolute in enumerate(months)}
    return [index[absolute] for absolute in wanted]


def near_period(text: str, kind: str = "Q", last: int = 4) -> str:
    """A question that offers the period nearest to what was typed; empty where none is near.

    Args:
        text: as typed, such as 2025/26 Q7.
        kind: letter of the periods; last: how many a year has.
    """
    import difflib

    known = [f"{show_year(year)}-{kind}{number}" for year in range(2010, 2050) for number in range(1, last + 1)]
    near = difflib.get_close_matches(text.strip().upper().replace("/", "-").replace(" ", "-"), known, n=1, cutoff=0.8)
    return f"Did you mean {near[0]!r}?" if near else ""
