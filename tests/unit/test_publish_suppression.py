"""Nobody recovers a withheld cell: an adversary written apart from the program solves everything that is published."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from hnforecast.papers.published.suppression import Relation, Tables, withhold
from hnforecast.papers.published.suppression import interval as ours

THRESHOLD = 5


def linked(
    shape: tuple[int, ...], counts: np.ndarray
) -> tuple[list[tuple[int | None, ...]], list[Relation], np.ndarray]:
    """Every cell and every margin of a table of 1-3 dimensions; None in a key is a sum over that dimension."""
    keys = [
        key
        for mask in itertools.product((False, True), repeat=len(shape))
        for key in itertools.product(
            *([None] if summed else range(size) for summed, size in zip(mask, shape, strict=True))
        )
    ]
    place = {key: n for n, key in enumerate(keys)}
    values = np.array(
        [counts[tuple(slice(None) if part is None else part for part in key)].sum() for key in keys], dtype=float
    )
    relations = []
    for key in keys:
        for dimension, part in enumerate(key):
            if part is None:
                parts = [(*key[:dimension], k, *key[dimension + 1 :]) for k in range(shape[dimension])]
                relations.append(Relation(place[key], tuple(place[one] for one in parts)))
    return keys, relations, values


def interval(
    keys: list[tuple[int | None, ...]], shape: tuple[int, ...], published: dict, key: tuple
) -> tuple[float, float]:
    """What a reader can say of one cell, knowing what is published: unknowns are the innermost cells alone."""
    inner = list(itertools.product(*(range(size) for size in shape)))

    def covers(total: tuple) -> list[float]:
        return [float(all(a is None or a == b for a, b in zip(total, cell, strict=True))) for cell in inner]

    rows = [covers(known) for known in published]
    ends = []
    for sign in (1.0, -1.0):
        found = linprog(
            np.array(covers(key)) * sign, A_eq=rows or None, b_eq=list(published.values()) or None, bounds=(0, None)
        )
        ends.append(np.inf if found.status == 3 else sign * found.fun)
        assert found.status in (0, 3)
    return ends[0], (np.inf if ends[1] in (np.inf, -np.inf) else ends[1])


@st.composite
def tables(draw: st.DrawFn) -> tuple[tuple[int, ...], np.ndarray]:
    dimensions = draw(st.integers(1, 3))
    shape = tuple(draw(st.integers(2, 5 - dimensions)) for _ in range(dimensions))
    size = int(np.prod(shape))
    few = st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 9, 14, 30, 120])
    return shape, np.array(draw(st.lists(few, min_size=size, max_size=size))).reshape(shape)


@given(tables())
@settings(max_examples=12, deadline=None)
def test_an_adversary_cannot_narrow_any_withheld_cell(drawn: tuple[tuple[int, ...], np.ndarray]) -> None:
    shape, counts = drawn
    keys, relations, values = linked(shape, counts)
    primary = np.flatnonzero((values > 0) & (values < THRESHOLD))
    wide = np.full(len(keys), float(THRESHOLD))
    withheld = withhold(Tables(values[None], relations, wide, np.array([True])), primary)
    assert withheld[primary].all()
    published = {key: value for key, value, hidden in zip(keys, values, withheld, strict=True) if not hidden}
    for cell in np.flatnonzero(withheld):
        low, high = interval(keys, shape, published, keys[cell])
        assert low - 1e-6 <= values[cell] <= high + 1e-6
        assert high - low >= THRESHOLD - 1e-6


def test_the_adversary_recovers_a_cell_withheld_alone() -> None:
    # the check above can fail: without secondary suppression the 3 comes straight out of its row
    keys, _, values = linked((2, 2), np.array([[3, 20], [30, 40]]))
    published = {key: value for key, value in zip(keys, values, strict=True) if key != (0, 0)}
    assert interval(keys, (2, 2), published, (0, 0)) == pytest.approx((3, 3))


def test_a_two_by_two_table_worked_by_hand() -> None:
    keys, relations, values = linked((2, 2), np.array([[3, 20], [30, 40]]))
    wide = np.full(len(keys), 5.0)
    withheld = withhold(Tables(values[None], relations, wide, np.array([True])), [keys.index((0, 0))])
    # the whole inner table, no total: 3 may be anything from 0 to 23
    assert {keys[cell] for cell in np.flatnonzero(withheld)} == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_a_second_small_count_is_not_protection_enough() -> None:
    # 1 and 2 hide each other between 0 and 3, which tells that both are small: a third cell goes with them
    keys, relations, values = linked((4,), np.array([1, 2, 30, 40]))
    tables = Tables(values[None], relations, np.full(5, 5.0), np.array([True]))
    pair = np.zeros(5, dtype=bool)
    pair[[keys.index((0,)), keys.index((1,))]] = True
    assert ours(tables, pair, 0, keys.index((0,))) == pytest.approx((0, 3))
    withheld = withhold(tables, np.flatnonzero(pair))
    assert withheld.sum() == 3
    assert not withheld[keys.index((None,))]


def test_one_pattern_protects_every_edition() -> None:
    keys, relations, first = linked((2, 3), np.array([[3, 20, 9], [30, 40, 7]]))
    _, _, second = linked((2, 3), np.array([[9, 1, 9], [2, 40, 7]]))
    both = Tables(np.stack([first, second]), relations, np.full(len(keys), 5.0), np.array([True, True]))
    withheld = withhold(both, [keys.index((0, 0)), keys.index((0, 1)), keys.index((1, 0))])
    for edition in (0, 1):
        ends = [ours(both, withheld, edition, int(cell)) for cell in np.flatnonzero(withheld)]
        assert all(high - low >= 5 - 1e-6 for low, high in ends)


def test_a_nought_is_not_taken_for_cover_where_another_cell_will_do() -> None:
    keys, relations, values = linked((3,), np.array([2, 0, 50]))
    withheld = withhold(Tables(values[None], relations, np.full(4, 5.0), np.array([True])), [keys.index((0,))])
    assert not withheld[keys.index((1,))]


def test_cells_that_do_not_add_up_are_refused() -> None:
    _, relations, values = linked((2, 2), np.array([[3, 20], [30, 40]]))
    values[0] += 1
    with pytest.raises(ValueError, match="do not add up"):
        withhold(Tables(values[None], relations, np.full(len(values), 5.0), np.array([True])), [0])
