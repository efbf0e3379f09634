"""What a return refuses, each with its exact words: periods, forms, maps, templates, agreements, officers' words."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hnforecast.base.errors import HnForecastError
from hnforecast.engine.checks import CheckResult
from hnforecast.quarter.agreement import load_agreement
from hnforecast.quarter.returns import load_form, parse_return_period
from hnforecast.quarter.returns.forms import read_form
from hnforecast.quarter.returns.request import Request, make
from hnforecast.quarter.returns.template.fill import fill_template
from hnforecast.quarter.returns.template.mapping import load_map
from hnforecast.quarter.returns.verify import verify
from hnforecast.quarter.returns.words import read_narrative
from tests.fixtures_returns import EXAMPLE, example_return
from tests.fixtures_template import MAP, official_template, write_map

ROOT = Path(__file__).resolve().parents[2]
FORM = "safety-valve-quarterly"


def said(action: Callable[[], object]) -> str:
    with pytest.raises(HnForecastError) as caught:
        action()
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("2025-26-Q5", "Q", "There is no such period in a year [HN701]"),
        ("2025-26-Q0", "Q", "There is no such period in a year [HN701]"),
        ("2025-27-Q1", "Q", "27 does not follow 2025; a year is written 2025-26 [HN701]"),
        ("2025-Q1", "Q", "'2025' is not a year such as 2025-26 [HN701]"),
        ("second quarter", "Q", "The period of a return is not understood [HN701]"),
        ("2025-26-T1", "Q", "The form takes quarters [HN701]"),
        ("2025-26-Q1", "T", "The form takes three reports a year [HN701]"),
        ("2025-26-T4", "T", "expected: a period such as 2025-26-T1, up to T3"),
    ],
)
def test_periods(text: str, kind: str, expected: str) -> None:
    assert expected in said(lambda: parse_return_period(text, kind))  # type: ignore[arg-type]


def test_an_unknown_form_is_met_with_the_nearest() -> None:
    assert "Did you mean 'dsg-management-plan'?" in said(lambda: load_form(EXAMPLE, "dsg-managment-plan"))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("form: safety-valve-quarterly", "form: other", "A form is not named as its file [HN703]"),
        ("sheet: 8 Risks", "sheet: 9 Capital and provision", "Two sections have one sheet [HN703]"),
        ("sheet: 8 Risks", "sheet: 8 Risks and issues of the whole agreement", "A sheet cannot have this name [HN703]"),
        ("- key: capital\n        title", "- key: risks\n        title", "Two tables have one key [HN703]"),
        ("unit: places", "unit: place", "is not one of the values allowed here [HN115]"),
        ('sum: [funding, "-spend"]', 'sum: [funding, "-spent"]', "A row is the sum of a row that is not there [HN703]"),
        ("{column: unfilled, sum", "{column: empty, sum", "A cast names a column that is not there [HN703]"),
        (
            "table: outturn, row: total, column: budget",
            "table: outcome, row: total, column: budget",
            "A tie names a table that is not there [HN703]",
        ),
        (
            "table: outturn, row: total, column: budget",
            "table: outturn, row: total, column: budgets",
            "A tie names a column that is not there [HN703]",
        ),
        (
            "table: position, row: spend, column: budget",
            "table: position, row: spending, column: budget",
            "A tie names a row that is not there [HN703]",
        ),
        (
            "left: {table: outturn, row: total, column: budget}",
            "left: {row: total, column: budget}",
            "A tie must say where each figure is [HN703]",
        ),
        (
            'due: ["07-31", "10-31", "01-31", "05-31"]',
            'due: ["07-31"]',
            "must be given for each period of a year [HN703]",
        ),
        ("standing:", "standng:", "unknown setting 'standng' [HN110]"),
        ("version: 1", "version: one", "must be a whole number [HN112]"),
        ("source: monitoring.risks", "source: monitoring.risks\n        source: x", "is set twice in one group"),
    ],
)
def test_forms(old: str, new: str, expected: str, tmp_path: Path) -> None:
    text = (ROOT / "inputs" / "templates" / "forms" / f"{FORM}.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / f"{FORM}.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert expected in said(lambda: read_form(path, tmp_path))


def filling(folder: Path, old: str = "", new: str = "", template: Callable[[Path], Path] = official_template) -> str:
    """What filling says with one thing of the map, or the whole template, changed."""
    path = template(folder / "official.xlsx")
    assert old in MAP
    mapping = write_map(folder / "map.yaml", MAP.replace(old, new, 1) if old else MAP)
    built = example_return("dsg-management-plan")
    return said(lambda: fill_template(path, load_map(mapping, folder), built, folder))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("form: dsg-management-plan", "form: safety-valve-quarterly", "The map is for another form [HN751]"),
        ("sheet: Cover, cell: B3", "sheet: Covers, cell: B3", "The template has no such sheet [HN755]"),
        (
            "sheet: Cover, cell: B3",
            "sheet: Cover, cell: B40",
            "The template has no such cell: it lies beyond what the sheet uses",
        ),
        ("sheet: Cover, cell: B3", "sheet: Cover, cell: B", "This is not a cell [HN751]"),
        (
            "sheet: Cover, cell: B3",
            "sheet: Financial, cell: B1",
            "The cell lies inside a merged area [HN756]\n  found: Financial!B1 in A1:E1\n  Fill A1",
        ),
        ("sheet: Cover, cell: B3", "sheet: Financial, cell: C6", "The cell holds a formula of the template [HN757]"),
        ("sheet: Cover, cell: B3", "sheet: Financial, cell: A4", "The cell is locked by the template [HN758]"),
        (
            "name: Entry_Income",
            "name: Entry_Incomes",
            "The template has no such name [HN755]\n  found: Entry_Incomes\n  expected: Entry_Block, Entry_Income",
        ),
        ("name: Entry_Income", "name: Entry_Block", "A name of the template is not one cell [HN755]"),
        (
            "text: Amber",
            "text: Blue",
            "own validation refuses the value [HN759]\n  found: Cover!B4: 'Blue' is not one of Green, Amber, Red",
        ),
        (
            "rows: [income, spend]",
            "rows: [in_year, spend]",
            "validation refuses the value [HN759]\n  found: Financial!D4",
        ),
        (
            "table: finance_mitigated, row: income",
            "table: finance, row: income",
            "The return has no such table [HN752]",
        ),
        ("row: income, column", "row: incomes, column", "has no such row [HN752]\n  found: incomes"),
        ('column: "2025-26"}', 'column: "2019-20"}', "has no such column [HN752]\n  found: 2019-20"),
        (
            "start: C5, table: finance_mitigated, rows: [spend]",
            "start: D5, table: finance_mitigated, rows: [spend]",
            "Two entries fill one cell [HN751]\n  found: Financial!D5",
        ),
        (
            "text: Amber}",
            "text: Amber, row: x, name: y}",
            "A cell is given by `sheet` and `cell`, or by `name` [HN751]",
        ),
        ("cell: B4, text: Amber", "cell: B4", "A cell takes `text`, or `table` with `row` and `column` [HN751]"),
        ('row: income, column: "2025-26"', "row: income", "`table` needs `row` and `column` [HN751]"),
        (
            "form: dsg-management-plan",
            "frm: dsg-management-plan",
            "unknown setting 'frm' [HN110]\n  Did you mean 'form'?",
        ),
        (
            "template: Official return (invented), version 1",
            "template: x\ntemplate_sha256: '00'",
            "The template is not the edition the map was made for [HN754]",
        ),
    ],
)
def test_maps(old: str, new: str, expected: str, tmp_path: Path) -> None:
    assert expected in filling(tmp_path, old, new)


def damaged(part: str, old: bytes, new: bytes) -> Callable[[Path], Path]:
    """A template with one of its parts changed."""

    def write(path: Path) -> Path:
        official_template(path)
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        if part in parts:
            assert old in parts[part]
        parts[part] = parts.get(part, b"").replace(old, new, 1) if old else new
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, raw in parts.items():
                archive.writestr(name, raw)
        return path

    return write


def not_a_workbook(path: Path) -> Path:
    path.write_text("Financial;2025-26")
    return path


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (not_a_workbook, "This is not an Excel workbook [HN230]"),
        (
            damaged("xl/worksheets/sheet2.xml", b"</sheetData>", b"<sheetData>"),
            "A sheet of the template is damaged [HN753]",
        ),
        (damaged("_xmlsignatures/sig1.xml", b"", b"<Signature/>"), "The template is digitally signed"),
        (damaged("xl/vbaProject.bin", b"", b"macro"), "The workbook holds macros [HN233]"),
        (
            damaged("xl/externalLinks/externalLink1.xml", b"", b"<x/>"),
            "The workbook holds links to other workbooks [HN233]",
        ),
        (damaged("xl/workbook.xml", b"<workbook", b"<!DOCTYPE x><workbook"), "The workbook declares a document type"),
    ],
)
def test_templates(template: Callable[[Path], Path], expected: str, tmp_path: Path) -> None:
    assert expected in filling(tmp_path, template=template)


def test_a_missing_template_and_map_are_named(tmp_path: Path) -> None:
    assert "The map cannot be read [HN750]" in said(lambda: load_map(tmp_path / "map.yaml", tmp_path))
    gone = filling(tmp_path, template=lambda path: path)
    assert "official.xlsx: The file is missing [HN201]" in gone
    request = Request("2025-26-Q1", FORM, "mitigated", template=tmp_path / "t.xlsx")
    assert "--template needs --map [HN750]" in said(lambda: make(EXAMPLE, request))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "overview: " + "x" * 3001,
            "overview: A text is too long for the form [HN715]\n  found: 3,001 characters\n  expected: at most 3,000",
        ),
        ("overveiw: All is well", "The form has no such heading for words [HN706]\n  found: overveiw"),
        ("overview: 12", "Words are needed here [HN706]\n  found: 12"),
        ("overview: ", "Words are needed here [HN706]"),
        ("overview: a\noverview: b", "'overview' is set twice"),
        (
            "basis: draft\noverview: a",
            "The words are not of this kind [HN706]\n  found: 'draft'\n  expected: actual, or",
        ),
        ("early: 12\noverview: a", "early: Words are needed here [HN706]\n  found: 12"),
    ],
)
def test_words(text: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "narrative-Q1.yaml"
    path.write_text(text, encoding="utf-8")
    assert expected in said(lambda: read_narrative(path, tmp_path, load_form(EXAMPLE, FORM)))


def test_words_of_another_form_are_left_to_it_and_invented_ones_are_labelled(tmp_path: Path) -> None:
    path = tmp_path / "narrative-Q1.yaml"
    path.write_text('basis: "illustrative: not published, not real"\nearly: x\noverview: y', encoding="utf-8")
    rows = read_narrative(path, tmp_path, load_form(EXAMPLE, FORM)).set_index("key")["text"]
    assert rows["overview"] == "Illustrative, not the council's words. y"
    assert rows["what_changed"] == "Nothing was written for this period."
    assert "early" not in rows.index


def test_a_report_that_rests_on_a_year_before_the_forecast(tmp_path: Path) -> None:
    request = Request("2025-26-T1", "safety-valve-termly", "mitigated", out=tmp_path / "out")
    assert (
        "2025-26-T1 rests on actuals to the end of 2024-25-Q4, which vintage 2026-03 has as outturn [HN701]\n"
        "  Begin with the first report that rests on a forecast year"
    ) in said(lambda: make(EXAMPLE, request))


def test_a_check_of_the_monitoring_that_fails_stops_the_return(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = (CheckResult("no cell of plans is negative", False, 0.5, 1e-6, "plans"),)
    monkeypatch.setattr("hnforecast.quarter.monitor.monitor._checks", lambda *_: failed)
    request = Request("2025-26-Q1", FORM, "mitigated", out=tmp_path / "out")
    expected = (
        "A check of the monitoring does not hold [HN719]\n  found: 0.5 plans\n"
        "  expected: no cell of plans is negative, within 1e-06\n  hnforecast monitor 2025-26-Q1 --scenario mitigated"
    )
    assert expected in said(lambda: make(EXAMPLE, request))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('number: "3.2"', 'number: "3.1"', "conditions.3.1: Two conditions have one number [HN760]"),
        ("value: 60.0", "value: 30.0", "the limits are the wrong way round [HN760]"),
        ("wording_mark: unverified", "wording_mark: certain", "is not one of the values allowed here [HN115]"),
        ('starts: "2022-23"', 'starts: "2029-30"', "The agreement ends before it starts [HN760]"),
        ("status: judgement", "status: judgment", "is not one of the values allowed here [HN115]"),
        ("    owner: ", "    wner: ", "unknown setting 'wner' [HN110]"),
        ("take: last", "take: latest", "is not one of the values allowed here [HN115]"),
        ('      up_to: "2024-25"', '      up_to: "2024-26"', "26 does not follow 2024"),
        (', owner: SEND finance lead, review_by: "2027-03-31"}', "}", "a judgement needs `owner`"),
    ],
)
def test_agreements(old: str, new: str, expected: str, tmp_path: Path) -> None:
    text = (ROOT / "inputs" / "kent" / "agreement.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "agreement.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    assert expected in said(lambda: load_agreement(tmp_path, tmp_path))


def test_nothing_to_verify(tmp_path: Path) -> None:
    assert "There is nothing to verify [HN741]" in said(lambda: verify(tmp_path / "gone", None))
    (tmp_path / "x").mkdir()
    assert "This is neither a sealed return nor a run [HN741]" in said(lambda: verify(tmp_path / "x", None))


def test_a_seal_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "seal.json").write_text("{")
    assert "The seal cannot be read [HN731]" in said(lambda: verify(tmp_path, None))
    shutil.rmtree(tmp_path)
