"""`hnforecast publish` and `hnforecast report` from the command line: what they write, and what they refuse."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

from hnforecast.cli import application
from hnforecast.cli.faults import run_safely
from tests.cli_runner import Runner, copy_example
from tests.fixtures_publish import EXAMPLE_RUN

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def council(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    """The invented council's folder, with one run in it."""
    folder = copy_example(tmp_path / "council")
    shutil.copytree(EXAMPLE_RUN, folder / "outputs" / "one")
    return Runner(folder, capsys, monkeypatch)


@pytest.mark.slow
def test_the_latest_run_is_published_and_reported(council: Runner) -> None:
    made = council("publish", "--out", "published", "--json")
    assert made.code == 0, made.err
    assert "outputs/one" in made.err
    content = json.loads(made.out)
    assert sorted(content["files"]) == sorted(path.name for path in (council.folder / "published").iterdir())
    made = council("report", "outputs/one", "--out", "papers/report.docx")
    assert made.code == 0, made.err
    assert (council.folder / "papers" / "report.docx").stat().st_size > 50_000
    assert not list((council.folder / "papers").glob(".*"))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("publish", "outputs/two", "--out", "x"), "HN821"),
        (("report", "outputs/two", "--out", "x.docx"), "HN821"),
        (("publish", "mitigatd", "--out", "x"), "HN854"),
        (("publish", "outputs/one", "--out", "outputs/one/published"), "HN834"),
        (("report", "outputs/one", "--out", "outputs/one/report.docx"), "HN834"),
        (("report", "outputs/one", "--out", "report.pdf"), "HN825"),
        (("report", "outputs/one", "--out", "outputs"), "HN825"),
        (("publish", "outputs/one", "--out", "README.md"), "HN825"),
        (("report", "outputs/one", "--base", "x.docx", "--out", "x.docx"), "HN834"),
        (("report", "outputs/one", "--base", "README.md", "--out", "x.docx"), "HN831"),
        (("report", "outputs/one", "--scenario", "best", "--out", "x.docx"), "HN833"),
        (("report", "outputs/one", "--against", "outputs/none", "--out", "x.docx"), "HN821"),
        (("publish", "outputs/one", "--draws", "3", "--out", "x"), "HN852"),
        (("report", "mitigated", "--scenario", "best", "--out", "x.docx"), "HN833"),
        (("report", "--draws", "1", "--scenario", "best", "--out", "x.docx"), "HN833"),
        (("compare", "unmitigated", "mitigated", "--out", "outputs/one"), "HN834"),
        (("publish", "x" * 500, "--out", "x"), "HN850"),
        (("verify", "x" * 500), "HN850"),
        (("brief", "--draws", "1", "--year", ""), "HN536"),
        (("causes", "--authority", ""), "HN52"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    council: Runner, arguments: tuple[str, ...], code: str
) -> None:
    before = sorted(path for path in council.folder.rglob("*") if "lock" not in path.name)
    made = council(*arguments)
    assert (made.code, code in made.err) == (2, True), made.err
    assert sorted(path for path in council.folder.rglob("*") if "lock" not in path.name) == before


def test_a_tampered_run_is_refused(council: Runner) -> None:
    path = council.folder / "outputs" / "one" / "assumptions.yaml"
    path.write_bytes(path.read_bytes().replace(b"Exampleshire", b"Exampleshyre", 1))
    for command in (("publish", "--out", "x"), ("report", "--out", "x.docx")):
        made = council(*command)
        assert made.code == 2
        assert "HN822" in made.err
        assert "assumptions.yaml" in made.err
    assert not (council.folder / "x").exists()


@pytest.mark.parametrize(
    "command", [pytest.param(("publish", "--out", "x"), marks=pytest.mark.slow), ("report", "--out", "x/report.docx")]
)
def test_a_full_disk_and_a_file_in_the_way_exit_4(
    council: Runner, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    (council.folder / "blocked").write_text("a file")
    asked = [part.replace("x", "blocked/x", 1) if part.startswith("x") else part for part in command]
    assert council(*asked).code == 4
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def refuse(*_: object, **__: object) -> None:
        raise full

    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(os, "link", refuse)
    made = council(*command)
    assert made.code == 4
    assert "disk is full" in made.err
    assert not [path for path in (council.folder / "x").iterdir() if path.is_file()]


@pytest.mark.slow
def test_a_workbook_held_open_leaves_its_neighbours_alone(council: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    assert council("publish", "--out", "x").code == 0
    for path in (council.folder / "x").iterdir():
        path.write_bytes(b"of last year")
    before = {path.name: path.stat().st_mtime_ns for path in (council.folder / "x").iterdir()}
    opened = Path.open

    def held(self: Path, mode: str = "r", *rest: object, **named: object) -> object:
        if mode == "r+b" and self.suffix == ".xlsx":
            raise OSError(errno.ETXTBSY, "open elsewhere")
        return opened(self, mode, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", held)
    monkeypatch.setattr("hnforecast.writing.files.retry_while_held", lambda action, patience=0: action())
    assert council("publish", "--out", "x").code == 2, "what is there is kept"
    assert council("publish", "--out", "x", "--replace").code == 4
    assert {path.name: path.stat().st_mtime_ns for path in (council.folder / "x").iterdir()} == before


@pytest.mark.slow
def test_a_report_against_an_earlier_run_tells_what_moved(council: Runner) -> None:
    assert council("run", "--draws", "1", "--out", "outputs/before").code == 0
    assert council("run", "--draws", "1", "--set", "prices.top_up.state_special=+10%", "--out", "outputs/now").code == 0
    made = council("report", "outputs/now", "--against", "outputs/before", "--out", "report.docx")
    assert made.code == 0, made.err
    from docx import Document

    text = "\n".join(paragraph.text for paragraph in Document(str(council.folder / "report.docx")).paragraphs)
    assert "The largest cause is prices" in text
    assert "The movements add up to the change exactly" in text


def test_help_names_both() -> None:
    assert run_safely(application, ["publish", "--help"]) == 0
    assert run_safely(application, ["report", "--help"]) == 0
