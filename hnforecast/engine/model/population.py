"""Children and young people by single age: the base of every rate."""

from __future__ import annotations

import numpy as np

from hnforecast.base.axes import AGES, FloatArray, check_finite
from hnforecast.base.errors import Problem, ReconciliationError
from hnforecast.engine.model.state import Population


def project_children(mid_year: FloatArray, factor: FloatArray) -> Population:
    """Residents at 1 September from a mid-year series: the mid-year age is taken as the age on 31 August.

    Args:
        mid_year: (y, a) persons, one row for each academic year of the clock.
        factor: (d, y) or (1, 1) multiplies every age: the variant of the projection drawn.

    Raises:
        ReconciliationError: a negative number of children.
    """
    children = check_finite("children", mid_year[None] * np.atleast_2d(factor)[:, :, None])
    if (children < 0).any() or children.shape[-1] != AGES:
        raise ReconciliationError(Problem("HN912", "the population holds a negative number or lacks an age"))
    return Population(children)
