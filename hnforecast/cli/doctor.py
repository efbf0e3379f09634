"""`hnforecast doctor`: whether this machine and this folder are fit to run: versions, files, locks."""

from __future__ import annotations

import locale
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from hnforecast.cli.faults import CHECK_FAILED, FINE
from hnforecast.cli.project import common_options, find_project
from hnforecast.errors import HnForecastError

OLDEST_PYTHON = (3, 11)
Finding = tuple[str, bool, str]


@click.command(epilog="Example: hnforecast doctor")
@common_options
def doctor(project: Path | None, debug: bool) -> int:
    """Check the environment: Python, packages, what came with the program, the folder, locks."""
    findings = [*_machine(), *_packages(), *_shipped(), *_folder(project)]
    width = max(len(what) for what, _, _ in findings)
    for what, fine, detail in findings:
        click.echo(f"{'ok  ' if fine else 'FAIL'}  {what:<{width}}  {detail}".rstrip())
    return FINE if all(fine for _, fine, _ in findings) else CHECK_FAILED


def _machine() -> Iterator[Finding]:
    from hnforecast.record import package_version

    yield "hnforecast", True, package_version()
    yield "Python", sys.version_info[:2] >= OLDEST_PYTHON, platform.python_version()
    yield "system", True, f"{platform.system()} {platform.release()} {platform.machine()}, {os.cpu_count()} processors"
    encoding = sys.stdout.encoding or "unknown"
    yield (
        "console",
        True,
        f"{encoding}, locale {locale.getlocale()[0] or 'C'}, colour {'off' if 'NO_COLOR' in os.environ else 'on'}",
    )


def _packages() -> Iterator[Finding]:
    from hnforecast.record import environment

    for name, version in environment()["packages"].items():
        yield f"package {name}", version != "missing", version


def _shipped() -> Iterator[Finding]:
    from hnforecast.shipped import SHIPPED_NAMES, shipped_folder

    for name in SHIPPED_NAMES:
        try:
            yield f"shipped {name}", True, f"{sum(path.is_file() for path in shipped_folder(name).rglob('*'))} files"
        except FileNotFoundError:
            yield f"shipped {name}", False, "missing: install hnforecast again"


def _folder(project: Path | None) -> Iterator[Finding]:
    from hnforecast.assumptions import default_vintage, list_vintages
    from hnforecast.outputs.files import stale_folders
    from hnforecast.outputs.locks import lock_holder

    try:
        root = find_project(project)
    except HnForecastError:
        yield "council folder", project is None, "none here; go into one, or write one with `hnforecast new --example`"
        return
    yield "council folder", True, str(root)
    try:
        yield "vintages", True, f"{len(list_vintages(root))}, default {default_vintage(root)}"
    except HnForecastError as error:
        yield "vintages", False, str(error.problems[0].what)
    outputs = root / "outputs"
    writable = os.access(outputs if outputs.is_dir() else root, os.W_OK)
    yield "outputs", writable, "can be written to" if writable else "cannot be written to; use --out"
    if outputs.is_dir():
        holder = lock_holder(outputs) if writable else ""
        yield "lock", True, f"held by {holder}" if holder else "free"
        stale = stale_folders(outputs)
        yield "half-built runs", True, f"{len(stale)}, removed at the next run" if stale else "none"
