"""Switching values: where a lever, alone, turns in-year balance or the agreement from missed to met, or back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.questions.targets.goals import Goal
from hnforecast.questions.targets.levers import Lever, all_levers
from hnforecast.questions.targets.seek import SCAN, STILL, Search, search
from hnforecast.questions.targets.trials import Moves, Trials


@dataclass(frozen=True)
class Switch:
    """One lever against one goal.

    Args:
        lever, goal: which; central values otherwise.
        move: the move at which the goal changes hands nearest to where the lever stands; None within plausible bounds.
        met_now: whether the goal is met as things stand.
        margin_now, margin_best: pounds the goal is met by now, and at the end of the range that is best for it.
        inert: whether the lever does nothing for the goal.
    """

    lever: Lever
    goal: Goal
    move: float | None
    met_now: bool
    margin_now: float
    margin_best: float
    inert: bool


def switching_values(trials: Trials, goals: list[Goal], levers: list[Lever] | None = None) -> list[Switch]:
    """The switching value of every lever for every goal, in the central run.

    All levers are scanned over their whole range in one pass; only those that change a goal's hands are followed.

    Args:
        goals: without a probability.
        levers: those of the vintage's list but sizes of effects by default.
    """
    vintage = trials.forecast.scenario.vintage
    if levers is None:
        every = all_levers(trials.project.root, vintage, trials.years)
        levers = [lever for lever in every if not lever.path.endswith(".change")]
    levers = [lever for lever in levers if trials.carries(lever) or lever.moves_by == "amount"]
    years = max(trials.years.index(goal.year) for goal in goals) + 1
    positions = _scanned(trials, levers, years)
    found: list[Switch] = []
    for goal in goals:
        weights = np.zeros(years)
        count = trials.years.index(goal.year) + 1
        weights[:count] = goal.weights(trials.years[:count])
        now = float(goal.margins(trials.forecast, drawn=False)[0])
        for lever, lanes in zip(levers, positions, strict=True):
            scores = now + (lanes[:-1] - lanes[-1]) @ weights
            found.append(_switch(trials, lever, goal, scores, now, weights))
    return found


def scan_moves(lever: Lever) -> FloatArray:
    """(SCAN,) moves over the range of a lever."""
    return np.linspace(lever.low, lever.high, SCAN)


def _scanned(trials: Trials, levers: list[Lever], years: int) -> FloatArray:
    """(lever, SCAN + 1, f) in-year positions over each lever's range, the last with none moved."""
    size = len(levers) * SCAN + 1
    moves: dict[Lever, FloatArray] = {}
    for i, lever in enumerate(levers):
        lane = np.full(size, lever.start)
        lane[i * SCAN : (i + 1) * SCAN] = scan_moves(lever)
        moves[lever] = lane
    lanes = trials.central(moves, years)
    each = lanes[:-1].reshape(len(levers), SCAN, years)
    return np.concatenate([each, np.broadcast_to(lanes[-1], (len(levers), 1, years))], axis=1)


def _switch(trials: Trials, lever: Lever, goal: Goal, scores: FloatArray, now: float, weights: FloatArray) -> Switch:
    best = float(scores.max())
    if np.ptp(scores) < STILL:
        return Switch(lever, goal, None, now >= 0, now, best, inert=True)
    move = None
    if scores.min() < 0 <= scores.max():
        base = float(trials.central({}, len(weights))[0] @ weights)

        def score(moves: FloatArray) -> FloatArray:
            one: Moves = {lever: moves}
            found: FloatArray = now + trials.central(one, len(weights)) @ weights - base
            return found

        narrowed: Search = search(score, lever)
        move = narrowed.move if narrowed.crossings else None
    return Switch(lever, goal, move, now >= 0, now, best, inert=False)
