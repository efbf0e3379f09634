"""The record of a run: one fingerprint over code, assumptions, inputs, scenarios and seed.

Two runs with the same fingerprint were asked the same question of the same code and data. What differs from run to
run without changing a number (the time, the machine, the folder) is recorded beside it and never hashed.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hnforecast.base.errors import Problem, UsageError

SCHEMA = "hnforecast/run/1"
PACKAGE = "hnforecast"
SHIPPED = "_shipped"  # of an installed copy: see base/shipped.py
COMPILED_IN, COMPILED = "__pycache__", (".pyc", ".pyo", ".pyd", ".so")
SHORT = 8  # characters of the fingerprint in a run's name and in footers

_SAFE = re.compile(r"^[a-z0-9][a-z0-9_-]{0,63}$")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}


@dataclass(frozen=True)
class RunRecord:
    """What was asked, of what.

    Args:
        run_id: name of the run folder: the vintage, the scenario where there is one only, the short fingerprint.
        fingerprint: sha256, hexadecimal.
        version: of the package.
        code_sha256: of every file of the package.
        vintage: name.
        scenarios: resolved scenario by name, as plain values: what is in it, and every override in words.
        seed, draws, horizon: as asked; horizon in forecast years.
        files: relative name -> sha256 of every file read.
    """

    run_id: str
    fingerprint: str
    version: str
    code_sha256: str
    vintage: str
    scenarios: Mapping[str, Any]
    seed: int
    draws: int
    horizon: int
    files: Mapping[str, str]

    @property
    def short(self) -> str:
        """The start of the fingerprint, as printed in footers."""
        return self.fingerprint[:SHORT]

    def as_plain(self) -> dict[str, Any]:
        """The record as it stands in run.json."""
        return {
            "run_id": self.run_id,
            "fingerprint": self.fingerprint,
            "version": self.version,
            "code_sha256": self.code_sha256,
            "vintage": self.vintage,
            "scenarios": dict(self.scenarios),
            "seed": self.seed,
            "draws": self.draws,
            "horizon_years": self.horizon,
            "files_read": [{"path": name, "sha256": self.files[name]} for name in sorted(self.files)],
        }


def make_record(
    vintage: str,
    scenarios: Mapping[str, Any],
    files: Mapping[str, str],
    *,
    seed: int,
    draws: int,
    horizon: int,
    package: Path | None = None,
) -> RunRecord:
    """Fix the identity of a run.

    Args:
        vintage: name, safe as a folder.
        scenarios: resolved scenario by name, as plain values (see `describe_scenario`), in the order asked for.
        files: relative name -> sha256 of every file read.
        seed, draws, horizon: as asked.
        package: folder of the code; the running package by default.

    Raises:
        UsageError: a name that cannot be a folder on every system.
    """
    code = code_sha256(package or Path(__file__).parents[1])
    version = package_version()
    identity = {
        "schema": SCHEMA,
        "version": version,
        "code": code,
        "files": dict(sorted(files.items())),
        "vintage": vintage,
        "scenarios": list(scenarios.items()),
        "seed": seed,
        "draws": draws,
        "horizon": horizon,
    }
    fingerprint = hashlib.sha256(_canonical(identity)).hexdigest()
    named = [vintage, *scenarios] if len(scenarios) == 1 else [vintage]
    run_id = "-".join([*(safe_name(name) for name in named), fingerprint[:SHORT]])
    return RunRecord(run_id, fingerprint, version, code, vintage, scenarios, seed, draws, horizon, dict(files))


def describe_scenario(scenario: Any) -> dict[str, Any]:
    """A resolved scenario as plain values: its settings, the measures it runs, the overrides it makes, in words."""
    spec = scenario.spec
    settings = {name: getattr(spec, name) for name in type(spec).model_fields}
    return {
        "title": scenario.title,
        "settings": {name: list(value) if isinstance(value, tuple) else value for name, value in settings.items()},
        "measures": [measure.name for measure in scenario.measures],
        "changes": list(scenario.changes),
    }


def safe_name(name: str) -> str:
    """The name, if it can be a folder on Windows, macOS and Linux and stays where it is put.

    Raises:
        UsageError: anything but small letters, digits, - and _, or a name Windows keeps for devices.
    """
    if not _SAFE.match(name) or name in _RESERVED:
        raise UsageError(
            Problem(
                "HN851",
                "A name that becomes a folder cannot be used as it is",
                found=repr(name),
                expected="small letters, digits, - and _, starting with a letter or digit, at most 64 of them",
                do="Rename it; con, nul, com1 and the like are kept by Windows.",
            )
        )
    return name


def package_version() -> str:
    """The version of the installed package, or that it is not installed."""
    try:
        return metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        return "not installed"


def code_sha256(package: Path) -> str:
    """One hash over every file of the package, of whatever kind, the same for LF and CRLF checkouts.

    Templates, styles, scripts and lists change a page or a result as code does. Left out are what Python compiles, what
    a system or editor keeps for itself, and what an installed copy carries of inputs/, which a run records as files
    read.
    """
    digest = hashlib.sha256()
    for name, path in sorted((path.relative_to(package).as_posix(), path) for path in package.rglob("*")):
        if path.is_file() and _is_code(name):
            content = path.read_bytes().replace(b"\r\n", b"\n")
            digest.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()


def _is_code(name: str) -> bool:
    """Whether a file, named from the package on, is part of what the package does."""
    folders = name.split("/")
    hidden = any(part.startswith(".") for part in folders)
    return not (hidden or folders[0] == SHIPPED or COMPILED_IN in folders or name.endswith(COMPILED))


def file_sha256(path: Path) -> str:
    """The hash of one file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def files_read(
    root: Path,
    folder: Path,
    files: Mapping[str, str],
    inputs: Iterable[Path],
    used: Mapping[Path, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Every file a run read with its hash, by name relative to the project; what came with the program as shipped/...

    Args:
        root: the project.
        folder: of the vintage.
        files: hashes by name relative to that folder, as the vintage has them.
        inputs: the folders of inputs the run reads, of the project or those that came with the program.
        used: hashes taken of the bytes as they were read, where a reader has them; the file may have changed since.
    """
    found = {relative_to(folder / name, root): sha256 for name, sha256 in files.items()}
    for part in inputs:
        for path in sorted(part.glob("*.csv")):
            own = path.resolve().is_relative_to(root.resolve())
            name = relative_to(path.resolve(), root.resolve()) if own else f"shipped/{part.name}/{path.name}"
            found[name] = used[path] if path in used else file_sha256(path)
    return dict(sorted(found.items()))


def relative_to(path: Path, root: Path) -> str:
    """A path as it stands in a record: below the project, forward slashes, no `..` in it."""
    return Path(os.path.normpath(path)).relative_to(os.path.normpath(root)).as_posix()


def environment() -> dict[str, Any]:
    """What the run was made with; recorded, not hashed."""
    packages = _dependencies()
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "encoding": sys.getfilesystemencoding(),
        "packages": packages,
        "packages_sha256": hashlib.sha256(_canonical(packages)).hexdigest(),
    }


def _dependencies() -> dict[str, str]:
    """Name -> version of what the package declares it needs."""
    found: dict[str, str] = {}
    try:
        declared: Sequence[str] = metadata.requires(PACKAGE) or []
    except metadata.PackageNotFoundError:
        declared = []
    for requirement in declared:
        name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "missing"
    return dict(sorted(found.items()))


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str).encode()
