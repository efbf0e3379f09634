"""The register of measures: what each was planned to save, is forecast to save, has saved, costs, and rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hnforecast.assumptions import Measure
from hnforecast.assumptions.statutory import Flag, flags_of
from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import financial_year, month, show_month, show_year
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers.levers import opening
from hnforecast.engine.drivers.prices import yearly_cost
from hnforecast.engine.method import lean_result
from hnforecast.engine.records import Forecast
from hnforecast.engine.savings import Saving
from hnforecast.questions.register.promise import Delivered, Promise, delivered_to_date, project_of, promise_before
from hnforecast.writing.csvtext import Cell, Table, at

LEVELS = (0.10, 0.50, 0.90)
NO_PLAN = "no planned saving is published or signed off"


@dataclass(frozen=True)
class RegisterRow:
    """One measure of one scenario; arrays are by forecast year, pounds, positive better.

    Args:
        planned: what was promised, NaN where nothing was; planned_basis says what it rests on.
        net: forecast, the measure's share of the joint saving after its costs on the grant.
        quantiles: (f, 3) p10, p50, p90 of net, or None for a central run.
        investment, running: costs on the grant; outside: costs the council's own budget or capital pays.
        delivered: to date in `delivered_year`, or None; delivered_basis says how it is known.
        rag: as last monitored, else as the plan has it.
        confidence: (expected, low, high) share delivered; opens: the first month it can act.
        flags: what in it looks like working against a statutory duty.
        next_step: what is to be done next, or empty.
    """

    scenario: str
    measure: Measure
    planned: FloatArray
    planned_basis: str
    net: FloatArray
    quantiles: FloatArray | None
    investment: FloatArray
    running: FloatArray
    outside: FloatArray
    delivered: float | None
    delivered_year: int | None
    delivered_basis: str
    rag: str
    confidence: tuple[float, float, float]
    opens: int
    flags: tuple[Flag, ...]
    next_step: str

    @property
    def gross(self) -> FloatArray:
        """What it saves before its costs on the grant."""
        saving: FloatArray = self.net + self.investment + self.running
        return saving


@dataclass(frozen=True)
class MemoRow:
    """A cost on the council's own budget with a scenario's measures and without them: pounds by forecast year."""

    scenario: str
    s251_line: str
    label: str
    with_measures: FloatArray
    without_measures: FloatArray

    @property
    def saving(self) -> FloatArray:
        """Saved outside the account: never part of any deficit."""
        saved: FloatArray = self.without_measures - self.with_measures
        return saved


@dataclass(frozen=True)
class Register:
    """Every measure of a run's scenarios.

    Args:
        rows: by scenario, in its order of measures.
        years: forecast financial years.
        this_year: the year delivery is recorded in, or the first forecast year after the vintage's date.
        files: read besides those of the run, relative to the project.
    """

    rows: tuple[RegisterRow, ...]
    years: tuple[int, ...]
    this_year: int
    files: tuple[str, ...]


def register_of(forecasts: Sequence[Forecast]) -> Register:
    """The register of a run; a scenario without measures has no rows.

    Args:
        forecasts: one a scenario, all of one vintage, with their savings.
    """
    vintage = forecasts[0].scenario.vintage
    clock = forecasts[0].clock
    years = tuple(year for year in clock.financial_years if year >= clock.first_forecast)
    delivered = delivered_to_date(project_of(vintage), vintage.codes)
    rows: list[RegisterRow] = []
    promise = promise_before(vintage) if any(forecast.savings for forecast in forecasts) else None
    for forecast in forecasts:
        rows += [_row(forecast, saving, years, promise, delivered) for saving in forecast.savings]
    as_at = vintage.manifest.as_at
    following = financial_year(month(as_at.year, as_at.month) + 1)
    recorded = delivered.financial_year
    this_year = recorded if recorded in years else min(max(following, years[0]), years[-1])
    files = (delivered.file,) if delivered.file else ()
    return Register(tuple(rows), years, this_year, files)


def outside_account(forecasts: Sequence[Forecast]) -> tuple[MemoRow, ...]:
    """What each scenario's measures save on the council's own budget, transport among it: outside the account."""
    return tuple(row for forecast in forecasts if forecast.scenario.measures for row in _memo(forecast))


def _row(
    forecast: Forecast, saving: Saving, years: tuple[int, ...], promise: Promise | None, delivered: Delivered
) -> RegisterRow:
    scenario = forecast.scenario
    others = {one.name: one for one in scenario.measures}
    measure = others[saving.measure]
    planned, basis = _planned(measure, years, promise)
    runs = forecast.drawn.pinned.get(measure.delivery.path, measure.delivery.at(0)) > 0
    costs = {kind: _costs(forecast, measure, years, runs, kind) for kind in ("investment", "running", "outside")}
    interval = measure.delivery.interval
    low, high = (interval.low, interval.high) if interval is not None else (np.nan, np.nan)
    known = delivered.saving.get(measure.name)
    return RegisterRow(
        scenario=scenario.name,
        measure=measure,
        planned=planned,
        planned_basis=basis,
        net=saving.central,
        quantiles=None if saving.draws is None else np.quantile(saving.draws, LEVELS, axis=0).T,
        investment=costs["investment"],
        running=costs["running"],
        outside=costs["outside"],
        delivered=known,
        delivered_year=delivered.financial_year if known is not None else None,
        delivered_basis=delivered.basis
        if known is not None
        else "not in the monitoring of measures"
        if delivered.financial_year is not None
        else delivered.basis,
        rag=delivered.ratings.get(measure.name, measure.rag),
        confidence=(measure.delivery.at(0), low, high),
        opens=opening(measure, others),
        flags=flags_of(measure, scenario.vintage.prices.top_up),
        next_step=measure.next_step or delivered.narratives.get(measure.name, ""),
    )


def _planned(measure: Measure, years: tuple[int, ...], promise: Promise | None) -> tuple[FloatArray, str]:
    """What was promised by year: the plan's own figures, or those of the vintage before."""
    if measure.planned is not None:
        own = np.array([measure.planned.at(year, np.nan, hold=False) for year in years])
        return own, f"{measure.planned.status}: {measure.planned.source}"
    if promise is not None and measure.name in promise.by_measure:
        told = promise.by_measure[measure.name]
        return np.array([told.get(year, np.nan) for year in years]), promise.basis
    return np.full(len(years), np.nan), NO_PLAN


