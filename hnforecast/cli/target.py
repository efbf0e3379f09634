"""`hnforecast target`: the value of one lever, or the mix of measures, that brings balance or the agreed profile."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hnforecast.base.errors import Problem, UsageError
from hnforecast.cli.options import answer_options, deliver, draws_option, read_settings
from hnforecast.cli.project import common_options, find_project, plan_or, vintage_option
from hnforecast.cli.screen import show_notices
from hnforecast.engine.draws.sobol import MOST_DRAWS

if TYPE_CHECKING:
    from hnforecast.questions.targets import Goal, Trials
    from hnforecast.writing.answer import Answer


@dataclass(frozen=True)
class _Asked:
    """What was asked, as the options below name it."""

    lever: str | None
    goal: str
    by: str | None
    probability: float | None
    scenario: str | None
    low: float | None
    high: float | None
    mix: str | None
    cap: float
    extra: tuple[str, ...]
    listed: bool
    draws: int
    settings: tuple[str, ...]
    out: Path | None
    as_json: bool
    vintage: str | None
    project: Path | None
    debug: bool


@click.command(epilog="Example: hnforecast target funding_growth --goal balance --by 2029-30 --probability 0.5")
@click.argument("lever", required=False)
@click.option("--goal", default="balance", show_default=True, help="balance (in-year) or profile (as agreed).")
@click.option("--by", metavar="YEAR", help="Financial year of the goal; the last there is by default.")
@click.option(
    "--probability", type=float, metavar="SHARE", help="Chance asked for, such as 0.8; without it, centrally."
)
@click.option("--scenario", metavar="NAME", help="What is moved from; mitigated by default.")
@click.option("--low", type=float, help="Lowest move allowed, in place of the list's.")
@click.option("--high", type=float, help="Highest move allowed, in place of the list's.")
@click.option("--mix", metavar="OBJECTIVE", help="Mix the measures instead: cheapest or deliverable.")
@click.option("--cap", type=float, default=1.0, show_default=True, help="With --mix: most of a measure delivered.")
@click.option("--with", "extra", multiple=True, metavar="LEVER", help="With --mix: levers that may close the rest.")
@click.option("--levers", "listed", is_flag=True, help="List the levers of the vintage and their bounds.")
@draws_option("Draws of uncertain values; 1 for the central run alone.", MOST_DRAWS)
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="Change a value first; may be repeated.")
@answer_options("Folder for the page (Markdown) and the tables.", "Print the answer as JSON.")
@vintage_option
@common_options
def target(**options: Any) -> None:
    """Find the value of LEVER, a path or a short name, that meets a goal; or, with --mix, the best mix of measures.

    Says how near it comes, and why, where none does. The answer is run anew with every draw before it is shown.
    """
    from hnforecast.questions.targets import find_lever, make_goal, seek
    from hnforecast.questions.targets.page import answer_target

    asked = _Asked(**options)
    trials = _central(asked.project, asked.vintage, asked.scenario, asked.settings)
    if asked.mix is not None:
        goal = make_goal(trials.forecast, asked.goal, asked.by, asked.probability)
        deliver(_mix(trials, asked, goal), asked.out, asked.as_json)
        return
    if asked.listed or asked.lever is None:
        click.echo(_levers(trials), nl=False)
        return
    goal = make_goal(trials.forecast, asked.goal, asked.by, asked.probability)
    vintage = trials.forecast.scenario.vintage
    lever = find_lever(trials.project.root, vintage, asked.lever, trials.years, asked.low, asked.high)
    found = seek(_with_draws(trials, asked.draws, asked.probability), lever, goal)
    deliver(answer_target(found), asked.out, asked.as_json)


def _mix(trials: Trials, asked: _Asked, goal: Goal) -> Answer:
    """The best mix, and what would close the rest."""
    from hnforecast.questions.targets import best_mix, close_rest, find_lever
    from hnforecast.questions.targets.choice import OBJECTIVES
    from hnforecast.questions.targets.mix import mix_options
    from hnforecast.questions.targets.mix_page import answer_mix

    chosen = next((one for one in OBJECTIVES if one == asked.mix), None)
    if chosen is None or asked.lever is not None:
        found = asked.mix if chosen is None else f"{asked.lever} --mix {asked.mix}"
        what = "a mix takes an objective, and no lever"
        raise UsageError(Problem("HN540", what, found=found or "", expected=f"--mix {' or '.join(OBJECTIVES)}"))
    vintage = trials.forecast.scenario.vintage
    levers = [find_lever(trials.project.root, vintage, name, trials.years) for name in asked.extra] or None
    mix_options(trials, goal, asked.cap)
    trials = _with_draws(trials, asked.draws, goal.probability)
    mix = best_mix(trials, goal, chosen, asked.cap)
    return answer_mix(mix, None if mix.met else close_rest(trials, mix, levers))


def _central(project: Path | None, vintage: str | None, scenario: str | None, settings: tuple[str, ...]) -> Trials:
    """The central run: what was asked is checked on it before any draw is made."""
    from hnforecast.engine.forecast import load_project
    from hnforecast.questions.targets import make_trials

    loaded = load_project(find_project(project), vintage)
    show_notices(loaded.vintage.notices)
    return make_trials(loaded, plan_or(loaded.vintage, scenario), overrides=read_settings(settings))


def _with_draws(trials: Trials, draws: int, probability: float | None) -> Trials:
    """The same with every draw.

    Raises:
        UsageError: a chance is asked of the central run alone.
    """
    from hnforecast.questions.targets import make_trials

    if draws > 1:
        return make_trials(trials.project, trials.scenario_name, overrides=trials.base, draws=draws)
    if probability is not None:
        raise UsageError(
            Problem("HN537", "a chance needs draws", found="--draws 1", expected="a power of two such as 8192")
        )
    return trials


def _levers(trials: Trials) -> str:
    from hnforecast.questions.targets import all_levers
    from hnforecast.questions.targets.words import move_text
    from hnforecast.writing.terminal import listing

    rows = [
        (lever.name, f"{lever.label}. {move_text(lever, lever.low)} to {move_text(lever, lever.high)}")
        for lever in all_levers(trials.project.root, trials.forecast.scenario.vintage, trials.years)
    ]
    return listing(("lever", "what it moves, and how far"), rows)
