"""`hnforecast backtest`: any panel in the form of inputs/national, tested and written whole, or refused in words."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hnforecast.base.errors import InputError, UsageError
from hnforecast.cli.backtest import read_origins
from hnforecast.engine.demand.panel_files import FILES, SPEND, columns_read
from hnforecast.history.backtest import read_accuracy, read_for_backtest
from hnforecast.history.backtest.run import COLUMNS
from tests.cli_runner import Runner, copy_example, run_process
from tests.fixtures_demand import NATIONAL
from tests.fixtures_forecast import EXAMPLE

QUICK = ("--origins", "2021-2022", "--horizons", "2")
PLANS = "ehcp_by_la"
FOUR = {"881", "886", "845", "331"}
GROUPS = {"special_state", "mainstream_state"}
Change = Callable[[Path], object]


@pytest.fixture(scope="session")
def four(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files a forecast reads, cut to four authorities, England, the regions, and two placement groups."""
    folder = tmp_path_factory.mktemp("panel") / "four"
    folder.mkdir()
    for stem in FILES:
        rewrite(NATIONAL / f"{stem}.csv", wanted, folder / f"{stem}.csv")
    return folder


@pytest.fixture
def panel(four: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(four, tmp_path / "panel"))


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    """The command line in a folder that is no council's."""
    return Runner(tmp_path, capsys, monkeypatch)


def wanted(row: dict[str, str]) -> bool:
    return row.get("old_la_code", "") in FOUR | {""} and row.get("placement_group", "special_state") in GROUPS


def rewrite(path: Path, keep: Callable[[dict[str, str]], bool], target: Path | None = None, drop: str = "") -> None:
    """Keep some rows of a CSV file, and all columns but one; `keep` may change the row it is given."""
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        header = [name for name in reader.fieldnames or () if name != drop]
        rows = [row for row in reader if keep(row)]
    with (target or path).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def only(*stems: str) -> Change:
    """Take every other file out of a panel."""
    return lambda folder: [path.unlink() for path in folder.glob("*.csv") if path.stem not in stems]


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@dataclass(frozen=True)
class Done:
    """A backtest made once for the tests that only read it."""

    folder: Path
    printed: dict[str, Any]
    errors: str
    code: int


