"""What was promised of each measure and what has been delivered: the figures a forecast is set beside."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from hnforecast.assumptions import Vintage, list_vintages, load_vintage
from hnforecast.base.codes import Codes
from hnforecast.base.errors import Problems
from hnforecast.base.timeline import parse_year
from hnforecast.engine.forecast import savings_alone
from hnforecast.engine.records import Project
from hnforecast.inputs import read_table
from hnforecast.quarter.monitor.actuals import FOLDER
from hnforecast.quarter.monitor.files import ACTUAL, monitoring_files

MEASURES = "measures"
NO_DELIVERY = "no monitoring of measures"


@dataclass(frozen=True)
class Promise:
    """Net savings by measure and financial year as the plan stood, with what they rest on.

    Args:
        by_measure: name -> first calendar year -> pounds.
        basis: what the figures are.
    """

    by_measure: Mapping[str, Mapping[int, float]]
    basis: str


@dataclass(frozen=True)
class Delivered:
    """What monitoring last recorded of each measure.

    Args:
        saving: name -> pounds saved so far in `financial_year`.
        ratings: name -> green, amber or red.
        narratives: name -> a short account.
        financial_year: its first calendar year; None where nothing is recorded.
        basis: actual, or the words that say the figures are invented; with the month they stand at.
        file: read, relative to the project; empty where none.
    """

    saving: Mapping[str, float] = field(default_factory=dict)
    ratings: Mapping[str, str] = field(default_factory=dict)
    narratives: Mapping[str, str] = field(default_factory=dict)
    financial_year: int | None = None
    basis: str = NO_DELIVERY
    file: str = ""


def project_of(vintage: Vintage) -> Path | None:
    """The council folder a vintage was read from; None for one read on its own."""
    root = vintage.root
    return root if vintage.folder.parent.name == "assumptions" and root.is_dir() else None


def promise_before(vintage: Vintage) -> Promise | None:
    """What the vintage before this one promised: its own forecast of each measure, delivered as its plan expected.

    None where there is no vintage before it, or it had no measures.
    """
    root, name = project_of(vintage), vintage.manifest.supersedes
    if root is None or name is None or name not in {summary.name for summary in list_vintages(root)}:
        return None
    return _promised(root, name, _state_of(root, name))


def files_behind(vintage: Vintage) -> dict[str, str]:
    """Hash of every file the register reads besides those of the vintage, by name relative to the project.

    They are the vintage before it, whose forecast is the promise, and the last record of measures.
    """
    root, name = project_of(vintage), vintage.manifest.supersedes
    if root is None or not vintage.measures:
        return {}
    earlier = _files_of(root, name) if name is not None else []
    recorded = _recorded(root)
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (*earlier, *([recorded] if recorded is not None else []))
    }


def _files_of(root: Path, name: str) -> list[Path]:
    """Every file of a vintage and its measures."""
    folders = (root / "assumptions" / name, root / "assumptions" / MEASURES / name)
    return sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())


def _recorded(root: Path) -> Path | None:
    """The last year's record of measures; None where there is none."""
    return max((root / "inputs" / FOLDER).glob(f"*/{MEASURES}.csv"), default=None)


def _state_of(root: Path, name: str) -> str:
    """One hash over the files of a vintage, so that an edit is seen."""
    found = hashlib.sha256((root / "assumptions" / "scenarios.yaml").read_bytes())
    for path in _files_of(root, name):
        found.update(path.read_bytes())
    return found.hexdigest()


@lru_cache(maxsize=8)
def _promised(root: Path, name: str, state: str) -> Promise | None:
    """The promise of a vintage in the state given, worked out once."""
    earlier = load_vintage(root, name)
    plan = _plan_of(earlier)
    if plan is None:
        return None
    first = earlier.manifest.first_forecast_year
    by_measure = {
        saving.measure: MappingProxyType({first + f: float(amount) for f, amount in enumerate(saving.central)})
        for saving in savings_alone(Project(root, earlier), plan)
    }
    return Promise(MappingProxyType(by_measure), f"forecast of vintage {name}; no saving by measure was published")


def _plan_of(vintage: Vintage) -> str | None:
    """The scenario with the most measures, delivered and growing as expected; None where none has any."""
    sizes = {
        name: len(vintage.measures) if spec.measures is None else len(spec.measures)
        for name, spec in vintage.scenarios.items()
        if (spec.delivery, spec.growth) == ("central", "central")
    }
    most = max(sizes, key=lambda name: sizes[name], default=None)
    return most if most is not None and sizes[most] else None


def delivered_to_date(root: Path | None, codes: Codes) -> Delivered:
    """The latest record of measures in inputs/monitoring/<year>/measures.csv.

    Raises:
        InputError: the file cannot be read.
    """
    path = _recorded(root) if root is not None else None
    if root is None or path is None:
        return Delivered()
    file = monitoring_files(codes)[MEASURES]
    frame = read_table(path, file.columns, root=root, key=file.key, notices=Problems())
    if not len(frame):
        return Delivered(file=path.relative_to(root).as_posix())
    last = frame[frame["month"] == frame["month"].max()]
    basis = str(last["basis"].iloc[0])
    words = "recorded" if basis == ACTUAL else basis
    return Delivered(
        saving={str(row.measure): float(row.saving_to_date) for row in last.itertuples()},
        ratings={str(row.measure): str(row.rag) for row in last.itertuples()},
        narratives={str(row.measure): row.narrative for row in last.itertuples() if isinstance(row.narrative, str)},
        financial_year=parse_year(path.parent.name),
        basis=f"{words}, to {last['month'].iloc[0]}",
        file=path.relative_to(root).as_posix(),
    )
