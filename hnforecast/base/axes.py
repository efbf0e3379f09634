"""The order of the axes of every array, the ages, and the check that an array holds numbers.

The order is (draw, time, age, need, placement). A missing axis is dropped, never reordered; draw is never dropped.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hnforecast.base.errors import Problem, ReconciliationError

FloatArray = NDArray[np.float64]

AGES = 26  # completed years on 31 August before the academic year: 0..25


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
