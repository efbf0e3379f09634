"""Shares of variance: first and total order Sobol indices of every independent group of drivers, from the draws made.

The quantity is regressed on Hermite polynomials of the normals behind the draws, to the second degree. They are
orthonormal under the normals, so that the squares of the coefficients are parts of the variance (Sudret 2008). Each
square is too large by the variance of its estimate, which is taken off; a share may then come out below nil, and is
shown so. Errors are those of a jackknife over blocks of draws. Drivers that are correlated make one group.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.errors import Place, Problem, UsageError
from hnforecast.engine.ensemble import COST_COLUMN, NOISE_COLUMN, PATH_COLUMNS, PLANS_COLUMN, TAIL_COLUMN
from hnforecast.questions.sensitivity.uncertain import Quantity, uncertain_drivers
from hnforecast.questions.targets.trials import Trials

BLOCKS = 8
DRAWS_A_TERM = 6  # fewer, and the terms explain noise: the interactions of weaker columns are then left out
FEWEST_DRAWS = 512
MEASURED_GROUPS = {
    "measured_plans": (
        "Number of plans: measured error",
        range(PLANS_COLUMN, PLANS_COLUMN + PATH_COLUMNS),
    ),
    "measured_cost": ("Unit cost: measured error", range(COST_COLUMN, COST_COLUMN + PATH_COLUMNS)),
    "single_plans": ("Chance: plans are whole children", range(NOISE_COLUMN, NOISE_COLUMN + PATH_COLUMNS)),
    "measured_tails": ("Tails of both measured errors", range(TAIL_COLUMN, TAIL_COLUMN + 1)),
}


@dataclass(frozen=True)
class Index:
    """One group's shares of the variance.

    Args:
        name, label: of the group; `members` are its drivers.
        first: share of the variance that it makes alone; `total`: with every interaction it is part of.
        first_error, total_error: standard errors.
    """

    name: str
    label: str
    members: tuple[str, ...]
    first: float
    first_error: float
    total: float
    total_error: float


@dataclass(frozen=True)
class Indices:
    """Every group, the largest total first.

    Args:
        explained: share of the variance that the polynomials explain, adjusted for their number.
        spread: standard deviation of the quantity, pounds.
        draws, terms: how many.
        whole: whether every pair of columns was in.
    """

    groups: tuple[Index, ...]
    explained: float
    spread: float
    draws: int
    terms: int
    whole: bool


def variance_shares(trials: Trials, quantity: Quantity) -> Indices:
    """Indices of a quantity from the draws of a forecast.

    Raises:
        UsageError: there are too few draws to tell.
    """
    if trials.shocks is None or trials.draws < FEWEST_DRAWS:
        expected = f"a power of two from {FEWEST_DRAWS}"
        raise UsageError(
            Problem("HN541", "shares of variance need draws", Place(file="command line"), str(trials.draws), expected)
        )
    groups = column_groups(trials)
    columns = {name: columns for name, (_, _, columns) in groups.items()}
    estimate = sobol_shares(trials.shocks.normals, quantity.of_forecast(trials, drawn=True), columns)
    found = [
        Index(name, label, members, *(float(value) for value in estimate.shares[name]))
        for name, (label, members, _) in groups.items()
    ]
    found.sort(key=lambda index: -index.total)
    return Indices(tuple(found), estimate.explained, estimate.spread, trials.draws, estimate.terms, estimate.whole)


def column_groups(trials: Trials) -> dict[str, tuple[str, tuple[str, ...], tuple[int, ...]]]:
    """Group -> its label, its drivers and its columns: drivers joined by a correlation are one group."""
    drivers = uncertain_drivers(trials)
    pairs = trials.forecast.scenario.vintage.uncertainty.correlations
    group = {driver.name: {driver.name} for driver in drivers}
    for pair in pairs:
        first, second = pair.between
        if first in group and second in group:
            joined = group[first] | group[second]
            for name in joined:
                group[name] = joined
    found: dict[str, tuple[str, tuple[str, ...], tuple[int, ...]]] = {}
    for driver in drivers:
        members = [one for one in drivers if one.name in group[driver.name]]
        if members[0] is not driver:
            continue
        label = (
            driver.label
            if len(members) == 1
            else "Together: " + ", ".join(one.name.replace("_", " ") for one in members)
        )
        found[driver.name] = (label, tuple(one.name for one in members), tuple(one.column for one in members))
    for name, (label, columns) in MEASURED_GROUPS.items():
        found[name] = (label, (name,), tuple(columns))
    return found


@dataclass(frozen=True)
class Shares:
    """Group -> first order, its error, total order, its error; and how well the polynomials fit."""

    shares: Mapping[str, tuple[float, float, float, float]]
    explained: float
    spread: float
    terms: int
    whole: bool


def sobol_shares(normals: FloatArray, values: FloatArray, groups: Mapping[str, Sequence[int]]) -> Shares:
    """First and total order indices of groups of independent standard normals.

    Args:
        normals: (d, columns).
        values: (d,) the quantity.
        groups: name -> columns; no column in two.
    """
    columns = np.array([column for chosen in groups.values() for column in chosen])
    owner = np.array([g for g, chosen in enumerate(groups.values()) for _ in chosen])
    z = normals[:, columns]
    pairs, whole = _pairs(z, values)
    design = _polynomials(z, pairs)
    left = np.concatenate([[-1], owner, owner, owner[[i for i, _ in pairs]] if pairs else []]).astype(int)
    right = np.concatenate([[-1], owner, owner, owner[[j for _, j in pairs]] if pairs else []]).astype(int)
    spread = float(values.std())
    if spread == 0.0:
        return Shares(dict.fromkeys(groups, (0.0, 0.0, 0.0, 0.0)), 1.0, 0.0, len(design), whole)
    standard = (values - values.mean()) / spread
    edges = np.linspace(0, len(z), BLOCKS + 1).astype(int)
    blocks = [slice(int(start), int(end)) for start, end in pairwise(edges)]
    grams = [design[:, block] @ design[:, block].T for block in blocks]
    sides = [design[:, block] @ standard[block] for block in blocks]
    gram, side = sum(grams, np.zeros_like(grams[0])), sum(sides, np.zeros_like(sides[0]))
    inverse = np.linalg.inv(gram)
    coefficients = inverse @ side
    left_over = standard - coefficients @ design
    residual = float(left_over @ left_over) / max(1, len(z) - len(side))
    too_large = residual * np.diag(inverse)  # a square is too large by the variance of what is squared
    orders = _orders(coefficients**2 - too_large, left, right, len(groups))
    less = [
        _orders(np.linalg.solve(gram - out, side - beside) ** 2 - too_large, left, right, len(groups))
        for out, beside in zip(grams, sides, strict=True)
    ]
    errors = np.sqrt((BLOCKS - 1) / BLOCKS * ((np.array(less) - np.mean(less, axis=0)) ** 2).sum(axis=0))
    shares = {
        name: (float(orders[0, g]), float(errors[0, g]), float(orders[1, g]), float(errors[1, g]))
        for g, name in enumerate(groups)
    }
    explained = 1.0 - residual * (len(z) - 1) / float(standard @ standard)
    return Shares(shares, explained, spread, len(design), whole)


def _polynomials(z: FloatArray, pairs: list[tuple[int, int]]) -> FloatArray:
    """(term, d) one, each normal, its square less one over the root of two, and products of two: all orthonormal."""
    count = z.shape[1]
    found = np.empty((1 + 2 * count + len(pairs), len(z)))
    found[0] = 1.0
    found[1 : 1 + count] = z.T
    found[1 + count : 1 + 2 * count] = (z.T**2 - 1.0) / np.sqrt(2.0)
    for k, (i, j) in enumerate(pairs, start=1 + 2 * count):
        np.multiply(found[1 + i], found[1 + j], out=found[k])
    return found


def _pairs(z: FloatArray, values: FloatArray) -> tuple[list[tuple[int, int]], bool]:
    """The pairs of columns whose interaction is estimated: all, or those of the columns that matter most alone."""
    count = z.shape[1]
    room = len(z) // DRAWS_A_TERM - 1 - 2 * count
    if count * (count - 1) // 2 <= room:
        return list(combinations(range(count), 2)), True
    width = int(max(0.0, 0.5 + np.sqrt(0.25 + 2.0 * max(room, 0))))
    strength = np.abs(z.T @ (values - values.mean()))
    chosen = sorted(np.argsort(-strength)[:width].tolist())
    return list(combinations(chosen, 2)), False


def _orders(parts: FloatArray, left: FloatArray, right: FloatArray, groups: int) -> FloatArray:
    """(2, group) first and total order, in shares of the variance of the standardised quantity."""
    first, total = np.zeros(groups), np.zeros(groups)
    for g in range(groups):
        in_left, in_right = left == g, right == g
        first[g] = parts[in_left & in_right].sum()
        total[g] = parts[in_left | in_right].sum()
    return np.stack([first, total])
