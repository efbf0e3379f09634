"""Reads a number as people and Excel write them: thousands, £, (), a trailing minus and %, each by a stated rule."""

from __future__ import annotations

import math
import re
from datetime import date
from decimal import Decimal

from hnforecast.inputs.columns import Column
from hnforecast.inputs.faults import MANGLED_DATE, CellError, PercentNumber, example

_NOT_NUMBERS = frozenset(
    {"nan", "na", "n/a", "#n/a", "null", "none", "nil", "inf", "-inf", "+inf", "infinity", "-infinity", "-nan"}
)
_SIGNS = ("open", "sign", "late", "trail")
_PLAIN = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,15}))?")
_NUMBER = re.compile(
    r"(?P<open>\()?\s*(?P<sign>[-+\u2212])?\s*(?P<pound>£)?\s*(?P<late>[-\u2212])?"
    r"(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
    r"(?P<power>[eE][+-]?[0-9]{1,3})?\s*(?P<percent>%)?\s*(?P<close>\))?(?P<trail>[-\u2212])?"
)


def read_number(cell: object, column: Column, comma_ambiguous: bool) -> float | int:
    """A number within the plausible range of its column; whole numbers and years as int.

    Raises:
        CellError: not a number, not finite, shortened by Excel, with a sign or unit the kind does not allow, not
            whole, or out of range.
    """
    value = _number(cell, column, comma_ambiguous)
    low, high = column.bounds
    if low <= value <= high:
        return value
    hint = ""
    if column.kind == "share" and 1 < value <= 100 and "%" not in str(cell) and not isinstance(cell, PercentNumber):
        hint = f"A share of {value:g}% is written {value / 100:g} or {value:g}%."
    expected = f"{low:g} to {high:g}" if column.kind == "year" else f"{low:,g} to {high:,g}"
    raise CellError("HN217", "Outside its plausible range", expected, hint)


def plain_number(text: str, whole: bool) -> float | int | None:
    """The value of digits with at most one point, as nearly every cell is; None for anything else."""
    plain = _PLAIN.fullmatch(text)
    if plain is None:
        return None
    if not whole:
        return float(text)
    return None if (plain[2] or "").strip("0") else int(plain[1])


def _number(cell: object, column: Column, comma_ambiguous: bool) -> float | int:
    kind = column.kind
    if isinstance(cell, PercentNumber):
        if kind == "share":
            return cell.value
        if kind == "percent":
            return float(Decimal(repr(float(cell.value))) * 100)
        raise CellError("HN218", "A percentage where none is expected", example(kind))
    if isinstance(cell, (bool, date)):
        raise CellError("HN214", "Not a number", example(kind))
    if isinstance(cell, (int, float)):
        if not math.isfinite(cell):
            raise CellError("HN216", "Not a finite number", example(kind))
        if kind not in ("whole", "year"):
            return float(cell)
        if not float(cell).is_integer():
            raise CellError("HN215", "Not a whole number", example(kind))
        return int(cell)
    return _number_text(str(cell), kind, comma_ambiguous)


def _number_text(text: str, kind: str, comma_ambiguous: bool) -> float | int:
    value = plain_number(text, kind in ("whole", "year"))
    if value is not None:
        return value
    if text.casefold() in _NOT_NUMBERS:
        raise CellError("HN216", "Not a number", example(kind), "Leave the cell blank where there is no figure.")
    if MANGLED_DATE.fullmatch(text):
        raise CellError(
            "HN219", "A date where a number belongs", example(kind), "Excel may have changed it; retype it."
        )
    found = _NUMBER.fullmatch(text)
    if not found or bool(found["open"]) != bool(found["close"]):
        raise CellError("HN214", "Not a number", example(kind))
    _check_signs(found, kind, comma_ambiguous)
    digits = found["digits"].replace(",", "")
    negative = any(found[name] not in (None, "+") for name in _SIGNS)
    exact = Decimal(digits + (found["power"] or ""))
    exact = exact.copy_negate() if negative else exact
    if found["percent"] and kind == "share":
        exact = exact / 100
    value = float(exact)
    if not math.isfinite(value) or (value == 0 and exact != 0):
        raise CellError("HN216", "Too large or too small to hold", example(kind))
    if kind in ("whole", "year"):
        if exact != exact.to_integral_value():
            raise CellError("HN215", "Not a whole number", example(kind))
        return int(exact)
    return -0.0 if value == 0 and negative else value


def _check_signs(found: re.Match[str], kind: str, comma_ambiguous: bool) -> None:
    if sum(found[name] is not None for name in _SIGNS) > 1:
        raise CellError("HN214", "Two signs on one number", example(kind))
    if "," in found["digits"] and comma_ambiguous:
        raise CellError(
            "HN214",
            "A comma that may be a decimal comma",
            example(kind),
            "The columns are parted by semicolons: save as CSV UTF-8 with commas, or leave out thousands separators.",
        )
    if found["pound"] and kind != "money":
        raise CellError("HN218", "A pound sign where no money is expected", example(kind))
    if found["percent"] and kind not in ("share", "percent"):
        raise CellError("HN218", "A percentage where none is expected", example(kind))
    if found["power"] and (kind in ("whole", "money", "year") or "-" not in found["power"]):
        raise CellError(
            "HN219",
            "Excel has shortened this number",
            "every digit of the number",
            "Widen or format the column, then export again.",
        )
