"""The base outturn year lands on the later January count exactly, and its ledger still adds up month by month."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hnforecast.base.axes import AGES
from hnforecast.base.timeline import month_of_academic_year
from hnforecast.engine.model.outturn import reconstruct_outturn
from tests.oracle.quiet import Council
from tests.properties.running import flow, stock_size
from tests.properties.strategies import build, features


@st.composite
def counted_councils(draw: st.DrawFn) -> tuple[Council, np.ndarray]:
    """A council of one draw and one need over two academic years, and a later count that the rates do not explain."""
    chosen = draw(features(caps=("none",), most_years=2, most_draws=1, most_needs=1, ceasing=("none", "some")))
    council = build(chosen)
    chance = np.random.default_rng(chosen.seed)
    count = flow(council).by_age["open"][:, 11]
    return council, count * chance.uniform(0.7, 1.4, count.shape)


@given(counted_councils())
def test_outturn_year_ends_on_the_count_and_adds_up(pair: tuple[Council, np.ndarray]) -> None:
    council, count = pair
    tolerance = 1e-10 * stock_size(council)
    plans = reconstruct_outturn(council.opening, count, council.children, council.rates, council.clock)
    np.testing.assert_allclose(plans.by_age["open"][:, -1], count, rtol=0, atol=tolerance)
    np.testing.assert_allclose(plans.january, np.stack([council.opening.sum(2), count.sum(2)], axis=1), atol=tolerance)

    before = council.opening
    for t in range(12):
        end, new, ceased, other = (plans.by_age[name][:, t] for name in ("open", "new", "ceased", "net_other"))
        opened = before
        if month_of_academic_year(council.clock.months[t]) == 0:
            # Moves are between placements; over all of them a September only makes everyone a year older.
            opened, end, new, ceased, other = (cells.sum(axis=3) for cells in (before, end, new, ceased, other))
            opened = np.concatenate([np.zeros_like(opened[:, :1]), opened[:, : AGES - 1]], axis=1)
        np.testing.assert_allclose(end, opened - ceased + new + other, rtol=0, atol=tolerance)
        before = plans.by_age["open"][:, t]

    start = np.concatenate([council.opening.sum(axis=(1, 2))[:, None], plans.open[:, :-1]], axis=1)
    stepped = start + plans.moved - plans.aged_out
    np.testing.assert_allclose(plans.open, stepped - plans.ceased + plans.new + plans.net_other, atol=tolerance)
    np.testing.assert_allclose(plans.plan_months, (stepped + plans.open) / 2, rtol=0, atol=tolerance)
    np.testing.assert_allclose(plans.moved.sum(axis=2), 0, atol=tolerance)
