"""What the command line prints, kept word for word: a change here is a change people see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from syrupy.assertion import SnapshotAssertion

from hnforecast.cli import application
from hnforecast.cli.faults import run_safely
from hnforecast.engine.records import Forecast
from hnforecast.papers.sentences import key_sentences, scenario_notes
from hnforecast.papers.summary import headlines, run_text
from hnforecast.writing.terminal import listing, text_table, wrap
from tests.fixtures_forecast import example_forecasts


def fixed_forecasts(size: float = 1.0) -> list[Forecast]:
    """Forecasts with balances of our own making, so that the text stays when the example council changes."""
    found = []
    for s, forecast in enumerate(example_forecasts()):
        years = np.arange(len(forecast.clock.financial_years))
        in_year = size * (-4.04e7 + 1.5e7 * years - 5e6 * s)[None]
        account = replace(
            forecast.account,
            in_year=in_year,
            gross_closing=-size * 2e8 + in_year.cumsum(axis=1),
            closing=in_year.cumsum(axis=1),
        )
        notes = ("Funding is announced to 2026-27.", f"{forecast.scenario.name}: tuned to history only.")
        found.append(replace(forecast, account=account, notes=notes))
    return found


def test_the_result_of_a_run(snapshot: SnapshotAssertion) -> None:
    assert run_text(fixed_forecasts()) == snapshot


def test_the_result_of_a_run_with_large_money_and_many_scenarios(snapshot: SnapshotAssertion) -> None:
    text = run_text(fixed_forecasts(size=40.0) * 3)
    assert max(map(len, text.splitlines())) <= 80
    assert text == snapshot


def test_the_headlines_of_a_run(snapshot: SnapshotAssertion) -> None:
    text = headlines(fixed_forecasts(), "mitigated")
    assert len(text.splitlines()) == 1 + 5
    assert max(map(len, text.splitlines())) <= 80
    assert text == snapshot


def test_the_plain_sentences(snapshot: SnapshotAssertion) -> None:
    assert "\n".join(key_sentences(fixed_forecasts())) == snapshot
    assert scenario_notes(fixed_forecasts()[1]) == ["tuned to history only."]


@pytest.mark.parametrize("command", ["run", "check", "explain", "list", "new", "doctor"])
def test_help(command: str, snapshot: SnapshotAssertion, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_safely(application, [command, "--help"]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert text == snapshot


def test_tables_of_text() -> None:
    assert text_table([["year", "2025-26"], ["a", "1.0 deficit"]]) == (
        "year               a\n-------  -----------\n2025-26  1.0 deficit"
    )
    shown = listing(("name", "title"), [("one", "a " * 60), ("two", "b")])
    assert max(map(len, shown.splitlines())) <= 80
    assert wrap("") == ""
