"""The quarter in sentences: every figure is one of the tables, and what was not recorded is not spoken of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hnforecast.engine.forecast import load_project
from hnforecast.quarter.agreement import load_agreement, track_agreement
from hnforecast.quarter.monitor import Monitoring, monitor_period
from hnforecast.quarter.monitor.anchor_plans import _evened
from hnforecast.quarter.monitor.words import at_risk_point, monitor_text, quarter_points
from hnforecast.writing.style import fixed

EXAMPLE = Path(__file__).resolve().parents[2] / "inputs" / "synthetic" / "exampleshire"


@lru_cache
def found() -> Monitoring:
    return monitor_period(load_project(EXAMPLE), "2025-26-Q2")


def points(**changed: object) -> dict[str, str]:
    return dict(quarter_points({**found().tables, **changed}, found().forecast.scenario.vintage.codes))  # type: ignore[dict-item]


def test_figures_are_those_of_the_tables() -> None:
    tables, said = found().tables, points()
    position = tables["position"].set_index("item")
    assert f"deficit of £{fixed(abs(position.loc['in_year', 'forecast']) / 1e6, 1)}m" in said["In-year position"]
    assert "worse than budget" in said["In-year position"]
    moved = f"{tables['movement']['movement'].sum() / 1e6:+.2f}"
    assert f"moved by {moved[0]}£{moved[1:]}m" in said["Since the last return"]
    assert f"{int(tables['plans_by_placement']['actual'].sum()):,} at the cut-off" in said["Plans"]
    assert f"£{tables['ledger']['gbp'].sum():,.2f} is posted to date" in said["Ledger"]
    filled, commissioned = (int(tables["places"][name].sum()) for name in ("filled", "commissioned"))
    assert said["Places"].startswith(f"{filled:,} of {commissioned:,} commissioned are filled")


def test_what_was_not_recorded_is_left_out() -> None:
    tables = found().tables
    bare = points(**{name: tables[name].iloc[:0] for name in ("places", "reconciliation", "timeliness", "ledger")})
    assert set(bare) == {"In-year position", "Balance", "Why", "Since the last return", "Plans"}
    still = tables["movement"].assign(movement=0.0)
    assert points(movement=still)["Since the last return"] == "The forecast has not moved."


def test_a_surplus_is_called_one() -> None:
    position = found().tables["position"].copy()
    year = position["item"] == "in_year"
    position.loc[year, ["forecast", "p10", "p90"]] = [2e6, 1e6, 3e6]
    position.loc[year, ["variance", "direction"]] = [4e5, "favourable"]
    said = points(position=position)["In-year position"]
    assert said.startswith(
        "A surplus of £2.0m is forecast (80% range: surplus of £1.0m to surplus of £3.0m): £0.4m better"
    )


def test_the_screen_holds_to_80_columns_but_for_its_tables() -> None:
    text = monitor_text(found())
    sentences = text.split("Position of the year")[0]
    assert max(map(len, sentences.splitlines())) <= 80
    assert "nan" not in text.lower()


def test_a_balance_that_counts_on_what_may_not_come_says_so() -> None:
    agreement = load_agreement(EXAMPLE, EXAMPLE / "inputs" / "exampleshire")
    assert agreement is not None
    payments = track_agreement(agreement, {}, found().forecast, 2025).payments
    assert at_risk_point(payments, "2025-26") == [
        (
            "At risk",
            "The balance counts £1.5m of Safety Valve payments from the DfE that may not come: The agreed profile is "
            "missed, so payment rests on the Department being content.",
        )
    ]
    assert at_risk_point(payments.assign(counted=False), "2025-26") == []
    assert at_risk_point(payments.iloc[:0], "2025-26") == []


cells = arrays(np.float64, (26, 4), elements=st.floats(-5.0, 50.0))


@given(stock=cells)
def test_evening_out_keeps_every_age_and_leaves_no_cell_below_nil(stock: np.ndarray) -> None:
    after = stock + _evened(stock)
    assert np.allclose(after.sum(axis=1), stock.sum(axis=1), atol=1e-9)
    enough = stock.sum(axis=1) >= 0
    assert after[enough].min(initial=0.0) >= -1e-9
    positive = np.abs(stock)
    assert not _evened(positive).any()


@pytest.mark.parametrize(
    ("closed", "year", "expected"),
    [
        (None, 2026, ()),
        (date(2026, 4, 1), 2026, ("The agreement was closed on 2026-04-01: its conditions and profile are shown",)),
        (date(2026, 2, 1), 2025, ("The agreement was closed on 2026-02-01, after this period; the assumptions are",)),
        (date(2027, 4, 1), 2025, ()),
    ],
)
def test_a_closed_agreement_is_said_to_be_closed(closed: date | None, year: int, expected: tuple[str, ...]) -> None:
    agreement = load_agreement(EXAMPLE, EXAMPLE / "inputs" / "exampleshire")
    assert agreement is not None
    content = agreement.content.model_copy(update={"closed_on": closed})
    standing = track_agreement(agreement.model_copy(update={"content": content}), {}, found().forecast, year)
    assert len(standing.notes) == len(expected)
    assert all(note.startswith(start) for note, start in zip(standing.notes, expected, strict=True))
    assert replace(standing, notes=()).notes == ()
