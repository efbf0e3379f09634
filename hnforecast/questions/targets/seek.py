"""Goal seek: the move of one lever that meets a goal, found on lanes, then run anew with every draw and corrected."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.errors import Place, Problem, UsageError
from hnforecast.engine.records import Forecast
from hnforecast.questions.targets.goals import Goal, chance
from hnforecast.questions.targets.levers import Lever
from hnforecast.questions.targets.response import Response
from hnforecast.questions.targets.trials import Trials, single

SCAN = 17  # moves tried at once over the whole range, so that a lever that turns back is seen
CLOSE = 20_000.0  # pounds either side of a goal that a run anew is taken to meet it by
MOST_RUNS = 4
STILL = 1_000.0  # pounds that a lever must move the goal by to be one

Score = Callable[[FloatArray], FloatArray]  # (lane,) moves -> (lane,) pounds the goal is met by


@dataclass(frozen=True)
class Search:
    """What the search found on lanes.

    Args:
        moves, scores: the range tried and how far the goal is met at each, pounds.
        move: the move that meets the goal nearest to where the lever stands; None where none does.
        crossings: how often the goal changes hands over the range.
    """

    moves: FloatArray
    scores: FloatArray
    move: float | None
    crossings: int

    @property
    def best(self) -> float:
        """The move that comes nearest to the goal, or meets it by most."""
        return float(self.moves[int(np.argmax(self.scores))])

    @property
    def reach(self) -> float:
        """Pounds between the best and the worst of the range."""
        return float(np.ptp(self.scores))


@dataclass(frozen=True)
class Answer:
    """What moving one lever can do for a goal.

    Args:
        lever, goal: what was asked.
        search: on lanes.
        found: the search's own value, before any correction; the best within reach where the goal is not.
        move: the answer, corrected until the run anew meets the goal.
        before: pounds the goal is met by as things stand (negative: short of it).
        expected: what the search expects at `move`; `score` what the run anew gives.
        chance_before, chance_after: share of draws that meet the goal; None for the central run alone.
        met: whether the run anew meets the goal.
        already: whether the goal is met without moving anything.
        runs: whole forecasts run anew.
        seconds: of the search, and of the runs anew.
        forecast: run anew at `move`; `before_forecast` as things stand.
    """

    lever: Lever
    goal: Goal
    search: Search
    found: float
    move: float
    before: float
    expected: float
    score: float
    chance_before: float | None
    chance_after: float | None
    met: bool
    already: bool
    runs: int
    seconds: tuple[float, float]
    forecast: Forecast
    before_forecast: Forecast

    @property
    def flat(self) -> bool:
        """Whether the lever does nothing for the goal."""
        return self.search.reach < STILL


def seek(trials: Trials, lever: Lever, goal: Goal) -> Answer:
    """Find the least move of a lever that meets a goal.

    Args:
        trials: the scenario, with draws where the goal has a probability.

    Raises:
        AssumptionError: the answer puts a value where the vintage does not allow it.
        UsageError: the lever was already set by an override.
    """
    check_free(trials, lever)
    begun = time.perf_counter()
    score = scorer(trials, lever, goal)
    found = search(score, lever)
    if isinstance(score, Response) and found.move is not None:
        score.add([found.move])
        found = search(score, lever)
    asked = found.move if found.move is not None else lever.start if found.reach < STILL else found.best
    searched = time.perf_counter() - begun
    begun = time.perf_counter()
    before = goal.margins(trials.forecast, drawn=goal.probability is not None)
    already = goal.score(before) >= 0.0
    if already:
        asked, move, forecast, runs = lever.start, lever.start, trials.forecast, 0
    else:
        move, forecast, runs = _corrected(trials, lever, goal, score, asked, reachable=found.move is not None)
    after = goal.margins(forecast, drawn=goal.probability is not None)
    drawn = trials.draws > 1
    expected = float(score(np.array([move]))[0])
    return Answer(
        lever, goal, found, asked, move, goal.score(before), expected, goal.score(after),
        chance(goal.margins(trials.forecast, drawn=True)) if drawn else None,
        chance(goal.margins(forecast, drawn=True)) if drawn else None,
        goal.score(after) >= -CLOSE, already, runs, (searched, time.perf_counter() - begun), forecast, trials.forecast,
    )  # fmt: skip


def check_free(trials: Trials, lever: Lever) -> None:
    """Refuse a lever that an override has set already: it would move from two places.

    Raises:
        UsageError: one has.
    """
    same = [path for path in trials.base if f"{path}.".startswith(f"{lever.path}.")]
    if same:
        what = "the lever is set on the command line as well"
        raise UsageError(Problem("HN538", what, Place(path=same[0]), do="Take one of the two away."))


def scorer(trials: Trials, lever: Lever, goal: Goal) -> Score:
    """Pounds that a goal is met by at moves of a lever: exact for the central run, by response over draws."""
    years = trials.years.index(goal.year) + 1
    weights = goal.weights(trials.years[:years])
    if goal.probability is None:
        stands = float(goal.margins(trials.forecast, drawn=False)[0])
        base = float(trials.central({}, years)[0] @ weights)
        if not trials.carries(lever) and lever.moves_by != "amount":  # each move is a run of its own: a few, and lines
            nodes = np.unique([lever.low, lever.start, lever.high])
            effects = trials.central(single(lever, nodes), years) @ weights - base
            return lambda moves: stands + np.interp(moves, nodes, effects)

        def central(moves: FloatArray) -> FloatArray:
            score: FloatArray = stands + trials.central(single(lever, moves), years) @ weights - base
            return score

        return central
    return Response(trials, lever, goal)


def search(score: Score, lever: Lever) -> Search:
    """Scan the range, then narrow the crossing nearest to where the lever stands."""
    spread = np.linspace(lever.low, lever.high, SCAN - 1)
    apart = np.abs(spread - lever.start) > 1e-9 * (lever.high - lever.low)
    moves = np.sort(np.append(spread[apart], lever.start))
    scores = score(moves)
    met = scores >= 0
    turns = np.nonzero(met[1:] != met[:-1])[0]
    if not turns.size:
        inside = float(lever.start) if met.all() else None
        return Search(moves, scores, inside, 0)
    middle = 0.5 * (moves[turns] + moves[turns + 1])
    nearest = int(turns[np.argmin(np.abs(middle - lever.start))])
    low, high = float(moves[nearest]), float(moves[nearest + 1])
    for _ in range(2):
        inner = np.linspace(low, high, SCAN)
        values = score(inner)
        turn = np.nonzero((values >= 0)[1:] != (values >= 0)[:-1])[0]
        if not turn.size:
            break
        at = int(turn[0])
        low, high, ends = float(inner[at]), float(inner[at + 1]), values[at : at + 2]
    else:
        share = float(ends[0] / (ends[0] - ends[1]))
        return Search(moves, scores, low + share * (high - low), len(turns))
    return Search(moves, scores, 0.5 * (low + high), len(turns))


def _corrected(
    trials: Trials, lever: Lever, goal: Goal, score: Score, asked: float, reachable: bool
) -> tuple[float, Forecast, int]:
    """The move run anew, and moved on by what the run fell short of what was expected of it, until it meets the goal.

    The response's slope is right to a few per cent, so each run anew leaves a few per cent of the gap before it.
    """
    move, runs = tidy(asked), 0
    step = 1e-3 * (lever.high - lever.low)
    tried: list[tuple[float, float]] = []
    while True:
        forecast = trials.again(lever.overrides(move) if move != lever.start else {})
        runs += 1
        gap = goal.score(goal.margins(forecast, drawn=goal.probability is not None))
        tried.append((move, gap))
        if not reachable or abs(gap) <= CLOSE or runs == MOST_RUNS:
            return move, forecast, runs
        slope = _slope(tried) or float(np.diff(score(np.array([move - step, move + step])))[0] / (2.0 * step))
        if slope == 0.0:
            return move, forecast, runs
        onwards = tidy(float(np.clip(move - gap / slope, lever.low, lever.high)))
        if onwards == move:
            return move, forecast, runs
        move = onwards


def tidy(move: float) -> float:
    """A move that a person can type: six figures of it."""
    return float(f"{move:.6g}")


def _slope(tried: list[tuple[float, float]]) -> float | None:
    """Pounds for a move, from the last two runs anew."""
    if len(tried) < 2 or tried[-1][0] == tried[-2][0]:
        return None
    (before, was), (after, now) = tried[-2:]
    return (now - was) / (after - before) or None
