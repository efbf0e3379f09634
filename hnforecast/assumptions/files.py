"""The files of a vintage as text: found, read and hashed, not yet understood.

A vintage is a folder; a resolved vintage, as a run writes it, is one YAML file that holds the same parts.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hnforecast.assumptions.schema import FILES
from hnforecast.base.errors import Place, Problems
from hnforecast.base.yaml import Key, YamlFile, load_yaml

RESOLVED_BYTES = 20_000_000
TABLE_BYTES = 5_000_000


@dataclass(frozen=True)
class Part:
    """One group of settings, where it lies, and what its paths begin with.

    Args:
        yaml: the file it lies in.
        prefix: where in that file.
        content: the settings, as read or as overridden.
        stem: what a path begins with, such as ("prices",) or ("measures", "reviews").
    """

    yaml: YamlFile
    prefix: tuple[Key, ...]
    content: Mapping[str, Any]
    stem: tuple[str, ...]

    def place(self, keys: Sequence[Key] = (), *, key: bool = False) -> Place:
        """Where a setting is, its path in words too."""
        found = self.yaml.place((*self.prefix, *keys), key=key)
        path = ".".join(str(part) for part in (*self.stem, *keys))
        return Place(file=found.file, line=found.line, column=found.column, path=path)


@dataclass(frozen=True)
class VintageFiles:
    """Everything a vintage is made of, as read.

    Args:
        name: of the vintage.
        folder: its folder, or the folder of a resolved file.
        label: how messages begin, such as assumptions/2026-03.
        parts: "manifest", "population" ... "uncertainty", "scenarios".
        measures: by file stem.
        tables: CSV text by name relative to the folder; None for one whose text cannot be read.
        hashes: sha256 of every file read, by name relative to the folder.
        others: file names in the folder that no part accounts for.
    """

    name: str
    folder: Path
    label: str
    parts: Mapping[str, Part]
    measures: Mapping[str, Part]
    tables: Mapping[str, str | None]
    hashes: Mapping[str, str]
    others: tuple[str, ...] = ()
    resolved: bool = field(default=False)

    def part_of(self, keys: Sequence[Key]) -> tuple[Part, tuple[Key, ...]] | None:
        """The part a path lies in, and the path inside it."""
        if keys and keys[0] == "measures" and len(keys) > 1 and str(keys[1]) in self.measures:
            return self.measures[str(keys[1])], tuple(keys[2:])
        part = self.parts.get(str(keys[0])) if keys else None
        return (part, tuple(keys[1:])) if part is not None else None

    def with_content(self, stem: tuple[str, ...], content: Mapping[str, Any]) -> VintageFiles:
        """The same vintage with the settings of one part replaced; places stay those of the file."""
        if stem[0] == "measures":
            changed = replace(self.measures[stem[1]], content=content)
            return replace(self, measures={**self.measures, stem[1]: changed})
        return replace(self, parts={**self.parts, stem[0]: replace(self.parts[stem[0]], content=content)})


def read_folder(project: Path, name: str, problems: Problems) -> VintageFiles:
    """Read every file of one vintage and of its measures, and the project's scenarios."""
    folder = project / "assumptions" / name
    label = f"assumptions/{name}"
    reader = _Reader(problems)
    parts = {}
    for stem in ("manifest", *FILES):
        part = reader.yaml(folder / f"{stem}.yaml", f"{label}/{stem}.yaml", f"{stem}.yaml", (stem,))
        if part is not None:
            parts[stem] = part
    scenarios = reader.yaml(
        project / "assumptions/scenarios.yaml", "assumptions/scenarios.yaml", "../scenarios.yaml", ("scenarios",)
    )
    if scenarios is not None:
        parts["scenarios"] = scenarios
    measures = {}
    for path in sorted((project / "assumptions" / "measures" / name).glob("*.yaml")):
        relative = f"../measures/{name}/{path.name}"
        part = reader.yaml(path, f"assumptions/measures/{name}/{path.name}", relative, ("measures", path.stem))
        if part is not None:
            measures[path.stem] = part
    tables: dict[str, str | None] = {}
    for path in sorted(folder.rglob("*.csv")):
        relative = path.relative_to(folder).as_posix()
        tables[relative] = reader.text(path, f"{label}/{relative}", relative)
    known = {f"{stem}.yaml" for stem in ("manifest", *FILES)}
    others = tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.y*ml")))
    others = tuple(relative for relative in others if relative not in known)
    for relative in others:
        near = difflib.get_close_matches(relative, known, n=1)
        do = f"Did you mean {near[0]!r}?" if near else "Move it out of the vintage."
        problems.add(
            "HN131",
            "not a file of a vintage",
            Place(file=f"{label}/{relative}"),
            expected=", ".join(sorted(known)),
            do=do,
        )
    return VintageFiles(name, folder, label, parts, measures, tables, reader.hashes, others)


