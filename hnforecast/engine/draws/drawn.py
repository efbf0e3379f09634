"""The values a run uses: central as written, or drawn once per draw and held over years and cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from hnforecast.assumptions import Sourced
from hnforecast.base.axes import FloatArray


@dataclass(frozen=True)
class Drawn:
    """Looks up the value of a parameter for every draw.

    Args:
        draws: number of draws; 1 is the central run.
        values: path of a single value -> (draw,) drawn values.
        factors: path of a table or series -> (draw,) multiplier; shifts: the same, to be added.
        pinned: path -> value set for every draw alike (a scenario's low or high delivery).
    """

    draws: int = 1
    values: Mapping[str, FloatArray] = field(default_factory=dict)
    factors: Mapping[str, FloatArray] = field(default_factory=dict)
    shifts: Mapping[str, FloatArray] = field(default_factory=dict)
    pinned: Mapping[str, float] = field(default_factory=dict)

    def value(self, parameter: Sourced) -> FloatArray:
        """(draw or 1,) the value of a single-valued parameter."""
        if parameter.path in self.pinned:
            return np.array([self.pinned[parameter.path]])
        if parameter.path in self.values:
            return self.values[parameter.path]
        return np.array([parameter.at(0)])

    def factor(self, path: str) -> FloatArray:
        """(draw or 1,) multiplier on everything at a path; 1 where nothing is drawn."""
        return self.factors.get(path, np.ones(1))

    def shift(self, path: str) -> FloatArray:
        """(draw or 1,) amount added at a path; 0 where nothing is drawn, pinned where a scenario says so."""
        if path in self.pinned:
            return np.array([self.pinned[path]])
        return self.shifts.get(path, np.zeros(1))


CENTRAL = Drawn()
