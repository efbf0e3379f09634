"""Tells a command's own files from everybody else's, and keeps everybody else's.

A folder of a run or of a return lists its files with their hashes in its manifest, and the manifest holds a hash of
itself. A file that is listed and unaltered is the program's own and may be replaced. Whatever else lies in the folder
is carried into the new one: under its own name, or under a dated name where the new folder has a file of that name.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, Literal

from hnforecast.base.errors import Place, Problem, UsageError

Existing = Literal["renew", "refuse", "aside"]  # what to do with what is there: see `refuse_existing`
LONGEST_PATH = 218  # what Excel opens on Windows
MANIFEST, DOCUMENT = "run.json", "return.json"
OWN = "own_sha256"
RECORD = ".hnforecast.files.json"  # in outputs/: single files written to a default place, with their hashes
RECORD_SCHEMA = "hnforecast/files/1"
_BLANK = "0" * 64
_SIGNED = re.compile(rb'("own_sha256": ?")[0-9a-f]{64}(")')


def sign(content: Mapping[str, Any], indent: int) -> bytes:
    """A manifest as bytes, with the hash of itself in it: worked out with zeros where the hash goes.

    Raises:
        ValueError: a value is no number.
    """
    raw = json.dumps({**content, OWN: _BLANK}, indent=indent, ensure_ascii=True, allow_nan=False).encode() + b"\n"
    found = hashlib.sha256(raw).hexdigest().encode()
    return _SIGNED.sub(rb"\g<1>" + found + rb"\g<2>", raw)


def describe(content: bytes) -> dict[str, Any]:
    """Hash and size of a file, as manifests hold them."""
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def own_files(folder: Path) -> dict[str, str]:
    """Name -> hash of every file of a folder that the program wrote, by its manifest; nothing where there is none."""
    found: dict[str, str] = {}
    for name in (MANIFEST, DOCUMENT):
        try:
            raw = (folder / name).read_bytes()
            content = json.loads(raw)
        except (OSError, ValueError, RecursionError):
            continue
        if not isinstance(content, dict) or not str(content.get("schema")).startswith("hnforecast/"):
            continue
        listed = content.get("outputs")
        for item in listed if isinstance(listed, list) else ():
            if isinstance(item, dict):
                found[str(item.get("path"))] = str(item.get("sha256"))
        if _unaltered(content, raw):
            found[name] = hashlib.sha256(raw).hexdigest()
    return found


def carry_over(old: Path, new: Path) -> list[str]:
    """Copy whatever of a folder is not the program's own, or was altered since, into the folder that follows it.

    Done twice it copies nothing twice.

    Returns:
        The names of what was kept, as they are in the new folder.

    Raises:
        OSError: a file could not be copied; the old folder is as it was.
    """
    own, kept = own_files(old), []
    for name in _entries(old):
        source, place = old / name, new / name
        if _is_file(source) and own.get(name) == _sha256(source):
            continue
        if _blocked(place, new):
            place = new / name.replace("/", "-")
        if name in (MANIFEST, DOCUMENT) or os.path.lexists(place):
            same = next((found for found in (place, *_dated_before(place)) if _same(source, found)), None)
            place = same or dated(place)
        if not os.path.lexists(place):
            _copy(source, place)
        if place.is_symlink() or not place.is_dir():
            kept.append(place.relative_to(new).as_posix())
    return kept


def dated(path: Path) -> Path:
    """A free name beside a path that says when it was set aside, such as report.2026-12-01T1031.docx."""
    stem, suffix = (path.name, "") if path.is_dir() else (path.stem, path.suffix)
    moment = datetime.now().astimezone().strftime("%Y-%m-%dT%H%M")
    names = (f"{stem}.{moment}{'' if number == 1 else f'-{number}'}{suffix}" for number in count(1))
    return next(found for found in map(path.with_name, names) if not os.path.lexists(found))


def set_aside(path: Path) -> Path:
    """Give a file a second, dated name, so that the first may be replaced; returns the dated one.

    Raises:
        OSError: it cannot be kept.
    """
    while True:
        place = dated(path)
        try:
            os.link(path, place, follow_symlinks=False)
        except FileExistsError:  # somebody was quicker
            continue
        except (OSError, NotImplementedError):  # a disk without links
            _copy(path, place)
        return place


def is_run(folder: Path) -> bool:
    """Whether a folder is an earlier run: it holds the manifest that is written last."""
    return (folder / MANIFEST).is_file()


def check_target(target: Path, existing: Existing = "renew") -> None:
    """Refuse a place that holds anything but an earlier run, or a path Excel on Windows cannot open.

    Args:
        target: the place.
        existing: what becomes of what is there: "refuse" keeps an earlier run too; "aside" takes any folder.

    Raises:
        UsageError: with what to do instead.
    """
    longest = len(str(target.resolve())) + len("/charts/plans-by-placement.png")
    if longest > LONGEST_PATH:
        raise UsageError(
            Problem(
                "HN802",
                "The path of the run folder is too long for Excel on Windows",
                Place(file=str(target)),
                found=f"{longest} characters with the longest file name in it",
                expected=f"at most {LONGEST_PATH}",
                do="Choose a shorter folder with --out.",
            )
        )
    if target.is_dir() and not any(target.iterdir()):
        return
    if target.is_dir() and existing == "aside":
        return refuse_aside(target)
    if is_run(target):
        return refuse_existing(target, existing)
    if target.exists() or target.is_symlink():
        raise UsageError(
            Problem(
                "HN803",
                "The output folder holds something that is not an earlier run, so it is left alone",
                Place(file=str(target)),
                expected=f"a new folder, an empty one, or a run (a folder with {MANIFEST})",
                do="Choose another folder with --out, or move what is there.",
            )
        )


def refuse_existing(path: Path, existing: Existing) -> None:
    """Refuse a place that --out names and that holds something, unless --replace was said.

    Args:
        path: the place.
        existing: "refuse" what is there; set it "aside" under a dated name; or "renew" a default output, whose own
            files may go and where everything else is kept.

    Raises:
        UsageError: with what to do instead.
    """
    if existing != "refuse" or not os.path.lexists(path):
        return
    if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
        return
    raise in_the_way(path)


def in_the_way(*paths: Path) -> UsageError:
    """The refusal to write over what is there: every thing in the way together."""
    do = "Write elsewhere with --out, or add --replace: what is there then stays beside it under a dated name."
    return UsageError(
        *(Problem("HN805", "Something is there already, so it is kept", Place(str(p)), do=do) for p in paths)
    )


def refuse_aside(folder: Path) -> None:
    """Refuse to set aside a folder somebody works in, or a council folder: the dated name would be a surprise.

    Raises:
        UsageError: with what to do instead.
    """
    if Path.cwd().is_relative_to(folder) or (folder / "assumptions").is_dir():
        do = "Choose another folder with --out."
        what = "--replace does not set aside a council folder, or the folder you are in"
        raise UsageError(Problem("HN805", what, Place(str(folder)), do=do))


class Record:
    """Which single files the program wrote to their default places, such as the shared page: name and hash.

    Args:
        root: the council folder; names are relative to it.
    """

    def __init__(self, root: Path) -> None:
        self.root, self.path = root, root / "outputs" / RECORD

    def holds(self, path: Path) -> bool:
        """Whether a file is as the program wrote it."""
        return _is_file(path) and self._read().get(self._name(path)) == _sha256(path)

    def with_file(self, path: Path, content: bytes) -> bytes:
        """The record as it is once a file is written."""
        files = {**self._read(), self._name(path): hashlib.sha256(content).hexdigest()}
        return (json.dumps({"schema": RECORD_SCHEMA, "files": dict(sorted(files.items()))}, indent=2) + "\n").encode()

    def _name(self, path: Path) -> str:
        return Path(os.path.relpath(path, self.root)).as_posix()

    def _read(self) -> dict[str, str]:
        try:
            content = json.loads(self.path.read_bytes())
            return dict(content["files"]) if content["schema"] == RECORD_SCHEMA else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}


def _unaltered(content: Mapping[str, Any], raw: bytes) -> bool:
    """Whether a manifest is as written; one of an earlier version, without a hash of itself, is taken to be."""
    said = content.get(OWN)
    if said is None:
        return True
    return bool(hashlib.sha256(_SIGNED.sub(rb"\g<1>" + _BLANK.encode() + rb"\g<2>", raw)).hexdigest() == said)


def _entries(folder: Path) -> Iterator[str]:
    """Every file and link of a folder and below, and every empty folder; links are not followed."""
    for found, folders, files in os.walk(folder):
        here = Path(found)
        links = [name for name in folders if (here / name).is_symlink()]
        folders[:] = sorted(set(folders) - set(links))
        for name in sorted(files + links):
            yield (here / name).relative_to(folder).as_posix()
        if here != folder and not (folders or files or links):
            yield here.relative_to(folder).as_posix()


def _blocked(place: Path, new: Path) -> bool:
    """Whether a folder of the old one is a file in the new."""
    return any(os.path.lexists(p) and not p.is_dir() for p in place.parents if p != new and p.is_relative_to(new))


def _dated_before(path: Path) -> list[Path]:
    """What was kept of a name before."""
    wanted = re.compile(re.escape(path.stem) + r"\.\d{4}-\d\d-\d\dT\d{4}(-\d+)?" + re.escape(path.suffix))
    return [found for found in path.parent.glob("*") if wanted.fullmatch(found.name)] if path.parent.is_dir() else []


def _same(one: Path, other: Path) -> bool:
    if one.is_symlink() or other.is_symlink():
        return one.is_symlink() and other.is_symlink() and one.readlink() == other.readlink()
    if one.is_dir() or other.is_dir():
        return one.is_dir() and other.is_dir()
    return (
        _is_file(one)
        and _is_file(other)
        and one.stat().st_size == other.stat().st_size
        and _sha256(one) == _sha256(other)
    )


def _copy(source: Path, place: Path) -> None:
    """Copy a file with its dates and rights to a name that is free, and push it to the disk."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if source.is_symlink():
        place.symlink_to(source.readlink())
    elif source.is_dir():
        place.mkdir(exist_ok=True)
    elif not _is_file(source):  # a pipe or a socket: a second name is all that can be made
        os.link(source, place)
    else:
        try:
            with source.open("rb") as old, place.open("xb") as new:
                shutil.copyfileobj(old, new)
                new.flush()
                os.fsync(new.fileno())
            shutil.copystat(source, place)
        except FileExistsError:
            raise
        except OSError:
            place.unlink(missing_ok=True)
            raise


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
