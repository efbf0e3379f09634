"""One table of every parameter a vintage may hold: its unit, its form, its columns, and the stage that uses it.

The keys of a pattern are those of the YAML, from the file's name down; * stands for any one name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from hnforecast.assumptions.fields import PeriodKind


@dataclass(frozen=True)
class Shape:
    """What a parameter must look like.

    Args:
        pattern: path, with * for any one name.
        units: units it may have.
        forms: which of value, by and file it may be.
        used_by: the stage that uses it and how, for `explain`.
        period: the kind of its `by` keys.
        columns: key columns of its table; `value` follows.
        low, high: bounds where they are narrower or wider than the unit's.
        contiguous: years may not be skipped.
        complete: key columns of which every value must be present (age: 0..25; placement: all; month: 1..12).
        sums_over: key columns over which the values of each remaining key sum to 1.
    """

    pattern: str
    units: tuple[str, ...]
    forms: tuple[str, ...]
    used_by: str
    period: PeriodKind | None = None
    columns: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    contiguous: bool = False
    complete: tuple[str, ...] = ()
    sums_over: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The pattern's parts."""
        return tuple(self.pattern.split("."))


def _value(pattern: str, unit: str, used_by: str, *, low: float | None = None, high: float | None = None) -> Shape:
    return Shape(pattern, (unit,), ("value",), used_by, low=low, high=high)


def _by(
    pattern: str, unit: str, period: PeriodKind, used_by: str, *, low: float | None = None, contiguous: bool = False
) -> Shape:
    return Shape(pattern, (unit,), ("by",), used_by, period=period, low=low, contiguous=contiguous)


def _table(
    pattern: str, unit: str, columns: str, used_by: str, *, complete: str = "", sums_over: str = "",
    low: float | None = None, high: float | None = None,
) -> Shape:  # fmt: skip
    return Shape(
        pattern, (unit,), ("file",), used_by, columns=tuple(columns.split()), complete=tuple(complete.split()),
        sums_over=tuple(sums_over.split()), low=low, high=high,
    )  # fmt: skip


