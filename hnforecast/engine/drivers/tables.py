"""Tables of a vintage as arrays on the run's axes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hnforecast.assumptions import Sourced
from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.timeline import month
from hnforecast.engine.model.state import Clock


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


# The clocks of a run.


def outturn_clock(base_census: int, base_outturn: int) -> Clock:
    """The two academic years around the twelve months before the base January count."""
    first = base_census - 1
    return Clock(
        months=tuple(range(month(first, 2), month(base_census, 9))),
        academic_years=(first - 1, first),
        censuses=(first, base_census),
        financial_years=(base_outturn,),
        first_forecast=base_outturn + 1,
    )


def forecast_clock(base_census: int, first_forecast: int, horizon: int) -> Clock:
    """From the month after the base January count to the August after the last financial year of the horizon."""
    last = first_forecast + horizon - 1
    return Clock(
        months=tuple(range(month(base_census, 2), month(last + 1, 9))),
        academic_years=tuple(range(base_census - 1, last + 1)),
        censuses=tuple(range(base_census, last + 2)),
        financial_years=tuple(range(first_forecast, last + 1)),
        first_forecast=first_forecast,
    )


def joined_clock(outturn: Clock, forecast: Clock) -> Clock:
    """The outturn's twelve months, then the forecast's: the central run's time axis."""
    return replace(
        forecast,
        months=(*(m for m in outturn.months if m < forecast.months[0]), *forecast.months),
        academic_years=(outturn.academic_years[0], *forecast.academic_years),
        censuses=(outturn.censuses[0], *forecast.censuses),
        financial_years=(*outturn.financial_years, *forecast.financial_years),
    )
