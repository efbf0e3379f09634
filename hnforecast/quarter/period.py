"""The period of a return: a financial year and a quarter, with the month at which its actuals stop."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hnforecast.base.errors import Place, Problem, UsageError
from hnforecast.base.timeline import (
    Month,
    month,
    months_of_financial_year,
    near_period,
    parse_year,
    show_month,
    show_year,
)

_PERIOD = re.compile(r"^(?P<year>.*?\d)[\s_-]*Q\s*(?P<quarter>[1-4])$", re.IGNORECASE)
EXPECTED = "a financial year and a quarter, such as 2025-26-Q2"


@dataclass(frozen=True, order=True)
class Period:
    """One quarter of a financial year.

    Args:
        financial_year: first calendar year.
        quarter: 1 for April to June ... 4 for January to March.
    """

    financial_year: int
    quarter: int

    @property
    def cut_off(self) -> Month:
        """The last month of actuals."""
        return month(self.financial_year, 4) + 3 * self.quarter - 1

    @property
    def year_name(self) -> str:
        """The financial year as 2025-26, the name of its folder."""
        return show_year(self.financial_year)

    @property
    def months(self) -> range:
        """The year's months up to the cut-off."""
        return range(months_of_financial_year(self.financial_year).start, self.cut_off + 1)

    @property
    def to_go(self) -> range:
        """The year's months after the cut-off."""
        return range(self.cut_off + 1, months_of_financial_year(self.financial_year).stop)

    @property
    def before(self) -> Period:
        """The quarter before, that of the last return."""
        if self.quarter > 1:
            return Period(self.financial_year, self.quarter - 1)
        return Period(self.financial_year - 1, 4)

    def __str__(self) -> str:
        return f"{self.year_name}-Q{self.quarter}"

    @property
    def words(self) -> str:
        """The period and its cut-off, for people."""
        return f"quarter {self.quarter} of {self.year_name}, actuals to {show_month(self.cut_off)}"


def parse_period(text: str) -> Period:
    """Read 2025-26-Q2, 2025/26 Q2, FY2025-26 q2 or 25/26Q2.

    Raises:
        UsageError: anything else, or two years that do not follow each other.
    """
    found = _PERIOD.match(str(text).strip())
    if not found:
        raise UsageError(_not_a_period(text, near_period(str(text))))
    try:
        return Period(parse_year(found["year"]), int(found["quarter"]))
    except ValueError as error:
        raise UsageError(_not_a_period(text, f"{error}.")) from None


def _not_a_period(text: object, do: str = "") -> Problem:
    return Problem("HN601", "This is not a quarter of a financial year", Place(), str(text), EXPECTED, do)


# The period of a return.

Kind = Literal["Q", "T"]
PER_YEAR = {"Q": 4, "T": 3}
_RETURN_PERIOD = re.compile(r"^(?P<year>.+?)[-\s]*(?P<kind>[QT])(?P<number>\d+)$", re.IGNORECASE)


@dataclass(frozen=True)
class ReturnPeriod:
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
    def before(self) -> ReturnPeriod:
        """The period of the return before this one."""
        if self.number > 1:
            return ReturnPeriod(self.year, self.kind, self.number - 1)
        return ReturnPeriod(self.year - 1, self.kind, PER_YEAR[self.kind])

    @property
    def ordinal(self) -> int:
        """A number that grows by one from period to period of the same kind."""
        return self.year * PER_YEAR[self.kind] + self.number - 1


def parse_return_period(text: str, kind: Kind = "Q") -> ReturnPeriod:
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
    found = _RETURN_PERIOD.match(text.strip())
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
    return ReturnPeriod(year, kind, number)


def monitored_quarter(period: ReturnPeriod, quarters: Sequence[str]) -> ReturnPeriod:
    """The quarter whose actuals a return rests on.

    Args:
        period: of the return.
        quarters: for three reports a year, in order: "Q1", or "-Q4" for the last quarter of the year before.
    """
    if period.kind == "Q":
        return period
    name = quarters[period.number - 1]
    return ReturnPeriod(period.year - name.startswith("-"), "Q", int(name[-1]))
