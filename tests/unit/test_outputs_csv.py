"""CSV cells: text is never a formula, numbers are exact and plain, quantiles are of the signed value."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hnforecast.base.axes import FloatArray
from hnforecast.writing.csvtext import Table, quantile_cells, safe_text, to_csv
from hnforecast.writing.style import fixed, millions, position_phrase, position_text, position_word, round_half_up


@pytest.mark.parametrize("text", ["=1+1", "+44", "-cmd", "@SUM(A1)", "\tx", "\rx"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert safe_text(text) == f"'{text}"
    assert to_csv(Table("t", ("a",), [[text]])).decode().splitlines()[1].lstrip('"').startswith("'")


def test_numbers_are_never_touched() -> None:
    assert to_csv(Table("t", ("a", "b"), [[-1.005, 7]])) == b"a,b\n-1.01,7\n"


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=20))
def test_ordinary_text_reads_back_as_it_was(text: str) -> None:
    row = next(csv.reader(io.StringIO(to_csv(Table("t", ("a", "b"), [[text, "x"]])).decode().split("\n", 1)[1])))
    assert row[0] == (f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") and text else text)


def test_missing_values_are_blank() -> None:
    assert to_csv(Table("t", ("a", "b", "c"), [[None, float("nan"), 1.0]])) == b"a,b,c\n,,1.00\n"


def test_infinity_and_ragged_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be rounded"):
        to_csv(Table("t", ("a",), [[float("inf")]]))
    with pytest.raises(ValueError, match="2 values under 1 columns"):
        to_csv(Table("t", ("a",), [[1, 2]]))


def test_as_many_decimals_as_the_number_has() -> None:
    assert to_csv(Table("t", ("a",), [[0.06], [14252.0]], places=None)) == b"a\n0.06\n14252\n"


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        (2.5, 0, 3.0),
        (-2.5, 0, -3.0),
        (2.675, 2, 2.68),
        (0.5, 0, 1.0),
        (1.005, 2, 1.01),
        (-0.004, 2, 0.0),
        (1e15 + 0.5, 0, 1e15 + 1),
    ],
)
def test_rounding_is_that_of_a_spreadsheet(value: float, places: int, rounded: float) -> None:
    assert round_half_up(value, places) == rounded


@given(st.floats(-1e12, 1e12), st.integers(0, 6))
def test_the_quick_way_rounds_like_the_careful_one(value: float, places: int) -> None:
    assert fixed(value, places) == f"{round_half_up(value, places):.{places}f}"


@given(st.integers(-10_000_000, 10_000_000), st.integers(0, 4))
def test_ties_go_away_from_nought(thousandths: int, places: int) -> None:
    value = thousandths / 1000
    assert fixed(value, places) == f"{round_half_up(value, places):.{places}f}"


def test_minus_nought_is_nought() -> None:
    assert fixed(-0.001, 2) == "0.00"
    assert str(round_half_up(-0.2)) == "0.0"


@pytest.mark.parametrize(
    ("value", "word", "text", "phrase"),
    [
        (-277_060_000.0, "deficit", "277.1 deficit", "a deficit of £277.1m"),
        (1_250_000_000.0, "surplus", "1,250.0 surplus", "a surplus of £1,250.0m"),
        (-40_000.0, "deficit", "0.0 balanced", "nil"),
        (0.0, "balanced", "0.0 balanced", "nil"),
    ],
)
def test_a_balance_is_said_in_words(value: float, word: str, text: str, phrase: str) -> None:
    assert position_word(value) == word
    assert position_text(value) == text
    assert position_phrase(value) == phrase
    assert "-" not in millions(value)


def test_p10_of_a_balance_is_its_worse_end() -> None:
    draws = np.array([[-100.0], [-50.0], [0.0]])
    cells = quantile_cells(draws, (0.1, 0.9))
    assert cells is not None
    assert cells[0, 0] < cells[0, 1] < 0


def test_one_draw_has_no_quantiles() -> None:
    assert quantile_cells(np.zeros((1, 3)), (0.1,)) is None
    assert quantile_cells(None, (0.1,)) is None


@given(
    arrays(np.float64, st.tuples(st.integers(2, 40), st.integers(1, 3)), elements=st.floats(-1e9, 1e9)),
    st.lists(st.floats(0.0, 1.0), min_size=1, max_size=4),
)
def test_quantiles_are_those_of_numpy(draws: FloatArray, levels: list[float]) -> None:
    found = quantile_cells(draws, levels)
    assert found is not None
    np.testing.assert_allclose(found, np.moveaxis(np.quantile(draws, levels, axis=0), 0, -1), rtol=1e-12, atol=1e-6)


def test_quantiles_printed_are_those_of_numpy_to_the_bit() -> None:
    draws = np.random.default_rng(3).normal(-3e8, 5e7, (8192, 4))
    levels = (0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95)
    found = quantile_cells(draws, levels)
    assert found is not None
    np.testing.assert_array_equal(found, np.moveaxis(np.quantile(draws, levels, axis=0), 0, -1))
