"""`hnforecast weigh`: scenarios weighed by stated criteria, and what other weights would change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hnforecast.base.errors import Problem, UsageError
from hnforecast.cli.options import answer_options, check_draws, deliver, draws_option, read_year, seed_option
from hnforecast.cli.project import common_options, complete_scenarios, find_project, unknown_name, vintage_option
from hnforecast.cli.screen import show_notices

if TYPE_CHECKING:
    from hnforecast.assumptions import Vintage
    from hnforecast.engine.records import Forecast, Project

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
    from hnforecast.questions.weigh.page import answer_weighing

    root = find_project(project)
    check_draws(draws)
    loaded = load_project(root, vintage)
    show_notices(loaded.vintage.notices)
    weights = load_weights(weights_file, loaded.vintage.codes)
    names, said = _options(loaded.vintage, scenarios)
    at = _year(year, loaded.vintage)
    weighing = weigh_options(_forecasts(loaded, names, draws, seed), weights, at)
    deliver(answer_weighing(weighing, weights, loaded.vintage, said), out, as_json)


def _options(vintage: Vintage, asked: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The scenarios to weigh, and what must be said of the choice.

    A scenario that only tests a plan, or rests on another view of demand and prices, is nothing a council can choose.
    """
    known = list(vintage.scenarios)
    unknown = [name for name in dict.fromkeys(asked) if name not in known]
    if unknown:
        raise UsageError(*(unknown_name(f"such scenario in vintage {vintage.name}", name, known) for name in unknown))
    chosen = {name: spec for name, spec in vintage.scenarios.items() if name in asked or not asked}
    tests = [name for name, spec in chosen.items() if (spec.delivery, spec.growth) != ("central", "central")]
    views = [name for name, spec in chosen.items() if (spec.demand, spec.prices) != ("vintage", "vintage")]
    names = [name for name in chosen if asked or name not in (*tests, *views)]
    if len(names) < 2:
        found, expected = ", ".join(names), f"two or more of {', '.join(known)}"
        raise UsageError(Problem("HN553", "Weighing needs two options", found=found, expected=expected))
    state = "weighed because they were named" if asked else "not weighed unless named"
    said = [
        f"{what}, {state}: {', '.join(found)}."
        for what, found in (
            ("Tests of a plan, which nobody chooses", tests),
            ("Other views of demand and prices, which nobody chooses", [name for name in views if name not in tests]),
        )
        if found
    ]
    none = [name for name in names if vintage.scenarios[name].measures == ()]
    if none:
        said.append(
            f"{' and '.join(none)}: no measures, so nothing to deliver. It shows what acting is measured against; an "
            "authority in deficit must be able to present a plan (conditions of the DSG, 5.2)."
        )
    return names, [*said, *_alike(vintage, names)]


def _alike(vintage: Vintage, names: list[str]) -> list[str]:
    """Options with the same measures, which differ in what others decide."""
    by_measures: dict[tuple[str, ...] | None, list[str]] = {}
    for name in names:
        by_measures.setdefault(vintage.scenarios[name].measures, []).append(name)
    return [
        f"{' and '.join(alike)} hold the same measures: what tells them apart is not the council's to decide."
        for alike in by_measures.values()
        if len(alike) > 1
    ]


def _year(text: str | None, vintage: Vintage) -> int:
    first = vintage.manifest.first_forecast_year
    years = range(first, first + vintage.manifest.horizon_years)
    return years[min(YEARS_AHEAD, len(years) - 1)] if text is None else read_year(text, "HN554", years)


def _forecasts(project: Project, names: list[str], draws: int, seed: int) -> list[Forecast]:
    """The forecasts in their order; those with fewest measures are made first, as the noise rests on the first."""
    from hnforecast.engine.forecast import run_forecast
    from hnforecast.engine.records import Shared

    vintage, shared = project.vintage, Shared()

    def measures(name: str) -> int:
        chosen = vintage.scenarios[name].measures
        return len(vintage.measures) if chosen is None else len(chosen)

    made = {
        name: run_forecast(project, name, draws=draws, seed=seed, shared=shared)
        for name in sorted(names, key=lambda name: (measures(name), names.index(name)))
    }
    return [made[name] for name in names]
