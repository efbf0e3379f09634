"""Plans open in January as linked tables, and which of their cells are withheld.

Ages and placements are published crossed by band, alone by single age, and in every total of these. One pattern serves
every January and scenario: a cell withheld where its count is small is withheld in the forecast that starts from it,
and nobody can fill it in from the years beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.codes import Codes
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
