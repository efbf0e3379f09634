"""`hnforecast check`: every problem in assumptions/ and inputs/, then the state of the checks of a run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hnforecast.base.errors import HnForecastError, Problem
from hnforecast.cli.faults import BAD_INPUT, CHECK_FAILED, FINE, plain_problem
from hnforecast.cli.project import common_options, find_project, known_name, vintage_before, vintage_option
from hnforecast.cli.screen import Progress, print_json, say, show_problems

if TYPE_CHECKING:
    from hnforecast.assumptions import Vintage
    from hnforecast.assumptions.statutory import Flag
    from hnforecast.engine.checks import CheckResult

# folders of inputs/ that hold something else than one council's published figures
MOST_ALIKE = 3  # notices of one kind shown one by one
NOT_COUNCILS = frozenset({"codes", "national", "monitoring", "templates", "synthetic"})


@click.command(
    epilog="""\b
Examples:
  hnforecast check                      every vintage and every input
  hnforecast check --vintage 2026-03    one vintage
  hnforecast check --json               for another program
"""
)
@vintage_option
@click.option("--json", "as_json", is_flag=True, help="Print problems and checks as JSON.")
@common_options
def check(vintage: str | None, as_json: bool, project: Path | None, debug: bool) -> int:
    """Show every problem in assumptions/ and inputs/, with file and line, then whether the checks of a run hold."""
    root = find_project(project)
    problems: list[Problem] = []
    vintages = _read_vintages(root, vintage, problems)
    notices = _read_inputs(root, problems)
    notices += [notice for loaded in vintages for notice in (*loaded.notices, *_changed(root, loaded))]
    results = {} if problems else _run_checks(root, vintages, problems, notices)
    if as_json:
        duties = [f"{loaded.name}: {flag}" for loaded in vintages for flag in _flags(loaded)]
        print_json(_plain(problems, [*notices, *duties], results))
    else:
        for notice in notices:
            say(f"note: {notice}")
        for loaded in vintages[-1:]:  # an earlier vintage's measures are history
            show_duties(loaded)
        if problems:
            show_problems(problems)
        click.echo(_text(results, [loaded.name for loaded in vintages]), nl=False)
    failed = any(not check.passed for checks in results.values() for check in checks)
    return BAD_INPUT if problems else CHECK_FAILED if failed else FINE


def _flags(vintage: Vintage) -> list[Flag]:
    """Measures that look like working against a statutory duty."""
    from hnforecast.assumptions.statutory import flags_of

    return [flag for one in vintage.measures.values() for flag in flags_of(one, vintage.prices.top_up)]


def show_duties(vintage: Vintage) -> None:
    """Say which measures are flagged, a line each, and where the whole of it is."""
    from hnforecast.assumptions.statutory import ACT, flag_lines

    lines = flag_lines(_flags(vintage))
    if not lines:
        return
    say(f"note: {vintage.name}: these measures look like working against a duty of the {ACT}:")
    for line in lines:
        say(f"  {line}")
    say("  A flag is a question for the council's lawyers, and `statutory_basis` in the measure answers it: see")
    say("  docs/decisions.md. `hnforecast check --json` has each with what the measure says to it.")


def _changed(root: Path, vintage: Vintage) -> list[str]:
    """What changed by more than half since the vintage before, which a slip of units would look like."""
    from hnforecast.assumptions.explain import large_changes

    before = vintage_before(root, vintage)
    return [f"{vintage.name}: {words}" for words in large_changes(before, vintage)] if before is not None else []


def _collect(action: Callable[[], Any], problems: list[Problem]) -> Any:
    """Do something, keeping the problems it raises instead of stopping."""
    try:
        return action()
    except HnForecastError as error:
        problems.extend(problem for problem in error.problems if problem not in problems)
        return None


def _read_vintages(root: Path, asked: str | None, problems: list[Problem]) -> list[Vintage]:
    from hnforecast.assumptions import default_vintage, list_vintages, load_vintage

    names = [summary.name for summary in list_vintages(root)]
    if asked is not None:
        names = [known_name("such vintage", asked, names)]
    elif not names:
        default_vintage(root)  # says that there is none
    loaded = [_collect(lambda name=name: load_vintage(root, name), problems) for name in names]  # type: ignore[misc]
    return [vintage for vintage in loaded if vintage is not None]


def _read_inputs(root: Path, problems: list[Problem]) -> list[str]:
    """Read what the folder holds of inputs; returns the notices in words."""
    from hnforecast.assumptions import project_codes
    from hnforecast.inputs import check_sources, load_council, load_panel

    inputs = root / "inputs"
    notices: list[Problem] = []
    if (inputs / "sources.csv").is_file():
        problems.extend(_collect(lambda: check_sources(root), problems) or ())
    if not inputs.is_dir():
        return []
    for folder in sorted(inputs.iterdir()):
        if not folder.is_dir() or not any(folder.glob("*.csv")):
            continue
        if folder.name == "national":
            read = _collect(lambda folder=folder: load_panel(folder), problems)  # type: ignore[misc]
        elif folder.name not in NOT_COUNCILS:
            read = _collect(lambda folder=folder: load_council(folder, project_codes(root)), problems)  # type: ignore[misc]
        else:
            continue
        if read is not None:
            notices.extend(read.notices)
    return _grouped(notices)


def _grouped(notices: list[Problem]) -> list[str]:
    """Notices in words; many of one kind in one, with the files they are about."""
    kinds: dict[tuple[str, str], list[Problem]] = {}
    for notice in notices:
        kinds.setdefault((notice.code, notice.what), []).append(notice)
    found: list[str] = []
    for (code, what), alike in kinds.items():
        if len(alike) <= MOST_ALIKE:
            found += [" ".join(str(notice).split()) for notice in alike]
        else:
            files = list(dict.fromkeys(notice.place.file for notice in alike))
            more = f" and {len(files) - MOST_ALIKE} more" if len(files) > MOST_ALIKE else ""
            found.append(f"{what}, {len(alike)} times: {', '.join(files[:MOST_ALIKE])}{more} [{code}]")
    return found


def _run_checks(
    root: Path, vintages: list[Vintage], problems: list[Problem], notices: list[str]
) -> dict[tuple[str, str], tuple[CheckResult, ...]]:
    """(vintage, scenario) -> the checks of its central run; adds where plans and places do not belong together."""
    from hnforecast.engine.forecast import run_forecast
    from hnforecast.engine.occupancy import misfits
    from hnforecast.engine.records import Project, Shared

    results: dict[tuple[str, str], tuple[CheckResult, ...]] = {}
    with Progress(sum(len(vintage.scenarios) for vintage in vintages), "checking") as progress:
        for vintage in vintages:
            made = partial(run_forecast, Project(root, vintage), shared=Shared(), savings=False)
            for name in vintage.scenarios:
                forecast = _collect(partial(made, name), problems)
                if forecast is not None:
                    results[vintage.name, name] = forecast.checks
                    notices += [f"{vintage.name} {words}" for words in misfits(forecast)]
                progress.step(name)
    return results


def _text(results: dict[tuple[str, str], tuple[CheckResult, ...]], vintages: list[str]) -> str:
    lines = []
    for (vintage, scenario), checks in results.items():
        failed = [check for check in checks if not check.passed]
        lines.append(f"{vintage} {scenario}: {len(checks) - len(failed)} of {len(checks)} checks pass")
        lines += [
            f"  fails: {check.name}: {check.worst:g} {check.unit}, {check.tolerance:g} allowed. {check.detail}".rstrip()
            for check in failed
        ]
    if not results:
        return f"Not run: mend the problems first ({', '.join(vintages) or 'no vintage'} could be read).\n"
    return "\n".join(lines) + "\n"


def _plain(
    problems: list[Problem], notices: list[str], results: dict[tuple[str, str], tuple[CheckResult, ...]]
) -> dict[str, Any]:
    return {
        "schema": "hnforecast/check/1",
        "problems": [plain_problem(problem) for problem in problems],
        "notices": notices,
        "checks": [
            {"vintage": vintage, "scenario": scenario, "name": check.name, "passed": bool(check.passed),
             "worst": check.worst, "tolerance": check.tolerance, "unit": check.unit}
            for (vintage, scenario), checks in results.items()
            for check in checks
        ],
    }  # fmt: skip
