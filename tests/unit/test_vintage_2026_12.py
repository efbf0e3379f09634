"""The draft of December 2026: it runs, its base year is the council's forecast, its places are as full as counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from hnforecast.assumptions import load_vintage
from hnforecast.cli import application

ROOT = Path(__file__).resolve().parents[2]


def test_the_draft_is_loaded_with_what_it_switches_on() -> None:
    vintage = load_vintage(ROOT, "2026-12")
    assert vintage.manifest.state == "draft"
    assert vintage.flows.seating == "september"
    assert vintage.flows.ages == "next_count"
    assert vintage.flows.movers_in is not None


def test_the_base_year_is_the_councils_forecast(tmp_path: Path) -> None:
    arguments = ["run", "as_it_stands", "--vintage", "2026-12", "--draws", "1", "--json", "--project", str(ROOT)]
    found = CliRunner().invoke(application, [*arguments, "--out", str(tmp_path / "run")])
    assert found.exit_code == 0, found.output
    account = json.loads(found.stdout)["scenarios"]["as_it_stands"]["2025-26"]
    assert account["in_year"] == pytest.approx(-67_800_000, abs=1)
    assert account["closing"] == -136_000_000
