"""Proves a return or a run unchanged, or names what changed: file, workbook part, sheet and cell, or line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hnforecast.base.errors import HnForecastError, Place, Problem, UsageError
from hnforecast.quarter.returns.seal import FILE as SEAL
from hnforecast.quarter.returns.seal import describe_file, is_sealed, read_seal, seal_hash
from hnforecast.writing.keeping import MANIFEST

MOST_CELLS = 10
CHANGED = "HN740"


@dataclass(frozen=True)
class Verdict:
    """What was found.

    Args:
        subject: what was verified, in words.
        problems: what changed; none where it is as it was.
        notices: what the reader should know: sources that have moved on since.
        files: how many files were compared.
        chain: the returns before it that were proven too, latest first.
        seal: hash of the seal itself, to compare with the one beside the signatures; None for a run.
    """

    subject: str
    problems: tuple[Problem, ...]
    notices: tuple[str, ...]
    files: int
    chain: tuple[str, ...] = ()
    seal: str | None = None


def verify(target: Path, root: Path | None) -> Verdict:
    """Verify a file or a folder.

    Args:
        target: a sealed return or a run, its folder or one of its files; or a copy of such a file.
        root: the council folder, for the sources and for finding which return a copy is of.

    Raises:
        UsageError: nothing says what the target should be.
    """
    if not target.exists():
        raise UsageError(Problem("HN741", "There is nothing to verify", Place(file=str(target)), do="Check the path."))
    folder = target if target.is_dir() else _home(target)
    if folder is not None and is_sealed(folder):
        verdict = verify_seal(folder, root)
        return verdict if target.is_dir() else _only(verdict, target, folder)
    if folder is not None and (folder / MANIFEST).is_file():
        verdict = verify_run(folder, root)
        return verdict if target.is_dir() else _only(verdict, target, folder)
    if target.is_file() and root is not None:
        return _verify_copy(target, root)
    do = "Name the folder of a sealed return or of a run, or a file in one."
    raise UsageError(Problem("HN741", "This is neither a sealed return nor a run", Place(file=str(target)), do=do))


def _home(path: Path) -> Path | None:
    return next((p for p in path.resolve().parents if is_sealed(p) or (p / MANIFEST).is_file()), None)


def _only(verdict: Verdict, target: Path, folder: Path) -> Verdict:
    """The verdict on one file of a folder."""
    if target.name in (SEAL, MANIFEST):
        return verdict
    name = target.resolve().relative_to(folder.resolve()).as_posix()
    problems = tuple(problem for problem in verdict.problems if problem.place.file == name)
    return Verdict(f"{name} of {verdict.subject}", problems, verdict.notices, 1, verdict.chain, verdict.seal)


def verify_seal(folder: Path, root: Path | None) -> Verdict:
    """Every file of a sealed return against its seal, then the return before it, back to the first."""
    seal = read_seal(folder)
    problems = list(_changes(folder, seal["files"], {SEAL}))
    chain: list[str] = []
    problems += _chain(folder, seal, chain)
    notices = _sources(seal["sources"], root)
    subject = f"return {seal['form']} {seal['period']}, sealed {seal['sealed_at']}"
    return Verdict(subject, tuple(problems), tuple(notices), len(seal["files"]), tuple(chain), seal_hash(folder))


def _chain(folder: Path, seal: Mapping[str, Any], chain: list[str]) -> Iterator[Problem]:
    """Each earlier return: its seal is the one this chain was built on, and its files are those of that seal."""
    while seal["previous"] is not None:
        link = seal["previous"]
        before = (folder / link["folder"]).resolve()
        named = Place(file=link["folder"])
        if not is_sealed(before):
            yield Problem("HN742", "The return before is not where the seal says", named, do="Put the folder back.")
            return
        if seal_hash(before) != link["seal_sha256"]:
            what = f"The seal of the return before {seal['period']} was changed after {seal['period']} was sealed on it"
            do = "Restore the earlier return from a copy; what was sent then is no longer what lies here."
            yield Problem("HN742", what, named, do=do)
        try:
            seal = read_seal(before)
        except HnForecastError as error:
            yield from error.problems
            return
        for problem in _changes(before, seal["files"], {SEAL}):
            place = Place(**{**vars(problem.place), "file": f"{link['folder']}/{problem.place.file}"})
            yield Problem(problem.code, problem.what, place, problem.found, problem.expected, problem.do)
        chain.append(f"{seal['form']} {seal['period']}")
        folder = before


def verify_run(folder: Path, root: Path | None) -> Verdict:
    """Every output of a run against its manifest."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        outputs = manifest["outputs"]
        sources = {item["path"]: item["sha256"] for item in manifest["files_read"]}
    except (OSError, ValueError, KeyError, TypeError):
        problem = Problem(CHANGED, "The manifest of the run cannot be read", Place(file=MANIFEST), do="Run again.")
        return Verdict("run", (problem,), (), 0)
    kept = [str(name) for name in manifest.get("kept") or ()]
    problems = tuple(_changes(folder, outputs, {MANIFEST, *kept}))
    notices = [*(f"{name} lay in the folder before this run and is no part of it" for name in kept)]
    notices += _sources(sources, root)
    return Verdict(f"run {manifest.get('run_id', '')}", problems, tuple(notices), len(outputs))


