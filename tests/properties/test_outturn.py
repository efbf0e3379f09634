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


@given(counted_councils())
def test_what_the_rates_do_not_explain_is_spread_evenly_and_september_moves_to_the_later_count(
    pair: tuple[Council, np.ndarray],
) -> None:
    council, count = pair
    tolerance = 1e-9 * stock_size(council)
    plans = reconstruct_outturn(council.opening, count, council.children, council.rates, council.clock)
    flowed = flow(council).by_age["open"][0, :12].sum(axis=(2, 3))  # (t, a)
    tied = plans.by_age["open"][0].sum(axis=(2, 3))
    opening, residual = council.opening[0].sum(axis=(1, 2)), count[0].sum(axis=(1, 2)) - flowed[11]
    september = next(t for t in range(12) if month_of_academic_year(council.clock.months[t]) == 0)
    for b in range(1, AGES):  # the cohort that is of age b at the later count, a year younger before September
        even = opening[b - 1] > abs(residual[b])  # else too few are there before September to carry it
        for t in range(12):
            age, share = (b - 1, (t + 1) / 12) if t < september else (b, (t + 1) / 12)
            if not even:
                share = 0.0 if t < september else (t - september + 1) / (12 - september)
            if t < september and flowed[t, age] <= 0:
                continue  # nobody there in that month to be more or fewer
            np.testing.assert_allclose(tied[t, age] - flowed[t, age], share * residual[b], rtol=0, atol=tolerance)

    cells = {name: plans.by_age[name][0, september, :, 0] for name in ("open", "new", "ceased", "net_other")}
    opened = cells["open"] - cells["new"] + cells["ceased"] - cells["net_other"]
    for b in range(1, AGES):
        if count[0, b].sum() > 0:
            np.testing.assert_allclose(
                opened[b], opened[b].sum() * count[0, b, 0] / count[0, b].sum(), rtol=0, atol=tolerance
            )
