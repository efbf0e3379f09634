"""`hnforecast sensitivity`: tornado, switching values, shares of variance and settlements of one scenario."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hnforecast.base.errors import Place, Problem, UsageError
from hnforecast.cli.options import OUT_FOLDER, draws_option, replace_option, write_pages
from hnforecast.cli.project import common_options, find_project, plan_or, vintage_option
from hnforecast.cli.screen import show_notices
from hnforecast.engine.draws.sobol import MOST_DRAWS

if TYPE_CHECKING:
    from hnforecast.questions.sensitivity.page import Findings
    from hnforecast.questions.targets import Trials

MEASURES = ("in_year", "closing")
YEARS_AHEAD = 5  # further than this no backtest reaches


@click.command(epilog="Example: hnforecast sensitivity --scenario mitigated --by 2029-30 --measure closing")
@click.option("--scenario", metavar="NAME", help="What is looked at; mitigated by default.")
@click.option("--by", metavar="YEAR", help="Financial year read; five years ahead by default.")
@click.option("--measure", default="in_year", show_default=True, help="in_year position, or closing balance.")
@click.option("--horizon", type=click.IntRange(1, 30), help="Forecast years; the vintage's by default.")
@draws_option("Draws of uncertain values; 1 leaves shares of variance and chances out.", MOST_DRAWS)
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="Change a value first; may be repeated.")
@click.option("--out", type=OUT_FOLDER, help="Folder for the page, the tables and the chart.")
@replace_option
@click.option("--json", "as_json", is_flag=True, help="Print every figure as JSON.")
@vintage_option
@common_options
def sensitivity(
    scenario: str | None,
    by: str | None,
    measure: str,
    horizon: int | None,
    draws: int,
    settings: tuple[str, ...],
    out: Path | None,
    as_json: bool,
    vintage: str | None,
    project: Path | None,
    debug: bool,
) -> None:
    """Say what a scenario hangs on: its drivers by effect, where goals flip, and other settlements of the block."""
    from hnforecast.cli.run import read_settings
    from hnforecast.engine.forecast import load_project
    from hnforecast.questions.sensitivity.page import sensitivity_page
    from hnforecast.questions.sensitivity.tables import sensitivity_plain
    from hnforecast.questions.targets import make_trials
    from hnforecast.writing.blocks import as_text

    if measure not in MEASURES:
        raise UsageError(
            Problem("HN542", "no such measure", Place(file="command line"), measure, " or ".join(MEASURES))
        )
    loaded = load_project(find_project(project), vintage)
    show_notices(loaded.vintage.notices)
    trials = make_trials(loaded, plan_or(loaded.vintage, scenario), horizon=horizon, overrides=read_settings(settings))
    year = _year(trials, by)
    if draws > 1:
        trials = make_trials(loaded, trials.scenario_name, horizon=horizon, overrides=trials.base, draws=draws)
    findings = _find(trials, measure, year)
    if out is not None:
        _write(findings, out)
    if as_json:
        click.echo(json.dumps(sensitivity_plain(findings), indent=2, allow_nan=False))
    else:
        click.echo(as_text(sensitivity_page(findings)), nl=False)


def _year(trials: Trials, text: str | None) -> int:
    from hnforecast.questions.targets.goals import read_year

    if text is None:
        return trials.years[min(YEARS_AHEAD, len(trials.years)) - 1]
    return read_year(trials.forecast, text)


def _find(trials: Trials, measure: str, year: int) -> Findings:
    from hnforecast.questions.sensitivity import Quantity, run_settlements, switching_values, tornado, variance_shares
    from hnforecast.questions.sensitivity.indices import FEWEST_DRAWS
    from hnforecast.questions.sensitivity.page import Findings
    from hnforecast.questions.targets.goals import standing_goals

    quantity = Quantity("closing" if measure == "closing" else "in_year", year)
    return Findings(
        trials,
        quantity,
        tornado(trials, quantity),
        switching_values(trials, standing_goals(trials.forecast, year)),
        variance_shares(trials, quantity) if trials.draws >= FEWEST_DRAWS else None,
        run_settlements(trials),
    )


def _write(findings: Findings, out: Path) -> None:
    from hnforecast.base.record import package_version
    from hnforecast.questions.sensitivity.chart import draw_tornado
    from hnforecast.questions.sensitivity.page import sensitivity_page
    from hnforecast.questions.sensitivity.tables import sensitivity_tables
    from hnforecast.writing.blocks import as_markdown
    from hnforecast.writing.csvtext import to_csv

    forecast = findings.trials.forecast
    vintage = forecast.scenario.vintage
    files = {"sensitivity.md": as_markdown(sensitivity_page(findings)).encode("utf-8")}
    files.update({f"{table.name}.csv": to_csv(table) for table in sensitivity_tables(findings)})
    source = (
        f"Source: hnforecast {package_version()}, {vintage.manifest.authority.name}, assumptions of {vintage.name}, "
        f"scenario {forecast.scenario.name}. Cash prices."
    )
    files.update(draw_tornado(findings.bars, findings.quantity, source))
    write_pages(out, files)
