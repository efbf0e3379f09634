"""A return as written, read back from its return.json for comparison with another."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hnforecast.base.errors import InputError, Place, Problem
from hnforecast.base.timeline import parse_year

SCHEMA, FILE = "hnforecast/return/1", "return.json"
Key = tuple[str, str]
Rows = list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class Return:
    """A return as written.

    Args:
        council, code, form, period: whose, which.
        year: first calendar year of its financial year.
        lines: (line, for) -> column -> pounds; None where the return leaves it blank.
        position: item -> forecast, signed pounds.
        plans: placement -> column -> plans.
        profile: financial year -> "in_year" and "gross_closing" forecast, signed pounds.
        ledger: (month, line, code of the placement) -> pounds of closed months.
        codes: (line, for) -> code of the placement.
        illustrative: whether its actuals are invented to show the form.
    """

    council: str
    code: str
    form: str
    period: str
    year: int
    lines: Mapping[Key, Mapping[str, float | None]]
    position: Mapping[str, float]
    plans: Mapping[str, Mapping[str, float | None]]
    profile: Mapping[int, Mapping[str, float]]
    ledger: Mapping[tuple[str, str, str], float]
    codes: Mapping[Key, str]
    illustrative: bool


def read_return(folder: Path) -> Return:
    """Read a return from the folder it was written to.

    Raises:
        InputError: it is not one, or lacks the tables a bridge needs.
    """
    path = folder / FILE
    try:
        content = json.loads(path.read_bytes())
        if not isinstance(content, dict) or content.get("schema") != SCHEMA:
            raise ValueError("another schema")
        return _read(content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        found = f"{type(error).__name__} {error}".strip()[:120]
        what = "A return cannot be read, or lacks its outturn by line or its position"
        expected = f"{FILE} of a return with both, such as the quarterly form"
        do = "Name another form, or make the return again with `hnforecast return`."
        raise InputError(Problem("HN516", what, Place(file=path.as_posix()), found, expected, do)) from error


def _read(content: Mapping[str, Any]) -> Return:
    tables = [_rows(table) for table in content["tables"].values()]
    outturn = _with(tables, "s251_line", "budget", "forecast_outturn")
    position = next(rows for rows in _all_with(tables, "item", "forecast") if any(key == "closing" for key, _ in rows))
    plans = _with(tables, "placement", "forecast_january", required=False)
    profile = _with(tables, "financial_year", "forecast_in_year", "forecast_gross", required=False)
    period = str(content["quarter"] if content.get("quarter") else content["period"])
    return Return(
        council=str(content["council"]),
        code=str(content["old_la_code"]),
        form=str(content["form"]),
        period=str(content["period"]),
        year=parse_year(period[:7]),
        lines={_line_key(row): row for _, row in outturn},
        position={key: float(row["forecast"]) for key, row in position if row["forecast"] is not None},
        plans={str(row["placement"]): row for _, row in plans},
        profile={
            parse_year(str(row["financial_year"])): {
                "in_year": float(row["forecast_in_year"]), "gross_closing": float(row["forecast_gross"]),
            }
            for _, row in profile
            if row["forecast_in_year"] is not None and row["forecast_gross"] is not None
        },
        ledger={(str(m), str(line), str(p)): float(gbp) for m, line, p, gbp in content["closed_ledger"]["rows"]},
        illustrative=bool(content.get("illustrative")),
        codes={_line_key(row): key.partition("|")[2] for key, row in outturn},
    )  # fmt: skip


def _line_key(row: Mapping[str, Any]) -> Key:
    return str(row["s251_line"]), str(row["placement"])


def _rows(table: Mapping[str, Any]) -> Rows:
    columns = [str(column["key"]) for column in table["columns"]]
    return [
        (str(row["key"]), dict(zip(columns, row["cells"], strict=True)))
        for row in table["rows"]
        if row["kind"] != "total"
    ]


def _all_with(tables: list[Rows], *columns: str) -> Iterator[Rows]:
    return (rows for rows in tables if rows and set(columns) <= set(rows[0][1]))


def _with(tables: list[Rows], *columns: str, required: bool = True) -> Rows:
    found = next(_all_with(tables, *columns), None)
    if found is None and required:
        raise KeyError(f"no table of {', '.join(columns)}")
    return found or []
