"""Reads a panel folder, and forgets what a forecaster at a given January count could not have known."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pandas

from hnforecast.base.errors import InputError, Place, Problem, Problems, show_path
from hnforecast.inputs.panel_files import PANEL_FILES, PanelFile
from hnforecast.inputs.panel_reading import read_panel_file

_EDITION_YEAR = re.compile(r"(20[0-9]{2})$")


@dataclass(frozen=True)
class Panel:
    """Published figures of many authorities.

    Attributes:
        folder: where they were read from.
        upto_year: the January count whose forecaster's knowledge this is; None for everything.
        frames: file name without its ending to its rows; `old_la_code` is text, "" on national and regional rows.
        notices: what was left out, and what looks like a slip.
        sha256: file name without its ending to the hash of the bytes its rows were read from.
    """

    folder: Path
    upto_year: int | None
    frames: Mapping[str, pandas.DataFrame]
    notices: tuple[Problem, ...]
    sha256: Mapping[str, str]

    def __contains__(self, name: object) -> bool:
        return name in self.frames

    def __getitem__(self, name: str) -> pandas.DataFrame:
        """Every row of a file.

        Raises:
            InputError: the panel does not hold it.
        """
        if name not in self.frames:
            do = f"Add {name}.csv to the folder; inputs/national holds one."
            what = "The panel lacks a file that is needed"
            raise InputError(Problem("HN260", what, Place(file=self.folder.name), found=name, do=do))
        return self.frames[name]

    def authorities(self, name: str) -> pandas.DataFrame:
        """The rows of a file that are single authorities."""
        frame = self[name]
        return frame[frame["old_la_code"] != ""]

    def national(self, name: str) -> pandas.DataFrame:
        """The rows of a file that are the whole of England; none in a panel without national rows."""
        frame = self[name]
        if "geographic_level" in frame.columns and (frame["geographic_level"] != "").any():
            return frame[frame["geographic_level"] == "national"]
        return frame[(frame["old_la_code"] == "") & (frame["la_name"] == "England")]

    def one(self, name: str, old_la_code: str) -> pandas.DataFrame:
        """The rows of a file that are one authority."""
        frame = self[name]
        return frame[frame["old_la_code"] == old_la_code]

    @property
    def codes(self) -> tuple[str, ...]:
        """Every authority that appears in any file, sorted."""
        found: set[str] = set()
        for frame in self.frames.values():
            if "old_la_code" in frame.columns:
                found |= set(frame["old_la_code"].unique())
        return tuple(sorted(found - {""}))


def load_panel(folder: Path, upto_year: int | None = None, *, files: Collection[str] | None = None) -> Panel:
    """Read the files of a panel folder.

    Args:
        folder: holds files named as in `inputs/national`, any subset.
        upto_year: drop what was not known in the December after this January count: later counts, flows of that
            calendar year or later, outturn of a financial year that ends after it, grants of a later financial year,
            mid-year estimates of that year or later, files and editions published later. None keeps everything.
        files: read only these, by name without ending; None reads all that are known.

    Returns:
        The panel. Revisions made in later editions cannot be undone: rows are those of the edition read.

    Raises:
        InputError: the folder holds no panel file, or a file has a fault; every fault of every file together.
    """
    problems, notices = Problems(InputError), Problems(InputError)
    if not folder.is_dir():
        problems.add(
            "HN260", "The panel folder is missing", Place(file=folder.name), do="Check the path after --panel."
        )
        problems.raise_any()
    frames: dict[str, pandas.DataFrame] = {}
    hashes: dict[str, str] = {}
    for path in sorted(folder.glob("*.csv")):
        described = PANEL_FILES.get(path.stem)
        if described is None:
            what = "A file that is not part of a panel is left out"
            notices.add("HN261", what, Place(file=show_path(path, folder.parent)))
        elif files is None or path.stem in files:
            try:
                read = read_panel_file(path, described, folder.parent)
                frames[path.stem], hashes[path.stem] = read.frame, read.sha256
                notices.extend(read.notices)
            except InputError as error:
                problems.extend(error.problems)
    if not frames and not problems:
        expected = "files such as ehcp_by_la.csv, as in inputs/national"
        problems.add("HN260", "The folder holds no panel file", Place(file=folder.name), expected=expected)
    problems.raise_any()
    if upto_year is not None:
        known = {name: keep_known(frame, PANEL_FILES[name], upto_year) for name, frame in frames.items()}
        frames = {name: frame for name, frame in known.items() if len(frame)}
    return Panel(folder, upto_year, MappingProxyType(frames), tuple(notices), MappingProxyType(hashes))


def keep_known(frame: pandas.DataFrame, described: PanelFile, upto_year: int) -> pandas.DataFrame:
    """The rows of a panel file that were known in the December after a January count."""
    if described.published > upto_year:
        return frame.iloc[:0]
    if not described.year:
        return frame
    dated = frame[described.year]
    if described.clock == "lookup":
        kept = frame[dated.isna() | (dated <= upto_year)]
        return kept.assign(last_year=kept["last_year"].clip(upper=upto_year)).reset_index(drop=True)
    if described.clock == "edition":
        years = dated.str.extract(_EDITION_YEAR)[0].astype(float)
    elif described.year == "time_period":
        years = dated.str[:4].astype(float) + 1
    else:
        years = dated.astype(str).str[:4].astype(float)
    last = {"census": upto_year, "edition": upto_year, "grant": upto_year}.get(described.clock, upto_year - 1)
    return frame[years <= last].reset_index(drop=True)
