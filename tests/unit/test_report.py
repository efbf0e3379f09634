"""The committee report: every figure found in the run again, both signs in words, and a document Word can trust."""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt

from hnforecast.base.errors import InputError, UsageError
from hnforecast.papers.report import write_report
from hnforecast.papers.report.styles import open_base
from hnforecast.papers.run_reading import FinishedRun, read_run
from tests.fixtures_publish import EXAMPLE_RUN, a_hundredfold, as_surplus, vary_run

NUMBER = re.compile(r"(?:less than |more than )?£?\d[\d,]*(?:\.\d+)?(?:m|%)?")
DATES = re.compile(
    r"\b(?:\d{1,2} )?(?:January|February|March|April|June|July|November) \d{4}\b|\b20\d\d-\d\d\b|[sS]ection \d+"
)


@lru_cache
def example_run() -> FinishedRun:
    return read_run(EXAMPLE_RUN)


@pytest.fixture(scope="module")
def surplus_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return vary_run(tmp_path_factory.mktemp("surplus") / "run", as_surplus)


@pytest.fixture(scope="module")
def turned(surplus_folder: Path) -> Any:
    return Document(io.BytesIO(write_report(read_run(surplus_folder))[0]))


@pytest.fixture(scope="module", params=["example", "surplus", pytest.param("hundredfold", marks=pytest.mark.slow)])
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, surplus_folder: Path, turned: Any,
    example: bytes,
) -> tuple[Path, Any]:  # fmt: skip
    if request.param == "example":
        return EXAMPLE_RUN, Document(io.BytesIO(example))
    if request.param == "surplus":
        return surplus_folder, turned
    folder = vary_run(tmp_path_factory.mktemp("varied") / "run", a_hundredfold)
    return folder, Document(io.BytesIO(write_report(read_run(folder))[0]))


@pytest.fixture(scope="module")
def example() -> bytes:
    return write_report(example_run())[0]


def prose(document: Any) -> list[str]:
    """Paragraphs of text without headings, captions, gaps for officers and lists of papers."""
    lines = [p.text for p in document.paragraphs if p.style.name == "Normal" and p.text.strip()]
    return [
        re.sub(r"^(\d+\.\d+|\([a-z]\))\t", "", line)
        for line in lines
        if not line.startswith(("[Officer", "•", "Source:"))
    ]


def text_of(document: Any) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def index_of(document: Any) -> dict[str, tuple[float, str]]:
    """As written -> (exact, where it comes from), from the last table of the document itself."""
    rows = [[cell.text for cell in row.cells] for row in document.tables[-1].rows]
    assert rows[0] == ["No.", "As written", "Exact", "Where it comes from"]
    return {f"{number} {text}": (float(exact.replace(",", "")), where) for number, text, exact, where in rows[1:]}


def evaluate(folder: Path, words: str) -> float:
    """What a source in words comes to, read from the files of the run without any of the program's code."""
    main, _, over = words.partition("; as a percentage of ")
    total = 0.0
    for part in main.split("; "):
        sign = -1 if part.startswith("less ") else 1
        table, _, rest = part.removeprefix("less ").removeprefix("plus ").partition(": ")
        column, *keys = rest.split(", ")
        with (folder / "tables" / f"{table}.csv").open(encoding="utf-8") as stream:
            rows = [row for row in csv.DictReader(stream) if all(key in row.values() for key in keys)]
        assert rows, part
        total += sign * sum(float(row[column]) for row in rows)
    return 100 * total / abs(evaluate(folder, over)) if over else total


def test_every_figure_of_the_index_is_in_the_tables_of_the_run(made: tuple[Path, Any]) -> None:
    folder, document = made
    index = index_of(document)
    assert len(index) > 15
    for written, (exact, where) in index.items():
        if where.startswith("docs/"):
            continue
        assert exact == pytest.approx(evaluate(folder, where), abs=0.006), where
        text = written.split(" ", 1)[1]
        if text.endswith("m"):
            assert float(text.strip("£m").replace(",", "")) == pytest.approx(abs(exact) / 1e6, abs=0.0501)
        elif "than" not in text and not text.endswith("%"):
            assert float(text.replace(",", "")) == pytest.approx(abs(exact), abs=0.501)


