"""The decision page: promises matched by name add up, the verdict says what the figures say, no measures is said."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.questions.brief.balance import Balance, Taken, _range
from hnforecast.questions.brief.measures import balance_blocks, promise_blocks, verdict
from hnforecast.questions.brief.promises import Position, Promised, Promises, _ends, _opening_gap, match_promises
from hnforecast.questions.brief.words import chance, money, position
from hnforecast.questions.targets import Goal
from hnforecast.writing.blocks import Block, Grid, Points, as_text
from tests.cli_runner import Runner, copy_example
from tests.fixtures_forecast import EXAMPLE

ROOT = Path(__file__).resolve().parents[2]


def text_of(blocks: list[Block]) -> str:
    return " ".join(as_text(blocks).split())


def row(name: str, earlier: list[float] | None, later: list[float] | None, past: float = 0.0) -> Promised:
    then, now = (None if side is None else np.array(side) * 1e6 for side in (earlier, later))
    return Promised(name, name.title(), then, now, past * 1e6)


def promises(*rows: Promised, gap: float = -30e6) -> Promises:
    level = np.array([-10e6, -20e6])
    return Promises(
        "plan", (2025, 2026), rows, Position("old", level, level), Position("new", level, level), (2024,), gap
    )


def test_promised_against_expected_by_hand() -> None:
    found = promises(
        row("both_of_them", [1, 2], [0.5, -1], past=4), row("gone", [3, 3], None), row("fresh", None, [7, 8])
    )
    assert found.saved == (9e6, 14.5e6)
    blocks = promise_blocks(found)
    grid = blocks[0]
    assert isinstance(grid, Grid)
    assert list(grid.rows[0]) == ["Both of them", "3.0", "(0.5)", "(3.5)", "(1.0)"]
    assert list(grid.rows[1]) == ["Gone", "6.0", "-", "-", "-"]
    assert list(grid.rows[-1]) == ["All measures", "9.0", "14.5", "5.5", "7.0"]
    said = text_of(blocks)
    assert "Only in old, so not matched: Gone." in said
    assert "Only in new, so not matched: Fresh." in said
    assert "No saving by measure was published" in said
    assert "tuned to no published forecast" in said
    assert "eight times in ten" not in said
    later = replace(found, targets=("about 220m",), ends=(3e6, 8e6), approved=(0.0, 12e6), counted=2025)
    told = text_of(promise_blocks(later))
    assert "done by January 2025 is in the count it starts from" in told
    assert "£12.0m in the later vintage and £0.0m in the earlier" in told
    assert "scenario plan, calibrated to about 220m; its split" in told
    assert "bring £7.0m in 2026-27; eight times in ten it should be between £3.0m and £8.0m" in told
    assert "expected £4.0m over 2024-25" in said
    assert "began it was £30.0m worse than that plan had it." in said


def balance(met: bool, after: float, flagged: tuple[str, ...] = ()) -> Balance:
    taken = (Taken("less", "Less", 0.8, 1.0, 5e6, flagged), Taken("none", "None", 0.8, 0.0, -1e6, ("section 42",)))
    return Balance(
        Goal("balance", 2029, None), 8192, -40e6, after, 0.004, 0.995 if met else 0.1, -9e6, 4e6, met, taken, 12e6, 0.3,
        None,
    )  # fmt: skip


def test_the_verdict_says_what_was_found() -> None:
    assert verdict(balance(True, 1e3)).startswith("In-year balance in 2029-30 needs the mix of section 3: balance in")
    assert "chance of balance more than 99%" in verdict(balance(True, 1e3))
    missed = verdict(balance(False, -25e6))
    assert missed.startswith("No mix of these measures brings in-year balance in 2029-30: the best leaves a deficit")
    assert "as the plan stands it is a deficit of £40.0m, chance of balance less than 1%" in missed


def test_a_measure_that_looks_like_refusing_a_duty_is_named_only_where_it_is_taken() -> None:
    assert "The law sets each test" not in text_of(balance_blocks(balance(False, -25e6)))
    said = text_of(balance_blocks(balance(False, -25e6, ("section 36",))))
    assert "Less, section 36. The law sets each test" in said
    assert "section 42" not in said


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (money(-0.8e6), "minus £0.8m"),
        (money(0.1e6), "£0.1m"),
        (position(-1), "balance"),
        (position(2e6), "a surplus of £2.0m"),
        (chance(None), "not known (central run alone)"),
        (chance(0.0), "less than 1%"),
        (chance(0.505), "51%"),
        (chance(0.0, 16), "less than 19%"),
        (chance(1.0, 64), "more than 95%"),
    ],
)
def test_figures_in_words(found: str, words: str) -> None:
    assert found == words


def test_a_vintage_against_itself_promises_what_it_expects() -> None:
    project = load_project(EXAMPLE)
    found = match_promises(project, project, "mitigated", 1)
    assert found is not None
    assert found.opening_gap == 0.0
    assert found.past_years == ()
    assert len(found.rows) == len(project.vintage.measures)
    assert all(one.earlier is not None and one.later is not None for one in found.rows)
    assert found.saved[0] == found.saved[1]
    # the shares of the measures are the whole of what the plan saves, year by year
    plan, none = (run_forecast(project, name, savings=False) for name in ("mitigated", "unmitigated"))
    at = [plan.clock.financial_years.index(year) for year in found.years]
    saved = sum(float(one.later.sum()) for one in found.rows if one.later is not None)
    assert saved == pytest.approx(float((plan.account.in_year[0, at] - none.account.in_year[0, at]).sum()), abs=1.0)


def test_no_measures_and_no_scenario_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cli = Runner(copy_example(tmp_path / "council"), capsys, monkeypatch)
    done = cli("brief", "--scenario", "mitigatd")
    assert (done.code, done.out) == (2, "")
    assert "Did you mean 'mitigated'?" in done.err
    refused = cli("brief", "--scenario", "unmitigated")
    assert (refused.code, refused.out) == (2, "")
    assert "This scenario has no measures [HN526]" in refused.err


@pytest.mark.slow
def test_the_page_of_this_council(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = Runner(ROOT, capsys, monkeypatch)("brief", "--year", "2029-30", "--draws", "64", "--out", str(tmp_path))
    assert done.code == 0, done.err
    assert max(map(len, done.out.splitlines())) <= 80
    plain = json.loads((tmp_path / "brief.json").read_text(encoding="utf-8"))
    history = plain["history"]
    parts = history["volume_gbp"] + history["mix_gbp"] + history["price_gbp"]
    assert parts == pytest.approx(history["change_gbp"], abs=0.02)
    assert all(one["promised_gbp"] and one["expected_gbp"] for one in plain["promises"]["measures"])
    assert plain["balance"]["by"] == "2029-30"
    page = (tmp_path / "brief.md").read_text(encoding="utf-8")
    assert any(words in page for words in ("No mix of these measures", "needs the mix of section 3"))
    assert "(0.0)" not in page


def test_points_are_sentences() -> None:
    notes = [block for block in balance_blocks(balance(False, -25e6)) if isinstance(block, Points)]
    assert all(item.endswith(".") for item in notes[0].items)


def test_a_balance_that_opened_worse_than_promised_is_a_negative_gap() -> None:
    project = load_project(EXAMPLE)
    now = run_forecast(project, "mitigated", savings=False)
    account = replace(now.account, gross_closing=now.account.gross_closing + 1e6)
    better_then = replace(now, account=account)
    assert _opening_gap(better_then, now, now.clock.first_forecast) == pytest.approx(-1e6)


def test_what_all_measures_bring_is_told_from_its_low_end_to_its_high() -> None:
    made = run_forecast(load_project(EXAMPLE), "mitigated", draws=64, savings=False)
    assert made.ensemble is not None
    year = made.clock.financial_years[-1]
    ends = _ends(made, year)
    assert ends is not None
    brought = sorted((made.ensemble.account.in_year - made.ensemble.without_measures)[:, -1].tolist())
    assert brought[6] <= ends[0] <= brought[7]
    assert brought[56] <= ends[1] <= brought[57]
    assert brought[32] > 0


def test_the_range_of_a_mix_begins_at_its_worse_end() -> None:
    made = run_forecast(load_project(EXAMPLE), "mitigated", draws=64, savings=False)
    goal = Goal("balance", made.clock.financial_years[-1], None)
    low, high = _range(SimpleNamespace(forecast=made), goal)  # type: ignore[arg-type]
    assert made.ensemble is not None
    drawn = sorted(made.ensemble.account.in_year[:, -1].tolist())
    assert low is not None
    assert high is not None
    assert drawn[6] <= low <= drawn[7] < drawn[56] <= high <= drawn[57]
