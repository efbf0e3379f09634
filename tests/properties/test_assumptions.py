"""What must hold for any edit of a vintage: it is refused with a place or it loads, and order never matters."""

from __future__ import annotations

import itertools
import math
import random
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hnforecast.assumptions import Vintage, load_vintage
from hnforecast.assumptions.fields import read_period, read_series
from hnforecast.assumptions.shapes import UNITS, show_number
from hnforecast.base.errors import AssumptionError, HnForecastError, Problem
from hnforecast.base.timeline import month, show_month, show_year
from hnforecast.engine.scenarios import resolve_scenario
from tests.fixtures_vintage import CODES, EXAMPLE, TODAY, copy_example

FILES = (
    "demand.yaml",
    "prices.yaml",
    "support.yaml",
    "uncertainty.yaml",
    "measures/local-places.yaml",
    "scenarios.yaml",
)
WRONG = (
    "",
    "[",
    "a: b: c",
    "- x",
    "12",
    "true",
    "null",
    ".nan",
    "{}",
    "'",
    "!x 1",
    "&a *a",
    "\t",
    "2025-26",
    "1e999",
    "é",
)


def problems_of(action: Callable[[], object]) -> tuple[Problem, ...]:
    """What an action is refused for, never nothing; none where it is done."""
    try:
        action()
    except HnForecastError as error:
        return error.problems or (Problem("", "refused without a reason"),)
    return ()


@cache
def example() -> Vintage:
    """The invented council, frozen, so that every example may share it."""
    return load_vintage(EXAMPLE, codes=CODES, today=TODAY)


@pytest.fixture(scope="module")
def vintage() -> Vintage:
    return example()


@given(
    st.sampled_from(FILES),
    st.integers(0, 10_000),
    st.sampled_from(WRONG),
    st.sampled_from(["value", "line", "cut", "double"]),
)
def test_a_damaged_line_is_refused_with_a_place_or_loads(file: str, where: int, wrong: str, how: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        council = copy_example(Path(folder))
        lines = council.path(file).read_text(encoding="utf-8").split("\n")
        at = where % len(lines)
        if how == "value":
            lines[at] = f"{lines[at].split(':')[0]}: {wrong}"
        elif how == "line":
            lines[at] = wrong
        elif how == "cut":
            del lines[at:]
        else:
            lines.insert(at, lines[at])
        council.write(file, "\n".join(lines))
        for problem in problems_of(council.load):
            assert problem.place.file
            assert problem.what
            assert problem.code.startswith(("HN1", "HN4"))


@given(st.floats() | st.integers() | st.booleans() | st.text(max_size=10) | st.none() | st.dates())
def test_a_share_is_a_number_above_0_up_to_1_or_refused(value: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        council = copy_example(Path(folder))
        text = _as_yaml(value)
        council.edit("demand.yaml", "value: 0.9", f"value: {text}")
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        if is_number and 0 < value <= 1:  # a share of nothing: no plan would ever start, yet plans do
            assert council.load().demand.pipeline.issued_share.value == value
        else:
            with pytest.raises(AssumptionError, match=r"demand\.yaml:\d+"):
                council.load()


def _as_yaml(value: Any) -> str:
    from hnforecast.base.yaml import dump_yaml

    return dump_yaml({"a": value}).removeprefix("a: ").rstrip("\n")


@given(st.integers(1990, 2090), st.integers(1, 12))
def test_keys_of_years_months_and_counts_are_told_apart(year: int, month_of_year: int) -> None:
    assert read_period(show_year(year)) == ("year", year)
    assert read_period(str(year)) == ("census", year)
    absolute = month(year, month_of_year)
    kind, number = read_period(show_month(absolute))
    assert (kind, number) in (("month", absolute), ("year", year))
    if kind == "year":  # 2009-10 reads as the year that runs on, unless another key can only be a month
        assert month_of_year == (year + 1) % 100
        keys = {show_month(absolute): 1.0, show_month(month(year, 1 + month_of_year % 12)): 2.0}
        assert read_series(keys).kind == "month"


@given(st.dictionaries(st.integers(2000, 2060), st.floats(-0.5, 0.5), min_size=1, max_size=8))
def test_a_series_is_in_order_of_time_whatever_the_order_of_lines(points: dict[int, float]) -> None:
    keys = list(points)
    random.Random(1).shuffle(keys)
    series = read_series({show_year(key): points[key] for key in keys})
    assert list(series) == sorted(points)
    assert dict(series) == points


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e14, max_value=1e14))
def test_numbers_are_shown_as_people_write_them(value: float) -> None:
    shown = show_number(value)
    assert math.isclose(float(shown.replace(",", "")), value, rel_tol=1e-9, abs_tol=1e-300)
    assert "e+" not in shown


