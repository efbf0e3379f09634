"""The cohort flow of EHC plans: one exact step an academic year, any month read off it.

Order of one year: September step (a year older, then moves between placements), the year's new plans and net other
fixed at that opening, commissioned places applied, then its two census windows of ceasing, new plans and net other.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.engine.model.cohorts import DRAWN, Cohorts
from hnforecast.engine.model.flow_checks import check_flow
from hnforecast.engine.model.output import PlansOutput
from hnforecast.engine.model.state import Clock, FlowRates, Plans

# Cells x draws of a block: two megabytes an array. Larger blocks leave the caches; smaller ones spend their time in the
# interpreter, which threads cannot share.
BLOCK_CELLS = 2**18
MOST_DRAWS, FEWEST_DRAWS = 1024, 16


def flow_plans(
    opening: FloatArray,
    children: FloatArray,
    rates: FlowRates,
    clock: Clock,
    *,
    detail: bool = False,
    single: bool = False,
    counts_only: bool = False,
    threads: int = 1,
) -> Plans:
    """Carry open plans from the opening January count to the last month of the clock.

    Args:
        opening: (draw, age, need, placement) plans at the opening January count.
        children: (draw, academic year, age) residents at 1 September.
        rates: new-plan rates, hazards, moves, net other, places; see FlowRates.
        clock: months, academic years and January counts.
        detail: True keeps every month by age, need and placement; False keeps segments of plan-months by placement.
        single: True carries the draws in single precision, right to about a millionth: twice as fast, and far inside
            the simulation error of any number of draws.
        counts_only: True keeps the January counts alone, without plan-months.
        threads: how many blocks of draws run at once; the result is the same to the bit.

    Returns:
        Plans, draw axis as long as the longest of the arguments'.

    Raises:
        ReconciliationError: open plans would exceed the children of an age; a value is not a number; spill has nowhere
            to go.

    Source: docs/method.md, cohort flow.
    """
    check_flow(opening, children, rates)
    draws = max(opening.shape[0], children.shape[0], *(getattr(rates, name).shape[0] for name in DRAWN))
    if not detail and rates.cease.shape[2] == 1:
        opening, rates = _over_all_needs(opening, rates)
    shape = (draws, *opening.shape[2:], len(rates.capped))
    output = PlansOutput.empty(shape, clock, detail, single, counts_only)
    size = block_size(draws, int(np.prod(opening.shape[1:])))
    blocks = iter([slice(start, min(start + size, draws)) for start in range(0, draws, size)])

    def work(blocks: Iterator[slice]) -> None:
        cohorts = Cohorts(opening, children, rates, clock, output)
        for block in blocks:  # shared between threads: each takes the next block that nobody has taken
            cohorts.follow(block)

    if threads > 1 and draws > size:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, [blocks] * threads))
    else:
        work(blocks)
    return output.plans()


def block_size(draws: int, cells: int) -> int:
    """Draws in a block: from the size of the problem alone, so that results do not depend on the number of threads."""
    wanted = 2 ** round(np.log2(BLOCK_CELLS / cells))
    return int(min(draws, MOST_DRAWS, max(FEWEST_DRAWS, wanted)))


def _over_all_needs(opening: FloatArray, rates: FlowRates) -> tuple[FloatArray, FlowRates]:
    """Stock and shares summed over needs.

    Where hazards do not differ by need nothing else does but shares of new plans, and every equation is linear in the
    cells: the sum over needs follows the same equations, exactly. A lean run reports nothing by need.
    """
    shares, shift = (array.sum(axis=-2, keepdims=True) for array in (rates.new_share, rates.share_shift))
    return opening.sum(axis=2, keepdims=True), replace(rates, new_share=shares, share_shift=shift)
