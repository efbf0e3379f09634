"""Reading workbooks back for tests, and recalculating them with engines that are not ours."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl

# LibreOffice trusts the values a file carries unless told to work everything out again.
RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item>
</oor:items>
"""

Cells = dict[tuple[str, str], Any]


def load(content: bytes, *, values: bool = False) -> openpyxl.Workbook:
    """The workbook; `values` for what the formulas carry instead of the formulas."""
    return openpyxl.load_workbook(io.BytesIO(content), data_only=values)


def formulas(content: bytes) -> dict[tuple[str, str], str]:
    """(sheet, cell) -> formula."""
    return {
        (sheet.title, cell.coordinate): str(cell.value)
        for sheet in load(content)
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


def values_at(content: bytes, places: dict[tuple[str, str], Any]) -> Cells:
    """The values at the given places, as the file carries them."""
    workbook = load(content, values=True)
    return {(sheet, cell): workbook[sheet][cell].value for sheet, cell in places}


def with_wrong_values(content: bytes) -> bytes:
    """The same workbook, every value a formula carries replaced by 999: what is right afterwards was recalculated."""
    import re

    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            data = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                text = data.decode("utf-8")
                text = re.sub(r"(</f>)<v>[^<]*</v>", r"\1<v>999</v>", text)
                text = re.sub(r'(<c [^>]*?) t="str"(>\s*<f>)', r"\1\2", text)
                data = text.encode("utf-8")
            out.writestr(name, data)
    return target.getvalue()


def without_tables(content: bytes) -> bytes:
    """The same cells, declared as tables no more: formualizer takes no more than 256 columns of tables in a file."""
    import re

    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            if name.startswith("xl/tables/"):
                continue
            data = source.read(name)
            if name.endswith((".xml", ".rels")):
                text = data.decode("utf-8")
                text = re.sub(r"<tableParts.*?</tableParts>", "", text, flags=re.DOTALL)
                text = re.sub(r"<(Relationship|Override) [^>]*/tables/[^>]*/>", "", text)
                data = text.encode("utf-8")
            out.writestr(name, data)
    return target.getvalue()


def recalculate_with_formualizer(content: bytes, folder: Path) -> bytes:
    """Work everything out again by formualizer, which is a program of its own."""
    program = Path(sys.executable).with_name("formualizer")
    source, target = folder / "book.xlsx", folder / "out.xlsx"
    source.write_bytes(without_tables(content))
    done = subprocess.run(
        [program, "recalc", source, "-o", target, "--json"], capture_output=True, text=True, timeout=180, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return target.read_bytes()


def recalculate_with_libreoffice(content: bytes, folder: Path) -> bytes:
    """Open, work everything out again, save: by LibreOffice with a profile of its own."""
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(RECALCULATE, encoding="utf-8")
    (folder / "book.xlsx").write_bytes(content)
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{profile.parent}"]
    command += [
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        str(folder / "out"),
        str(folder / "book.xlsx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return (folder / "out" / "book.xlsx").read_bytes()
