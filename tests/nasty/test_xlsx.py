"""Workbook files that are no workbook, or could harm: refused before anything opens them."""

from __future__ import annotations

import contextlib
import zipfile
from random import Random

import pytest

from hnforecast.base.errors import InputError
from hnforecast.inputs import zipsafety
from tests.nasty.workbooks import read, refuse, with_part, with_text, workbook


class TestTheFile:
    def test_missing(self, tmp_path):
        refuse(
            tmp_path / "gone.xlsx",
            "gone.xlsx: The file is missing [HN201]",
            "  Check its name, and close it in Excel.",
        )

    def test_a_csv_file_renamed(self, tmp_path):
        path = tmp_path / "plans.xlsx"
        path.write_text("census_year,placement,plans,gbp\n")
        refuse(
            path,
            "plans.xlsx: This is not an Excel workbook [HN230]",
            "  expected: an .xlsx file",
            "  Open it in Excel and save it as .xlsx.",
        )

    def test_an_old_workbook(self, tmp_path):
        path = tmp_path / "plans.xls"
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
        refuse(path, "plans.xls: This is an old .xls workbook [HN230]", "  Open it in Excel; save as .xlsx.")

    def test_a_password(self, tmp_path):
        path = tmp_path / "plans.xlsx"
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"))
        refuse(
            path,
            "plans.xlsx: The workbook is protected by a password [HN231]",
            "  Open it in Excel, remove the password (File, Info, Protect Workbook) and save it.",
        )

    def test_cut_short(self, tmp_path):
        path = workbook(tmp_path)
        path.write_bytes(path.read_bytes()[:1500])
        refuse(
            path,
            "plans.xlsx: The workbook is damaged [HN230]",
            "  found: File is not a zip file",
            "  Ask for it again, or open it in Excel and save it anew.",
        )

    def test_another_kind_of_zip(self, tmp_path):
        path = tmp_path / "plans.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("plans.csv", "census_year\n")
        refuse(
            path,
            "plans.xlsx: This is a zip file, not an Excel workbook [HN230]",
            "  expected: an .xlsx file",
        )


