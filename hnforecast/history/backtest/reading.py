"""Reads a panel folder for a backtest: strictly, with what is missing said in words before any forecast is made.

Any subset of the files will do as long as plans by authority are among them; a file that is there must hold the columns
it is read for. Blank cells are gaps, national rows are optional, strangers are left out with a notice.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hnforecast.base.errors import InputError, Place, Problem, Problems
from hnforecast.base.record import file_sha256
from hnforecast.engine.demand import Panel, build_panel
from hnforecast.engine.demand.panel_files import DEFLATOR, FILES, GROUPS, PLANS, PRICE_INDICES, RESIDENTS, SOURCES
from hnforecast.inputs import load_panel
from hnforecast.inputs.csvfile import read_rows
from hnforecast.inputs.panel_files import PANEL_FILES

if TYPE_CHECKING:
    from pandas import DataFrame

LEAST_AUTHORITIES = 2


@dataclass(frozen=True)
class PanelRead:
    """A panel and how it was read.

    Args:
        panel: every authority with a count of plans.
        notices: what was forgiven or left out, one line each.
        sha256: of the files it was read from, in one.
    """

    panel: Panel
    notices: tuple[str, ...]
    sha256: str


def columns_read() -> dict[str, tuple[str, ...]]:
    """File, by name without ending -> the columns a forecast takes from it, beside those that name the row."""
    found: dict[str, list[str]] = {stem: [] for stem in FILES}
    for sources in SOURCES.values():
        for stem, column, _ in sources:
            found[stem].append(column)
    found[GROUPS].append("plans")
    found[RESIDENTS].append("population")
    found[PRICE_INDICES].append(DEFLATOR)
    return {stem: tuple(columns) for stem, columns in found.items()}


def read_panel(folder: Path) -> PanelRead:
    """Read what a backtest needs of a panel folder.

    Args:
        folder: files named and with columns as in `inputs/national`, any subset, any authorities.

    Raises:
        InputError: no such folder, no usable file, a fault in a file, a missing column, no plans, or fewer than two
            authorities; every fault of every file together.
    """
    read = load_panel(folder, files=FILES)
    if PLANS not in read:
        present = ", ".join(f"{stem}.csv" for stem in sorted(read.frames))
        raise InputError(_no_plans(folder, f"only {present}"))
    problems = Problems(InputError)
    frames: dict[str, DataFrame] = {}
    for stem, frame in read.frames.items():
        empty = [column for column in columns_read()[stem] if frame[column].isna().all()]
        missing = _missing(folder / f"{stem}.csv", empty)
        if missing:
            key = () if stem == PRICE_INDICES else ("old_la_code",)
            problems.add(
                "HN207",
                f"Missing column {', '.join(missing)}",
                _place(folder, stem, line=1),
                expected=", ".join((*key, PANEL_FILES[stem].year, *columns_read()[stem])),
                do="Add the column, blank where nothing was published, or take the file out of the folder.",
            )
        # A column of blanks says nothing: without it the forecast does as if the file did not publish it.
        kept = frame.drop(columns=empty)
        local = stem == PRICE_INDICES or bool((kept["old_la_code"] != "").any())
        if len(empty) < len(columns_read()[stem]) and local:
            frames[stem] = kept
    problems.raise_any()
    if PLANS not in frames:
        raise InputError(_no_plans(folder, "no value in column plans on a row of one authority"))
    panel = build_panel(frames)
    if len(panel.authorities) < LEAST_AUTHORITIES:
        raise InputError(
            Problem(
                "HN368",
                "A backtest needs the plans of more than one authority",
                _place(folder, PLANS),
                found=f"authority {', '.join(panel.authorities)} only",
                expected="two authorities or more: what all have in common is part of the forecast",
                do="Add the rows of other authorities; inputs/national holds those of a hundred.",
            )
        )
    notices = tuple(" ".join(str(notice).split()) for notice in read.notices)
    return PanelRead(panel, notices, panel_sha256(folder))


def panel_sha256(folder: Path) -> str:
    """One hash over the files of a panel folder that a forecast reads, by name."""
    digest = hashlib.sha256()
    for stem in sorted(FILES):
        path = folder / f"{stem}.csv"
        if path.is_file():
            digest.update(f"{path.name}\0{file_sha256(path)}\n".encode())
    return digest.hexdigest()


def _missing(path: Path, columns: list[str]) -> list[str]:
    """Which of some columns without any value are not even in the header."""
    if not columns:
        return []
    found = read_rows(path, path.name, columns, Problems(InputError), Problems(InputError))
    header = {cell.strip().casefold() for cell in found.rows[0]} if found is not None else set()
    return [column for column in columns if column.casefold() not in header]


def _no_plans(folder: Path, found: str) -> Problem:
    return Problem(
        "HN363",
        "The panel has no plans by authority",
        _place(folder, PLANS),
        found=found,
        expected="old_la_code, year, plans",
        do="Put ehcp_by_la.csv in the panel folder; every other file is optional.",
    )


def _place(folder: Path, stem: str, line: int | None = None) -> Place:
    return Place(file=f"{folder.name}/{stem}.csv", line=line)
