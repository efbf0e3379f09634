"""One scrambled Sobol block of fixed width: a new parameter moves no other draw and scenarios share their noise."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.errors import Problem, UsageError

WIDTH = 64  # columns; scipy changes every column when the number of dimensions changes, so it never does
MOST_DRAWS = 2**17


@lru_cache(maxsize=2)
def normal_block(draws: int, seed: int) -> FloatArray:
    """(draws, 64) standard normals: one scrambled Sobol block through the inverse normal.

    Args:
        draws: a power of two.
        seed: of the scrambling.

    Raises:
        UsageError: the number of draws is not a power of two, or is out of range.

    Source: docs/method.md, draws. Separate scrambles of one sequence per parameter would correlate.
    """
    if draws < 1 or draws & (draws - 1) or draws > MOST_DRAWS:
        below = 2 ** int(np.log2(max(draws, 1)))
        raise UsageError(
            Problem(
                "HN501",
                "the number of draws must be a power of two",
                found=str(draws),
                expected=f"1, 2, 4 ... {MOST_DRAWS}",
                do=f"Use {min(below, MOST_DRAWS)} or {min(2 * below, MOST_DRAWS)}.",
            )
        )
    from scipy.special import ndtri
    from scipy.stats.qmc import Sobol

    generator = np.random.Generator(np.random.PCG64DXSM(seed))
    uniform = Sobol(WIDTH, scramble=True, rng=generator).random(draws)
    smallest = 2.0**-40
    normals: FloatArray = ndtri(np.clip(uniform, smallest, 1.0 - smallest))
    normals.flags.writeable = False  # kept, and handed to everyone who asks for the same block
    return normals
