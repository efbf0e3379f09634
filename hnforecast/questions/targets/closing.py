"""What would close the rest: levers beyond the measures, each alone and all together, with the best mix in place."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.engine.records import Forecast
from hnforecast.questions.targets.goals import chance
from hnforecast.questions.targets.levers import Lever, all_levers
from hnforecast.questions.targets.mix import Mix
from hnforecast.questions.targets.seek import CLOSE, Search, search, tidy
from hnforecast.questions.targets.trials import Moves, Trials, make_trials, single, together

STEPS = 33
MOST_RUNS = 4


@dataclass(frozen=True)
class Closing:
    """Levers that may close what a mix leaves.

    Args:
        alone: each lever with its search: the move that closes the rest by itself, or how near it comes.
        moves: each lever's move where all go the same share of the way to their better bound.
        share: of the way; 1 where even the bounds do not close it.
        score, met: run anew with the mix and every lever so moved.
        chance_after: share of draws that then meet the goal; None for the central run alone.
        forecast: of that run; `runs` how many it took.
    """

    alone: tuple[tuple[Lever, Search], ...]
    moves: tuple[tuple[Lever, float], ...]
    share: float
    score: float
    met: bool
    chance_after: float | None
    forecast: Forecast
    runs: int


def close_rest(trials: Trials, mix: Mix, levers: list[Lever] | None = None) -> Closing | None:
    """Look for what closes the rest of a goal that a mix leaves.

    Args:
        trials: that the mix was made of.
        levers: to be moved; those of the list that may close a gap by default.

    Returns:
        None where there is no lever that helps.
    """
    goal = mix.goal
    placed = make_trials(
        trials.project, trials.scenario_name, horizon=trials.horizon,
        overrides={**trials.base, **mix.overrides}, seed=trials.seed,
    )  # fmt: skip
    if levers is None:
        levers = closing_levers(trials)
    centrally = replace(goal, probability=None)
    shift = mix.score - float(goal.margins(placed.forecast, drawn=False)[0])
    years = trials.years.index(goal.year) + 1
    weights = goal.weights(trials.years[:years])
    base = float(placed.central({}, years)[0] @ weights)
    stands = float(centrally.margins(placed.forecast, drawn=False)[0])

    def scores(moves: Moves) -> FloatArray:
        found: FloatArray = stands + shift + placed.central(moves, years) @ weights - base
        return found

    alone = tuple((lever, search(lambda moves, lever=lever: scores(single(lever, moves)), lever)) for lever in levers)  # type: ignore[misc]
    helping = [(lever, found.best) for lever, found in alone if found.best != lever.start]
    if not helping:
        return None
    shares = np.linspace(0.0, 1.0, STEPS)
    ray = scores({lever: lever.start + shares * (best - lever.start) for lever, best in helping})
    share = float(shares[-1])
    if ray[-1] >= 0:
        first = int(np.nonzero(ray >= 0)[0][0])
        share = float(np.interp(0.0, ray[max(0, first - 1) : first + 1], shares[max(0, first - 1) : first + 1]))
    return _run(trials, mix, alone, helping, share, np.stack([shares, ray]))


def closing_levers(trials: Trials) -> list[Lever]:
    """The levers of the list that may close a gap, less a transfer that a measure of the scenario brings already."""
    scenario = trials.forecast.scenario
    moved = any(effect.driver == "block_transfer" for measure in scenario.measures for effect in measure.effects)
    levers = all_levers(trials.project.root, scenario.vintage, trials.years, closing_only=True)
    levers = [lever for lever in levers if not any(path.startswith(lever.path) for path in trials.base)]
    return [lever for lever in levers if not (moved and lever.moves_by == "amount")]


def _run(
    trials: Trials,
    mix: Mix,
    alone: tuple[tuple[Lever, Search], ...],
    helping: list[tuple[Lever, float]],
    share: float,
    ray: FloatArray,
) -> Closing:
    """The mix and every lever a share of the way, run anew and moved on until the goal is met."""
    goal, runs = mix.goal, 0
    drawn = goal.probability is not None
    slope = float(np.gradient(ray[1], ray[0])[int(np.argmin(np.abs(ray[0] - share)))])
    tried: list[tuple[float, float]] = []
    while True:
        moves = tuple((lever, tidy(lever.start + share * (best - lever.start))) for lever, best in helping)
        set_to = together({lever: np.array([move]) for lever, move in moves})
        forecast = trials.again({**mix.overrides, **set_to})
        runs += 1
        score = goal.score(goal.margins(forecast, drawn))
        tried.append((share, score))
        reached = abs(score) <= CLOSE or (share == 1.0 and score < 0)
        if reached or runs == MOST_RUNS or slope == 0.0:
            break
        if len(tried) > 1 and tried[-1][0] != tried[-2][0]:
            slope = (tried[-1][1] - tried[-2][1]) / (tried[-1][0] - tried[-2][0])
        share = float(np.clip(share - score / slope, 0.0, 1.0))
        if share == tried[-1][0]:
            break
    after = chance(goal.margins(forecast, drawn=True)) if trials.draws > 1 else None
    return Closing(alone, moves, share, score, score >= -CLOSE, after, forecast, runs)
