"""Fills an official workbook by a map, and proves that nothing but the cells named was changed."""

from __future__ import annotations

import hashlib
import operator
import re
from collections.abc import Callable, Sequence
from collections.abc import Mapping as MappingOf
from pathlib import Path
from xml.parsers import expat

from hnforecast.base.errors import InputError, OutputError, Place, Problem, Problems
from hnforecast.quarter.returns.build import BuiltReturn, Cell
from hnforecast.quarter.returns.template.mapping import Filling, Mapping, fillings
from hnforecast.quarter.returns.template.package import WORKBOOK, Package, open_package, recalculated
from hnforecast.quarter.returns.template.sheetxml import (
    SheetXml,
    Spot,
    inside,
    parse_area,
    parse_cell,
    patch_sheet,
    scan_sheet,
    show_cell,
)

# The template's own data validation, so far as it can be read without working out formulas.

COMPARE: MappingOf[str, Callable[[float, float], bool]] = {
    "equal": operator.eq,
    "notEqual": operator.ne,
    "greaterThan": operator.gt,
    "greaterThanOrEqual": operator.ge,
    "lessThan": operator.lt,
    "lessThanOrEqual": operator.le,
}


def refuses(rules: Sequence[MappingOf[str, str]], spot: Spot, value: Cell) -> str:
    """Why the validation of a cell refuses a value; empty where it takes it, or where the rule is a formula."""
    for rule in rules:
        areas = [area for text in rule.get("sqref", "").split() if (area := parse_area(text)) is not None]
        if value is None or not any(inside(spot, area) for area in areas):
            continue
        why = _list(rule, value) if rule.get("type") == "list" else _size(rule, value)
        if why:
            return why
    return ""


def _list(rule: MappingOf[str, str], value: Cell) -> str:
    given = rule.get("formula1", "")
    if not given.startswith('"'):
        return ""
    options = [option.strip() for option in given.strip('"').split(",")]
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    return "" if shown in options else f"{shown!r} is not one of {', '.join(options)}"


def _size(rule: MappingOf[str, str], value: Cell) -> str:
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


LONGEST_TEXT = 32_767
_REFERENCE = re.compile(r"^(?:'((?:[^']|'')+)'|([^'!]+))!(\$?[A-Z]{1,3}\$?\d+)(?::(\$?[A-Z]{1,3}\$?\d+))?$")


def fill_template(path: Path, mapping: Mapping, built: BuiltReturn, root: Path) -> tuple[bytes, tuple[str, ...]]:
    """The official workbook with its cells filled, and what was proven of it, in sentences.

    Formats, formulas, merged cells, validation, text boxes, names and protection stay as they are: cells are changed
    inside the sheet's own bytes. Saved results of formulas are taken out and the file is marked to be worked out anew.

    Raises:
        InputError: every fault of template and map together: a sheet, name or cell that is not there, a cell inside a
            merged area, one that holds a formula or is locked, a value the template's own validation refuses.
        OutputError: the proof failed; nothing is written.
    """
    problems = Problems(InputError)
    package = open_package(path, root)
    _check_edition(package, mapping, path, problems)
    found = fillings(mapping, built, problems)
    sheets: dict[str, SheetXml] = {}
    for name, part in package.sheets.items():
        if part.startswith("xl/worksheets/") and part in package.parts:
            try:
                sheets[name] = scan_sheet(package.parts[part])
            except expat.ExpatError as error:
                place = Place(file=package.file, sheet=name)
                problems.add("HN753", "A sheet of the template is damaged", place, found=str(error))
    values: dict[str, dict[Spot, Cell]] = {}
    for one in found:
        spot = _find(one, package, sheets, problems)
        if spot is not None:
            name, where = spot
            _check_cell(one, name, where, sheets[name], package, problems)
            values.setdefault(name, {})[where] = one.value
    problems.raise_any()
    changed = {WORKBOOK: recalculated(package.parts[WORKBOOK])}
    for name, sheet in sheets.items():
        patched = patch_sheet(sheet, values.get(name, {}))
        if patched != sheet.raw:
            changed[package.sheets[name]] = patched
    filled = package.rebuilt(changed)
    return filled, prove(package, changed, values)


def _check_edition(package: Package, mapping: Mapping, path: Path, problems: Problems) -> None:
    """A map may say which edition of the template it was made for."""
    wanted = mapping.content.template_sha256
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if wanted is not None and wanted.lower() != digest:
        do = "Check the map against the new edition, then give its sha256, or leave `template_sha256` out."
        place = mapping.yaml.place(("template_sha256",))
        problems.add(
            "HN754", "The template is not the edition the map was made for", place, found=digest, expected=wanted, do=do
        )


