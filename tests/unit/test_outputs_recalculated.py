"""Engines that are not ours work the workbook out again and get the program's figures to a penny."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hnforecast.papers.workbook import write_workbook
from tests.fixtures_forecast import changed_forecasts, example_forecasts, example_record
from tests.workbooks import (
    formulas,
    recalculate_with_formualizer,
    recalculate_with_libreoffice,
    values_at,
    with_wrong_values,
)

PENNY = 0.01


LARGE = {
    "prices.top_up.state_special": "x3",
    "prices.top_up.mainstream": "x3",
    "support.balance": "x400",
}


@pytest.fixture(
    scope="module", params=[None, pytest.param(LARGE, marks=pytest.mark.slow)], ids=["small money", "large money"]
)
def content(request: pytest.FixtureRequest) -> bytes:
    forecasts = changed_forecasts(request.param) if request.param else example_forecasts()
    return write_workbook(forecasts, example_record(forecasts))


def compare(carried: dict[tuple[str, str], Any], found: dict[tuple[str, str], Any]) -> list[str]:
    """Where a recalculated value is not the one the formula carried."""
    wrong = []
    for place, value in carried.items():
        other = found[place]
        if isinstance(value, str):
            same = value == other
        else:
            same = isinstance(other, (int, float)) and abs(float(other) - float(value or 0.0)) <= PENNY
        if not same:
            wrong.append(f"{place}: carries {value!r}, recalculated {other!r}")
    return wrong


@pytest.mark.slow
@pytest.mark.libreoffice
def test_libreoffice_agrees_with_every_formula(content: bytes, tmp_path: Path) -> None:
    places = formulas(content)
    assert len(places) > 300
    recalculated = recalculate_with_libreoffice(with_wrong_values(content), tmp_path)
    assert not compare(values_at(content, places), values_at(recalculated, places))


@pytest.mark.libreoffice
def test_a_formula_that_disagrees_is_found(content: bytes, tmp_path: Path) -> None:
    """The comparison itself can fail: left alone, the wrong values would stay."""
    places = formulas(content)
    assert compare(values_at(content, places), values_at(with_wrong_values(content), places))


def test_formualizer_agrees_with_every_formula(content: bytes, tmp_path: Path) -> None:
    pytest.importorskip("formualizer", reason="formualizer is not installed")
    places = formulas(content)
    recalculated = recalculate_with_formualizer(with_wrong_values(content), tmp_path)
    assert not compare(values_at(content, places), values_at(recalculated, places))
