"""How single values are read: numbers, dates, months, years and texts, each refusing what it cannot be sure of.

A refusal is a pydantic error whose type is our rule code and whose context holds what was expected and what to do, so
that `messages.py` need not guess.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator, ValidationError, WithJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError

from hnforecast.base import timeline

PeriodKind = Literal["year", "month", "census"]


class Strict(BaseModel):
    """Base of every group of settings: frozen, no unknown names, no silent conversion."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    def __eq__(self, other: object) -> bool:
        """Equal in what is said, wherever it stands."""
        return isinstance(other, BaseModel) and type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(type(self))


def refuse(code: str, what: str, expected: str = "", do: str = "") -> NoReturn:
    """Refuse a value, in the words of `errors.Problem`."""
    raise PydanticCustomError(code, "{what}", {"what": what, "expected": expected, "do": do})


def detail(
    code: str, what: str, found: Any, loc: tuple[str | int, ...] = (), expected: str = "", do: str = ""
) -> InitErrorDetails:
    """One of several refusals of the same group; see `refuse_all`."""
    error = PydanticCustomError(code, "{what}", {"what": what, "expected": expected, "do": do})
    return InitErrorDetails(type=error, loc=loc, input=found)


def refuse_all(title: str, details: list[InitErrorDetails]) -> None:
    """Raise every refusal at once, each with its own place; nothing to raise, nothing happens."""
    if details:
        raise ValidationError.from_exception_data(title, details)


def read_number(value: Any) -> float:
    """A finite number; a yes or no, a text or nothing is none."""
    if isinstance(value, bool) or value is None or not isinstance(value, (int, float)):
        refuse(*_not_a_number(value))
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        refuse("HN113", "must be a finite number", "a number such as 0.06")
    return number


def _not_a_number(value: Any) -> tuple[str, str, str, str]:
    expected = "a number such as 14252 or 0.06"
    if isinstance(value, bool):
        return "HN112", "must be a number, not true or false", expected, ""
    if value is None:
        return "HN112", "is empty; a number is needed", expected, "Type the number, or delete the line."
    if isinstance(value, date):
        return "HN112", "must be a number, not a date", expected, ""
    if isinstance(value, str):
        try:
            float(value.replace(",", "").replace("£", "").replace("_", "").replace("%", ""))
        except ValueError:
            return "HN112", "must be a number", expected, ""
        do = "Write it without quotes, £, commas, spaces or %: 14252, or 0.06 for 6%."
        return "HN112", "must be a number, not text that looks like one", expected, do
    return "HN112", "must be one number", expected, ""


def read_text(value: Any) -> str:
    """A text that is not empty."""
    if value is None or (isinstance(value, str) and not value.strip()):
        refuse("HN112", "is empty; words are needed")
    if not isinstance(value, str):
        do = f'Put it in quotes: "{value}".' if not isinstance(value, (dict, list)) else ""
        refuse("HN112", "must be text", do=do)
    return value.strip()


def read_date(value: Any) -> date:
    """A day, written 2026-03-31."""
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    refuse("HN112", "must be a date", "a date such as 2026-03-31")


def read_month(value: Any) -> int:
    """A month written 2026-09, as an absolute month."""
    try:
        return timeline.parse_month(value)
    except (ValueError, AttributeError):
        refuse("HN112", "must be a month", "a month such as 2026-09")


def read_year(value: Any) -> int:
    """A financial or academic year written 2025-26, as its first calendar year."""
    try:
        return timeline.parse_year(value if isinstance(value, str) else "")
    except ValueError as error:
        said = str(error) if isinstance(value, str) and "follow" in str(error) else "must be a financial year"
        refuse("HN117", said, "a year such as 2025-26")


@dataclass(frozen=True)
class Series(Mapping[int, float]):
    """Values by year, month or January count, in order of time.

    Args:
        kind: "year" (keys are first calendar years of financial or academic years), "month" (absolute months) or
            "census" (calendar years of January counts).
        points: key -> value.
    """

    kind: PeriodKind
    points: Mapping[int, float]

    def __getitem__(self, key: int) -> float:
        return self.points[key]

    def __iter__(self) -> Iterator[int]:
        return iter(self.points)

    def __len__(self) -> int:
        return len(self.points)

    def show(self, key: int) -> str:
        """The key as written in the file: 2025-26, 2024-09 or 2026."""
        if self.kind == "year":
            return timeline.show_year(key)
        return timeline.show_month(key) if self.kind == "month" else str(key)


def read_period(text: str) -> tuple[PeriodKind, int]:
    """The kind of a `by:` key and its number. 2009-10 is a year, as in finance; so is any yyyy-yy that runs on.

    Raises:
        ValueError: neither a year, a month nor a January count.
    """
    if text.isdecimal() and len(text) == 4:
        return "census", int(text)
    try:
        return "year", timeline.parse_year(text)
    except ValueError as not_a_year:
        try:
            return "month", timeline.parse_month(text)
        except ValueError:
            raise not_a_year from None


def read_series(value: Any) -> Series:
    """The values under `by:`; every fault of every key together."""
    if not isinstance(value, dict) or not value:
        refuse("HN117", "must list values by year, one a line", "lines such as 2025-26: 0.03")
    faults: list[InitErrorDetails] = []
    kinds: dict[PeriodKind, list[str]] = {}
    points: dict[int, float] = {}
    kind_of = _one_kind(value)
    for key, raw in value.items():
        try:
            kind, period = kind_of(str(key))
        except ValueError as error:
            said = str(error) if "follow" in str(error) else "is not a year, a month or a January count"
            faults.append(detail("HN117", said, key, (str(key),), "2025-26, 2024-09 or 2026"))
            continue
        kinds.setdefault(kind, []).append(str(key))
        if period in points:
            faults.append(detail("HN117", "is the same year as another line", key, (str(key),)))
        try:
            points[period] = read_number(raw)
        except PydanticCustomError as error:
            faults.append(InitErrorDetails(type=error, loc=(str(key),), input=raw))
    if len(kinds) > 1:
        found = ", ".join(names[0] for names in kinds.values())
        faults.append(detail("HN117", "years, months and January counts are mixed", found, (), "keys all of one kind"))
    refuse_all("by", faults)
    return Series(next(iter(kinds)), dict(sorted(points.items())))


def _one_kind(value: Mapping[Any, Any]) -> Any:
    """Read keys as months where any can only be a month: 2009-10 beside 2009-09 is October, not a year."""

    def as_month(text: str) -> tuple[PeriodKind, int]:
        try:
            return "month", timeline.parse_month(text)
        except ValueError:
            return read_period(text)

    def only_month(text: str) -> bool:
        try:
            return read_period(text)[0] == "month"
        except ValueError:
            return False

    return as_month if any(only_month(str(key)) for key in value) else read_period


Number = Annotated[float, BeforeValidator(read_number), WithJsonSchema({"type": "number"})]
Text = Annotated[str, BeforeValidator(read_text), WithJsonSchema({"type": "string", "minLength": 1})]
Day = Annotated[date, BeforeValidator(read_date), WithJsonSchema({"type": "string", "format": "date"})]
MonthNumber = Annotated[
    int,
    BeforeValidator(read_month),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}$", "examples": ["2026-09"]}),
]
FinancialYear = Annotated[
    int,
    BeforeValidator(read_year),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}$", "examples": ["2025-26"]}),
]
ByPeriod = Annotated[
    Series,
    PlainValidator(read_series),
    WithJsonSchema({"type": "object", "minProperties": 1, "additionalProperties": {"type": "number"}}),
]
