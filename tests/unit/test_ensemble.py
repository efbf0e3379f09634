"""Draws of a scenario are its own: they do not depend on which scenarios are run with it, or in which order."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from hnforecast.base.timeline import parse_year, show_year
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers.prices import year_growth
from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.engine.records import Forecast, Shared
from hnforecast.papers.tables.money import agreement_table
from hnforecast.papers.tables.risk import fan_table, risk_table
from tests.fixtures_forecast import EXAMPLE, ROOT


def test_a_scenario_has_the_same_draws_run_alone_first_or_last() -> None:
    project = load_project(EXAMPLE)
    orders = (("mitigated",), ("mitigated", "unmitigated"), ("unmitigated", "mitigated"))
    closings = []
    for names in orders:
        shared = Shared()
        runs = {name: run_forecast(project, name, horizon=2, draws=16, shared=shared, savings=False) for name in names}
        ensemble = runs["mitigated"].ensemble
        assert ensemble is not None
        closings.append(ensemble.account.closing)
    assert np.ptp(closings[0][:, -1]) > 0
    for other in closings[1:]:
        np.testing.assert_array_equal(other, closings[0])


def test_a_drawn_factor_on_an_index_multiplies_its_growth_in_the_years_ahead() -> None:
    vintage = load_project(EXAMPLE).vintage
    price = vintage.prices.top_up["independent_nmss"]
    index = vintage.prices.indices[str(price.uprate_by)]
    year = vintage.manifest.first_forecast_year
    drawn = Drawn(2, factors={index.path: np.array([0.5, 2.0])})
    written = index.at(year, 0.0)
    assert written > 0
    assert year_growth(vintage, price, year, drawn, [], {}) == pytest.approx([0.5 * written, 2.0 * written])
    assert year_growth(vintage, price, year - 1, drawn, [], {}) == pytest.approx([index.at(year - 1, 0.0)])


@pytest.mark.filterwarnings("error")
def test_without_new_plans_every_draw_is_finite() -> None:
    run = run_forecast(
        load_project(EXAMPLE), "unmitigated", horizon=2, draws=16, overrides={"demand.new_plans.rate": "x0"}
    )
    assert run.ensemble is not None
    assert np.isfinite(run.ensemble.account.closing).all()


@lru_cache
def drawn_example() -> Forecast:
    return run_forecast(load_project(EXAMPLE), "mitigated", draws=64, savings=False)


def test_the_drawn_account_is_drawn_funding_less_drawn_spend_year_by_year() -> None:
    ensemble = drawn_example().ensemble
    assert ensemble is not None
    account = ensemble.account
    for d in (0, 17, 63):
        balance = float(account.opening[d, 0])
        for f in range(account.in_year.shape[1]):
            spent = sum(
                float(ensemble.spend.by_year[d, f, r])
                for r, row in enumerate(ensemble.spend.rows)
                if row.account == "dsg" and row.kind != "recoupment"
            )
            received = ensemble.funding.by_year[d if len(ensemble.funding.by_year) > 1 else 0, f]
            in_year = float(received.sum()) - spent
            balance += in_year + float(account.support[d, f].sum() + account.other_movement[d, f])
            assert account.in_year[d, f] == pytest.approx(in_year, abs=0.01)
            assert account.closing[d, f] == pytest.approx(balance, abs=0.01)


def test_a_chance_is_a_count_of_draws() -> None:
    made = drawn_example()
    assert made.ensemble is not None
    account, years = made.ensemble.account, made.clock.financial_years
    told = {row[1]: row[3] for row in risk_table([made]).rows if row[2] == "probability_in_year_balance"}
    agreed = {row[1]: row[2] for row in agreement_table([made]).rows}
    counted = 0
    for f, year in enumerate(years):
        if year < made.clock.first_forecast:
            continue
        balanced = [position >= 0 for position in account.in_year[:, f].tolist()]
        assert told[show_year(year)] == balanced.count(True) / 64
        if np.isfinite(account.agreed_gross_closing[f]):
            limit = float(account.agreed_gross_closing[f])
            met = [balance >= limit for balance in account.gross_closing[:, f].tolist()]
            assert agreed[show_year(year)] == met.count(True) / 64
            counted += 0 < met.count(True) < 64
    assert counted


def test_the_first_quantile_of_a_balance_is_its_worse_end() -> None:
    made = drawn_example()
    assert made.ensemble is not None
    for _, year, item, *values in fan_table([made]).rows:
        f = made.clock.financial_years.index(parse_year(str(year)))
        drawn = sorted(getattr(made.ensemble.account, str(item))[:, f].tolist())
        quantiles = [float(value) for value in values]  # type: ignore[arg-type]
        assert quantiles == sorted(quantiles)
        assert drawn[3] <= quantiles[0] <= drawn[4]  # p5 of 64 draws
        assert drawn[59] <= quantiles[-1] <= drawn[60]


def test_what_the_measures_bring_is_the_same_draws_without_them() -> None:
    made = drawn_example()
    alone = run_forecast(load_project(EXAMPLE), "unmitigated", draws=64, savings=False)
    assert made.ensemble is not None
    assert alone.ensemble is not None
    np.testing.assert_allclose(made.ensemble.without_measures, alone.ensemble.account.in_year, atol=1.0)
    assert (made.ensemble.without_measures[:, -1] < made.ensemble.account.in_year[:, -1]).mean() > 0.5


def test_drawn_plans_lie_around_the_path_that_history_gives() -> None:
    shared = Shared()
    made = run_forecast(load_project(ROOT), "history", horizon=2, draws=64, shared=shared, savings=False)
    assert made.demand_path
    assert made.ensemble is not None
    assert shared.shocks is not None
    middle = made.plans.january[0, 2:].sum(axis=(1, 2))
    away = np.log(made.ensemble.bands[:, 2:].sum(axis=(2, 3)) / middle) - shared.shocks.plans[:, :2]
    spread = shared.shocks.plans[:, :2].std(axis=0)
    assert (np.abs(away.mean(axis=0)) <= 0.1 * spread).all()
    assert (away.std(axis=0) <= 0.1 * spread).all()
