"""Every command that writes where --out says keeps what is there, unless --replace is said; then it stays beside."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest

from hnforecast.cli import application
from tests.cli_runner import Runner, copy_example

QUICK = ("mitigated", "--horizon", "1", "--draws", "1")
DATED = r"\.\d{4}-\d\d-\d\dT\d{4}(-\d+)?"


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    return Runner(copy_example(tmp_path / "council"), capsys, monkeypatch)


def every_command() -> list[str]:
    context = click.Context(application)
    return application.list_commands(context)


@pytest.mark.parametrize("name", every_command())
def test_out_and_replace_go_together(name: str) -> None:
    command = application.get_command(click.Context(application), name)
    assert command is not None
    options = {option for parameter in command.params for option in parameter.opts}
    assert ("--out" in options) == ("--replace" in options)


@pytest.mark.parametrize(
    ("command", "written"),
    [
        (("weigh", "--draws", "1"), "weigh.md"),
        (("brief", "--draws", "1"), "brief.md"),
        (("report", *QUICK[:1], "--draws", "1"), "paper.docx"),
        (("share", "--draws", "1"), "paper.html"),
    ],
)
def test_a_paper_at_out_is_kept(cli: Runner, command: tuple[str, ...], written: str) -> None:
    folder = cli.folder / "papers"
    folder.mkdir()
    out = folder / written if written.startswith("paper.") else folder
    (folder / written).write_text("signed by the committee")
    refused = cli(*command, "--out", str(out))
    assert (refused.code, "HN805" in refused.err) == (2, True), refused.err
    assert [path.name for path in folder.iterdir()] == [written]
    assert (folder / written).read_text() == "signed by the committee"
    made = cli(*command, "--out", str(out), "--replace")
    assert made.code in (0, 1), made.err
    stem, _, suffix = written.rpartition(".")
    dated = [path for path in folder.iterdir() if re.fullmatch(rf"{stem}{DATED}\.{suffix}", path.name)]
    assert [path.read_text() for path in dated] == ["signed by the committee"]
    assert dated[0].name in made.err
    assert (folder / written).read_bytes() != b"signed by the committee"


def test_notes_in_a_run_folder(cli: Runner) -> None:
    made = cli("run", *QUICK, "--json")
    folder = Path(json.loads(made.out)["folder"])
    (folder / "notes.txt").write_text("mine")
    pack = folder / "committee-pack.xlsx"
    pack.write_bytes(b"edited by an officer")
    again = cli("run", *QUICK)
    assert again.code in (0, 1), again.err
    assert "Kept as it was, in the new folder: committee-pack." in again.err
    assert (folder / "notes.txt").read_text() == "mine"
    assert [path.read_bytes() for path in folder.glob("committee-pack.2*.xlsx")] == [b"edited by an officer"]
    assert cli("verify", str(folder)).code == 0, "what is kept is no part of the run and does not spoil it"
    refused = cli("run", *QUICK, "--out", str(folder))
    assert (refused.code, "HN805" in refused.err) == (2, True)
    assert cli("run", *QUICK, "--out", str(folder), "--replace").code in (0, 1)
    beside = [path for path in folder.parent.iterdir() if re.fullmatch(folder.name + DATED, path.name)]
    assert [(path / "notes.txt").read_text() for path in beside] == ["mine"]
    assert (folder / "notes.txt").read_text() == "mine"
    assert not [path.name for path in folder.parent.iterdir() if path.name.startswith(".")]


def test_notes_in_a_folder_of_monitoring_and_of_a_return(cli: Runner) -> None:
    actuals = cli.folder / "inputs" / "monitoring" / "2025-26"
    if not actuals.is_dir():
        assert cli("monitor", "--write-illustration", "2025-26-Q2", str(actuals)).code == 0
    asked = {
        ("monitor", "2025-26-Q1"): cli.folder / "outputs" / "monitoring-2025-26-q1-mitigated",
        ("return", "2025-26-Q1"): cli.folder / "outputs" / "returns" / "2025-26-Q1" / "safety-valve-quarterly",
    }
    for command, folder in asked.items():
        assert cli(*command).code in (0, 1)
        before = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
        assert cli(*command).code in (0, 1)
        assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")) == before
        (folder / "notes.txt").write_text("mine")
        table = next(path for path in sorted(folder.rglob("*.csv")))
        table.write_text("edited")
        made = cli(*command)
        assert made.code in (0, 1), made.err
        assert (folder / "notes.txt").read_text() == "mine"
        assert [path.read_text() for path in table.parent.glob(f"{table.stem}.20*.csv")] == ["edited"]
        assert table.read_text() != "edited"
    assert cli("return", "2025-26-Q1", "--seal").code == 0
    assert cli("verify", str(folder)).code == 0, "the seal lists what was kept"
    sealed = cli("return", "2025-26-Q1", "--out", str(folder), "--replace")
    assert (sealed.code, "HN730" in sealed.err) == (1, True), sealed.err


def test_the_shared_page_in_its_default_place(cli: Runner) -> None:
    assert cli("share", "--draws", "1").code in (0, 1)
    page = next((cli.folder / "outputs").glob("share-*.html"))
    assert cli("share", "--draws", "1").code in (0, 1)
    assert len(list((cli.folder / "outputs").glob("share-*.html"))) == 1, "its own may go"
    page.write_text("edited")
    made = cli("share", "--draws", "1")
    assert made.code in (0, 1)
    assert sorted(path.read_text()[:6] for path in page.parent.glob("share-*.html"))[-1] == "edited"
    assert "What was there before is kept as share-" in made.err
