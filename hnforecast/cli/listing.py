"""`hnforecast list`: what there is by name: vintages, scenarios, measures, assumptions, checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hnforecast.base.timeline import show_month
from hnforecast.cli.project import NearChoice, assumption_row, common_options, find_project, known_name, vintage_option
from hnforecast.cli.screen import print_json

if TYPE_CHECKING:
    from hnforecast.assumptions import Vintage

Rows = tuple[tuple[str, ...], Sequence[tuple[str, ...]]]
SCHEMA = "hnforecast/list/1"
KINDS = ("vintages", "scenarios", "measures", "assumptions", "checks")


@click.command(
    "list",
    epilog="""\b
Examples:
  hnforecast list scenarios
  hnforecast list measures --vintage 2022-12
  hnforecast list assumptions --json
""",
)
@click.argument("kind", type=NearChoice(KINDS))
@vintage_option
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@common_options
def list_names(kind: str, vintage: str | None, as_json: bool, project: Path | None, debug: bool) -> None:
    """List what there is of a KIND: vintages, scenarios, measures, assumptions or checks."""
    root = find_project(project)
    header, rows = _vintages(root) if kind == "vintages" else _of_vintage(root, vintage, kind)
    if as_json:
        listed = [dict(zip((name.replace(" ", "_") for name in header), row, strict=True)) for row in rows]
        print_json({"schema": SCHEMA, "kind": kind, "rows": listed})
        return
    from hnforecast.writing.terminal import listing

    click.echo(listing(header, rows), nl=False)


def _vintages(root: Path) -> Rows:
    from hnforecast.assumptions import default_vintage, list_vintages

    chosen = default_vintage(root)
    rows = [
        (summary.name, summary.state, str(summary.as_at or "?"), "yes" if summary.name == chosen else "", summary.title)
        for summary in list_vintages(root)
    ]
    return ("vintage", "state", "as at", "default", "title"), rows


def _of_vintage(root: Path, name: str | None, kind: str) -> Rows:
    from hnforecast.assumptions import list_vintages, load_vintage

    if name is not None:
        known_name("such vintage", name, [summary.name for summary in list_vintages(root)])
    vintage = load_vintage(root, name)
    writers: dict[str, Callable[[Vintage], Rows]] = {
        "scenarios": _scenarios,
        "measures": _measures,
        "assumptions": _assumptions,
        "checks": lambda loaded: _checks(root, loaded),
    }
    return writers[kind](vintage)


def _scenarios(vintage: Vintage) -> Rows:
    rows = []
    for name, spec in vintage.scenarios.items():
        measures = "all" if spec.measures is None else f"{len(spec.measures)}" if spec.measures else "none"
        rows.append((name, measures, ", ".join(spec.support) or "none", spec.title))
    return ("scenario", "measures", "support", "title"), rows


def _measures(vintage: Vintage) -> Rows:
    rows = [
        (measure.name, show_month(measure.start), measure.rag, measure.title) for measure in vintage.measures.values()
    ]
    return ("measure", "starts", "rating", "title"), rows


def _assumptions(vintage: Vintage) -> Rows:
    rows = [assumption_row(sourced) for sourced in vintage.values.values()]
    return ("path", "value", "mark", "source"), rows


def _checks(root: Path, vintage: Vintage) -> Rows:
    """The checks are those a run makes, so one is made."""
    from hnforecast.engine.forecast import run_forecast
    from hnforecast.engine.records import Project

    name = next(iter(vintage.scenarios))
    forecast = run_forecast(Project(root, vintage), name, savings=False)
    rows = [(f"{check.tolerance:g} {check.unit}", check.name) for check in forecast.checks]
    return ("allowed", "it is checked that"), rows