@pytest.fixture(scope="module")
def done(four: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    place = tmp_path_factory.mktemp("done")
    made = run_process(["backtest", "--panel", str(four), "--out", "there", "--json", *QUICK], place)
    return Done(place / "there", json.loads(made.stdout), made.stderr.decode(), made.returncode)


def test_the_folder_is_whole_and_the_tables_are_those_of_the_contract(done: Done) -> None:
    assert done.code == 0, done.errors
    assert done.errors == ""
    tables = {f"tables/{name}.csv" for name in ("accuracy", "accuracy_by_size", "accuracy_by_origin")}
    assert files_below(done.folder.parent) == {f"there/{name}" for name in tables | {"accuracy.md", "run.json"}}
    accuracy = pd.read_csv(done.folder / "tables" / "accuracy.csv")
    assert list(accuracy) == COLUMNS
    assert ",".join(COLUMNS) == "series,method,horizon,n,mape,mase,bias_pct,pinball,cover50,cover80,cover90"
    assert set(accuracy["series"]) == {"total_plans", "new_plans", "spend", *(f"plans_{group}" for group in GROUPS)}
    assert {"hnforecast", "naive", "comboA"} <= set(accuracy["method"])
    assert set(accuracy["horizon"]) == {1, 2}
    assert accuracy[["cover50", "cover80", "cover90"]].stack().between(0, 100).all()
    naive = accuracy[(accuracy["series"] == "total_plans") & (accuracy["method"] == "naive")].set_index("horizon")
    assert 5 < naive.loc[1, "mape"] < 20, "percentages are 0-100"
    sizes = pd.read_csv(done.folder / "tables" / "accuracy_by_size.csv")
    assert list(sizes) == [*COLUMNS[:2], "size", *COLUMNS[2:]]


def test_json_is_one_object_with_the_folder_and_the_rows(done: Done) -> None:
    assert Path(done.printed["folder"]) == done.folder
    assert done.printed["origins"] == [2021, 2022]
    rows = pd.read_csv(io.StringIO((done.folder / "tables" / "accuracy.csv").read_text())).to_dict("records")
    assert done.printed["accuracy"] == [
        {name: None if value != value else value for name, value in row.items()} for row in rows
    ]


def test_the_page_lies_in_the_folder_and_says_what_made_it(done: Done, four: Path) -> None:
    page = (done.folder / "accuracy.md").read_text(encoding="utf-8")
    assert "`hnforecast backtest --panel four --origins 2021-2022 --horizons 2`" in page
    assert str(four) not in page
    manifest = json.loads((done.folder / "run.json").read_text())
    assert manifest["panel_sha256"] == read_for_backtest(four).sha256 == done.printed["panel_sha256"]
    assert str(four) not in json.dumps(manifest)


def test_nothing_known_later_than_an_origin_reaches_its_forecast(cli: Runner, panel: Path) -> None:
    """Counts after the one compared with are tripled: not one number of the table changes."""
    only(PLANS, "newplans_by_la")(panel)
    asked = ("backtest", "--panel", "panel", "--origins", "2022", "--horizons", "1", "--json", "--out")
    first = json.loads(cli(*asked, "one").out)["accuracy"]

    def triple(row: dict[str, str]) -> bool:
        if row["year"] >= "2024" and row["plans"]:
            row["plans"] = str(3 * float(row["plans"]))
        return True

    rewrite(panel / f"{PLANS}.csv", triple)
    assert json.loads(cli(*asked, "two").out)["accuracy"] == first


@pytest.mark.slow
def test_a_second_backtest_replaces_the_first_and_nothing_else(cli: Runner, panel: Path, tmp_path: Path) -> None:
    asked = ("backtest", "--panel", "panel", *QUICK, "--out")
    only(PLANS)(panel)
    assert cli(*asked, "there").code == 0
    (tmp_path / "there" / "tables" / "accuracy.csv").write_text("old")
    refused = cli(*asked, "there")
    assert (refused.code, "HN805" in refused.err) == (2, True)
    assert cli(*asked, "there", "--replace").code == 0
    assert [path.read_text() for path in tmp_path.glob("there.*/tables/accuracy.csv")] == ["old"]
    assert "old" not in (tmp_path / "there" / "tables" / "accuracy.csv").read_text()[:4]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    refused = cli(*asked, "mine")
    assert refused.code == 2
    assert "HN803" in refused.err
    assert files_below(tmp_path / "mine") == {"letter.txt"}
    (tmp_path / "file").write_text("")
    unwritable = cli(*asked, "file/there")
    assert unwritable.code == 4, unwritable.err


# Panels that work. Those that lack a file are in the test after.


def blank_cells(folder: Path) -> None:
    """Every seventh published number of every file gone, all numbers of one optional file, one authority's plans."""
    numbers = columns_read()
    for f, stem in enumerate(FILES):
        count = 0

        def blanked(row: dict[str, str], stem: str = stem, f: int = f) -> bool:
            nonlocal count
            count += 1
            for name in numbers[stem]:
                if f == 1 or (stem == PLANS and row["old_la_code"] == "331") or (stem != PLANS and count % 7 == 0):
                    row[name] = ""
            return True

        rewrite(folder / f"{stem}.csv", blanked)


def strangers(folder: Path) -> None:
    (folder / "minutes.csv").write_text("who,what\na,b\n")
    (folder / "notes.txt").write_text("hello")
    (folder / "sub").mkdir()


def without_national_rows(folder: Path) -> None:
    for stem in FILES:
        rewrite(folder / f"{stem}.csv", lambda row: row.get("old_la_code") != "")


def without_levels(folder: Path) -> None:
    without_national_rows(folder)
    for stem in FILES:
        rewrite(folder / f"{stem}.csv", lambda row: True, drop="geographic_level")


def codes_as_numbers(folder: Path) -> None:
    for stem in FILES:
        pd.read_csv(folder / f"{stem}.csv", low_memory=False).to_csv(folder / f"{stem}.csv", index=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "authorities", "said"),
    [
        (only(PLANS), 4, ""),
        (strangers, 4, "minutes.csv: A file that is not part of a panel is left out"),
        (without_national_rows, 4, ""),
        (without_levels, 4, ""),
        (blank_cells, 3, "A total that was withheld: the authority is left out of that year"),
        (codes_as_numbers, 4, ""),
    ],
)
def test_a_panel_of_few_authorities_with_gaps_is_tested(
    cli: Runner, panel: Path, change: Change, authorities: int, said: str
) -> None:
    change(panel)
    (panel / f"{FILES[2]}.csv").unlink(missing_ok=True)  # placement groups: series nobody looks at here
    made = cli("backtest", "--panel", "panel", "--out", "there", "--json", *QUICK)
    assert made.code == 0, made.err
    printed = json.loads(made.out)
    assert printed["authorities"]["total_plans"] == authorities
    assert said in made.err
    if not said:
        assert made.err == ""
    ours = [row for row in printed["accuracy"] if (row["series"], row["method"]) == ("total_plans", "hnforecast")]
    assert [row["n"] for row in ours] == [2 * authorities, 2 * authorities]
    assert all(0 < row["mape"] < 50 for row in ours)


