"""Measures and scenarios as written: mitigations as data, and scenarios as lists of their names."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, PrivateAttr, WithJsonSchema
from pydantic_core import InitErrorDetails

from hnforecast.assumptions.fields import (
    Day,
    FinancialYear,
    MonthNumber,
    Strict,
    Text,
    detail,
    read_text,
    refuse,
    refuse_all,
)
from hnforecast.assumptions.sourced import Change, Delivery, Mark, Rating, Sourced, Status
from hnforecast.errors import Place

DriverName = Literal[
    "new_plan_rate", "agreement_rate", "issue_rate", "placement_share", "move", "cease_rate",
    "fee_uplift", "unit_price", "commissioned_places", "service_budget", "block_transfer",
]  # fmt: skip

# driver -> (settings it needs, settings it may have, units of its change)
DRIVERS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "new_plan_rate": ((), ("ages",), ("share",)),
    "agreement_rate": ((), ("ages",), ("share",)),
    "issue_rate": ((), ("ages",), ("share",)),
    "placement_share": (("to_placement",), ("ages", "placements", "from_placement"), ("share",)),
    "move": (("from_placement", "to_placement"), ("ages",), ("share",)),
    "cease_rate": ((), ("ages", "placements"), ("share",)),
    "fee_uplift": ((), ("placements",), ("share",)),
    "unit_price": ((), ("placements",), ("share",)),
    "commissioned_places": (("placements",), (), ("places",)),
    "service_budget": (("lines",), (), ("share", "gbp_year")),
    "block_transfer": ((), (), ("gbp_year",)),
}
SETTINGS = ("ages", "placements", "from_placement", "to_placement", "lines")
OLDEST = 25


class Effect(Strict):
    """What a measure does to one driver, at full delivery."""

    driver: DriverName
    change: Change
    ages: Annotated[list[Annotated[int, Field(ge=0, le=OLDEST)]], Field(min_length=2, max_length=2)] | None = None
    placements: Annotated[list[Text], Field(min_length=1)] | None = None
    from_placement: Text | None = None
    to_placement: Text | None = None
    lines: Annotated[list[Text], Field(min_length=1)] | None = None

    @property
    def age_range(self) -> tuple[int, int]:
        """First and last age it touches, both included; every age where none are named."""
        return (self.ages[0], self.ages[1]) if self.ages else (0, OLDEST)

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


class DeliveryCost(Strict):
    """What a measure costs to deliver."""

    s251_line: Text
    label: Text
    cost: Sourced


class Measure(Strict):
    """measures/<vintage>/NAME.yaml. Effects grow in a straight line from `start` over `ramp_months`."""

    name: Text
    title: Text
    heading: Text
    owner: Text
    rag: Rating
    evidence: Text
    status: Status
    source: Text
    published_on: Day
    as_at: Day | None = None
    mark: Mark
    review_by: Day
    calibrated_to: Text | None = None
    note: Text | None = None
    start: MonthNumber
    ramp_months: Annotated[int, Field(ge=0, le=240)]
    depends_on: list[Text] = []
    combines_with: list[Text] = []
    statutory_note: Text
    effects: Annotated[list[Effect], Field(min_length=1)]
    costs: list[DeliveryCost] = []
    delivery: Delivery

    _place: Place = PrivateAttr(default=Place())

    @property
    def place(self) -> Place:
        """The file."""
        return self._place

    def ramp(self, month: int) -> float:
        """How far the measure has grown by a month, 0 before `start` to 1; a straight line, 0 in the month it starts.

        With no ramp it is 1 from `start` on.
        """
        if month < self.start:
            return 0.0
        return 1.0 if self.ramp_months == 0 else min(1.0, (month - self.start) / self.ramp_months)


def read_measure_list(value: Any) -> tuple[str, ...] | None:
    """The measures of a scenario: none, all (as None) or a list of names."""
    if value in ("none", "all"):
        return () if value == "none" else None
    if not isinstance(value, list):
        refuse("HN112", "must be none, all or a list of measures", "none, all or [name, name]")
    return tuple(read_text(name) for name in value)


MeasureList = Annotated[
    tuple[str, ...] | None,
    PlainValidator(read_measure_list),
    WithJsonSchema({"anyOf": [{"enum": ["none", "all"]}, {"type": "array", "items": {"type": "string"}}]}),
]


class ScenarioSpec(Strict):
    """One entry of scenarios.yaml. `measures` is None for all of the vintage's."""

    title: Text
    demand: Literal["vintage", "history"] = "vintage"
    prices: Literal["vintage", "history"] = "vintage"
    measures: MeasureList
    delivery: Literal["central", "low", "high"] = "central"
    growth: Literal["central", "high", "low"] = "central"
    support: list[Text] = []
    suspend_when_missed: list[Text] = []
    support_ends: dict[str, FinancialYear] = {}
    vintages: list[Text] | None = None

    def covers(self, vintage: str) -> bool:
        """Whether the scenario is of that vintage."""
        return self.vintages is None or vintage in self.vintages
