"""Simulation-based calibration of what the fit says of its own errors (Talts and others, 2018).

A rate is drawn from the prior, counts from the rate, and the posterior from the counts: the rank of the true rate among
posterior draws is then uniform, whatever the rate. A posterior too narrow piles ranks up at both ends.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import chisquare

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.history.fit.exits import AGE_PRIOR, SHRINKAGE, age_profile, authority_factor
from hnforecast.history.fit.snapshots import PRIOR
from hnforecast.history.fit.spread import factor_posterior, move_posterior, new_plans_posterior, share_posterior
from hnforecast.history.fit.weights import HEAVIEST, factor_weight, share_weight

DRAWS = 99  # posterior draws a run, so that ranks are 0..99
BINS = 10
LEVEL, LEVEL_WEIGHT = 900.0, 8.0
PROFILE = np.exp(-0.5 * ((np.arange(AGES) - 8.0) / 4.0) ** 2)
STICKY = 0.7 * np.eye(4) + 0.3 * np.array([0.4, 0.3, 0.2, 0.1])

Case = Callable[[np.random.Generator], tuple[FloatArray, FloatArray]]  # truth (quantity,), posterior (draws, quantity)


def cease(generator: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """The factor on England's exits."""
    truth = generator.gamma(SHRINKAGE, 1.0 / SHRINKAGE)
    expected = float(generator.uniform(3.0, 400.0))
    posterior = factor_posterior(float(generator.poisson(truth * expected)), expected, SHRINKAGE)
    return np.array([truth]), posterior.draw(generator, DRAWS)[:, None]


def new_plans(generator: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """New plans at three ages, and in all."""
    shape = PROFILE / PROFILE.sum()
    total = generator.gamma(LEVEL_WEIGHT, LEVEL / LEVEL_WEIGHT)
    true = total * generator.dirichlet(AGE_PRIOR * shape)
    seen = generator.poisson(true).astype(float)
    drawn = new_plans_posterior(seen, PROFILE, AGE_PRIOR, LEVEL_WEIGHT, LEVEL).draw(generator, DRAWS)
    chosen = [4, 8, 14]
    return np.append(true[chosen], true.sum()), np.column_stack([drawn[:, chosen], drawn.sum(axis=1)])


def moves(generator: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Moves out of two placements, from counts of two returns."""
    true = np.stack([generator.dirichlet(PRIOR * row) for row in STICKY])
    counts = np.stack([generator.multinomial(size, row) for size, row in zip((200, 60, 12, 0), true, strict=True)])
    drawn = move_posterior(counts.astype(float), STICKY, PRIOR).draw(generator, DRAWS)
    cells = ([0, 0, 1, 3], [0, 2, 1, 3])
    return true[cells], drawn[:, cells[0], cells[1]]


def ranks(case: Case, runs: int, seed: int) -> FloatArray:
    """(runs, quantity) ranks of the truth among posterior draws."""
    generator = np.random.default_rng(seed)
    found = [case(generator) for _ in range(runs)]
    return np.array([(drawn < truth).sum(axis=0) for truth, drawn in found], dtype=float)


def assert_uniform(found: FloatArray) -> None:
    for column in found.T:
        counts = np.histogram(column, bins=BINS, range=(0, DRAWS + 1))[0]
        assert chisquare(counts).pvalue > 0.001, counts


CASES = [cease, new_plans, moves]


@pytest.mark.parametrize("case", CASES)
def test_ranks_are_uniform_quick(case: Case) -> None:
    assert_uniform(ranks(case, 100, seed=20260331))


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_ranks_are_uniform(case: Case) -> None:
    assert_uniform(ranks(case, 1000, seed=20260401))


def test_a_posterior_too_narrow_is_seen() -> None:
    """The check can fail: counts taken for ten times what they are."""

    def boastful(generator: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        truth = generator.gamma(SHRINKAGE, 1.0 / SHRINKAGE)
        seen = float(generator.poisson(truth * 50.0))
        return np.array([truth]), factor_posterior(10 * seen, 500.0, SHRINKAGE).draw(generator, DRAWS)[:, None]

    with pytest.raises(AssertionError):
        assert_uniform(ranks(boastful, 200, seed=1))


def test_posterior_means_are_the_rates_proposed() -> None:
    own, nation = np.arange(1.0, AGES + 1), PROFILE
    posterior = new_plans_posterior(own, nation, AGE_PRIOR)
    assert posterior.mean == pytest.approx(own.sum() * age_profile(own, nation))
    assert factor_posterior(30.0, 40.0, SHRINKAGE).mean == authority_factor(30.0, 40.0)
    rows = move_posterior(np.zeros((4, 4)), STICKY, PRIOR)
    assert rows.mean == pytest.approx(STICKY)  # nothing counted: as inferred


def test_spread_in_closed_form_is_that_of_the_draws() -> None:
    generator = np.random.default_rng(5)
    own = np.round(800 * PROFILE / PROFILE.sum())
    posterior = new_plans_posterior(own, PROFILE, AGE_PRIOR)
    drawn = posterior.draw(generator, 40_000)
    assert drawn.std(axis=0)[4:14] == pytest.approx(np.sqrt(np.diag(posterior.covariance))[4:14], rel=0.03)
    assert np.cov(drawn[:, 6:9], rowvar=False) == pytest.approx(posterior.covariance[6:9, 6:9], rel=0.15)
    shares = share_posterior(np.array([3.0, 7.0]), np.array([0.5, 0.5]), 10.0)
    assert shares.draw(generator, 40_000).std(axis=0) == pytest.approx(shares.sd, rel=0.03)


@pytest.mark.parametrize("weight", [3.0, 12.0, 60.0])
def test_how_far_authorities_differ_is_recovered(weight: float) -> None:
    generator = np.random.default_rng(11)
    expected = generator.uniform(50, 600, 400)
    seen = generator.poisson(generator.gamma(weight, 1.1 / weight, 400) * expected).astype(float)
    assert factor_weight(seen, expected) == pytest.approx(weight, rel=0.25)
    asked = generator.integers(200, 3000, 400)
    agreed = generator.binomial(asked, generator.beta(0.6 * weight, 0.4 * weight, 400))
    assert share_weight(agreed.astype(float), asked.astype(float)) == pytest.approx(weight, rel=0.35)


def test_authorities_that_do_not_differ_get_englands_rate() -> None:
    generator = np.random.default_rng(3)
    expected = generator.uniform(50, 600, 100)
    assert (factor_weight(generator.poisson(expected).astype(float), expected) or 0.0) > 300
    assert factor_weight(np.ones(4), np.full(4, 50.0)) is None
    asked = np.full(100, 500.0)
    assert (share_weight(generator.binomial(500, 0.6, 100).astype(float), asked) or 0.0) > 300
    assert HEAVIEST > 300
