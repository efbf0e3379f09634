"""The commands: what they write, what they print where, and the code they exit with."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hnforecast.base.errors import OutputError, Problem
from hnforecast.cli import faults, project
from hnforecast.cli.commands import COMMANDS
from tests.cli_runner import Runner, copy_example, run_process

CHARTS = ("deficit-by-scenario", "plans-by-placement", "spend-by-line")
OF_MEASURES = ("savings-by-measure", "bridge-measures")  # where a scenario has measures
TABLES = (
    "account",
    "agreement",
    "differences",
    "flows",
    "funding",
    "measures",
    "outside_account",
    "plans",
    "plans_by_age",
    "register",
    "sources",
    "spend",
)
FILES = {"assumptions.yaml", "run.json", "committee-pack.xlsx", *(f"tables/{name}.csv" for name in TABLES)}
FILES |= {f"charts/{name}.{kind}" for name in CHARTS for kind in ("png", "svg")}
WITH_MEASURES = FILES | {f"charts/{name}.{kind}" for name in OF_MEASURES for kind in ("png", "svg")}


@pytest.fixture
def council(tmp_path: Path) -> Path:
    return copy_example(tmp_path / "council")


@pytest.fixture
def cli(council: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    return Runner(council, capsys, monkeypatch)


@dataclass(frozen=True)
class Finished:
    """One run, made once for the tests that only read it."""

    council: Path
    folder: Path
    code: int
    result: dict[str, Any]
    manifest: dict[str, Any]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    council = copy_example(tmp_path_factory.mktemp("finished") / "council")
    override = "prices.top_up.state_special=13000"
    arguments = ["run", "mitigated", "unmitigated", "--horizon", "2", "--json", "--out", "there", "--set", override]
    done = run_process(arguments, council)
    folder = council / "there"
    assert folder.is_dir(), done.stderr.decode()
    manifest = json.loads((folder / "run.json").read_text())
    return Finished(council, folder, done.returncode, json.loads(done.stdout), manifest)


def run_folder(council: Path) -> Path:
    (folder,) = [path for path in (council / "outputs").iterdir() if path.is_dir()]
    return folder


def written(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_run_writes_the_whole_folder(cli: Runner, council: Path) -> None:
    done = cli("run", "unmitigated", "--horizon", "1")
    folder = run_folder(council)
    manifest = json.loads((folder / "run.json").read_text())
    assert done.code == (0 if manifest["checks_passed"] else 1), done.err
    assert written(folder) == FILES
    assert f"Written to outputs/{folder.name}" in done.out
    assert "deficit" in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    assert manifest["run_id"] == folder.name
    assert not [path for path in (council / "outputs").iterdir() if path.name.endswith(".partial")]


def test_the_manifest_holds_the_hash_of_every_file_and_no_absolute_path(finished: Finished) -> None:
    hashes = {item["path"]: item["sha256"] for item in finished.manifest["outputs"]}
    assert set(hashes) == WITH_MEASURES - {"run.json"}
    for name, sha256 in hashes.items():
        assert hashlib.sha256((finished.folder / name).read_bytes()).hexdigest() == sha256
    assert str(finished.council) not in (finished.folder / "run.json").read_text()
    read = {item["path"] for item in finished.manifest["files_read"]}
    assert "assumptions/2026-03/prices.yaml" in read
    assert {"commissioner", "analyst", "assurer", "approver"} == set(finished.manifest["roles"])
    assert list(finished.manifest["scenarios"]) == ["unmitigated", "mitigated"], "in the order of scenarios.yaml"
    assert finished.code == (0 if finished.manifest["checks_passed"] else 1)


def test_json_alone_goes_to_standard_output(finished: Finished) -> None:
    assert finished.result["folder"] == str(finished.folder)
    assert finished.result["run_id"] == finished.manifest["run_id"]
    assert list(finished.result["scenarios"]) == ["unmitigated", "mitigated"]
    assert list(finished.result["scenarios"]["mitigated"]) == ["2024-25", "2025-26", "2026-27"]
    with (finished.folder / "tables" / "account.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            shown = finished.result["scenarios"][row["scenario"]][row["financial_year"]][row["item"]]
            assert shown == (float(row["central"]) if row["central"] else None)


def test_the_written_assumptions_load_again_with_the_override(finished: Finished) -> None:
    from hnforecast.assumptions import load_resolved

    resolved = load_resolved(finished.folder / "assumptions.yaml")
    assert resolved.values["prices.top_up.state_special"].value == 13000
    assert "prices.top_up.state_special" in finished.manifest["scenarios"]["unmitigated"]["changes"][0]


def test_what_measures_save_adds_up_to_what_they_change(finished: Finished) -> None:
    accounts, saved = finished.result["scenarios"], 0.0
    with (finished.folder / "tables" / "measures.csv").open(newline="") as file:
        saved = sum(float(row["central"]) for row in csv.DictReader(file) if row["financial_year"] == "2026-27")
    gained = accounts["mitigated"]["2026-27"]["in_year"] - accounts["unmitigated"]["2026-27"]["in_year"]
    assert saved == pytest.approx(gained, abs=1.0)


@pytest.mark.slow
def test_draws_fill_the_quantiles(cli: Runner, council: Path) -> None:
    done = cli("run", "unmitigated", "mitigated", "--horizon", "2", "--draws", "16", "--out", "there")
    assert done.code in (0, 1), done.err
    with (council / "there" / "tables" / "account.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["item"] == "closing" and row["financial_year"] == "2026-27"]
    assert all(float(row["p10"]) <= float(row["p50"]) <= float(row["p90"]) for row in rows)
    assert len(rows) == 2


@pytest.mark.slow
def test_a_second_run_of_the_same_question_takes_the_place_of_the_first(cli: Runner, council: Path) -> None:
    for _ in range(2):
        cli("run", "unmitigated", "--horizon", "1")
    assert written(run_folder(council)) == FILES


def test_a_folder_that_is_no_run_is_left_alone(cli: Runner, council: Path) -> None:
    (council / "mine").mkdir()
    (council / "mine" / "notes.txt").write_text("keep")
    done = cli("run", "unmitigated", "--out", "mine")
    assert done.code == 2
    assert "holds something that is not an earlier run, so it is left alone" in done.err
    assert written(council / "mine") == {"notes.txt"}


@pytest.mark.slow
def test_a_file_that_cannot_be_written_exits_4(cli: Runner, council: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OutputError(Problem("HN801", "The disk is full"))

    monkeypatch.setattr("hnforecast.papers.run_folder.RunFolder.publish", refuse)
    done = cli("run", "unmitigated", "--horizon", "1")
    assert done.code == 4
    assert "The disk is full" in done.err
    assert not [path for path in (council / "outputs").iterdir() if path.is_dir()]


def test_our_own_fault_is_kept_in_a_file_and_shown_only_when_asked(
    cli: Runner, council: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError("inside")

    monkeypatch.setattr("hnforecast.engine.forecast.load_project", break_down)
    done = cli("run")
    assert done.code == 3
    assert "This is a fault of the program, not of your data (ZeroDivisionError)" in done.err
    assert "Traceback" not in done.err
    (log,) = council.glob("crash-*.log")
    assert "ZeroDivisionError: inside" in log.read_text()
    assert "Traceback" in cli("run", "--debug").err


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_leaves_nothing_behind(council: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "hnforecast", "run", "--horizon", "2"],
        cwd=council, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not (council / "outputs").exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    # Python may end by the signal itself after the message, which a shell shows as 130 too
    if process.returncode in (130, -signal.SIGINT):
        assert b"Interrupted. Nothing was written." in err
        assert b"Traceback" not in err
        assert not [path for path in (council / "outputs").iterdir() if path.is_dir()]
    else:  # it had just finished
        assert written(run_folder(council)) == WITH_MEASURES


def test_check_is_content_with_the_example(cli: Runner) -> None:
    done = cli("check")
    assert "checks pass" in done.out
    assert done.code in (0, 1)
    assert done.code == 0 or "fails:" in done.out


def test_check_reports_every_problem_at_once(cli: Runner, council: Path) -> None:
    folder = council / "assumptions" / "2026-03"
    for name in ("prices.yaml", "funding.yaml"):
        path = folder / name
        path.write_text(path.read_text().replace("unit: gbp", "unit: pounds", 1))
    done = cli("check")
    assert done.code == 2
    assert "prices.yaml:" in done.err
    assert "funding.yaml:" in done.err
    assert "2 problems" in done.err or "problems." in done.err
    assert "Not run: mend the problems first" in done.out
    found = json.loads(cli("check", "--json").out)
    assert {problem["file"].rsplit("/", 1)[1] for problem in found["problems"]} >= {"prices.yaml", "funding.yaml"}
    assert all(problem["line"] for problem in found["problems"] if problem["code"] == "HN115")


def test_run_with_bad_assumptions_writes_nothing(cli: Runner, council: Path) -> None:
    path = council / "assumptions" / "2026-03" / "prices.yaml"
    path.write_text(path.read_text().replace("unit: gbp", "unit: pounds", 1))
    assert cli("run").code == 2
    assert not (council / "outputs").exists()


def test_explain_tells_where_a_value_comes_from(cli: Runner) -> None:
    done = cli("explain", "prices.top_up.state_special")
    assert done.code == 0
    for words in ("gbp_per_plan_year", "source ", "written at      assumptions/2026-03/prices.yaml:", "used by"):
        assert words in done.out
    plain = json.loads(cli("explain", "prices.top_up.state_special", "--json").out)
    assert plain["unit"] == "gbp_per_plan_year"


def test_explain_lists_a_group(cli: Runner) -> None:
    done = cli("explain", "prices.top_up")
    assert "prices.top_up is a group of" in done.out
    assert "prices.top_up.state_special" in done.out


@pytest.mark.parametrize("kind", ["vintages", "scenarios", "measures", "assumptions", "checks"])
def test_list_fits_the_screen_and_comes_as_json(cli: Runner, kind: str) -> None:
    done = cli("list", kind)
    assert done.code == 0
    wide = [line for line in done.out.splitlines() if len(line) > 80]
    assert kind == "assumptions" or not wide
    told = json.loads(cli("list", kind, "--json").out)
    assert told["kind"] == kind
    assert told["rows"]


def test_doctor_looks_at_machine_and_folder(cli: Runner, council: Path) -> None:
    done = cli("doctor")
    assert done.code == 0, done.out
    assert "ok    Python" in done.out
    assert str(council) in done.out.replace("\n", "").replace(" " * 23, "")
    told = json.loads(cli("doctor", "--json").out)
    assert told["fit_to_run"]
    found = {one["what"]: one for one in told["findings"]}
    assert found["council folder"]["detail"] == str(council)
    assert {"disk", "outputs", "LibreOffice", "console"} <= set(found)


def test_new_writes_a_folder_that_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cli = Runner(tmp_path, capsys, monkeypatch)
    made = cli("new", "--example")
    assert made.code == 0
    assert "Every figure in it is invented." in made.out
    done = cli("run", "unmitigated", "--horizon", "1")
    assert done.code in (0, 1), done.err
    assert "Using the council folder" in done.err, "the only council folder below is found"
    again = cli("new", "--example")
    assert again.code == 2
    assert "is there already and not empty, so it is left alone" in again.err


def test_the_council_folder_is_found_from_within(
    council: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cli = Runner(council / "assumptions" / "2026-03", capsys, monkeypatch)
    done = cli("list", "scenarios")
    assert done.code == 0
    assert f"Using the council folder {council.resolve()}" in done.err


def test_several_council_folders_below_are_a_question(tmp_path: Path) -> None:
    for name in ("one", "two"):
        copy_example(tmp_path / name)
    with pytest.raises(project.UsageError, match="More than one council folder lies here"):
        project.find_project(None, tmp_path)


def test_exit_codes_are_those_documented() -> None:
    codes = (faults.FINE, faults.CHECK_FAILED, faults.BAD_INPUT, faults.OUR_BUG, faults.NOT_WRITTEN, faults.INTERRUPTED)
    assert codes == (0, 1, 2, 3, 4, 130)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_no_character_crashes_a_plain_console(council: Path, encoding: str) -> None:
    for arguments in (["--help"], ["explain", "prices.top_up.state_special"]):
        done = run_process(arguments, council, encoding=encoding, NO_COLOR="1")
        assert done.returncode == 0, done.stderr
        assert b"\x1b" not in done.stdout
        done.stdout.decode(encoding)


@pytest.mark.slow
def test_run_prints_on_a_plain_console(council: Path) -> None:
    done = run_process(["run", "unmitigated", "--horizon", "1"], council, encoding="cp1252", NO_COLOR="1")
    assert done.returncode in (0, 1), done.stderr
    assert "£m in cash" in done.stdout.decode("cp1252")
    assert b"\r" not in done.stderr.replace(b"\r\n", b""), "no progress bar where nobody watches"


def test_help_loads_nothing_heavy() -> None:
    script = """
