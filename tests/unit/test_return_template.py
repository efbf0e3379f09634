"""Filling an official workbook: only the cells named change, all else is as it was, formulas are worked out anew."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from hnforecast.base.errors import OutputError
from hnforecast.quarter.returns.build import BuiltReturn
from hnforecast.quarter.returns.template.fill import fill_template
from hnforecast.quarter.returns.template.mapping import load_map
from hnforecast.quarter.returns.template.package import recalculated
from hnforecast.quarter.returns.template.sheetxml import patch_sheet, scan_sheet
from tests.fixtures_returns import example_return
from tests.fixtures_template import official_template, write_map

RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>{mode}</value></prop></item></oor:items>"""


@pytest.fixture(scope="module")
def built() -> BuiltReturn:
    return example_return("dsg-management-plan")


@pytest.fixture
def filled(built: BuiltReturn, tmp_path: Path) -> tuple[bytes, bytes, tuple[str, ...]]:
    template = official_template(tmp_path / "official.xlsx")
    raw, words = fill_template(template, load_map(write_map(tmp_path / "map.yaml"), tmp_path), built, tmp_path)
    return template.read_bytes(), raw, words


def money(built: BuiltReturn, row: str, year: str) -> float:
    table = built.tables["finance_mitigated"]
    line, position = table.row(row), table.position(year)
    assert line is not None
    assert position is not None
    value = line.cells[position]
    assert isinstance(value, float)
    return value


def test_cells_hold_the_figures_and_keep_their_formats(
    filled: tuple[bytes, bytes, tuple[str, ...]], built: BuiltReturn
) -> None:
    before, after = (load_workbook(io.BytesIO(raw)) for raw in filled[:2])
    sheet = after["Financial"]
    assert sheet["C4"].value == money(built, "income", "2025-26")
    assert sheet["D5"].value == money(built, "spend", "2026-27")
    assert sheet["E4"].value == money(built, "income", "2027-28")
    assert after["Cover"]["B3"].value == "Exampleshire & <District>"
    for name in ("C4", "D5", "E4", "C6"):
        for look in ("number_format", "fill", "font", "border", "protection"):
            assert repr(getattr(sheet[name], look)) == repr(getattr(before["Financial"][name], look)), (name, look)


def test_everything_else_is_kept(filled: tuple[bytes, bytes, tuple[str, ...]]) -> None:
    before, after = (load_workbook(io.BytesIO(raw)) for raw in filled[:2])
    for name in before.sheetnames:
        one, other = before[name], after[name]
        assert {str(area) for area in one.merged_cells.ranges} == {str(area) for area in other.merged_cells.ranges}
        rules = [(rule.type, str(rule.sqref), rule.formula1) for rule in one.data_validations.dataValidation]
        assert rules == [(rule.type, str(rule.sqref), rule.formula1) for rule in other.data_validations.dataValidation]
        assert one.protection.sheet == other.protection.sheet
        formulas = {cell.coordinate: cell.value for row in one.iter_rows() for cell in row if cell.data_type == "f"}
        assert formulas == {
            cell.coordinate: cell.value for row in other.iter_rows() for cell in row if cell.data_type == "f"
        }
    assert dict(before.defined_names.items()).keys() == dict(after.defined_names.items()).keys()


def test_only_sheets_and_the_recalculation_flag_differ(filled: tuple[bytes, bytes, tuple[str, ...]]) -> None:
    with zipfile.ZipFile(io.BytesIO(filled[0])) as one, zipfile.ZipFile(io.BytesIO(filled[1])) as other:
        assert one.namelist() == other.namelist()
        changed = {name for name in one.namelist() if one.read(name) != other.read(name)}
        assert changed == {f"xl/worksheets/sheet{n}.xml" for n in (1, 2, 3)}  # the library sets the flag itself
        drawings = [name for name in one.namelist() if "drawing" in name]
        assert drawings
        assert b"fill the yellow cells only" in other.read(next(name for name in drawings if name.endswith("1.xml")))
        assert b'fullCalcOnLoad="1"' in other.read("xl/workbook.xml")
        assert b"999" not in other.read("xl/worksheets/sheet2.xml") + other.read("xl/worksheets/sheet3.xml")


def test_the_proof_says_what_was_kept(filled: tuple[bytes, bytes, tuple[str, ...]]) -> None:
    assert "8 cells filled on 2 sheets" in filled[2][0]
    assert "All 5 formulas are kept" in filled[2][2]


def test_same_filling_gives_the_same_bytes(built: BuiltReturn, tmp_path: Path) -> None:
    template = official_template(tmp_path / "official.xlsx")
    mapping = load_map(write_map(tmp_path / "map.yaml"), tmp_path)
    assert fill_template(template, mapping, built, tmp_path) == fill_template(template, mapping, built, tmp_path)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<workbook><calcPr calcId='1'/></workbook>", "<workbook><calcPr calcId='1' fullCalcOnLoad=\"1\"/></workbook>"),
        ('<workbook><calcPr fullCalcOnLoad="0"/></workbook>', '<workbook><calcPr fullCalcOnLoad="1"/></workbook>'),
        ("<workbook><a/></workbook>", '<workbook><a/><calcPr fullCalcOnLoad="1"/></workbook>'),
        ("<x:workbook><x:extLst/></x:workbook>", '<x:workbook><x:calcPr fullCalcOnLoad="1"/><x:extLst/></x:workbook>'),
    ],
)
def test_the_flag_to_work_formulas_out_is_set(before: str, after: str) -> None:
    assert recalculated(before.encode()).decode() == after