@pytest.mark.parametrize("stem", FILES[1:])
def test_any_file_but_the_plans_may_be_absent_and_beside_the_plans_alone_is_enough(panel: Path, stem: str) -> None:
    lost = {"newplans_by_la": "new_plans", FILES[2]: "plans_special_state", SPEND: "spend"}.get(stem, "total_plans_")
    (panel / f"{stem}.csv").rename(panel.parent / f"{stem}.csv")
    without = read_for_backtest(panel).panel
    assert lost not in without.local
    only(PLANS)(panel)
    (panel.parent / f"{stem}.csv").rename(panel / f"{stem}.csv")
    beside = read_for_backtest(panel).panel
    assert len(beside.authorities) == 4
    assert (lost in beside.local) == (lost != "total_plans_")


# Panels and options that are refused: exit 2, what is wrong, and nothing written.


def nobody_else(folder: Path) -> None:
    for stem in FILES:
        rewrite(folder / f"{stem}.csv", lambda row: row.get("old_la_code", "") in {"886", ""})


def no_plans_column(folder: Path) -> None:
    rewrite(folder / f"{PLANS}.csv", lambda row: True, drop="plans")


def no_year_column(folder: Path) -> None:
    rewrite(folder / f"{PLANS}.csv", lambda row: True, drop="year")


def two_columns_gone(folder: Path) -> None:
    rewrite(folder / "newplans_by_la.csv", lambda row: True, drop="new_plans_total")
    rewrite(folder / f"{SPEND}.csv", lambda row: True, drop="high_needs_lines_1_2")


def england_only(folder: Path) -> None:
    rewrite(folder / f"{PLANS}.csv", lambda row: row["old_la_code"] == "")


def a_word_for_a_number(folder: Path) -> None:
    (folder / f"{PLANS}.csv").write_text("old_la_code,year,plans\n886,2020,many\n881,2020,7\n")


def too_short(folder: Path) -> None:
    rewrite(folder / f"{PLANS}.csv", lambda row: row["year"] >= "2021")


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        (only(), (), ["panel: The folder holds no panel file [HN260]"]),
        (shutil.rmtree, (), ["The panel folder is missing [HN260]"]),
        (only("newplans_by_la"), (), ["no plans by authority [HN363]", "found: only newplans_by_la.csv"]),
        (only("population_by_la_single_age"), (), ["no plans by authority [HN363]"]),
        (nobody_else, (), ["more than one authority [HN368]", "found: authority 886 only"]),
        (no_plans_column, (), ["panel/ehcp_by_la.csv:1: Missing column plans [HN207]"]),
        (no_year_column, (), ["panel/ehcp_by_la.csv:1: Missing column year [HN207]"]),
        (two_columns_gone, (), ["column new_plans_total", "column high_needs_lines_1_2", "2 problems."]),
        (england_only, (), ["no plans by authority [HN363]", "no value in column plans on a row of one authority"]),
        (a_word_for_a_number, (), ["panel/ehcp_by_la.csv:2:3", "found: 'many'"]),
        (too_short, (), ["Nothing in this panel can be backtested"]),
        (strangers, ("--origins", "2031-2033"), ["[HN367]", "found: --origins 2031-2033; January counts 2010 to 2026"]),
        (strangers, ("--origins", "2026"), ["[HN367]", "origins from 2010 to 2025"]),
        (strangers, ("--origins", "2010-2012"), ["Nothing in this panel can be backtested", "HN366"]),
        (strangers, ("--origins", "soon"), ["--origins does not name years [HN367]", "found: soon"]),
        (strangers, ("--horizons", "0"), ["--horizons"]),
        (strangers, ("--page",), ["docs/accuracy.md is about the project's own panel [HN369]"]),
    ],
)  # fmt: skip
def test_what_cannot_be_tested_is_refused_and_nothing_written(
    cli: Runner, panel: Path, tmp_path: Path, change: Change, options: tuple[str, ...], said: list[str]
) -> None:
    change(panel)
    before = files_below(tmp_path)
    quick = () if "--origins" in options else ("--origins", "2021-2022")
    made = cli("backtest", "--panel", "panel", "--out", "there", *quick, *options)
    assert made.code == 2, made.err
    assert made.out == ""
    for words in said:
        assert words in made.err
    assert files_below(tmp_path) == before
    assert not (tmp_path / "there").exists()


