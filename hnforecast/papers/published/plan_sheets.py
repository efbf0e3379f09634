"""The published tables of plans: January counts by placement, age band, both and single age, and the year's flows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hnforecast.base.axes import AGES
from hnforecast.papers.published.layout import WITHHELD, Column, PublishedTable, Shown, plans
from hnforecast.papers.published.plan_counts import ACTUAL, PlanCounts
from hnforecast.papers.run_reading import FinishedRun

ESTIMATE = "Estimate"
FLOWS = (("new", "New plans"), ("ceased", "Plans ceased"), ("aged_out", "Plans that reached age 26"))


Row = tuple[tuple[str, ...], int]  # the words of a row, and the position of its cell


def plan_tables(run: FinishedRun, counts: PlanCounts) -> Iterator[PublishedTable]:
    """Every table of plans; Januaries run across, so that each row is read as a course of years."""
    codes, at = counts.codes, counts.positions
    labels = [codes.labels[name] for name in codes.placements]
    bands = [codes.band_labels[name] for name, _, _ in codes.age_bands]
    everywhere, everyone = "All placements", "All ages"
    placements: list[Row] = [((label,), at.placement(p)) for p, label in enumerate(labels)]
    yield _table(
        run, counts, ("Plans by placement", "plans_by_placement", "placement"), ("Placement",),
        [*placements, ((everywhere,), at.all)],
    )  # fmt: skip
    in_band: list[Row] = [((band,), at.band(b)) for b, band in enumerate(bands)]
    yield _table(
        run, counts, ("Plans by age band", "plans_by_age_band", "age band"), ("Age band",),
        [*in_band, ((everyone,), at.all)],
    )  # fmt: skip
    crossed: list[Row] = []
    for b, band in enumerate(bands):
        crossed += [((band, label), at.crossed(b, p)) for p, label in enumerate(labels)]
        crossed.append(((band, everywhere), at.band(b)))
    yield _table(
        run, counts, ("Plans by age and placement", "plans_crossed", "age band and placement"),
        ("Age band", "Placement"), crossed,
    )  # fmt: skip
    ages: list[Row] = [((f"Age {age}",), at.age(age)) for age in range(AGES)]
    yield _table(
        run, counts, ("Plans by age", "plans_by_age", "single year of age"), ("Age",), [*ages, ((everyone,), at.all)]
    )
    yield _flows(run)


ABOUT = (
    "Number of plans open in January. Ages are those on 31 August before.",
    "An actual count is of children and young people; an estimate is a forecast, not a count of anybody.",
    "Shown as [c]: withheld. Shown as [low]: rounds to nought and is none. See notes 6, 7 and 8.",
)


def _table(
    run: FinishedRun, counts: PlanCounts, names: tuple[str, str, str], heads: tuple[str, ...], wanted: Sequence[Row]
) -> PublishedTable:
    """One table: rows by scenario, Januaries across; actual counts are the same in every scenario.

    Args:
        names: of the sheet and of the table, and what plans are shown by.
        heads: over the words of a row.
        wanted: rows of each scenario.
    """
    sheet, name, by = names
    cells = dict(zip(counts.labels, counts.values, strict=True))
    actual = {census for scenario, census in counts.labels if scenario == ACTUAL}
    januaries = [
        Column(f"January {census}, {(ACTUAL if census in actual else ESTIMATE).lower()}", "plans")
        for census in run.censuses()
    ]
    rows: list[list[Shown]] = []
    for scenario in run.scenarios:
        editions = [cells[ACTUAL if census in actual else scenario, census] for census in run.censuses()]
        for words, position in wanted:
            shown = [WITHHELD if counts.withheld[position] else plans(float(edition[position])) for edition in editions]
            rows.append([run.label(scenario), *words, *shown])
    columns = (Column("Scenario"), *map(Column, heads), *januaries)
    return PublishedTable(sheet, name, f"EHC plans open in January by {by}", ABOUT, columns, rows)


def _flows(run: FinishedRun) -> PublishedTable:
    years = list(dict.fromkeys(row["academic_year"] for row in run.tables["flows"]))
    rows: list[list[Shown]] = [
        [
            run.label(scenario),
            year,
            *(plans(run.total("flows", "central", scenario=scenario, academic_year=year, flow=f)) for f, _ in FLOWS),
        ]
        for scenario in run.scenarios
        for year in years
    ]
    columns = (Column("Scenario"), Column("Academic year"), *(Column(label, "plans") for _, label in FLOWS))
    about = ("Number of plans in whole academic years, all ages and placements.", "All are estimates. See note 6.")
    return PublishedTable("Flows", "flows", "New and ceased EHC plans by academic year", about, columns, rows)
