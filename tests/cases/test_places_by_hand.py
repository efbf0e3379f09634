"""Commissioned places worked by hand: who gets in, where the rest go, and what is reported."""

from __future__ import annotations

import numpy as np
import pytest

from hnforecast.base.axes import AGES
from hnforecast.base.timeline import parse_month
from tests.oracle.quiet import Council, quiet_council
from tests.properties.running import flow

SPECIAL, MAINSTREAM = 0, 1
DECEMBER, MAY = 3, 8
SECOND_YEAR = 1


def special_school(places: float, new_rate: float = 0.0) -> Council:
    """Eight in the special placement and six in mainstream at age 10, half of whom would move up into it at 11.

    With 1,014 children of 11 there are 1,000 without a plan, so a rate of 0.004 makes 4 new plans a year, all of them
    for the special placement and all in December.
    """
    council = quiet_council(2, placements=2, children=1014.0)
    council.opening[0, 10, 0] = [8.0, 6.0]
    move = council.rates.move.copy()
    move[:, 11, MAINSTREAM] = [0.5, 0.5]
    rate = np.zeros((1, 2, 2, AGES))
    rate[:, SECOND_YEAR, :, 11] = new_rate
    return council.changing(
        move=move,
        new_rate=rate,
        new_profile=np.eye(12)[DECEMBER],
        capped=(SPECIAL,),
        places=np.full((1, 2, 1), places),
        spill=np.array([[0.0, 1.0]]),
    )


def test_those_who_would_enter_share_the_places_left() -> None:
    council = special_school(10.0)
    plans = flow(council)
    september = council.clock.months.index(parse_month("2024-09"))
    # 8 stay and 3 ask for the 2 places left: two thirds of the 3 get in, the third stays where it was
    np.testing.assert_allclose(plans.open[0, september], [10, 4])
    np.testing.assert_allclose(plans.moved[0, september], [2, -2])
    np.testing.assert_allclose(plans.spilled[0, :, 0], [0, 1])
    np.testing.assert_allclose(plans.unfilled[0, :, 0], [2, 0])


def test_new_plans_and_those_moving_up_are_let_in_alike() -> None:
    council = special_school(10.0, new_rate=0.004)
    plans = flow(council)
    september, december = (council.clock.months.index(parse_month(text)) for text in ("2024-09", "2024-12"))
    # By December 3 + 4 = 7 ask for 2 places: 2/7 get in, 6/7 of a plan in September and 8/7 in December
    np.testing.assert_allclose(plans.open[0, september], [8 + 6 / 7, 6 - 6 / 7])
    np.testing.assert_allclose(plans.new[0, december], [8 / 7, 20 / 7])
    np.testing.assert_allclose(plans.open[0, december], [10, 8])
    # 5/7 of the 3 who would have moved up and of the 4 new plans
    np.testing.assert_allclose(plans.spilled[0, :, 0], [0, 5])
    np.testing.assert_allclose(plans.unfilled[0, :, 0], [2, 0])


def test_seated_in_september_those_moving_up_come_first_and_new_plans_take_what_is_left() -> None:
    council = special_school(12.0, new_rate=0.004).changing(seated=True)
    plans = flow(council)
    september, december = (council.clock.months.index(parse_month(text)) for text in ("2024-09", "2024-12"))
    # all 3 who move up find one of the 4 places left in September; in December 1 is left for 4 new plans
    np.testing.assert_allclose(plans.open[0, september], [11, 3])
    np.testing.assert_allclose(plans.new[0, december], [1, 3])
    np.testing.assert_allclose(plans.open[0, december], [12, 6])
    np.testing.assert_allclose(plans.spilled[0, :, 0], [0, 3])
    np.testing.assert_allclose(plans.unfilled[0, :, 0], [4, 0])


def test_nobody_in_place_is_displaced() -> None:
    council = special_school(6.0)
    plans = flow(council)
    september = council.clock.months.index(parse_month("2024-09"))
    np.testing.assert_allclose(plans.open[0, september], [8, 6])  # nobody moves up, nobody leaves
    np.testing.assert_allclose(plans.spilled[0, :, 0], [0, 3])
    np.testing.assert_allclose(plans.unfilled[0, :, 0], [-2, -2])


def test_places_left_over_refuse_nobody() -> None:
    plans = flow(special_school(50.0, new_rate=0.004))
    assert not plans.spilled.any()
    np.testing.assert_allclose(plans.unfilled[0, :, 0], [42, 35])  # 50 less 8; 50 less 8 + 3 + 4


def test_in_the_part_year_before_the_first_september_only_new_plans_are_refused() -> None:
    council = quiet_council(2, placements=2, children=1008.0)
    council.opening[0, 10, 0] = [8.0, 0.0]
    rate = np.zeros((1, 2, 2, AGES))
    rate[:, 0, :, 10] = 0.006
    council = council.changing(
        new_rate=rate,
        new_profile=np.eye(12)[MAY],
        capped=(SPECIAL,),
        places=np.full((1, 2, 1), 10.0),
        spill=np.array([[0.0, 1.0]]),
    )
    plans = flow(council)
    # 1,000 x 0.006 = 6 new plans in May ask for 2 places: 2 start there, 4 in mainstream
    np.testing.assert_allclose(plans.open[0, council.clock.months.index(parse_month("2024-05"))], [10, 4])
    np.testing.assert_allclose(plans.spilled[0, :, 0], [4, 0])


def test_the_refused_fill_the_next_capped_placement_and_then_the_last() -> None:
    council = quiet_council(2, placements=3)
    council.opening[0, 10, 0] = [0.0, 0.0, 12.0]
    move = council.rates.move.copy()
    move[:, 11, 2] = [0.5, 0.25, 0.25]
    council = council.changing(
        move=move,
        capped=(0, 1),
        places=np.array([[[9.0, 9.0], [2.0, 5.0]]]),
        spill=np.array([[0.0, 0.75, 0.25], [0.0, 0.0, 1.0]]),
    )
    plans = flow(council)
    september = council.clock.months.index(parse_month("2024-09"))
    # 6 ask for the 2 places of the first: 4 refused, 3 of them sent to the second and 1 to the last.
    # 3 + 3 ask for the 5 places of the second: 1 refused, to the last, which then holds 3 + 1 + 1.
    np.testing.assert_allclose(plans.open[0, september], [2, 5, 5])
    np.testing.assert_allclose(plans.spilled[0, 1], [4, 1])
    np.testing.assert_allclose(plans.moved[0, september], [2, 5, -7])


def test_places_bind_in_the_fullest_month() -> None:
    council = special_school(10.0, new_rate=0.004)
    cease = np.zeros((2, AGES, 1, 2))
    cease[SECOND_YEAR, 11] = 0.5
    plans = flow(council.changing(cease=cease, cease_profile=np.eye(12)[DECEMBER - 1]))
    # Half leave in November, so September is the fullest month: 8 + f 3 = 10 gives f = 2/3. December holds
    # (8 + 2) / 2 + 4 x 2/3 = 7.67, below 10.
    assert plans.spilled[0, 1, 0] == pytest.approx(7 / 3)  # a third of 3 and of 4
    december = plans.open[0, council.clock.months.index(parse_month("2024-12")), SPECIAL]
    assert december == pytest.approx(5 + 8 / 3)
    assert plans.unfilled[0, 1, 0] == pytest.approx(0, abs=1e-12)
