"""How many of those asking for a capped placement get in: found by trial, running the months again and again.

Source: docs/method.md, commissioned places and spill. The share let in is the largest at which no month of the year is
over the commissioned places, the moment after the September step counted as a month. Months that those asking do not
touch are left out: nobody in place is displaced, so such a month cannot be mended by letting fewer in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

HALVINGS = 60  # 2^-60 is below the spacing of doubles near one


@dataclass(frozen=True)
class AskingCell:
    """One age and need at the capped placement.

    Args:
        stay: plans there before September that stay, or all of them where no September step opens the year.
        enter: plans arriving there at the September step.
        new: new plans a year in the window each month falls in, by month.
        other: net other a year, fixed at the opening before anybody is refused.
        keep: share of plans that outlive each month.
    """

    stay: float
    enter: float
    new: tuple[float, ...]
    other: float
    keep: tuple[float, ...]


def occupancy(
    cells: Sequence[AskingCell],
    moving: float,
    coming: float,
    new_profile: Sequence[float],
    other_profile: Sequence[float],
) -> list[float]:
    """Plans in the placement at the opening of the year and at each month's end, if these shares are admitted.

    Args:
        moving: share of those who move in at the September step.
        coming: share of the year's new plans.
    """
    stock = [cell.stay + moving * cell.enter for cell in cells]
    totals = [sum(stock)]
    for month in range(len(new_profile)):
        stock = [
            plans * cell.keep[month] + new_profile[month] * coming * cell.new[month] + other_profile[month] * cell.other
            for plans, cell in zip(stock, cells, strict=True)
        ]
        totals.append(sum(stock))
    return totals


def shares_alike(
    cells: Sequence[AskingCell], places: float, new_profile: Sequence[float], other_profile: Sequence[float]
) -> tuple[float, float]:
    """One share of all who ask, the largest that keeps every month they touch within the places."""
    share = _largest(lambda f: occupancy(cells, f, f, new_profile, other_profile), places)
    return share, share


def seated_shares(
    cells: Sequence[AskingCell], places: float, new_profile: Sequence[float], other_profile: Sequence[float]
) -> tuple[float, float]:
    """Seats of the day in September for those who move in; then the year's new plans into what every month leaves."""
    moving = _largest(lambda f: occupancy(cells, f, 0.0, new_profile, other_profile)[:1], places)
    return moving, _largest(lambda f: occupancy(cells, moving, f, new_profile, other_profile), places)


def _largest(totals: Callable[[float], list[float]], places: float) -> float:
    """The largest share, 0 to 1, that keeps every month it touches within the places."""
    nobody, everybody = totals(0.0), totals(1.0)
    touched = [month for month in range(len(nobody)) if everybody[month] > nobody[month]]

    def fits(plans: list[float]) -> bool:
        return all(plans[month] <= places for month in touched)

    if fits(everybody):
        return 1.0
    if not fits(nobody):
        return 0.0
    fitting, failing = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (fitting + failing) / 2
        if fits(totals(middle)):
            fitting = middle
        else:
            failing = middle
    return fitting
