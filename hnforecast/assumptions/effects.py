"""What a measure does to one driver: the drivers there are, and which settings each takes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic_core import InitErrorDetails

from hnforecast.assumptions.fields import Strict, Text, detail, refuse_all
from hnforecast.assumptions.sourced import Change, Sourced

DriverName = Literal[
    "request_rate", "new_plan_rate", "agreement_rate", "issue_rate", "placement_share", "move", "cease_rate",
    "fee_uplift", "unit_price", "place_price", "commissioned_places", "service_budget", "council_cost",
    "block_transfer",
]  # fmt: skip

# driver -> (settings it needs, settings it may have, units of its change)
DRIVERS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "request_rate": ((), ("ages", "needs", "part"), ("share",)),
    "new_plan_rate": ((), ("ages", "needs", "part"), ("share",)),
    "agreement_rate": ((), ("ages", "needs", "part"), ("share",)),
    "issue_rate": ((), ("ages", "needs", "part"), ("share",)),
    "placement_share": (("to_placement",), ("ages", "placements", "from_placement"), ("share",)),
    "move": (("from_placement", "to_placement"), ("ages",), ("share",)),
    "cease_rate": ((), ("ages", "placements"), ("share",)),
    "fee_uplift": ((), ("placements",), ("share",)),
    "unit_price": ((), ("placements", "bands", "part"), ("share",)),
    "place_price": ((), ("placements",), ("share",)),
    "commissioned_places": (("placements",), (), ("places",)),
    "service_budget": (("lines",), (), ("share", "gbp_year")),
    "council_cost": (("lines",), (), ("share",)),
    "block_transfer": ((), (), ("gbp_year",)),
}
SETTINGS = ("ages", "placements", "from_placement", "to_placement", "lines", "needs", "bands", "part")
OLDEST = 25


class Effect(Strict):
    """What a measure does to one driver, at full delivery.

    `needs` (SEN2 codes) or `bands` (the council's own names) limit it to a part of what the driver stands for, and
    `part` says how large that part is: of new plans at those ages, or of the top-up of those placements.
    """

    driver: DriverName
    change: Change
    ages: Annotated[list[Annotated[int, Field(ge=0, le=OLDEST)]], Field(min_length=2, max_length=2)] | None = None
    placements: Annotated[list[Text], Field(min_length=1)] | None = None
    from_placement: Text | None = None
    to_placement: Text | None = None
    lines: Annotated[list[Text], Field(min_length=1)] | None = None
    needs: Annotated[list[Text], Field(min_length=1)] | None = None
    bands: Annotated[list[Text], Field(min_length=1)] | None = None
    part: Sourced | None = None

    @property
    def age_range(self) -> tuple[int, int]:
        """First and last age it touches, both included; every age where none are named."""
        return (self.ages[0], self.ages[1]) if self.ages else (0, OLDEST)

    @property
    def named_part(self) -> tuple[str, ...]:
        """The needs or bands it is limited to; empty where it acts on all."""
        return tuple(self.needs or self.bands or ())

    @property
    def sources(self) -> tuple[str, ...] | None:
        """The placements it touches (for placement_share and move: takes from); None means every one."""
        if self.from_placement is not None:
            return (self.from_placement,)
        return tuple(self.placements) if self.placements is not None else None

    def model_post_init(self, context: object) -> None:
        """Refuse settings the driver does not have, and a change in a unit it does not take."""
        refuse_all("effect", self.faults())

    def faults(self) -> list[InitErrorDetails]:
        """What does not fit the driver."""
        needs, allowed, units = DRIVERS[self.driver]
        found: list[InitErrorDetails] = []
        for name in SETTINGS:
            given = getattr(self, name)
            if given is None and name in needs:
                found.append(detail("HN410", f"{self.driver} needs `{name}`", "none", (), do=f"Add `{name}:`."))
            elif given is not None and name not in needs + allowed:
                expected = ", ".join(needs + allowed) or "no further settings"
                found.append(detail("HN410", f"{self.driver} takes no `{name}`", given, (name,), expected))
        if (self.part is None) is bool(self.named_part):
            what = "`needs` or `bands`, and `part`, their share of the whole, go together"
            found.append(detail("HN410", what, "one without the other", (), do="Add the other, or delete both."))
        if self.ages is not None and self.ages[0] > self.ages[1]:
            found.append(detail("HN410", "the ages are reversed", self.ages, ("ages",), "[low, high]"))
        if self.driver == "placement_share" and self.sources is None:
            what = "placement_share needs `from_placement` or `placements`"
            found.append(detail("HN410", what, "none", ()))
        if self.from_placement is not None and self.placements is not None:
            found.append(
                detail("HN410", "`from_placement` and `placements` say the same thing", "both", ("placements",))
            )
        if self.to_placement is not None and self.sources is not None and self.to_placement in self.sources:
            found.append(detail("HN410", "plans cannot move to where they are", self.to_placement, ("to_placement",)))
        if self.change.unit not in units:
            expected = " or ".join(units)
            found.append(
                detail("HN410", f"wrong unit for {self.driver}", self.change.unit, ("change", "unit"), expected)
            )
        if (
            self.driver in ("placement_share", "move")
            and self.change.value is not None
            and not 0 <= self.change.value <= 1
        ):
            what = "the share that moves lies between 0 and 1"
            found.append(detail("HN410", what, self.change.value, ("change", "value"), "0 to 1"))
        if self.change.unit == "share" and self.change.form == "by":
            found.append(
                detail(
                    "HN410",
                    "a relative change is one value",
                    "by",
                    ("change", "by"),
                    do="Use `start` and `ramp_months`.",
                )
            )
        return found
