"""Tables of a vintage as arrays on the run's axes."""

from __future__ import annotations

import numpy as np

from hnforecast.assumptions import Sourced
from hnforecast.base.axes import AGES, FloatArray


def by_age(parameter: Sourced) -> FloatArray:
    """(age,)."""
    array = np.zeros(AGES)
    for row in parameter.rows:
        array[int(row["age"])] = row["value"]
    return array


def by_age_placement(parameter: Sourced, placements: tuple[str, ...]) -> FloatArray:
    """(age, placement)."""
    array = np.zeros((AGES, len(placements)))
    for row in parameter.rows:
        array[int(row["age"]), placements.index(row["placement"])] = row["value"]
    return array


def opening_counts(parameter: Sourced, census: int, placements: tuple[str, ...]) -> FloatArray:
    """(1, age, 1, placement) published plans at a January count."""
    array = np.zeros((1, AGES, 1, len(placements)))
    for row in parameter.rows:
        if int(row["census_year"]) == census:
            array[0, int(row["age"]), 0, placements.index(row["placement"])] = row["value"]
    return array


def moves(parameter: Sourced, placements: tuple[str, ...]) -> FloatArray:
    """(age, placement, placement); a row that is not in the table stays where it is."""
    index = {name: position for position, name in enumerate(placements)}
    array = np.tile(np.eye(len(placements)), (AGES, 1, 1))
    seen: set[tuple[int, int]] = set()
    for row in parameter.rows:
        age, origin = int(row["age"]), index[row["from_placement"]]
        if (age, origin) not in seen:
            array[age, origin] = 0.0
            seen.add((age, origin))
        array[age, origin, index[row["to_placement"]]] = row["value"]
    return array


def month_profile(parameter: Sourced, flow: str) -> FloatArray:
    """(12,) from September."""
    array = np.zeros(12)
    for row in parameter.rows:
        if row["flow"] == flow:
            array[(int(row["month"]) - 9) % 12] = row["value"]
    return array


def children(parameter: Sourced, academic_years: tuple[int, ...]) -> FloatArray:
    """(academic year, age) mid-year residents; the last year of the projection holds after its end."""
    last = max(int(row["year"]) for row in parameter.rows)
    array = np.zeros((len(academic_years), AGES))
    position = {year: y for y, year in enumerate(academic_years)}
    for row in parameter.rows:
        year, age = int(row["year"]), int(row["age"])
        if age < AGES and year in position:
            array[position[year], age] = row["value"]
        if age < AGES and year == last:
            for later, y in position.items():
                if later > last:
                    array[y, age] = row["value"]
    return array
