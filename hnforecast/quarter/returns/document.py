"""return.json: every figure of a return with what it ties to, for machines and for the return after it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hnforecast.base.errors import Place, Problem, ReconciliationError
from hnforecast.quarter.returns.build import BuiltReturn, BuiltTable
from hnforecast.quarter.returns.checks import Passed
from hnforecast.writing.keeping import describe, sign

SCHEMA = "hnforecast/return/1"
FILE = "return.json"
PLACES = 6


def return_document(
    built: BuiltReturn,
    passed: Sequence[Passed],
    identity: Mapping[str, Any],
    ledger: Sequence[Sequence[Any]],
    files: Mapping[str, bytes],
) -> bytes:
    """The document's bytes; nothing in it depends on the clock or the machine.

    Args:
        built: tables with their figures.
        passed: checks that held.
        identity: council, period, form, scenario, vintage, previous return, hashes of the files read.
        ledger: month, s251 line, placement, pounds: what the period closes.
        files: name -> content of every other file of the return.
    """
    content: dict[str, Any] = {
        "schema": SCHEMA,
        **identity,
        "tables": {key: _table(table) for key, table in built.tables.items()},
        "checks": [
            {"what": one.what, "left": _plain(one.left), "right": _plain(one.right), "tolerance": one.tolerance}
            for one in passed
        ],
        "closed_ledger": {"columns": ["month", "s251_line", "placement", "gbp"], "rows": [list(row) for row in ledger]},
        "outputs": [{"path": name, **describe(raw)} for name, raw in sorted(files.items())],
    }
    return sign(content, 1)


def read_document(folder: Path) -> dict[str, Any]:
    """The document of a return.

    Raises:
        ReconciliationError: it is missing or damaged.
    """
    path = folder / FILE
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        do = "Restore it from a copy; `hnforecast verify` says what else changed."
        raise ReconciliationError(Problem("HN731", "The last return cannot be read", Place(file=str(path)), do=do))
    return content


def _table(table: BuiltTable) -> dict[str, Any]:
    return {
        "title": table.form.title,
        "section": table.section,
        "sheet": table.sheet,
        "columns": [{"key": column.key, "label": column.label, "unit": column.unit} for column in table.columns],
        "rows": [
            {"key": row.key, "kind": row.kind, "cells": [_plain(cell) for cell in row.cells]} for row in table.rows
        ],
    }


def _plain(value: Any) -> Any:
    return round(value, PLACES) + 0.0 if isinstance(value, float) else value