SHAPES = (
    _table("population.children", "persons", "year age", "population: residents each September", complete="age"),
    _table("demand.new_plans.rate", "per_1000_children_year", "age",
           "plans: new plans a year per 1,000 residents without a plan", complete="age"),
    _by("demand.new_plans.growth", "share_per_year", "census",
        "plans: growth of the new-plan rate by January window", contiguous=True),
    _table("demand.new_plans.placement_share", "share", "age placement",
           "plans: where new plans are placed", complete="age", sums_over="placement"),
    _value("demand.pipeline.agreed_share", "share", "plans: share of requests that lead to an assessment"),
    _value("demand.pipeline.issued_share", "share", "plans: share of assessments that lead to a plan"),
    _table("flows.opening_plans", "plans", "census_year age placement", "plans: the opening January counts"),
    _table("flows.cease.hazard", "share_per_year", "age placement",
           "plans: share of plans that cease in a year", complete="age placement", low=0, high=1),
    _by("flows.cease.factor", "index", "census",
        "plans: multiplies every cease hazard, by January window", contiguous=True),
    _table("flows.moves", "share", "age from_placement to_placement",
           "plans: moves between placements in September", sums_over="to_placement"),
    _table("flows.movers_in.rate", "per_1000_children_year", "age",
           "plans: plans a year that move in from other authorities, per 1,000 residents", complete="age", low=0),
    _table("flows.movers_in.placement_share", "share", "age placement",
           "plans: where plans that move in are placed", complete="age", sums_over="placement"),
    _table("flows.net_other", "share_per_year", "age",
           "plans: transfers and recording, as a share of the September stock", complete="age", low=-1, high=1),
    _table("flows.month_profile", "share", "flow month",
           "plans: how a year's flows fall over its months", complete="flow month", sums_over="month"),
    _by("flows.places.*.commissioned", "places", "month", "plans: places that limit a placement; spend: place funding"),
    _value("flows.spill.*.*", "share", "plans: where those not admitted to a full placement go"),
    _by("prices.indices.*", "share_per_year", "year", "prices: yearly uplift", contiguous=True),
    _value("prices.top_up.*", "gbp_per_plan_year", "prices: top-up or fee per plan"),
    _value("prices.line_share.*.*", "share", "spend: s251 lines that the top-up is charged to"),
    _value("prices.place.*", "gbp_per_place_year", "prices: funding per commissioned place"),
    _value("prices.place_council_share.*", "share", "spend: places the council pays; the DfE pays the rest"),
    Shape("services.lines.*.cost", ("gbp_year",), ("value", "by"),
          "spend: services that no plan drives", period="year", low=0),
    _value("services.council.*.share", "share", "spend: share of plans, new plans or requests with this cost (memo)"),
    _value("services.council.*.cost", "gbp_per_plan_year", "spend: unit cost outside the schools grant (memo)"),
    _by("funding.high_needs_block.allocation", "gbp_year", "year",
        "funding: announced block before deductions", low=0, contiguous=True),
    _by("funding.high_needs_block.growth", "share_per_year", "year",
        "funding: block growth after the announced years", contiguous=True),
    _table("funding.high_needs_block.components", "gbp_year", "financial_year component",
           "funding: parts of the block, checked against its total"),
    _by("funding.import_export", "gbp_year", "year", "funding: import and export adjustment", contiguous=True),
    _by("funding.deductions", "gbp_year", "year",
        "funding: places the DfE pays direct, out of the block", low=0, contiguous=True),
    _by("funding.deductions_growth", "share_per_year", "year", "funding: growth of deductions", contiguous=True),
    _value("funding.deductions_follow.*.rate", "gbp_per_place_year", "funding: deduction for each further place"),
    _value("funding.deductions_follow.*.share", "share", "funding: share of further places that the DfE pays direct"),
    _value("funding.deductions_follow.*.base", "places", "funding: places or plan-years of the last known deduction"),
    _by("funding.block_transfer", "gbp_year", "year", "funding: transfer from the schools block, approved years only"),
    _by("funding.other", "gbp_year", "year", "funding: other income to the block"),
    _by("support.balance", "gbp", "month", "account: published closing balances"),
    _by("support.agreement.gross_closing", "gbp", "year", "account: agreed closing balance without contributions"),
    _by("support.agreement.in_year", "gbp", "year", "account: agreed in-year position"),
    _by("support.instruments.*.payments", "gbp_year", "year", "account: support received", low=0),
    _value("support.instruments.*.share", "share", "account: share of the deficit at a date"),
    Shape("measures.*.effects.*.change", ("share", "places", "gbp_year"), ("value", "by"),
          "measures: change to a driver at full delivery", period="year", low=-5e9),
    _value("measures.*.effects.*.part", "share", "measures: share of the whole that the named needs or bands make up"),
    _by("measures.*.planned", "gbp_year", "year", "register: saving promised, net of delivery costs", low=-5e9),
    _by("measures.*.costs.*.cost", "gbp_year", "year", "spend: cost of delivering a measure", low=0),
    _value("measures.*.delivery", "share", "measures: how much is delivered", high=1.2),
)  # fmt: skip


@lru_cache(maxsize=4096)
def shape_of(keys: tuple[str, ...]) -> Shape | None:
    """The shape of the parameter at a path, or None where no parameter may be."""
    return next((shape for shape in SHAPES if _fits(shape.keys, keys)), None)


def _fits(pattern: Sequence[str], keys: Sequence[str]) -> bool:
    return len(pattern) == len(keys) and all(want in ("*", got) for want, got in zip(pattern, keys, strict=True))


# The closed list of units, and the bounds outside which a value is a slip of the keyboard.


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