def test_bounds_run_upwards() -> None:
    assert all(unit.low < unit.high for unit in UNITS.values())


CHANGES: dict[str, object] = {
    "prices.top_up.state_special": "x1.1",
    "prices.indices.school_costs.2027-28": 0.04,
    "prices.indices.independent_fees": "x0.5",
    "flows.cease.hazard.16.fe": 0.2,
    "flows.cease.hazard.17": "x1.2",
    "measures.annual-reviews.delivery": 0.5,
    "demand.pipeline.agreed_share": 0.6,
}


@pytest.mark.parametrize("names", list(itertools.combinations(CHANGES, 3)))
def test_the_order_of_overrides_never_matters(names: tuple[str, ...], vintage: Vintage) -> None:
    results = []
    for order in (names, tuple(reversed(names))):
        scenario = resolve_scenario(vintage, "mitigated", {name: CHANGES[name] for name in order}, today=TODAY)
        results.append((dict(scenario.vintage.values), sorted(scenario.changes)))
    assert results[0] == results[1]


@given(st.sampled_from(sorted(CHANGES)), st.floats(0.5, 1.2))
def test_an_override_then_its_inverse_is_a_round_trip(path: str, factor: float) -> None:
    start = example()
    there = resolve_scenario(start, "mitigated", {path: f"x{factor!r}"}, today=TODAY).vintage
    back = resolve_scenario(there, "mitigated", {path: f"x{1 / factor!r}"}, today=TODAY).vintage
    for name, sourced in start.values.items():
        assert _numbers(back.values[name]) == pytest.approx(_numbers(sourced), rel=1e-12)


def _numbers(sourced: Any) -> list[float]:
    if sourced.value is not None:
        return [sourced.value]
    if sourced.by is not None:
        return list(sourced.by.values())
    return [row["value"] for row in sourced.rows]


def test_an_empty_overlay_changes_nothing(vintage: Vintage) -> None:
    assert resolve_scenario(vintage, "unmitigated", {}, today=TODAY).vintage is vintage
    unchanged = resolve_scenario(vintage, "unmitigated", {"prices.top_up.fe": "x1"}, today=TODAY).vintage
    assert all(_numbers(unchanged.values[path]) == _numbers(sourced) for path, sourced in vintage.values.items())


@given(st.text(max_size=30), st.text(max_size=10))
def test_any_text_as_an_override_is_made_or_refused(path: str, said: str) -> None:
    start = example()
    for problem in problems_of(lambda: resolve_scenario(start, "unmitigated", {path: said}, today=TODAY)):
        assert problem.code in ("HN406", "HN407")


@given(st.sampled_from(["demand.pipeline.agreed_share", "prices.indices.school_costs.2026-27"]), st.text(max_size=8))
def test_any_text_as_a_value_is_made_or_refused(path: str, said: str) -> None:
    start = example()
    for problem in problems_of(lambda: resolve_scenario(start, "unmitigated", {path: said}, today=TODAY)):
        assert problem.code in ("HN407", "HN114")
        assert problem.place.file == "command line"
