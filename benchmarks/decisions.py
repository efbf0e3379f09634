"""Goal seek, mix of measures and tornado at 8,192 draws, against running the forecast anew for every value tried.

The base forecast is made first and not counted; the search is what is promised, the run anew that proves it is beside.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from benchmarks.result import ROOT, Result
from hnforecast.engine.forecast import load_project
from hnforecast.engine.records import Project
from hnforecast.questions.sensitivity import Quantity, run_settlements, switching_values, tornado, variance_shares
from hnforecast.questions.targets import Goal, Lever, Trials, best_mix, find_lever, make_goal, make_trials
from hnforecast.questions.targets.response import Response
from hnforecast.questions.targets.seek import Search, scorer, search

DRAWS = 8192
BY = "2029-30"
SEEK_SECONDS, MIX_SECONDS, TORNADO_SECONDS = 0.3, 10.0, 1.0
MEASURES = 6
TRIES = 5
Found = TypeVar("Found")


def benchmarks() -> Iterator[Result]:
    """Yield each, with the time of doing the same by running anew."""
    project = load_project(ROOT)
    trials = make_trials(project, "mitigated", draws=DRAWS)
    anew, _ = _timed(lambda: trials.again({}), 2)
    central, _ = _timed(lambda: trials.again({}, draws=1), TRIES)
    yield Result("forecast of one scenario run anew, 8,192 draws", anew, "s")
    for name in ("new_plan_rate", "funding_growth"):
        lever = find_lever(ROOT, trials.forecast.scenario.vintage, name, trials.years)
        for probability in (None, 0.3):
            goal = make_goal(trials.forecast, "balance", BY, probability)
            seconds, _ = _timed(lambda lever=lever, goal=goal: seek_once(trials, lever, goal), TRIES)  # type: ignore[misc]
            plain = central if probability is None else anew
            what = f"goal seek, {name}, {'central' if probability is None else 'a chance of 30%'}"
            yield Result(what, seconds, "s", SEEK_SECONDS, plain, "one value run anew")
    quantity = Quantity("in_year", trials.years[4])
    seconds, bars = _timed(lambda: tornado(trials, quantity), TRIES)
    yield Result(
        f"tornado of {len(bars)} drivers",
        seconds,
        "s",
        TORNADO_SECONDS,
        2 * len(bars) * central,
        f"{2 * len(bars)} runs anew",
    )
    seconds, _ = _timed(lambda: switching_values(trials, [make_goal(trials.forecast, "balance", BY, None)]), TRIES)
    yield Result("switching values of every lever", seconds, "s")
    seconds, _ = _timed(lambda: variance_shares(trials, quantity), 3)
    yield Result("shares of variance", seconds, "s")
    seconds, _ = _timed(lambda: run_settlements(trials), 3)
    yield Result("settlements", seconds, "s")
    six = make_trials(with_measures(project, MEASURES), "mitigated", draws=DRAWS)
    for probability in (None, 0.5):
        goal = make_goal(six.forecast, "balance", BY, probability)
        seconds, mix = _timed(lambda goal=goal: best_mix(six, goal, "cheapest"), 1)  # type: ignore[misc]
        what = f"mix of six measures, {'central' if probability is None else 'a chance of 50%'}, {mix.runs} run anew"
        yield Result(what, seconds, "s", MIX_SECONDS, 2**MEASURES * anew, f"{2**MEASURES} sets run anew")
        yield Result("  of which choosing it", mix.seconds[0], "s")


def seek_once(trials: Trials, lever: Lever, goal: Goal) -> Search:
    """The search of `seek`, without the run anew that proves it."""
    score = scorer(trials, lever, goal)
    found = search(score, lever)
    if isinstance(score, Response) and found.move is not None:
        score.add([found.move])
        found = search(score, lever)
    return found


def with_measures(project: Project, count: int) -> Project:
    """The project with so many measures in its scenarios."""
    vintage = project.vintage
    names = tuple(list(vintage.measures)[:count])
    scenarios = {
        name: spec if spec.measures == () else spec.model_copy(update={"measures": names})
        for name, spec in vintage.scenarios.items()
    }
    return replace(project, vintage=replace(vintage, scenarios=scenarios))


def _timed(action: Callable[[], Found], tries: int) -> tuple[float, Found]:
    """The shortest time of several tries, and what the last of them gave."""
    times, found = [], None
    for _ in range(tries):
        start = time.perf_counter()
        found = action()
        times.append(time.perf_counter() - start)
    if found is None:
        raise ValueError("nothing was measured")
    return min(times), found
