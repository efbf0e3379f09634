"""Reads one cell by the kind of its column: one value, or a fault in words. Nothing is guessed."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches

from hnforecast.base import timeline
from hnforecast.inputs.columns import MANGLED_DATE, CellError, Column, PercentNumber, Value, example

# Reads a number as people and Excel write them.

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


# What the DfE prints where a figure is not applicable, not available, confidential or not known.
MARKERS = frozenset({"z", "x", "c", ":", "u", "[z]", "[x]", "[c]", "[u]"})
_MANGLED_ID = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEAR = re.compile(r"[0-9]{4}")
_AUTHORITY = re.compile(r"([0-9]{3})(?:\.0)?")
_FLAGS = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}


def parse_cell(cell: object, column: Column, *, comma_ambiguous: bool = False) -> Value:
    """Read one cell that is not blank.

    Args:
        cell: text as it stands in a CSV, or a typed value of a workbook cell.
        column: what it should be.
        comma_ambiguous: the file parts its columns by semicolons, so a comma may be a decimal comma.

    Returns:
        str for text, code, authority, financial_year ("2025-26"), month ("2025-04") and period; int for whole and
        year; float for number, money, share and percent; bool for flag; date for date.

    Raises:
        CellError: it is anything else.
    """
    if isinstance(cell, str):
        cell = cell.strip()
    kind = column.kind
    if kind in ("text", "code"):
        return _choice(_text(cell, column), column)
    if kind == "authority":
        return _authority(_text(cell, column))
    if kind in ("whole", "number", "money", "share", "percent", "year"):
        return read_number(cell, column, comma_ambiguous)
    if kind == "flag":
        if isinstance(cell, bool):
            return cell
        if isinstance(cell, str) and cell.casefold() in _FLAGS:
            return _FLAGS[cell.casefold()]
        raise CellError("HN214", "Not yes or no", "yes or no")
    return _when(cell, kind)


def _text(cell: object, column: Column) -> str:
    if isinstance(cell, (datetime, date)):
        raise CellError(
            "HN219",
            "A date where a code or text belongs",
            "text",
            "Excel may have turned it into a date; retype it as text.",
        )
    if isinstance(cell, bool):
        raise CellError("HN214", "TRUE or FALSE where text belongs", "text")
    if isinstance(cell, PercentNumber):
        raise CellError("HN218", "A percentage where text belongs", "text")
    if isinstance(cell, (int, float)):
        if not float(cell).is_integer() or abs(cell) >= 1e15:
            raise CellError("HN219", "A number where a code or text belongs", "text, kept as text")
        return str(int(cell))
    text = str(cell)
    if len(text) > 32767:
        raise CellError("HN214", "Text longer than 32,767 characters", "a shorter text")
    exact = column.kind == "code" or bool(column.choices)
    if exact and text not in column.choices and MANGLED_DATE.fullmatch(text):
        raise CellError(
            "HN219",
            "Excel has turned this code into a date",
            _some(column.choices) or "the code as published",
            "Set the column to Text in Excel and retype it, or export the file again without opening it in Excel.",
        )
    if exact and _MANGLED_ID.fullmatch(text):
        raise CellError(
            "HN219",
            "Excel has rounded this identifier",
            "every digit of the identifier",
            "Export the file again without opening it in Excel.",
        )
    return text


def _authority(text: str) -> str:
    # A table that passed through a spreadsheet or a data frame shows 886 as 886.0; no other reading is possible.
    found = _AUTHORITY.fullmatch(text)
    if not found:
        raise CellError("HN224", "Not a local authority code", example("authority"))
    return found[1]


def _choice(text: str, column: Column) -> str:
    if column.choices and text not in column.choices:
        close = get_close_matches(text, column.choices, n=1, cutoff=0.5) or get_close_matches(
            text.casefold().replace(" ", "_"), column.choices, n=1, cutoff=0.5
        )
        raise CellError("HN224", "Unknown code", _some(column.choices), f"Did you mean {close[0]!r}?" if close else "")
    return text


def _some(choices: tuple[str, ...]) -> str:
    if not choices:
        return ""
    return "one of " + ", ".join(choices[:15]) + (f" and {len(choices) - 15} more" if len(choices) > 15 else "")


def _when(cell: object, kind: str) -> Value:
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        if kind == "date":
            return cell
        if kind == "month" and cell.day == 1:
            return f"{cell.year:04d}-{cell.month:02d}"
        if kind == "period":
            return cell.isoformat()
        raise CellError("HN225", "A date where a year is expected", example(kind))
    text = str(cell)
    if MANGLED_DATE.fullmatch(text):
        raise CellError("HN219", "Excel has changed this date", example(kind), "Set the column to Text and retype it.")
    if kind == "period":
        return " to ".join(_moment(part.strip()) for part in text.split(" to "))
    try:
        if kind == "financial_year":
            return timeline.show_year(timeline.parse_year(text))
        if kind == "month":
            return timeline.show_month(timeline.parse_month(text))
        if _ISO_DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        do = "The second year follows the first." if kind == "financial_year" and text.count("-") == 1 else ""
        raise CellError("HN225", f"Not a {kind.replace('_', ' ')}", example(kind), do) from None
    raise CellError("HN225", f"Not a {kind.replace('_', ' ')}", example(kind))


def _moment(text: str) -> str:
    if _YEAR.fullmatch(text):
        return text
    for kind in ("date", "month", "financial_year"):
        try:
            found = _when(text, kind)
        except CellError:
            continue
        return found.isoformat() if isinstance(found, date) else str(found)
    raise CellError("HN225", "Not a year, month or date", example("period"))
