"""The checklist of the Government Analysis Function for accessible spreadsheets, as rules that inspect a written file.

Each rule has a name that finishes "it is checked that ...", and finds what breaks it. The rules about words (whether a
title says enough) can only be checked for presence; a person still reads the file.

Source: Government Analysis Function, Making spreadsheets accessible: a brief checklist of the basics.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from hnforecast.papers.published import checklist_cells as cells
from hnforecast.papers.published import checklist_cells as sheets

FRONT = ("Cover", "Contents", "Notes")


@dataclass(frozen=True)
class Inspected:
    """A workbook opened for inspection.

    Args:
        book: as openpyxl reads it.
        parts: of the zip, by name.
    """

    book: Any
    parts: Mapping[str, bytes]


def inspect(content: bytes) -> Inspected:
    """Open the bytes of a workbook.

    Raises:
        ValueError: it is not one.
    """
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        return Inspected(load_workbook(io.BytesIO(content)), parts)
    except (zipfile.BadZipFile, KeyError) as error:
        raise ValueError(f"not a workbook: {error}") from None


def broken_rules(content: bytes) -> dict[str, list[str]]:
    """Rule -> what breaks it, for every rule that is broken.

    Args:
        content: the bytes of the workbook.
    """
    inspected = inspect(content)
    found = {name: list(rule(inspected)) for name, rule in RULES.items()}
    return {name: breaches for name, breaches in found.items() if breaches}


def _document(inspected: Inspected) -> Iterator[str]:
    properties = inspected.book.properties
    for name in ("title", "creator", "language"):
        if not (getattr(properties, name) or "").strip():
            yield f"the document has no {'author' if name == 'creator' else name}"


def _order(inspected: Inspected) -> Iterator[str]:
    names = inspected.book.sheetnames
    if tuple(names[: len(FRONT)]) != FRONT:
        yield f"the first sheets are {', '.join(names[: len(FRONT)])} and not {', '.join(FRONT)}"


def _opens(inspected: Inspected) -> Iterator[str]:
    if inspected.book.active.title != inspected.book.sheetnames[0]:
        yield f"the workbook opens on {inspected.book.active.title}"
    for sheet in inspected.book.worksheets:
        for selection in sheet.sheet_view.selection:
            if selection.activeCell not in (None, "A1"):
                yield f"{sheet.title} opens at {selection.activeCell}"


def _macros(inspected: Inspected) -> Iterator[str]:
    for name in inspected.parts:
        if any(part in name.lower() for part in ("vba", "externallink", "embeddings", "activex")):
            yield f"the file holds {name}"


def _pictures(inspected: Inspected) -> Iterator[str]:
    for name, part in inspected.parts.items():
        if name.startswith("xl/drawings/") and name.endswith(".xml"):
            described = part.count(b'descr="') - part.count(b'descr=""')
            if described < part.count(b"<xdr:cNvPr "):
                yield f"{name} has a picture or chart without alternative text"


def _over(rule: Callable[[Any], Iterator[str]]) -> Callable[[Inspected], Iterator[str]]:
    return lambda inspected: rule(inspected.book)


RULES: Mapping[str, Callable[[Inspected], Iterator[str]]] = MappingProxyType(
    {
        "the document has a title, an author and a language": _document,
        "cover, contents and notes come first": _order,
        "the workbook opens on its first sheet, at the top": _opens,
        "no macro, link to another file or embedded object is in it": _macros,
        "pictures and charts have alternative text": _pictures,
        **{name: _over(rule) for name, rule in sheets.SHEET_RULES.items()},
        **{name: _over(rule) for name, rule in cells.CELL_RULES.items()},
    }
)
