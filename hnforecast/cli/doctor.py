"""`hnforecast doctor`: whether this machine and this folder are fit to run, and what to do where they are not."""

from __future__ import annotations

import locale
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from hnforecast.base.errors import HnForecastError
from hnforecast.cli.faults import CHECK_FAILED, FINE
from hnforecast.cli.project import common_options, find_project
from hnforecast.cli.screen import print_json
from hnforecast.writing.terminal import WIDTH

SCHEMA = "hnforecast/doctor/1"


@click.command(
    epilog="""\b
Examples:
  hnforecast doctor
  hnforecast doctor --project ../another-council
  hnforecast doctor --json > doctor.json     to send to whoever helps you
"""
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@common_options
def doctor(as_json: bool, project: Path | None, debug: bool) -> int:
    """Check this machine and this folder: Python, packages, console, disk, locks, files open in Excel.

    Exit 1 where something stands in the way of a run; what is only worth knowing is marked "note".
    """
    from hnforecast.writing.terminal import wrap

    findings = list(every_finding(project))
    failed = any(finding.state == BAD for finding in findings)
    if as_json:
        told = [{"what": one.what, "state": one.state, "detail": one.detail, "do": one.do} for one in findings]
        print_json({"schema": SCHEMA, "fit_to_run": not failed, "findings": told})
        return CHECK_FAILED if failed else FINE
    width = max(len(finding.what) for finding in findings)
    for one in findings:
        detail = wrap(" ".join(part for part in (one.detail, one.do) if part), indent=width + 8).lstrip()
        click.echo(f"{one.state:<4}  {one.what:<{width}}  {detail}".rstrip())
    click.echo()
    click.echo("Not fit to run: mend what is marked FAIL." if failed else "Fit to run.")
    return CHECK_FAILED if failed else FINE


# What `hnforecast doctor` looks at.

OLDEST_PYTHON = (3, 11)
NEEDED_MB, SCARCE_MB = 50, 500  # a run writes under 5 MB; a disk this full stops other things first
GOOD, NOTE, BAD = "ok", "note", "FAIL"
LONGEST_ROOT = 140  # characters of the council folder beyond which Excel on Windows may not open what a run writes


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Args:
        what: the thing.
        state: GOOD, NOTE for what is worth knowing, BAD for what stands in the way of a run.
        detail: what was found.
        do: what to do about it; empty where there is nothing to do.
    """

    what: str
    state: str
    detail: str
    do: str = ""


def every_finding(project: Path | None) -> Iterator[Finding]:
    """Everything, machine first."""
    yield from _machine()
    yield from _console()
    yield from _packages()
    yield from _shipped()
    yield from _folder(project)


def _machine() -> Iterator[Finding]:
    from hnforecast.base.record import package_version

    yield Finding("hnforecast", GOOD, package_version())
    old = sys.version_info[:2] < OLDEST_PYTHON
    needed = ".".join(map(str, OLDEST_PYTHON))
    yield Finding(
        "Python", BAD if old else GOOD, platform.python_version(), f"Install Python {needed} or later." if old else ""
    )
    cores = os.cpu_count()
    yield Finding("system", GOOD, f"{platform.system()} {platform.release()} {platform.machine()}, {cores} processors")
    found = shutil.which("soffice") or shutil.which("libreoffice")
    yield Finding("LibreOffice", GOOD, "found" if found else "not installed, and not needed: only tests use it")


def _console() -> Iterator[Finding]:
    encoding = sys.stdout.encoding or "unknown"
    try:
        "£ – ’".encode(encoding)
        state, shows = GOOD, "shows every character used"
    except (UnicodeEncodeError, LookupError):
        state, shows = NOTE, "lacks some characters: £ is printed as GBP; files are not affected"
    yield Finding("console", state, f"{encoding}, {shows}; locale {locale.getlocale()[0] or 'C'}; no colour is used")
    columns = shutil.get_terminal_size((WIDTH, 24)).columns
    narrow = columns < WIDTH
    yield Finding("width", NOTE if narrow else GOOD, f"{columns} columns", "Tables fold." if narrow else "")


def _packages() -> Iterator[Finding]:
    from hnforecast.base.record import environment

    packages = environment()["packages"]
    missing = [name for name, version in packages.items() if version == "missing"]
    listed = ", ".join(f"{name} {version}" for name, version in packages.items())
    yield Finding(
        "packages",
        BAD if missing else GOOD,
        f"missing: {', '.join(missing)}" if missing else listed,
        "Install hnforecast again." if missing else "",
    )


def _shipped() -> Iterator[Finding]:
    from hnforecast.base.shipped import SHIPPED_NAMES, shipped_folder

    missing = []
    for name in SHIPPED_NAMES:
        try:
            shipped_folder(name)
        except FileNotFoundError:
            missing.append(name)
    yield Finding(
        "shipped folders",
        BAD if missing else GOOD,
        f"missing: {', '.join(missing)}" if missing else ", ".join(SHIPPED_NAMES),
        "Install hnforecast again." if missing else "",
    )


def _folder(project: Path | None) -> Iterator[Finding]:
    from hnforecast.assumptions import default_vintage, list_vintages

    try:
        root = find_project(project)
    except HnForecastError:
        state = NOTE if project is None else BAD
        yield Finding(
            "council folder", state, "none here", "Go into one, or write one with `hnforecast new --example`."
        )
        return
    yield Finding("council folder", GOOD, str(root))
    try:
        yield Finding("vintages", GOOD, f"{len(list_vintages(root))}, default {default_vintage(root)}")
    except HnForecastError as error:
        yield Finding("vintages", BAD, error.problems[0].what, "See hnforecast check.")
    if len(str(root)) > LONGEST_ROOT:
        yield Finding("path", NOTE, f"{len(str(root))} characters", "Excel on Windows opens no path over 218.")
    yield from _outputs(root)


def _outputs(root: Path) -> Iterator[Finding]:
    from hnforecast.writing.files import stale_folders
    from hnforecast.writing.locks import lock_holder
    from hnforecast.writing.refusals import excel_user

    outputs = root / "outputs"
    place = outputs if outputs.is_dir() else root
    writable = _takes_a_file(place)
    yield Finding(
        "outputs",
        GOOD if writable else BAD,
        "can be written to" if writable else f"{place} cannot be written to",
        "" if writable else "Write elsewhere with --out.",
    )
    free = shutil.disk_usage(place).free // 2**20
    scarce = free < SCARCE_MB
    yield Finding(
        "disk",
        BAD if free < NEEDED_MB else NOTE if scarce else GOOD,
        f"{free:,} MB free",
        "Free some space, or write elsewhere with --out." if scarce else "",
    )
    if not outputs.is_dir():
        return
    holder = lock_holder(outputs) if writable else ""
    yield Finding("lock", NOTE if holder else GOOD, f"held by {holder}" if holder else "free")
    stale = stale_folders(outputs)
    yield Finding(
        "half-built runs", NOTE if stale else GOOD, f"{len(stale)}, removed at the next run" if stale else "none"
    )
    held = sorted({*outputs.glob("*/~$*.xlsx"), *outputs.glob("returns/*/*/~$*.xlsx")})
    names = [
        f"{lock.parent.name}/{lock.name[2:]} by {excel_user(lock.with_name(lock.name[2:])) or 'somebody'}"
        for lock in held
    ]
    yield Finding(
        "open in Excel",
        NOTE if held else GOOD,
        ", ".join(names) or "nothing",
        "Close it before the same run is written again." if held else "",
    )


def _takes_a_file(folder: Path) -> bool:
    """Whether a file can be made there: asking the system is not enough on network drives."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