class TestTheZip:
    def test_a_part_packed_tight(self, tmp_path):
        path = with_part(workbook(tmp_path), "xl/worksheets/sheet2.xml", b"<a>" + b" " * 4_000_000)
        with pytest.raises(InputError) as caught:
            read(path)
        assert str(caught.value).startswith(
            "plans.xlsx: A part of the workbook is packed suspiciously tight [HN232]\n"
            "  found: xl/worksheets/sheet2.xml grows 1,0"
        )
        assert str(caught.value).endswith("  It may be made to exhaust memory; do not open it.")

    def test_too_large_unpacked(self, tmp_path, monkeypatch):
        monkeypatch.setattr(zipsafety, "LARGEST_TOTAL", 3_000_000)
        path = with_part(workbook(tmp_path), "xl/media/image1.png", bytes(range(256)) * 20_000, stored=True)
        refuse(
            path,
            "plans.xlsx: The workbook is too large when unpacked [HN232]",
            "  found: 5 MB",
            "  expected: 3 MB or less",
        )

    def test_a_sheet_too_large(self, tmp_path, monkeypatch):
        monkeypatch.setattr(zipsafety, "LARGEST_PART", 900_000)
        sheet = "xl/worksheets/sheet2.xml"
        refuse(
            with_part(workbook(tmp_path), sheet, bytes(range(65, 91)) * 40_000, stored=True),
            f"plans.xlsx: A part of the workbook is too large: {sheet} [HN232]",
            "  found: 1 MB",
            "  expected: 1 MB or less",
        )

    def test_too_many_parts(self, tmp_path):
        path = workbook(tmp_path)
        with zipfile.ZipFile(path, "a") as archive:
            already = len(archive.namelist())
            for number in range(2_001 - already):
                archive.writestr(f"xl/extra{number}.bin", b"")
        refuse(
            path,
            "plans.xlsx: The workbook has too many parts [HN232]",
            "  found: 2,001",
            "  expected: 2,000 or fewer",
        )

    @pytest.mark.parametrize("name", ["../../evil.xml", "/etc/evil.xml", "C:/evil.xml"])
    def test_a_part_that_points_outside(self, tmp_path, name):
        refuse(
            with_part(workbook(tmp_path), name),
            "plans.xlsx: A part of the workbook points outside it [HN232]",
            f"  found: {name}",
        )

    def test_two_parts_of_one_name(self, tmp_path):
        path = workbook(tmp_path)
        with pytest.warns(UserWarning, match="Duplicate name"):
            with_part(path, "xl/workbook.xml", b"<workbook/>")
        refuse(path, "plans.xlsx: Two parts of the workbook have one name [HN232]")

    @pytest.mark.parametrize(
        ("name", "what"),
        {
            "xl/vbaProject.bin": "macros",
            "xl/macrosheets/sheet1.xml": "macros",
            "xl/externalLinks/externalLink1.xml": "links to other workbooks",
            "xl/embeddings/report.docx": "embedded files",
            "xl/activeX/activeX1.xml": "ActiveX controls",
            "xl/connections.xml": "a connection to a database or the web",
        }.items(),
    )
    def test_what_a_workbook_of_figures_never_needs(self, tmp_path, name, what):
        refuse(
            with_part(workbook(tmp_path), name),
            f"plans.xlsx: The workbook holds {what} [HN233]",
            f"  found: {name}",
            "  Save a copy as .xlsx with values only (Copy, Paste Special, Values).",
        )

    def test_an_encrypted_part(self, tmp_path):
        path = workbook(tmp_path)
        raw = bytearray(path.read_bytes())
        central = raw.index(b"PK\x01\x02")
        raw[central + 8] |= 0x1
        path.write_bytes(bytes(raw))
        with zipfile.ZipFile(path) as archive:
            first = archive.namelist()[0]
        refuse(path, "plans.xlsx: A part of the workbook is encrypted [HN231]", f"  found: {first}")

    def test_a_document_type_that_reads_a_file(self, tmp_path):
        attack = b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet'
        path = with_text(workbook(tmp_path), "xl/worksheets/sheet1.xml", b"<worksheet", attack)
        refuse(
            path,
            "plans.xlsx: The workbook declares a document type [HN234]",
            "  found: xl/worksheets/sheet1.xml",
            "  Excel never writes one; the file was made to mislead. Do not open it.",
        )

    def test_a_declaration_hidden_by_another_encoding(self, tmp_path):
        path = with_part(workbook(tmp_path), "xl/styles2.xml", '<!DOCTYPE a SYSTEM "x">'.encode("utf-16"))
        refuse(
            path,
            "plans.xlsx: A part of the workbook is not UTF-8 [HN234]",
            "  found: xl/styles2.xml",
            "  Open it in Excel and save it anew.",
        )

    def test_a_damaged_part_behind_a_whole_zip(self, tmp_path):
        path = with_text(workbook(tmp_path), "xl/workbook.xml", b"<workbook", b"<workbook <")
        with pytest.raises(InputError) as caught:
            read(path)
        assert str(caught.value).startswith("plans.xlsx: The workbook is damaged [HN230]\n  found: ")


@pytest.mark.parametrize("seed", range(12))
def test_a_workbook_with_random_damage_is_read_or_refused(tmp_path, seed):
    """Whatever a disk or a mail gateway does to the bytes, no error leaves the reader but its own."""
    random = Random(seed)
    path = workbook(tmp_path)
    whole = path.read_bytes()
    for _ in range(8):
        raw = bytearray(whole)
        for _ in range(random.randint(1, 6)):
            raw[random.randrange(len(raw))] = random.randrange(256)
        path.write_bytes(bytes(raw[: random.choice([len(raw), random.randrange(len(raw))])]))
        with contextlib.suppress(InputError):
            assert len(read(path)) == 2
