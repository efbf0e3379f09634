"""The template's own data validation, so far as it can be read without working out formulas."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence

from hnforecast.quarter.returns.build import Cell
from hnforecast.quarter.returns.template.sheetxml import Spot, inside, parse_area

COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "equal": operator.eq,
    "notEqual": operator.ne,
    "greaterThan": operator.gt,
    "greaterThanOrEqual": operator.ge,
    "lessThan": operator.lt,
    "lessThanOrEqual": operator.le,
}


def refuses(rules: Sequence[Mapping[str, str]], spot: Spot, value: Cell) -> str:
    """Why the validation of a cell refuses a value; empty where it takes it, or where the rule is a formula."""
    for rule in rules:
        areas = [area for text in rule.get("sqref", "").split() if (area := parse_area(text)) is not None]
        if value is None or not any(inside(spot, area) for area in areas):
            continue
        why = _list(rule, value) if rule.get("type") == "list" else _size(rule, value)
        if why:
            return why
    return ""


def _list(rule: Mapping[str, str], value: Cell) -> str:
    given = rule.get("formula1", "")
    if not given.startswith('"'):
        return ""
    options = [option.strip() for option in given.strip('"').split(",")]
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    return "" if shown in options else f"{shown!r} is not one of {', '.join(options)}"


def _size(rule: Mapping[str, str], value: Cell) -> str:
    kind = rule.get("type", "none")
    if kind not in ("whole", "decimal", "textLength"):
        return ""
    if kind == "textLength":
        number = float(len(str(value)))
    elif not isinstance(value, float):
        return f"{value!r} is not a number"
    else:
        number = value
    if kind == "whole" and number != int(number):
        return f"{number:,.10g} is not a whole number"
    try:
        low, high = float(rule.get("formula1", "")), float(rule.get("formula2") or "nan")
    except ValueError:
        return ""
    name = rule.get("operator", "between")
    what = "characters" if kind == "textLength" else "allowed"
    if name in ("between", "notBetween"):
        within = low <= number <= high
        fits = within if name == "between" else not within
        return "" if fits else f"{number:,.10g} is not {low:,.10g} to {high:,.10g} {what}"
    return "" if COMPARE[name](number, low) else f"{number:,.10g} is not as allowed: {name} {low:,.10g} {what}"
