"""Which authorities and years a series is scored on: complete recent histories, large enough for a percentage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hnforecast.engine.demand.panel import Panel

# Every value of a scored history is above its floor. A placement group is scored only if it has this many years, enough
# for three origins, in this share of the panel's authorities.
FLOORS = {"total_plans": 100.0, "new_plans": 10.0, "spend": 2e6}
GROUP_FLOOR, INDEPENDENT_FLOOR = 20.0, 8.0
LARGEST_SPEND_CHANGE = 0.6
LEAST_SHARE = 0.25
LEAST_YEARS = 7
# Histories shorter than this at an origin are not forecast from.
YEARS_NEEDED = 4


@dataclass(frozen=True)
class Scored:
    """Rows of the panel a series is scored on, and the first column of its history."""

    rows: NDArray[np.bool_]
    first: int


def series_to_score(panel: Panel) -> list[str]:
    """Total plans, new plans, placement groups and spend, in that order, as far as the panel supports each."""
    groups = sorted(name for name in panel.local if name.startswith("plans_"))
    return [
        name
        for name in ("total_plans", "new_plans", *groups, "spend")
        if name in panel.local and _enough(panel, name, name in groups)
    ]


def _enough(panel: Panel, name: str, is_group: bool) -> bool:
    where = scored(panel, name)
    count, years = int(where.rows.sum()), len(panel.years) - where.first
    if is_group:
        return count >= LEAST_SHARE * len(panel.authorities) and years >= LEAST_YEARS
    return count > 0


def floor_of(name: str) -> float:
    """The smallest value a scored history may hold."""
    return FLOORS.get(name, INDEPENDENT_FLOOR if "independent" in name else GROUP_FLOOR)


def scored(panel: Panel, name: str) -> Scored:
    """Authorities with a complete history above the floor, from the year after the last that fewer than half report.

    For spend also no yearly change over 60 %, which in these returns is a change of what is recorded.
    """
    values = panel.series(name)
    known = np.nan_to_num(values) > 0
    reported = np.flatnonzero(np.isfinite(values).any(axis=0))
    if len(reported) == 0:
        return Scored(np.zeros(len(values), dtype=bool), 0)
    last = int(reported[-1]) + 1
    scarce = np.flatnonzero(known[:, :last].mean(axis=0) < 0.5)
    first = int(scarce[-1]) + 1 if len(scarce) else 0
    if first >= last:
        return Scored(np.zeros(len(values), dtype=bool), first)
    history = np.nan_to_num(values[:, first:last])
    rows: NDArray[np.bool_] = np.asarray((history > floor_of(name)).all(axis=1))
    if name == "spend":
        change = history[:, 1:] / np.maximum(history[:, :-1], 1.0) - 1
        rows &= (np.abs(change) <= LARGEST_SPEND_CHANGE).all(axis=1)
    return Scored(rows, first)