def test_a_template_that_would_lose_more_is_not_filled(
    built: BuiltReturn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof is real: break the patching and nothing is written."""
    template = official_template(tmp_path / "official.xlsx")
    mapping = load_map(write_map(tmp_path / "map.yaml"), tmp_path)
    broken = "hnforecast.quarter.returns.template.fill.patch_sheet"
    monkeypatch.setattr(broken, lambda sheet, values: patch_sheet(sheet, values).replace(b"mergeCell ", b"mergeCel "))
    with pytest.raises(OutputError, match="would have changed more than its cells"):
        fill_template(template, mapping, built, tmp_path)


@pytest.mark.libreoffice
def test_libreoffice_works_the_formulas_out(
    filled: tuple[bytes, bytes, tuple[str, ...]], built: BuiltReturn, tmp_path: Path
) -> None:
    source = tmp_path / "filled.xlsx"
    source.write_bytes(filled[1])
    profile = tmp_path / "profile" / "user"
    profile.mkdir(parents=True)
    # mode 1 is "never": what comes out was worked out because no saved result was there, not because it was asked for
    (profile / "registrymodifications.xcu").write_text(RECALCULATE.format(mode=1), encoding="utf-8")
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{profile.parent}", "--convert-to"]
    subprocess.run(
        [*command, "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out"), str(source)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    book = load_workbook(tmp_path / "out" / "filled.xlsx", data_only=True)
    years = ("2025-26", "2026-27", "2027-28")
    positions = [money(built, "income", year) - money(built, "spend", year) for year in years]
    assert book["Financial"]["C6"].value == pytest.approx(positions[0], abs=0.01)
    assert book["Financial"]["C7"].value == pytest.approx(sum(positions), abs=0.01)
    assert book["Notes"]["A2"].value == pytest.approx(2 * sum(positions), abs=0.01)
    formulas = load_workbook(tmp_path / "out" / "filled.xlsx")
    financial = formulas["Financial"]
    assert {str(area) for area in financial.merged_cells.ranges} == {"A1:E1", "A2:B3"}
    assert (financial["C6"].value, financial["C7"].value) == ("=C4-C5", "=SUM(C6:E6)")
    assert financial["C4"].number_format == "#,##0"
    assert {str(rule.sqref): rule.type for rule in financial.data_validations.dataValidation} == {"C4:E5": "decimal"}
    (choice,) = formulas["Cover"].data_validations.dataValidation
    assert (str(choice.sqref), choice.type, choice.formula1) == ("B4", "list", '"Green,Amber,Red"')
    names = {name: entry.attr_text.replace("$", "") for name, entry in formulas.defined_names.items()}
    assert names == {"Entry_Income": "Financial!C4", "Entry_Block": "Financial!C4:E5"}
    assert financial.protection.sheet
    assert formulas["Notes"].row_dimensions[5].hidden
    with zipfile.ZipFile(tmp_path / "out" / "filled.xlsx") as archive:
        assert any(b"yellow cells" in archive.read(name) for name in archive.namelist() if "drawing" in name)


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        ('<row r="1"><c r="A1" s="3"/></row>', '<row r="1"><c r="A1" s="3"/><c r="B1"><v>5.0</v></c></row>'),
        ('<row r="1"><c r="C1"/></row>', '<row r="1"><c r="B1"><v>5.0</v></c><c r="C1"/></row>'),
        ('<row r="1"><c r="B1" s="4"/></row>', '<row r="1"><c r="B1" s="4"><v>5.0</v></c></row>'),
        ('<row r="1" ht="9"/>', '<row r="1" ht="9"><c r="B1"><v>5.0</v></c></row>'),
        ('<row r="2"><c r="B2"/></row>', '<row r="1"><c r="B1"><v>5.0</v></c></row><row r="2"><c r="B2"/></row>'),
        (
            '<row r="1"><c r="A1" t="str"><f>B1&amp;"&gt;"</f><v>9</v></c><c r="B1"/></row>',
            '<row r="1"><c r="A1" t="str"><f>B1&amp;"&gt;"</f></c><c r="B1"><v>5.0</v></c></row>',
        ),
    ],
)
def test_a_cell_goes_where_it_belongs(sheet: str, expected: str) -> None:
    """B1 takes 5 on a sheet whose rows are given."""
    start, end = "<worksheet><sheetData>", "</sheetData></worksheet>"
    patched = patch_sheet(scan_sheet(f"{start}{sheet}{end}".encode()), {(1, 2): 5.0})
    assert patched.decode() == f"{start}{expected}{end}"


def test_a_sheet_without_rows_and_one_with_prefixes_take_a_cell() -> None:
    empty = scan_sheet(b"<worksheet><sheetData/></worksheet>")
    made = b'<worksheet><sheetData><row r="1"><c r="B1"><v>5.0</v></c></row></sheetData></worksheet>'
    assert patch_sheet(empty, {(1, 2): 5.0}) == made
    start, end = b'<x:worksheet xmlns:x="u"><x:sheetData><x:row r="1">', b"</x:row></x:sheetData></x:worksheet>"
    prefixed = scan_sheet(start + b'<x:c r="B1" t="s"><x:v>1</x:v></x:c>' + end)
    assert patch_sheet(prefixed, {(1, 2): 5.0}) == start + b'<x:c r="B1"><x:v>5.0</x:v></x:c>' + end
