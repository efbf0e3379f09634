"""The standard error of every proposed rate, from the posterior of what was shrunk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.history.fit.ages import year_older
from hnforecast.history.fit.exits import AGE_PRIOR, LOW_AGE, STEP_DOWN_AGE
from hnforecast.history.fit.history import History
from hnforecast.history.fit.rates import Rates, own_residual, residual_shares
from hnforecast.history.fit.weights import Weights

# What remains uncertain after own counts are weighed with England's.


@dataclass(frozen=True)
class GammaPosterior:
    """A factor or a rate: Gamma with a shape and a rate, mean shape / rate."""

    shape: float
    rate: float

    @property
    def mean(self) -> float:
        """Posterior mean, the value proposed."""
        return self.shape / self.rate

    @property
    def sd(self) -> float:
        """Posterior standard deviation, its standard error."""
        return float(np.sqrt(self.shape)) / self.rate

    def draw(self, generator: np.random.Generator, draws: int) -> FloatArray:
        """(draws,)."""
        return generator.gamma(self.shape, 1.0 / self.rate, draws)


@dataclass(frozen=True)
class SharePosterior:
    """Shares that sum to one over the last axis: Dirichlet with these weights, in plans' worth."""

    weights: FloatArray

    @property
    def mean(self) -> FloatArray:
        """Posterior means, the values proposed."""
        total = self.weights.sum(axis=-1, keepdims=True)
        share: FloatArray = np.divide(self.weights, total, out=np.zeros_like(self.weights), where=total > 0)
        return share

    @property
    def sd(self) -> FloatArray:
        """Posterior standard deviations, their standard errors."""
        total = self.weights.sum(axis=-1, keepdims=True)
        return np.asarray(np.sqrt(self.mean * (1.0 - self.mean) / (total + 1.0)), dtype=float)

    def draw(self, generator: np.random.Generator, draws: int) -> FloatArray:
        """(draws, ...) through gammas, so that a weight of nil stays nil."""
        gammas = generator.standard_gamma(np.broadcast_to(self.weights, (draws, *self.weights.shape)))
        return np.asarray(gammas / gammas.sum(axis=-1, keepdims=True), dtype=float)


@dataclass(frozen=True)
class NewPlansPosterior:
    """New plans a year by age: a total and its profile over ages."""

    total: GammaPosterior
    profile: SharePosterior

    @property
    def mean(self) -> FloatArray:
        """Posterior means, the values proposed."""
        return self.total.mean * self.profile.mean

    @property
    def covariance(self) -> FloatArray:
        """(age, age), of the product of two independent quantities."""
        mean, spread = self.profile.mean, self.profile.sd
        weight = float(self.profile.weights.sum())
        shares = (np.diag(mean) - np.outer(mean, mean)) / (weight + 1.0)
        np.fill_diagonal(shares, spread**2)
        second = self.total.mean**2 + self.total.sd**2
        return np.asarray(second * shares + self.total.sd**2 * np.outer(mean, mean), dtype=float)

    def draw(self, generator: np.random.Generator, draws: int) -> FloatArray:
        """(draws, age)."""
        return self.total.draw(generator, draws)[:, None] * self.profile.draw(generator, draws)


def factor_posterior(seen: float, expected: float, weight: float) -> GammaPosterior:
    """An authority's factor on England's rate.

    Args:
        seen: counts; expected: the same at England's rate.
        weight: England's weight in counts, the k of the prior; see weights.py.
    """
    return GammaPosterior(weight + seen, weight + expected)


def share_posterior(own: FloatArray, shape: FloatArray, weight: float) -> SharePosterior:
    """Shares from own counts and England's shape, last axis.

    Args:
        own: counts, not negative; shape: sums to 1 over the last axis, or nil where nothing is known.
        weight: England's weight in plans.
    """
    return SharePosterior(own + weight * shape)


def new_plans_posterior(
    own: FloatArray, national: FloatArray, profile_weight: float, level_weight: float = 0.0, level: float = 0.0
) -> NewPlansPosterior:
    """New plans by age from one year's counts.

    Args:
        own: (age,) counts of a year; national: (age,) England's, for the profile.
        profile_weight: England's weight in the profile, in plans.
        level_weight: weight in plans of `level`, the total expected at England's rate. Nil leaves the level to the
            counts: it is the pooled forecast across authorities that shrinks it.
    """
    shape = national / national.sum()
    seen = float(own.sum())
    rate = 1.0 + (level_weight / level if level > 0 else 0.0)
    return NewPlansPosterior(GammaPosterior(level_weight + seen, rate), share_posterior(own, shape, profile_weight))


