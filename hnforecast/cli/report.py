"""`hnforecast report`: the committee report of a run as a Word document."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hnforecast.base.errors import Place, Problem, UsageError
from hnforecast.cli.options import MOST_DRAWS, OUT_FILE, check_draws, on_existing, replace_option, write_files
from hnforecast.cli.project import common_options, find_project, vintage_option
from hnforecast.cli.screen import print_json, say

if TYPE_CHECKING:
    from hnforecast.base.codes import Codes
    from hnforecast.engine.records import Forecast
    from hnforecast.papers.report import Change
    from hnforecast.papers.run_reading import FinishedRun

file_path = click.Path(path_type=Path, dir_okay=False)
SCHEMA = "hnforecast/report/1"
CHART = "bridge-gross-closing.png"


@click.command(epilog="Example: hnforecast report --against outputs/LAST_RUN --out report.docx")
@click.argument("run", nargs=-1, metavar="[RUN_FOLDER | SCENARIO...]")
@click.option("--out", type=OUT_FILE, required=True, metavar="FILE.docx", help="The document.")
@replace_option
@click.option("--base", type=click.Path(path_type=Path), metavar="COUNCIL.docx", help="The council's own document.")
@click.option("--against", type=click.Path(path_type=Path), metavar="EARLIER_RUN", help="Run last reported.")
@click.option("--scenario", metavar="NAME", help="Scenario reported; the first with measures by default.")
@click.option("--draws", type=click.IntRange(1, MOST_DRAWS), help="Draws of a run made now, a power of two.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@vintage_option
@common_options
def report(
    run: tuple[str, ...],
    out: Path,
    base: Path | None,
    against: Path | None,
    scenario: str | None,
    draws: int | None,
    as_json: bool,
    vintage: str | None,
    project: Path | None,
    debug: bool,
) -> None:
    """Write the committee report of a run: the usual headings, real tables, charts, and every figure tied to the run.

    RUN_FOLDER is a run; without one the latest run in outputs/ is reported, or one is made. Places only an officer can
    fill are marked so.
    """
    from hnforecast.assumptions import project_codes
    from hnforecast.cli.run_choice import choose_run
    from hnforecast.history.backtest import read_accuracy
    from hnforecast.papers.report import choose_scenarios, write_report
    from hnforecast.papers.report.styles import open_base
    from hnforecast.papers.run_reading import read_run
    from hnforecast.writing.keeping import refuse_existing

    if draws is not None:
        check_draws(draws)
    target = out.resolve()
    _check_target(target, base)
    refuse_existing(target, on_existing(target))
    root = find_project(project)
    if base is not None:
        open_base(base)  # a base that cannot be used is said before a run is made
    codes = project_codes(root)
    earlier = read_run(against, codes) if against is not None else None
    finished = choose_run(root, run, vintage, draws, scenario)
    plan, _ = choose_scenarios(finished, scenario)
    change = _change(root, finished, earlier, plan, codes) if earlier is not None else None
    content, ledger = write_report(finished, base=base, scenario=plan, change=change, accuracy=read_accuracy(root))
    write_files(target.parent, {target.name: content}, "report", on_existing(target))
    if as_json:
        said = {"schema": SCHEMA, "run_id": finished.run_id, "scenario": plan, "file": str(target)}
        print_json({**said, "figures": len(ledger.figures)})
        return
    click.echo(
        f"Report of run {finished.run_id}, scenario {plan}: {len(ledger.figures)} figures in the text, each indexed."
    )
    click.echo(f"Written to {out}. Fill the places marked [Officer to complete] before it is published.")


def _check_target(target: Path, base: Path | None) -> None:
    """Refuse a place no report can go.

    Raises:
        UsageError: the target is a folder, another kind of file, the base itself, or inside a run.
    """
    place = Place(file=target.name)
    if target.is_dir():
        raise UsageError(Problem("HN825", "--out names a folder, and a file is wanted", place, do="Name a .docx file."))
    if target.suffix.lower() != ".docx":
        raise UsageError(
            Problem("HN825", "A report is a .docx file", place, do=f"Name it {target.stem or 'report'}.docx.")
        )
    if base is not None and base.resolve() == target:
        do = "Write the report elsewhere with --out."
        raise UsageError(Problem("HN834", "The report would replace its own base", place, do=do))
    from hnforecast.writing.refusals import refuse_inside_run

    refuse_inside_run(target)


def _change(root: Path, now: FinishedRun, earlier: FinishedRun, plan: str, codes: Codes) -> Change:
    """The bridge from an earlier run to this one, as `hnforecast compare` builds it.

    Raises:
        UsageError: the runs are of two councils, or share no year or scenario.
    """
    from hnforecast.papers.report import Change, choose_year
    from hnforecast.questions.compare import build_bridge, read_recorded
    from hnforecast.questions.compare.chart import draw_bridge

    before = plan if plan in earlier.scenarios else None
    if before is None or earlier.council != now.council:
        what = "The two runs share no scenario" if before is None else "The two runs are of two councils"
        found = f"{', '.join(earlier.scenarios)} of {earlier.council}; {plan} of {now.council}"
        raise UsageError(Problem("HN833", what, Place(file=str(earlier.folder)), found, do="Name another run."))
    say("Comparing with the earlier run.")
    year = choose_year(now)
    if year not in earlier.years():
        year = min(earlier.years()[-1], now.years()[-1])
    bridge = build_bridge(
        _forecast(root, earlier, plan), _forecast(root, now, plan), year,
        recorded_a=read_recorded(earlier.folder, plan), recorded_b=read_recorded(now.folder, plan),
        labels=("last forecast", "this forecast"),
    )  # fmt: skip
    source = f"Source: hnforecast {now.manifest['version']}, {now.council}, run {now.run_id}. Cash prices."
    charts = dict(draw_bridge(bridge, source))
    return Change(bridge, charts[CHART], earlier.run_id, earlier.vintage.manifest.base_census)


def _forecast(root: Path, run: FinishedRun, scenario: str) -> Forecast:
    from hnforecast.engine.forecast import run_forecast
    from hnforecast.engine.records import Project

    horizon = int(run.manifest["horizon_years"])
    return run_forecast(Project(root, run.vintage), scenario, horizon=horizon, savings=False)
