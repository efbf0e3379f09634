"""An authority beside the others: known figures, ranks, distances, and the forecast at the median."""

from __future__ import annotations

import json
from functools import lru_cache

import numpy as np
import pytest
from click.testing import CliRunner

from hnforecast.base.errors import HnForecastError
from hnforecast.cli import application
from hnforecast.engine.forecast import load_project
from hnforecast.questions.benchmark import AtMedian, Indicator, Standing, forecast_at_median, read_indicators, stand
from hnforecast.questions.benchmark.frames import PanelSeries
from hnforecast.questions.benchmark.page import at_median_table, benchmark_page, benchmark_table
from hnforecast.questions.causes import neighbours_of
from hnforecast.writing.blocks import as_text
from tests.fixtures_forecast import ROOT

KENT = "886"


@lru_cache
def panel() -> PanelSeries:
    return PanelSeries(ROOT / "inputs" / "national")


@lru_cache
def indicators() -> tuple[Indicator, ...]:
    return tuple(read_indicators(panel()))


def near() -> tuple[str, ...]:
    return neighbours_of(panel().frames, KENT)


@lru_cache
def kent() -> dict[str, Standing]:
    return {s.indicator.key: s for s in stand(panel(), indicators(), KENT, near())}


@lru_cache
def cases() -> tuple[AtMedian, ...]:
    return tuple(forecast_at_median(load_project(ROOT), panel(), indicators(), near()))


@pytest.mark.parametrize(
    ("key", "own", "england"),
    [  # Department for Education, EHC plans 2025 edition
        ("refused", 0.550, 0.252),
        ("issued", 0.843, 0.936),
        ("timeliness", 0.333, 0.464),
        ("mix_state_special", 0.311, 0.250),
        ("mix_mainstream", 0.302, 0.386),
        ("growth", 0.164, 0.350),
    ],
)
def test_kent_and_england_as_published(key: str, own: float, england: float) -> None:
    assert kent()[key].value == pytest.approx(own, abs=0.005)
    assert kent()[key].england == pytest.approx(england, abs=0.005)
    assert kent()[key].whole


def test_the_deficit_is_a_share_of_the_block() -> None:
    assert kent()["deficit"].value == pytest.approx(97.7 / 249.0, abs=0.002)


def test_ranks_medians_and_distances_are_those_of_the_figures() -> None:
    for standing in kent().values():
        values = standing.indicator.values()
        others = [float(values[code]) for code in near() if code in values.index]
        assert standing.known == len(others)
        assert standing.median == pytest.approx(float(np.median(others)))
        assert standing.rank == 1 + sum(other > standing.value for other in others)
        assert standing.distance == pytest.approx(standing.value - standing.median)
        assert 1 <= standing.panel_rank <= standing.panel


def test_at_the_median_the_count_gives_the_median() -> None:
    plans = kent()["plans"]
    base = float(plans.indicator.below[KENT])
    assert 1000 * (20635 + plans.worth) / base == pytest.approx(plans.median)


def test_any_authority_of_the_panel_may_be_asked_for() -> None:
    for code in ("885", "303", "933"):
        assert len(stand(panel(), indicators(), code, neighbours_of(panel().frames, code))) >= 15


@pytest.mark.slow
def test_the_forecast_at_the_median_moves_only_what_it_says() -> None:
    found = {case.label: case.forecast for case in cases()}
    as_is = found["As it is"]
    rate, mix, price = (
        found[f"Neighbours' {what}"] for what in ("rate of new plans", "placement of new plans", "top-up per plan")
    )
    ratio = kent()["new_plans"].median / kent()["new_plans"].value
    np.testing.assert_allclose(rate.rates.new_rate, as_is.rates.new_rate * ratio)
    np.testing.assert_allclose(mix.rates.new_share.sum(axis=(2, 3)), as_is.rates.new_share.sum(axis=(2, 3)))
    assert not np.allclose(mix.rates.new_share, as_is.rates.new_share)
    np.testing.assert_allclose(price.plans.january, as_is.plans.january)
    np.testing.assert_allclose(mix.rates.new_rate, as_is.rates.new_rate)
    both = found["All of these together"]
    np.testing.assert_allclose(both.rates.new_rate, rate.rates.new_rate)
    np.testing.assert_allclose(both.prices.per_plan, price.prices.per_plan)


def test_page_and_tables() -> None:
    standings = list(kent().values())
    page = as_text(benchmark_page("Kent", "South East", ["Essex"], standings, cases(), 2029))
    assert max(map(len, page.splitlines())) <= 80
    for said in ("a median is not a target", "neither good nor bad", "the panel's authorities"):
        assert said in " ".join(page.split())
    table = benchmark_table(KENT, "Kent", standings)
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert {row[2] for row in at_median_table(cases()).rows} == {"gross_closing", "in_year", "plans"}


def test_command() -> None:
    found = CliRunner().invoke(application, ["benchmark", "--project", str(ROOT), "--authority", "885", "--json"])
    assert json.loads(found.stdout)["indicators"]["plans"]["rank"] >= 1
    wrong = CliRunner().invoke(application, ["benchmark", "--project", str(ROOT), "--authority", "000"])
    assert isinstance(wrong.exception, HnForecastError)
    assert "HN522" in str(wrong.exception)
