"""Measures and scenarios as written: mitigations as data, and scenarios as lists of their names.

What a measure does to a driver is in `effects.py`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, PrivateAttr, WithJsonSchema
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
from hnforecast.base.errors import Place

# What a measure does to one driver.

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


class DeliveryCost(Strict):
    """What a measure costs to deliver: an investment made once, or its running.

    Only a cost on the grant (`account: dsg`) is a row of spend, on its s251 line. What the council's own budget or its
    capital programme pays stands in the register and never in the account.
    """

    s251_line: Text | None = None
    label: Text
    kind: Literal["investment", "running"] = "running"
    account: Literal["dsg", "council", "capital"] = "dsg"
    cost: Sourced

    def model_post_init(self, context: object) -> None:
        """Refuse a cost on the grant that is on no line of it."""
        if self.account == "dsg" and self.s251_line is None:
            do = "Add the line, or say `account: council` or `account: capital`."
            fault = detail("HN111", "a cost on the grant needs `s251_line`", "none", ("s251_line",), do=do)
            refuse_all("cost", [fault])


class Dependency(Strict):
    """What a measure waits for.

    A name alone says that two measures are one plan: both are in the scenario, and this one starts no earlier than the
    other. With a limit this one gives nothing and costs nothing unless the other is run, and from its opening on
    `opening` lets it grow by its own ramp, `delivery` to no more than the share the other has delivered.
    """

    measure: Text
    limit: Literal["opening", "delivery"] | None = None


def read_dependency(value: Any) -> Any:
    """A name alone, or `{measure: NAME, limit: opening}`."""
    return value if isinstance(value, (dict, Dependency)) else Dependency(measure=read_text(value))


Depends = Annotated[
    Dependency,
    BeforeValidator(read_dependency),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {
                    "type": "object",
                    "properties": {"measure": {"type": "string"}, "limit": {"enum": ["opening", "delivery"]}},
                    "required": ["measure"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


class StatutoryBasis(Strict):
    """Why a measure that looks like refusing a duty does not: the answer, whose it is, and which duties it answers.

    `need_met_by` names what meets the need instead, such as a measure that brings support earlier.
    """

    text: Text
    status: Literal["officer_view", "legal_advice"]
    by: Text
    on: Day
    sections: Annotated[list[Literal["36", "37", "42", "44", "45"]], Field(min_length=1)]
    need_met_by: Text | None = None


class Measure(Strict):
    """measures/<vintage>/NAME.yaml. Effects grow in a straight line from `start` over `ramp_months`.

    `planned` is the yearly saving the plan promised, net of delivery, where one was published or signed off.
    """

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
    depends_on: list[Depends] = []
    combines_with: list[Text] = []
    statutory_note: Text
    statutory_basis: StatutoryBasis | None = None
    planned: Sourced | None = None
    next_step: Text | None = None
    effects: Annotated[list[Effect], Field(min_length=1)]
    costs: list[DeliveryCost] = []
    delivery: Delivery

    _place: Place = PrivateAttr(default=Place())

    @property
    def place(self) -> Place:
        """The file."""
        return self._place

    @property
    def needed(self) -> tuple[str, ...]:
        """The measures this one depends on."""
        return tuple(dependency.measure for dependency in self.depends_on)

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
