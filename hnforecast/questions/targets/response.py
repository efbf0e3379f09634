"""How every draw responds to a lever: run on a few draws, carried to the rest by what they spend and draw.

The first draws of a scrambled Sobol sequence are spread as evenly as the whole. On them the lever is run at a few moves
through the model; what it does to a draw is then a regression on that draw's spend by row, its funding and its normals,
all of which are known from the pass already made. Between moves it is interpolated in a straight line.
"""

from __future__ import annotations

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.questions.targets.goals import Goal
from hnforecast.questions.targets.levers import Lever
from hnforecast.questions.targets.trials import Trials

SAMPLE = 128  # draws that are run; what that leaves is measured in docs/decisions.md
PULL = 1e-2  # towards nil, of standardised coefficients


class Response:
    """Margins of a goal in every draw at any move of a lever.

    Args:
        trials: with draws.
        lever: moved over its range.
        goal: whose margins are wanted.
    """

    def __init__(self, trials: Trials, lever: Lever, goal: Goal) -> None:
        self.trials, self.lever, self.goal = trials, lever, goal
        self.margins = goal.margins(trials.forecast, drawn=True)
        self.known = known_of_draws(trials, goal.year)
        self.nodes = np.array([lever.start])
        self.effects = np.zeros((1, len(self.margins)))  # (node, d)
        self.add([end for end in (lever.low, lever.high) if end != lever.start])

    def __call__(self, moves: FloatArray) -> FloatArray:
        """(lane,) pounds that the goal is met by at moves of the lever."""
        return np.array([self.goal.score(self.at(float(move))) for move in moves])

    def at(self, move: float) -> FloatArray:
        """(d,) margins at one move."""
        right = int(np.clip(np.searchsorted(self.nodes, move), 1, len(self.nodes) - 1))
        share = (move - self.nodes[right - 1]) / (self.nodes[right] - self.nodes[right - 1])
        margins: FloatArray = self.margins + (1.0 - share) * self.effects[right - 1] + share * self.effects[right]
        return margins

    def add(self, moves: list[float]) -> None:
        """Run the lever at further moves, so that what lies near them is read off more closely."""
        new = [move for move in moves if move not in self.nodes]
        if not new:
            return
        nodes = np.append(self.nodes, new)
        order = np.argsort(nodes)
        self.nodes = nodes[order]
        self.effects = np.concatenate([self.effects, self._effects(np.array(new))])[order]

    def _effects(self, moves: FloatArray) -> FloatArray:
        """(move, d) what each move does to the margin of every draw."""
        years = self.trials.years.index(self.goal.year) + 1
        weights = self.goal.weights(self.trials.years[:years])
        if not self.trials.carries(self.lever):  # an amount, or run through overrides: alike in every draw
            central = self.trials.central({self.lever: np.append(moves, self.lever.start)}, years) @ weights
            return np.repeat((central[:-1] - central[-1])[:, None], len(self.margins), axis=1)
        some = np.arange(min(SAMPLE, len(self.margins)))
        lanes = self.trials.sampled({self.lever: np.repeat(moves, len(some))}, np.tile(some, len(moves)), years)
        stands = positions_ahead(self.trials, years)[some]
        effects: FloatArray = (lanes.reshape(len(moves), len(some), years) - stands) @ weights
        return carried(self.known, effects)


def positions_ahead(trials: Trials, years: int) -> FloatArray:
    """(d, f) in-year positions of the draws in the first forecast years."""
    ensemble, clock = trials.forecast.ensemble, trials.forecast.clock
    if ensemble is None:
        raise ValueError("the forecast has no draws")
    first = clock.first_ahead
    ahead: FloatArray = ensemble.account.in_year[:, first : first + years]
    return ahead


def known_of_draws(trials: Trials, goal_year: int) -> FloatArray:
    """(d, k) what is known of every draw: spend by row and funding up to the year of the goal, and its normals."""
    ensemble, shocks = trials.forecast.ensemble, trials.shocks
    if ensemble is None or shocks is None:
        raise ValueError("the forecast has no draws")
    f = trials.forecast.clock.at(goal_year)
    columns = sorted(set(trials.forecast.scenario.vintage.uncertainty.columns.values()))
    pieces = [ensemble.spend.by_year[:, f], ensemble.funding.by_year[:, f], shocks.normals[:, columns]]
    draws = len(shocks.normals)
    known = np.concatenate([np.broadcast_to(piece, (draws, piece.shape[1])) for piece in pieces], axis=1)
    spread = known.std(axis=0)
    kept = spread > 1e-9 * np.maximum(1.0, np.abs(known).max(axis=0))
    standard: FloatArray = (known[:, kept] - known[:, kept].mean(axis=0)) / spread[kept]
    return np.concatenate([np.ones((len(known), 1)), standard], axis=1)


def carried(known: FloatArray, effects: FloatArray) -> FloatArray:
    """(move, d) effects of every draw, from those of the first draws.

    Args:
        known: (d, k) with a constant first.
        effects: (move, some) of the first draws, which keep theirs.
    """
    some = effects.shape[1]
    if some == len(known):
        return effects
    first = known[:some]
    pull = PULL * some * np.eye(known.shape[1])
    pull[0, 0] = 0.0
    coefficients = np.linalg.solve(first.T @ first + pull, first.T @ effects.T)
    everywhere: FloatArray = (known @ coefficients).T
    everywhere[:, :some] = effects
    return everywhere
