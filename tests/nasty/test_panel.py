"""A national panel with something wrong in it: every command that reads it refuses, with file, line and remedy."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hnforecast.base.errors import InputError
from hnforecast.inputs import load_panel, panel_reading, verdicts
from tests.cli_runner import Runner, copy_example
from tests.fixtures_forecast import ROOT

NATIONAL = ROOT / "inputs" / "national"
PLANS = "ehcp_by_la.csv"
SPEND = "s251_outturn_buckets_by_la_2017_2024.csv"

Damage = Callable[[bytes], bytes]


def cell(value: str, column: str) -> Damage:
    """Put a value into one cell of the fourth line."""

    def damage(raw: bytes) -> bytes:
        lines = raw.decode().splitlines()
        cells = lines[3].split(",")
        cells[lines[0].split(",").index(column)] = value
        lines[3] = ",".join(cells)
        return "\n".join(lines).encode() + b"\n"

    return damage


def without(column: str) -> Damage:
    """Leave a column out."""

    def damage(raw: bytes) -> bytes:
        rows = [line.split(",") for line in raw.decode().splitlines()]
        at = rows[0].index(column)
        return "\n".join(",".join(row[:at] + row[at + 1 :]) for row in rows).encode() + b"\n"

    return damage


DAMAGE: dict[str, tuple[str, Damage, int]] = {  # file, what is done to it, line the message names
    "a negative count": (PLANS, cell("-20635", "plans"), 4),
    "the same row twice": (PLANS, lambda raw: raw + raw.splitlines(keepends=True)[3], 0),
    "negative spend": (SPEND, cell("-5000000", "high_needs_lines_1_2"), 4),
    "thousands": (PLANS, cell('"20,635"', "plans"), 4),
    "a percentage": (PLANS, cell("20635%", "plans"), 4),
    "not applicable": (PLANS, cell("z", "plans"), 4),
    "suppressed": (PLANS, cell("c", "plans"), 4),
    "semicolons": (PLANS, lambda raw: raw.replace(b",", b";"), 1),
    "UTF-16": (PLANS, lambda raw: raw.decode().encode("utf-16"), 1),
    "an accent of Windows": (PLANS, cell("\N{LATIN SMALL LETTER E WITH ACUTE}", "la_name"), 4),
    "a ragged row": (PLANS, cell("1,2", "plans"), 4),
    "an empty file": (PLANS, lambda raw: b"", 1),
    "a missing column": (PLANS, without("plans"), 1),
    "NaN": (PLANS, cell("nan", "plans"), 4),
    "a year that is none": (PLANS, cell("2O25", "year"), 4),
}
COMMANDS: dict[str, tuple[str, ...]] = {
    "history": ("run", "history", "--draws", "1"),
    "run with draws": ("run", "unmitigated", "--draws", "2"),
    "causes": ("causes",),
    "benchmark": ("benchmark",),
    "backtest": ("backtest",),
    "check": ("check",),
    "fit": ("fit", "--authority", "988"),
}


def damaged(folder: Path, fault: str) -> None:
    """Do it to a panel folder."""
    file, damage, _ = DAMAGE[fault]
    raw = damage((folder / file).read_bytes())
    (folder / file).write_bytes(raw if fault != "an accent of Windows" else raw.decode().encode("cp1252"))


@pytest.mark.parametrize(
    ("command", "fault"),
    [(c, f) for c in COMMANDS for f in DAMAGE if (c, DAMAGE[f][0]) != ("fit", SPEND)],  # fit reads no spend
)
def test_every_command_refuses_it(
    fault: str,
    command: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    council = copy_example(tmp_path / "council")
    damaged(council / "inputs" / "national", fault)
    file, _, line = DAMAGE[fault]
    done = Runner(council, capsys, monkeypatch)(*COMMANDS[command])
    assert done.code == 2, done.err
    said = " ".join(done.err.split()) + " ".join(done.out.split())
    assert re.search(rf"{re.escape(file)}:{line or '[0-9]+'}\b", said), said
    assert not (council / "outputs").exists() or not list((council / "outputs").glob("*/run.json"))


@pytest.mark.parametrize("fault", DAMAGE)
def test_a_new_council_is_not_drafted_from_it(
    fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = tmp_path / "national"
    shutil.copytree(NATIONAL, pack)
    damaged(pack, fault)
    monkeypatch.setattr("hnforecast.base.shipped.shipped_folder", lambda name: tmp_path / name)
    done = Runner(tmp_path, capsys, monkeypatch)("new", "881")
    assert done.code == 2, done.err
    assert f"national/{DAMAGE[fault][0]}:" in done.err
    assert not (tmp_path / "essex").exists()


@pytest.mark.parametrize("fault", DAMAGE)
def test_every_fault_says_what_to_do(fault: str, tmp_path: Path) -> None:
    folder = tmp_path / "national"
    shutil.copytree(NATIONAL, folder)
    damaged(folder, fault)
    with pytest.raises(InputError) as caught:
        load_panel(folder)
    for problem in caught.value.problems:
        assert problem.do
        assert problem.place.line is not None
        assert problem.place.file.startswith("national/")


def test_a_figure_ten_times_too_large_is_said_and_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    council = copy_example(tmp_path / "council")
    path = council / "inputs" / "national" / PLANS
    path.write_bytes(cell("4050", "plans")(path.read_bytes()))
    run = Runner(council, capsys, monkeypatch)
    for command in ("check", "history"):
        done = run(*COMMANDS[command])
        assert f"national/{PLANS}:4 plans: A figure stands far above the years beside it" in " ".join(done.err.split())
        assert "found: 4,050" in " ".join(done.err.split())
    assert "HN262" not in {notice.code for notice in load_panel(NATIONAL).notices}


def forget() -> None:
    """As in a new process."""
    panel_reading._latest.clear()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(verdicts.VARIABLE, str(tmp_path / "cache"))
    forget()
    return tmp_path / "cache"


def test_the_quick_reader_gives_what_the_strict_one_gives(cache: Path) -> None:
    strict = load_panel(NATIONAL)
    assert len(list(cache.glob("*.json"))) == len(strict.frames)  # every shipped file is known after one reading
    forget()
    quick = load_panel(NATIONAL)
    for name, frame in strict.frames.items():
        assert frame.equals(quick[name]), name
        assert list(frame.dtypes) == list(quick[name].dtypes), name
    assert quick.sha256 == strict.sha256
    assert quick.notices == strict.notices


def test_a_verdict_is_for_its_own_bytes_and_readers(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "national"
    folder.mkdir()
    good = (NATIONAL / PLANS).read_bytes()
    bad = cell("-20635", "plans")(good)
    (folder / PLANS).write_bytes(good)
    load_panel(folder)
    (verdict,) = cache.glob("*.json")
    said = verdict.read_bytes()
    (folder / PLANS).write_bytes(bad)
    # the bad bytes are refused, also where the verdict on the good ones is laid under their name
    sha256 = hashlib.sha256(bad).hexdigest()
    for forged in (None, said, b"", b"{}", b"[]", b"\xff", said[:40]):
        if forged is not None:
            (cache / verdicts._name("ehcp_by_la", sha256)).write_bytes(forged)
        forget()
        with pytest.raises(InputError, match="Outside its plausible range"):
            load_panel(folder)
    # other readers do not know what these found
    (folder / PLANS).write_bytes(good)
    monkeypatch.setattr(verdicts, "_readers", lambda: "others")
    assert verdicts.recall("ehcp_by_la", hashlib.sha256(good).hexdigest()) is None


def test_what_was_noticed_is_remembered(cache: Path, tmp_path: Path) -> None:
    folder = tmp_path / "national"
    folder.mkdir()
    (folder / PLANS).write_bytes(cell("99999", "plans")((NATIONAL / PLANS).read_bytes()))
    first = load_panel(folder).notices
    forget()
    assert load_panel(folder).notices == first
    assert [notice.code for notice in first if notice.code == "HN262"] == ["HN262"]


@pytest.mark.parametrize("place", ["a file", "off", "no home"])
def test_without_a_cache_it_reads_strictly(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    if place == "no home":
        monkeypatch.delenv(verdicts.VARIABLE)
        monkeypatch.setattr(verdicts, "cache_folder", lambda: None)
    else:
        monkeypatch.setenv(verdicts.VARIABLE, "" if place == "off" else str(tmp_path / "file" / "cache"))
    forget()
    assert load_panel(NATIONAL, files=("ehcp_by_la",)).one("ehcp_by_la", "886")["plans"].iloc[-1] == 21742


def test_the_hash_is_of_the_bytes_that_were_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "national"
    folder.mkdir()
    path = folder / PLANS
    good = (NATIONAL / PLANS).read_bytes()
    path.write_bytes(good)
    real = panel_reading.read_bytes

    def then_edited(*arguments: object) -> bytes | None:
        raw = real(*arguments)  # type: ignore[arg-type]
        path.write_bytes(cell("1", "plans")(good))
        return raw

    monkeypatch.setattr(panel_reading, "read_bytes", then_edited)
    assert load_panel(folder).sha256["ehcp_by_la"] == hashlib.sha256(good).hexdigest()


def test_rows_that_stand_many_times_are_told_once_and_briefly(tmp_path: Path) -> None:
    """How long they take is measured in benchmarks/reading.py."""
    head, *rows = (NATIONAL / PLANS).read_bytes().splitlines(keepends=True)
    for copies in (4, 16):
        (tmp_path / PLANS).write_bytes(head + b"".join(rows) * copies)
        forget()
        with pytest.raises(InputError) as caught:
            load_panel(tmp_path)
        assert len(caught.value.problems) == 21
