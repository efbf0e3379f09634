"""Prices, spend, funding and account equal the plain loops, and keep the identities of an account."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hnforecast.base.axes import FloatArray, stack_draws
from hnforecast.base.timeline import financial_year
from hnforecast.engine.model.account import AccountRules, Instrument, build_funding, settle_account
from hnforecast.engine.model.prices import PriceSeries, uprate_price
from hnforecast.engine.model.spend import SpendRules, cost_plans
from hnforecast.engine.model.state import DsgAccount, Prices, SpendRow
from hnforecast.engine.model.steps import steps_of
from tests.oracle.money_loop import Support, by_quarter, fixed_spend, place_spend, plan_spend, price_in, settle
from tests.oracle.quiet import Council
from tests.properties.running import flow
from tests.properties.strategies import councils

SEEDS = st.integers(0, 2**32 - 1)


@given(seed=SEEDS, uplift_month=st.sampled_from((4, 9)), base_year=st.integers(2022, 2028))
def test_price_in_every_month_equals_the_walk_from_the_base_year(seed: int, uplift_month: int, base_year: int) -> None:
    chance = np.random.default_rng(seed)
    months = tuple(range(12 * 2024 + 1, 12 * 2028))
    growth = {year: chance.uniform(-0.02, 0.1, 2) for year in range(2018, 2035)}
    value = chance.uniform(1000, 60000, 2)
    ours = uprate_price(PriceSeries(value, base_year, uplift_month, growth), months)
    for d in range(2):
        of_draw = {year: float(rate[d]) for year, rate in growth.items()}
        expected = [price_in(t, value[d], base_year, uplift_month, of_draw) for t in months]
        np.testing.assert_allclose(ours[d], expected, rtol=1e-12)


def rules_for(council: Council, chance: np.random.Generator, detail: bool) -> SpendRules:
    """One row of each kind for a council whose first placement has places."""
    years = len(council.clock.financial_years)
    steps = steps_of(council.clock, detail)
    kinds = ("plan", "plan", "place", "recouped", "fixed")
    rows = tuple(SpendRow("1.2.1", "any", kind) for kind in kinds)
    return SpendRules(
        rows=rows,
        per_plan={0: (0, np.array([0.75])), 1: (1, np.array([1.0]))},
        per_place={2: (0, np.array([0.4])), 3: (0, np.array([0.6]))},
        fixed={4: chance.uniform(1e5, 1e6, (1, years))},
        per_flow={},
        places=np.full((1, len(steps), 2), 40.0),
    )


def cash_prices(council: Council, detail: bool) -> Prices:
    """One April and one September price on the run's steps; no price changes inside a step."""
    firsts = tuple(step[0] for step in steps_of(council.clock, detail))
    growth = {year: np.array([0.05]) for year in range(2015, 2045)}
    series = [PriceSeries(np.array([12000.0]), 2024, 4, growth), PriceSeries(np.array([60000.0]), 2024, 9, growth)]
    place = [PriceSeries(np.array([10000.0]), 2024, 4, growth)] * 2
    unpriced = [PriceSeries(np.zeros(1), 2024, 4, growth)] * (council.opening.shape[3] - 2)
    series, place = series + unpriced, place + unpriced
    paths = ([uprate_price(one, firsts) for one in prices] for prices in (series, place))
    return Prices(*(stack_draws(path, axis=-1) for path in paths))


@given(councils(caps=("none", "near")), SEEDS)
def test_spend_by_row_month_quarter_and_year_equals_the_loop(council: Council, seed: int) -> None:
    months, years = council.clock.months, council.clock.financial_years
    plans = flow(council)
    prices, rules = cash_prices(council, True), rules_for(council, np.random.default_rng(seed), True)
    spend = cost_plans(plans, prices, rules, steps_of(council.clock, True), council.clock, True)
    fixed = {year: float(rules.fixed[4][0, f]) for f, year in enumerate(years)}
    growth = dict.fromkeys(range(2015, 2045), 0.05)
    april = [price_in(t, 12000, 2024, 4, growth) for t in months]
    september = [price_in(t, 60000, 2024, 9, growth) for t in months]
    place = [price_in(t, 10000, 2024, 4, growth) for t in months]
    for d in range(plans.open.shape[0]):
        of_placement = plans.plan_months[d].T.tolist()
        rows = [
            plan_spend(months, of_placement[0], april, 0.75),
            plan_spend(months, of_placement[1], september, 1.0),
            place_spend(months, [40.0] * len(months), place, 0.4),
            place_spend(months, [40.0] * len(months), place, 0.6),
            fixed_spend(months, fixed),
        ]
        for r, row in enumerate(rows):
            quarters = by_quarter(row, years)
            for f, year in enumerate(years):
                expected = [quarters[year, number] for number in (1, 2, 3, 4)]
                np.testing.assert_allclose(spend.by_quarter[d, f, :, r], expected, rtol=1e-11, atol=1e-6)
                assert spend.by_year[d, f, r] == pytest.approx(sum(expected), rel=1e-11, abs=1e-6)
                inside = [t for t in months if financial_year(t) == year]
                np.testing.assert_allclose(
                    spend.monthly[d, [months.index(t) for t in inside], r],
                    [row.get(t, 0.0) for t in inside],
                    rtol=1e-11,
                    atol=1e-6,
                )


