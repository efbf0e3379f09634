"""Engines that are not ours work the workbook out again and get the program's figures to a penny."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hnforecast.outputs.workbook import write_workbook
from tests.fixtures_forecast import example_forecasts, example_record, with_money
from tests.workbooks import formulas, recalculate_with_libreoffice, values_at, with_wrong_values

PENNY = 0.01


@pytest.fixture(scope="module", params=[1.0, 2_000.0], ids=["small money", "large money"])
def content(request: pytest.FixtureRequest) -> bytes:
    forecasts = tuple(with_money(forecast, request.param) for forecast in example_forecasts())
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
    program = Path(sys.executable).with_name("formualizer")
    source, target = tmp_path / "book.xlsx", tmp_path / "out.xlsx"
    source.write_bytes(with_wrong_values(content))
    done = subprocess.run(
        [program, "recalc", source, "-o", target, "--json"], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)
    places = formulas(content)
    assert not compare(values_at(content, places), values_at(target.read_bytes(), places))
