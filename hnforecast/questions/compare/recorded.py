"""What a run recorded when it was made: beside the same assumptions run today, it shows the model's own change."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hnforecast.base.errors import InputError, Place, Problem
from hnforecast.base.timeline import parse_year

ITEMS = ("gross_closing", "closing", "in_year")


@dataclass(frozen=True)
class Recorded:
    """One scenario's figures as a run wrote them.

    Args:
        run_id, code_sha256: of the run.
        horizon: forecast financial years.
        account: (item, financial year) -> signed pounds.
        plans: January count -> plans.
    """

    run_id: str
    code_sha256: str
    horizon: int
    account: Mapping[tuple[str, int], float]
    plans: Mapping[int, float]


def run_scenarios(folder: Path) -> list[str]:
    """Names of the scenarios a run holds.

    Raises:
        InputError: the folder's manifest cannot be read.
    """
    return list(_manifest(folder).get("scenarios", {}))


def read_recorded(folder: Path, scenario: str) -> Recorded:
    """Read one scenario's account and plans from a run folder.

    Raises:
        InputError: a file of the run is missing or not as a run writes it.
    """
    manifest = _manifest(folder)
    account, plans = {}, dict[int, float]()
    try:
        for row in _rows(folder / "tables" / "account.csv"):
            if row["scenario"] == scenario and row["item"] in ITEMS and row["central"]:
                account[row["item"], parse_year(row["financial_year"])] = float(row["central"])
        for row in _rows(folder / "tables" / "plans.csv"):
            if row["scenario"] == scenario:
                census = int(row["census_year"])
                plans[census] = plans.get(census, 0.0) + float(row["central"])
        horizon = int(manifest["horizon_years"])
        return Recorded(str(manifest["run_id"]), str(manifest["code_sha256"]), horizon, account, plans)
    except (KeyError, ValueError) as error:
        raise InputError(_broken(folder, f"{type(error).__name__} {error}")) from None


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(_broken(folder, type(error).__name__)) from None
    if not isinstance(content, dict):
        raise InputError(_broken(folder, "not a run's manifest"))
    return content


def _rows(path: Path) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            yield from csv.DictReader(stream)
    except OSError as error:
        raise InputError(_broken(path, type(error).__name__)) from None


def _broken(path: Path, found: str) -> Problem:
    return Problem(
        "HN512",
        "A run folder cannot be read",
        Place(file=path.as_posix()),
        found=found,
        expected="run.json, tables/account.csv and tables/plans.csv as a run writes them",
        do="Make the run again with `hnforecast run`.",
    )