def move_posterior(counts: FloatArray, inferred: FloatArray, weight: float) -> SharePosterior:
    """Moves from counts of two returns joined child by child; rows nobody counted stay as inferred.

    Args:
        counts: (age, from, to) plans; inferred: (age, from, to) rows that sum to 1.
        weight: of an inferred row, in plans.
    """
    return SharePosterior(counts + weight * inferred)


SHARE_PRIOR = 40.0  # plans, of England in the placements of new plans of one age; see joiners.placement_share


@dataclass(frozen=True)
class StandardErrors:
    """Standard errors, in the units and shapes of `Rates`.

    Args:
        new, share, hazard, moves, net_other: of the rates of these names. Moves inferred from margins carry the error
            of sampling alone: gross churn cannot be known from margins, and no number here says how far it is off.
        level: of the total of new plans, relative.
        exits: of the factors on England's exits, relative: ages 16 to 19, and 20 and over.
        moves_counted: whether moves come from the council's own counts.
    """

    new: FloatArray
    share: FloatArray
    hazard: FloatArray
    moves: FloatArray
    net_other: float
    level: float
    exits: tuple[float, float]
    moves_counted: bool


def standard_errors(
    rates: Rates, own: History, national: History, residents: FloatArray, weights: Weights, moves: SharePosterior | None
) -> StandardErrors:
    """Standard errors of everything in `rates`.

    Args:
        residents: (age,) children of the academic year that holds the count.
        weights: how far authorities differ.
        moves: posterior of the council's own counts of moves; None where they are inferred.
    """
    posterior = new_plans_posterior(rates.flows.new, rates.shape.new.sum(axis=1), AGE_PRIOR)
    without = np.maximum(1.0, residents - rates.flows.before)  # as good as those of the rate, for an error
    tried = (rates.joined.sum(axis=1) + SHARE_PRIOR + 1.0)[:, None]
    exits = _exit_errors(rates, weights)
    return StandardErrors(
        new=1000.0 * np.sqrt(np.maximum(0.0, np.diag(posterior.covariance))) / without,
        share=np.sqrt(rates.share * (1.0 - rates.share) / tried),
        hazard=_hazard_errors(rates, exits),
        moves=moves.sd if moves is not None else _sampling(rates),
        net_other=_net_other_error(own, national, rates),
        level=posterior.total.sd / posterior.total.mean if posterior.total.shape > 0 else 1.0,
        exits=exits,
        moves_counted=moves is not None,
    )


def _exit_errors(rates: Rates, weights: Weights) -> tuple[float, float]:
    """Relative errors of the two exit factors."""
    seen, expected = rates.flows.ceased, rates.shape.curve * rates.flows.before

    def error(ages: slice) -> float:
        found = factor_posterior(float(seen[ages].sum()), float(expected[ages].sum()), weights.exits)
        return found.sd / found.mean

    return error(slice(LOW_AGE, STEP_DOWN_AGE)), error(slice(STEP_DOWN_AGE, None))


def _hazard_errors(rates: Rates, exits: tuple[float, float]) -> FloatArray:
    """England's curve by age, its placement factor and the authority's factor err apart, in proportion."""
    shape = rates.shape
    at_age = shape.curve * shape.flows.before
    by_age = np.divide(1.0, at_age, out=np.zeros(AGES), where=at_age > 0)
    placed = (rates.hazard * year_older(shape.before)).sum(axis=0)
    by_placement = np.divide(1.0, placed + 25.0)
    factor = np.zeros(AGES)
    factor[LOW_AGE:STEP_DOWN_AGE], factor[STEP_DOWN_AGE:] = exits[0] ** 2, exits[1] ** 2
    relative = np.sqrt((by_age + factor)[:, None] + by_placement[None, :])
    # an authority's exits below 16 are England's rate; its own few counts say how far off that may be
    return np.asarray(np.minimum(rates.hazard * relative, 0.5), dtype=float)


def _sampling(rates: Rates) -> FloatArray:
    tried = 1.0 + year_older(rates.opening[rates.census - 1]) * (1.0 - rates.hazard)
    return np.asarray(np.sqrt(rates.moves * (1.0 - rates.moves) / tried[:, :, None]), dtype=float)


def _net_other_error(own: History, national: History, rates: Rates) -> float:
    """From the spread of the residual over the years known; one year alone is as uncertain as it is large."""
    if rates.inferred:
        return 0.0

    def error(history: History) -> float:
        found = residual_shares(history, rates.census)
        if len(found) > 1:
            return float(np.std(found, ddof=1) / np.sqrt(len(found)))
        return abs(found[0]) if found else 0.0

    weight = own_residual(own, rates.census)
    return float(np.hypot(weight * error(own), (1.0 - weight) * error(national)))
