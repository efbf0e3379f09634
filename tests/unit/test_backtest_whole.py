"""The test of the whole model: nothing later reaches a draft, a test broken off goes on, and scores are by hand."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hnforecast.base.errors import InputError, Problem
from hnforecast.history.backtest import whole, whole_run
from hnforecast.history.backtest.whole import IN_YEAR, SPEND, TOTAL, Outcome, Work, draft_and_run, known_at, read_work
from hnforecast.history.backtest.whole_page import HEADING, whole_section, with_whole_section
from hnforecast.history.backtest.whole_run import Drafted, run_whole
from hnforecast.history.backtest.whole_scores import outcomes_frame, score_whole
from hnforecast.history.backtest.worth import STORED, worth_of_money
from tests.cli_runner import Runner

ROOT = Path(__file__).resolve().parents[2]
STEP = ("885", 2022)


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    """The command line in a folder that is no council's."""
    return Runner(tmp_path, capsys, monkeypatch)


@pytest.fixture(scope="module")
def work() -> Work:
    return read_work(ROOT, (2022,))


@pytest.fixture(scope="module")
def outcomes(work: Work) -> list[Outcome]:
    return draft_and_run(work, *STEP)


def one(outcomes: list[Outcome], series: str, horizon: int, scenario: str = "history") -> Outcome:
    found = [o for o in outcomes if (o.series, o.horizon, o.scenario) == (series, horizon, scenario)]
    assert len(found) == 1
    return found[0]


def test_a_draft_says_something_of_plans_placements_spend_and_the_position(outcomes: list[Outcome]) -> None:
    assert {TOTAL, SPEND, IN_YEAR, "plans_state_special", "plans_mainstream"} <= {o.series for o in outcomes}
    assert all(o.low <= o.central <= o.high for o in outcomes if o.series in (TOTAL, SPEND))
    assert [one(outcomes, SPEND, h).horizon for h in (1, 2, 3)] == [1, 2, 3]


def test_what_came_and_the_plain_methods_are_the_published_figures(work: Work, outcomes: list[Outcome]) -> None:
    code, origin = STEP
    spend = one(outcomes, SPEND, 2)
    assert spend.came == work.value(SPEND, code, origin + 2)
    assert spend.naive == work.value(SPEND, code, origin)
    blocks = work.blocks[code]
    assert spend.budget == pytest.approx(spend.naive * (blocks[origin] / blocks[origin - 1]) ** 2)
    position = one(outcomes, IN_YEAR, 2)
    assert position.came == work.balances[code][origin + 2] - work.balances[code][origin]
    assert position.scale == blocks[origin] + blocks[origin + 1]
    # the pooled and the drafted position differ by spend on lines 1.2 alone
    drafted = sum(one(outcomes, SPEND, h).central for h in (1, 2))
    pooled = sum(one(outcomes, SPEND, h).pooled for h in (1, 2))
    assert position.pooled - position.central == pytest.approx(drafted - pooled)


LATER = {
    "ehcp_by_la": ("year", 2023, "plans"),
    "newplans_by_la": ("year", 2022, "new_plans_total"),
    "s251_outturn_buckets_by_la_2017_2024": ("fy_start", 2022, "high_needs_lines_1_2"),
    "price_indices": ("fy_start", 2022, "gdp_deflator_growth_pct"),
    "dsg_block_allocations_by_la_2019_2023": ("financial_year", 2023, "high_needs_block_before_recoupment"),
    "ehcp_by_la_placement_group_2010_2025": ("year", 2023, "plans"),
}