def read_resolved(file: Path, problems: Problems) -> VintageFiles:
    """Read a resolved vintage: one YAML file holding manifest, files, measures, scenarios and the text of tables."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        problems.add("HN130", "The file cannot be read", Place(file=file.name), found=type(error).__name__)
        problems.raise_any()
        raise
    yaml, found = load_yaml(raw, file.name, RESOLVED_BYTES)
    problems.extend(found)
    problems.raise_any()
    parts = {}
    if yaml is None:  # never: a file that cannot be built is a problem
        return VintageFiles(file.stem, file.parent, file.name, {}, {}, {}, {}, resolved=True)
    for stem in ("manifest", *FILES, "scenarios"):
        content = yaml.content.get(stem)
        if isinstance(content, dict):
            parts[stem] = Part(yaml, (stem,), content, (stem,))
        else:
            problems.add("HN130", f"The part {stem!r} is missing", Place(file=file.name))
    held = yaml.content.get("measures") or {}
    measures = {name: Part(yaml, ("measures", name), content, ("measures", name)) for name, content in held.items()}
    tables = yaml.content.get("tables") or {}
    manifest = parts["manifest"].content if "manifest" in parts else {}
    name = str(manifest.get("vintage", file.stem))
    hashes = {file.name: hashlib.sha256(raw).hexdigest()}
    return VintageFiles(name, file.parent, file.name, parts, measures, tables, hashes, resolved=True)


class _Reader:
    """Reads files once each, remembering their hashes."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.hashes: dict[str, str] = {}

    def _bytes(self, path: Path, label: str, relative: str) -> bytes | None:
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            self.problems.add("HN130", "The file is missing", Place(file=label))
            return None
        except OSError as error:
            do = "Close it in other programs, or check who may read it."
            self.problems.add("HN130", "The file cannot be read", Place(file=label), found=type(error).__name__, do=do)
            return None
        self.hashes[relative] = hashlib.sha256(raw).hexdigest()
        return raw

    def yaml(self, path: Path, label: str, relative: str, stem: tuple[str, ...]) -> Part | None:
        raw = self._bytes(path, label, relative)
        if raw is None:
            return None
        yaml, found = load_yaml(raw, label)
        self.problems.extend(found)
        return Part(yaml, (), yaml.content, stem) if yaml is not None else None

    def text(self, path: Path, label: str, relative: str) -> str | None:
        raw = self._bytes(path, label, relative)
        if raw is None:
            return None
        if len(raw) > TABLE_BYTES:
            expected = f"at most {TABLE_BYTES:,} bytes"
            self.problems.add(
                "HN105", "The table is too large", Place(file=label), found=f"{len(raw):,} bytes", expected=expected
            )
            return None
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            do = "Save it as UTF-8 (in Excel: CSV UTF-8)."
            self.problems.add(
                "HN101", "The file is not UTF-8 text", Place(file=label, line=line), expected="UTF-8 text", do=do
            )
            return None
