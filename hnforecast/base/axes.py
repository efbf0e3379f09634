"""Dimension names, their order, and the check that an array keeps to it.

The order is (draw, time, age, need, placement). A missing axis is dropped, never reordered; draw is never dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hnforecast.base.errors import Problem, ReconciliationError

FloatArray = NDArray[np.float64]

AGES = 26  # completed years on 31 August before the academic year: 0..25


@dataclass(frozen=True)
class Axes:
    """Labels along each axis of a run.

    Args:
        needs: SEN2 primary need codes, or ("all",) where only margins are known.
        placements: codes of inputs/codes/placements.csv, in file order.
        months: simulated months as absolute numbers (see timeline.py), the first being the month after the
            opening January count.
    """

    needs: tuple[str, ...]
    placements: tuple[str, ...]
    months: tuple[int, ...]

    @property
    def ages(self) -> tuple[int, ...]:
        """0..25, completed years on 31 August before the academic year."""
        return tuple(range(AGES))

    def size(self, dimension: str) -> int | None:
        """Length of a named dimension; None for draw, which any array may hold in full or as one."""
        return {
            "draw": None,
            "time": len(self.months),
            "age": AGES,
            "need": len(self.needs),
            "placement": len(self.placements),
        }[dimension]


def check_shape(name: str, array: FloatArray, dimensions: tuple[str, ...], axes: Axes) -> FloatArray:
    """Return the array if its shape is that of the named dimensions, in the one order allowed.

    Raises:
        ReconciliationError: a wrong number of dimensions or a wrong length.
    """
    expected = [axes.size(dimension) for dimension in dimensions]
    fits = array.ndim == len(expected) and all(
        want is None or want == got for want, got in zip(expected, array.shape, strict=True)
    )
    if not fits:
        raise ReconciliationError(
            Problem(
                "HN901",
                f"the array {name!r} has the wrong shape",
                found=str(array.shape),
                expected=f"({', '.join(dimensions)}) = {tuple('any' if n is None else n for n in expected)}",
            )
        )
    return array


def check_finite(name: str, array: FloatArray) -> FloatArray:
    """Return the array if every value is a finite number; NaN and infinity never leave a stage.

    Raises:
        ReconciliationError: any value is not finite.
    """
    if not np.isfinite(array).all():
        where = tuple(int(index[0]) for index in np.nonzero(~np.isfinite(array)))
        raise ReconciliationError(
            Problem("HN902", f"the array {name!r} holds a value that is not a number", found=f"at index {where}")
        )
    return array


def stack_draws(arrays: Sequence[FloatArray], axis: int) -> FloatArray:
    """Stack arrays that differ only in their draw axis, the first: one draw is repeated to the longest.

    The draws of a cell lie together in memory, as arithmetic on every draw runs through them.
    """
    draws = max(array.shape[0] for array in arrays)
    cells = [np.broadcast_to(array, (draws, *array.shape[1:])) for array in arrays]
    shape = list(cells[0].shape)
    shape.insert(axis % (len(shape) + 1), len(cells))
    return np.stack(cells, axis=axis, out=np.empty(shape, order="F"))
