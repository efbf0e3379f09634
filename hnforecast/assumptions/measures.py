"""Measures and scenarios as written: mitigations as data, and scenarios as lists of their names.

What a measure does to a driver is in `effects.py`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, PrivateAttr, WithJsonSchema

from hnforecast.assumptions.effects import Effect
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
from hnforecast.assumptions.sourced import Delivery, Mark, Rating, Sourced, Status
from hnforecast.base.errors import Place


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
