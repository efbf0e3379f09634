"""`hnforecast verify`: proves a return or a run unchanged, or names what changed."""

from __future__ import annotations

from pathlib import Path

import click

from hnforecast.cli.faults import CHECK_FAILED, FINE
from hnforecast.cli.project import common_options, find_project, is_project
from hnforecast.cli.screen import print_json, show_notices, show_problems

SCHEMA = "hnforecast/verify/1"


@click.command(epilog="Example: hnforecast verify outputs/returns/2025-26-Q2/safety-valve-quarterly")
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
@common_options
def verify(target: Path, as_json: bool, project: Path | None, debug: bool) -> int:
    """Prove TARGET unchanged: a sealed return or a run, its folder, a file of it, or a copy of such a file.

    What changed is named: file, sheet and cell, workbook part, or line. Exit 1 where anything did.
    """
    from hnforecast.quarter.returns.verify import verify as verify_target

    verdict = verify_target(target, _root(project, target))
    if as_json:
        content = {
            "schema": SCHEMA,
            "subject": verdict.subject,
            "unchanged": not verdict.problems,
            "files": verdict.files,
            "chain": list(verdict.chain),
            "seal_sha256": verdict.seal,
            "changes": [
                {"code": found.code, "what": found.what, "where": str(found.place)} for found in verdict.problems
            ],
            "notices": list(verdict.notices),
        }
        print_json(content)
        return CHECK_FAILED if verdict.problems else FINE
    show_notices(verdict.notices)
    if verdict.problems:
        show_problems(verdict.problems)
        click.echo(f"CHANGED: {verdict.subject}")
        return CHECK_FAILED
    click.echo(f"Unchanged: {verdict.subject} ({verdict.files} file{'s' if verdict.files != 1 else ''}).")
    if verdict.chain:
        click.echo(f"Before it, unchanged as well: {', '.join(verdict.chain)}.")
    if verdict.seal is not None:
        click.echo(f"Its seal, to compare with the one beside the signatures: {verdict.seal}")
    return FINE


def _root(asked: Path | None, target: Path) -> Path | None:
    """The council folder: the one asked for, or the one the target or the current folder lies in; none is fine."""
    if asked is not None:
        return find_project(asked)
    for start in (target.resolve(), Path.cwd()):
        for folder in (start, *start.parents):
            if folder.is_dir() and is_project(folder):
                return folder
    return None
