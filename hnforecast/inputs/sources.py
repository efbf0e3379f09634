"""Checks every input against `inputs/sources.csv`: listed, present and unchanged since it was received."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable
from pathlib import Path

import pandas

from hnforecast.base.errors import InputError, Place, Problem, Problems, show_path
from hnforecast.inputs.columns import Column
from hnforecast.inputs.tables import read_table

LIST = "sources.csv"
COLUMNS = (
    Column("dataset", "code"),
    Column("file", "code"),
    Column("edition"),
    Column("publisher"),
    Column("url"),
    Column("licence"),
    Column("retrieved", "date"),
    Column("sha256", "code"),
    Column("note", required=False),
)


def hash_file(path: Path) -> str:
    """The sha256 of a file, in lower-case hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_sources(root: Path) -> pandas.DataFrame:
    """The list of sources of a project.

    Args:
        root: the project folder.

    Raises:
        InputError: the list is missing or malformed.
    """
    return read_table(root / "inputs" / LIST, COLUMNS, root=root, key=("file",))


def check_sources(root: Path) -> tuple[Problem, ...]:
    """What differs between the list of sources and the folder.

    Args:
        root: the project folder.

    Returns:
        A problem for each file that is listed and missing (HN250), changed since it was listed (HN251), or present
        and not listed (HN252); none where all agree. The caller decides whether to stop.

    Raises:
        InputError: the list itself is missing or malformed.
    """
    listed = read_sources(root)
    inputs = root / "inputs"
    problems = Problems(InputError)
    for file, sha256 in zip(listed["file"], listed["sha256"], strict=True):
        path = inputs / file
        place = Place(file=show_path(path, root))
        if not path.resolve().is_relative_to(inputs.resolve()):
            problems.add("HN250", "A listed file lies outside inputs/", Place(file=f"inputs/{LIST}"), found=file)
        elif not path.is_file():
            do = "Put it back, or take its row out of inputs/sources.csv."
            problems.add("HN250", "A listed input is missing", place, do=do)
        elif (found := hash_file(path)) != sha256.lower():
            do = "If the change is meant, give its edition and new sha256 in inputs/sources.csv."
            problems.add(
                "HN251", "An input has changed since it was listed", place, found=found, expected=sha256, do=do
            )
    known = set(listed["file"])
    for path in sorted(inputs.rglob("*.csv")):
        name = path.relative_to(inputs).as_posix()
        if name != LIST and name not in known and name.split("/")[0] in _folders(known):
            do = "Add its publisher, edition, licence and sha256 to inputs/sources.csv."
            problems.add("HN252", "An input without a source", Place(file=show_path(path, root)), do=do)
    return tuple(problems)


def _folders(known: Iterable[str]) -> set[str]:
    # A folder no row of which is listed (an invented council, templates) keeps its own account of itself.
    return {name.split("/")[0] for name in known}


def relist(root: Path, files: Iterable[str]) -> str:
    """The text of the list of sources with the sha256 of some files taken anew; nothing is written.

    Args:
        root: the project folder.
        files: paths below `inputs/`, already listed.
    """
    listed = read_sources(root)
    wanted = set(files)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(listed.columns)
    for row in listed.itertuples(index=False):
        sha256 = hash_file(root / "inputs" / str(row.file)) if row.file in wanted else row.sha256
        retrieved = str(row.retrieved)[:10]
        values = [row.dataset, row.file, row.edition, row.publisher, row.url, row.licence, retrieved, sha256, row.note]
        writer.writerow(values)
    return text.getvalue()
