"""The period of a return: a financial year and a quarter, with the month at which its actuals stop."""

from __future__ import annotations

import re
from dataclasses import dataclass

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
