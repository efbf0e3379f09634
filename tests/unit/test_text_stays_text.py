"""Names that a spreadsheet or a browser would act on, put into every text of a council, stay text everywhere."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from openpyxl import load_workbook

from hnforecast.cli import application
from hnforecast.cli.commands import COMMANDS
from hnforecast.cli.faults import run_safely
from tests.cli_runner import copy_example

pytestmark = pytest.mark.slow

MARK = "canary"
# a formula, a DDE command, what Lotus took for one, a function call, a tag; each recognisable wherever it turns up
NASTY = {
    "title": f"=1+1 {MARK} & <b>bold</b>",
    "source": f"+SUM(A1) {MARK} <script>alert(1)</script>",
    "owner": f"-2+3 {MARK}",
    "evidence": f"@SUM(1) {MARK}",
    "purpose": f"=cmd|' /C calc'!A0 {MARK}",
    "name": f"=Council+{MARK}",
}
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented council as a draft, its texts replaced."""
    folder = copy_example(tmp_path_factory.mktemp("text") / "council")
    manifest = folder / "assumptions" / "2026-03" / "manifest.yaml"
    text = manifest.read_text(encoding="utf-8").partition("\nfiles:")[0] + "\n"
    text = re.sub(r"state: signed_off\nsigned_off:\n(  .*\n)+", "state: draft\n", text)
    text = text.replace("name: Exampleshire", f"name: {quoted(NASTY['name'])}")
    manifest.write_text(replaced(text, "title", "purpose"), encoding="utf-8")
    for path in [*folder.glob("assumptions/2026-03/*.yaml"), *folder.glob("assumptions/measures/*/*.yaml")]:
        if path != manifest:
            path.write_text(replaced(path.read_text(encoding="utf-8"), "title", "source", "owner", "evidence"))
    scenarios = folder / "assumptions" / "scenarios.yaml"
    scenarios.write_text(replaced(scenarios.read_text(encoding="utf-8"), "title"), encoding="utf-8")
    data = folder / "inputs" / "exampleshire"
    data.rename(data.with_name(re.sub(r"[^a-z0-9]+", "-", NASTY["name"].lower()).strip("-")))
    return folder


def replaced(text: str, *keys: str) -> str:
    for key in keys:
        text = re.sub(
            rf"^( *{key}: ).*$", lambda found, key=key: found[1] + quoted(NASTY[key]), text, flags=re.MULTILINE
        )
    return text


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@pytest.fixture(scope="module")
def written(council: Path) -> Path:
    """Everything the council can have written: a run, published tables, a report, a page to share."""
    common = ["--vintage", "2026-03", "--project", str(council)]
    out = council / "outputs"
    commands = {
        "run": [
            "run",
            "unmitigated",
            "mitigated",
            "--horizon",
            "5",
            "--draws",
            "16",
            "--out",
            str(out / "run"),
            *common,
        ],
        "publish": ["publish", str(out / "run"), "--out", str(out / "published"), "--project", str(council)],
        "report": ["report", str(out / "run"), "--out", str(out / "report.docx"), "--project", str(council)],
        "share": ["share", "--draws", "16", "--out", str(out / "share.html"), *common],
    }
    for name, arguments in commands.items():
        if name in COMMANDS:
            assert run_safely(application, arguments) in (0, 1), name
    return out


def files(folder: Path, ending: str) -> Iterator[Path]:
    found = sorted(folder.rglob(f"*.{ending}"))
    assert found or ending in ("html", "docx")
    yield from found


def test_in_csv(written: Path) -> None:
    seen = 0
    for path in files(written, "csv"):
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))):
            for cell in row:
                seen += MARK in cell
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")) or NUMBER.fullmatch(cell), (
                    f"{path}: {cell}"
                )
    assert seen > 10


def test_in_workbooks(written: Path) -> None:
    seen = 0
    for path in files(written, "xlsx"):
        with zipfile.ZipFile(path) as archive:
            assert not [name for name in archive.namelist() if "externalLink" in name or "vbaProject" in name]
        for sheet in load_workbook(path).worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if MARK in str(cell.value) and not (cell.data_type == "f" and ours(str(cell.value))):
                        seen += 1
                        assert cell.data_type == "s", f"{path.name} {sheet.title} {cell.coordinate}: {cell.value}"
                    assert cell.hyperlink is None or MARK not in str(cell.hyperlink.target)
    assert seen > 10


def ours(formula: str) -> bool:
    """A formula of the workbook's own may hold the words as a text in quotation marks, and nowhere else."""
    return MARK not in re.sub(r'"([^"]|"")*"', "", formula)


class Reader(HTMLParser):
    """Collects the tags of a page that nobody wrote on purpose."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.inside = [tag]

    def handle_data(self, text: str) -> None:
        if "alert(1)" in text and self.inside == ["script"] and text.strip() == "alert(1)":
            self.tags.append(text)
        if self.inside == ["b"] and text == "bold":
            self.tags.append(text)


def test_in_pages_and_drawings(written: Path) -> None:
    for ending in ("html", "svg"):
        for path in files(written, ending):
            reader = Reader()
            reader.feed(path.read_text(encoding="utf-8"))
            assert reader.tags == [], path


def test_in_documents(written: Path) -> None:
    for path in files(written, "docx"):
        with zipfile.ZipFile(path) as archive:
            text = archive.read("word/document.xml").decode("utf-8")
        assert MARK in text
        fields = re.findall(r"<w:instrText[^>]*>([^<]*)", text) + re.findall(r'w:fldSimple w:instr="([^"]*)"', text)
        assert not [field for field in fields if MARK in field]
        assert "<script>" not in text


def test_in_the_terminal(council: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run_safely(application, ["list", "measures", "--vintage", "2026-03", "--project", str(council)]) == 0
    assert NASTY["title"].split("&")[0] in " ".join(capsys.readouterr().out.split())
