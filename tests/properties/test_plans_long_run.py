"""What the cohort flow must do in the long run: a steady state, Little's law, and growth passed on unchanged."""

from __future__ import annotations

import numpy as np
import pytest

from hnforecast.base.axes import AGES, FloatArray
from tests.oracle.quiet import Council, quiet_council
from tests.properties.running import flow
from tests.properties.strategies import shares

YEARS = 29  # the opening part year, then enough Septembers for every plan to have started inside the run
J_GIVEN = 1e12  # so few of so many children are given a plan that those already open do not matter
LEVEL = np.full(12, 1 / 12)
UNEVEN = np.arange(1.0, 13.0)[::-1] / 78
ONE_MONTH = np.eye(12)[8]


def steady_council(new_profile: FloatArray, cease_profile: FloatArray, *, given: bool) -> Council:
    """Three placements, hazards by age and placement, moves every September, the same every year."""
    chance = np.random.default_rng(11)
    council = quiet_council(YEARS, placements=3, children=J_GIVEN if given else 1000.0)
    new_rate = chance.uniform(5.0, 30.0, AGES) / (J_GIVEN if given else 1000.0)
    hazard = np.where(np.arange(AGES) < 16, 0.02, 0.35)[:, None, None] * chance.uniform(0.5, 1.5, (AGES, 1, 3))
    return council.changing(
        new_rate=np.broadcast_to(new_rate, (1, YEARS, 2, AGES)),
        new_share=np.broadcast_to(shares(chance, AGES, 1, 3, over=2), (YEARS, AGES, 1, 3)),
        cease=np.broadcast_to(hazard, (YEARS, AGES, 1, 3)),
        move=np.broadcast_to(0.7 * np.eye(3) + 0.3 * shares(chance, AGES, 3, 3), (YEARS, AGES, 3, 3)),
        new_profile=new_profile,
        cease_profile=cease_profile,
    )


def academic_year_open(council: Council, position: int) -> FloatArray:
    """Plans open by month of one academic year, (m, a, p)."""
    start = 7 + 12 * (position - 1)
    return flow(council).by_age["open"][0, start : start + 12].sum(axis=2)


def expected_month_ends(council: Council) -> FloatArray:
    """Month ends at which a plan open at the end of a month is counted until it ceases or ages out, (a, m, p).

    The one just reached counts. Worked backwards, one month at a time, from the August before a plan would reach 26.
    """
    rates = council.rates
    keep = (1 - rates.cease[-1, :, 0, :, None]) ** rates.cease_profile  # (a, p, m)
    counted = np.zeros((AGES, 12, 3))
    for age in reversed(range(AGES)):
        for m in reversed(range(12)):
            for p in range(3):
                if m < 11:
                    later = keep[age, p, m + 1] * counted[age, m + 1, p]
                elif age < AGES - 1:
                    later = sum(
                        rates.move[-1, age + 1, p, q] * keep[age + 1, q, 0] * counted[age + 1, 0, q] for q in range(3)
                    )
                else:
                    later = 0.0
                counted[age, m, p] = 1 + later
    return counted


@pytest.mark.parametrize(
    ("new_profile", "cease_profile"), [(LEVEL, LEVEL), (UNEVEN, LEVEL), (ONE_MONTH, UNEVEN), (UNEVEN, ONE_MONTH)]
)
def test_constant_new_plans_reach_a_steady_state_that_obeys_littles_law(
    new_profile: FloatArray, cease_profile: FloatArray
) -> None:
    council = steady_council(new_profile, cease_profile, given=True)
    last, before = academic_year_open(council, YEARS - 1), academic_year_open(council, YEARS - 2)
    np.testing.assert_array_equal(last, before)  # after 26 Septembers nothing is left of the start: not even rounding
    new_plans = J_GIVEN * council.rates.new_rate[0, -1, 0][:, None, None] * council.rates.new_share[-1, :, 0, None, :]
    in_the_long_run = (new_plans * new_profile[:, None] * expected_month_ends(council)).sum() / 12
    assert last.sum(axis=(1, 2)).mean() == pytest.approx(in_the_long_run, rel=1e-9)


def test_new_plans_growing_at_a_rate_make_every_cell_grow_at_it() -> None:
    council = steady_council(UNEVEN, LEVEL, given=True)
    council.children[:] *= 1.07 ** np.arange(YEARS)[:, None]
    last, before = academic_year_open(council, YEARS - 1), academic_year_open(council, YEARS - 2)
    np.testing.assert_allclose(last, 1.07 * before, rtol=1e-9, atol=1e-300)


def test_children_growing_at_a_rate_make_every_cell_grow_at_it() -> None:
    """Rates are per child without a plan, so the plans open feed back on the new ones; growth passes through that."""
    council = steady_council(UNEVEN, UNEVEN, given=False)
    council.children[:] *= 1.02 ** np.arange(YEARS)[:, None]
    last, before = academic_year_open(council, YEARS - 1), academic_year_open(council, YEARS - 2)
    np.testing.assert_allclose(last, 1.02 * before, rtol=1e-12, atol=1e-300)


def test_zero_growth_is_flat() -> None:
    council = steady_council(LEVEL, UNEVEN, given=False)
    last, before = academic_year_open(council, YEARS - 1), academic_year_open(council, YEARS - 2)
    np.testing.assert_array_equal(last, before)


def test_ageing_alone_empties_the_council_in_twenty_six_septembers() -> None:
    council = quiet_council(YEARS)
    council.opening[:] = 5.0
    totals = flow(council).open[0, :, 0]
    septembers = totals[7::12]
    np.testing.assert_allclose(septembers[:26], 5.0 * np.arange(25, -1, -1), atol=1e-12)
    assert not septembers[25:].any()
