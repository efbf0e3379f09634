"""What --out names is looked at before anything is computed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli_runner import Runner, copy_example


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    return Runner(copy_example(tmp_path / "council"), capsys, monkeypatch)


@pytest.mark.parametrize(
    "command",
    [("causes",), ("benchmark",), ("brief",), ("sensitivity",), ("weigh",), ("compare", "unmitigated", "mitigated"),
     ("target", "--mix", "cheapest", "--by", "2029-30"), ("publish",)],
    ids=lambda command: command[0],
)  # fmt: skip
def test_a_file_is_refused_where_a_folder_is_wanted(
    cli: Runner, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    import hnforecast.assumptions

    monkeypatch.setattr(hnforecast.assumptions, "load_vintage", lambda *_: pytest.fail("nothing is read before"))
    Path("note.txt").write_text("mine", encoding="utf-8")
    done = cli(*command, "--out", "note.txt")
    assert (done.code, "HN825" in done.err) == (2, True), done.err
    assert Path("note.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("command", ["run", "monitor 2025-26-Q2", "return 2025-26-Q1", "share", "backtest", "report"])
def test_a_folder_without_a_name_is_refused(cli: Runner, command: str) -> None:
    before = sorted(Path().iterdir())
    done = cli(*command.split(), "--out", "")
    assert (done.code, "--out names nothing" in done.err) == (2, True), done.err
    assert sorted(Path().iterdir()) == before
