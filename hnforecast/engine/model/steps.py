"""The steps money is counted in: single months, or five segments of an academic year inside which prices stand still.

Prices change in April and September only, so a segment's plan-months times one price is exact; quarters and financial
years are whole numbers of segments (the second quarter is the last segment of one academic year and the first of the
next).
"""

from __future__ import annotations

from hnforecast.base.timeline import Month
from hnforecast.engine.model.state import Clock

MONTHS = tuple((m,) for m in range(12))
SEGMENTS = ((0,), (1, 2, 3), (4, 5, 6), (7, 8, 9), (10, 11))

Step = tuple[Month, ...]


def steps_of(clock: Clock, detail: bool) -> tuple[Step, ...]:
    """The run's time axis as groups of months: every month alone when detailed, else the segments.

    A segment cut by the start of the run keeps the months that are simulated.
    """
    steps = []
    for year in clock.academic_years:
        first = 12 * year + 8
        for group in MONTHS if detail else SEGMENTS:
            inside = tuple(first + m for m in group if clock.months[0] <= first + m <= clock.months[-1])
            if inside:
                steps.append(inside)
    return tuple(steps)


def step_positions(clock: Clock, detail: bool) -> dict[Month, int]:
    """The position on the run's time axis of the step that holds each simulated month."""
    return {month: position for position, step in enumerate(steps_of(clock, detail)) for month in step}


def parts_of(window: range) -> tuple[Step, ...]:
    """The segments of an academic year cut to a window of its months, September 0; a segment outside it is left out."""
    inside = (tuple(m for m in segment if m in window) for segment in SEGMENTS)
    return tuple(part for part in inside if part)
