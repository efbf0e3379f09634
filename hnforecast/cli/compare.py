"""`hnforecast compare`: the bridge between two scenarios, two vintages or two runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hnforecast.cli.names import complete_sides
from hnforecast.cli.project import common_options, find_project, known_name, vintage_option
from hnforecast.cli.screen import say
from hnforecast.errors import Problem, UsageError

if TYPE_CHECKING:
    from hnforecast.bridge import Bridge, Recorded
    from hnforecast.forecast import Forecast

RUN_FILE = "run.json"


@dataclass(frozen=True)
class _Asked:
    """One side as typed: a run folder, or a vintage and perhaps a scenario."""

    folder: Path | None
    vintage: str | None
    scenario: str | None
    scenarios: tuple[str, ...]


@click.command(epilog="Example: hnforecast compare unmitigated mitigated --year 2027-28")
@click.argument("first", metavar="A", shell_complete=complete_sides)
@click.argument("second", metavar="B", shell_complete=complete_sides)
@click.option("--scenario", metavar="NAME", help="Scenario of two vintages or two runs.")
@click.option("--year", metavar="YEAR", help="Financial year to show; the last of both by default.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the table and the charts.")
@click.option("--json", "as_json", is_flag=True, help="Print every year as JSON.")
@vintage_option
@common_options
def compare(
    first: str,
    second: str,
    scenario: str | None,
    year: str | None,
    out: Path | None,
    as_json: bool,
    vintage: str | None,
    project: Path | None,
    debug: bool,
) -> None:
    """Explain the difference between A and B in movements that add up exactly.

    A and B are each a scenario, a vintage, a vintage and scenario written 2026-03/mitigated, or the folder of a run.
    """
    from hnforecast.bridge import build_bridge
    from hnforecast.outputs.bridge_view import bridge_plain, bridge_text

    root = find_project(project)
    shown = _year(year)
    asked = [_understand(root, name, vintage, scenario) for name in (first, second)]
    common = _common_scenario(asked)
    (ours, was_ours), (theirs, was_theirs) = (_forecast(root, side, common) for side in asked)
    names = [_side_label(side, forecast) for side, forecast in zip(asked, (ours, theirs), strict=True)]
    bridge = build_bridge(ours, theirs, shown, recorded_a=was_ours, recorded_b=was_theirs, labels=(names[0], names[1]))
    if out is not None:
        _write(bridge, out, ours.scenario.vintage.manifest.authority.name)
    click.echo(json.dumps(bridge_plain(bridge), indent=2, allow_nan=False) if as_json else bridge_text(bridge))


def _year(text: str | None) -> int | None:
    from hnforecast.timeline import parse_year

    if text is None:
        return None
    try:
        return parse_year(text)
    except ValueError as error:
        raise UsageError(Problem("HN513", str(error), expected="a financial year such as 2027-28")) from None


def _understand(root: Path, name: str, vintage: str | None, scenario: str | None) -> _Asked:
    """What a name stands for: a run folder, a vintage, a vintage and scenario, or a scenario."""
    from hnforecast.assumptions import list_vintages, load_vintage
    from hnforecast.bridge.recorded import run_scenarios

    folder = Path(name)
    if (folder / RUN_FILE).is_file():
        return _Asked(folder, None, scenario, tuple(run_scenarios(folder)))
    vintages = [summary.name for summary in list_vintages(root)]
    chosen, _, named = name.partition("/")
    if chosen in vintages:
        known = tuple(load_vintage(root, chosen).scenarios)
        if named:
            known_name(f"scenario of vintage {chosen}", named, known)
        return _Asked(None, chosen, named or scenario, known)
    if vintage is not None:
        known_name("vintage", vintage, vintages)
    known = tuple(load_vintage(root, vintage).scenarios)
    known_name("scenario, vintage or run", name, [*known, *vintages])
    return _Asked(None, vintage, name, known)


def _common_scenario(asked: list[_Asked]) -> str | None:
    """The scenario of sides that name none and hold several: the one the other names, or the first both have."""
    open_sides = [side for side in asked if side.scenario is None and len(side.scenarios) > 1]
    if not open_sides:
        return None
    named = [side.scenario for side in asked if side.scenario is not None]
    shared = [name for name in open_sides[0].scenarios if all(name in side.scenarios for side in open_sides)]
    chosen = next((name for name in named if name in shared), None) or next(iter(shared), None)
    if chosen is None:
        found = "; ".join(", ".join(side.scenarios) for side in asked)
        raise UsageError(Problem("HN514", "The two sides share no scenario", found=found, do="Name one on each side."))
    if not named and len(shared) > 1:
        say(f"Comparing the scenario {chosen}; choose another of {', '.join(shared)} with --scenario.")
    return chosen


def _forecast(root: Path, side: _Asked, common: str | None) -> tuple[Forecast, Recorded | None]:
    from hnforecast.assumptions import load_resolved, project_codes
    from hnforecast.bridge import read_recorded
    from hnforecast.forecast import Project, load_project, run_forecast

    name = side.scenario or (side.scenarios[0] if len(side.scenarios) == 1 else common) or side.scenarios[0]
    known_name("scenario", name, side.scenarios)
    if side.folder is None:
        return run_forecast(load_project(root, side.vintage), name, savings=False), None
    recorded = read_recorded(side.folder, name)
    vintage = load_resolved(side.folder / "assumptions.yaml", codes=project_codes(root))
    return run_forecast(Project(root, vintage), name, horizon=recorded.horizon, savings=False), recorded


def _side_label(side: _Asked, forecast: Forecast) -> str:
    name = forecast.scenario.name
    return f"{side.folder.name} {name}" if side.folder is not None else f"{forecast.scenario.vintage.name} {name}"


def _write(bridge: Bridge, out: Path, council: str) -> None:
    from hnforecast.outputs.bridge_chart import draw_bridge
    from hnforecast.outputs.bridge_view import bridge_table
    from hnforecast.outputs.csvtext import to_csv
    from hnforecast.outputs.files import atomic_write
    from hnforecast.record import package_version

    out.mkdir(parents=True, exist_ok=True)
    atomic_write(out / "bridge.csv", to_csv(bridge_table(bridge)))
    source = (
        f"Source: hnforecast {package_version()}, {council}, {bridge.start_label} to {bridge.end_label}. Cash prices."
    )
    for name, content in draw_bridge(bridge, source):
        atomic_write(out / name, content)
    say(f"Written to {out}")
