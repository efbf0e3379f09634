"""Which authorities and years a series is scored on: complete recent histories, large enough for a percentage to mean something."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hnforecast.demand.panel import Panel

# Every value of the history must be above its floor, and a series needs this share of the panel's authorities to be scored.
FLOORS = {"total_plans": 100.0, "new_plans": 10.0, "spend": 2e6}
GROUP_FLOOR, INDEPENDENT_FLOOR = 20.0, 8.0
LARGEST_SPEND_CHANGE = 0.6
LEAST_SHARE = 0.25
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
    order = ["total_plans", "new_plans", *groups, "spend"]
    least = {name: LEAST_SHARE * len(panel.authorities) if name in groups else 1 for name in order}
    return [name for name in order if name in panel.local and scored(panel, name).rows.sum() >= least[name]]


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
    rows = (history > floor_of(name)).all(axis=1)
    if name == "spend":
        change = history[:, 1:] / np.maximum(history[:, :-1], 1.0) - 1
        rows &= (np.abs(change) <= LARGEST_SPEND_CHANGE).all(axis=1)
    return Scored(rows, first)
