"""`hnforecast sensitivity`: tornado, switching values, shares of variance and settlements of one scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hnforecast.base.errors import Place, Problem, UsageError
from hnforecast.cli.options import answer_options, deliver, draws_option, read_settings
from hnforecast.cli.project import common_options, find_project, plan_or, vintage_option
from hnforecast.cli.screen import show_notices
from hnforecast.engine.draws.sobol import MOST_DRAWS

if TYPE_CHECKING:
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
@answer_options("Folder for the page, the tables and the chart.", "Print every figure as JSON.")
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
    from hnforecast.engine.forecast import load_project
    from hnforecast.questions.sensitivity.findings import find_all
    from hnforecast.questions.sensitivity.page import answer_sensitivity
    from hnforecast.questions.targets import make_trials

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
    deliver(answer_sensitivity(find_all(trials, measure, year)), out, as_json)


def _year(trials: Trials, text: str | None) -> int:
    from hnforecast.questions.targets.goals import read_year

    if text is None:
        return trials.years[min(YEARS_AHEAD, len(trials.years)) - 1]
    return read_year(trials.forecast, text)
