"""The best mix of measures for a goal: the cheapest, or the one most sure to be delivered; or the nearest there is.

Deliveries are chosen on a surface (see surface.py), run anew with every draw, and chosen again with what that showed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np

from hnforecast.assumptions import Measure
from hnforecast.axes import FloatArray
from hnforecast.errors import Place, Problem, UsageError
from hnforecast.forecast import Forecast
from hnforecast.target.goals import Goal, chance
from hnforecast.target.levers import Lever
from hnforecast.target.seek import CLOSE, tidy
from hnforecast.target.surface import Option, Surface, closed, costs_of, fit_surface
from hnforecast.target.trials import Trials

Objective = Literal["cheapest", "deliverable"]
OBJECTIVES: tuple[Objective, ...] = ("cheapest", "deliverable")
MOST_MEASURES = 14  # whose every set is looked at
SOLVED = 40  # sets whose deliveries are worked out, the cheapest first
MOST_RUNS = 3
SURE_WEIGHT = 1_000.0  # pounds that a halved chance of delivery is worth between mixes that cost alike
FAINT = 1e-9  # chance below which a delivery is as good as never reached


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
        goal, objective, surface, chosen, _worth(trials, surface, goal, chosen), _cost(options, chosen),
        _cost(options, stands), float(np.exp(log_sure(options, chosen))), float(np.exp(log_sure(options, stands))),
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


def choose(surface: Surface, objective: Objective, wanted: float) -> FloatArray:
    """(m,) deliveries at which the surface has at least the wanted margin, best by the objective.

    Where none has, those at which it is largest.
    """
    sets = _sets(surface.options)
    full = sets * surface.caps
    margins = surface.margin(full)
    enough = np.nonzero(margins >= wanted)[0]
    if not enough.size:
        return _rounded(_largest(surface, full[int(np.argmax(margins))]), surface)
    price = _objective(surface.options, objective)
    bound = np.array([_bound(surface.options, objective, row) for row in sets[enough]])
    best, least = full[enough[0]], np.inf
    for k in np.argsort(bound, kind="stable")[:SOLVED]:
        if bound[k] >= least:
            break
        found = _least(surface, full[enough[k]], price, wanted)
        worth = price(found)
        if worth < least and float(surface.margin(found[None, :])[0]) >= wanted - 1.0:
            best, least = found, worth
    return _rounded(best, surface)


def log_sure(options: tuple[Option, ...], deliveries: FloatArray) -> float:
    """Log of the chance that every measure delivers at least what is asked of it, were they independent."""
    return float(sum(np.log(sure(option.measure, x)) for option, x in zip(options, deliveries, strict=True)))


def sure(measure: Measure, delivery: float) -> float:
    """Chance that a measure delivers at least so much, from its interval; certain where nothing is asked."""
    interval, centre = measure.delivery.interval, measure.delivery.at(0)
    if delivery <= 0 or interval is None:
        return 1.0
    reach = NormalDist().inv_cdf(0.5 + interval.level / 2.0)
    width = (interval.high - centre if delivery > centre else centre - interval.low) / reach
    if width == 0:
        return 1.0 if delivery <= centre else FAINT
    return max(FAINT, 1.0 - NormalDist().cdf((delivery - centre) / width))


def _objective(options: tuple[Option, ...], objective: Objective) -> Callable[[FloatArray], float]:
    if objective == "deliverable":
        return lambda deliveries: -log_sure(options, deliveries)
    return lambda deliveries: _cost(options, deliveries) - SURE_WEIGHT * log_sure(options, deliveries)


def _bound(options: tuple[Option, ...], objective: Objective, members: FloatArray) -> float:
    """The least the objective can be for a set: what it costs to run at all; how few there are to deliver."""
    if objective == "cheapest":
        return float(sum(option.fixed for option, member in zip(options, members, strict=True) if member))
    return float(members.sum() < 0)  # nil for every set: the chance of delivery may always be near certain


def _sets(options: tuple[Option, ...]) -> FloatArray:
    """(set, m) every set of measures that holds all its members need, the largest first."""
    count = len(options)
    every = ((np.arange(2**count)[:, None] >> np.arange(count)) & 1).astype(float)
    whole = np.array([np.array_equal(closed(row, options), row) for row in every])
    kept = every[whole]
    return np.asarray(kept[np.argsort(-kept.sum(axis=1), kind="stable")])


def _least(surface: Surface, start: FloatArray, price: Callable[[FloatArray], float], wanted: float) -> FloatArray:
    """The deliveries of a set at the least price, its members no lower than a twentieth of their caps."""
    from scipy.optimize import minimize

    inside = np.nonzero(start > 0)[0]

    def whole(part: FloatArray) -> FloatArray:
        deliveries = np.zeros(len(start))
        deliveries[inside] = part
        return deliveries

    bounds = [(0.05 * cap, cap) for cap in surface.caps[inside]]
    scale = max(1.0, abs(price(start)))
    found = minimize(
        lambda part: price(whole(part)) / scale, start[inside], bounds=bounds, method="SLSQP",
        constraints=[{"type": "ineq", "fun": lambda part: (surface.margin(whole(part)[None, :])[0] - wanted) / 1e6}],
        options={"maxiter": 60, "ftol": 1e-7},
    )  # fmt: skip
    deliveries = whole(np.clip(found.x, 0.0, surface.caps[inside]))
    return deliveries if price(deliveries) <= price(start) else start.copy()


def _largest(surface: Surface, start: FloatArray) -> FloatArray:
    """The deliveries of a set with the largest margin."""
    from scipy.optimize import minimize

    inside = np.nonzero(start > 0)[0]
    if not inside.size:
        return start

    def short(part: FloatArray) -> float:
        deliveries = np.zeros(len(start))
        deliveries[inside] = part
        return -float(surface.margin(deliveries[None, :])[0]) / 1e6

    bounds = [(0.05 * cap, cap) for cap in surface.caps[inside]]
    found = minimize(short, start[inside], bounds=bounds, method="SLSQP", options={"maxiter": 60})
    deliveries: FloatArray = np.zeros(len(start))
    deliveries[inside] = found.x
    return deliveries if short(found.x) < short(start[inside]) else start


def _rounded(deliveries: FloatArray, surface: Surface) -> FloatArray:
    """Deliveries that a person can type, up rather than down so that the goal is kept."""
    typed = np.array([tidy(float(np.ceil(x * 1e4) / 1e4)) for x in deliveries])
    return np.asarray(np.minimum(typed, surface.caps))


def _overrides(options: tuple[Option, ...], deliveries: FloatArray) -> dict[str, object]:
    return {
        option.lever.path: float(x)
        for option, x in zip(options, deliveries, strict=True)
        if float(x) != option.lever.start
    }


def _cost(options: tuple[Option, ...], deliveries: FloatArray) -> float:
    return float(sum(option.cost(x) for option, x in zip(options, deliveries, strict=True)))


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