def test_origins_the_panel_lacks_are_left_out_with_a_note(cli: Runner, panel: Path) -> None:
    only(PLANS)(panel)
    made = cli("backtest", "--panel", "panel", "--out", "there", "--json", "--origins", "2009,2024-2027")
    assert made.code == 0, made.err
    assert json.loads(made.out)["origins"] == [2024, 2025]
    assert "origins left out: 2009, 2026, 2027" in made.err


def test_outside_a_council_folder_a_place_for_the_result_is_needed(cli: Runner, panel: Path) -> None:
    for arguments in (("--panel", "panel"), ("--out", "there"), ()):
        refused = cli("backtest", *arguments, *QUICK)
        assert refused.code == 2
        assert "HN853" in refused.err


@pytest.mark.parametrize(
    ("text", "years"),
    [("2020", (2020,)), ("2018-2020", (2018, 2019, 2020)), (" 2019, 2022 - 2023,2022", (2019, 2022, 2023))],
)
def test_origins_as_typed(text: str, years: tuple[int, ...]) -> None:
    assert read_origins(text) == years


@pytest.mark.parametrize(
    "text", ["", "20", "2020-", "-2020", "2022-2020", "2018-2020-2022", "1200", "2018;2019", "²020"]
)
def test_origins_that_are_no_years(text: str) -> None:
    with pytest.raises(UsageError, match="HN367"):
        read_origins(text)


# A council folder with a panel of its own: the page and the table in docs/.


@pytest.fixture
def council(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = copy_example(tmp_path / "council")
    monkeypatch.chdir(folder)
    # Total plans alone, of a panel nobody need wait for.
    only(PLANS)(folder / "inputs" / "national")
    return folder


def test_the_own_panel_writes_the_page_and_keeps_the_result(cli: Runner, council: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(council)
    assert read_accuracy(council) == []
    made = cli("backtest", *QUICK)
    assert made.code == 0, made.err
    assert "docs/accuracy.md stays as it is" in made.err
    assert not (council / "docs").exists()
    assert max(map(len, made.out.splitlines())) <= 80
    (folder,) = [path for path in (council / "outputs").iterdir() if path.is_dir()]
    assert folder.name.startswith("backtest-")
    assert f"Written to outputs/{folder.name}" in made.out

    made = cli("backtest", "--page", *QUICK)
    assert made.code == 0, made.err
    assert "Written to docs/accuracy.md" in made.out
    assert [path for path in (council / "outputs").iterdir() if path.is_dir()] == [folder], "the same question"
    page = (council / "docs" / "accuracy.md").read_text(encoding="utf-8")
    assert page == (folder / "accuracy.md").read_text(encoding="utf-8")
    table = pd.read_csv(folder / "tables" / "accuracy.csv")
    stored = read_accuracy(council)
    assert [(row.series, row.method, row.horizon, row.n) for row in stored] == list(
        table[["series", "method", "horizon", "n"]].itertuples(index=False, name=None)
    )
    for name in COLUMNS[4:]:
        np.testing.assert_array_equal([getattr(row, name) for row in stored], table[name])
    assert {(row.authorities, row.first_origin, row.last_origin, row.stale) for row in stored} == {
        (12, 2021, 2022, False)
    }

    # Another test leaves the page alone unless told.
    made = cli("backtest", "--origins", "2023", "--horizons", "1")
    assert "docs/accuracy.md stays as it is" in made.err
    assert "Written to docs" not in made.out
    assert (council / "docs" / "accuracy.md").read_text(encoding="utf-8") == page
    cli("backtest", "--origins", "2023", "--horizons", "1", "--page")
    assert {row.first_origin for row in read_accuracy(council)} == {2023}

    # The panel changes: what is kept is of the panel as it was.
    rewrite(council / "inputs" / "national" / f"{PLANS}.csv", lambda row: row["old_la_code"] != "990")
    assert {row.stale for row in read_accuracy(council)} == {True}
    # A file nobody reads for a forecast makes no difference to that.
    for text in ("", "series\n1\n", "panel_sha256,series\nx,y\n", "\x00"):
        (council / "docs" / "accuracy.csv").write_text(text)
        assert read_accuracy(council) == []


def test_another_panel_leaves_the_docs_alone(cli: Runner, council: Path, panel: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(council)
    only(PLANS)(panel)
    made = cli("backtest", "--panel", str(panel), *QUICK)
    assert made.code == 0, made.err
    assert not (council / "docs").exists()
    assert len([path for path in (council / "outputs").iterdir() if path.is_dir()]) == 1


def test_the_invented_panel_can_be_read_and_a_broken_one_raises(tmp_path: Path) -> None:
    assert len(read_for_backtest(EXAMPLE / "inputs" / "national").panel.authorities) == 12
    with pytest.raises(InputError, match="HN260"):
        read_for_backtest(tmp_path)
