"""The closed list of units, and the bounds outside which a value is a slip of the keyboard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Unit:
    """A unit: what its values are called in a message, and the plausible bounds of one value (of one cell)."""

    name: str
    words: str
    low: float
    high: float

    @property
    def is_money(self) -> bool:
        """Whether it is in pounds."""
        return self.name.startswith("gbp")


_UNITS = (
    Unit("persons", "a number of people", 0, 100_000),
    Unit("plans", "a number of plans", 0, 100_000),
    Unit("places", "a number of places", 0, 100_000),
    Unit("per_1000_children_year", "new plans a year per 1,000 children", 0, 1_000),
    Unit("share", "a share such as 0.06 for 6%", 0, 1),
    Unit("share_per_year", "a share a year such as 0.06 for 6%", -0.5, 0.5),
    Unit("gbp_year", "pounds a year", -5e9, 5e9),
    Unit("gbp_per_plan_year", "pounds per plan and year", 0, 500_000),
    Unit("gbp_per_place_year", "pounds per place and year", 0, 60_000),
    Unit("gbp_per_child_year", "pounds per child and year", 0, 500_000),
    Unit("gbp", "pounds", -5e9, 5e9),
    Unit("index", "a factor such as 1.05 for 5% more", 0, 10),
    Unit("count", "a count", 0, 1_000_000),
    Unit("months", "a number of months", 0, 240),
)

UNITS: Mapping[str, Unit] = MappingProxyType({unit.name: unit for unit in _UNITS})


def show_number(value: float) -> str:
    """A number as a person writes it: 14,252 or 0.06, never 1e+06."""
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.2f}" if abs(value) >= 1e8 else f"{value:,.10g}"
