"""The cohort flow worked by hand: one cohort, round numbers, every figure derived in the comment beside it."""

from __future__ import annotations

import numpy as np
import pytest

from hnforecast.base.axes import AGES
from hnforecast.base.timeline import parse_month
from hnforecast.engine.model.state import Plans
from tests.oracle.quiet import Council, quiet_council
from tests.properties.running import flow

SEPTEMBER, OCTOBER, MARCH, APRIL, JULY = 0, 1, 6, 7, 10  # months of the academic year


def in_month(m: int, *others: int) -> np.ndarray:
    """A profile that puts the year into these months in equal parts."""
    profile = np.zeros(12)
    profile[[m, *others]] = 1 / (1 + len(others))
    return profile


def one_cohort() -> Council:
    """100 plans at age 10 in January 2024 among 1,000 children; ceasing 20 %, net other 4 %, new plans 10 or 20 %."""
    council = quiet_council(2, children=1000.0)
    council.opening[0, 10] = 100.0
    new_rate = np.zeros((1, 2, 2, AGES))
    new_rate[0, 0, 1, 10] = 0.1  # February to August 2024, age 10
    new_rate[0, 1, 0, 11] = 0.1  # September 2024 to January 2025, age 11
    new_rate[0, 1, 1, 11] = 0.2  # February to August 2025, age 11
    return council.changing(
        new_rate=new_rate,
        cease=np.full((2, AGES, 1, 1), 0.2),
        other=np.full((1, 2, AGES), 0.04),
        new_profile=in_month(MARCH, OCTOBER),
        cease_profile=in_month(JULY),
        other_profile=in_month(APRIL),
    )


def at(plans: Plans, council: Council, text: str, name: str = "open") -> float:
    """A figure of the only placement in one month."""
    value: float = getattr(plans, name)[0, council.clock.months.index(parse_month(text)), 0]
    return value


def test_one_cohort_month_by_month() -> None:
    council = one_cohort()
    plans = flow(council)
    expected = {
        "2024-02": 100.0,
        "2024-03": 145.0,  # 900 without a plan x 0.1 x half the year's new plans in March = 45
        "2024-04": 149.0,  # 4 % of the January stock of 100
        "2024-06": 149.0,
        "2024-07": 119.2,  # 20 % of 149 cease
        "2024-08": 119.2,
        "2024-09": 119.2,  # a year older; nobody leaves
        "2024-10": 163.24,  # (1,000 - 119.2) x 0.1 x 1/2 = 44.04
        "2025-01": 163.24,
        "2025-02": 163.24,
        "2025-03": 251.32,  # the same 880.8 x 0.2 x 1/2 = 88.08: exposure is fixed in September, the rate is not
        "2025-04": 256.088,  # 4 % of the September stock of 119.2 = 4.768
        "2025-07": 204.8704,  # 20 % of 256.088 cease
        "2025-08": 204.8704,
    }
    for text, plans_open in expected.items():
        assert at(plans, council, text) == pytest.approx(plans_open, rel=1e-13), text
    assert at(plans, council, "2024-07", "ceased") == pytest.approx(29.8)
    assert at(plans, council, "2025-04", "net_other") == pytest.approx(4.768)
    np.testing.assert_allclose(plans.january[0, :, [10, 11], 0], [[100, 0], [0, 163.24]], rtol=1e-13)


def test_money_follows_the_mean_of_each_months_opening_and_end() -> None:
    council = one_cohort()
    plans = flow(council)
    expected = {
        "2024-03": 122.5,  # (100 + 145) / 2
        "2024-04": 147.0,  # (145 + 149) / 2
        "2024-07": 134.1,  # (149 + 119.2) / 2
        "2024-09": 119.2,  # opening after the September step, so nothing of the step is averaged
        "2024-10": 141.22,  # (119.2 + 163.24) / 2
    }
    for text, plan_months in expected.items():
        assert at(plans, council, text, "plan_months") == pytest.approx(plan_months, rel=1e-13), text
    # April 2024 to March 2025: 147 + 149 + 149 + 134.1 + 119.2 + 119.2 + 141.22 + 4 x 163.24 + (163.24 + 251.32) / 2
    year = slice(council.clock.months.index(parse_month("2024-04")), council.clock.months.index(parse_month("2025-04")))
    assert plans.plan_months[0, year, 0].sum() == pytest.approx(1818.96, rel=1e-13)


