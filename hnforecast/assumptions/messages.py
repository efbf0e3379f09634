"""Turns what pydantic found wrong into problems in finance words, each at its line and column of the YAML."""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Sequence
from datetime import date
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from hnforecast.assumptions.shapes import show_number
from hnforecast.base.errors import Place, Problem
from hnforecast.base.yaml import Key, YamlFile

_QUOTED = re.compile(r"'([^']*)'")


def explain_errors(
    error: ValidationError, model: type[BaseModel], yaml: YamlFile, prefix: Sequence[Key], stem: Sequence[str]
) -> list[Problem]:
    """Every fault of one group of settings.

    Args:
        error: what pydantic raised.
        model: the class of the group.
        yaml: the file, for lines and columns.
        prefix: where in the file the group lies.
        stem: what a path begins with, such as ("prices",) or ("measures", "reviews").
    """
    return [_explain(fault, model, yaml, tuple(prefix), tuple(stem)) for fault in error.errors(include_url=False)]


def _explain(
    fault: ErrorDetails, model: type[BaseModel], yaml: YamlFile, prefix: tuple[Key, ...], stem: tuple[str, ...]
) -> Problem:
    loc: tuple[Key, ...] = tuple(fault["loc"])
    kind, context = fault["type"], fault.get("ctx", {})
    path = ".".join(str(part) for part in (*stem, *loc))
    if kind == "extra_forbidden":
        place = _at(yaml.place((*prefix, *loc), key=True), path)
        known = fields_at(model, loc[:-1])
        near = difflib.get_close_matches(str(loc[-1]), known, n=1)
        do = f"Did you mean {near[0]!r}?" if near else "Delete it, or put it in `note`."
        return Problem(
            "HN110", f"unknown setting {str(loc[-1])!r}", place, "", ", ".join(sorted(known)) if not near else "", do
        )
    if kind == "missing":
        place = _at(yaml.place((*prefix, *loc[:-1]), key=True), path)
        return Problem("HN111", f"`{loc[-1]}` is missing", place, "", "", _how_to_add(str(loc[-1])))
    place = _at(yaml.place((*prefix, *loc)), path)
    found = show_found(fault.get("input"))
    if kind.startswith("HN"):
        return Problem(kind, str(context["what"]), place, found, str(context["expected"]), str(context["do"]))
    if kind in ("literal_error", "enum"):
        options = _QUOTED.findall(str(context.get("expected", ""))) or [str(context.get("expected", ""))]
        near = difflib.get_close_matches(str(fault.get("input")), options, n=1)
        do = f"Did you mean {near[0]!r}?" if near else ""
        return Problem("HN115", "is not one of the values allowed here", place, found, ", ".join(options), do)
    what, expected = _plain_words(kind, context)
    return Problem("HN112", what, place, found, expected)


def _at(place: Place, path: str) -> Place:
    return Place(file=place.file, line=place.line, column=place.column, path=path)


def _plain_words(kind: str, context: dict[str, Any]) -> tuple[str, str]:
    """Faults of type, size and pattern, which are the same everywhere."""
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return "must be a group of settings, `name: value`, one a line", ""
    if kind in ("list_type", "tuple_type"):
        return "must be a list", "[first, second]"
    if kind in ("int_type", "int_parsing", "int_from_float"):
        return "must be a whole number", "digits only"
    if kind in ("greater_than_equal", "greater_than"):
        return "is too small", f"{show_number(float(context.get('ge', context.get('gt', 0))))} or more"
    if kind in ("less_than_equal", "less_than"):
        return "is too large", f"{show_number(float(context.get('le', context.get('lt', 0))))} or less"
    if kind in ("too_short", "too_long"):
        return "has the wrong number of items", _how_many(kind, context)
    if kind == "string_pattern_mismatch":
        return "is not written as it should be", _PATTERNS.get(str(context.get("pattern")), str(context.get("pattern")))
    if kind == "string_type":
        return "must be text", "text in quotes"
    return "cannot be read here", ""


def _how_many(kind: str, context: dict[str, Any]) -> str:
    """The number of items a list may have."""
    number = int(context["min_length" if kind == "too_short" else "max_length"])
    return f"at {'least' if kind == 'too_short' else 'most'} {number}"


_PATTERNS = {r"^\d{3}$": 'three digits in quotes, such as "999"', r"^[A-Z]\d{8}$": "a code such as E99999999"}
_HOW = {
    "source": "Add `source:` (publication, date, table), or who judged it.",
    "unit": "Add `unit:`, such as share or gbp_per_plan_year.",
    "from": "Add `from:`, the month it holds from, such as 2025-04.",
    "published_on": "Add `published_on:`, the day it could first be known.",
    "as_at": "Add `as_at:`, the day it describes.",
    "status": "Add `status:` outturn, published, judgement or expected.",
    "mark": "Add `mark:` confirmed, inferred or unverified.",
    "statutory_note": "Add `statutory_note:`, why the measure is lawful.",
}


def _how_to_add(name: str) -> str:
    return _HOW.get(name, f"Add `{name}:`.")


def show_found(value: Any) -> str:
    """What was found, as it was written and no longer than a line."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < 1e15):
        return show_number(value) if isinstance(value, float) else str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return f"a group with {', '.join(str(key) for key in list(value)[:4]) or 'nothing in it'}"
    if isinstance(value, BaseModel):
        return "a group of settings"
    text = f"[{', '.join(show_found(item) for item in value)}]" if isinstance(value, (list, tuple)) else str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def fields_at(model: type[BaseModel], loc: Sequence[Key]) -> list[str]:
    """The settings allowed at a place inside a group, by their names in the file."""
    here: Any = model
    for step in loc:
        here = _strip(here)
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = next((f for name, f in here.model_fields.items() if step in (name, f.alias)), None)
            here = field.annotation if field is not None else None
        elif get_origin(here) is dict:
            here = get_args(here)[1]
        elif get_origin(here) in (list, tuple):
            here = get_args(here)[0]
        else:
            return []
    here = _strip(here)
    if isinstance(here, type) and issubclass(here, BaseModel):
        return [field.alias or name for name, field in here.model_fields.items()]
    return []


def _strip(annotation: Any) -> Any:
    """The type itself, without `| None` and without what is attached to it."""
    if get_origin(annotation) in (Union, types.UnionType):
        return _strip(next(kind for kind in get_args(annotation) if kind is not type(None)))
    if hasattr(annotation, "__metadata__"):
        return _strip(get_args(annotation)[0])
    return annotation
