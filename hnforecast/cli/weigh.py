"""`hnforecast weigh`: scenarios weighed by stated criteria, and what other weights would change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hnforecast.base.errors import UsageError
from hnforecast.cli.options import answer_options, check_draws, deliver, draws_option, read_year, seed_option
from hnforecast.cli.project import common_options, complete_scenarios, find_project, unknown_name, vintage_option
from hnforecast.cli.screen import show_notices

if TYPE_CHECKING:
    from hnforecast.assumptions import Vintage

YEARS_AHEAD = 4  # beyond the first forecast year, where no year is named


@click.command(epilog="Example: hnforecast weigh unmitigated mitigated --year 2029-30 --weights ours.yaml")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...", shell_complete=complete_scenarios)
@click.option("--weights", "weights_file", type=click.Path(path_type=Path), help="YAML of criteria and weights.")
@click.option("--year", metavar="YEAR", help="Financial year they are compared at; the fifth forecast year by default.")
@draws_option("Draws of uncertain values, a power of two.")
@seed_option
@answer_options("Folder for the page (Markdown) and the tables.", "Print figures, scores and ranks as JSON.")
@vintage_option
@common_options
def weigh(
    scenarios: tuple[str, ...],
    weights_file: Path | None,
    year: str | None,
    draws: int,
    seed: int,
    out: Path | None,
    as_json: bool,
    vintage: str | None,
    project: Path | None,
    debug: bool,
) -> None:
    """Weigh scenarios by money, outcomes and deliverability, and show what other weights would change."""
    from hnforecast.engine.forecast import load_project
    from hnforecast.questions.weigh import load_weights
    from hnforecast.questions.weigh import weigh as weigh_options
    from hnforecast.questions.weigh.options import choose_options, forecast_options
    from hnforecast.questions.weigh.page import answer_weighing

    root = find_project(project)
    check_draws(draws)
    loaded = load_project(root, vintage)
    show_notices(loaded.vintage.notices)
    weights = load_weights(weights_file, loaded.vintage.codes)
    known = list(loaded.vintage.scenarios)
    unknown = [name for name in dict.fromkeys(scenarios) if name not in known]
    if unknown:
        what = f"such scenario in vintage {loaded.vintage.name}"
        raise UsageError(*(unknown_name(what, name, known) for name in unknown))
    names, said = choose_options(loaded.vintage, scenarios)
    at = _year(year, loaded.vintage)
    weighing = weigh_options(forecast_options(loaded, names, draws, seed), weights, at)
    deliver(answer_weighing(weighing, weights, loaded.vintage, said), out, as_json)


def _year(text: str | None, vintage: Vintage) -> int:
    first = vintage.manifest.first_forecast_year
    years = range(first, first + vintage.manifest.horizon_years)
    return years[min(YEARS_AHEAD, len(years) - 1)] if text is None else read_year(text, "HN554", years)
