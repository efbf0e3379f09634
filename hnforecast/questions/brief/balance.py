"""What mix of measures would bring in-year balance by a year, how sure that is, and what would close the rest.

The mix is chosen and run anew by `hnforecast.questions.targets`; this module asks it, and keeps what a page has to say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.assumptions.statutory import flags_of
from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import parse_year
from hnforecast.engine.forecast import run_forecast
from hnforecast.engine.records import Project
from hnforecast.questions.brief.words import chance, position
from hnforecast.questions.targets import Goal, make_goal, make_trials
from hnforecast.questions.targets.closing import Closing, close_rest
from hnforecast.questions.targets.mix import Mix, best_mix

CAP = 1.0  # of a measure that may be delivered: all that its file says, and no more


@dataclass(frozen=True)
class Taken:
    """One measure of a mix.

    Args:
        name, title: of the measure.
        now, chosen: share of it delivered as the plan stands, and in the mix.
        worth: pounds of the goal's year that would be lost without it.
        flagged: statutory duties it looks like working against, in words.
    """

    name: str
    title: str
    now: float
    chosen: float
    worth: float
    flagged: tuple[str, ...]


@dataclass(frozen=True)
class Balance:
    """Whether, and how, balance is reached.

    Args:
        goal: what was asked.
        draws: of every chance below.
        before, after: central in-year position of the goal's year, as the plan stands and with the mix.
        chance_before, chance_after: share of draws in balance; None for the central run alone.
        low, high: p10 and p90 of the position with the mix; None for the central run alone.
        met: whether the mix meets the goal.
        taken: every measure, the most worth first.
        cost: pounds it takes to the goal's year, on any budget.
        sure: chance that each measure delivers at least what the mix asks, were they independent.
        closing: levers that would close what the mix leaves; None where it meets the goal or none helps.
    """

    goal: Goal
    draws: int
    before: float
    after: float
    chance_before: float | None
    chance_after: float | None
    low: float | None
    high: float | None
    met: bool
    taken: tuple[Taken, ...]
    cost: float
    sure: float
    closing: Closing | None


def balance_by(project: Project, scenario: str, by: str, draws: int) -> Balance:
    """The mix that brings in-year balance centrally by a year at least cost, with its chance over draws.

    Args:
        project: the vintage asked of.
        scenario: whose measures may be in the mix.
        by: the financial year as written.

    Raises:
        UsageError: the year is not one of the forecast, or the scenario has no measures.
    """
    trials = make_trials(project, scenario, draws=draws)
    goal = make_goal(trials.forecast, "balance", by, None)
    mix = best_mix(trials, goal, "cheapest", CAP)
    closing = None if mix.met else close_rest(trials, mix)
    low, high = _range(mix, goal)
    taken = [
        Taken(option.measure.name, option.measure.title, option.stands, float(chosen), float(worth),
              tuple(flag.duty for flag in flags_of(option.measure, project.vintage.prices.top_up)))
        for option, chosen, worth in zip(mix.surface.options, mix.deliveries, mix.worth, strict=True)
    ]  # fmt: skip
    return Balance(
        goal=goal,
        draws=draws,
        before=mix.before,
        after=mix.score,
        chance_before=mix.chance_before,
        chance_after=mix.chance_after,
        low=low,
        high=high,
        met=mix.met,
        taken=tuple(sorted(taken, key=lambda one: -one.worth)),
        cost=mix.cost,
        sure=mix.sure,
        closing=closing,
    )


def standing(now: Project, by: str, draws: int) -> str:
    """How far from in-year balance the first scenario stands in a year, where no measure is there to mix."""
    name = next(iter(now.vintage.scenarios))
    made = run_forecast(now, name, draws=draws, savings=False)
    year = parse_year(by)
    if year not in made.clock.financial_years:
        return ""
    f = made.clock.at(year)
    sure = None if made.ensemble is None else float((made.ensemble.account.in_year[:, f] >= 0).mean())
    return (
        f"As {name} stands, the in-year position of {by} is {position(made.account.in_year[0, f])} in the central run, "
        f"chance of balance {chance(sure, draws)}; `hnforecast target LEVER --scenario {name}` says what would change "
        "it."
    )


def _range(mix: Mix, goal: Goal) -> tuple[float | None, float | None]:
    if mix.forecast.ensemble is None:
        return None, None
    margins: FloatArray = goal.margins(mix.forecast, drawn=True)
    low, high = np.quantile(margins, (0.1, 0.9))
    return float(low), float(high)
