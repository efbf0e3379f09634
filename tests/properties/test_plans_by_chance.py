"""A council simulated child by child agrees with the flow on average, and with the closed form in spread."""

from __future__ import annotations

from random import Random
from statistics import fmean, stdev, variance

import numpy as np
import pytest

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.engine.model.state import Plans
from tests.oracle.children_simulation import SimulatedPlans, simulate_children
from tests.oracle.draw_rates import rates_of_draw
from tests.oracle.process_variance import cost_mean_and_variance
from tests.oracle.quiet import Council, quiet_council
from tests.properties.running import flow
from tests.properties.strategies import shares


def small_council() -> Council:
    """About a hundred plans over three academic years, two needs, three placements; every plain flow at work."""
    chance = np.random.default_rng(3)
    council = quiet_council(3, needs=2, placements=3, children=200.0)
    council.opening[:] = chance.integers(0, 3, council.opening.shape) * (chance.random(council.opening.shape) < 0.6)
    return council.changing(
        new_rate=chance.uniform(0.0, 0.01, (1, 3, 2, AGES)),
        new_share=shares(chance, 3, AGES, 2, 3, over=2),
        cease=chance.uniform(0.0, 0.4, (3, AGES, 2, 3)),
        move=0.6 * np.eye(3) + 0.4 * shares(chance, 3, AGES, 3, 3),
        cease_profile=chance.dirichlet(np.ones(12)),
        new_profile=chance.dirichlet(np.ones(12)),
    )


def monthly_cost(council: Council) -> FloatArray:
    """Pounds a plan-month by month and placement: the first whole financial year only."""
    months = np.array(council.clock.months)
    first = 12 * council.clock.financial_years[0] + 3
    inside = (months >= first) & (months < first + 12)
    return inside[:, None] * np.array([800.0, 2500.0, 5000.0])


def histories(council: Council, plans: Plans, runs: int) -> list[SimulatedPlans]:
    one = rates_of_draw(council.rates, 0, *council.opening.shape[2:])
    opening, new = council.opening[0].tolist(), plans.by_age["new"][0].tolist()
    return [simulate_children(opening, new, one, council.clock, Random(seed)) for seed in range(runs)]


@pytest.mark.parametrize("runs", [600, pytest.param(6000, marks=pytest.mark.slow)])
def test_children_one_by_one_agree_with_the_flow_and_with_the_closed_form(runs: int) -> None:
    council = small_council()
    plans, price = flow(council), monthly_cost(council)
    simulated = histories(council, plans, runs)

    costs = [history.cost(price.tolist()) for history in simulated]
    error = stdev(costs) / runs**0.5
    assert fmean(costs) == pytest.approx(float((plans.plan_months[0] * price).sum()), abs=4 * error)

    seen = np.array([history.open for history in simulated])
    spread = seen.std(axis=0, ddof=1) / runs**0.5
    assert (np.abs(seen.mean(axis=0) - plans.open[0]) <= 4.5 * spread).all()

    one = rates_of_draw(council.rates, 0, *council.opening.shape[2:])
    mean, expected = cost_mean_and_variance(
        council.opening[0].tolist(), plans.by_age["new"][0].tolist(), one, council.clock, price.tolist()
    )
    assert mean == pytest.approx(float((plans.plan_months[0] * price).sum()), rel=1e-12)
    assert variance(costs) == pytest.approx(expected, rel=4.5 * (2 / runs) ** 0.5)
