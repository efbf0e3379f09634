"""Plans open in January as linked tables, and which of their cells are withheld.

Ages and placements are published crossed by band, alone by single age, and in every total of these. One pattern serves
every January and scenario: a cell withheld where its count is small is withheld in the forecast that starts from it,
and nobody can fill it in from the years beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.codes import Codes
from hnforecast.papers.published.layout import WITHHELD, Column, PublishedTable, Shown, plans
from hnforecast.papers.published.suppression import BoolArray, Relation, Tables, withhold
from hnforecast.papers.run_reading import FinishedRun

ACTUAL = "Actual count"


@dataclass(frozen=True)
class Positions:
    """Where each published cell of one January stands in a row of cells.

    Args:
        bands, placements: how many.
    """

    bands: int
    placements: int

    def crossed(self, band: int, placement: int) -> int:
        """A band in a placement."""
        return band * self.placements + placement

    def band(self, band: int) -> int:
        """A band in every placement."""
        return self.bands * self.placements + band

    def placement(self, placement: int) -> int:
        """Every age in a placement."""
        return self.bands * (self.placements + 1) + placement

    @property
    def all(self) -> int:
        """Every plan."""
        return self.bands * (self.placements + 1) + self.placements

    def age(self, age: int) -> int:
        """A single age in every placement."""
        return self.all + 1 + age

    @property
    def count(self) -> int:
        """How many cells."""
        return self.all + 1 + AGES

    def relations(self, codes: Codes) -> list[Relation]:
        """Which cells are totals of which."""
        bands, placements = range(self.bands), range(self.placements)
        found = [Relation(self.band(b), tuple(self.crossed(b, p) for p in placements)) for b in bands]
        found += [Relation(self.placement(p), tuple(self.crossed(b, p) for b in bands)) for p in placements]
        found.append(Relation(self.all, tuple(self.band(b) for b in bands)))
        found.append(Relation(self.all, tuple(self.placement(p) for p in placements)))
        for b, (_, low, high) in enumerate(codes.age_bands):
            found.append(Relation(self.band(b), tuple(self.age(age) for age in range(low, high + 1))))
        return found


@dataclass(frozen=True)
class PlanCounts:
    """Every January that is published.

    Args:
        positions: of the cells.
        labels: (scenario or ACTUAL, January) of each edition; actual counts, the same in every scenario, once.
        values: (s, n).
        withheld: (n,) the one pattern.
        primary: (n,) the part of it withheld for being small itself.
        codes: for bands and placements.
    """

    positions: Positions
    labels: tuple[tuple[str, int], ...]
    values: FloatArray
    withheld: BoolArray
    primary: BoolArray
    codes: Codes

    def editions(self) -> Iterator[tuple[str, int, FloatArray]]:
        """(scenario or ACTUAL, January, cells)."""
        for (scenario, census), cells in zip(self.labels, self.values, strict=True):
            yield scenario, census, cells


def count_plans(run: FinishedRun, threshold: int, *, show_zero: bool) -> PlanCounts:
    """Gather the January counts of a run and find what to withhold.

    Args:
        run: to be published.
        threshold: counts below it are small.
        show_zero: whether noughts are shown.
    """
    codes = run.codes
    positions = Positions(len(codes.age_bands), len(codes.placements))
    base = run.vintage.manifest.base_census
    first = run.scenarios[0]
    wanted = [(ACTUAL, census) for census in run.censuses() if census <= base]
    wanted += [(scenario, census) for scenario in run.scenarios for census in run.censuses() if census > base]
    crossed, ages = _read(run)
    values = np.zeros((len(wanted), positions.count))
    for edition, (scenario, census) in enumerate(wanted):
        named = (first if scenario == ACTUAL else scenario, census)
        values[edition] = _fill(positions, crossed[named], ages[named])
    actual = np.array([scenario == ACTUAL for scenario, _ in wanted])
    primary: BoolArray = np.any(small(values[actual], threshold, show_zero=show_zero), axis=0)
    tables = Tables(
        values,
        positions.relations(codes),
        np.full(positions.count, float(threshold)),
        # a count is whole; what is fitted or forecast is not
        actual & np.all(values == np.round(values), axis=1),
    )
    withheld = withhold(tables, np.flatnonzero(primary))
    return PlanCounts(positions, tuple(wanted), values, withheld, primary, codes)


def small(counts: FloatArray, threshold: int, *, show_zero: bool) -> BoolArray:
    """Which counts are too small to show."""
    lowest = 0.0 if show_zero else -1.0
    found: BoolArray = (counts < threshold) & (counts > lowest)
    return found


def _read(run: FinishedRun) -> tuple[dict[tuple[str, int], FloatArray], dict[tuple[str, int], FloatArray]]:
    """(scenario, January) -> plans by band and placement, and by single age."""
    codes = run.codes
    bands = {name: b for b, (name, _, _) in enumerate(codes.age_bands)}
    placements = {name: p for p, name in enumerate(codes.placements)}
    crossed: dict[tuple[str, int], FloatArray] = {}
    ages: dict[tuple[str, int], FloatArray] = {}
    for row in run.tables["plans"]:
        key = (row["scenario"], int(row["census_year"]))
        grid = crossed.setdefault(key, np.zeros((len(bands), len(placements))))
        grid[bands[row["age_band"]], placements[row["placement"]]] = float(row["central"])
    for row in run.tables["plans_by_age"]:
        key = (row["scenario"], int(row["census_year"]))
        ages.setdefault(key, np.zeros(AGES))[int(row["age"])] += float(row["central"])
    return crossed, ages


def _fill(positions: Positions, crossed: FloatArray, ages: FloatArray) -> FloatArray:
    cells = np.zeros(positions.count)
    cells[: crossed.size] = crossed.ravel()
    cells[positions.band(0) : positions.band(0) + positions.bands] = crossed.sum(axis=1)
    cells[positions.placement(0) : positions.placement(0) + positions.placements] = crossed.sum(axis=0)
    cells[positions.all] = crossed.sum()
    cells[positions.age(0) :] = ages
    return cells


# The published tables of plans.

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
