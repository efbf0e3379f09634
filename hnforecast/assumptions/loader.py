"""Finds the vintages of a project and loads one, with every problem in one report."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hnforecast.assumptions.build import build_vintage, this_day
from hnforecast.assumptions.files import read_folder, read_resolved
from hnforecast.assumptions.manifest import check_hashes
from hnforecast.assumptions.vintage import Vintage
from hnforecast.base.codes import Codes, codes_folder, load_codes
from hnforecast.base.errors import AssumptionError, Place, Problem, Problems
from hnforecast.base.shipped import shipped_folder
from hnforecast.base.yaml import load_yaml


@dataclass(frozen=True)
class VintageSummary:
    """What a list of vintages shows; `as_at` is None where the manifest cannot be read."""

    name: str
    state: str
    as_at: date | None
    title: str


def list_vintages(project: Path) -> tuple[VintageSummary, ...]:
    """Every vintage of a project, in order of date: folders of `assumptions/` that hold a manifest."""
    found = [_summary(path.parent) for path in sorted((project / "assumptions").glob("*/manifest.yaml"))]
    return tuple(sorted(found, key=lambda summary: (summary.as_at or date.min, summary.name)))


def _summary(folder: Path) -> VintageSummary:
    yaml, _ = load_yaml((folder / "manifest.yaml").read_bytes(), f"assumptions/{folder.name}/manifest.yaml")
    content = yaml.content if yaml is not None else {}
    return VintageSummary(
        folder.name,
        str(content.get("state", "unreadable")),
        _day(content.get("as_at")),
        str(content.get("title", "")),
    )


def _day(written: object) -> date | None:
    """A date, quoted in the file or not."""
    if isinstance(written, date):
        return written
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        return None


def default_vintage(project: Path) -> str:
    """The latest signed-off vintage, or where none is, the latest draft.

    Raises:
        AssumptionError: the project has no vintage.
    """
    vintages = list_vintages(project)
    if not vintages:
        do = "Start with `hnforecast new`, or say which folder with --project."
        raise AssumptionError(Problem("HN160", "There is no vintage in assumptions/", Place(file="assumptions"), do=do))
    signed = [vintage for vintage in vintages if vintage.state == "signed_off"]
    return (signed or list(vintages))[-1].name


def load_vintage(
    project: Path, name: str | None = None, *, codes: Codes | None = None, today: date | None = None
) -> Vintage:
    """Load and check one vintage.

    Args:
        project: the council folder.
        name: of the vintage; the latest signed-off one by default.
        codes: the code lists; read from the project's inputs/codes, or those shipped with the tool.
        today: the day reviews are overdue after; today by default.

    Raises:
        AssumptionError: everything wrong with the vintage, its measures and the scenarios, at once.
    """
    chosen = name if name is not None else default_vintage(project)
    known = [vintage.name for vintage in list_vintages(project)]
    if chosen not in known:
        near = difflib.get_close_matches(chosen, known, n=1)
        do = f"Did you mean {near[0]!r}?" if near else ""
        raise AssumptionError(
            Problem("HN160", "No such vintage", Place(file="assumptions"), chosen, ", ".join(known) or "none yet", do)
        )
    problems = Problems(AssumptionError)
    text = read_folder(project, chosen, problems)
    check_hashes(text, problems)
    return build_vintage(text, codes or project_codes(project), today or this_day(), problems)


def load_resolved(file: Path, *, codes: Codes | None = None, today: date | None = None) -> Vintage:
    """Load the one-file vintage that a run wrote (see `write_resolved`).

    Raises:
        AssumptionError: as `load_vintage`.
    """
    problems = Problems(AssumptionError)
    text = read_resolved(file, problems)
    return build_vintage(text, codes or load_codes(shipped_folder("codes")), today or this_day(), problems)


def project_codes(project: Path) -> Codes:
    """The project's own code lists, or those shipped with the tool."""
    return load_codes(codes_folder(project))