def test_a_month_ceases_first_then_starts_plans_then_adds_net_other() -> None:
    council = quiet_council(2, children=1000.0)
    council.opening[0, 10] = 100.0
    march = in_month(MARCH)
    council = council.changing(
        new_rate=np.where(np.arange(AGES) == 10, 0.1, 0.0) * np.ones((1, 2, 2, 1)),
        cease=np.full((2, AGES, 1, 1), 0.5),
        other=np.full((1, 2, AGES), 0.04),
        new_profile=march,
        cease_profile=march,
        other_profile=march,
    )
    # 100 x 0.5 + 90 + 4: neither the new plans nor net other are there yet when plans cease
    assert at(flow(council), council, "2024-03") == pytest.approx(144.0)


def test_new_plans_of_january_and_of_february_belong_to_different_windows() -> None:
    council = quiet_council(2, children=1000.0)
    new_rate = np.zeros((1, 2, 2, AGES))
    new_rate[:, :, 0], new_rate[:, :, 1] = 0.012, 0.024
    council = council.changing(new_rate=new_rate)
    plans = flow(council)
    # 26 ages x 1,000 children x rate / 12, the first academic year all in the second window
    assert at(plans, council, "2024-02", "new") == pytest.approx(26 * 1000 * 0.024 / 12)
    # The seven months to August left 14 plans at each age, so ages 1 to 25 have 986 without a plan and age 0 has 1,000
    assert at(plans, council, "2025-01", "new") == pytest.approx((25 * 986 + 1000) * 0.012 / 12)
    assert at(plans, council, "2025-02", "new") == pytest.approx((25 * 986 + 1000) * 0.024 / 12)


def test_september_moves_by_the_age_just_reached_and_those_of_26_leave() -> None:
    council = quiet_council(2, placements=2)
    council.opening[0, 10, 0, 0] = 50.0
    council.opening[0, 25, 0, 1] = 7.0
    move = council.rates.move.copy()
    move[:, 11, 0] = [0.4, 0.6]  # secondary transfer: at 11, not at 10
    move[:, 10, 0] = [0.0, 1.0]
    plans = flow(council.changing(move=move))
    september = council.clock.months.index(parse_month("2024-09"))
    np.testing.assert_allclose(plans.open[0, september - 1], [50, 7])
    np.testing.assert_allclose(plans.open[0, september], [20, 30])  # 50 x 0.4, 50 x 0.6; the seven have left
    np.testing.assert_allclose(plans.moved[0, september], [-30, 30])
    np.testing.assert_allclose(plans.aged_out[0, september], [0, 7])


def test_a_hazard_times_its_factor_is_capped_at_one() -> None:
    council = quiet_council(2)
    council.opening[0, 18] = 40.0
    factor = np.full((1, 2, AGES), 2.0)
    plans = flow(
        council.changing(cease=np.full((2, AGES, 1, 1), 0.6), cease_factor=factor, cease_profile=in_month(APRIL))
    )
    assert at(plans, council, "2024-03") == 40.0
    assert (
        at(plans, council, "2024-04") == 0.0
    )  # 0.6 x 2 is taken as 1: none outlive the year, and the year is in April


def test_a_measure_half_delivered_moves_half_its_shift() -> None:
    council = quiet_council(2, placements=2, children=1000.0)
    share_shift = np.zeros((1, 2, AGES, 1, 2))
    share_shift[..., 0], share_shift[..., 1] = -0.4, 0.4
    plans = flow(
        council.changing(
            new_rate=np.full((1, 2, 2, AGES), 0.012),
            share_shift=share_shift,
            move_shift=np.zeros((1, 2, AGES, 2, 2)),
            weight=np.array([[[0.5, 1.0]]]),
        )
    )
    # 26,000 x 0.012 / 12 = 26 new plans in February 2024, of which 0.5 x 0.4 = 20 % start elsewhere
    np.testing.assert_allclose(plans.new[0, 0], [20.8, 5.2])
    september = council.clock.months.index(parse_month("2024-09"))
    assert plans.new[0, september, 1] / plans.new[0, september].sum() == pytest.approx(0.4)