def _changes(folder: Path, listed: list[dict[str, Any]], own: set[str]) -> Iterator[Problem]:
    known = {item["path"] for item in listed}
    for item in listed:
        path = folder / item["path"]
        if not path.is_file():
            yield Problem(CHANGED, "A file is missing", Place(file=item["path"]), do="Restore it from a copy.")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != item["sha256"]:
            yield from _differences(path, folder, item)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in known and name not in own and not path.name.startswith("~$"):
            yield Problem(CHANGED, "A file was added", Place(file=name), do="Move it out of the folder.")


def _differences(path: Path, folder: Path, before: Mapping[str, Any]) -> Iterator[Problem]:
    """What of a file changed, as closely as the seal can tell."""
    name, now = before["path"], describe_file(path, folder)
    cells = list(_cells(before.get("cells", {}), now.get("cells", {}))) if now.get("cells") else []
    for sheet, cell, what in cells[:MOST_CELLS]:
        yield Problem(CHANGED, f"A cell was {what}", Place(file=name, sheet=sheet, cell=cell))
    if len(cells) > MOST_CELLS:
        yield Problem(CHANGED, f"{len(cells) - MOST_CELLS} more cells were changed", Place(file=name))
    parts, parts_now = before.get("parts", {}), now.get("parts", {})
    changed = [part for part in {**parts, **parts_now} if parts.get(part) != parts_now.get(part)]
    if parts and not parts_now:
        yield Problem(CHANGED, "The workbook is damaged and does not open", Place(file=name))
    elif not cells:
        for part in changed:
            word = "is damaged" if parts_now.get(part) == "damaged" else "was changed"
            yield Problem(CHANGED, f"A part of the workbook {word}", Place(file=name, path=part))
        if parts and not changed:
            yield Problem(
                CHANGED, "The workbook was changed outside its parts (the list of its parts)", Place(file=name)
            )
    lines, lines_now = before.get("lines"), now.get("lines", [])
    if lines is not None:
        yield from _lines(name, lines, lines_now)
    elif not parts:
        yield Problem(CHANGED, "A file was changed", Place(file=name), do="Restore it from a copy.")


def _cells(
    before: Mapping[str, Mapping[str, str]], now: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str, str]]:
    for sheet in {**before, **now}:
        old, new = before.get(sheet, {}), now.get(sheet, {})
        for cell in {**old, **new}:
            if old.get(cell) != new.get(cell):
                yield sheet, cell, "added" if cell not in old else "emptied" if cell not in new else "changed"


def _lines(name: str, before: list[str], now: list[str]) -> Iterator[Problem]:
    changed = [number for number, (a, b) in enumerate(zip(before, now, strict=False), start=1) if a != b]
    for number in changed[:MOST_CELLS]:
        yield Problem(CHANGED, "A line was changed", Place(file=name, line=number))
    if len(changed) > MOST_CELLS:
        yield Problem(CHANGED, f"{len(changed) - MOST_CELLS} more lines were changed", Place(file=name))
    if len(before) != len(now):
        what = f"{abs(len(now) - len(before))} lines were {'added' if len(now) > len(before) else 'removed'}"
        yield Problem(CHANGED, what, Place(file=name))


def _sources(sources: Mapping[str, str], root: Path | None) -> list[str]:
    """Which sources are no longer as they were read; new months are expected, so these are notices."""
    if root is None:
        return []
    notices = []
    for name, digest in sources.items():
        path = root / name
        if not path.is_file():
            notices.append(f"{name} was read for it and is no longer there")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            notices.append(f"{name} has changed since it was read")
    return notices


def _verify_copy(path: Path, root: Path) -> Verdict:
    """A file that lies elsewhere: the sealed return it is a copy of, or by its name what differs from it."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    same_name: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for found in sorted((root / "outputs").rglob(SEAL)):
        seal = read_seal(found.parent)
        for item in seal["files"]:
            if item["sha256"] == digest:
                subject = f"{path.name}, a true copy of {item['path']} of return {seal['form']} {seal['period']}"
                return Verdict(subject, (), (), 1)
            if Path(item["path"]).name == path.name:
                same_name.append((seal, item))
    if same_name:
        seal, item = same_name[-1]
        problems = tuple(_differences(path, path.parent, {**item, "path": path.name}))
        return Verdict(f"{path.name} against return {seal['form']} {seal['period']}", problems, (), 1)
    do = "Name the folder of a sealed return or of a run, or a file in one."
    raise UsageError(Problem("HN741", "This is no file of any sealed return", Place(file=str(path)), do=do))
