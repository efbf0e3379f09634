"""Every decomposition adds up, turns round and does not care for order; against independent formulas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hnforecast.base.shapley import shapley_shares
from hnforecast.questions.causes import FACTORS, chain_factors, quantity_and_price, volume_mix_price
from tests.oracle import attribution

amounts = st.floats(0, 1e4)
cells = st.lists(st.tuples(amounts, amounts, amounts, amounts), min_size=1, max_size=6)
tables = st.integers(1, 5).flatmap(lambda k: st.lists(st.floats(-1e6, 1e6), min_size=2**k, max_size=2**k))
levels = st.lists(st.lists(st.floats(0.0, 100.0), min_size=len(FACTORS), max_size=len(FACTORS)), min_size=2, max_size=6)


@given(tables)
def test_shapley_equals_the_mean_over_all_orders(worth: list[float]) -> None:
    players = len(worth).bit_length() - 1
    found = shapley_shares(np.array(worth))
    names = range(players)
    told = attribution.shapley_shares(names, lambda joined: worth[sum(1 << j for j in joined)])  # type: ignore[arg-type]
    np.testing.assert_allclose(found, [told[j] for j in names], atol=1e-6)  # type: ignore[index]
    assert found.sum() == pytest.approx(worth[-1] - worth[0], abs=1e-6)


@given(tables)
def test_shapley_turns_round(worth: list[float]) -> None:
    there, back = shapley_shares(np.array(worth)), shapley_shares(np.array(worth[::-1]))
    np.testing.assert_allclose(there, -back, atol=1e-6)


@given(tables, st.randoms(use_true_random=False))
def test_shapley_does_not_care_in_what_order_players_are_named(worth: list[float], chance: object) -> None:
    players = len(worth).bit_length() - 1
    order = list(range(players))
    chance.shuffle(order)  # type: ignore[attr-defined]
    renamed = [worth[sum(((s >> new) & 1) << old for new, old in enumerate(order))] for s in range(len(worth))]
    np.testing.assert_allclose(shapley_shares(np.array(renamed)), shapley_shares(np.array(worth))[order], atol=1e-6)


def test_shapley_refuses_what_is_not_every_set() -> None:
    with pytest.raises(ValueError, match="power of two"):
        shapley_shares(np.zeros(6))


@given(cells)
def test_volume_mix_and_price_equal_the_formulas_and_add_up(rows: list[tuple[float, float, float, float]]) -> None:
    plans0, prices0, plans1, prices1 = (np.array(column) for column in zip(*rows, strict=True))
    plans0[0] += 1.0
    plans1[0] += 1.0
    found = volume_mix_price(plans0, prices0, plans1, prices1)
    told = attribution.volume_mix_price(plans0.tolist(), prices0.tolist(), plans1.tolist(), prices1.tolist())
    np.testing.assert_allclose(found, told, rtol=1e-9, atol=1e-3)


@given(cells)
def test_placements_may_be_new_or_vanish_and_a_state_may_be_empty(
    rows: list[tuple[float, float, float, float]],
) -> None:
    plans0, prices0, plans1, prices1 = (np.array(column) for column in zip(*rows, strict=True))
    change = plans1 @ prices1 - plans0 @ prices0
    there = volume_mix_price(plans0, prices0, plans1, prices1)
    back = volume_mix_price(plans1, prices1, plans0, prices0)
    assert sum(there) == pytest.approx(change, abs=0.01)
    np.testing.assert_allclose(there, np.negative(back), atol=0.01)
    by_plans, by_price = quantity_and_price(plans0, prices0, plans1, prices1)
    assert (by_plans + by_price).sum() == pytest.approx(change, abs=0.01)
    for i, row in enumerate(rows):
        told = attribution.quantity_and_price(row[0], row[1], row[2], row[3])
        assert (by_plans[i], by_price[i]) == pytest.approx(told, abs=1e-6)


@given(levels)
def test_chained_factors_add_up_in_every_year_and_turn_round(years: list[list[float]]) -> None:
    table = np.array(years).T
    product = table.prod(axis=0)
    scale = 1e-12 * (1.0 + table.max(axis=1).prod())  # hybrids may be far larger than either end
    parts = chain_factors(table)
    np.testing.assert_allclose(parts.sum(axis=0), np.diff(product), atol=scale)
    np.testing.assert_allclose(chain_factors(table[:, ::-1])[:, ::-1], -parts, atol=scale)
    np.testing.assert_allclose(chain_factors(table[::-1])[::-1], parts, atol=scale)


@given(levels)
def test_a_factor_that_stands_still_causes_nothing(years: list[list[float]]) -> None:
    table = np.array(years).T
    table[2] = table[2, 0]
    assert np.abs(chain_factors(table)[2]).max() == 0.0
