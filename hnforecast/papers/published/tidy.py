"""The published figures as tidy data in the form Explore Education Statistics takes, each file with its meta file.

What the workbook withholds is withheld here by the same pattern: c. Pounds are whole, plans are whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hnforecast.base.axes import AGES
from hnforecast.base.timeline import parse_year, show_year
from hnforecast.papers.published.layout import LOW, plans
from hnforecast.papers.published.money_tables import SpendCells, status
from hnforecast.papers.published.plan_counts import ACTUAL, ESTIMATE, FLOWS, PlanCounts
from hnforecast.papers.run_reading import FinishedRun
from hnforecast.writing.csvtext import PLACE, TIME, TOTAL, Authority, Cell, Table, meta_file, to_csv, year_period
from hnforecast.writing.style import round_half_up, sentence_case

CONFIDENTIAL, IS_LOW, UNAVAILABLE, INAPPLICABLE = "c", "low", "x", "z"
FINANCIAL, ACADEMIC, JANUARY = "Financial year", "Academic year", "January"
EVERY = "All scenarios"
ACCOUNT = (
    ("opening", "Opening balance"), ("in_year", "In-year position"), ("support", "Support"),
    ("other_movement", "Other movement"), ("closing", "Closing balance"),
    ("gross_closing", "Balance before contributions"), ("agreed_gross_closing", "Agreed profile of that balance"),
)  # fmt: skip
RANGE = (("p10", "worse end, 1 in 10"), ("p90", "better end, 1 in 10"))
SCENARIO, STATUS = ("scenario", "Scenario"), ("status", "Whether it happened or is forecast")

Filters = Sequence[tuple[str, str]]
Indicators = Sequence[tuple[str, str, str, int]]


def tidy_files(
    stem: str, run: FinishedRun, counts: PlanCounts, spend: SpendCells, authority: Authority
) -> dict[str, bytes]:
    """Name -> content of every data file and its meta file.

    Args:
        stem: what the names begin with.
        run: published.
        counts, spend: with what is withheld.
        authority: for the columns of place.
    """
    gathered: dict[str, tuple[Filters, Indicators, Iterable[list[Cell]]]] = {
        "account": ((SCENARIO, STATUS), _account_indicators(), _account(run)),
        "funding": (
            (SCENARIO, STATUS, ("stream", "Stream of funding")), [("funding_gbp", "Funding", "£", 0)], _funding(run),
        ),
        "spend": (
            (SCENARIO, STATUS, ("s251_line", "Section 251 line"), ("placement", "Placement, or services")),
            [("net_spend_gbp", "Net spend", "£", 0)], _spend(run, spend),
        ),
        "plans": (
            (SCENARIO, STATUS, ("age_band", "Age band"), ("age", "Age on 31 August"), ("placement", "Placement")),
            [("plans", "EHC plans open in January", "", 0)], _plans(run, counts),
        ),
        "flows": ((SCENARIO,), [(name, label, "", 0) for name, label in FLOWS], _flows(run)),
    }  # fmt: skip
    files: dict[str, bytes] = {}
    for name, (filters, indicators, rows) in gathered.items():
        columns = (*TIME, *PLACE, *(column for column, _ in filters), *(column for column, *_ in indicators))
        # time stands first in every row of a gatherer, then filters and indicators: the place goes between
        placed = [[*row[:2], *authority.place(), *row[2:]] for row in rows]
        files[f"{stem}_{name}.csv"] = to_csv(Table(name, columns, placed, 0))
        files[f"{stem}_{name}.meta.csv"] = meta_file(filters, indicators, sentence_case(name))
    return files


def _account_indicators() -> Indicators:
    found = [(f"{name}_gbp", label, "£", 0) for name, label in ACCOUNT]
    return [
        *found,
        *((f"gross_closing_{end}_gbp", f"Balance before contributions, {words}", "£", 0) for end, words in RANGE),
    ]


def _account(run: FinishedRun) -> Iterator[list[Cell]]:
    for scenario in run.scenarios:
        for year in run.years():
            at = {"scenario": scenario, "financial_year": show_year(year)}
            cells: list[Cell] = []
            for item, _ in ACCOUNT:
                if item == "other_movement" and year >= run.first_forecast:
                    cells.append(INAPPLICABLE)
                else:
                    cells.append(_pounds(run.cell("account", "central", item=item, **at)))
            cells += [_pounds(run.cell("account", end, item="gross_closing", **at)) for end, _ in RANGE]
            yield [year_period(year), FINANCIAL, run.label(scenario), status(run, year), *cells]


def _funding(run: FinishedRun) -> Iterator[list[Cell]]:
    totals: dict[tuple[str, str], float] = {}
    for row in run.tables["funding"]:
        year, amount = parse_year(row["financial_year"]), float(row["central"])
        key = (row["scenario"], row["financial_year"])
        totals[key] = totals.get(key, 0.0) + amount
        label = run.codes.stream_labels.get(row["stream"], sentence_case(row["stream"]))
        yield [year_period(year), FINANCIAL, run.label(row["scenario"]), status(run, year), label, _pounds(amount)]
    for (scenario, written), amount in totals.items():
        year = parse_year(written)
        yield [year_period(year), FINANCIAL, run.label(scenario), status(run, year), TOTAL, _pounds(amount)]


def _spend(run: FinishedRun, spend: SpendCells) -> Iterator[list[Cell]]:
    lines = [(f"{line} {run.codes.line_labels[line]}", TOTAL) for line in spend.lines]
    drivers = [(TOTAL, run.codes.labels.get(name, sentence_case(name))) for name in spend.drivers]
    for (scenario, written), cells in zip(spend.labels, spend.values, strict=True):
        year = parse_year(written)
        for position, (line, driver) in enumerate([*lines, *drivers, (TOTAL, TOTAL)]):
            shown = CONFIDENTIAL if spend.withheld[position] else _pounds(float(cells[position]))
            yield [year_period(year), FINANCIAL, run.label(scenario), status(run, year), line, driver, shown]


def _plans(run: FinishedRun, counts: PlanCounts) -> Iterator[list[Cell]]:
    codes, at = counts.codes, counts.positions
    bands = [codes.band_labels[name] for name, _, _ in codes.age_bands]
    places = [codes.labels[name] for name in codes.placements]
    named = [((band, TOTAL, place), at.crossed(b, p)) for b, band in enumerate(bands) for p, place in enumerate(places)]
    named += [((band, TOTAL, TOTAL), at.band(b)) for b, band in enumerate(bands)]
    named += [((TOTAL, TOTAL, place), at.placement(p)) for p, place in enumerate(places)]
    named += [((codes.band_labels[codes.band_of(age)], str(age), TOTAL), at.age(age)) for age in range(AGES)]
    named.append(((TOTAL, TOTAL, TOTAL), at.all))
    for scenario, census, cells in counts.editions():
        actual = scenario == ACTUAL
        head: list[Cell] = [
            str(census),
            JANUARY,
            EVERY if actual else run.label(scenario),
            ACTUAL if actual else ESTIMATE,
        ]
        for filters, position in named:
            shown = CONFIDENTIAL if counts.withheld[position] else _count(float(cells[position]))
            yield [*head, *filters, shown]


def _flows(run: FinishedRun) -> Iterator[list[Cell]]:
    for scenario in run.scenarios:
        for year in dict.fromkeys(row["academic_year"] for row in run.tables["flows"]):
            at = {"scenario": scenario, "academic_year": year}
            cells = [_count(run.total("flows", "central", flow=flow, **at)) for flow, _ in FLOWS]
            yield [year_period(parse_year(year)), ACADEMIC, run.label(scenario), *cells]


def _pounds(amount: float | None) -> Cell:
    return UNAVAILABLE if amount is None else int(round_half_up(amount))


def _count(count: float) -> Cell:
    shown = plans(count)
    return IS_LOW if shown == LOW else int(float(str(shown)))
