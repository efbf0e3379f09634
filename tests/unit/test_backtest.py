"""Scores by hand, who is scored, and the accuracy the shipped panel must keep giving."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hnforecast.backtest import Backtest, render_accuracy_page, run_backtest, series_to_score, write_accuracy
from hnforecast.backtest.eligible import scored
from hnforecast.backtest.run import COLUMNS, remember
from hnforecast.backtest.scores import PINBALL_LEVELS, averages, score, third
from hnforecast.demand.central import central_log_path
from hnforecast.demand.comparators import COMPARATORS
from hnforecast.demand.forecast import DemandForecast
from hnforecast.demand.spread import Spread, t_quantile
from hnforecast.errors import InputError
from tests.fixtures_demand import growing_panel, made_panel, shipped_panel

ALL = np.ones(2, dtype=bool)


def forecast_of(central: list[list[float]], log_sd: float) -> DemandForecast:
    values = np.array(central)
    spread = Spread(np.full(len(values), log_sd), 0.5, 0.0, 10)
    return DemandForecast("total_plans", 2020, "hnforecast", ("1", "2"), values, np.full(values.shape, log_sd), spread)


def test_scores_follow_their_definitions() -> None:
    history = np.array([[100.0, 110.0, 130.0], [50.0, 60.0, 50.0]])
    found = score(forecast_of([[150.0], [50.0]], 0.1), history, np.array([[140.0], [55.0]]))
    measured = averages(found, ALL, 0)
    assert measured["n"] == 2
    assert measured["mape"] == pytest.approx(100 * (10 / 140 + 5 / 55) / 2)
    # Mean yearly change up to the origin: 15 and 10.
    assert measured["mase"] == pytest.approx((10 / 15 + 5 / 10) / 2)
    assert measured["bias_pct"] == pytest.approx(100 * (200 / 195 - 1))
    loss = 0.0
    for level in PINBALL_LEVELS:
        quantile = 150 * math.exp(0.1 * float(t_quantile(np.asarray(level))))
        short = 140 - quantile
        loss += level * short if short >= 0 else (level - 1) * short
    assert found.pinball[0, 0] == pytest.approx(100 * loss / len(PINBALL_LEVELS) / 140)


def test_coverage_counts_outcomes_inside_the_central_interval() -> None:
    history = np.array([[90.0, 100.0], [90.0, 100.0]])
    edges = {share: math.exp(0.1 * float(t_quantile(np.asarray(0.5 + share / 2)))) for share in (0.5, 0.8, 0.9)}
    just_inside_80, far = 100 * edges[0.8] - 0.01, 200.0
    found = score(forecast_of([[100.0], [100.0]], 0.1), history, np.array([[just_inside_80], [far]]))
    measured = averages(found, ALL, 0)
    assert (measured["cover50"], measured["cover80"], measured["cover90"]) == (0.0, 50.0, 50.0)


def test_an_outcome_not_known_yet_is_not_scored() -> None:
    history = np.array([[90.0, 100.0], [90.0, 100.0]])
    found = score(forecast_of([[100.0], [100.0]], 0.1), history, np.array([[np.nan], [100.0]]))
    assert averages(found, ALL, 0)["n"] == 1
    assert averages(found, np.array([True, False]), 0) == {}


def test_thirds_by_size_share_the_authorities_out() -> None:
    sizes = np.array([5.0, 1.0, 9.0, 3.0, 7.0, 2.0, 8.0])
    parts = [third(sizes, which) for which in range(3)]
    assert np.sum(parts, axis=0).tolist() == [1] * 7
    assert sizes[parts[0]].max() < sizes[parts[1]].min() < sizes[parts[1]].max() < sizes[parts[2]].min()


def test_only_complete_and_large_histories_are_scored() -> None:
    plans = np.tile(np.linspace(500, 900, 16), (5, 1))
    plans[1, 3] = np.nan
    plans[2, 15] = np.nan
    plans[3, 0] = 99
    assert scored(made_panel(plans), "total_plans").rows.tolist() == [True, False, False, False, True]
    spend = np.tile(np.linspace(5e6, 9e6, 16), (5, 1))
    spend[4, 8] *= 2
    assert scored(made_panel(plans, spend=spend), "spend").rows.tolist() == [True, True, True, True, False]


def test_a_year_nobody_reported_cuts_the_history_there() -> None:
    plans = np.tile(np.linspace(500, 900, 16), (4, 1))
    plans[:3, 5] = np.nan
    where = scored(made_panel(plans), "total_plans")
    assert where.first == 6
    assert where.rows.all()


def test_series_are_scored_as_far_as_the_panel_supports_them() -> None:
    names = series_to_score(shipped_panel())
    assert names[:2] == ["total_plans", "new_plans"]
    assert names[-1] == "spend"
    assert {"plans_mainstream_state", "plans_special_state", "plans_independent", "plans_fe"} <= set(names)
    assert "plans_neet" not in names
    few = made_panel(np.tile(np.linspace(500, 900, 16), (5, 1)), plans_ap=np.full((5, 16), 3.0))
    assert series_to_score(few) == ["total_plans"]


def test_remembered_forecasts_are_the_same_forecasts() -> None:
    panel = growing_panel(10)
    kept = remember(central_log_path, 5)
    for _ in range(2):
        for origin in (2018, 2020):
            past = panel.known_at(origin)
            np.testing.assert_array_equal(kept(past, "spend", 3), central_log_path(past, "spend", 5)[:, :3])


def test_the_future_cannot_reach_a_score_but_through_the_outcome() -> None:
    panel = growing_panel(15)
    changed = {name: values.copy() for name, values in panel.local.items()}
    for values in changed.values():
        values[:, -1] *= 1.5
    made, again = (
        run_backtest(each, origins=[2022], horizons=2, methods=["hnforecast"], series=["total_plans"]).accuracy
        for each in (panel, replace(panel, local=changed))
    )
    pd.testing.assert_frame_equal(made, again)


def test_the_table_has_the_columns_of_the_contract(tmp_path: Path) -> None:
    made = run_backtest(growing_panel(9), origins=[2021, 2022, 2040], horizons=3, methods=["hnforecast", "naive"])
    assert made.origins == (2021, 2022)
    path = write_accuracy(made.accuracy, tmp_path)
    assert path == tmp_path / "tables" / "accuracy.csv"
    written = pd.read_csv(path)
    assert list(written) == COLUMNS
    assert set(written["method"]) == {"hnforecast", "naive"}
    assert written[["cover50", "cover80", "cover90"]].stack().between(0, 100).all()
    assert (written[written["horizon"] == 1]["n"] > 0).all()
    assert write_accuracy(made.by_size, tmp_path).name == "accuracy_by_size.csv"
    assert set(made.by_size["size"]) == {"small", "medium", "large"}


def test_methods_fitted_one_by_one_join_only_when_asked_and_only_for_totals() -> None:
    panel = growing_panel(3)
    made = run_backtest(panel, origins=[2023], horizons=1, methods=["naive"], comparators="all")
    extra = made.accuracy[made.accuracy["method"] == "Theta"]
    assert set(extra["series"]) == {"total_plans"}


def test_a_panel_too_short_to_test_says_so() -> None:
    panel = growing_panel(5, years=tuple(range(2023, 2026)))
    with pytest.raises(InputError, match=r"(?s)Nothing in this panel can be backtested.*2023 to 2025, 5 authorities"):
        run_backtest(panel)


def test_a_single_authority_can_be_backtested() -> None:
    panel = shipped_panel()
    kent = panel.subset(np.array([code == "886" for code in panel.authorities]))
    made = run_backtest(kent, methods=["hnforecast", "comboA"], series=["total_plans"])
    assert made.authorities == {"total_plans": 1}
    assert made.accuracy["mape"].between(0, 100).all()


@pytest.fixture(scope="module")
def shipped() -> Backtest:
    return run_backtest(shipped_panel())


def test_total_plans_are_as_accurate_as_promised(shipped: Backtest) -> None:
    wide = shipped.accuracy[shipped.accuracy["series"] == "total_plans"].pivot(
        index="horizon", columns="method", values="mape"
    )
    ours = wide.pop("hnforecast")
    assert ours[1] <= 3.5
    assert ours[3] <= 7.4
    assert ours[5] <= 10.7
    assert (wide.gt(ours, axis="index")).all(axis=None), "a comparator is as good at some horizon"
    assert (ours < wide["naive"] / 2).all()


def test_new_plans_and_groups_beat_the_pooled_comparators(shipped: Backtest) -> None:
    groups = shipped.accuracy[~shipped.accuracy["series"].isin(["total_plans", "spend"])]
    logs = groups.assign(mase=np.log(groups["mase"])).groupby(["method", "series"])["mase"].mean()
    means = np.exp(logs.groupby("method").mean())
    assert means["hnforecast"] < 0.9 * min(means[name] for name in COMPARATORS)


def test_spend_is_as_accurate_as_promised(shipped: Backtest) -> None:
    spend = shipped.accuracy[(shipped.accuracy["series"] == "spend") & (shipped.accuracy["horizon"] == 1)]
    first = spend.set_index("method")["mape"]
    assert first["hnforecast"] <= 5.5
    assert first["hnforecast"] == first.min()


def test_intervals_cover_what_they_say(shipped: Backtest) -> None:
    ours = shipped.accuracy[(shipped.accuracy["method"] == "hnforecast") & (shipped.accuracy["horizon"] <= 4)]
    total = ours[ours["series"] == "total_plans"]
    assert total["cover80"].between(76, 84).all()
    assert total["cover50"].between(46, 54).all()
    assert total["cover90"].between(87, 93).all()
    others = ours[ours["series"].str.startswith("plans_") | (ours["series"] == "spend")]
    assert others["cover80"].between(72, 88).all()


def test_the_page_fits_and_says_the_result(shipped: Backtest) -> None:
    page = render_accuracy_page(shipped)
    assert page.startswith("# How accurate the demand forecast has been\n")
    mape = shipped.accuracy[
        (shipped.accuracy["series"] == "total_plans") & (shipped.accuracy["method"] == "hnforecast")
    ]
    assert f"| total_plans | 105 | {mape['mape'].iloc[0]:.2f} |" in page
    assert "| nan" not in page
    assert len(page.splitlines()) < 100
    assert all(name in page for name in COMPARATORS)


def test_on_half_the_authorities_no_comparator_is_better_either() -> None:
    panel = shipped_panel()
    half = panel.subset(np.arange(len(panel.authorities)) % 2 == 1)
    wide = run_backtest(half, series=["total_plans"]).accuracy.pivot(index="horizon", columns="method", values="mape")
    ours = wide.pop("hnforecast")
    assert (wide.gt(ours, axis="index")).all(axis=None)
