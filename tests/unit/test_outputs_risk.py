"""The chances, the tail and their errors, against figures worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hnforecast.base.timeline import show_year
from hnforecast.papers.tables.risk import contingency, difference_table, expected_shortfall, simulation_error
from tests.fixtures_forecast import example_forecasts, with_draws


def test_the_worst_tenth_is_the_mean_of_the_worst_draws() -> None:
    draws = np.arange(-100.0, 0.0)  # the worst ten are -100 .. -91
    assert expected_shortfall(draws) == pytest.approx(-95.5)


def test_the_worst_tenth_of_one_draw_is_that_draw() -> None:
    assert expected_shortfall(np.array([-7.0])) == -7.0


def test_contingency_is_positive_and_is_the_step_from_the_median_to_the_worse_fifth() -> None:
    draws = np.linspace(-10.0, 0.0, 1001)
    assert contingency(draws) == pytest.approx(3.0)


def test_simulation_error_is_nil_for_a_constant_and_shrinks_with_draws() -> None:
    generator = np.random.default_rng(7)
    few, many = generator.normal(size=512), generator.normal(size=32768)
    assert simulation_error(np.full(64, 3.0), lambda d: float(d.mean())) == 0.0
    assert simulation_error(many, lambda d: float(d.mean())) < simulation_error(few, lambda d: float(d.mean()))
    # a plain mean of n normals errs by 1/sqrt(n): eight blocks estimate it to within a factor of two and a half
    assert simulation_error(many, lambda d: float(d.mean())) == pytest.approx(1 / np.sqrt(32768), rel=0.6)


def test_a_difference_is_the_later_scenario_less_the_first_in_every_draw() -> None:
    first, second = (with_draws(forecast) for forecast in example_forecasts())
    told = {(row[2], row[3]): row[4:] for row in difference_table([first, second]).rows}  # type: ignore[list-item]
    for f, year in enumerate(first.clock.financial_years):
        for item in ("in_year", "gross_closing"):
            drawn = getattr(second.ensemble.account, item)[:, f] - getattr(first.ensemble.account, item)[:, f]
            central, *quantiles = told[show_year(year), item]
            assert central == pytest.approx(float(drawn[5]))  # the middle draw is the central run
            assert quantiles == pytest.approx([float(np.quantile(drawn, level)) for level in (0.1, 0.5, 0.9)])
