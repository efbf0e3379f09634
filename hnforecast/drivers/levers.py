"""What the measures of a scenario do to each driver: how far each is delivered, and by how much it moves a cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from hnforecast.assumptions import Effect, Measure
from hnforecast.axes import AGES, FloatArray
from hnforecast.draws.drawn import Drawn
from hnforecast.timeline import months_of_financial_year

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

    def pounds(self, year: int) -> FloatArray:
        """(draw or 1,) pounds in a financial year of a change stated in pounds, as far as it is delivered."""
        months = months_of_financial_year(year)
        by_year = self.effect.change.at(year, 0.0, hold=False) if self.effect.change.by is not None else 1.0
        return self.amount(months) * by_year

    @property
    def ages(self) -> slice:
        """The ages touched, as positions on the age axis."""
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
            Lever(measure, effect, drawn.value(measure.delivery), _size(effect, drawn))
            for measure in measures
            for effect in measure.effects
        )
    )


def _size(effect: Effect, drawn: Drawn) -> FloatArray:
    """The change at full delivery; amounts by year are looked up year by year, so their size is one."""
    return np.ones(1) if effect.change.by is not None else drawn.value(effect.change)
