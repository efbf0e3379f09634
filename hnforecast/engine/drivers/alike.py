"""Draws that flow alike: where they differ in prices, services or funding alone, one flow of plans serves them all.

Every combination of eleven measures is two thousand draws, but measures that move no plans leave their flows the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hnforecast.assumptions import Measure
from hnforecast.base.axes import FloatArray
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers.levers import plan_measures
from hnforecast.engine.model.cohorts import DRAWN
from hnforecast.engine.model.state import FlowRates, Plans


@dataclass(frozen=True)
class Alike:
    """Draws in kinds that flow alike.

    Args:
        drawn: the first draw of each kind.
        kind: (d,) the kind of every draw.
    """

    drawn: Drawn
    kind: NDArray[np.intp]

    @classmethod
    def of(cls, measures: Sequence[Measure], drawn: Drawn, window_factor: Mapping[int, FloatArray]) -> Self | None:
        """The kinds of the draws; None where each flows in its own way.

        Args:
            measures: of the scenario.
            drawn: only one in which values of measures alone differ by draw can have kinds.
            window_factor: as in flow_rates.
        """
        others = (*drawn.factors.values(), *drawn.shifts.values(), *window_factor.values())
        if drawn.draws < 2 or any(len(array) > 1 for array in others):
            return None
        moving = plan_measures(measures)
        still = tuple(f"measures.{measure.name}." for measure in measures if measure.name not in moving)
        told = [values for path, values in drawn.values.items() if len(values) > 1 and not path.startswith(still)]
        rows = np.stack(told, axis=1) if told else np.zeros((drawn.draws, 1))
        _, first, kind = np.unique(rows, axis=0, return_index=True, return_inverse=True)
        if len(first) == drawn.draws:
            return None
        values = {path: array[first] if len(array) > 1 else array for path, array in drawn.values.items()}
        return cls(replace(drawn, draws=len(first), values=values), kind.reshape(-1))

    def plans(self, plans: Plans) -> Plans:
        """Plans of every draw, from those of each kind."""
        every: dict[str, Any] = {
            name: self._each(value) for name, value in vars(plans).items() if isinstance(value, np.ndarray)
        }
        return replace(plans, **every)

    def rates(self, rates: FlowRates) -> FlowRates:
        """Rates of every draw, from those of each kind."""
        every: dict[str, Any] = {name: self._each(getattr(rates, name)) for name in DRAWN}
        return replace(rates, **every)

    def _each(self, array: FloatArray) -> FloatArray:
        """An array of every draw; one that is the same in all stays so."""
        if len(array) == 1:
            return array
        each: FloatArray = np.moveaxis(np.moveaxis(array, 0, -1)[..., self.kind], -1, 0)
        return each
