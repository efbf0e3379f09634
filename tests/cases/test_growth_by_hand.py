"""Plans growing at exactly 10 % a year: what a financial year costs, and what short cuts would have said instead."""

from __future__ import annotations

import numpy as np
import pytest

from hnforecast.base.axes import AGES
from hnforecast.base.timeline import months_of_financial_year, positions
from hnforecast.engine.model.state import Plans
from tests.oracle.quiet import Council, quiet_council
from tests.properties.running import flow

MONTHLY = 1.1 ** (1 / 12)  # 1.00797 a month


def growing_cohort() -> Council:
    """One cohort, nobody ceasing, whose every month's end is 1.00797 times the last, 1,000 in January 2024.

    A September opening X has ten times as many without a plan and a new-plan rate of 1 %, so the year's new plans are
    0.1 X; month m takes X (1.1^((m+1)/12) - 1.1^(m/12)) of them. The part year is fixed from a January stock that is
    already five months into its year, so its rate is smaller by 1.1^(5/12).
    """
    council = quiet_council(3)
    council.opening[0, 5] = 1000.0
    rate = np.zeros((1, 3, 2, AGES))
    for year, months_on in enumerate((0, 7, 19)):
        age = 5 + year
        council.children[0, year, age] = 11 * 1000 * MONTHLY**months_on
        rate[0, year, :, age] = 0.01
    rate[0, 0] /= MONTHLY**5
    return council.changing(new_rate=rate, new_profile=np.diff(MONTHLY ** np.arange(13)) / 0.1)


@pytest.fixture(scope="module")
def plans() -> Plans:
    return flow(growing_cohort())


def year_2025(council: Council) -> list[int]:
    return positions(council.clock.months, months_of_financial_year(2025))


def test_every_month_grows_by_the_twelfth_root_of_the_years_growth(plans: Plans) -> None:
    months = plans.open.shape[1]
    np.testing.assert_allclose(plans.open[0, :, 0], 1000 * MONTHLY ** np.arange(1, months + 1), rtol=1e-12)
    np.testing.assert_allclose(plans.january[0].sum(axis=(1, 2)), [1000, 1100, 1210], rtol=1e-12)


def test_mean_plans_of_a_financial_year(plans: Plans) -> None:
    # April 2025 is the third month after the January count of 1,100, March 2026 the fourteenth.
    month_ends = 1100 * np.mean(MONTHLY ** np.arange(3, 15))  # 1,177.3
    mean_of_ends = plans.open[0, year_2025(growing_cohort()), 0].mean()
    plan_years = plans.plan_months[0, year_2025(growing_cohort()), 0].sum() / 12
    assert mean_of_ends == pytest.approx(month_ends, rel=1e-12)
    # The mean of opening and end is half a month's growth less: counting month ends would overstate cost by 0.40 %.
    assert plan_years == pytest.approx(month_ends * (1 + 1 / MONTHLY) / 2, rel=1e-12)
    assert mean_of_ends / plan_years - 1 == pytest.approx(0.0040, abs=5e-5)


def test_weights_of_january_counts_would_be_wrong(plans: Plans) -> None:
    before, after = plans.january[0, 1:].sum(axis=(1, 2))
    month_ends = plans.open[0, year_2025(growing_cohort()), 0].mean()
    # 5/12 x 1,100 + 7/12 x 1,210 = 1,164.2 against 1,177.3
    assert (5 / 12 * before + 7 / 12 * after) / month_ends - 1 == pytest.approx(-0.0111, abs=5e-5)
    # 0.29 x 1,100 + 0.71 x 1,210 = 1,178.1
    assert (0.29 * before + 0.71 * after) / month_ends - 1 == pytest.approx(0.0007, abs=5e-5)
