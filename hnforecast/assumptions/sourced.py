"""Sourced: a value with its unit, the date it holds from, where it came from and how far it may be trusted."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from pydantic import Field, PrivateAttr, model_validator
from pydantic_core import InitErrorDetails

from hnforecast.assumptions.fields import (
    ByPeriod,
    Day,
    FinancialYear,
    MonthNumber,
    Number,
    PeriodKind,
    Strict,
    Text,
    detail,
    refuse_all,
)
from hnforecast.assumptions.shapes import UNITS, show_number
from hnforecast.assumptions.tables import Table
from hnforecast.base.errors import AssumptionError, Place, Problem

UnitName = Literal[
    "persons", "plans", "places", "per_1000_children_year", "share", "share_per_year", "gbp_year", "gbp_per_plan_year",
    "gbp_per_place_year", "gbp_per_child_year", "gbp", "index", "count", "months",
]  # fmt: skip
Status = Literal["outturn", "published", "judgement", "expected"]
Mark = Literal["confirmed", "inferred", "unverified"]
Rating = Literal["green", "amber", "red"]


class Interval(Strict):
    """The range expected to hold the true value with probability `level`."""

    low: Number
    high: Number
    level: Number


class Provenance(Strict):
    """Where a value comes from. A judgement also says whose it is and when it is looked at again."""

    source: Text
    published_on: Day
    as_at: Day
    status: Status
    mark: Mark
    owner: Text | None = None
    review_by: Day | None = None
    quality: Rating | None = None
    impact: Rating | None = None
    note: Text | None = None
    calibrated_to: Text | None = None

    def faults(self) -> list[InitErrorDetails]:
        """What is wrong with the group as a whole; subclasses add to it."""
        found: list[InitErrorDetails] = []
        for name in ("owner", "review_by"):
            if self.status == "judgement" and getattr(self, name) is None:
                what = f"a judgement needs `{name}`"
                do = f"Add `{name}:` ({'who decided' if name == 'owner' else 'when it is looked at again'})."
                found.append(detail("HN118", what, "status: judgement", ("status",), do=do))
        return found

    @model_validator(mode="after")
    def _whole(self) -> Self:
        refuse_all(type(self).__name__, self.faults())
        return self


class Sourced(Provenance):
    """One parameter: exactly one of a value, values by year or month, or a table in a CSV beside the file."""

    value: Number | None = None
    by: ByPeriod | None = None
    file: Text | None = None
    unit: UnitName
    holds_from: MonthNumber = Field(alias="from")
    price_base: FinancialYear | None = None
    uprate_by: Text | None = None
    uplift_month: Literal[4, 9] = 4
    interval: Interval | None = None

    _path: str = PrivateAttr(default="")
    _place: Place = PrivateAttr(default=Place())
    _table: Table | None = PrivateAttr(default=None)

    shift_bounds: ClassVar[tuple[float, float] | None] = None

    def __eq__(self, other: object) -> bool:
        """Equal in path, settings and rows, wherever they stand."""
        return (
            isinstance(other, Sourced)
            and super().__eq__(other)
            and (self._path, self.rows) == (other._path, other.rows)
        )

    def __hash__(self) -> int:
        return hash(self._path)

    @property
    def path(self) -> str:
        """File stem and keys, such as prices.top_up.state_special."""
        return self._path

    @property
    def place(self) -> Place:
        """File and line."""
        return self._place

    @property
    def table(self) -> Table | None:
        """The rows of `file:`, read and checked; None for the other two forms."""
        return self._table

    @property
    def rows(self) -> tuple[dict[str, Any], ...]:
        """The table's rows, column -> value; empty for the other two forms."""
        return self._table.rows if self._table else ()

    @property
    def by_kind(self) -> PeriodKind | None:
        """What the keys of `by` are: year, month or census."""
        return self.by.kind if self.by is not None else None

    @property
    def form(self) -> str:
        """Which of value, by and file this is."""
        return "value" if self.value is not None else "by" if self.by is not None else "file"

    def at(self, period: int, default: float | None = None, hold: bool = True) -> float:
        """The value in a year, month or January count.

        Args:
            period: first calendar year, absolute month or census year, as `by_kind`. Ignored for a single value.
            default: returned where nothing is known; without it that is an error.
            hold: the last earlier key holds until the next.

        Raises:
            AssumptionError: nothing is known at that time and no default is given; or the values are a table.
        """
        if self.value is not None:
            return self.value
        if self.by is not None:
            if period in self.by:
                return self.by[period]
            earlier = [key for key in self.by if key < period]
            if earlier and hold:
                return self.by[earlier[-1]]
            if default is not None:
                return default
            what = f"{self.path}: no value for {self.by.show(period)}"
            found = ", ".join(self.by.show(key) for key in self.by)
            raise AssumptionError(
                Problem("HN170", what, self.place, found, do=f"Add a line for {self.by.show(period)}.")
            )
        raise AssumptionError(Problem("HN170", f"{self.path} is a table, which has no single value", self.place))

    def bounds(self) -> tuple[float, float]:
        """The plausible bounds of one value."""
        if self.shift_bounds is not None and self.unit == "share":
            return self.shift_bounds
        return UNITS[self.unit].low, UNITS[self.unit].high

    def faults(self) -> list[InitErrorDetails]:
        """Everything wrong with the parameter by itself, each at its own setting."""
        found = super().faults()
        forms = [name for name in ("value", "by", "file") if getattr(self, name) is not None]
        if len(forms) != 1:
            said = " and ".join(f"`{name}`" for name in forms) or "none of them"
            what = "needs exactly one of `value`, `by` and `file`"
            found.append(detail("HN116", what, said, (forms[-1],) if forms else ()))
        numbers: list[tuple[tuple[str, ...], float]] = [(("value",), self.value)] if self.value is not None else []
        if self.by is not None:
            numbers += [(("by", self.by.show(key)), number) for key, number in self.by.items()]
        beyond = [fault for loc, number in numbers if (fault := self._out_of_bounds(loc, number))]
        found += beyond or self._interval_faults()
        if self.uprate_by is not None:
            if not UNITS[self.unit].is_money:
                found.append(detail("HN120", "only money is uprated", self.unit, ("uprate_by",), "a unit in pounds"))
            elif self.price_base is None:
                do = "Add `price_base:` with the financial year whose prices these are."
                found.append(detail("HN120", "`uprate_by` needs `price_base`", self.uprate_by, ("uprate_by",), do=do))
        return found

    def _out_of_bounds(self, loc: tuple[str, ...], number: float) -> InitErrorDetails | None:
        low, high = self.bounds()
        if low <= number <= high:
            return None
        expected = f"{show_number(low)} to {show_number(high)}"
        return detail("HN114", f"must be {UNITS[self.unit].words}", show_number(number), loc, expected)

    def _interval_faults(self) -> list[InitErrorDetails]:
        if self.interval is None:
            return []
        found = interval_faults(self.interval)
        low, high = self.interval.low, self.interval.high
        if not found and self.value is not None and not low <= self.value <= high:
            said = f"{show_number(low)} to {show_number(high)}, value {show_number(self.value)}"
            found.append(
                detail("HN119", "the interval does not hold the value", said, ("interval",), "low <= value <= high")
            )
        return found


