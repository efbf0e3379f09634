"""What the measures of a scenario do to each driver: how far each is delivered, and by how much it moves a cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hnforecast.assumptions import Effect, Measure
from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.timeline import academic_year, month, months_of_financial_year
from hnforecast.engine.draws.drawn import Drawn

RATE_DRIVERS = ("request_rate", "new_plan_rate", "agreement_rate", "issue_rate")
MONEY_DRIVERS = ("fee_uplift", "unit_price", "place_price", "service_budget", "council_cost", "block_transfer")
Limit = Callable[[int], FloatArray]  # month -> (draw or 1,) the most that may be in place


@dataclass(frozen=True)
class Lever:
    """One effect of one measure.

    Args:
        delivered: (draw or 1,) share of the measure delivered; nought where what it needs is not run.
        size: (draw or 1,) the change at full delivery.
        part: (draw or 1,) share of the whole that the needs or bands named make up; one where none are.
        late: months by which it starts later than written, because what it depends on opens later.
        limits: what each measure it depends on for delivery has in place.
    """

    measure: Measure
    effect: Effect
    delivered: FloatArray
    size: FloatArray
    part: FloatArray
    late: int = 0
    limits: tuple[Limit, ...] = ()

    def reach(self, months: Iterable[int]) -> float:
        """Mean share of the measure in place over the months, were all of it delivered."""
        return float(np.mean([self.measure.ramp(month - self.late) for month in months]))

    def in_place(self, months: Iterable[int], scale: FloatArray | float = 1.0) -> FloatArray:
        """(draw or 1,) scale x the share of the measure delivered and in place, on average over the months."""
        months = tuple(months)
        if not self.limits:
            delivered: FloatArray = scale * self.delivered * self.reach(months)
            return delivered
        rows = [
            np.minimum.reduce([self.delivered * self.reach((month,)), *_same([limit(month) for limit in self.limits])])
            for month in months
        ]
        within: FloatArray = scale * np.mean(rows, axis=0)
        return within

    def amount(self, months: Iterable[int]) -> FloatArray:
        """(draw or 1,) change delivered on average over the months."""
        return self.in_place(months, self.size)

    def pounds(self, year: int) -> FloatArray:
        """(draw or 1,) pounds in a financial year of a change stated in pounds, as far as it is delivered."""
        months = months_of_financial_year(year)
        by_year = self.effect.change.at(year, 0.0, hold=False) if self.effect.change.by is not None else 1.0
        return self.amount(months) * by_year

    def places(self, year: int) -> FloatArray:
        """(draw or 1,) places in the September of an academic year; a build-up by year holds after its last year."""
        by_year = self.effect.change.at(year, 0.0) if self.effect.change.by is not None else 1.0
        return self.amount([month(year, 9)]) * by_year

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

    def whole(self, *drivers: str) -> Iterator[Lever]:
        """Those that act on all of a driver: their factors multiply."""
        return (lever for lever in self.of(*drivers) if not lever.effect.named_part)

    def partial(self, *drivers: str) -> list[Lever]:
        """Those that act on named needs or bands: parts of one whole, so their changes add."""
        return [lever for lever in self.of(*drivers) if lever.effect.named_part]


def levers_of(measures: Iterable[Measure], drawn: Drawn) -> Levers:
    """Every effect with its drawn size and delivery, waiting for what its measure depends on."""
    found: dict[str, Lever] = {}
    by_name = {measure.name: measure for measure in measures}
    return Levers(
        tuple(
            _lever(measure, effect, by_name, drawn, found) for measure in by_name.values() for effect in measure.effects
        )
    )


def plan_measures(measures: Sequence[Measure]) -> tuple[str, ...]:
    """The measures that change how many plans there are or where; the others change money alone.

    What holds such a measure back is one too: without it the other would do nothing.
    """
    chosen = {m.name for m in measures if any(effect.driver not in MONEY_DRIVERS for effect in m.effects)}
    grown = True
    while grown:
        needed = {
            dependency.measure
            for m in measures
            if m.name in chosen
            for dependency in m.depends_on
            if dependency.limit is not None
        }
        grown = not needed <= chosen
        chosen |= needed
    return tuple(m.name for m in measures if m.name in chosen)


def opening(measure: Measure, others: Mapping[str, Measure]) -> int:
    """The month a measure opens: its start, the first places of a build-up, or the opening of what it depends on."""
    first = measure.start
    for effect in measure.effects:
        if effect.driver == "commissioned_places" and effect.change.by is not None:
            years = [year for year, places in effect.change.by.items() if places]
            first = max(first, month(min(years), 9)) if years else first
    return max([first, *(opening(others[name], others) for name in measure.needed if name in others)])


def _lever(
    measure: Measure, effect: Effect, others: Mapping[str, Measure], drawn: Drawn, found: dict[str, Lever]
) -> Lever:
    """One effect, with what holds it back."""
    delivered, limits = drawn.value(measure.delivery), []
    start = max([measure.start, *(opening(others[name], others) for name in measure.needed if name in others)])
    for dependency in measure.depends_on:
        if dependency.limit is None:
            continue
        needed = others.get(dependency.measure)
        if needed is None:
            delivered = np.zeros(1)
            continue
        before = found.get(needed.name) or _lever(needed, needed.effects[0], others, drawn, found)
        found[needed.name] = before
        delivered = delivered * (before.delivered > 0)
        if dependency.limit == "delivery":
            limits.append(_delivery_of(before))
    part = np.ones(1) if effect.part is None else drawn.value(effect.part)
    return Lever(measure, effect, delivered, _size(effect, drawn), part, start - measure.start, tuple(limits))


def _delivery_of(lever: Lever) -> Limit:
    """The share of a measure in place in a month: delivered, ramped, and of the places of a build-up those open."""
    builds = [effect.change for effect in lever.measure.effects if effect.driver == "commissioned_places"]

    def in_place(absolute: int) -> FloatArray:
        built = [
            change.at(academic_year(absolute), 0.0) / max(change.by.values())
            for change in builds
            if change.by is not None and max(change.by.values()) > 0
        ]
        return lever.in_place((absolute,), min(built, default=1.0))

    return in_place


def _same(arrays: list[FloatArray]) -> list[FloatArray]:
    """Arrays of one draw or all draws, as long as the longest."""
    return [np.asarray(array) for array in np.broadcast_arrays(*arrays)]


def _size(effect: Effect, drawn: Drawn) -> FloatArray:
    """The change at full delivery; amounts by year are looked up year by year, so their size is one."""
    return np.ones(1) if effect.change.by is not None else drawn.value(effect.change)
