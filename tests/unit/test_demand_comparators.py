"""Each comparator against a plain calculation from its definition, and against published figures."""

from __future__ import annotations

import itertools
import math
import statistics

import numpy as np
import pytest

from hnforecast.engine.demand.comparators import (
    COMPARATORS,
    complete_rows,
    damped_holt,
    panel_ar_coefficients,
    shrunk_growth,
)
from hnforecast.history.backtest import run_backtest
from hnforecast.history.backtest.statsmodels_comparators import STATSMODELS_COMPARATORS
from tests.fixtures_demand import pack_of_2025

PLANS = np.array(
    [[100.0, 110.0, 121.0, 140.0, 150.0], [200.0, 190.0, 230.0, 240.0, 280.0], [50.0, 60.0, 66.0, 80.0, 81.0]]
)


def by_hand(name: str, row: int, h: int) -> float:
    """The definition, one authority and horizon, in plain Python."""
    table = PLANS.tolist()
    y = table[row]
    total = [sum(column) for column in zip(*table, strict=True)]
    g = [[math.log(b / a) for a, b in itertools.pairwise(own)] for own in table]
    means = [statistics.fmean(own[-3:]) for own in g]
    mu = statistics.fmean(means)
    noise = statistics.fmean(statistics.variance(own[-3:]) / 3 for own in g)
    spread = max(statistics.variance(means) - noise, 1e-9)
    weight = spread / (spread + noise)
    shrunk = weight * means[row] + (1 - weight) * mu
    pooled3 = math.log(total[-1] / total[-4]) / 3
    if name == "panelAR":
        before = [own[t] for own in g for t in range(len(own) - 1)]
        after = [own[t + 1] for own in g for t in range(len(own) - 1)]
        slope, intercept = statistics.linear_regression(before, after)
        growth, log = g[row][-1], 0.0
        for _ in range(h):
            growth = intercept + min(max(slope, 0.0), 0.98) * growth
            log += growth
        return y[-1] * math.exp(log)
    return {
        "naive": lambda: y[-1],
        "drift": lambda: y[-1] + h * (y[-1] - y[0]) / 4,
        "drift3": lambda: y[-1] + h * (y[-1] - y[-4]) / 3,
        "own1": lambda: y[-1] * math.exp(h * g[row][-1]),
        "own3": lambda: y[-1] * math.exp(h * means[row]),
        "pooled1": lambda: y[-1] * (total[-1] / total[-2]) ** h,
        "pooled3": lambda: y[-1] * math.exp(h * pooled3),
        "EBshrink3": lambda: y[-1] * math.exp(h * shrunk),
        "EBdamp90": lambda: y[-1] * math.exp(shrunk * sum(0.9**j for j in range(h))),
        "EBrevert": lambda: (
            y[-1] * math.exp(h * pooled3 + weight * (means[row] - mu) * sum(0.6**j for j in range(1, h + 1)))
        ),
        "comboA": lambda: statistics.fmean(by_hand(part, row, h) for part in ("pooled1", "EBdamp90", "panelAR")),
    }[name]()


@pytest.mark.parametrize("name", [name for name in COMPARATORS if name not in ("dampedHolt", "combo1")])
def test_a_comparator_follows_its_definition(name: str) -> None:
    made = COMPARATORS[name](PLANS, 4)
    wanted = [[by_hand(name, row, h) for h in range(1, 5)] for row in range(3)]
    np.testing.assert_allclose(made, wanted, rtol=1e-12)


def test_combo1_is_the_mean_of_its_parts() -> None:
    parts = [COMPARATORS[name](PLANS, 3) for name in ("dampedHolt", "EBrevert", "pooled3")]
    np.testing.assert_allclose(COMPARATORS["combo1"](PLANS, 3), np.mean(parts, axis=0), rtol=1e-12)


def test_damped_holt_finds_a_damped_trend_exactly() -> None:
    steps = 20 * 0.9 ** np.arange(12)
    series = 500 + np.concatenate([[0.0], np.cumsum(steps)])
    made = damped_holt(series[None, :9], 3)
    # From the second point on the trend is the last step times 0.9: the recursion follows the curve without error.
    np.testing.assert_allclose(made[0], series[9:12], rtol=0.02)


def test_shrinkage_trusts_the_authority_only_as_far_as_authorities_differ() -> None:
    years = np.arange(5)
    lasting = np.stack([100 * rate**years for rate in (1.02, 1.06, 1.10, 1.14)])
    own, mean, weight = shrunk_growth(lasting)
    assert own[0] == pytest.approx(math.log(1.02))
    assert mean == pytest.approx(statistics.fmean(math.log(rate) for rate in (1.02, 1.06, 1.10, 1.14)))
    assert weight > 0.999
    alike_but_wild = np.outer([100, 200, 300, 400], [1, 1.3, 0.8, 1.4, 0.9])
    assert shrunk_growth(alike_but_wild)[2] < 0.001


def test_the_autoregression_recovers_its_coefficients_and_never_explodes() -> None:
    rng = np.random.default_rng(3)
    growth = np.zeros((4000, 7))
    growth[:, 0] = rng.normal(0.1, 0.05, 4000)
    for year in range(1, 7):
        growth[:, year] = 0.05 + 0.4 * growth[:, year - 1] + rng.normal(0, 0.02, 4000)
    intercept, slope = panel_ar_coefficients(growth)
    assert (intercept, slope) == (pytest.approx(0.05, abs=0.003), pytest.approx(0.4, abs=0.03))
    explosive = np.cumprod(np.full((5, 7), 1.5), axis=1) * np.arange(1, 6)[:, None]
    assert panel_ar_coefficients(explosive)[1] == 0.98


def test_complete_rows_start_after_the_last_year_few_reported() -> None:
    values = np.array([[1.0, np.nan, 3.0, 4.0], [1.0, np.nan, 3.0, 4.0], [1.0, 2.0, 3.0, np.nan]])
    rows, start = complete_rows(values)
    assert start == 2
    assert rows.tolist() == [True, True, False]


def test_comparators_reproduce_the_reference_figures_on_the_pack_of_2025() -> None:
    # Published with the method, on the same data up to one authority more or less: tolerance 0.06 points and 1 %.
    reference = {"naive": (9.40, 37.6), "drift3": (4.13, None), "comboA": (3.93, 11.13)}
    made = run_backtest(pack_of_2025(), methods=list(reference), series=["total_plans"]).accuracy
    for name, (first, fifth) in reference.items():
        mape = made[made["method"] == name].set_index("horizon")["mape"]
        assert mape[1] == pytest.approx(first, abs=0.06)
        if fifth is not None:
            assert mape[5] == pytest.approx(fifth, rel=0.01)


@pytest.mark.parametrize("name", STATSMODELS_COMPARATORS)
def test_a_textbook_method_continues_steady_growth_or_says_it_cannot(name: str) -> None:
    steady = np.array([1000 * 1.08 ** np.arange(12), 300 * 1.05 ** np.arange(12)])
    made = STATSMODELS_COMPARATORS[name](steady, 2)
    assert made.shape == (2, 2)
    low = 1.0 if name == "Theta" else 1.02
    assert (made[:, 0] / steady[:, -1] >= low).all()
    assert (made[:, 0] / steady[:, -1] <= 1.09).all()


def test_a_failing_fit_becomes_the_naive_forecast() -> None:
    too_short = np.array([[500.0, 510.0]])
    for fit in STATSMODELS_COMPARATORS.values():
        made = fit(too_short, 2)
        assert np.isfinite(made).all()
        assert (made > 0).all()
