"""Writes the published workbook: cover, contents, notes, one table a sheet; nothing a screen reader stumbles on."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from xlsxwriter import Workbook  # type: ignore[import-untyped]
from xlsxwriter.utility import quote_sheetname  # type: ignore[import-untyped]

from hnforecast.papers.published.layout import PLACES, Column, PublishedTable, Shown
from hnforecast.writing import style
from hnforecast.writing.xlsx.book import check_written
from hnforecast.writing.xlsx.numbers import count_lines, text_width

BODY, TITLE = 12, 16
LANGUAGE = "en-GB"
COVER, CONTENTS, NOTES = "Cover", "Contents", "Notes"
WIDEST, NARROWEST, LINE_HEIGHT = 48.0, 11.0, 16.5
COVER_WIDTH = 100.0
SCALE = BODY / 11 * 1.06  # widths are counted in digits of 11 point
BOLD = 1.08  # bold letters against plain ones
EPOCH = (1980, 1, 1, 0, 0, 0)


def write_book(
    title: str,
    author: str,
    created: datetime,
    cover: Sequence[str],
    notes: Sequence[tuple[str, str]],
    tables: Sequence[PublishedTable],
) -> bytes:
    """The workbook as bytes, the same for the same content.

    Args:
        title, author: of the document.
        created: of the run.
        cover: lines of the Cover sheet.
        notes: (note or shorthand, meaning).
        tables: in order.
    """
    stream = io.BytesIO()
    workbook = Workbook(
        stream,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    workbook.set_properties({"title": title, "author": author, "created": created, "subject": "High needs forecast"})
    look = _Look(workbook)
    sheet = _start(workbook, look, COVER, title, ())
    sheet.set_column(0, 0, COVER_WIDTH)
    for row, line in enumerate(cover, start=1):
        _write(sheet, row, 0, line, look.wrapped)
        sheet.set_row(row, _height(line, COVER_WIDTH))
    named = [Column("Sheet"), Column("What it holds")]
    _contents(workbook, look, named, tables)
    about = ("This sheet holds one table: shorthand, then scenarios, then numbered notes.",)
    meaning = [Column("Note or shorthand"), Column("Meaning")]
    _table(
        _start(workbook, look, NOTES, "Notes", about), look,
        PublishedTable(NOTES, "notes", "Notes", about, tuple(meaning), list(notes)), {1: COVER_WIDTH},
    )  # fmt: skip
    for table in tables:
        # the sheet says that it has one table, as the guidance asks
        table_about = ("This sheet holds one table.", *table.about)
        _table(_start(workbook, look, table.sheet, table.title, table_about), look, table, {}, len(table_about) + 1)
    workbook.worksheets()[0].activate()
    workbook.close()
    return _finish(stream.getvalue())


class _Look:
    """The formats, made once."""

    def __init__(self, workbook: Any) -> None:
        font = {"font_name": style.FONT, "font_size": BODY, "valign": "top"}
        self.title = workbook.add_format({**font, "bold": True, "font_size": TITLE})
        self.plain = workbook.add_format(font)
        self.wrapped = workbook.add_format({**font, "text_wrap": True})
        self.link = workbook.add_format({**font, "font_color": style.INPUT_INK, "underline": 1})
        header = {**font, "bold": True, "text_wrap": True, "bottom": 1, "valign": "bottom"}
        self.header = workbook.add_format(header)
        self.number_header = workbook.add_format({**header, "align": "right"})
        self.label = workbook.add_format({**font, "text_wrap": True, "align": "left", "indent": 1})
        self.label_header = workbook.add_format({**header, "align": "left", "indent": 1})
        self.right = workbook.add_format({**font, "align": "right"})
        self.numbers = {
            kind: workbook.add_format(
                {**font, "align": "right", "num_format": "#,##0" + ("." + "0" * places if places else "")}
            )
            for kind, places in PLACES.items()
        }

    def heads(self, c: int, column: Column) -> Any:
        """The format of a header: over figures at the right, over words set in from the figures before them."""
        return self.number_header if column.kind != "text" else self.label_header if c else self.header

    def words(self, c: int, column: Column) -> Any:
        """The format of a text or of a shorthand."""
        return self.right if column.kind != "text" else self.label if c else self.wrapped


def _start(workbook: Any, look: _Look, name: str, title: str, about: Sequence[str]) -> Any:
    """A sheet with its title in A1 and what it says of itself below, unwrapped so that it runs over the columns."""
    sheet = workbook.add_worksheet(name)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    _write(sheet, 0, 0, title, look.title)
    sheet.set_row(0, 24)
    for row, line in enumerate(about, start=1):
        _write(sheet, row, 0, line, look.plain)
    return sheet


def _contents(workbook: Any, look: _Look, columns: list[Column], tables: Sequence[PublishedTable]) -> None:
    about = ("This sheet holds one table: a link to every sheet, and what it holds.",)
    sheet = _start(workbook, look, CONTENTS, "Contents", about)
    listed = [(NOTES, "Shorthand, signs, rounding and what is withheld"), *((t.sheet, t.title) for t in tables)]
    _table(sheet, look, PublishedTable(CONTENTS, "contents", CONTENTS, about, tuple(columns), listed), {})
    for row, (name, _) in enumerate(listed, start=3):
        code = sheet.write_url(row, 0, f"internal:{quote_sheetname(name)}!A1", look.link, string=name)
        check_written(code, CONTENTS, f"A{row + 1}")


def _table(sheet: Any, look: _Look, table: PublishedTable, widths: dict[int, float], top: int = 2) -> None:
    """One spreadsheet table under the title."""
    last = top + len(table.rows)
    headers = [
        {"header": column.title, "header_format": look.heads(c, column)} for c, column in enumerate(table.columns)
    ]
    options = {"name": table.name, "autofilter": False, "style": None, "columns": headers}
    check_written(sheet.add_table(top, 0, last, len(table.columns) - 1, options), table.sheet, "A1")
    room = [widths.get(c, _width(table, c)) for c in range(len(table.columns))]
    for c, width in enumerate(room):
        sheet.set_column(c, c, width)
    lines = max(
        count_lines(_unbroken(column.title), width / SCALE / BOLD - 1)
        for column, width in zip(table.columns, room, strict=True)
    )
    sheet.set_row(top, LINE_HEIGHT * lines)
    for r, row in enumerate(table.rows, start=top + 1):
        for c, value in enumerate(row):
            _cell(sheet, look, table.columns[c], r, c, value)
        tall = max(
            (_height(value, room[c]) for c, value in enumerate(row) if isinstance(value, str)), default=LINE_HEIGHT
        )
        sheet.set_row(r, tall)
    sheet.repeat_rows(top)


def _cell(sheet: Any, look: _Look, column: Column, row: int, c: int, value: Shown) -> None:
    if isinstance(value, str):
        _write(sheet, row, c, value, look.words(c, column))
    elif value is None:
        raise ValueError(f"{column.title}: a published table has no empty cell")
    else:
        check_written(sheet.write_number(row, c, value, look.numbers[column.kind]), sheet.get_name(), f"{row},{c}")


def _write(sheet: Any, row: int, column: int, text: str, look: Any) -> None:
    check_written(sheet.write_string(row, column, text, look), sheet.get_name(), f"{row},{column}")


def _width(table: PublishedTable, c: int) -> float:
    column = table.columns[c]
    shown = [_shown(column, row[c]) for row in table.rows]
    widest = max((text_width(text) for text in shown), default=0.0)
    word = max(text_width(word) for word in _unbroken(column.title).split()) * BOLD
    # a header may take three lines, and a long text wraps
    needed = max(widest, word, text_width(column.title) * BOLD / 3.0)
    return min(WIDEST, max(NARROWEST, needed * SCALE + 4.2))


def _shown(column: Column, value: Shown) -> str:
    return f"{value:,.{PLACES[column.kind]}f}" if isinstance(value, float) else str(value)


def _unbroken(title: str) -> str:
    """A header as it is broken into lines: what a no-break space joins stays one word."""
    return title.replace("\N{NO-BREAK SPACE}", "n")


def _height(text: str, width: float) -> float:
    return LINE_HEIGHT * count_lines(text, width / SCALE - 1)


def _finish(raw: bytes) -> bytes:
    """Add what the library cannot: the language of the document, and the style Heading 1 on the titles."""
    source = zipfile.ZipFile(io.BytesIO(raw))
    parts = {name: source.read(name) for name in source.namelist()}
    core = parts["docProps/core.xml"].decode("utf-8")
    language = f"<dc:language>{LANGUAGE}</dc:language></cp:coreProperties>"
    parts["docProps/core.xml"] = core.replace("</cp:coreProperties>", language).encode("utf-8")
    parts["xl/styles.xml"] = _heading_style(
        parts["xl/styles.xml"].decode("utf-8"), parts["xl/worksheets/sheet1.xml"].decode("utf-8")
    ).encode("utf-8")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return out.getvalue()


def _heading_style(styles: str, first_sheet: str) -> str:
    """The format of A1 made the named style Heading 1, by which a screen reader knows a title."""
    found = re.search(r'<c r="A1" s="(\d+)"', first_sheet)
    formats = re.search(r"<cellXfs[^>]*>(.*?)</cellXfs>", styles, re.DOTALL)
    if found is None or formats is None:
        raise ValueError("the workbook has no title to mark")
    entries = re.findall(r"<xf [^>]*?(?:/>|(?<!/)>.*?</xf>)", formats[1], re.DOTALL)
    title = entries[int(found[1])]
    own = title.replace(' xfId="0"', "", 1)
    entries[int(found[1])] = title.replace('xfId="0"', 'xfId="@"', 1)
    bases = re.search(r'<cellStyleXfs count="(\d+)">(.*?)</cellStyleXfs>', styles, re.DOTALL)
    names = re.search(r'<cellStyles count="(\d+)">(.*?)</cellStyles>', styles, re.DOTALL)
    if bases is None or names is None:
        raise ValueError("the workbook has no styles to add to")
    position = bases[1]
    styles = styles.replace(formats[1], "".join(entries).replace('xfId="@"', f'xfId="{position}"'))
    styles = styles.replace(bases[0], f'<cellStyleXfs count="{int(bases[1]) + 1}">{bases[2]}{own}</cellStyleXfs>')
    heading = f'<cellStyle name="Heading 1" xfId="{position}" builtinId="16"/>'
    # the styles of a workbook are listed in alphabetical order
    listed = heading + names[2]
    return styles.replace(names[0], f'<cellStyles count="{int(names[1]) + 1}">{listed}</cellStyles>')
