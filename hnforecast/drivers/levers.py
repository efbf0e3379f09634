"""What the measures of a scenario do to each driver: how far each is delivered in a period, and by how much it moves a cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from hnforecast.assumptions import Effect, Measure
from hnforecast.axes import AGES, FloatArray
from hnforecast.drivers.drawn import Drawn

RATE_DRIVERS = ("new_plan_rate", "agreement_rate", "issue_rate")


@dataclass(frozen=True)
class Lever:
    """One effect of one measure."""

    measure: Measure
    effect: Effect
    delivered: FloatArray  # (draw or 1,)
    size: FloatArray  # (draw or 1,) the change at full delivery

    def reach(self, months: Iterable[int]) -> float:
        """Mean share of the measure in place over the months."""
        return float(np.mean([self.measure.ramp(month) for month in months]))

    def amount(self, months: Iterable[int]) -> FloatArray:
        """(draw or 1,) change delivered on average over the months."""
        return self.size * self.delivered * self.reach(months)

    @property
    def ages(self) -> slice:
        low, high = self.effect.age_range
        return slice(low, min(high, AGES - 1) + 1)

    def touches(self, placement: str) -> bool:
        """Whether the effect acts on a placement; an effect that names none acts on all."""
        return self.effect.sources is None or placement in self.effect.sources


@dataclass(frozen=True)
class Levers:
    """The effects of a scenario's measures."""

    items: tuple[Lever, ...]

    def of(self, *drivers: str) -> Iterator[Lever]:
        """Those that act on the named drivers, in the scenario's order."""
        return (lever for lever in self.items if lever.effect.driver in drivers)


def levers_of(measures: Iterable[Measure], drawn: Drawn) -> Levers:
    """Every effect with its drawn size and delivery."""
    return Levers(
        tuple(
            Lever(measure, effect, drawn.value(measure.delivery), drawn.value(effect.change))
            for measure in measures
            for effect in measure.effects
        )
    )
