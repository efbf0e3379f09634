"""`hnforecast share`: the forecast as one page that anyone can open, with its controls and everything it rests on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hnforecast.base.errors import Place, Problem, UsageError
from hnforecast.cli.faults import CHECK_FAILED, FINE
from hnforecast.cli.options import (
    OUT_FILE,
    check_draws,
    draws_option,
    on_existing,
    replace_option,
    say_kept,
    seed_option,
    write_default,
    write_files,
)
from hnforecast.cli.project import OUTPUTS, common_options, find_project, known_name, vintage_option
from hnforecast.cli.screen import Progress, print_json, say, show_notices

if TYPE_CHECKING:
    from hnforecast.base.record import RunRecord
    from hnforecast.engine.records import Forecast, Project

SCHEMA = "hnforecast/share/1"
PAGE_DRAWS = 512  # what the page can hold; the tables of the page use every draw
LARGEST = 3_000_000  # bytes: what mail systems and phones still take without a thought


@click.command(epilog="Example: hnforecast share --out high-needs-forecast.html")
@click.option("--out", type=OUT_FILE, help="The file; outputs/share-<vintage>.html by default.")
@replace_option
@click.option("--scenario", metavar="NAME", help="The plan whose measures are offered; the one with most by default.")
@vintage_option
@draws_option("Draws of uncertain values, a power of two; 1 leaves out how sure the forecast is.")
@seed_option
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@common_options
def share(
    out: Path | None,
    scenario: str | None,
    vintage: str | None,
    draws: int,
    seed: int,
    as_json: bool,
    project: Path | None,
    debug: bool,
) -> int:
    """Write the forecast as one HTML file to share: charts, controls, assumptions, glossary; no network needed."""
    root = find_project(project)
    check_draws(draws)
    from hnforecast.assumptions import list_vintages
    from hnforecast.engine.forecast import load_project
    from hnforecast.papers.share.grid import choose_plan
    from hnforecast.writing.keeping import refuse_existing

    if vintage is not None:
        known_name("such vintage", vintage, [summary.name for summary in list_vintages(root)])
    loaded = load_project(root, vintage)
    if scenario is not None:
        known_name("such scenario", scenario, list(loaded.vintage.scenarios))
    plan = choose_plan(loaded.vintage, scenario)
    target = (out or root / OUTPUTS / f"share-{loaded.vintage.name}.html").resolve()
    check_file(target)
    refuse_existing(target, on_existing(out))
    show_notices(loaded.vintage.notices)
    forecasts, content = _make(loaded, plan, draws, seed)
    if out is None:
        say_kept(aside=write_default(root, target, content, "hnforecast share"))
    else:
        write_files(target.parent, {target.name: content}, "share", on_existing(out))
    if as_json:
        said = {"schema": SCHEMA, "vintage": loaded.vintage.name, "scenario": plan, "file": str(target)}
        print_json({**said, "bytes": len(content)})
    else:
        click.echo(f"Written to {target} ({len(content) / 1e6:,.1f} MB). Open it in any browser; it needs no network.")
    if len(content) > LARGEST:
        say(f"note: the file is larger than {LARGEST / 1e6:.0f} MB, which some mail systems refuse.")
    failed = [check.name for forecast in forecasts for check in forecast.checks if not check.passed]
    for name in failed:
        say(f"check failed: {name}")
    return CHECK_FAILED if failed else FINE


def check_file(target: Path) -> None:
    """Refuse a place that is no page's before any work is done.

    Raises:
        UsageError: a folder, another kind of file, or a folder that is not there.
    """
    do = "Name a file that ends in .html, in a folder that is there, with --out."
    if target.suffix.lower() not in (".html", ".htm"):
        raise UsageError(Problem("HN583", "The page is an HTML file", Place(file=str(target)), do=do))
    if target.is_dir():
        raise UsageError(Problem("HN583", "There is a folder of that name", Place(file=str(target)), do=do))
    if not target.parent.is_dir() and target.parent.name != OUTPUTS:
        raise UsageError(Problem("HN583", "There is no such folder", Place(file=str(target.parent)), do=do))


def _make(loaded: Project, plan: str, draws: int, seed: int) -> tuple[list[Forecast], bytes]:
    """Every scenario, the grid and the draws around it, and the page made of them."""
    from hnforecast.engine.forecast import run_forecast
    from hnforecast.engine.records import Shared
    from hnforecast.papers.share import Page, write_page
    from hnforecast.papers.share.grid import build_chance, build_grid
    from hnforecast.papers.share.grid.build import steps_of_work

    vintage, root = loaded.vintage, loaded.root
    horizon = vintage.manifest.horizon_years
    kept = min(draws, PAGE_DRAWS)
    probes = 4 + len(vintage.measures) if kept > 1 else 0
    with Progress(len(vintage.scenarios) + steps_of_work(vintage, plan, horizon) + probes + 1, "reading") as progress:
        forecasts, shared = [], Shared()
        for name in vintage.scenarios:
            forecasts.append(run_forecast(loaded, name, draws=draws, seed=seed, shared=shared, savings=name == plan))
            progress.step(name)
        grid = build_grid(vintage, plan, horizon, on_step=progress.step)
        chance = build_chance(root, vintage, grid, kept, seed, progress.step) if kept > 1 else None
        content = write_page(Page(forecasts, grid, chance, _record(loaded, forecasts, draws, seed), root))
        progress.step("page")
    return forecasts, content


def _record(loaded: Project, forecasts: list[Forecast], draws: int, seed: int) -> RunRecord:
    from hnforecast.base.record import describe_scenario, files_read, make_record
    from hnforecast.base.shipped import shipped_folder
    from hnforecast.engine.measured import panel_files, panel_folder
    from hnforecast.engine.published import council_folder

    vintage, root = loaded.vintage, loaded.root
    codes = root / "inputs" / "codes"
    read = [
        codes if codes.is_dir() else shipped_folder("codes"),
        council_folder(root, vintage.manifest.authority.name),
        panel_folder(root),
    ]
    return make_record(
        vintage.name,
        {forecast.scenario.name: describe_scenario(forecast.scenario) for forecast in forecasts},
        files_read(root, vintage.folder, vintage.files, read, panel_files(panel_folder(root))),
        seed=seed,
        draws=draws,
        horizon=vintage.manifest.horizon_years,
    )