@given(councils(caps=("none", "near")), SEEDS)
def test_spend_of_a_lean_run_is_that_of_the_months(council: Council, seed: int) -> None:
    totals = []
    for detail in (True, False):
        rules = rules_for(council, np.random.default_rng(seed), detail)
        steps = steps_of(council.clock, detail)
        plans, prices = flow(council, detail=detail), cash_prices(council, detail)
        totals.append(cost_plans(plans, prices, rules, steps, council.clock, detail))
    np.testing.assert_allclose(totals[1].by_year, totals[0].by_year, rtol=1e-11, atol=1e-6)


def settled(seed: int, supported: bool = True) -> tuple[DsgAccount, list[dict[str, FloatArray]], AccountRules]:
    """A random account of three draws over six years, with what went in by draw."""
    chance = np.random.default_rng(seed)
    years = 6
    streams = {
        "block": chance.uniform(2e8, 3e8, (3, years)),
        "deductions": -chance.uniform(1e7, 2e7, (1, years)),
        "transfer": chance.uniform(0, 1e7, (1, years)),
    }
    spend = chance.uniform(2e8, 3.5e8, (3, years))
    agreed = np.where(chance.random(years) < 0.6, chance.uniform(-3e8, 0, years), np.nan)
    instruments = (
        Instrument("agreed", chance.uniform(0, 3e7, (1, years)), np.zeros(1), suspended_when_missed=True),
        Instrument("council", chance.uniform(0, 2e7, (1, years)), np.zeros(1)),
        Instrument("grant", np.zeros((1, years)), np.array([0.9]), balance_year=3, paid_year=4),
    )
    rules = AccountRules(
        opening=chance.uniform(-1e8, 1e7, (3,)),
        contributions_before=2.5e7 if supported else 0.0,
        outturn_closing={0: float(chance.uniform(-2e8, 0))} if supported else {},
        instruments=instruments if supported else (),
        agreed_gross_closing=agreed,
        agreed_in_year=np.full(years, np.nan),
        first_forecast=1,
    )
    funding = build_funding(streams)
    by_draw = [{"funding": funding.by_year[d], "spend": spend[d]} for d in range(3)]
    return settle_account(funding.by_year.sum(axis=2), spend, rules), by_draw, rules


@given(SEEDS)
def test_account_equals_the_loop(seed: int) -> None:
    account, by_draw, rules = settled(seed)
    years = range(6)
    for d, money in enumerate(by_draw):
        lines = settle(
            years=years,
            funding={f: money["funding"][f].tolist() for f in years},
            spend={f: float(money["spend"][f]) for f in years},
            opening=float(rules.opening[d]),
            contributions_before=rules.contributions_before,
            instruments=[
                Support(
                    payments=dict(enumerate(one.payments[0].tolist())),
                    share=float(one.share[0]),
                    balance_year=one.balance_year if one.balance_year >= 0 else None,
                    paid_year=one.paid_year if one.paid_year >= 0 else None,
                    suspended_when_missed=one.suspended_when_missed,
                )
                for one in rules.instruments
            ],
            agreed={f: agreed for f, agreed in enumerate(rules.agreed_gross_closing) if np.isfinite(agreed)},
            first_forecast=rules.first_forecast,
            published_closing=rules.outturn_closing,
        )
        for f, line in lines.items():
            for name in ("opening", "in_year", "other_movement", "closing", "gross_closing"):
                assert getattr(account, name)[d, f] == pytest.approx(getattr(line, name), rel=1e-12, abs=1e-4), name
            np.testing.assert_allclose(account.support[d, f], line.support, rtol=1e-12, atol=1e-4)
            met = account.met[d, f]
            assert np.isnan(met) if line.met is None else bool(met) == line.met


@given(SEEDS)
def test_account_rolls_forward(seed: int) -> None:
    account, _, _ = settled(seed)
    np.testing.assert_allclose(account.opening[:, 1:], account.closing[:, :-1], rtol=0, atol=1e-6)
    moved = account.opening + account.in_year + account.support.sum(axis=2) + account.other_movement
    np.testing.assert_allclose(account.closing, moved, rtol=0, atol=1e-6)
    received = account.support.sum(axis=2).cumsum(axis=1) + 2.5e7
    np.testing.assert_allclose(account.gross_closing, account.closing - received, rtol=0, atol=1e-6)


@given(SEEDS)
def test_without_support_the_balance_moves_by_the_in_year_positions(seed: int) -> None:
    account, _, _ = settled(seed, supported=False)
    np.testing.assert_allclose(
        account.closing[:, -1] - account.opening[:, 0], account.in_year.sum(axis=1), rtol=0, atol=1e-6
    )
    np.testing.assert_allclose(account.gross_closing, account.closing, rtol=0, atol=1e-6)
