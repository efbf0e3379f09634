"""What remains uncertain after own counts are weighed with England's: three conjugate posteriors.

A factor seen as counts: factor ~ Gamma(k, k), seen ~ Poisson(factor x expected), so the posterior is
Gamma(k + seen, k + expected).
Shares: shares ~ Dirichlet(w x England), counts ~ multinomial, so shares | counts ~ Dirichlet(w x England + counts).
New plans by age: a total that is Gamma and an age profile that is Dirichlet, independent of each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray


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
    """New plans a year by age at the event: a total and its profile over ages."""

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
