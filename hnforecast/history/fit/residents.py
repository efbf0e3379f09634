"""Children of an authority without a projection here: its last estimate, moved as England's projected age groups."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.errors import InputError, Place, Problem

PROJECTION = "population_projection_by_region_age10_2022_2029"


def project_residents(
    estimates: Mapping[int, FloatArray], frames: Mapping[str, pd.DataFrame], years: range, authority: str
) -> pd.DataFrame:
    """Mid-year residents by single age.

    Args:
        estimates: mid-year -> (age,) persons.
        frames: a panel's files; the regional projection may be missing, and then the estimate is held.
        years: mid-years wanted.
        authority: for messages.

    Returns:
        Columns year, age, value.

    Raises:
        InputError: no estimate is known.
    """
    usable = {year: ages for year, ages in estimates.items() if ages.min() > 0}
    if not usable:
        raise InputError(
            Problem(
                "HN374",
                "No residents by single age are known for the authority",
                Place(path=authority),
                expected="ages 0 to 25 in population_by_la_single_age.csv, of a year before the count",
                do="Add one to a panel folder (--panel), or draft from a vintage of this authority.",
            )
        )
    last = max(usable)
    growth = _growth(frames.get(PROJECTION))
    rows = [
        (year, age, float(usable[last][age] * _level(growth, year, age) / _level(growth, last, age)))
        for year in years
        for age in range(AGES)
    ]
    return pd.DataFrame(rows, columns=["year", "age", "value"])


def _growth(frame: pd.DataFrame | None) -> dict[int, dict[int, float]]:
    """Lowest age of a ten-year group -> year -> England's residents, thousands."""
    if frame is None or frame.empty:
        return {}
    totals = frame.groupby(["age_from", "year"])["population_thousand"].sum()
    found: dict[int, dict[int, float]] = {}
    for row in totals.reset_index().to_dict("records"):
        found.setdefault(int(row["age_from"]), {})[int(row["year"])] = float(row["population_thousand"])
    return found


def _level(growth: dict[int, dict[int, float]], year: int, age: int) -> float:
    """England's residents of an age group in a year; outside the projection its first or last year holds."""
    series = growth.get(10 * (age // 10))
    if not series:
        return 1.0
    return series[int(np.clip(year, min(series), max(series)))]
