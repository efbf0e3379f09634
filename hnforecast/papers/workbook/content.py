"""What the sheets are made from, and the one time ruler they share: a year stands in the same column everywhere."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.codes import Codes
from hnforecast.base.record import RunRecord
from hnforecast.base.timeline import financial_year, month, show_year
from hnforecast.engine.combinations import Combinations, run_combinations, term_of
from hnforecast.engine.drivers.levers import plan_measures
from hnforecast.engine.model.state import Clock
from hnforecast.writing.xlsx.book import FIRST_TABLE_ROW, Sheet
from hnforecast.writing.xlsx.numbers import FACTOR, VOLUME

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast


# Plan-years under combinations of measures, and how much each combination counts while the switches stand as they do.

EVERY, FEW = 8, 3  # measures for which every combination is kept: in the first set, in later ones
FIRST_ROW = FIRST_TABLE_ROW + 1
FIRST_WEIGHT, FIRST_VALUE = 3, 2
TERM_WORDS = ("April to August", "September to March")
Key = tuple[object, ...]


class Sets:
    """The sets of combinations of a run: scenarios with the same plans share one.

    Args:
        content: the run.
    """

    def __init__(self, content: Content) -> None:
        self.placements = tuple(content.forecasts[0].scenario.vintage.prices.top_up)
        self.found: dict[Key, Combinations] = {}
        self.key_of: dict[str, Key] = {}
        for forecast in content.forecasts:
            if plan_measures(forecast.scenario.measures):
                key = _key(forecast)
                self.key_of[forecast.scenario.name] = key
                if key not in self.found:
                    self.found[key] = _run(forecast, EVERY if not self.found else FEW)
        self.names = list(self.key_of)
        self.first_row = dict(zip(self.found, _starts([len(c.members) for c in self.found.values()]), strict=True))

    def of(self, scenario: str) -> Combinations | None:
        """The combinations of a scenario; None where no measure of it changes plans."""
        key = self.key_of.get(scenario)
        return self.found[key] if key is not None else None

    def weights_span(self, content: Content, forecast: Forecast) -> str:
        """The weights of a scenario's combinations, as formulas refer to them."""
        key = self.key_of[forecast.scenario.name]
        first, count = FIRST_ROW + self.first_row[key], len(self.found[key].members)
        column = FIRST_WEIGHT + self.names.index(forecast.scenario.name)
        return content.sheets[WEIGHTS].fixed_span((first, column), (first + count - 1, column))

    def values_span(self, content: Content, forecast: Forecast, f: int, term: int, placement: str) -> str:
        """The plan-years of a placement in a term of a year under each of them."""
        key = self.key_of[forecast.scenario.name]
        first, count = FIRST_ROW + self.first_row[key], len(self.found[key].members)
        column = FIRST_VALUE + 2 * (f * len(self.placements) + self.placements.index(placement)) + term
        return content.sheets[COMBINATIONS].fixed_span((first, column), (first + count - 1, column))


def write_weights(content: Content, sheet: Sheet) -> None:
    """One row a combination: which measures are in it, and its weight in each scenario."""
    sets = content.sets
    row = FIRST_ROW
    switched = [forecast for forecast in content.forecasts if forecast.scenario.name in sets.key_of]
    codes = {key: f"set {i}" for i, key in enumerate(sets.found, start=1)}
    for key, combinations in sets.found.items():
        for n, members in enumerate(combinations.members):
            sheet.text(row, 0, codes[key])
            sheet.text(row, 1, _code(members))
            sheet.text(row, 2, _words(combinations.measures, members), "wrapped")
            for column, forecast in enumerate(switched, start=FIRST_WEIGHT):
                if sets.key_of[forecast.scenario.name] == key:
                    formula = _weight(content, forecast, combinations, n, row)
                    sheet.formula(row, column, formula, float(members.all()), FACTOR)
                else:
                    sheet.text(row, column, NOT_APPLICABLE, align="right")
            row += 1
    if row == FIRST_ROW:
        for column in range(3):
            sheet.text(row, column, "no measure of this run changes plans" if column == 2 else NOT_APPLICABLE)
        row += 1
    headers = ["Set", "Combination", "Measures in place", *(f"Weight: {name}" for name in sets.names)]
    sheet.table(FIRST_TABLE_ROW, headers, row - FIRST_ROW, "combinations", right_from=FIRST_WEIGHT)
    sheet.set_width(2, 90)
    sheet.freeze(FIRST_ROW, 3)


