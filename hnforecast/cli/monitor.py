"""`hnforecast monitor`: actuals to date, the year's outturn, its variance in parts; or invented actuals to try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hnforecast.cli.faults import CHECK_FAILED, FINE
from hnforecast.cli.options import OUT_RUN, check_draws, on_existing, replace_option, say_kept
from hnforecast.cli.project import common_options, complete_periods, find_project, known_name, vintage_option
from hnforecast.cli.screen import print_json, say, show_notices

if TYPE_CHECKING:
    import pandas as pd

    from hnforecast.engine.records import Project
    from hnforecast.quarter.monitor import Monitoring
    from hnforecast.writing.keeping import Existing

SCHEMA = "hnforecast/monitoring/1"
SCENARIO = "mitigated"


@click.command(epilog="Example: hnforecast monitor 2025-26-Q2 --scenario mitigated")
@click.argument("period", required=False, shell_complete=complete_periods)
@click.option("--scenario", default=SCENARIO, show_default=True, help="Whose plan goes on after the last actual month.")
@vintage_option
@click.option("--draws", type=click.IntRange(1), default=1, show_default=True, help="Draws for each line's own range.")
@click.option("--out", type=OUT_RUN, help="Folder; outputs/monitoring-<period> by default.")
@replace_option
@click.option("--json", "as_json", is_flag=True, help="Print the tables as JSON.")
@click.option(
    "--write-illustration",
    "illustration",
    nargs=2,
    metavar="PERIOD FOLDER",
    help="Write invented actuals of a year up to a quarter into a folder, and stop.",
)
@common_options
def monitor(
    period: str | None,
    scenario: str,
    vintage: str | None,
    draws: int,
    out: Path | None,
    as_json: bool,
    illustration: tuple[str, str] | None,
    project: Path | None,
    debug: bool,
) -> int:
    """Monitor a quarter: forecast the year from its actuals, and say why it differs from budget and last return."""
    if (period is None) == (illustration is None):
        raise click.UsageError("Give a period such as 2025-26-Q2, or --write-illustration PERIOD FOLDER.")
    root = find_project(project)
    target = out.resolve() if out is not None else None
    if target is not None and illustration is None:
        from hnforecast.writing.keeping import check_target

        check_target(target, on_existing(out))
    loaded = _load(root, vintage, scenario)
    if illustration is not None:
        return _illustrate(loaded, scenario, *illustration)
    from hnforecast.quarter.monitor import monitor_period

    check_draws(draws)
    found = monitor_period(loaded, str(period), scenario=scenario, draws=draws)
    folder = target or root / "outputs" / f"monitoring-{str(found.period).lower()}-{scenario.replace('_', '-')}"
    say_kept(*_write(loaded, found, folder, on_existing(out)))
    _show(found, folder, as_json)
    failed = [check for check in found.checks if not check.passed]
    for check in failed:
        say(f"check failed: {check.name}: {check.worst:g} {check.unit}, {check.tolerance:g} allowed")
    return CHECK_FAILED if failed else FINE


def _load(root: Path, vintage: str | None, scenario: str) -> Project:
    from hnforecast.engine.forecast import load_project

    loaded = load_project(root, vintage)
    known_name(f"scenario of vintage {loaded.vintage.name}", scenario, loaded.vintage.scenarios)
    return loaded


def _illustrate(loaded: Project, scenario: str, period: str, folder: str) -> int:
    """Write invented actuals; a folder that holds files is left alone."""
    from hnforecast.base.errors import InputError, Place, Problem, Problems, UsageError
    from hnforecast.engine.forecast import run_forecast
    from hnforecast.quarter.monitor import Period, gather, illustrative_actuals, load_pipeline, parse_period
    from hnforecast.quarter.monitor.actuals import year_folder
    from hnforecast.writing.csvtext import Table, to_csv
    from hnforecast.writing.files import place_files
    from hnforecast.writing.locks import target_lock

    asked, target = parse_period(period), Path(folder).resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        do = "Name a new or an empty folder: real actuals are never overwritten by invented ones."
        raise UsageError(Problem("HN626", "The folder holds something already", Place(file=str(target)), do=do))
    previous = Period(asked.financial_year - 1, 4)
    known = year_folder(loaded.root, previous.financial_year).is_dir()
    earlier = gather(loaded, previous, Problems(InputError)) if known else []
    forecast = run_forecast(loaded, scenario)
    tables = illustrative_actuals(forecast, earlier, asked, load_pipeline(loaded.root))
    files = {}
    for name, frame in tables.items():
        rows = [[None if value != value else value for value in row] for row in frame.itertuples(index=False)]
        table = Table(name, tuple(str(column) for column in frame.columns), rows, None if name != "ledger" else 2)
        files[f"{name}.csv"] = to_csv(table)
    with target_lock(target, "hnforecast monitor"):
        place_files(target, files, existing="refuse")
    click.echo(f"{len(tables)} files of invented actuals written to {target}: not published, not real.")
    return FINE


def _write(loaded: Project, found: Monitoring, folder: Path, existing: Existing) -> tuple[list[str], list[Path]]:
    """tables/*.csv and the manifest, whole or not at all; returns what is kept in it, and what was set aside."""
    from hnforecast.writing.csvtext import Table, to_csv
    from hnforecast.writing.files import RunFolder
    from hnforecast.writing.keeping import MANIFEST
    from hnforecast.writing.locks import target_lock

    with target_lock(folder, "hnforecast monitor"), RunFolder(folder, existing=existing) as run:
        for name, frame in found.tables.items():
            rows = [[_plain(value) for value in row] for row in frame.itertuples(index=False)]
            run.write(f"tables/{name}.csv", to_csv(Table(name, tuple(str(c) for c in frame.columns), rows, None)))
        kept = run.keep()
        run.write(MANIFEST, _manifest(loaded, found, run.outputs, kept))
        aside = run.publish()
    return kept, [aside] if aside is not None else []


def _plain(value: Any) -> Any:
    """A cell as a CSV or JSON holds it: no NaN, no NumPy, dates as written."""
    if value is None or value != value:
        return None
    if hasattr(value, "isoformat"):
        return str(value.isoformat())[:10]
    return value.item() if hasattr(value, "item") else value


def _manifest(loaded: Project, found: Monitoring, outputs: Sequence[Mapping[str, Any]], kept: Sequence[str]) -> bytes:
    from hnforecast.base.record import code_sha256, file_sha256, package_version, relative_to
    from hnforecast.writing.keeping import sign

    actuals = {relative_to(path, loaded.root): file_sha256(path) for path in found.actuals.files.values()}
    content = {
        "schema": SCHEMA,
        "period": str(found.period),
        "scenario": found.scenario,
        "vintage": loaded.vintage.name,
        "version": package_version(),
        "code_sha256": code_sha256(Path(__file__).resolve().parents[1]),
        "illustrative": found.illustrative,
        "files_read": [{"path": name, "sha256": actuals[name]} for name in sorted(actuals)],
        "checks_passed": all(check.passed for check in found.checks),
        "checks": [{"name": check.name, "passed": check.passed, "worst": check.worst} for check in found.checks],
        "notices": list(found.notices),
        "outputs": [dict(item) for item in outputs],
        **({"kept": list(kept)} if kept else {}),
    }
    return sign(content, 2)


def _show(found: Monitoring, folder: Path, as_json: bool) -> None:
    if as_json:
        content = {
            "schema": SCHEMA,
            "period": str(found.period),
            "scenario": found.scenario,
            "folder": str(folder),
            "illustrative": found.illustrative,
            "notices": list(found.notices),
            "checks_passed": all(check.passed for check in found.checks),
            "tables": {name: _records(frame) for name, frame in found.tables.items()},
        }
        print_json(content)
        return
    from hnforecast.quarter.monitor.words import monitor_text

    show_notices(found.notices)
    click.echo(monitor_text(found))
    click.echo(f"Written to {folder}")


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): _plain(value) for key, value in row.items()} for row in frame.to_dict("records")]
