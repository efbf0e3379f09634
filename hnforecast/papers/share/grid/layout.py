"""How measures are laid on the grid: as lanes of the flow, as prices on the plans of a lane, or as sums that add.

A measure that only moves money no other measure touches (a budget, a transfer) adds its own sum to any lane. One that
only changes prices is costed on plans already flowed. The rest change plans, and every combination of theirs is run.
Where there are too many, the smallest measures lose their middle level, and then are held as planned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np

from hnforecast.assumptions import Measure
from hnforecast.base.axes import FloatArray

FULL: tuple[float, ...] = (0.0, 0.5, 1.0)  # of what the plan expects to be delivered
ENDS: tuple[float, ...] = (0.0, 1.0)
HELD: tuple[float, ...] = (1.0,)
MOST_LANES = 20_000  # lanes x prices; three growths of so many are half a minute's work and under a megabyte
APART = {"block_transfer", "service_budget"}
PRICES = {"fee_uplift", "unit_price"}


@dataclass(frozen=True)
class Layout:
    """Where each measure of the plan lies on the grid.

    Args:
        measures: names, in the plan's order.
        levels: measure -> levels kept, shares of what the plan expects.
        flow, prices, apart: names of the measures of each kind, in the plan's order.
    """

    measures: tuple[str, ...]
    levels: Mapping[str, tuple[float, ...]]
    flow: tuple[str, ...]
    prices: tuple[str, ...]
    apart: tuple[str, ...]

    @property
    def lanes(self) -> FloatArray:
        """(lane, flow measure) levels, the last measure's changing fastest."""
        return _combinations([self.levels[name] for name in self.flow])

    @property
    def price_lanes(self) -> FloatArray:
        """(price lane, price measure) levels."""
        return _combinations([self.levels[name] for name in self.prices])

    def shape(self, names: Sequence[str]) -> tuple[int, ...]:
        """Number of levels of each measure named."""
        return tuple(len(self.levels[name]) for name in names)


def lay_out(measures: Sequence[Measure], by_size: Sequence[str], most: int = MOST_LANES) -> Layout:
    """Lay measures on a grid of at most so many lanes.

    Args:
        measures: of the plan.
        by_size: their names, the measure that matters least first.
        most: lanes times prices.
    """
    apart = [measure.name for measure in measures if _adds(measure, measures)]
    bound = _bound(measures)
    prices = [m.name for m in measures if {effect.driver for effect in m.effects} <= PRICES and m.name not in bound]
    crossed = [name for name in by_size if name not in apart]
    levels = {measure.name: FULL for measure in measures}
    for fewer in (ENDS, HELD):
        for name in crossed:
            if prod(len(levels[other]) for other in crossed) > most:
                levels[name] = fewer
    flow = [measure.name for measure in measures if measure.name not in (*apart, *prices)]
    return Layout(tuple(m.name for m in measures), levels, tuple(flow), tuple(prices), tuple(apart))


def _adds(measure: Measure, measures: Sequence[Measure]) -> bool:
    """Whether what a measure is worth is the same whatever the others do."""
    if not {effect.driver for effect in measure.effects} <= APART or measure.name in _bound(measures):
        return False
    own = _lines(measure)
    return not any(own & _lines(other) for other in measures if other.name != measure.name)


def _bound(measures: Sequence[Measure]) -> set[str]:
    """Measures held back by another, and those that hold another back: what they are worth is not theirs alone."""
    pairs = [
        (measure.name, dependency.measure)
        for measure in measures
        for dependency in measure.depends_on
        if dependency.limit is not None
    ]
    return {name for pair in pairs for name in pair}


def _lines(measure: Measure) -> set[str]:
    return {line for effect in measure.effects if effect.driver == "service_budget" for line in effect.lines or ()}


def _combinations(levels: Sequence[Sequence[float]]) -> FloatArray:
    found = list(product(*levels))
    return np.array(found, dtype=float).reshape(len(found), len(levels))
