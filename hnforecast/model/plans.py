"""The cohort flow of EHC plans: one exact step an academic year, any month read off it.

Order of one year: September step (a year older, then moves between placements), the year's new plans and net other fixed
at that opening, commissioned places applied, then twelve months of ceasing, new plans and net other.
Inside, arrays are (age, placement, need, draw) in blocks of draws, so that the innermost axis is long and contiguous.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from hnforecast.axes import FloatArray
from hnforecast.errors import Problem, ReconciliationError
from hnforecast.model.coefficients import FIRST_WINDOW, Month, months
from hnforecast.model.output import PlansOutput
from hnforecast.model.places import admitted_share
from hnforecast.model.september import step_september
from hnforecast.model.state import Clock, FlowRates, Plans
from hnforecast.model.steps import grouped

BLOCK = 128  # draws: fits the second-level cache; fixed, so that results do not depend on the number of threads


def flow_plans(
    opening: FloatArray, children: FloatArray, rates: FlowRates, clock: Clock, *, detail: bool = False, threads: int = 1
) -> Plans:
    """Carry open plans from the opening January count to the last month of the clock.

    Args:
        opening: (draw, age, need, placement) plans at the opening January count.
        children: (draw, academic year, age) residents at 1 September.
        rates: new-plan rates, hazards, moves, net other, places; see FlowRates.
        clock: months, academic years and January counts.
        detail: True keeps every month by age, need and placement; False keeps segments of plan-months by placement.
        threads: how many blocks of draws run at once; the result is the same to the bit.

    Returns:
        Plans, draw axis as long as the longest of the arguments'.

    Raises:
        ReconciliationError: open plans would exceed the children of an age.

    Source: docs/method.md, cohort flow.
    """
    draws = max(opening.shape[0], children.shape[0], *(getattr(rates, name).shape[0] for name in _DRAWN))
    output = PlansOutput.empty(draws, opening.shape[2], opening.shape[3], len(rates.capped), clock, detail)
    blocks = [slice(start, min(start + BLOCK, draws)) for start in range(0, draws, BLOCK)]

    def run(block: slice) -> None:
        _flow_block(block, opening, children, rates, clock, output, detail)

    if threads > 1 and len(blocks) > 1:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(run, blocks))
    else:
        for block in blocks:
            run(block)
    return output.plans()


_DRAWN = ("new_rate", "cease_factor", "weight", "other", "places")


def _part(array: FloatArray, block: slice) -> FloatArray:
    """A block of draws, draw axis last; an axis of one draw stays one and broadcasts."""
    chosen = array if array.shape[0] == 1 else array[block]
    return np.ascontiguousarray(np.moveaxis(chosen, 0, -1))


def _flow_block(
    block: slice,
    opening: FloatArray,
    children: FloatArray,
    rates: FlowRates,
    clock: Clock,
    output: PlansOutput,
    detail: bool,
) -> None:
    draws = block.stop - block.start
    stock = np.moveaxis(_part(opening, block), 1, 2)  # (age, placement, need, draw)
    stock = np.ascontiguousarray(np.broadcast_to(stock, (*stock.shape[:3], draws)))
    residents, new_rate = _part(children, block), _part(rates.new_rate, block)
    factor, weight, other = (_part(getattr(rates, name), block) for name in ("cease_factor", "weight", "other"))
    places = _part(rates.places, block)
    hazard = np.moveaxis(rates.cease, 2, 3)[..., None]  # (year, age, placement, need, 1)
    output.write_opening(block, stock)
    staying_before, year_months = None, []
    for y, year in enumerate(clock.academic_years):
        step = step_september(stock, rates.move[y], rates.move_shift[:, y], weight[:, y]) if y else None
        opened = step.moved if step else stock
        without = residents[y] - opened.sum(axis=(1, 2))
        _refuse_overfull(without, year)
        share = _share(rates, y, weight[:, y])
        joiners = [np.ascontiguousarray((without * new_rate[y, w])[:, None, None, :] * share) for w in range(2)]
        net_other = other[y][:, None, None, :] * opened
        staying = 1.0 - np.minimum(1.0, hazard[y] * factor[y][:, None, None, :])
        # most years repeat the hazards of the year before: their coefficients are made once
        if staying_before is None or y == 1 or not np.array_equal(staying, staying_before):
            profiles = (rates.cease_profile, rates.new_profile, rates.other_profile)
            year_months = list(months(staying, *profiles, start=0 if y else 5))
            staying_before = staying
        if rates.capped:
            stays = step.stays if step else stock
            opened = _apply_places(opened, stays, joiners, net_other, rates, places[y], year_months, output, block, y)
        sources = (opened, joiners[0], joiners[1], net_other)
        stock = output.write_year(block, y, year_months, sources, step, grouped(clock, year, detail))


def _share(rates: FlowRates, y: int, weight: FloatArray) -> FloatArray:
    """Shares of new plans over placements and needs, measures included: (age, placement, need, draw or 1)."""
    share: FloatArray = np.moveaxis(rates.new_share[y], 1, 2)[..., None]
    if rates.share_shift.shape[0]:
        share = share + np.einsum("manp,md->apnd", rates.share_shift[:, y], weight)
    return share


def _refuse_overfull(without: FloatArray, year: int) -> None:
    if not (without >= 0).all():  # written so that a value that is not a number is refused too
        age = int(np.argwhere(~(without >= 0))[0][0])
        raise ReconciliationError(
            Problem(
                "HN911",
                f"open plans exceed the children of age {age} in September {year}",
                found=f"{-float(without[age].min()):.1f} plans too many",
                expected="plans no greater than residents at every age",
                do="Look at the new-plan rate and the population of that age.",
            )
        )


def _apply_places(
    opened: FloatArray,
    stays: FloatArray,
    joiners: list[FloatArray],
    net_other: FloatArray,
    rates: FlowRates,
    places: FloatArray,
    year_months: list[Month],
    output: PlansOutput,
    block: slice,
    y: int,
) -> FloatArray:
    """Admit what the places allow, in the stated order; spread the rest by the stated shares. Changes joiners in place."""
    opened = opened.copy()
    for k, placement in enumerate(rates.capped):
        stay = stays[:, placement]
        enter = opened[:, placement] - stay
        new_here = (joiners[0][:, placement].copy(), joiners[1][:, placement].copy())
        share, unfilled = admitted_share(
            stay, enter, new_here, net_other[:, placement], places[k], year_months, placement
        )
        refused = 1.0 - share
        falling = [sum(m.new for m in year_months if (m.m < FIRST_WINDOW) == (w == 0)) for w in range(2)]
        turned = refused * (enter + falling[0] * new_here[0] + falling[1] * new_here[1])
        output.write_places(block, y, k, turned, unfilled)
        for array, entrants in ((opened, enter), (joiners[0], new_here[0]), (joiners[1], new_here[1])):
            turned_away = entrants * refused
            array[:, placement] -= turned_away
            for elsewhere in np.nonzero(rates.spill[k])[0]:
                array[:, elsewhere] += rates.spill[k, elsewhere] * turned_away
    return opened
