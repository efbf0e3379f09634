"""A check of a run fails where what it is about is broken, and passes where it is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hnforecast.engine.checks import check_run
from hnforecast.engine.combinations import plan_years_by_term, run_combinations, term_of
from hnforecast.engine.forecast import Forecast
from hnforecast.engine.model.steps import steps_of
from tests.fixtures_forecast import example_forecasts

MORE = {  # record, its array, how much of it is added in one place, the check that must say so
    "plans are conserved every month": ("plans", "new", 0.001),
    "moves between placements sum to nothing": ("plans", "moved", 0.001),
    "the January count is the stock of that January": ("plans", "january", 0.001),
    "quarters add up to years": ("spend", "by_quarter", 0.02),
    "months add up to years": ("spend", "monthly", 0.02),
    "in-year position is funding less spend": ("funding", "by_year", 0.02),
    "opening + in-year + support + other = closing": ("account", "support", 0.02),
    "each opening is the closing before it": ("account", "opening", 0.02),
    "gross closing moves by in-year position alone": ("account", "gross_closing", 0.02),
}


def checked(forecast: Forecast, **changed: Any) -> dict[str, bool]:
    parts = {name: getattr(forecast, name) for name in ("clock", "population", "plans", "spend", "funding", "account")}
    return {check.name: check.passed for check in check_run(**(parts | changed))}


def test_a_run_passes_every_check() -> None:
    assert all(checked(example_forecasts()[1]).values())


@pytest.mark.parametrize("name", MORE)
def test_a_check_fails_where_one_figure_is_a_little_too_large(name: str) -> None:
    forecast = example_forecasts()[1]
    record, array, amount = MORE[name]
    figures = getattr(getattr(forecast, record), array).copy()
    figures[(0, 2, *[0] * (figures.ndim - 2))] += amount
    found = checked(forecast, **{record: replace(getattr(forecast, record), **{array: figures})})
    assert not found[name]


def test_a_figure_that_is_no_number_is_told() -> None:
    forecast = example_forecasts()[1]
    closing = forecast.account.closing.copy()
    closing[0, -1] = np.nan
    assert not checked(forecast, account=replace(forecast.account, closing=closing))["every figure is a number"]


def test_plan_years_by_term_are_the_twelfths_of_their_months() -> None:
    forecast = example_forecasts()[0]
    assert [term_of(month) for month in range(12)] == [1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1]  # January first
    years = forecast.clock.financial_years
    found = plan_years_by_term(forecast.plans.plan_months, steps_of(forecast.clock, True), years)
    for f, year in enumerate(years):
        summer = [t for t, m in enumerate(forecast.clock.months) if 12 * year + 3 <= m < 12 * year + 8]
        np.testing.assert_allclose(found[0, f, 0], forecast.plans.plan_months[0, summer].sum(axis=0) / 12)


def test_with_every_measure_the_combination_is_the_central_run_to_the_bit() -> None:
    forecast = example_forecasts()[1]
    clock, plans = forecast.clock, forecast.plans
    found = run_combinations(forecast.scenario, clock, plans, {}, {}, {}, most=8)
    central = plan_years_by_term(plans.plan_months, steps_of(clock, True), clock.financial_years)[0]
    whole = int(np.nonzero(found.members.all(axis=1))[0][0])
    np.testing.assert_array_equal(found.plan_years[whole], central)
    assert not np.array_equal(found.plan_years[0], central)
