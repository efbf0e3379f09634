"""The period of a return: a quarter of a financial year, or one of three reports a year, and the one before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hnforecast.base.errors import Problem, UsageError
from hnforecast.base.timeline import near_period, parse_year, show_year

Kind = Literal["Q", "T"]
PER_YEAR = {"Q": 4, "T": 3}
_PERIOD = re.compile(r"^(?P<year>.+?)[-\s]*(?P<kind>[QT])(?P<number>\d+)$", re.IGNORECASE)


@dataclass(frozen=True)
class Period:
    """One return's period.

    Args:
        year: first calendar year of the financial year.
        kind: "Q" for a quarter, "T" for one of three reports a year.
        number: from 1.
    """

    year: int
    kind: Kind
    number: int

    def __str__(self) -> str:
        return f"{show_year(self.year)}-{self.kind}{self.number}"

    @property
    def before(self) -> Period:
        """The period of the return before this one."""
        if self.number > 1:
            return Period(self.year, self.kind, self.number - 1)
        return Period(self.year - 1, self.kind, PER_YEAR[self.kind])

    @property
    def ordinal(self) -> int:
        """A number that grows by one from period to period of the same kind."""
        return self.year * PER_YEAR[self.kind] + self.number - 1


def parse_period(text: str, kind: Kind = "Q") -> Period:
    """Read a period such as 2025-26-Q2 or 2025-26-T1.

    Args:
        text: as typed.
        kind: what the form takes.

    Raises:
        UsageError: not such a period, or of the wrong kind for the form.
    """
    last = PER_YEAR[kind]
    expected = f"a period such as 2025-26-{kind}1, up to {kind}{last}"
    near = near_period(text, kind, last)
    found = _PERIOD.match(text.strip())
    if not found:
        what = "The period of a return is not understood"
        raise UsageError(Problem("HN701", what, found=repr(text), expected=expected, do=near))
    try:
        year = parse_year(found["year"])
    except ValueError as error:
        raise UsageError(Problem("HN701", str(error), found=repr(text), expected=expected)) from None
    if found["kind"].upper() != kind:
        what = "The form takes quarters" if kind == "Q" else "The form takes three reports a year"
        raise UsageError(Problem("HN701", what, found=repr(text), expected=expected))
    number = int(found["number"])
    if not 1 <= number <= last:
        what = "There is no such period in a year"
        raise UsageError(Problem("HN701", what, found=repr(text), expected=expected, do=near))
    return Period(year, kind, number)


def monitored_quarter(period: Period, quarters: Sequence[str]) -> Period:
    """The quarter whose actuals a return rests on.

    Args:
        period: of the return.
        quarters: for three reports a year, in order: "Q1", or "-Q4" for the last quarter of the year before.
    """
    if period.kind == "Q":
        return period
    name = quarters[period.number - 1]
    return Period(period.year - name.startswith("-"), "Q", int(name[-1]))
