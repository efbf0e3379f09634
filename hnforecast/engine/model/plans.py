"""The cohort flow of EHC plans: one exact step an academic year, any month read off it.

Order of one year: September step (a year older, then moves between placements), the year's new plans and net other
fixed at that opening, commissioned places applied, then its two census windows of ceasing, new plans and net other.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace

import numpy as np

from hnforecast.base.axes import FloatArray, check_finite
from hnforecast.base.errors import Problem, ReconciliationError
from hnforecast.engine.model.cohorts import DRAWN, Cohorts
from hnforecast.engine.model.output import PlansOutput
from hnforecast.engine.model.state import Clock, FlowRates, Plans

# What the cohort flow refuses before it starts.

SUM_TOLERANCE = 1e-9


def check_flow(opening: FloatArray, children: FloatArray, rates: FlowRates) -> None:
    """Refuse what the flow cannot carry.

    Raises:
        ReconciliationError: a value is not finite; shares of spill do not sum to 1, are negative, or go to a placement
            filled no later.
    """
    plain = ("capped", "new_by_count", "cease_by_count", "seated")
    named = {field.name: getattr(rates, field.name) for field in fields(rates) if field.name not in plain}
    for name, array in {"opening": opening, "children": children, **named}.items():
        with np.errstate(invalid="ignore", over="ignore"):
            total = array.sum()  # one pass and no copy
        if not np.isfinite(total):  # the slow check says where, or that only the sum is too large
            check_finite(name, array)
    for k, placement in enumerate(rates.capped):
        _check_spill(k, placement, rates)


def _check_spill(k: int, placement: int, rates: FlowRates) -> None:
    shares = rates.spill[k]
    filled = [earlier for earlier in rates.capped[: k + 1] if shares[earlier] != 0]
    if filled:
        where = "itself" if placement in filled else f"placement {filled[0]}, which is filled before it"
        raise _spill_problem(
            placement, f"{shares[filled[-1]]:.3g} to {where}", "only placements filled later or not capped"
        )
    if (shares < 0).any() or abs(float(shares.sum()) - 1.0) > SUM_TOLERANCE:
        raise _spill_problem(placement, f"shares {shares.round(6).tolist()}", "shares of at least 0 that sum to 1")


def _spill_problem(placement: int, found: str, expected: str) -> ReconciliationError:
    return ReconciliationError(
        Problem(
            "HN913",
            f"those refused a place at placement {placement} have nowhere to go",
            found=found,
            expected=expected,
            do="Set the shares of spill of that placement, in the order in which places are filled.",
        )
    )


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
    names = ("new_share", "share_shift", "arrival_share")
    summed = {name: getattr(rates, name).sum(axis=-2, keepdims=True) for name in names}
    return opening.sum(axis=2, keepdims=True), replace(rates, **summed)