def test_nothing_published_after_an_origin_reaches_its_draft(outcomes: list[Outcome], tmp_path: Path) -> None:
    folder = tmp_path / "inputs" / "national"
    shutil.copytree(ROOT / "inputs" / "national", folder)
    shutil.copytree(ROOT / "inputs" / "codes", tmp_path / "inputs" / "codes")
    for stem, (dated, first, column) in LATER.items():
        with (folder / f"{stem}.csv").open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            header, rows = list(reader.fieldnames or ()), list(reader)
        changed = 0
        for row in rows:
            if int(row[dated][:4]) >= first and row[column]:
                row[column] = f"{float(row[column]) * 1.1:.3f}"
                changed += 1
        assert changed, stem
        with (folder / f"{stem}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    made = {(o.scenario, o.series, o.horizon): o for o in draft_and_run(read_work(tmp_path, (2022,)), *STEP)}
    compared = 0
    for before in outcomes:
        after = made.get((before.scenario, before.series, before.horizon))
        if after is not None:
            assert (after.central, after.low, after.high) == (before.central, before.low, before.high), before
            compared += 1
    assert compared > 20
    assert made["history", SPEND, 1].came != one(outcomes, SPEND, 1).came


def test_prices_and_the_block_are_those_expected_then(work: Work) -> None:
    known = known_at(work.panel, 2022)
    prices = known.frames["price_indices"].set_index("financial_year")["gdp_deflator_growth_pct"]
    assert prices["2021-22"] == pytest.approx(0.2519)
    assert 2.0 < prices["2025-26"] < prices["2022-23"] < 3.5  # 2022-23 came to 7.0
    assert 0.08 < known.block_growth[2023] < 0.16


def made_up(code: str, origin: int, central: float, came: float = 100.0, **changes: object) -> Outcome:
    plain = Outcome(code, origin, "history", SPEND, 1, came, came, central, 90.0, 110.0, 80.0, 104.0, float("nan"))
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_scores_average_authorities_then_origins() -> None:
    outcomes = [made_up("1", 2022, 110.0), made_up("2", 2022, 96.0), made_up("1", 2023, 120.0, low=105.0)]
    row = score_whole(outcomes_frame(reversed(outcomes))).iloc[0]
    assert (row["origins"], row["n"]) == (2, 3)
    assert row["mape"] == pytest.approx((7.0 + 20.0) / 2)
    assert row["bias_pct"] == pytest.approx((3.0 + 20.0) / 2)
    assert row["cover80"] == pytest.approx((100.0 + 0.0) / 2)
    assert (row["mape_naive"], row["mape_pooled"]) == (20.0, 4.0)
    assert row["mape_budget"] != row["mape_budget"]


def test_a_test_broken_off_goes_on(work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [("885", 2022), ("886", 2022), ("000", 2022)]
    tried: list[str] = []

    def drafted(work: Work, code: str, origin: int) -> list[Outcome]:
        tried.append(code)
        if code == "000":
            raise InputError(Problem("HN376", "too thin"))
        return [made_up(code, origin, 101.0)]

    class Alone:
        """A helper that leaves everything to be done here."""

        def __enter__(self) -> Alone:
            return self

        def __exit__(self, *caught: object) -> None: ...

        def submit(self, function: Callable[..., Drafted], *arguments: object, here: Callable[[], Drafted]) -> object:
            return Waiting(here)

    class Waiting:
        begun = False
        done = True

        def __init__(self, here: Callable[[], Drafted]) -> None:
            self.here = here

        def result(self) -> Drafted:
            self.made = self.here() if not self.begun else self.made
            self.begun = True
            return self.made

    monkeypatch.setattr(whole_run, "draft_and_run", drafted)
    monkeypatch.setattr(whole_run, "Helper", Alone)
    kept, seen = tmp_path / "outputs" / "kept.jsonl", list[Drafted]()
    first = run_whole(work, kept, "a", seen.append, steps)
    assert [(d.code, d.origin) for d in first] == steps
    assert first[2].refused
    assert not first[2].outcomes
    assert sorted(tried) == ["000", "885", "886"]
    assert len(seen) == 3
    kept.write_text(kept.read_text(encoding="utf-8")[:-30], encoding="utf-8")  # the last line was being written
    tried.clear()
    again = run_whole(work, kept, "a", seen.append, steps)
    assert len(tried) == 1
    assert len(seen) == 6
    assert [outcomes_key(d) for d in again] == [outcomes_key(d) for d in first]
    tried.clear()
    run_whole(work, kept, "another program or panel", seen.append, steps)
    assert len(tried) == 3


def outcomes_key(drafted: Drafted) -> tuple[str, int, str, list[tuple[float, float]]]:
    return drafted.code, drafted.origin, drafted.refused, [(o.central, o.came) for o in drafted.outcomes]


def test_the_section_takes_the_place_of_an_earlier_one() -> None:
    rows = score_whole(outcomes_frame([made_up("1", 2022, 110.0)])).to_dict("records")
    page = with_whole_section("# Page\n\nwords\n", rows)
    assert page.count(HEADING) == 1
    assert page.startswith("# Page\n\nwords\n")
    assert with_whole_section(page, rows) == page
    assert "| spend on lines 1.2 | `history` | 1 | 1 | 10.0 | 20.0 | 4.0 |  | +10.0 | 100 |" in page
    assert "No two published balances" in page
    assert whole_section([]) == ""
    assert with_whole_section(page, []) == "# Page\n\nwords\n"


def test_a_run_says_what_its_money_is_worth_where_that_was_measured(tmp_path: Path) -> None:
    assert worth_of_money(tmp_path) == ""
    outcomes = [made_up("1", 2022, 110.0), made_up("1", 2022, 106.0, series=IN_YEAR, horizon=2, scale=400.0)]
    (tmp_path / STORED).parent.mkdir()
    (tmp_path / STORED).write_text(score_whole(outcomes_frame(outcomes)).to_csv(index=False), encoding="utf-8")
    said = worth_of_money(tmp_path)
    assert said.endswith("by 10.0% at one year; in-year positions over 2 years by a median of 1.5% of the block.")


def test_another_panel_is_refused(cli: Runner, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "inputs" / "national", tmp_path / "other")
    made = cli("backtest", "--whole", "--panel", str(tmp_path / "other"), "--out", str(tmp_path / "there"))
    assert made.code == 2
    assert "HN369" in made.err
    assert not (tmp_path / "there").exists()


def test_the_command_writes_a_folder_the_page_and_the_scores(
    cli: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    council = tmp_path / "council"
    shutil.copytree(ROOT / "assumptions", council / "assumptions")
    monkeypatch.setattr(Work, "steps", lambda self: [("885", 2022)])
    made = cli("backtest", "--whole", "--page", "--project", str(council))
    assert made.code == 0, made.err
    assert "in_year" in made.out
    page = (council / "docs" / "accuracy.md").read_text(encoding="utf-8")
    assert page.count(HEADING) == 1
    assert worth_of_money(council).startswith("Drafts of this method at past counts missed spend on lines 1.2 by ")
    folders = [path for path in (council / "outputs").iterdir() if path.name.startswith("backtest-whole-")]
    assert len(folders) == 1
    assert {path.name for path in folders[0].rglob("*.csv")} == {"whole_scores.csv", "whole_outcomes.csv"}
    assert not list((council / "outputs").glob(".backtest-whole*"))


def test_the_origins_are_those_from_which_something_can_be_drafted(work: Work) -> None:
    assert min(whole.ORIGINS) == 2022
    assert all(origin == 2022 for _, origin in work.steps())
    assert STEP in work.steps()
