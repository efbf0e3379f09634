"""`hnforecast compare`: the bridge between two scenarios, two vintages, two runs or two returns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hnforecast.base.errors import Problem, UsageError
from hnforecast.cli.options import decision_options, deliver, read_year
from hnforecast.cli.project import complete_sides, find_project, known_name
from hnforecast.cli.screen import say

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast
    from hnforecast.questions.compare import Recorded
    from hnforecast.writing.answer import Answer

RUN_FILE, RETURN_FILE = "run.json", "return.json"
RETURN = "return:"


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
@decision_options(
    "Financial year to show; the last of both by default.", "Folder for the tables and the charts.",
    "Print every year as JSON.",
)  # fmt: skip
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

    A and B are each a scenario, a vintage, a vintage and scenario written 2026-03/mitigated, or the folder of a run. Or
    both are returns: return:2025-26-Q1, return:2025-26-Q1/FORM, or the folder of one.
    """
    from hnforecast.questions.compare import build_bridge
    from hnforecast.questions.compare.page import answer_bridge

    root = find_project(project)
    returns = [_return_folder(root, name) for name in (first, second)]
    if any(returns):
        deliver(_compare_returns(returns, year, scenario or vintage), out, as_json)
        return
    shown = None if year is None else read_year(year, "HN513")
    asked = [_understand(root, name, vintage, scenario) for name in (first, second)]
    common = _common_scenario(asked)
    (ours, was_ours), (theirs, was_theirs) = (_forecast(root, side, common) for side in asked)
    names = [_side_label(side, forecast) for side, forecast in zip(asked, (ours, theirs), strict=True)]
    bridge = build_bridge(ours, theirs, shown, recorded_a=was_ours, recorded_b=was_theirs, labels=(names[0], names[1]))
    deliver(answer_bridge(bridge, ours.scenario.vintage.manifest.authority.name), out, as_json)


def _return_folder(root: Path, name: str) -> Path | None:
    """The folder of a return, where a name stands for one.

    Raises:
        UsageError: it is written as a return and there is none, or several forms of it.
    """
    if (Path(name) / RETURN_FILE).is_file():
        return Path(name)
    if not name.startswith(RETURN):
        return None
    period, _, form = name.removeprefix(RETURN).partition("/")
    written = root / "outputs" / "returns"
    known = sorted(path.parent.relative_to(written) for path in written.glob(f"*/*/{RETURN_FILE}"))
    found = [path for path in known if path.parts[0] == period and form in ("", path.parts[1])]
    if len(found) == 1:
        return written / found[0]
    shown = ", ".join(RETURN + path.as_posix() for path in found or known) or "none is written in outputs/returns"
    what = "More than one form of this return is written" if found else "There is no such return"
    raise UsageError(Problem("HN515", what, found=name, expected=shown, do="Make one with `hnforecast return PERIOD`."))


def _compare_returns(folders: list[Path | None], year: str | None, extra: str | None) -> Answer:
    from dataclasses import replace

    from hnforecast.questions.compare.return_file import read_return
    from hnforecast.questions.compare.return_page import answer_returns
    from hnforecast.questions.compare.returns import compare_returns

    before, after = folders
    if before is None or after is None or extra is not None:
        what = "A return is compared with a return, and has no scenario or vintage to choose"
        raise UsageError(Problem("HN515", what, do="Name two returns: return:2025-26-Q1 return:2025-26-Q2."))
    found = compare_returns(read_return(before), read_return(after))
    if year is not None:
        found = replace(found, bridge=replace(found.bridge, year=read_year(year, "HN513", found.bridge.years)))
    return answer_returns(found)


def _understand(root: Path, name: str, vintage: str | None, scenario: str | None) -> _Asked:
    """What a name stands for: a run folder, a vintage, a vintage and scenario, or a scenario."""
    from hnforecast.assumptions import list_vintages, load_vintage
    from hnforecast.questions.compare.recorded import run_scenarios

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
    from hnforecast.engine.forecast import load_project, run_forecast
    from hnforecast.engine.records import Project
    from hnforecast.questions.compare import read_recorded

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
