"""Options scored and ranked by stated weights, and how far the ranking hangs on the weights.

A score is the weighted sum of criteria scored 0 to 1 on scales fixed beforehand, so an option's score does not depend
on which others are compared: adding one, dominated or not, changes no other score and swaps no two. A criterion that is
blank for any option is left out for all, its weight shared over the rest of its group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise
from math import comb

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.engine.records import Forecast
from hnforecast.questions.weigh.figures import Figure, figures_of
from hnforecast.questions.weigh.weights import Weights

TIE, JUST_BEYOND = 1e-9, 1e-6
FINEST, MOST_POINTS = 20, 60_000


@dataclass(frozen=True)
class Switch:
    """Where a criterion's weight makes another option lead, the other weights kept in proportion.

    Args:
        criterion: its name.
        weight: as it stands.
        at: the nearest weight at which the lead changes; NaN where none from 0 to 1 does.
        leader: who leads beyond it; empty where nobody does.
    """

    criterion: str
    weight: float
    at: float
    leader: str


@dataclass(frozen=True)
class Standing:
    """Where an option stands over every set of weights: best and worst rank, the share of sets in which it leads."""

    best: int
    worst: int
    leads: float


@dataclass(frozen=True)
class Weighing:
    """Options weighed.

    Args:
        year: first calendar year of the financial year they are weighed at.
        options: names; figures by option and criterion.
        criteria: those that count, in order; left_out the others with the reason.
        weights: (criterion,) of those that count, sum 1.
        scores: (option, criterion), 0 to 1.
        total: (option,), 0 to 1; ranks with ties sharing the better rank.
        switches: one a criterion.
        standings: by option, over a grid of weights with `points` points, each weight a multiple of 1 / `steps`.
        dominated: option -> one that is no worse in any figure and better in one.
    """

    year: int
    options: tuple[str, ...]
    figures: Mapping[str, Mapping[str, Figure]]
    criteria: tuple[str, ...]
    left_out: Mapping[str, str]
    weights: FloatArray
    scores: FloatArray
    total: FloatArray
    ranks: tuple[int, ...]
    switches: tuple[Switch, ...]
    standings: tuple[Standing, ...]
    points: int
    steps: int
    dominated: Mapping[str, str]


def weigh(forecasts: Sequence[Forecast], weights: Weights, year: int) -> Weighing:
    """Weigh scenarios against each other.

    Args:
        forecasts: one an option.
        weights: criteria with their weights and scales.
        year: first calendar year of the financial year at which they are compared.
    """
    figures = {forecast.scenario.name: figures_of(forecast, year, weights.criteria) for forecast in forecasts}
    return weigh_figures(figures, weights, year)


def weigh_figures(figures: Mapping[str, Mapping[str, Figure]], weights: Weights, year: int) -> Weighing:
    """Weigh options whose figures are known."""
    options = tuple(figures)
    left_out = {
        name: next(figures[option][name].reason for option in options if np.isnan(figures[option][name].value))
        for name in weights.criteria
        if any(np.isnan(figures[option][name].value) for option in options)
    }
    names = [name for name in weights.criteria if name not in left_out]
    shares = weights.shares(names)
    scores = np.array(
        [[weights.criteria[name].score(figures[option][name].value) for name in names] for option in options]
    ).reshape(len(options), len(names))
    total = scores @ shares
    grid, steps = simplex(len(names))
    return Weighing(
        year=year,
        options=options,
        figures=figures,
        criteria=tuple(names),
        left_out=left_out,
        weights=shares,
        scores=scores,
        total=total,
        ranks=tuple(int(rank) for rank in rank_of(total[None])[0]),
        switches=tuple(_switch(c, names[c], scores, shares, options) for c in range(len(names))),
        standings=_standings(scores, grid),
        points=len(grid),
        steps=steps,
        dominated=_dominated(figures, weights, names),
    )


def rank_of(total: FloatArray) -> FloatArray:
    """(set, option) ranks of scores (set, option), 1 the highest; scores within a billionth share a rank."""
    better = total[:, None, :] > total[:, :, None] + TIE
    ranks: FloatArray = 1.0 + better.sum(axis=2)
    return ranks


@lru_cache(maxsize=4)
def simplex(criteria: int) -> tuple[FloatArray, int]:
    """Every set of weights that are multiples of one over `steps` and sum to 1, (point, criterion), as fine as is few.

    The corners, each criterion alone, are always among them.
    """
    if criteria == 0:
        return np.zeros((1, 0)), 1
    steps = next(n for n in range(FINEST, 0, -1) if comb(n + criteria - 1, criteria - 1) <= MOST_POINTS or n == 1)
    points = np.array(list(_compositions(criteria, steps)), dtype=float) / steps
    return points, steps


def _compositions(parts: int, total: int) -> Iterator[list[int]]:
    """Every way to write a number as ordered parts of nought or more."""
    for bars in combinations(range(total + parts - 1), parts - 1):
        edges = (-1, *bars, total + parts - 1)
        yield [after - before - 1 for before, after in pairwise(edges)]


def _switch(c: int, name: str, scores: FloatArray, shares: FloatArray, options: tuple[str, ...]) -> Switch:
    """The nearest weight of one criterion at which the lead changes.

    With weight w the score of an option is w x its score here + (1 - w) x its mean over the rest, a straight line in w:
    the lead changes where the leader's line is crossed.
    """
    weight = float(shares[c])
    rest = np.delete(shares, c)
    if not len(rest):
        return Switch(name, weight, np.nan, "")
    others = np.delete(scores, c, axis=1)
    base = others @ (rest / rest.sum()) if rest.sum() > 0 else others.mean(axis=1)
    slope = scores[:, c] - base
    now = base + weight * slope
    leader = int(np.argmax(now))
    crossings: list[tuple[float, float]] = []
    for other in range(len(options)):
        steeper = slope[other] - slope[leader]
        if other == leader or abs(steeper) <= TIE:
            continue
        at = float((base[leader] - base[other]) / steeper)
        if -TIE <= at <= 1 + TIE and abs(at - weight) > TIE:
            crossings.append((abs(at - weight), float(np.clip(at, 0.0, 1.0))))
    for _, at in sorted(crossings):
        beyond = at + (JUST_BEYOND if at > weight else -JUST_BEYOND)
        ahead = int(np.argmax(base + beyond * slope))
        if 0 <= beyond <= 1 and ahead != leader:
            return Switch(name, weight, at, options[ahead])
    return Switch(name, weight, np.nan, "")


def _standings(scores: FloatArray, grid: FloatArray) -> tuple[Standing, ...]:
    ranks = rank_of(grid @ scores.T)
    return tuple(
        Standing(int(ranks[:, o].min()), int(ranks[:, o].max()), float((ranks[:, o] == 1).mean()))
        for o in range(len(scores))
    )


def _dominated(figures: Mapping[str, Mapping[str, Figure]], weights: Weights, names: Sequence[str]) -> dict[str, str]:
    """Options another of which is no worse in any figure and better in one, whatever the scales cut off."""
    way = np.array([1.0 if weights.criteria[name].higher_is_better else -1.0 for name in names])
    better = {option: way * np.array([of[name].value for name in names]) for option, of in figures.items()}
    found: dict[str, str] = {}
    for option, mine in better.items():
        for other, theirs in better.items():
            if other != option and (theirs >= mine).all() and (theirs > mine).any():
                found.setdefault(option, other)
    return found
