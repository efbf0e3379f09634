"""Draws of a scenario are its own: they do not depend on which scenarios are run with it, or in which order."""

from __future__ import annotations

import numpy as np

from hnforecast.forecast import Shared, load_project, run_forecast
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
