"""`hnforecast run`: project scenarios, write the run folder, print the result."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hnforecast.base.errors import UsageError
from hnforecast.cli.faults import CHECK_FAILED, FINE
from hnforecast.cli.options import (
    OUT_RUN,
    check_draws,
    draws_option,
    on_existing,
    read_settings,
    replace_option,
    say_kept,
    seed_option,
)
from hnforecast.cli.project import (
    OUTPUTS,
    common_options,
    complete_scenarios,
    find_project,
    plan_or,
    unknown_name,
    vintage_option,
)
from hnforecast.cli.screen import Progress, print_json, say, show_notices, show_slips

if TYPE_CHECKING:
    from hnforecast.base.axes import FloatArray
    from hnforecast.base.helper import Helper, Task
    from hnforecast.base.record import RunRecord
    from hnforecast.engine.records import Forecast, Project
    from hnforecast.engine.together import Asked
    from hnforecast.writing.keeping import Existing

LONGEST_HORIZON = 30
RESULT_SCHEMA = "hnforecast/result/1"


@click.command(
    epilog="""\b
Examples:
  hnforecast run                          every scenario
  hnforecast run mitigated --draws 1      the central run alone, quickly
  hnforecast run mitigated --set prices.top_up.state_special=+3% --out what-if
"""
)
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...", shell_complete=complete_scenarios)
@vintage_option
@draws_option("Draws of uncertain values, a power of two; 1 makes the central run alone, which is quicker.")
@seed_option
@click.option("--horizon", type=click.IntRange(1, LONGEST_HORIZON), help="Forecast years; the vintage's by default.")
@click.option(
    "--set", "settings", multiple=True, metavar="PATH=VALUE", help="Change a value for this run; may be repeated."
)
@click.option("--out", type=OUT_RUN, help="Folder of this run; outputs/<run> by default.")
@replace_option
@click.option("--json", "as_json", is_flag=True, help="Print the account by scenario and year as JSON.")
@common_options
def run(
    scenarios: tuple[str, ...],
    vintage: str | None,
    draws: int,
    seed: int,
    horizon: int | None,
    settings: tuple[str, ...],
    out: Path | None,
    as_json: bool,
    project: Path | None,
    debug: bool,
) -> int:
    """Project scenarios, all of the vintage by default, and write a run folder."""
    started = time.perf_counter()
    root = find_project(project)
    overrides = read_settings(settings)
    check_draws(draws)
    target_given = out.resolve() if out is not None else None
    if target_given is not None:
        from hnforecast.writing.keeping import check_target

        check_target(target_given, on_existing(out))
    from hnforecast.base.helper import Helper

    with Helper() as helper:  # first of all: it loads its libraries while this process does
        from hnforecast.engine.draws.sobol import normal_block
        from hnforecast.writing.files import STEPS

        normals = helper.submit(normal_block, draws, seed) if draws > 1 else None
        loaded, names = _load(root, vintage, scenarios)
        from hnforecast.engine.together import Asked

        show_notices(loaded.vintage.notices)
        _check_panel(loaded, names, draws)
        timings = {"load": time.perf_counter() - started}
        with Progress(len(names) + len(STEPS), "reading") as progress:
            asked = Asked(horizon, overrides, draws, seed)
            forecasts = _forecast(loaded, names, asked, helper, normals, timings, progress)
            if not as_json:
                _headlines(loaded, forecasts, progress)
            record = _record(loaded, forecasts, draws, seed)
            target = target_given or root / OUTPUTS / record.run_id
            told = _write(forecasts, record, target, on_existing(out), timings, progress, helper)
        say_kept(*told)
    _print(forecasts, record, target, as_json)
    return _verdict(forecasts)


def _load(root: Path, vintage: str | None, scenarios: tuple[str, ...]) -> tuple[Project, list[str]]:
    """The project, and the scenarios asked for in the order of scenarios.yaml; all unknown names in one report."""
    from hnforecast.assumptions import list_vintages
    from hnforecast.engine.forecast import load_project

    if vintage is not None:
        from hnforecast.cli.project import known_name

        known_name("such vintage", vintage, [summary.name for summary in list_vintages(root)])
    loaded = load_project(root, vintage)
    known = list(loaded.vintage.scenarios)
    unknown = [name for name in dict.fromkeys(scenarios) if name not in known]
    if unknown:
        raise UsageError(
            *(unknown_name(f"such scenario in vintage {loaded.vintage.name}", name, known) for name in unknown)
        )
    return loaded, [name for name in known if not scenarios or name in scenarios]


def _forecast(
    loaded: Project,
    names: list[str],
    asked: Asked,
    helper: Helper,
    normals: Task[FloatArray] | None,
    timings: dict[str, float],
    progress: Progress,
) -> list[Forecast]:
    from hnforecast.engine.together import run_scenarios
    from hnforecast.papers.charts.charts import warm_up
    from hnforecast.questions.register.promise import promise_before

    def done(name: str, seconds: float) -> None:
        timings[f"forecast {name}"] = seconds
        progress.step(name)

    def meanwhile() -> None:
        if loaded.vintage.measures:
            promise_before(loaded.vintage)  # which the register will ask for: it is kept
        warm_up()  # so that charts can be drawn here too

    return run_scenarios(loaded, names, asked, helper, normals=normals, then=warm_up, on_done=done, meanwhile=meanwhile)


def _check_panel(loaded: Project, names: list[str], draws: int) -> None:
    """Read the panel where the run needs it: its faults stop the run here, before any work, and its slips are said."""
    from hnforecast.engine.measured import needs_panel, panel_folder, read_national

    if needs_panel([loaded.vintage.scenarios[name] for name in names], draws):
        show_slips(read_national(panel_folder(loaded.root)).notices)


def _headlines(loaded: Project, forecasts: list[Forecast], progress: Progress) -> None:
    """Five lines of the plan, before the papers are written: whoever waits has something to read."""
    from hnforecast.papers.summary import headlines

    progress.aside(headlines(forecasts, plan_or(loaded.vintage, None)))


def _record(loaded: Project, forecasts: list[Forecast], draws: int, seed: int) -> RunRecord:
    from hnforecast.base.codes import codes_folder
    from hnforecast.base.record import describe_scenario, files_read, make_record
    from hnforecast.engine.measured import needs_panel, panel_files, panel_folder
    from hnforecast.engine.published import council_folder
    from hnforecast.questions.register import files_behind

    vintage = loaded.vintage
    read = [codes_folder(loaded.root), council_folder(loaded.root, vintage.manifest.authority.name)]
    used: dict[Path, str] = {}
    if needs_panel([f.scenario.spec for f in forecasts], draws):
        panel = panel_folder(loaded.root)
        read.append(panel)
        used = panel_files(panel)
    clock = forecasts[0].clock
    return make_record(
        vintage.name,
        {forecast.scenario.name: describe_scenario(forecast.scenario) for forecast in forecasts},
        files_read(loaded.root, vintage.folder, vintage.files, read, used) | files_behind(vintage),
        seed=seed,
        draws=draws,
        horizon=sum(year >= clock.first_forecast for year in clock.financial_years),
    )


def _write(
    forecasts: list[Forecast],
    record: RunRecord,
    target: Path,
    existing: Existing,
    timings: dict[str, float],
    progress: Progress,
    helper: Helper,
) -> tuple[list[str], list[Path]]:
    """Write the folder; returns what is kept in it, and what was set aside."""
    from hnforecast.papers.run_folder import write_run
    from hnforecast.writing.files import clean_stale
    from hnforecast.writing.locks import target_lock

    command = ["hnforecast", *sys.argv[1:]]
    with target_lock(target, " ".join(command), on_wait=lambda who: say(f"Waiting: {who}")):
        clean_stale(target.parent)
        kept, aside = write_run(
            forecasts, record, target,
            command_line=command, timings=timings, on_step=progress.step, helper=helper, existing=existing,
        )  # fmt: skip
    return kept, [aside] if aside is not None else []


def _print(forecasts: list[Forecast], record: RunRecord, target: Path, as_json: bool) -> None:
    if as_json:
        print_json(result(forecasts, record, target))
        return
    from hnforecast.papers.summary import run_text

    click.echo(run_text(forecasts))
    click.echo(f"Written to {_shown(target)}")


def result(forecasts: list[Forecast], record: RunRecord, target: Path) -> dict[str, Any]:
    """What --json prints: the run, its folder, by scenario the account by year in signed pounds; null is not known."""
    from hnforecast.papers.tables.money import account_table

    table = account_table(forecasts)
    accounts: dict[str, dict[str, dict[str, float | None]]] = {}
    for scenario, year, item, central, *_ in table.rows:
        value = None if not isinstance(central, float) or central != central else round(central, 2)
        accounts.setdefault(str(scenario), {}).setdefault(str(year), {})[str(item)] = value
    return {
        "schema": RESULT_SCHEMA,
        "run_id": record.run_id,
        "folder": str(target),
        "fingerprint": record.fingerprint,
        "vintage": record.vintage,
        "checks_passed": all(check.passed for forecast in forecasts for check in forecast.checks),
        "scenarios": accounts,
    }


def _verdict(forecasts: list[Forecast]) -> int:
    failed = [
        (forecast.scenario.name, check) for forecast in forecasts for check in forecast.checks if not check.passed
    ]
    for name, check in failed:
        size = f"{check.worst:g} {check.unit}, {check.tolerance:g} allowed"
        say(f"check failed in {name}: {check.name}: {size}. {check.detail}".rstrip())
    return CHECK_FAILED if failed else FINE


def _shown(target: Path) -> str:
    try:
        return target.relative_to(Path.cwd()).as_posix() or "."
    except ValueError:
        return str(target)
