"""`hnforecast brief`: one page for a decision, from history through promises to what would bring balance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hnforecast.base.errors import Problem, UsageError
from hnforecast.cli.options import decision_options, deliver, draws_option, span_of
from hnforecast.cli.project import find_project, known_name
from hnforecast.cli.screen import show_notices
from hnforecast.engine.draws.sobol import MOST_DRAWS

if TYPE_CHECKING:
    from hnforecast.engine.records import Project
    from hnforecast.questions.brief.balance import Balance
    from hnforecast.questions.brief.promises import Promises

DRAWS = 2048
AHEAD = 5  # the year of balance where none is named: further than this no backtest reaches


@click.command(epilog="Example: hnforecast brief --year 2029-30 --out brief")
@click.option("--plan", metavar="NAME", help="Earlier vintage that promised; the one superseded by default.")
@click.option("--scenario", default="mitigated", show_default=True, metavar="NAME", help="The plan with its measures.")
@click.option("--from", "first", default="2018-19", show_default=True, metavar="YEAR", help="First year of history.")
@draws_option("Draws for chances; 1 for the central run alone.", MOST_DRAWS, DRAWS)
@decision_options("Year balance is asked by; the fifth ahead by default.", "Folder for the page.", "Print as JSON.")
def brief(
    plan: str | None,
    scenario: str,
    first: str,
    draws: int,
    year: str | None,
    out: Path | None,
    as_json: bool,
    vintage: str | None,
    project: Path | None,
    debug: bool,
) -> None:
    """Write one page: what took spend, what was promised and is now expected, what would bring balance."""
    from hnforecast.base.timeline import show_year
    from hnforecast.engine.forecast import load_project
    from hnforecast.engine.measured import panel_folder
    from hnforecast.questions.brief.page import answer_brief, told_history

    root = find_project(project)
    loaded = load_project(root, vintage)
    show_notices(loaded.vintage.notices)
    manifest = loaded.vintage.manifest
    by = show_year(manifest.first_forecast_year + AHEAD - 1) if year is None else year
    years = span_of(first, show_year(manifest.base_outturn))
    promises, balance, lacking = _measures(loaded, plan, scenario, by, draws)
    causes = told_history(panel_folder(root), manifest.authority.old_la_code, years)
    name = manifest.authority.name
    made = (
        f"Made by `hnforecast brief --year {by} --draws {draws}` from vintage {manifest.vintage}"
        f"{'' if manifest.signed_off is not None else ' (a draft that nobody has signed off)'}, as at "
        f"{manifest.as_at:%d %B %Y}, and published data to January {manifest.base_census}."
    )
    deliver(answer_brief(name, causes, promises, balance, lacking, made), out, as_json)


def _measures(
    now: Project, plan: str | None, scenario: str, by: str, draws: int
) -> tuple[Promises | None, Balance | None, str]:
    """Promises and balance, where there are measures; else why there is nothing to say of them."""
    from hnforecast.assumptions import list_vintages
    from hnforecast.engine.forecast import load_project
    from hnforecast.questions.brief.balance import balance_by, standing
    from hnforecast.questions.brief.promises import match_promises

    vintage = now.vintage
    if not vintage.measures:
        return None, None, (
            f"Vintage {vintage.name} has no measures, so nothing was promised and nothing can be mixed: write one in "
            f"assumptions/measures/{vintage.name}/ and list it in a scenario. {standing(now, by, draws)}"
        )  # fmt: skip
    known_name(f"scenario of vintage {vintage.name}", scenario, vintage.scenarios)
    if vintage.scenarios[scenario].measures == ():
        raise UsageError(Problem("HN526", "This scenario has no measures", found=scenario, do="Choose another."))
    names = [summary.name for summary in list_vintages(now.root)]
    earlier = plan or vintage.manifest.supersedes
    if plan is not None:
        known_name("vintage", plan, [name for name in names if name != vintage.name])
    promises = None
    if earlier in names and earlier is not None:
        before = load_project(now.root, earlier)
        known_name(f"scenario of vintage {earlier}", scenario, before.vintage.scenarios)
        promises = match_promises(before, now, scenario, draws)
    return promises, balance_by(now, scenario, by, draws), "There is no earlier vintage with which to compare promises."