class Change(Sourced):
    """The effect of a measure: a relative change, so that a share may be negative, or places or pounds."""

    shift_bounds = (-1.0, 2.0)

    def bounds(self) -> tuple[float, float]:
        """Places may be given up as well as opened."""
        low, high = super().bounds()
        return (-high, high) if self.unit == "places" else (low, high)


class Delivery(Sourced):
    """How much of a measure is expected to be delivered, 1 being all of it; an interval is required."""

    shift_bounds = (0.0, 1.2)

    def faults(self) -> list[InitErrorDetails]:
        """A range is needed because a scenario may ask for low delivery."""
        found = super().faults()
        if self.interval is None:
            do = "Add `interval: {low: 0.5, high: 1.0, level: 0.8}`."
            found.append(detail("HN119", "delivery needs an interval", "none", (), do=do))
        if self.unit != "share" or self.value is None:
            found.append(detail("HN140", "delivery is one value, unit share", f"{self.form}, {self.unit}", ("unit",)))
        return found


def interval_faults(interval: Interval) -> list[InitErrorDetails]:
    """A range must run upwards and its level be a probability."""
    found = []
    if interval.low > interval.high:
        said = f"low {show_number(interval.low)}, high {show_number(interval.high)}"
        found.append(detail("HN119", "the interval is reversed", said, ("interval",), "low <= high"))
    if not 0 < interval.level < 1:
        said = show_number(interval.level)
        found.append(
            detail("HN119", "level must be a probability such as 0.8", said, ("interval", "level"), "above 0, below 1")
        )
    return found
