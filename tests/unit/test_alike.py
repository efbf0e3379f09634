"""Draws that flow alike are flowed once, and nothing in the account shows it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import product

import numpy as np
import pytest

from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers.alike import Alike
from hnforecast.engine.forecast import load_project
from hnforecast.engine.method import lean_result
from hnforecast.engine.scenarios import Scenario, resolve_scenario
from tests.fixtures_forecast import ROOT

HORIZON = 3


@lru_cache
def scenario() -> Scenario:
    """Kent's plan, of whose measures some act on prices, services or funding alone; eight of them."""
    whole = resolve_scenario(load_project(ROOT).vintage, "mitigated")
    return replace(whole, measures=whole.measures[:8])


def lanes(plan: Scenario) -> Drawn:
    """Every combination of the plan's measures, wholly delivered or not at all."""
    sets = np.array(list(product((0.0, 1.0), repeat=len(plan.measures))))
    values = {measure.delivery.path: sets[:, m] for m, measure in enumerate(plan.measures)}
    return Drawn(len(sets), values)


def test_measures_that_move_no_plans_share_a_flow() -> None:
    plan = scenario()
    drawn = lanes(plan)
    alike = Alike.of(plan.measures, drawn, {})
    assert alike is not None
    assert alike.drawn.draws <= drawn.draws / 2
    assert len(alike.kind) == drawn.draws


def test_the_account_is_that_of_every_draw_flowed_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = scenario()
    drawn = lanes(plan)
    once = lean_result(plan, HORIZON, drawn, {}, {})
    monkeypatch.setattr(Alike, "of", lambda *_: None)
    each = lean_result(plan, HORIZON, drawn, {}, {})
    np.testing.assert_allclose(once.spend.by_year, each.spend.by_year, rtol=1e-13)
    np.testing.assert_allclose(once.account.closing, each.account.closing, rtol=1e-13)
    np.testing.assert_allclose(once.plans.january, each.plans.january, rtol=1e-13)
    np.testing.assert_allclose(once.rates.places, each.rates.places, rtol=1e-13)


def test_draws_that_differ_beyond_measures_are_each_flowed() -> None:
    plan = scenario()
    drawn = lanes(plan)
    hazard = plan.vintage.flows.cease.hazard.path
    factors = {hazard: np.linspace(0.9, 1.1, drawn.draws)}
    assert Alike.of(plan.measures, Drawn(drawn.draws, drawn.values, factors), {}) is None
    assert Alike.of(plan.measures, drawn, {2027: np.linspace(0.9, 1.1, drawn.draws)}) is None
    assert Alike.of(plan.measures, Drawn(), {}) is None