def write_combinations(content: Content, sheet: Sheet) -> None:
    """One row a combination: plan-years of each priced placement in each term of each year, from the program."""
    sets, row = content.sets, FIRST_ROW
    positions = [content.codes.placements.index(name) for name in sets.placements]
    largest = np.zeros(len(content.years) * len(positions) * 2)
    for i, combinations in enumerate(sets.found.values(), start=1):
        values = (
            combinations.plan_years[:, :, :, positions].transpose(0, 1, 3, 2).reshape(len(combinations.members), -1)
        )
        largest = np.maximum(largest, np.abs(values).max(axis=0))
        for members, plan_years in zip(combinations.members, values.tolist(), strict=True):
            sheet.text(row, 0, f"set {i}")
            sheet.text(row, 1, _code(members))
            sheet.numbers(row, FIRST_VALUE, plan_years, VOLUME, "engine")
            row += 1
    for column, value in enumerate(largest, start=FIRST_VALUE):
        sheet.widen(column, float(value), VOLUME)
    if row == FIRST_ROW:
        for column in range(FIRST_VALUE + len(largest)):
            sheet.text(row, column, NOT_APPLICABLE)
        row += 1
    labels = [
        f"{show_year(year)} {name.replace('_', ' ')}, {words}"
        for year in content.years
        for name in sets.placements
        for words in TERM_WORDS
    ]
    headers = ["Set", "Combination", *labels]
    sheet.table(FIRST_TABLE_ROW, headers, row - FIRST_ROW, "plan_years_by_combination", right_from=FIRST_VALUE)
    sheet.freeze(FIRST_ROW, FIRST_VALUE)
    sheet.pages_wide(len(content.years))


def _run(forecast: Forecast, most: int) -> Combinations:
    scenario = forecast.scenario
    return run_combinations(
        scenario,
        forecast.clock,
        forecast.plans,
        dict(forecast.drawn.pinned),
        forecast.factors,
        forecast.history.price_growth,
        most=most,
    )


def _key(forecast: Forecast) -> Key:
    """What plans depend on, beside the vintage."""
    spec = forecast.scenario.spec
    return spec.demand, spec.delivery, spec.growth, tuple(m.name for m in forecast.scenario.measures)


def _starts(counts: list[int]) -> list[int]:
    return [sum(counts[:i]) for i in range(len(counts))]


def _code(members: FloatArray) -> str:
    """A combination as digits, such as m1011: 1 for a measure in place, in the order of the switches."""
    return "m" + "".join("1" if member else "0" for member in members)


def _words(measures: tuple[str, ...], members: FloatArray) -> str:
    return ", ".join(name for name, member in zip(measures, members, strict=True) if member) or "none"


def _weight(content: Content, forecast: Forecast, combinations: Combinations, n: int, row: int) -> str:
    """The weight of a combination: the product of the shares on and off, or its place between the two ends."""
    name = forecast.scenario.name
    switches = [content.input(f"switch.{name}.{measure}") for measure in combinations.measures]
    if combinations.complete:
        digit = f"$B{row + 1}"
        return "=" + "*".join(
            f'IF(MID({digit},{i + 2},1)="1",{switch},1-{switch})' for i, switch in enumerate(switches)
        )
    first, last = switches[0], switches[-1].split("!")[-1]
    total, many = f"SUM({first}:{last})", f"COUNT({first}:{last})"
    blend = f"MAX(0,MIN(1,({total}-1)/({many}-2)))"
    members = combinations.members[n]
    count = int(members.sum())
    if count == 0:
        return f"=(1-{blend})*(1-{total})"
    if count == len(members):
        return f"={blend}*({total}-{many}+1)"
    if count == 1:
        return f"=(1-{blend})*{switches[int(members.argmax())]}"
    return f"={blend}*(1-{switches[int(members.argmin())]})"


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
        combined: plan-years under combinations of measures.
        unit_costs: (scenario, cost of the council's own budget) -> (f,) pounds a unit.
    """

    forecasts: Sequence[Forecast]
    codes: Codes
    record: RunRecord
    rows: dict[tuple[str, str, str], int] = field(default_factory=dict)
    marks: dict[tuple[str, str, str], str] = field(default_factory=dict)
    sheets: dict[str, Sheet] = field(default_factory=dict)
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

    def cell(self, sheet: str, scenario: str, item: str, column: int) -> str:
        """The address of a remembered row in a column, as another sheet refers to it."""
        return self.sheets[sheet].cell(self.rows[sheet, scenario, item], column)
