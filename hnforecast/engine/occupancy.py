"""How full commissioned places are by academic year and placement, and what explains places that open.

Only for vintages whose places fill in September: where they fill evenly over the year the January count says little of
how many seats there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hnforecast.base.timeline import month, show_year

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast

LEAST, MOST = 0.85, 1.10  # outside these a placement's places and plans do not belong together


@dataclass(frozen=True)
class Occupancy:
    """One placement in one academic year of the central run.

    Args:
        year: first calendar year of the academic year.
        placement: code.
        places: commissioned in September.
        september, january: plans at the end of the month.
        refused: plans that asked for a place and were placed elsewhere.
        opened: places more than the year before; None in the first year.
        named: measures that open places in the year.
    """

    year: int
    placement: str
    places: float
    september: float
    january: float
    refused: float
    opened: float | None
    named: tuple[str, ...]

    @property
    def share(self) -> float:
        """Plans of the January count over places."""
        return self.january / self.places if self.places > 0 else 0.0

    @property
    def fits(self) -> bool:
        """Whether plans and places belong together."""
        return LEAST <= self.share <= MOST


def occupancy_of(forecast: Forecast) -> tuple[Occupancy, ...]:
    """Every capped placement and academic year with a September and a January; empty where places fill evenly."""
    vintage, clock, plans = forecast.scenario.vintage, forecast.clock, forecast.plans
    if vintage.flows.seating != "september":
        return ()
    places = forecast.rates.places[0]
    apart = len(clock.academic_years) - len(places)  # years before any place was counted
    found = []
    for k, name in enumerate(vintage.flows.places):
        p = vintage.codes.placements.index(name)
        for y, year in enumerate(clock.academic_years[apart:]):
            september, january = month(year, 9), month(year + 1, 1)
            if september not in clock.months or january not in clock.months:
                continue
            measures = (lever for lever in forecast.levers.of("commissioned_places") if lever.touches(name))
            found.append(
                Occupancy(
                    year=year,
                    placement=name,
                    places=float(places[y, k]),
                    september=float(plans.open[0, clock.months.index(september), p]),
                    january=float(plans.open[0, clock.months.index(january), p]),
                    refused=float(plans.spilled[0, y, k]),
                    opened=float(places[y, k] - places[y - 1, k]) if y else None,
                    named=tuple(
                        dict.fromkeys(
                            lever.measure.name
                            for lever in measures
                            if y and float(lever.places(year)[0]) != float(lever.places(year - 1)[0])
                        )
                    ),
                )
            )
    return tuple(found)


def misfits(forecast: Forecast) -> list[str]:
    """Sentences on years in which plans are under 85% or over 110% of places, one a placement."""
    labels, name = forecast.scenario.vintage.codes.labels, forecast.scenario.name
    told: dict[str, list[Occupancy]] = {}
    for row in occupancy_of(forecast):
        if not row.fits:
            told.setdefault(row.placement, []).append(row)
    return [
        f"{name}: plans are outside {LEAST:.0%} to {MOST:.0%} of places, {labels[placement]}: "
        f"{', '.join(f'{show_year(row.year)} {row.share:.0%}' for row in rows)}."
        for placement, rows in told.items()
    ]
