"""Reads a finished run back from its folder: manifest, tables and assumptions, each proven unchanged first."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hnforecast.base.errors import InputError, Place, Problem
from hnforecast.base.record import SCHEMA
from hnforecast.base.timeline import parse_year
from hnforecast.papers.run_folder import ASSUMPTIONS
from hnforecast.quarter.returns.verify import verify_run
from hnforecast.writing.keeping import MANIFEST
from hnforecast.writing.style import sentence_case

if TYPE_CHECKING:
    from hnforecast.assumptions import Vintage
    from hnforecast.base.codes import Codes

Row = Mapping[str, str]
FILLED = ("account", "plans", "plans_by_age", "flows", "spend", "funding")
WRITTEN = ("agreement", "measures")  # may hold no row: no profile is known, no scenario has measures


@dataclass(frozen=True)
class FinishedRun:
    """A run as it lies on disk.

    Args:
        folder: of the run.
        manifest: run.json.
        tables: name -> rows as written; numbers are text until asked for.
        vintage: the assumptions as used.
        codes: the code lists they were checked against.
    """

    folder: Path
    manifest: Mapping[str, Any]
    tables: Mapping[str, Sequence[Row]]
    vintage: Vintage
    codes: Codes
    _found: dict[tuple[str, ...], dict[tuple[str, ...], list[Row]]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def run_id(self) -> str:
        """The name of the run."""
        return str(self.manifest["run_id"])

    @property
    def council(self) -> str:
        """Whose forecast it is."""
        return str(self.manifest["council"])

    @property
    def created(self) -> datetime:
        """When the run was made, from its manifest: the only clock a document of the run may show."""
        return datetime.fromisoformat(str(self.manifest["created"])).replace(tzinfo=None, microsecond=0)

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Names, in the order of the run."""
        return tuple(self.manifest["scenarios"])

    def title(self, scenario: str) -> str:
        """A scenario in words."""
        return str(self.manifest["scenarios"][scenario]["title"])

    def label(self, scenario: str) -> str:
        """A scenario as a short label."""
        return sentence_case(scenario)

    def years(self) -> list[int]:
        """First calendar years of the financial years."""
        return list(dict.fromkeys(parse_year(row["financial_year"]) for row in self.tables["account"]))

    def censuses(self) -> list[int]:
        """Years of the January counts."""
        return list(dict.fromkeys(int(row["census_year"]) for row in self.tables["plans"]))

    @property
    def first_forecast(self) -> int:
        """The first financial year that is not outturn."""
        return self.vintage.manifest.first_forecast_year

    def cell(self, table: str, column: str, **keys: str) -> float | None:
        """One figure, found by the other columns; None where the cell is blank or there is no such row."""
        row = next(iter(self.rows(table, **keys)), None)
        return float(row[column]) if row is not None and row[column] else None

    def total(self, table: str, column: str, **keys: str) -> float:
        """The sum of a column over the rows that have these keys."""
        return sum(float(row[column] or 0) for row in self.rows(table, **keys))

    def rows(self, table: str, **keys: str) -> Sequence[Row]:
        """The rows of a table that have these keys."""
        index = self._found.get((table, *keys))
        if index is None:
            index = self._found[(table, *keys)] = {}
            for row in self.tables.get(table, ()):
                index.setdefault(tuple(row[name] for name in keys), []).append(row)
        return index.get(tuple(keys.values()), [])


def read_run(folder: Path, codes: Codes | None = None) -> FinishedRun:
    """Read a run, once every file of it is proven to be what the manifest says.

    Args:
        folder: of the run.
        codes: the project's code lists; those shipped with the program by default.

    Raises:
        InputError: it is no run, was not finished, lacks a table or was changed since; every change together.
    """
    from hnforecast.assumptions import load_resolved
    from hnforecast.base.codes import load_codes
    from hnforecast.base.shipped import shipped_folder

    manifest = read_manifest(folder)
    changed = verify_run(folder, None).problems
    if changed:
        do = "Make the run again with `hnforecast run`; nothing is published or reported from a run that was changed."
        problem = Problem("HN822", "The run was changed after it was made", Place(file=folder.as_posix()), do=do)
        raise InputError(problem, *changed)
    tables = {path.stem: _table(path) for path in sorted((folder / "tables").glob("*.csv"))}
    lacking = [name for name in FILLED if not tables.get(name)] + [name for name in WRITTEN if name not in tables]
    if lacking:
        found = ", ".join(f"tables/{name}.csv" for name in lacking)
        raise InputError(_problem(folder, "The run lacks tables, or they are empty", found))
    lists = codes or load_codes(shipped_folder("codes"))
    return FinishedRun(folder, manifest, tables, load_resolved(folder / ASSUMPTIONS, codes=lists), lists)


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """The manifest of a run.

    Raises:
        InputError: there is none, or it is not one this version writes.
    """
    path = folder / MANIFEST
    if not path.is_file():
        found = "no such folder" if not folder.is_dir() else f"a folder without {MANIFEST}"
        raise InputError(_problem(folder, "This is not a finished run", found))
    try:
        manifest = json.loads(path.read_bytes())
        if manifest["schema"] != SCHEMA:
            raise InputError(_problem(folder, "The run was made by another version", str(manifest["schema"])))
        datetime.fromisoformat(manifest["created"])
        for name in ("run_id", "council", "fingerprint", "version", "vintage", "outputs", "scenarios", "draws"):
            manifest[name]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(_problem(folder, "The manifest of the run cannot be read", type(error).__name__)) from None
    return dict(manifest)


def latest_run(outputs: Path, wanted: Callable[[Mapping[str, Any]], bool] = lambda manifest: True) -> Path | None:
    """The run of an outputs folder that was made last; folders that are no runs are passed over.

    Args:
        outputs: holds one folder per run.
        wanted: whether a run is of the kind looked for.
    """
    found: list[tuple[str, str, Path]] = []
    for path in sorted(outputs.glob(f"*/{MANIFEST}")) if outputs.is_dir() else []:
        try:
            manifest = read_manifest(path.parent)
        except InputError:
            continue
        if wanted(manifest):
            found.append((str(manifest["created"]), path.parent.name, path.parent))
    return max(found)[2] if found else None


def _table(path: Path) -> list[Row]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8"), newline="")))


def _problem(folder: Path, what: str, found: str) -> Problem:
    return Problem(
        "HN821", what, Place(file=folder.as_posix()), found,
        expected=f"a folder that `hnforecast run` wrote whole: {MANIFEST}, {ASSUMPTIONS} and tables/",
        do="Name another run, or make one with `hnforecast run`.",
    )  # fmt: skip