def _costs(forecast: Forecast, measure: Measure, years: tuple[int, ...], runs: bool, kind: str) -> FloatArray:
    """Costs of delivery by year of one kind; `outside` are those of either kind that the grant does not pay."""
    total = np.zeros(len(years))
    for cost in measure.costs:
        found = cost.kind if cost.account == "dsg" else "outside"
        if runs and found == kind:
            total = total + yearly_cost(forecast.scenario.vintage, cost.cost, years, Drawn())[0]
    return total


def _memo(forecast: Forecast) -> list[MemoRow]:
    """What plans cost the council's own budget, with the scenario's measures and with none, all else the same."""
    scenario = forecast.scenario
    drawn, factor, growth = forecast.drawn, forecast.factors, forecast.history.price_growth
    horizon = sum(year >= forecast.clock.first_forecast for year in forecast.clock.financial_years)
    both = [
        lean_result(one, horizon, drawn, factor, growth).spend for one in (scenario, replace(scenario, measures=()))
    ]
    rows = [
        {(row.s251_line, row.label): spend.by_year[0, :, r] for r, row in enumerate(spend.rows) if row.account != "dsg"}
        for spend in both
    ]
    return [MemoRow(scenario.name, *key, rows[0][key], without) for key, without in rows[1].items()]


# The tables of the register of measures.

REGISTER_COLUMNS = (
    "scenario", "measure", "financial_year", "planned", "gross_saving", "investment", "running_cost", "net_saving",
    "p10", "p50", "p90", "delivered_to_date", "cost_outside_account", "title", "owner", "rag", "evidence",
    "confidence", "confidence_low", "confidence_high", "opens", "depends_on", "statutory_sections",
    "statutory_answered", "next_step", "planned_basis", "delivered_basis",
)  # fmt: skip
OUTSIDE_COLUMNS = ("scenario", "financial_year", "s251_line", "label", "without_measures", "with_measures", "saving")


def register_table(register: Register) -> Table:
    """One row a scenario, measure and forecast year: pounds, positive a saving or a cost of delivery.

    Net is gross less investment and running cost on the grant; `cost_outside_account` is in none of them.
    """
    rows: list[list[Cell]] = []
    for row in register.rows:
        told = _told(row)
        for f, year in enumerate(register.years):
            delivered = row.delivered if row.delivered_year == year else None
            money: list[Cell] = [
                float(array[f]) for array in (row.planned, row.gross, row.investment, row.running, row.net)
            ]
            rows.append(
                [row.scenario, row.measure.name, show_year(year), *money, *at(row.quantiles, (f,), 3), delivered,
                 float(row.outside[f]), *told]
            )  # fmt: skip
    return Table("register", REGISTER_COLUMNS, rows)


def outside_table(forecasts: Sequence[Forecast]) -> Table:
    """What plans cost the council's own budget, transport among it, with the measures and without."""
    years = [year for year in forecasts[0].clock.financial_years if year >= forecasts[0].clock.first_forecast]
    rows: list[list[Cell]] = [
        [row.scenario, show_year(year), row.s251_line, row.label, float(row.without_measures[f]),
         float(row.with_measures[f]), float(row.saving[f])]
        for row in outside_account(forecasts)
        for f, year in enumerate(years)
    ]  # fmt: skip
    return Table("outside_account", OUTSIDE_COLUMNS, rows)


def depends_words(measure: Measure) -> str:
    """What a measure depends on, each with its limit where it has one."""
    return ", ".join(
        f"{one.measure} ({one.limit})" if one.limit is not None else one.measure for one in measure.depends_on
    )


def sections_words(row: RegisterRow) -> str:
    """The sections of the Act it is flagged under, in order."""
    return ", ".join(f"s{section}" for section in sorted({flag.section for flag in row.flags}))


def answered_words(row: RegisterRow) -> str:
    """Whether each flag is answered by a statutory basis: yes, no, or nothing where none is flagged."""
    return "" if not row.flags else "yes" if all(flag.answered for flag in row.flags) else "no"


def _told(row: RegisterRow) -> list[Cell]:
    measure = row.measure
    return [
        measure.title, measure.owner, row.rag, measure.evidence, *row.confidence, show_month(row.opens),
        depends_words(measure) or None, sections_words(row) or None, answered_words(row) or None,
        row.next_step or None, row.planned_basis, row.delivered_basis,
    ]  # fmt: skip
