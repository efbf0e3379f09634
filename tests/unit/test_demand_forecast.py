"""The forecast itself: what it must do where the answer is known, and what its intervals promise."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from hnforecast.engine.demand import authority_path, build_panel, forecast_series, pooled_growth
from hnforecast.engine.demand.forecast import HELD
from hnforecast.engine.demand.local import PENALTY, centred, local_path, precision, robust_spread, standardise
from hnforecast.engine.demand.national import equal_views, national_growth, series_growth_path
from hnforecast.engine.demand.panel_files import FILES
from hnforecast.engine.demand.spread import Spread, measure_spread, t_quantile
from hnforecast.engine.demand.unit_cost import LONG_RUN_GROWTH, PRICES, past_path_errors, unit_cost_growth_path
from hnforecast.inputs import load_panel
from tests.fixtures_demand import NATIONAL, YEARS, growing_panel, made_panel, shipped_panel


def steady(rate: float = 1.08, authorities: int = 12) -> np.ndarray:
    return np.outer(np.linspace(500, 4000, authorities), rate ** np.arange(len(YEARS)))


def test_when_all_grow_alike_nothing_local_is_found() -> None:
    made = forecast_series(made_panel(steady()), "total_plans", 2025, 5)
    growth = np.diff(np.log(np.hstack([steady()[:, -1:], made.central])), axis=1)
    # Held and regressed views keep 8 %; the damped one fades by a tenth a year from the second year.
    fading = math.log(1.08) * (2 + 0.9 ** np.arange(5)) / 3
    np.testing.assert_allclose(growth, np.tile(fading, (12, 1)), rtol=1e-9)


def test_the_national_path_is_the_mean_of_three_views() -> None:
    national = np.array([np.nan, 0.02, 0.05, 0.11])
    local = np.array([[np.nan, 0.02, 0.05, 0.11], [np.nan, 0.06, 0.07, 0.09]])
    before, after = local[:, 1:3].ravel(), local[:, 2:].ravel()
    slope, intercept = np.polyfit(before, after, 1)
    first = intercept + np.clip(slope, 0, 0.98) * 0.11
    second = intercept + np.clip(slope, 0, 0.98) * first
    wanted = [(0.11 + 0.06 + first) / 3, (0.11 + 0.06 * 0.9 + second) / 3]
    np.testing.assert_allclose(equal_views(national, local, 2), wanted)


def test_published_rows_lead_and_a_joining_authority_makes_no_jump() -> None:
    plans = steady(1.1, 3)
    plans[2, :10] = np.nan
    panel = made_panel(plans)
    np.testing.assert_allclose(national_growth(panel, "total_plans")[1:], math.log(1.1))
    published = replace(panel, national={"total_plans": 1000 * 1.05 ** np.arange(len(YEARS))})
    np.testing.assert_allclose(national_growth(published, "total_plans")[1:], math.log(1.05))


def test_a_group_is_carried_by_the_view_that_has_been_right() -> None:
    # Total alternates 4 % and 12 %; the group grows at a steady 3 %: "as total plans" has always been wrong for it.
    swings = np.exp(np.cumsum(np.tile([0.04, 0.12], 8)))
    plans = np.outer([1000.0, 2000.0, 3000.0], swings)
    group = np.outer([300.0, 500.0, 700.0], 1.03 ** np.arange(len(YEARS)))
    made = series_growth_path(made_panel(plans, plans_mainstream_state=group), "plans_mainstream_state", 1)
    equal = np.mean([math.log(1.03), math.log(1.03), 0.08])
    assert abs(made[0] - math.log(1.03)) < 0.45 * abs(equal - math.log(1.03))


def test_a_request_signal_that_leads_growth_is_found_and_used() -> None:
    rng = np.random.default_rng(5)
    authorities = 60
    asked = rng.normal(0.25, 0.05, (authorities, len(YEARS)))
    growth = 0.08 + 0.5 * (asked[:, :-1] - 0.25) + rng.normal(0, 0.01, (authorities, len(YEARS) - 1))
    plans = 3000 * np.exp(np.hstack([np.zeros((authorities, 1)), np.cumsum(growth, axis=1)]))
    with_requests = made_panel(plans, requests=asked * plans)
    told, blind = (
        forecast_series(panel, "total_plans", 2025, 1).central[:, 0] for panel in (with_requests, made_panel(plans))
    )
    signal = asked[:, -1] - asked[:, -1].mean()
    assert np.corrcoef(np.log(told / plans[:, -1]), signal)[0, 1] > 0.95
    assert abs(np.corrcoef(np.log(blind / plans[:, -1]), signal)[0, 1]) < 0.6
    slope = np.polyfit(signal, np.log(told / plans[:, -1]), 1)[0]
    assert 0.3 < slope < 0.5


def test_the_regression_is_a_ridge_towards_the_faded_shorter_lead() -> None:
    rng = np.random.default_rng(8)
    signal, growth = rng.normal(size=(30, 6)), rng.normal(size=(30, 6)) * 0.05
    counts = np.full((30, 6), 1e12)
    made = local_path(growth, [signal], counts, 5)
    z, y = standardise(signal, precision(counts)), centred(growth, precision(counts))
    y = np.clip(y, -3 * robust_spread(y), 3 * robust_spread(y))
    beta, wanted = 0.0, []
    for lead in range(1, 6):
        prior, above, below = 0.5 * beta, 0.0, PENALTY
        for start in range(6 - lead):
            weight = 0.85 ** (6 - lead - 1 - start)
            above += weight * float(z[:, start] @ (y[:, start + lead] - z[:, start] * prior))
            below += weight * float(z[:, start] @ z[:, start])
        beta = prior + above / below
        wanted.append(z[:, -1] * beta)
    np.testing.assert_allclose(made, np.cumsum(np.stack(wanted, axis=1), axis=1), rtol=1e-9)


def test_with_nothing_to_learn_from_the_local_path_is_flat() -> None:
    assert (local_path(np.full((4, 3), np.nan), [], np.ones((4, 3)), 2) == 0).all()
    assert (local_path(np.full((4, 3), np.nan), [np.full((4, 3), np.nan)], np.ones((4, 3)), 2) == 0).all()


def test_spend_is_plans_times_unit_cost() -> None:
    plans = steady()
    cost = 15_000 * 1.05 ** np.arange(len(YEARS))
    panel = made_panel(plans, spend=plans * cost)
    spend, demand = forecast_series(panel, "spend", 2025, 3), forecast_series(panel, "total_plans", 2025, 3)
    unit = spend.central / demand.central / cost[-1]
    # no prices are given, so that view is always wrong and momentum always right: drawn half way together, 1 to 3
    wanted = np.full(3, 0.25 * LONG_RUN_GROWTH + 0.75 * math.log(1.05))
    np.testing.assert_allclose(unit, np.exp(np.tile(np.cumsum(wanted), (12, 1))), rtol=1e-5)
    np.testing.assert_allclose(unit_cost_growth_path(panel, 3), wanted, rtol=1e-5)
    np.testing.assert_allclose(
        pooled_growth(panel, 2025, 3, "spend") - pooled_growth(panel, 2025, 3), wanted, rtol=1e-5
    )


def test_the_earlier_method_of_spend_goes_back_to_the_long_run() -> None:
    plans = steady()
    cost = 15_000 * 1.05 ** np.arange(len(YEARS))
    panel = made_panel(plans, spend=plans * cost)
    spend = forecast_series(panel, "spend", 2025, 3, HELD)
    unit = spend.central / forecast_series(panel, "total_plans", 2025, 3).central / cost[-1]
    back_to_long_run = LONG_RUN_GROWTH + (math.log(1.05) - LONG_RUN_GROWTH) * 0.9 ** np.arange(3)
    np.testing.assert_allclose(unit, np.exp(np.tile(np.cumsum(back_to_long_run), (12, 1))), rtol=1e-9)


def test_unit_cost_weighs_prices_and_momentum_by_what_each_would_have_missed() -> None:
    """By hand: growth of 0, 2, 3%, prices of 4% throughout."""
    cost = 10_000 * np.exp(np.cumsum([0.0, 0.0, 0.02, 0.03]))
    plans = np.full((3, 4), 1000.0)
    panel = made_panel(plans, (2022, 2023, 2024, 2025), spend=plans * cost)
    panel = replace(panel, national={PRICES: np.full(4, 0.04)})
    far = (0.04 - LONG_RUN_GROWTH) * 0.9
    # from the first growth: 4% and 0% where 2, then 3% came; from the second: 4% and 2% + 0.9 x 2% where 3% came
    prices = ((0.02**2 + ((0.04 + LONG_RUN_GROWTH + far - 0.05) / 2) ** 2) / 2 + 0.01**2) / 2
    momentum = ((0.02**2 + 0.025**2) / 2 + 0.008**2) / 2
    drawn = (prices + momentum) / 2
    weight = 1 / np.array([prices + drawn, momentum + drawn])
    weight = weight / weight.sum()
    gaining = 0.015
    views = [[0.04, LONG_RUN_GROWTH + far], [0.03 + 0.9 * gaining, 0.03 + (0.9 + 0.81) * gaining]]
    np.testing.assert_allclose(unit_cost_growth_path(panel, 2), weight @ np.array(views), rtol=1e-4)


def test_prices_published_after_an_origin_do_not_reach_its_forecast() -> None:
    frames = load_panel(NATIONAL, files=FILES).frames
    changed = {**frames, "price_indices": frames["price_indices"].copy()}
    later = changed["price_indices"]["fy_start"] >= 2022
    changed["price_indices"].loc[later, "gdp_deflator_growth_pct"] = 50.0
    first, second = (forecast_series(build_panel(each), "spend", 2022, 4) for each in (frames, changed))
    np.testing.assert_array_equal(first.central, second.central)
    np.testing.assert_array_equal(first.log_sd, second.log_sd)
    moved = forecast_series(build_panel(changed), "spend", 2023, 4).central
    assert (moved > forecast_series(build_panel(frames), "spend", 2023, 4).central)[np.isfinite(moved)].all()


def test_quantiles_are_ordered_and_the_median_is_the_central_forecast() -> None:
    made = forecast_series(growing_panel(), "total_plans", 2022, 5)
    levels = [made.quantile(level) for level in (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)]
    assert (np.diff(np.stack(levels), axis=0) > 0).all()
    np.testing.assert_allclose(levels[3], made.central)
    # The spread is that of the normal with the same 80 %, and the tails are fatter.
    np.testing.assert_allclose(t_quantile(np.array([0.9])), 1.2815515655446004)
    assert t_quantile(np.array([0.99]))[0] > 2.6


def test_intervals_widen_and_their_paths_are_consistent() -> None:
    made = forecast_series(growing_panel(), "plans_special_state", 2022, 5)
    assert (np.diff(made.log_sd, axis=1) > 0).all()
    for code in made.authorities[:3]:
        covariance = made.path_covariance(code)
        row = made.authorities.index(code)
        np.testing.assert_allclose(np.sqrt(np.diag(covariance)), made.log_sd[row])
        assert np.linalg.eigvalsh(covariance).min() > 0


def test_path_correlations_are_those_seen_between_horizons() -> None:
    covariance = Spread(np.array([0.05]), 0.7, 0.0, 1).path_covariance(0, 5)
    scale = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(scale, scale)
    np.testing.assert_allclose(correlation[0, 1:], [0.81, 0.70, 0.63, 0.58], atol=0.01)


def test_spread_is_measured_from_errors_of_known_size() -> None:
    rng = np.random.default_rng(2)
    growth = 0.08 + rng.normal(0, 0.05, (150, len(YEARS) - 1))
    plans = 3000 * np.exp(np.hstack([np.zeros((150, 1)), np.cumsum(growth, axis=1)]))
    spread = measure_spread(made_panel(plans), "total_plans", 5)
    assert float(np.median(spread.local)) == pytest.approx(0.05, rel=0.12)
    assert spread.exponent == pytest.approx(0.5, abs=0.12)
    assert spread.common == pytest.approx(0.25 * float(np.median(spread.local)), rel=0.2)


def test_a_short_history_gets_a_wide_guess() -> None:
    plans = steady()[:, :3]
    spread = measure_spread(made_panel(plans, YEARS[:3]), "total_plans", 2)
    assert spread.errors == 0
    assert (spread.log_sd(2)[:, 0] >= 0.1).all()


def test_one_authority_asked_for_is_its_row_of_all() -> None:
    panel = shipped_panel()
    whole = forecast_series(panel, "total_plans", 2025, 5)
    kent = authority_path(panel, "886", 2025, 5)
    row = whole.authorities.index("886")
    np.testing.assert_array_equal(kent.central, whole.central[row])
    assert kent.last == panel.series("total_plans")[row, panel.years.index(2025)]
    np.testing.assert_allclose(np.sqrt(np.diag(kent.covariance)), kent.log_sd)
    assert (kent.common_sd < kent.log_sd).all()


def test_a_comparator_can_stand_in_with_its_own_intervals() -> None:
    panel = shipped_panel()
    ours, naive = (forecast_series(panel, "total_plans", 2022, 3, method) for method in ("hnforecast", "naive"))
    known = np.isfinite(naive.central[:, 0])
    assert known.sum() > 100
    np.testing.assert_allclose(naive.central[known, 2], panel.series("total_plans")[known, panel.years.index(2022)])
    assert np.median(naive.log_sd[known, 0]) > np.median(ours.log_sd[known, 0])


def test_what_the_path_of_unit_cost_missed_strikes_every_authoritys_spend() -> None:
    """All grow alike, so that nothing local is left and the country's path is the whole of what is common."""
    growing = {
        growth: made_panel(steady(), spend=steady() * 15_000 * growth ** np.arange(len(YEARS)))
        for growth in (1.02, 1.05)
    }
    judged = np.isfinite(past_path_errors(growing[1.02])).sum()
    assert judged >= 3
    # growth that prices and momentum both foresee: no miss but the prior's 3%, which counts as one year
    foreseen = measure_spread(growing[1.02], "spend", 3).common
    assert foreseen == pytest.approx(0.03 / math.sqrt(judged + 1), rel=1e-3)
    # growth that prices do not foresee: what the weighed path missed comes on top, root mean square
    missed = past_path_errors(growing[1.05])
    unforeseen = measure_spread(growing[1.05], "spend", 3).common
    assert unforeseen == pytest.approx(math.sqrt((np.nansum(missed**2) + 0.03**2) / (judged + 1)), rel=1e-3)
    assert unforeseen > 1.01 * foreseen
    assert measure_spread(growing[1.05], "total_plans", 3).common < 1e-3
