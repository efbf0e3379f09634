"""The formulas that explain a change add up exactly; any bridge built on them must equal these."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hnforecast.base.shapley import sampled_shares
from tests.oracle.attribution import quantity_and_price, shapley_shares, volume_mix_price

pounds = st.floats(-1e8, 1e8)


@given(st.lists(st.tuples(*[st.floats(0, 1e4)] * 4), min_size=1, max_size=6))
def test_volume_mix_and_price_add_up_and_turn_round(cells: list[tuple[float, float, float, float]]) -> None:
    plans0, prices0, plans1, prices1 = ([cell[i] for cell in cells] for i in range(4))
    plans0[0], plans1[0] = plans0[0] + 1, plans1[0] + 1  # some plans on each side
    there = volume_mix_price(plans0, prices0, plans1, prices1)
    back = volume_mix_price(plans1, prices1, plans0, prices0)
    cost0, cost1 = np.dot(plans0, prices0), np.dot(plans1, prices1)
    assert sum(there) == pytest.approx(cost1 - cost0, abs=1e-9 * (cost0 + cost1 + 1))
    np.testing.assert_allclose(there, np.negative(back), atol=1e-9 * (cost0 + cost1 + 1))


@given(pounds, pounds, st.floats(0, 1e4), st.floats(0, 1e4))
def test_quantity_and_price_add_up(price0: float, price1: float, plans0: float, plans1: float) -> None:
    parts = quantity_and_price(plans0, price0, plans1, price1)
    assert sum(parts) == pytest.approx(plans1 * price1 - plans0 * price0, abs=1e-3)


def test_shapley_shares_split_an_overlap_evenly() -> None:
    worth = {frozenset("a"): 6.0, frozenset("b"): 4.0, frozenset("ab"): 8.0, frozenset(): 0.0}
    assert shapley_shares("ab", lambda joined: worth[joined]) == pytest.approx({"a": 5.0, "b": 3.0})


@given(st.lists(pounds, min_size=8, max_size=8), st.integers(1, 4))
def test_sampled_shares_add_up_and_of_all_orders_are_exact(worth: list[float], pairs: int) -> None:
    def of(members: tuple[int, ...]) -> np.ndarray:
        return np.array([worth[sum(member << player for player, member in enumerate(members))]])

    found = sampled_shares(of, 3, pairs)[:, 0]
    assert found.sum() == pytest.approx(worth[-1] - worth[0], abs=1e-4)
    # players who each bring their own, whatever the others do, get it
    alone = sampled_shares(lambda members: np.array([float(np.dot(members, worth[:3]))]), 3, pairs)[:, 0]
    np.testing.assert_allclose(alone, worth[:3], atol=1e-4)
