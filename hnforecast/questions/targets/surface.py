"""The margin of a goal over the deliveries of measures: a quadratic through many lanes of one pass, interactions in.

What a measure costs to run comes and goes with it in one step, so it is known exactly and kept out of the fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from hnforecast.assumptions import Measure, Vintage
from hnforecast.base.axes import FloatArray
from hnforecast.engine.draws.drawn import CENTRAL
from hnforecast.engine.drivers.prices import yearly_cost
from hnforecast.questions.targets.goals import Goal
from hnforecast.questions.targets.levers import Lever
from hnforecast.questions.targets.trials import Trials

SPREAD_LANES = 3  # lanes spread over the inside of the box, a term of the quadratic


@dataclass(frozen=True)
class Option:
    """One measure that may be in a mix.

    Args:
        measure: of the vintage.
        lever: its delivery, from none to the cap.
        stands: how much of it the scenario delivers now.
        upkeep: (f,) pounds on the grant in each forecast year once it runs.
        fixed: pounds it costs from the first forecast year to the goal's, on any budget, however much is delivered.
        moved: pounds that all of it takes from the schools block over those years.
        needs: positions of the measures it cannot do without.
    """

    measure: Measure
    lever: Lever
    stands: float
    upkeep: FloatArray
    fixed: float
    moved: float
    needs: tuple[int, ...]

    def cost(self, delivery: FloatArray | float) -> FloatArray:
        """Pounds of money found to the goal's year: investment and running, and transfers from the schools block."""
        delivered = np.asarray(delivery, dtype=float)
        found: FloatArray = self.fixed * (delivered > 0) + self.moved * delivered
        return found


@dataclass(frozen=True)
class Surface:
    """What a goal is met by at any deliveries, pounds.

    Args:
        options: the measures, in order.
        coefficients: of the quadratic in deliveries over their caps.
        upkeep: (m,) what each running measure takes off the margin.
        caps: (m,) most of each.
        error: root mean square of what the quadratic leaves, pounds.
        stands: the margin as things stand.
    """

    options: tuple[Option, ...]
    coefficients: FloatArray
    upkeep: FloatArray
    caps: FloatArray
    error: float
    stands: float

    def margin(self, deliveries: FloatArray) -> FloatArray:
        """(lane,) from (lane, m) deliveries."""
        found: FloatArray = terms(deliveries / self.caps) @ self.coefficients - (deliveries > 0) @ self.upkeep
        return found


def fit_surface(trials: Trials, options: tuple[Option, ...], goal: Goal) -> Surface:
    """Run a design of deliveries through the model in one pass and fit the quadratic to it."""
    years = trials.years.index(goal.year) + 1
    weights = goal.weights(trials.years[:years])
    caps = np.array([option.lever.high for option in options])
    lanes = design(options) * caps
    now = np.array([option.stands for option in options])
    lanes = np.concatenate([lanes, now[None, :]])
    moves = {option.lever: lanes[:, m] for m, option in enumerate(options)}
    stands = float(goal.margins(trials.forecast, drawn=False)[0])
    central = trials.central(moves, years) @ weights
    upkeep = np.array([option.upkeep[:years] @ weights for option in options])
    margins = stands + central - central[-1]
    smooth = margins + (lanes > 0) @ upkeep
    known = terms(lanes / caps)
    coefficients = np.linalg.lstsq(known, smooth, rcond=None)[0]
    error = float(np.sqrt(np.mean((known @ coefficients - smooth) ** 2)))
    return Surface(options, coefficients, upkeep, caps, error, stands)


def terms(share: FloatArray) -> FloatArray:
    """(lane, term) one, each share, its square and every product of two."""
    lanes, count = share.shape
    first, second = np.triu_indices(count)
    return np.concatenate([np.ones((lanes, 1)), share, share[:, first] * share[:, second]], axis=1)


def design(options: tuple[Option, ...]) -> FloatArray:
    """(lane, m) shares of the caps: each measure and pair alone and left out, and lanes spread over the inside."""
    count = len(options)
    chosen = [(m,) for m in range(count)] + list(combinations(range(count), 2))
    rows = [np.zeros(count), np.ones(count)]
    for members in chosen:
        alone = np.zeros(count)
        alone[list(members)] = 1.0
        rows += [alone, 1.0 - alone]
    rows += [0.5 * row for row in rows[2 : 2 + 2 * count]]
    number = SPREAD_LANES * (1 + count + count * (count + 1) // 2)
    generator = np.random.Generator(np.random.PCG64DXSM(count))
    inside = np.stack([(generator.permutation(number) + 0.5) / number for _ in range(count)], axis=1)
    return np.concatenate([np.stack([closed(row, options) for row in rows]), inside])


def closed(deliveries: FloatArray, options: tuple[Option, ...]) -> FloatArray:
    """Deliveries without those measures whose needs are not run, for which the model counts nothing."""
    kept = deliveries.copy()
    for _ in options:
        for m, option in enumerate(options):
            if kept[m] > 0 and any(kept[need] == 0 for need in option.needs):
                kept[m] = 0.0
    return kept


def costs_of(vintage: Vintage, measure: Measure, years: tuple[int, ...], upto: int) -> tuple[FloatArray, float, float]:
    """Upkeep on the grant by year; what it costs on any budget, and what all of it takes from schools, to a year."""
    upkeep, fixed, moved = np.zeros(len(years)), 0.0, 0.0
    for cost in measure.costs:
        amounts = yearly_cost(vintage, cost.cost, years, CENTRAL)[0]
        fixed += float(amounts[: years.index(upto) + 1].sum())
        if cost.account == "dsg":
            upkeep += amounts
    for effect in measure.effects:
        if effect.driver == "block_transfer":
            moved += sum(effect.change.at(year, 0.0, hold=False) for year in years if year <= upto)
    return upkeep, fixed, moved
