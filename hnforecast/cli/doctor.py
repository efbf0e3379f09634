"""`hnforecast doctor`: whether this machine and this folder are fit to run, and what to do where they are not."""

from __future__ import annotations

import json
from pathlib import Path

import click

from hnforecast.cli.faults import CHECK_FAILED, FINE
from hnforecast.cli.project import common_options

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
    from hnforecast.cli.findings import BAD, every_finding
    from hnforecast.writing.terminal import wrap

    findings = list(every_finding(project))
    failed = any(finding.state == BAD for finding in findings)
    if as_json:
        told = [{"what": one.what, "state": one.state, "detail": one.detail, "do": one.do} for one in findings]
        click.echo(json.dumps({"schema": SCHEMA, "fit_to_run": not failed, "findings": told}, indent=2))
        return CHECK_FAILED if failed else FINE
    width = max(len(finding.what) for finding in findings)
    for one in findings:
        detail = wrap(" ".join(part for part in (one.detail, one.do) if part), indent=width + 8).lstrip()
        click.echo(f"{one.state:<4}  {one.what:<{width}}  {detail}".rstrip())
    click.echo()
    click.echo("Not fit to run: mend what is marked FAIL." if failed else "Fit to run.")
    return CHECK_FAILED if failed else FINE
