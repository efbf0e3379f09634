"""`hnforecast new AUTHORITY`: a folder that runs from published data, every guess labelled, nothing written over."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from hnforecast.assumptions import load_vintage
from hnforecast.base.errors import InputError, UsageError
from hnforecast.base.shipped import shipped_folder
from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.engine.published import lines_total
from hnforecast.history.fit.proposal import latest_census
from hnforecast.history.new.authority import Authority, find_authority, read_authorities
from hnforecast.history.new.costs import Sector, unit_costs
from hnforecast.history.new.draft import CouncilDraft, draft_council
from hnforecast.history.new.folder import folder_files
from hnforecast.history.new.grants import carry_balance
from hnforecast.history.new.published import Lines, Money
from hnforecast.history.new.unknowns import unknowns_of
from hnforecast.inputs import Panel, load_panel
from hnforecast.inputs.council import load_council
from hnforecast.inputs.sources import check_sources
from tests.cli_runner import Runner

SMALL = "rutland"
TODAY = date(2026, 11, 22)
# a county, a London borough, a metropolitan borough and a small unitary
FOUR = ("worcestershire", "camden", "bradford", "hartlepool")
NEAR = 0.01  # of the published outturn: what "calibrated to" has to mean


@pytest.fixture(scope="module")
def authorities() -> tuple[Authority, ...]:
    return read_authorities(load_panel(shipped_folder("national"), files=("la_lookup",))["la_lookup"])


@pytest.fixture(scope="module")
def panel() -> Panel:
    return load_panel(shipped_folder("national"))


@pytest.fixture(scope="module")
def draft(panel: Panel, authorities: tuple[Authority, ...]) -> CouncilDraft:
    return draft_council(panel, find_authority(authorities, SMALL), TODAY)


@pytest.fixture(scope="module")
def folder(draft: CouncilDraft, panel: Panel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("new") / SMALL
    for name, content in folder_files(draft, panel.folder, "page").items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def test_it_runs_and_meets_the_published_year(folder: Path, draft: CouncilDraft) -> None:
    forecast = run_forecast(load_project(folder), "unmitigated", horizon=2, savings=False)
    assert all(check.passed for check in forecast.checks)
    base = forecast.clock.financial_years.index(draft.against.year)
    with (shipped_folder("national") / "s251_outturn_buckets_by_la_2017_2024.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["old_la_code"] == draft.authority.code]
    published = float(next(row["high_needs_lines_1_2"] for row in rows if row["financial_year"] == "2024-25"))
    assert lines_total(forecast.spend, base) == pytest.approx(published, rel=NEAR)
    assert draft.against.gap == pytest.approx(lines_total(forecast.spend, base) / published - 1, abs=1e-9)
    assert draft.against.published == published
    balance = load_vintage(folder).support.balance.by
    assert balance is not None
    assert float(forecast.account.closing[0, base]) == pytest.approx(draft.balance, abs=1.0)


def test_every_value_is_labelled_and_every_guess_is_a_judgement(folder: Path) -> None:
    vintage = load_vintage(folder)
    assert vintage.manifest.state == "draft"
    assert list(vintage.scenarios) == ["unmitigated", "history"]
    assert not vintage.text.measures
    values = vintage.values
    for path in ("support.balance", "funding.high_needs_block.growth"):
        assert (values[path].status, values[path].mark) == ("judgement", "unverified"), path
    for path, value in values.items():
        if value.status == "judgement":
            assert value.owner is not None, path
            assert value.review_by is not None, path
        if path.startswith("prices.top_up."):
            assert value.interval is not None, path
            assert path in vintage.uncertainty.columns, path
    said = " ".join(vintage.notices)
    assert "draft" in said
    assert "support.balance" in said, "what is unverified is told at every run"


def test_its_inputs_are_whole_and_have_sources(folder: Path) -> None:
    assert check_sources(folder) == ()
    council = load_council(folder / "inputs" / SMALL)
    assert len(council.plans_total) > 10
    assert len(council.population_projection) > 100


def test_what_is_unknown_is_listed_with_where_it_goes(draft: CouncilDraft) -> None:
    unknown = unknowns_of(draft)
    assert [item.what.split()[0] for item in unknown[:3]] == ["Balance", "High", "Transfers"]
    assert f"£{abs(draft.balance) / 1e6:,.1f}m" in unknown[0].assumed
    for item in unknown:
        assert item.where.partition(".yaml")[1] == ".yaml" or "NAME.yaml" in item.where
    assert any(item.what == "Measures" and item.assumed.startswith("none") for item in unknown)


def test_an_authority_without_counts_is_refused_in_words(panel: Panel, authorities: tuple[Authority, ...]) -> None:
    york = find_authority(authorities, "816")
    frames = {
        name: frame[frame["old_la_code"] != "816"] for name, frame in panel.frames.items() if "old_la_code" in frame
    }
    with pytest.raises(InputError, match="has no January counts of"):
        draft_council(replace(panel, frames={**panel.frames, **frames}), york, TODAY)


def test_a_fault_of_recording_is_no_base(panel: Panel) -> None:
    assert latest_census(panel, "316", None) == 2024  # Newham's 1,199 of 2025 is passed over
    assert latest_census(panel, "886", None) == 2026
    assert latest_census(panel, "816", None) == 2025  # counted in 2026, and not by age


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("worcestershire", "885"), ("Worcestershire County Council", "885"), ("885", "885"), ("E10000034", "885"),
        ("st helens", "342"), ("St. Helens", "342"), ("bristol", "801"), ("Bristol, City of", "801"),
        ("london borough of camden", "202"), ("dorset", "838"), ("bath-and-north-east-somerset", "800"),
        ("Bath & North East Somerset", "800"), ("durham", "840"), ("city of london", "201"), ("york", "816"),
    ],
)  # fmt: skip
def test_an_authority_is_found_as_people_write_it(authorities: tuple[Authority, ...], asked: str, code: str) -> None:
    assert find_authority(authorities, asked).code == code


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("cheshire", "2 authorities could be meant.*Cheshire East .895., Cheshire West"),
        ("north", "7 authorities could be meant"),
        ("essexx", "Did you mean Essex .881."),
        ("wilts", "Did you mean Wiltshire .865."),
        ("northamptonshire", "no longer exists.*North Northamptonshire .940., West Northamptonshire .941."),
        ("999", "No authority of the national pack|No authority of the national panel"),
        ("", "No authority"),
        ("../etc", "No authority"),
    ],
)
def test_a_name_that_could_be_two_or_none_is_refused(
    authorities: tuple[Authority, ...], asked: str, words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        find_authority(authorities, asked)
    import re

    assert re.search(words, str(caught.value), re.DOTALL), str(caught.value)


def test_every_authority_is_found_by_its_name_slug_and_code(authorities: tuple[Authority, ...]) -> None:
    latest = max(authority.last_year for authority in authorities)
    for authority in authorities:
        if authority.last_year == latest:
            for asked in (authority.name.upper(), authority.slug, authority.code):
                assert find_authority(authorities, asked) == authority, asked
            assert authority.slug
            assert set(authority.slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def money(own: Lines | None, england: Lines) -> Money:
    return Money(own, england, {}, {2023: 100.0}, {2023: 10.0}, True, {}, {}, {})


SECTORS = (
    Sector(("top_up", "a"), ("1.2.1",), ("one",), "A"),
    Sector(("top_up", "b"), ("1.2.3",), ("two",), "B"),
    Sector(("services", "all"), ("1.2.5",), ("services",), "S"),
    Sector(("top_up", "fixed"), ("1.2.1",), ("pru",), "P"),
    Sector(("top_up", "income"), ("1.2.1",), ("services",), "I"),
)
STARTER = {"not_per_plan": ["pru"], "price_odd": 4}
gbp = st.floats(1.0, 1e7)
counts = st.floats(1.0, 5000.0)


@hypothesis.given(gbp, gbp, gbp, gbp, counts, counts)
def test_unit_costs_and_services_give_back_every_published_pound(
    a: float, b: float, services: float, pru: float, one: float, two: float
) -> None:
    found = {
        ("top_up", "a"): a, ("top_up", "b"): b, ("services", "all"): services, ("top_up", "fixed"): pru,
        ("top_up", "income"): -services / 2,
    }  # fmt: skip
    own = Lines(found, {"one": one, "two": two})
    # England costs the same a plan, so that no price is odd
    costs = unit_costs(money(own, own), SECTORS, STARTER, one + two)
    spent = sum(unit.gbp * own.plans[unit.placement] for unit in costs.units) + sum(
        value for _, value in costs.services
    )
    assert spent == pytest.approx(sum(found.values()), rel=1e-9)
    assert costs.swapped == ()


def test_odd_prices_are_englands_and_pounds_without_plans_become_services() -> None:
    england = Lines({("top_up", "a"): 1000.0, ("top_up", "b"): 5000.0}, {"one": 10.0, "two": 10.0})
    own = Lines({("top_up", "a"): 9000.0, ("top_up", "b"): 700.0}, {"one": 10.0, "two": 0.0})
    costs = unit_costs(money(own, england), SECTORS, STARTER, 10.0)
    assert {unit.placement: (unit.gbp, unit.own) for unit in costs.units} == {
        "one": (100.0, False), "two": (500.0, False),
    }  # fmt: skip
    assert costs.swapped == ("one", "two")
    assert [(sector.label, value) for sector, value in costs.services] == [("B", 700.0)]


def test_the_balance_is_carried_by_hand() -> None:
    figures = Money(
        None, Lines({}, {}), {2022: 80.0, 2023: 95.0}, {2021: 90.0, 2022: 100.0}, {2021: 5.0, 2022: 6.0}, True, {},
        {2020: -1.0, 2021: -3.0}, {},
    )  # fmt: skip
    carried = carry_balance(figures, {"block_growth": {"by": {"2023-24": 0.5}}}, 12.0, 2024)
    # 2022-23: 94 - 80 - 12; 2023-24: 94 x 1.5 - 95 - 12
    assert carried.yearly == {2022: 2.0, 2023: 34.0}
    assert carried.start == -3.0 + 2.0 + 34.0


@pytest.mark.slow
@pytest.mark.parametrize("name", FOUR)
def test_four_authorities_through_every_command(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Runner(tmp_path, capsys, monkeypatch)("new", name, "--json")
    assert made.code == 0, made.err
    said = json.loads(made.out)
    assert abs(said["gap"]) < NEAR
    root = tmp_path / said["folder"]
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    again = Runner(tmp_path, capsys, monkeypatch)("new", name)
    assert again.code == 2
    assert "left alone [HN857]" in again.err
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
    cli = Runner(root, capsys, monkeypatch)
    for command in (
        ["check"], ["run", "--horizon", "3", "--out", str(tmp_path / "run")], ["causes"], ["benchmark"],
        ["brief", "--draws", "1"],
        ["compare", "unmitigated", "history"], ["explain", "support.balance"], ["list", "assumptions"],
    ):  # fmt: skip
        done = cli(*command)
        assert done.code == 0, (command, done.err)
        assert done.out, command
    assert "judgement, unverified" in cli("explain", "support.balance").out
