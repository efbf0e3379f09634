"""The published tables of money: the account, its range, funding, spend and what measures save, in £ thousand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import parse_year, show_year
from hnforecast.papers.published.layout import (
    NOT_APPLICABLE,
    NOT_AVAILABLE,
    TENTH,
    WITHHELD,
    Column,
    PublishedTable,
    Shown,
    thousands,
)
from hnforecast.papers.published.plan_counts import ACTUAL, PlanCounts, small
from hnforecast.papers.published.suppression import BoolArray, Relation, Tables, withhold
from hnforecast.papers.run_reading import FinishedRun
from hnforecast.papers.tables.rows import SERVICES
from hnforecast.writing.style import position_word, round_half_up, sentence_case

# Spend by section 251 line and by what drives it, linked.


@dataclass(frozen=True)
class SpendCells:
    """Net spend of the account in every scenario and year.

    Args:
        lines, drivers: s251 lines, and placements or services, in order.
        labels: (scenario, financial year as written) of each edition.
        values: (s, n): lines, then drivers, then the total.
        withheld: (n,).
    """

    lines: tuple[str, ...]
    drivers: tuple[str, ...]
    labels: tuple[tuple[str, str], ...]
    values: FloatArray
    withheld: BoolArray


def gather_spend(run: FinishedRun, counts: PlanCounts, threshold: int, *, show_zero: bool) -> SpendCells:
    """Spend of the account by line and by driver, and what of it to withhold.

    A placement with a small count has its pounds withheld, and so has a line that only such placements drive. Room is
    asked for in pounds: what as many plans as the threshold cost, so that a reader who knows the price learns no more.

    Args:
        run: to be published.
        counts: the plans, with what is withheld of them.
        threshold: counts below it are small.
        show_zero: whether noughts are shown.
    """
    codes = run.codes
    own = [row for row in run.rows("spend", period="year") if codes.line_accounts.get(row["s251_line"]) == "dsg"]
    lines = tuple(line for line in codes.lines if any(row["s251_line"] == line for row in own))
    found = {row["placement"] for row in own}
    drivers = (*(name for name in codes.placements if name in found), *([SERVICES] if SERVICES in found else []))
    labels = tuple(dict.fromkeys((row["scenario"], row["financial_year"]) for row in own))
    values = np.zeros((len(labels), len(lines) + len(drivers) + 1))
    pairs: dict[str, set[str]] = {line: set() for line in lines}
    editions = {label: edition for edition, label in enumerate(labels)}
    for row in own:
        cells = values[editions[row["scenario"], row["financial_year"]]]
        amount = float(row["central"])
        cells[lines.index(row["s251_line"])] += amount
        cells[len(lines) + drivers.index(row["placement"])] += amount
        cells[-1] += amount
        pairs[row["s251_line"]].add(row["placement"])
    actual = np.array([scenario == ACTUAL for scenario, _ in counts.labels])
    plans = counts.values[actual][:, [counts.positions.placement(p) for p in range(counts.positions.placements)]]
    few = {
        codes.placements[p] for p in np.flatnonzero(small(plans, threshold, show_zero=show_zero).any(axis=0))
    } & found
    primary = [len(lines) + drivers.index(name) for name in sorted(few)]
    primary += [position for position, line in enumerate(lines) if pairs[line] and pairs[line] <= few]
    total = values.shape[1] - 1
    relations = [
        Relation(total, tuple(range(len(lines)))),
        Relation(total, tuple(range(len(lines), total))),
    ]
    widths = np.full(values.shape[1], _worth(run, values, drivers, plans, threshold, few, len(lines)))
    tables = Tables(values, relations, widths, np.zeros(len(labels), dtype=np.bool_))
    return SpendCells(lines, drivers, labels, values, withhold(tables, primary))


def _worth(
    run: FinishedRun,
    values: FloatArray,
    drivers: tuple[str, ...],
    plans: FloatArray,
    threshold: int,
    few: set[str],
    first: int,
) -> float:
    """Pounds that as many plans as the threshold cost, at the dearest of the placements withheld."""
    worth = 1.0
    for name in few:
        count = max(1.0, float(plans[:, run.codes.placements.index(name)].max()))
        spent = float(np.abs(values[:, first + drivers.index(name)]).max())
        worth = max(worth, threshold * spent / count)
    return worth


SIGN = "A balance or in-year position below nought is a deficit; the word beside it says so."
OUTTURN, FORECAST = "Outturn", "Forecast"
THOUSAND = 1e3


def account_table(run: FinishedRun) -> PublishedTable:
    """Opening to closing balance of every scenario and year; the parts add up but for rounding."""
    columns = (
        *_where("Financial year"), Column("Opening balance", "thousands"), Column("In-year position", "thousands"),
        Column("Support", "thousands"), Column("Other movement", "thousands"), Column("Closing balance", "thousands"),
        Column("Deficit or surplus"),
    )  # fmt: skip
    rows: list[list[Shown]] = []
    for scenario, year in _editions(run):
        parts = [_account(run, scenario, year, item) for item in ("opening", "in_year", "support")]
        outturn = parse_year(year) < run.first_forecast
        other = thousands(_account(run, scenario, year, "other_movement")) if outturn else NOT_APPLICABLE
        closing = _account(run, scenario, year, "closing")
        rows.append([*_which(run, scenario, year), *map(thousands, parts), other, thousands(closing), _word(closing)])
    about = (
        "The high needs account in £ thousand, cash prices, by scenario and financial year.",
        SIGN,
        "See notes 1, 2 and 3.",
    )
    return PublishedTable("Account", "account", "High needs account by scenario", about, columns, rows)


def range_table(run: FinishedRun) -> PublishedTable:
    """The balance before any contribution: central, its range, and the agreed profile."""
    columns = (
        *_where("Financial year"), Column("Central forecast", "thousands"), Column(f"Worse end, {TENTH}", "thousands"),
        Column(f"Better end, {TENTH}", "thousands"), Column("Agreed profile", "thousands"),
        Column("Deficit or surplus"),
    )  # fmt: skip
    rows: list[list[Shown]] = []
    for scenario, year in _editions(run):
        at = {"scenario": scenario, "financial_year": year, "item": "gross_closing"}
        figures = [run.cell("account", column, **at) for column in ("central", "p10", "p90")]
        agreed = _account(run, scenario, year, "agreed_gross_closing")
        rows.append([*_which(run, scenario, year), *map(thousands, [*figures, agreed]), _word(figures[0])])
    about = (
        "The balance of the high needs account before any contribution, in £ thousand, cash prices.",
        "One forecast in ten is worse than the worse end, one in ten better than the better end.",
        SIGN,
        "See notes 1, 2 and 4.",
    )
    title = "Balance before contributions and its range, by scenario"
    return PublishedTable("Range", "balance_range", title, about, columns, rows)


def funding_table(run: FinishedRun) -> PublishedTable:
    """Every stream of funding, deductions below nought, and their total; years run across."""
    streams = list(dict.fromkeys(row["stream"] for row in run.tables["funding"]))
    rows: list[list[Shown]] = []
    for scenario in run.scenarios:
        total = [0.0] * len(run.years())
        for name in streams:
            at = {"scenario": scenario, "stream": name}
            cells = [run.cell("funding", "central", financial_year=show_year(year), **at) for year in run.years()]
            total = [sum_so_far + (cell or 0.0) for sum_so_far, cell in zip(total, cells, strict=True)]
            label = run.codes.stream_labels.get(name, sentence_case(name))
            rows.append([run.label(scenario), label, *map(thousands, cells)])
        rows.append([run.label(scenario), "Total funding", *map(thousands, total)])
    about = (
        "Funding of high needs by stream in £ thousand, cash prices.",
        "Deductions are below nought. See notes 1 and 2.",
    )
    columns = (Column("Scenario"), Column("Stream"), *_across(run))
    return PublishedTable("Funding", "funding", "High needs funding by stream and scenario", about, columns, rows)


def spend_tables(run: FinishedRun, spend: SpendCells) -> Iterator[PublishedTable]:
    """Net spend by section 251 line, then by what drives it, with one total; years run across."""
    lines = [f"{line} {run.codes.line_labels[line]}" for line in spend.lines]
    drivers = [run.codes.labels.get(name, "Services, which no plan drives") for name in spend.drivers]
    yield _spend(run, spend, ("line", "Section 251 line"), lines, 0)
    yield _spend(run, spend, ("placement", "Placement"), drivers, len(lines))


def _spend(run: FinishedRun, spend: SpendCells, by: tuple[str, str], labels: list[str], first: int) -> PublishedTable:
    name, head = by
    cells = dict(zip(spend.labels, spend.values, strict=True))
    wanted = [*zip(labels, range(first, first + len(labels)), strict=True), ("Total spend", spend.values.shape[1] - 1)]
    rows: list[list[Shown]] = []
    for scenario in run.scenarios:
        for label, c in wanted:
            figures = [float(cells[scenario, show_year(year)][c]) for year in run.years()]
            shown = [WITHHELD if spend.withheld[c] else thousands(figure) for figure in figures]
            rows.append([run.label(scenario), label, *shown])
    about = ("Spend of the high needs account in £ thousand, cash prices, net of income.", "See notes 1, 2 and 5.")
    title = f"High needs spend by {head[0].lower()}{head[1:]} and scenario"
    columns = (Column("Scenario"), Column(head), *_across(run))
    return PublishedTable(f"Spend by {name}", f"spend_by_{name}", title, about, columns, rows)


def _across(run: FinishedRun) -> list[Column]:
    """A column for each financial year, which says whether it happened."""
    return [Column(f"{show_year(year)}, {status(run, year).lower()}", "thousands") for year in run.years()]


def status(run: FinishedRun, year: int) -> str:
    """Whether a financial year happened or is forecast."""
    return OUTTURN if year < run.first_forecast else FORECAST


def measures_table(run: FinishedRun) -> PublishedTable | None:
    """What each measure saves in each year; None where no scenario has one."""
    rows: list[list[Shown]] = []
    for row in run.tables["measures"]:
        measure = run.vintage.measures.get(row["measure"])
        title = measure.title if measure else sentence_case(row["measure"])
        central = thousands(float(row["central"]) if row["central"] else None)
        rows.append([run.label(row["scenario"]), row["financial_year"], title, central])
    if not rows:
        return None
    columns = (
        Column("Scenario"), Column("Financial year"), Column("Measure"), Column("Central saving", "thousands"),
    )  # fmt: skip
    about = (
        "What each measure improves the in-year position by, in £ thousand, cash prices.",
        "Below nought it costs more than it saves. Savings of measures that work together add up.",
        "No range is given: none was made of one measure alone. See note 1.",
    )
    return PublishedTable("Measures", "measures", "Savings by measure", about, columns, rows)


def agreement_table(run: FinishedRun) -> PublishedTable | None:
    """The chance of meeting the agreed profile; None where none is known or the central run alone was made."""
    rows: list[list[Shown]] = []
    for row in run.tables["agreement"]:
        chances: list[Shown] = [
            round_half_up(100.0 * float(row[name]), 1) if row[name] else NOT_AVAILABLE
            for name in ("probability_met", "probability_met_to_date")
        ]
        rows.append([run.label(row["scenario"]), row["financial_year"], *chances])
    if not rows:
        return None
    columns = (
        Column("Scenario"), Column("Financial year"), Column("Chance that the year is met", "percent"),
        Column("Chance that every year so far is met", "percent"),
    )  # fmt: skip
    about = ("How often the agreed profile is met, in per cent of the forecasts drawn.", "See note 4.")
    return PublishedTable("Agreement", "agreement", "Chance of meeting the agreed profile", about, columns, rows)


def _where(period: str) -> tuple[Column, ...]:
    return Column("Scenario"), Column(period), Column("Status")


def _which(run: FinishedRun, scenario: str, year: str) -> list[Shown]:
    return [run.label(scenario), year, status(run, parse_year(year))]


def _editions(run: FinishedRun) -> list[tuple[str, str]]:
    return [(scenario, show_year(year)) for scenario in run.scenarios for year in run.years()]


def _account(run: FinishedRun, scenario: str, year: str, item: str) -> float | None:
    return run.cell("account", "central", scenario=scenario, financial_year=year, item=item)


def _word(pounds: float | None) -> str:
    return NOT_AVAILABLE if pounds is None else position_word(pounds, THOUSAND).capitalize()