def test_every_number_of_the_prose_is_in_the_index(made: tuple[Path, Any]) -> None:
    _, document = made
    known = {written.split(" ", 1)[1] for written in index_of(document)}
    names = [example_run().run_id, "2026-03", "hnforecast 0.1.0"]
    found = 0
    for line in prose(document):
        text = line
        for name in names:
            text = text.replace(name, "")
        for number in NUMBER.findall(DATES.sub("", text)):
            assert number.rstrip(",") in known, f"{number} in: {line}"
            found += 1
    assert found > 20


def test_the_test_above_finds_a_number_that_is_not_of_the_run() -> None:
    assert NUMBER.findall(DATES.sub("", "On 31 March 2028 a deficit of £12.4m, in 2027-28.")) == ["£12.4m"]
    assert NUMBER.findall("less than 1% of 1,234 plans") == ["less than 1%", "1,234"]


def test_every_figure_of_the_tables_is_a_cell_of_the_table_it_names(made: tuple[Path, Any]) -> None:
    folder, document = made
    sources = re.findall(r"Source: tables/(\w+)\.csv", "\n".join(p.text for p in document.paragraphs))
    assert {"account", "measures"} <= set(sources)
    shown: set[str] = set()
    pool: set[int] = set()
    for name in ("account", "measures"):
        with (folder / "tables" / f"{name}.csv").open(encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                cells = [row[column] for column in ("central", "p10", "p90") if row[column]]
                pool |= {round(float(cell) / 1e3 + 1e-9 * (float(cell) > 0)) for cell in cells}
    for table in document.tables[1:-1]:
        for row in table.rows[1:]:
            shown |= {cell.text for cell in row.cells if re.fullmatch(r"\(?[\d,]+\)?", cell.text)}
    values = {int(text.strip("()").replace(",", "")) * (-1 if text.startswith("(") else 1) for text in shown}
    differences = {value for value in values if all(abs(value - cell) > 1 for cell in pool)}
    assert len(differences) <= 1  # the one column of differences: better or worse than without the measures
    assert len(values) > 30


def test_it_reads_as_a_person_wrote_it(made: tuple[Path, Any]) -> None:
    text = "\n".join(prose(made[1]))
    assert not re.search(r"\b(\w+) \1\b", text), re.search(r"\b(\w+) \1\b", text)
    assert not re.search(r"\b(nan|None|inf)\b| ,|\.\.|  ", text)
    assert not re.search(r"(?<![\d,])1 plans|\bplan rise\b", text)
    assert not re.search("[\ue000-\ue002]", text_of(made[1]))


def test_deficit_and_surplus_are_said_right(turned: Any, example: bytes) -> None:
    deficit = "\n".join(prose(Document(io.BytesIO(example))))
    surplus = "\n".join(prose(turned))
    assert "the account stood at a deficit of £4.1m" in deficit
    assert "the account stood at a surplus of £15.9m" in surplus
    assert "would then count against the council's reserves" in deficit
    assert "no deficit to count against the council's reserves" in surplus
    assert "favourable" in surplus
    assert "a surplus of £" not in deficit
    assert "a deficit of £" not in re.sub(r"The agreement .*", "", surplus)
    assert "The forecast is a deficit" in deficit
    assert "The forecast is not a deficit" in surplus


def test_a_small_change_reads_in_the_singular(tmp_path: Path) -> None:
    def one_more(table: str, row: dict[str, str], value: float) -> float:
        if table != "plans":
            return value
        first = row["age_band"] == "under_5" and row["placement"] == "mainstream"
        return (2.0 if row["census_year"] == "2025" else 1.0) if first else 0.0

    text = "\n".join(prose(Document(io.BytesIO(write_report(read_run(vary_run(tmp_path / "one", one_more)))[0]))))
    assert "maintained 2 plans in January 2025, 1 more than a year before (100.0%)" in text
    assert "falls from 2 in January 2025 to 1 in January 2028 (50.0%)" in text


def test_tables_headings_and_pictures_are_real(example: bytes) -> None:
    document = Document(io.BytesIO(example))
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    sections = "Summary Recommendations Background Position Risks Options Financial Legal Equality Consultation"
    for wanted in sections.replace("Position", "Current").split():
        assert any(wanted in heading for heading in headings), wanted
    for table in document.tables[1:]:
        assert table.rows[0]._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
        assert all(cell.text.strip() for row in table.rows for cell in row.cells)
    pictures = document.element.body.findall(f".//{qn('wp:docPr')}")
    assert len(pictures) == 2
    assert all(len(picture.get("descr")) > 60 for picture in pictures)
    assert document.styles.element.find(f".//{qn('w:lang')}").get(qn("w:val")) == "en-GB"
    assert document.core_properties.language == "en-GB"
    assert document.core_properties.author == "Exampleshire"
    starts = [mark.get(qn("w:name")) for mark in document.element.body.iter(qn("w:bookmarkStart"))]
    anchors = [link.get(qn("w:anchor")) for link in document.element.body.iter(qn("w:hyperlink"))]
    assert sorted(starts) == sorted(anchors)
    assert len(set(starts)) == len(starts) > 15


def test_the_same_run_gives_the_same_bytes(example: bytes) -> None:
    assert write_report(example_run())[0] == example
    with zipfile.ZipFile(io.BytesIO(example)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def council_document(path: Path) -> Path:
    document = Document()
    document.sections[0].header.paragraphs[0].text = "Exampleshire Council"
    document.sections[0].footer.paragraphs[0].text = "Official"
    document.styles["Normal"].font.name = "Verdana"
    document.styles["Heading 1"].font.size = Pt(17)
    document.add_paragraph("Text of another report")
    for name in ("Caption", "Title"):
        document.styles[name].delete()
    document.save(str(path))
    return path


def test_the_councils_own_document_keeps_its_look_and_loses_its_text(tmp_path: Path) -> None:
    base = council_document(tmp_path / "council.docx")
    content, _ = write_report(example_run(), base=base)
    document = Document(io.BytesIO(content))
    assert document.sections[0].header.paragraphs[0].text == "Exampleshire Council"
    assert document.sections[0].footer.paragraphs[0].text == "Official"
    assert document.styles["Normal"].font.name == "Verdana"
    assert document.styles["Heading 1"].font.size == Pt(17)
    assert "Text of another report" not in text_of(document)
    assert any("Summary" in p.text for p in document.paragraphs)


def zipped(path: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("kind", "code"),
    [("missing", "HN831"), ("text", "HN831"), ("other zip", "HN831"), ("cut short", "HN831"), ("macros", "HN832"),
     ("entities", "HN831"), ("empty parts", "HN831")],
)  # fmt: skip
def test_a_base_that_cannot_be_used_is_refused(tmp_path: Path, kind: str, code: str) -> None:
    path = council_document(tmp_path / "base.docx")
    parts = {name: zipfile.ZipFile(path).read(name) for name in zipfile.ZipFile(path).namelist()}
    if kind == "missing":
        path.unlink()
    elif kind == "text":
        path.write_text("not a document")
    elif kind == "other zip":
        zipped(path, {"a.txt": b"a"})
    elif kind == "cut short":
        path.write_bytes(path.read_bytes()[:2000])
    elif kind == "macros":
        zipped(path, {**parts, "word/vbaProject.bin": b"x"})
    elif kind == "entities":
        zipped(path, {**parts, "word/settings.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'})
    else:
        zipped(path, {name: b"" if name.startswith("word/") else content for name, content in parts.items()})
    with pytest.raises(InputError, match=code):
        open_base(path)


def test_a_scenario_the_run_does_not_hold_is_refused() -> None:
    with pytest.raises(UsageError, match="HN833"):
        write_report(example_run(), scenario="best")


def test_a_run_without_draws_gives_no_range(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE_RUN, tmp_path / "run")
    for name in ("account", "plans", "measures", "differences", "funding", "spend"):
        path = folder / "tables" / f"{name}.csv"
        rows = list(csv.DictReader(path.open(encoding="utf-8")))
        for row in rows:
            row.update({column: "" for column in row if re.fullmatch(r"p\d+", column)})
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    path = folder / "run.json"
    path.write_text(path.read_text().replace('"draws": 256', '"draws": 1'))
    from tests.fixtures_publish import seal

    text = text_of(Document(io.BytesIO(write_report(read_run(seal(folder)))[0])))
    assert "this report gives no range" in text
    assert "Eight times in ten" not in text