def _find(
    one: Filling, package: Package, sheets: MappingOf[str, SheetXml], problems: Problems
) -> tuple[str, Spot] | None:
    """The sheet and cell an entry of the map names."""
    sheet, cell = one.sheet, one.cell
    if one.name:
        refers = package.names.get(one.name)
        if refers is None:
            expected = ", ".join(list(package.names)[:12]) or "it has none"
            problems.add("HN755", "The template has no such name", one.place, found=one.name, expected=expected)
            return None
        match = _REFERENCE.match(refers)
        if match is None or match[4] is not None:
            what = "A name of the template is not one cell"
            problems.add("HN755", what, one.place, found=f"{one.name} = {refers}")
            return None
        sheet, cell = (match[1] or match[2]).replace("''", "'"), match[3]
    if sheet not in sheets:
        import difflib

        near = difflib.get_close_matches(sheet, sheets, n=1)
        do = f"Did you mean {near[0]!r}?" if near else ""
        problems.add(
            "HN755", "The template has no such sheet", one.place, found=sheet, expected=", ".join(sheets), do=do
        )
        return None
    spot = parse_cell(cell)
    rows, columns = sheets[sheet].used()
    if spot is None or spot[0] > rows or spot[1] > columns:
        expected = f"a cell up to {show_cell((rows, max(columns, 1)))}" if rows else "an empty sheet takes nothing"
        what = "The template has no such cell: it lies beyond what the sheet uses"
        problems.add("HN755", what, one.place, found=f"{sheet}!{cell}", expected=expected)
        return None
    return sheet, spot


def _check_cell(one: Filling, name: str, spot: Spot, sheet: SheetXml, package: Package, problems: Problems) -> None:
    shown = f"{name}!{show_cell(spot)}"
    for area in sheet.merges:
        if inside(spot, area) and spot != area[0]:
            do = f"Fill {show_cell(area[0])}, the first cell of the area."
            found = f"{shown} in {show_cell(area[0])}:{show_cell(area[1])}"
            problems.add("HN756", "The cell lies inside a merged area", one.place, found=found, do=do)
    span = sheet.cells.get(spot)
    if span is not None and span.formula:
        do = "Leave it to the template, which works it out; fill the cells it adds up."
        problems.add("HN757", "The cell holds a formula of the template", one.place, found=shown, do=do)
    if sheet.protected and not one.locked and (span.style if span else "0") not in package.unlocked:
        do = "Choose the cell meant for entry, or say `locked: true` where the Department wants this one filled."
        problems.add("HN758", "The cell is locked by the template", one.place, found=shown, do=do)
    if one.value is None:
        do = "Give `missing:`, the symbol the template wants for a figure that is not available."
        problems.add("HN759", "The figure is blank, and nothing says what to write", one.place, found=shown, do=do)
    if isinstance(one.value, str) and len(one.value) > LONGEST_TEXT:
        problems.add("HN715", "A text is too long for a cell", one.place, found=f"{len(one.value):,} characters")
    why = refuses(sheet.validations, spot, one.value)
    if why:
        problems.add("HN759", "The template's own validation refuses the value", one.place, found=f"{shown}: {why}")


def prove(
    package: Package, changed: MappingOf[str, bytes], values: MappingOf[str, MappingOf[Spot, Cell]]
) -> tuple[str, ...]:
    """What holds of the filled workbook; each is checked, not assumed.

    Raises:
        OutputError: a part differs by more than the cells filled and the results of formulas.
    """
    by_part = {part: name for name, part in package.sheets.items()}
    for part, raw in changed.items():
        if part == WORKBOOK:
            same = _without_calc(raw) == _without_calc(package.parts[part])
        else:
            spots = set(values.get(by_part[part], {}))
            same = _skeleton(scan_sheet(raw), spots) == _skeleton(scan_sheet(package.parts[part]), spots)
        if not same:
            what = "Filling the template would have changed more than its cells; nothing was written"
            raise OutputError(Problem("HN735", what, Place(file=package.file, path=part)))
    formulas = sum(
        span.formula for part in package.parts if part.startswith("xl/worksheets/sheet")
        for span in scan_sheet(changed.get(part, package.parts[part])).cells.values()
    )  # fmt: skip
    cells = sum(len(spots) for spots in values.values())
    kept = len(package.parts) - len(changed)
    return (
        f"Template {package.file}: {cells} cells filled on {len(values)} sheets.",
        f"{kept} of {len(package.parts)} parts are byte for byte as they were; the other {len(changed)} differ in the "
        "cells filled, in the saved results of formulas and in the flag to work them out anew, and in nothing else.",
        f"All {formulas} formulas are kept; they are worked out when the file is opened.",
    )


def _without_calc(raw: bytes) -> bytes:
    return re.sub(rb'\s*fullCalcOnLoad="[^"]*"|<(?:\w+:)?calcPr\s*/>', b"", raw)


def _skeleton(sheet: SheetXml, filled: set[Spot]) -> bytes:
    """A sheet without the cells that were filled and without saved results: what must not have changed.

    Styles of filled cells stay in it, so a lost format would show; a row made to hold a new cell is left out.
    """
    cuts: list[tuple[int, int, bytes]] = []
    for spot, span in sheet.cells.items():
        if spot in filled:
            cuts.append((span.start, span.end, f"[{show_cell(spot)} {span.style}]".encode() if span.style else b""))
        elif span.formula and span.value_start >= 0:
            cuts.append((span.value_start, span.value_end, b""))
    raw = sheet.raw
    for start, end, content in sorted(cuts, reverse=True):
        raw = raw[:start] + content + raw[end:]
    raw = re.sub(rb'<(\w+:)?row r="\d+"></(\w+:)?row>', b"", raw)
    raw = re.sub(rb"(<(?:\w+:)?row\b[^>]*[^/>])\s*></(?:\w+:)?row>", rb"\1/>", raw)
    return re.sub(rb"<(\w+:)?sheetData></(\w+:)?sheetData>", rb"<\1sheetData/>", raw)
