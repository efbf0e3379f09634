"""The best mix of measures for a goal: the cheapest, or the one most sure to be delivered; or the nearest there is.

Deliveries are chosen on a surface (see surface.py), run anew with every draw, and chosen again with what that showed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.errors import Place, Problem, UsageError
from hnforecast.engine.records import Forecast
from hnforecast.questions.targets.choice import Objective, choose, cost_of, log_sure
from hnforecast.questions.targets.goals import Goal, chance
from hnforecast.questions.targets.levers import Lever
from hnforecast.questions.targets.seek import CLOSE
from hnforecast.questions.targets.surface import Option, Surface, closed, costs_of, fit_surface
from hnforecast.questions.targets.trials import Trials

MOST_MEASURES = 14  # whose every set is looked at
MOST_RUNS = 3


@dataclass(frozen=True)
class Mix:
    """What a mix of measures can do for a goal.

    Args:
        goal, objective: what was asked.
        surface: on which deliveries were chosen.
        deliveries: (m,) chosen.
        worth: (m,) pounds that the margin loses without each measure and what needs it, the others as chosen; of one
            that is left out, what it would add at its cap.
        cost: pounds found to the goal's year, on any budget; `cost_now` as the scenario delivers now.
        sure: chance that every measure delivers at least what is asked, were they independent; `sure_now` as it stands.
        before, expected, score: margin as it stands, on the surface, and run anew.
        chance_before, chance_after: share of draws that meet the goal; None for the central run alone.
        met: whether the run anew meets the goal.
        runs, seconds: whole runs anew, and seconds of choosing and of running.
        forecast: run anew; `before_forecast` as things stand.
    """

    goal: Goal
    objective: Objective
    surface: Surface
    deliveries: FloatArray
    worth: FloatArray
    cost: float
    cost_now: float
    sure: float
    sure_now: float
    before: float
    expected: float
    score: float
    chance_before: float | None
    chance_after: float | None
    met: bool
    runs: int
    seconds: tuple[float, float]
    forecast: Forecast
    before_forecast: Forecast

    @property
    def overrides(self) -> dict[str, object]:
        """The mix as overrides."""
        return _overrides(self.surface.options, self.deliveries)


def best_mix(trials: Trials, goal: Goal, objective: Objective, cap: float = 1.0) -> Mix:
    """Choose deliveries of the scenario's measures.

    Args:
        trials: with draws where the goal has a probability.
        cap: most of a measure that may be delivered; 1 is all of it.

    Raises:
        UsageError: the scenario has no measures, or more than can be looked at.
    """
    begun = time.perf_counter()
    options = mix_options(trials, goal, cap)
    surface = fit_surface(trials, options, goal)
    drawn = goal.probability is not None
    before = goal.score(goal.margins(trials.forecast, drawn))
    shift = before - surface.stands  # what the wanted chance asks beyond the central run
    chosen = choose(surface, objective, -shift)
    choosing = time.perf_counter() - begun
    begun = time.perf_counter()
    runs = 0
    while True:
        forecast = trials.again(_overrides(options, chosen))
        runs += 1
        expected = float(surface.margin(chosen[None, :])[0]) + shift
        score = goal.score(goal.margins(forecast, drawn))
        if runs == MOST_RUNS or abs(score - expected) <= CLOSE or (expected > CLOSE and score >= 0):
            break
        shift += score - expected
        again = choose(surface, objective, -shift)
        if np.array_equal(again, chosen):
            break
        chosen = again
    stands = np.array([option.stands for option in options])
    return Mix(
        goal, objective, surface, chosen, _worth(trials, surface, goal, chosen), cost_of(options, chosen),
        cost_of(options, stands), float(np.exp(log_sure(options, chosen))), float(np.exp(log_sure(options, stands))),
        before, expected, score,
        chance(goal.margins(trials.forecast, drawn=True)) if trials.draws > 1 else None,
        chance(goal.margins(forecast, drawn=True)) if trials.draws > 1 else None,
        score >= -2 * CLOSE, runs, (choosing, time.perf_counter() - begun), forecast, trials.forecast,
    )  # fmt: skip


def mix_options(trials: Trials, goal: Goal, cap: float) -> tuple[Option, ...]:
    """The measures of a scenario as options of a mix.

    Raises:
        UsageError: there are none, or too many, or the cap is none.
    """
    place = Place(file="command line")
    scenario = trials.forecast.scenario
    if not 0 < cap <= 1.2:
        raise UsageError(
            Problem("HN540", "the most of a measure must be a share", place, f"{cap:g}", "above 0, to 1.2")
        )
    if not scenario.measures:
        do = "Choose a scenario with measures, such as mitigated."
        raise UsageError(Problem("HN539", "the scenario has no measures to mix", place, scenario.name, do=do))
    if len(scenario.measures) > MOST_MEASURES:
        found = str(len(scenario.measures))
        raise UsageError(Problem("HN539", "too many measures to mix", place, found, f"at most {MOST_MEASURES}"))
    names = [measure.name for measure in scenario.measures]
    found_options = []
    for measure in scenario.measures:
        now = measure.delivery.at(0)
        lever = Lever(
            measure.name, measure.delivery.path, "value", 0.0, cap, now, measure.title, "share",
            "All of it" if cap == 1 else "The cap", now,
        )  # fmt: skip
        upkeep, fixed, moved = costs_of(scenario.vintage, measure, trials.years, goal.year)
        needs = tuple(names.index(name) for name in measure.needed if name in names)
        found_options.append(Option(measure, lever, min(now, cap), upkeep, fixed, moved, needs))
    return tuple(found_options)


def _overrides(options: tuple[Option, ...], deliveries: FloatArray) -> dict[str, object]:
    return {
        option.lever.path: float(x)
        for option, x in zip(options, deliveries, strict=True)
        if float(x) != option.lever.start
    }


def _worth(trials: Trials, surface: Surface, goal: Goal, chosen: FloatArray) -> FloatArray:
    """(m,) what the margin loses without each measure: run through the model, one lane each."""
    years = trials.years.index(goal.year) + 1
    count = len(chosen)
    lanes = np.repeat(chosen[None, :], count + 1, axis=0)
    for m in range(count):
        lanes[m, m] = 0.0 if chosen[m] > 0 else surface.caps[m]
        lanes[m] = closed(lanes[m], surface.options)
    moves = {option.lever: lanes[:, m] for m, option in enumerate(surface.options)}
    margins = trials.central(moves, years) @ goal.weights(trials.years[:years])
    worth: FloatArray = np.where(chosen > 0, 1.0, -1.0) * (margins[-1] - margins[:-1])
    return worth
