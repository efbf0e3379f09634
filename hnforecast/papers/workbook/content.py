"""What the sheets are made from, and the one time ruler they share: a year stands in the same column everywhere."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from hnforecast.base.axes import FloatArray
from hnforecast.base.codes import Codes
from hnforecast.base.record import RunRecord
from hnforecast.base.timeline import financial_year, month, show_year
from hnforecast.engine.combinations import term_of
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers.levers import Levers, levers_of
from hnforecast.engine.model.state import Clock
from hnforecast.writing.xlsx.sheet import Sheet

if TYPE_CHECKING:
    from hnforecast.engine.forecast import Forecast
    from hnforecast.papers.workbook.combined import Sets

FIRST_YEAR = 4  # column E, after scenario, item, what it is, mark
BEFORE = FIRST_YEAR - 1  # single values, and the year before the first
FUNDING, SPEND = "Funding", "Spend by line"
INPUTS, AS_RUN = "Inputs", "Inputs as run"
EFFECTS, PRICES, VOLUMES = "Measure effects", "Prices", "Plan-years"
WEIGHTS, COMBINATIONS = "Combinations", "Plan-years by combination"
ALL = "all scenarios"
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
        drawn: scenario -> the values its central run used.
        combined: plan-years under combinations of measures.
        unit_costs: (scenario, cost of the council's own budget) -> (f,) pounds a unit.
    """

    forecasts: Sequence[Forecast]
    codes: Codes
    record: RunRecord
    rows: dict[tuple[str, str, str], int] = field(default_factory=dict)
    marks: dict[tuple[str, str, str], str] = field(default_factory=dict)
    sheets: dict[str, Sheet] = field(default_factory=dict)
    drawn: dict[str, Drawn] = field(default_factory=dict)
    combined: Sets | None = None
    unit_costs: dict[tuple[str, str], FloatArray] = field(default_factory=dict)

    @property
    def sets(self) -> Sets:
        """Plan-years under combinations of measures, once they have been run."""
        if self.combined is None:
            raise RuntimeError("the combinations of measures are run before the sheets that use them are written")
        return self.combined

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

    @property
    def opening_published(self) -> bool:
        """Whether the first opening balance stands in the inputs, or is worked back from a later closing."""
        balance: Collection[int] = self.forecasts[0].scenario.vintage.support.balance.by or ()
        ends = [month(year + 1, 3) for year in self.years if year < self.clock.first_forecast]
        return month(self.years[0], 3) in balance or not any(end in balance for end in ends)

    @cached_property
    def term_months(self) -> dict[tuple[int, int], list[int]]:
        """(position of a year, term) -> positions of its months on the clock."""
        found: dict[tuple[int, int], list[int]] = {(f, term): [] for f in range(len(self.years)) for term in (0, 1)}
        for t, absolute in enumerate(self.clock.months):
            year = financial_year(absolute)
            if year in self.years:
                found[self.years.index(year), term_of(absolute)].append(t)
        return found

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

    def input(self, key: str) -> str:
        """The address of an input that holds for every year."""
        return self.sheets[INPUTS].cell(self.rows[INPUTS, "", key], BEFORE, fixed=True)

    def input_year(self, key: str, column: int) -> str:
        """The address of an input of one year."""
        return self.cell(INPUTS, "", key, column)

    def has_input(self, key: str) -> bool:
        """Whether there is such an input."""
        return (INPUTS, "", key) in self.rows

    def levers(self, forecast: Forecast) -> Levers:
        """What the measures of a scenario do, at its central values."""
        return levers_of(forecast.scenario.measures, self.drawn[forecast.scenario.name])

    def cell(self, sheet: str, scenario: str, item: str, column: int) -> str:
        """The address of a remembered row in a column, as another sheet refers to it."""
        return self.sheets[sheet].cell(self.rows[sheet, scenario, item], column)
