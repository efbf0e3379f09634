"""Draws of a scenario are its own: they do not depend on which scenarios are run with it, or in which order."""

from __future__ import annotations

import numpy as np
import pytest

from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers.prices import year_growth
from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.engine.records import Shared
from tests.fixtures_forecast import EXAMPLE


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
