"""Prices, quarters, the account and the parts of a change, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import months_of_financial_year
from hnforecast.engine.model.account import AccountRules, Instrument, settle_account
from hnforecast.engine.model.prices import PriceSeries, uprate_price
from hnforecast.engine.model.spend import SpendRules, cost_plans
from hnforecast.engine.model.state import Prices, SpendRow
from hnforecast.engine.model.steps import steps_of
from tests.oracle.attribution import quantity_and_price, volume_mix_price
from tests.oracle.quiet import quiet_council
from tests.properties.running import flow

FEE = np.array([60000.0])
FIVE_PERCENT = {year: np.array([0.05]) for year in range(2020, 2030)}


def months_priced(uplift_month: int, year: int) -> FloatArray:
    series = PriceSeries(FEE, 2024, uplift_month, FIVE_PERCENT)
    return uprate_price(series, tuple(months_of_financial_year(year)))[0]


def test_a_september_uplift_moves_exactly_seven_months_of_its_financial_year() -> None:
    # April to August 2025 still at the fee of September 2024; September 2025 to March 2026 at 5 % more.
    np.testing.assert_allclose(months_priced(9, 2025), [60000.0] * 5 + [63000.0] * 7)
    assert months_priced(9, 2025).mean() == pytest.approx(61750.0)  # (5 x 60,000 + 7 x 63,000) / 12


def test_an_april_uplift_moves_all_twelve() -> None:
    np.testing.assert_allclose(months_priced(4, 2025), [63000.0] * 12)


def test_a_fee_of_september_is_not_yet_in_force_in_april_of_its_base_year() -> None:
    np.testing.assert_allclose(months_priced(9, 2024), [60000.0 / 1.05] * 5 + [60000.0] * 7)


def test_a_change_of_one_years_growth_leaves_earlier_months_alone() -> None:
    faster = FIVE_PERCENT | {2025: np.array([0.15])}
    months = tuple(months_of_financial_year(2025))
    change = uprate_price(PriceSeries(FEE, 2024, 9, faster), months) - uprate_price(
        PriceSeries(FEE, 2024, 9, FIVE_PERCENT), months
    )
    np.testing.assert_allclose(change[0], [0.0] * 5 + [6000.0] * 7)  # 10 % of 60,000 in seven months


@pytest.mark.parametrize("detail", [True, False])
def test_the_second_quarter_straddles_the_september_step(detail: bool) -> None:
    council = quiet_council(2)
    council.opening[0, 25] = 120.0  # all of them reach 26 in September 2024
    steps = steps_of(council.clock, detail)
    prices = Prices(np.full((1, len(steps), 1), 12000.0), np.full((1, len(steps), 1), 10000.0))
    rules = SpendRules(
        rows=(SpendRow("1.2.3", "any", "gross"), SpendRow("1.2.2", "any", "gross")),
        per_plan={0: (0, np.ones(1))},
        per_place={1: (0, np.ones(1))},
        fixed={},
        per_flow={},
        places=np.full((1, len(steps), 1), 6.0),
    )
    spend = cost_plans(flow(council, detail=detail), prices, rules, steps, council.clock, detail)
    if detail:  # draws are kept by year alone
        # £1,000 a plan-month: April to June 3 x 120, July and August 2 x 120 and September nobody, then nobody
        np.testing.assert_allclose(spend.by_quarter[0, 0, :, 0], [360000, 240000, 0, 0])
        # 6 places x £10,000 / 4 a quarter, filled or not
        np.testing.assert_allclose(spend.by_quarter[0, 0, :, 1], [15000] * 4)
    np.testing.assert_allclose(spend.by_year[0, 0], [600000, 60000])


def a_three_year_account(profile: list[float]) -> AccountRules:
    """Opens £100m in deficit after £20m received; an agreement of £10m a year and a grant of 90 % of a deficit."""
    agreement = Instrument("agreement", np.array([[10.0, 10.0, 10.0]]), np.zeros(1), suspended_when_missed=True)
    grant = Instrument("grant", np.zeros((1, 3)), np.array([0.9]), balance_year=1, paid_year=2)
    return AccountRules(
        opening=np.array([-100.0]),
        contributions_before=20.0,
        outturn_closing={0: -125.0},
        instruments=(agreement, grant),
        agreed_gross_closing=np.array(profile),
        agreed_in_year=np.full(3, np.nan),
        first_forecast=1,
    )


def test_an_account_by_hand() -> None:
    funding, spend = np.array([[300.0, 320.0, 360.0]]), np.array([[330.0, 340.0, 350.0]])
    account = settle_account(funding, spend, a_three_year_account([np.nan, -175.0, -165.0]))
    np.testing.assert_allclose(account.in_year, [[-30, -20, 10]])
    # Outturn: -100 - 30 + 10 = -120, published -125: other movement -5. Then -125 - 20 + 10 = -135.
    # Then -135 + 10 + 10 and 90 % of the 135 (121.5) = 6.5, a surplus.
    np.testing.assert_allclose(account.opening, [[-100, -125, -135]])
    np.testing.assert_allclose(account.other_movement, [[-5, 0, 0]])
    np.testing.assert_allclose(account.support[0], [[10, 0], [10, 0], [10, 121.5]])
    np.testing.assert_allclose(account.closing, [[-125, -135, 6.5]])
    # Without any contribution: -120 - 30 - 5 = -155, -175, -165: level with the profile, which is met.
    np.testing.assert_allclose(account.gross_closing, [[-155, -175, -165]])
    np.testing.assert_array_equal(account.met, [[np.nan, 1.0, 1.0]])


def test_an_agreement_missed_pays_nothing_from_that_year_on() -> None:
    funding, spend = np.array([[300.0, 320.0, 360.0]]), np.array([[330.0, 340.0, 350.0]])
    rules = a_three_year_account([np.nan, -174.0, -170.0])  # -175 misses -174; -165 is back within -170
    account = settle_account(funding, spend, rules)
    np.testing.assert_allclose(account.support[0, :, 0], [10, 0, 0])
    np.testing.assert_array_equal(account.met, [[np.nan, 0.0, 1.0]])


def test_volume_mix_and_price_by_hand() -> None:
    # 10 plans half at £10, half at £40 cost £250; 12 plans, a quarter at £11, the rest at £44, cost £429: £179 more.
    # Volume: 2 x [(5 + 2.75)/3 + (5.5 + 2.5)/6 + (20 + 33)/3 + (22 + 30)/6] = 2 x 30.25
    # Price:  1 x [(5 + 3)/3 + (2.5 + 6)/6] + 4 x [(5 + 9)/3 + (7.5 + 6)/6] = 4.0833 + 27.6667
    # Mix, prices less the means 25 and 35.75: -0.25 x (-149 - 71.25) + 0.25 x (83 + 43.75) = 55.0625 + 31.6875
    parts = volume_mix_price([5.0, 5.0], [10.0, 40.0], [3.0, 9.0], [11.0, 44.0])
    np.testing.assert_allclose(parts, [60.5, 86.75, 31.75])


def test_a_placement_opened_from_nothing_is_explained_without_a_logarithm() -> None:
    # To 10 plans at £10 come 5 at £40, in a placement that did not exist: £200 more. The mean price is £10 before and
    # £20 after, so 5 more plans are worth 5 x £15 = £75; prices stood still; the rest, £125, is mix.
    parts = volume_mix_price([10.0, 0.0], [10.0, 40.0], [10.0, 5.0], [10.0, 40.0])
    np.testing.assert_allclose(parts, [75.0, 125.0, 0.0], atol=1e-12)


def test_quantity_and_price_by_hand() -> None:
    # 10 at £3 to 14 at £5: 4 x £4 = 16 and £2 x 12 = 24, together 70 - 30
    np.testing.assert_allclose(quantity_and_price(10, 3, 14, 5), [16, 24])