import sys
sys.argv = ["hnforecast", "--help"]
from hnforecast.cli import main
try:
    main()
except SystemExit:
    pass
heavy = {"numpy", "pandas", "pydantic", "matplotlib", "xlsxwriter", "scipy", "ruamel", "rich"} & set(sys.modules)
sys.exit(str(heavy) if heavy else 0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_list_loads_and_explains_itself(cli: Runner, name: str) -> None:
    done = cli(name, "--help")
    assert done.code == 0, done.err
    assert f"Usage: hnforecast {name} " in done.out
    assert re.search(rf"Examples?:\s+hnforecast {name}", done.out)


def test_help_lists_every_command_on_a_screen_of_80_columns(cli: Runner) -> None:
    lines = cli("--help").out.splitlines()
    assert max(map(len, lines)) <= 80
    listed = [line.split()[0] for line in lines if line[:2] == "  " and line[2:3] not in (" ", "-", "")]
    assert [name for name in listed if name in COMMANDS] == list(COMMANDS)


def test_the_name_alone_says_where_one_is_and_what_to_type(cli: Runner, council: Path) -> None:
    done = cli()
    assert done.code == 0
    assert f"Council folder: {council}" in done.out
    assert len(done.out.splitlines()) < 15
    typed = [line.split("  ")[1].split()[1:] for line in done.out.splitlines() if line.startswith("  hnforecast")]
    assert all(words[0] in (*COMMANDS, "COMMAND", "--help") for words in typed)


def test_the_cli_alone_prints_or_exits() -> None:
    root = Path(__file__).resolve().parents[2] / "hnforecast"
    for path in root.rglob("*.py"):
        name = path.relative_to(root).as_posix()
        if not name.startswith("cli/") and name not in ("__main__.py", "helper.py"):
            text = path.read_text(encoding="utf-8")
            assert "click.echo" not in text, name
            assert "sys.exit" not in text, name
            assert not re.search(r"(?<![\w.])(?<!def )input\(", text), name
