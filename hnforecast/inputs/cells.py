"""Reads one cell by the kind of its column: one value, or a fault in words. Nothing is guessed."""

from __future__ import annotations

import re
from datetime import date, datetime
from difflib import get_close_matches

from hnforecast.base import timeline
from hnforecast.inputs.columns import Column
from hnforecast.inputs.faults import MANGLED_DATE, CellError, PercentNumber, Value, example
from hnforecast.inputs.numerals import read_number

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
