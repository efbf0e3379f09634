"""One file of a panel as a table: its bytes read once and hashed, found sound once, read the fast way after that."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas

from hnforecast.base.errors import InputError, Problem, Problems, show_path
from hnforecast.inputs.columns import Column, Rules
from hnforecast.inputs.csvfile import read_bytes
from hnforecast.inputs.jumps import note_jumps
from hnforecast.inputs.panel_files import PanelFile
from hnforecast.inputs.quirks import CODE, JOINED, check_parts, join_codes, note_fallen, note_recoded, note_withheld
from hnforecast.inputs.tables import table_of
from hnforecast.inputs.verdicts import recall, remember

_TEXTS = ("text", "code", "authority", "financial_year", "month", "period")
_REMEDY = "Put back the file as it was published; inputs/README.md says what each holds."


@dataclass(frozen=True)
class FileRead:
    """One file as it was read.

    Args:
        frame: its rows.
        sha256: of the very bytes they were read from.
        notices: what a reader should know of it.
    """

    frame: pandas.DataFrame
    sha256: str
    notices: tuple[Problem, ...]


# The last reading of each file in this process: a command asks for some of them more than once.
_latest: dict[str, FileRead] = {}


def read_panel_file(path: Path, described: PanelFile, root: Path) -> FileRead:
    """Read one file of a panel.

    Args:
        path: the file; described: what it should hold.
        root: the folder its name in messages starts from.

    Raises:
        InputError: every problem of the file, each with its line and what to do.
    """
    file = show_path(path, root)
    problems = Problems(InputError)
    raw = read_bytes(path, file, problems)
    problems.raise_any()
    if raw is None:  # read_bytes always says why
        raise InputError
    sha256 = hashlib.sha256(raw).hexdigest()
    found = _latest.get(path.stem)
    if found is None or found.sha256 != sha256:
        found = _latest[path.stem] = _known(raw, sha256, path.stem, described) or _strictly(
            raw, sha256, file, path.stem, described
        )
    notices = tuple(replace(notice, place=replace(notice.place, file=file)) for notice in found.notices)
    return FileRead(found.frame.copy(deep=False), sha256, notices)


def _known(raw: bytes, sha256: str, stem: str, described: PanelFile) -> FileRead | None:
    """The table of bytes that were found sound before, by these readers."""
    notices = recall(stem, sha256)
    if notices is None:
        return None
    frame = _fast(raw, described, notices)
    return None if frame is None else FileRead(frame, sha256, notices)


def _strictly(raw: bytes, sha256: str, file: str, stem: str, described: PanelFile) -> FileRead:
    columns, keys = described.columns(), described.key_names
    # Two rows of one key may be an authority under two GSS codes; `join_codes` sees to those.
    told_apart = [*keys, CODE] if CODE not in keys and any(column.name == CODE for column in columns) else keys
    notices = Problems(InputError)
    rules = Rules(columns, told_apart, allow_extra=True, allow_totals=True, as_kept=True)
    try:
        frame, lines = table_of(raw, file, rules, notices)
        check_parts(frame, lines, described.parts, [notice.found for notice in notices if notice.code == "HN208"])
        frame, lines = join_codes(frame, lines, keys, notices)
    except InputError as error:
        raise InputError(*(_placed(problem, file) for problem in error.problems)) from None
    note_jumps(frame, lines, described.keys, described.year, described.watched, notices)
    if described.clock == "census" and described.watched:
        for measure in described.watched:
            note_fallen(frame, lines, measure, notices)
            note_withheld(frame, lines, measure, notices)
    if described.clock == "census" and described.parts and not described.by_age:
        note_recoded(frame, notices)
    found = FileRead(frame, sha256, tuple(notices))
    fast = _fast(raw, described, found.notices)
    if fast is not None and frame.equals(fast):
        remember(stem, sha256, found.notices)
    return found


def _placed(problem: Problem, file: str) -> Problem:
    """A fault of a whole file stands on its first line, and every fault has a remedy."""
    line = problem.place.line if problem.place.line is not None else 1
    return replace(problem, place=replace(problem.place, file=file, line=line), do=problem.do or _REMEDY)


def _fast(raw: bytes, described: PanelFile, notices: Sequence[Problem]) -> pandas.DataFrame | None:
    """The table by the quick reader, which checks nothing; None where it cannot read it at all.

    Rows are joined where the strict reader is known to have joined some.
    """
    kinds = {column.name: _stored(column) for column in described.columns()}
    try:
        frame = pandas.read_csv(
            io.BytesIO(raw),
            usecols=lambda name: name in kinds,
            dtype=kinds,
            keep_default_na=False,
            na_values={name: [""] for name, kind in kinds.items() if kind == "float64"},
            encoding="utf-8-sig",
            low_memory=False,
        )
    except (ValueError, OverflowError):
        return None
    absent = {name: "" if kind == "str" else float("nan") for name, kind in kinds.items() if name not in frame}
    frame = (frame.assign(**absent) if absent else frame)[list(kinds)]
    if not any(notice.code == JOINED for notice in notices):
        return frame
    try:
        return join_codes(frame, range(len(frame)), described.key_names, Problems(InputError))[0]
    except InputError:
        return None


def _stored(column: Column) -> str:
    """The type a column is kept in; see `read_table`."""
    if column.kind in _TEXTS:
        return "str"
    return "int64" if column.kind in ("whole", "year") and column.required and not column.may_be_absent else "float64"
