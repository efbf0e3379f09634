"""What the sheets are made from, and the one time ruler they share: a year stands in the same column everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hnforecast.codes import Codes
from hnforecast.model.state import Clock
from hnforecast.outputs.workbook.sheet import Sheet
from hnforecast.record import RunRecord
from hnforecast.timeline import show_year

if TYPE_CHECKING:
    from hnforecast.forecast import Forecast

FIRST_YEAR = 4  # column E, after scenario, item, what it is, mark
NOT_AVAILABLE, NOT_APPLICABLE = "[x]", "[z]"
PASSES = "All checks pass"


@dataclass
class Content:
    """What the workbook says, and where other sheets find it.

    Args:
        forecasts: one a scenario, all of one vintage and clock.
        codes: the project's code lists.
        record: whose fingerprint is in the footers.
        rows: (sheet, scenario, item) -> row, filled by each sheet for those that refer to it.
        marks: the same -> the mark shown there.
        sheets: by name, in order of making.
    """

    forecasts: Sequence[Forecast]
    codes: Codes
    record: RunRecord
    rows: dict[tuple[str, str, str], int] = field(default_factory=dict)
    marks: dict[tuple[str, str, str], str] = field(default_factory=dict)
    sheets: dict[str, Sheet] = field(default_factory=dict)

    @property
    def master_value(self) -> str:
        """What the master check says while the workbook agrees with the engine, as every formula does when written."""
        failed = sum(not check.passed for forecast in self.forecasts for check in forecast.checks)
        return f"{failed} checks fail: see Checks" if failed else PASSES

    @property
    def clock(self) -> Clock:
        """The clock every scenario of the run shares."""
        return self.forecasts[0].clock

    @property
    def years(self) -> tuple[int, ...]:
        """Financial years, one a column from FIRST_YEAR on."""
        return self.clock.financial_years

    def year_headers(self) -> list[str]:
        """The time ruler: each year with the word that says whether it happened."""
        return [
            f"{show_year(year)} {'outturn' if year < self.clock.first_forecast else 'forecast'}" for year in self.years
        ]

    def year_columns(self) -> list[tuple[int, int]]:
        """(position on the years axis, column of the sheet)."""
        return [(f, FIRST_YEAR + f) for f in range(len(self.years))]

    def place(self, sheet: str, scenario: str, item: str, row: int) -> None:
        """Remember where a row stands."""
        self.rows[sheet, scenario, item] = row

    def cell(self, sheet: str, scenario: str, item: str, column: int) -> str:
        """The address of a remembered row in a column, as another sheet refers to it."""
        return self.sheets[sheet].cell(self.rows[sheet, scenario, item], column)
