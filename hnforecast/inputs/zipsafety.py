"""Looks inside a workbook before anything opens it: size, names, macros, links, declarations of entities."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from pathlib import Path

from hnforecast.base.errors import InputError, Place, Problem, Problems

LARGEST_TOTAL = 200_000_000
# Loading a sheet takes some fifty times its size in memory.
LARGEST_PART = 50_000_000
LARGEST_RATIO = 100
MOST_ENTRIES = 2_000
# A small part may shrink a lot (empty themes, repeated styles) and does no harm.
SMALL_PART = 1_000_000
_CHUNK = 1 << 20
DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError),
    *(OSError, ValueError, RuntimeError, KeyError, OverflowError),
)

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
_REFUSED = (
    ("vbaproject", "macros"),
    ("macrosheets/", "macros"),
    ("externallinks/", "links to other workbooks"),
    ("embeddings/", "embedded files"),
    ("oleobject", "embedded files"),
    ("activex/", "ActiveX controls"),
    ("connections.xml", "a connection to a database or the web"),
)


def check_workbook(path: Path, file: str) -> None:
    """Refuse a workbook that could harm or mislead, by its parts and not its ending.

    Args:
        path: the file.
        file: its name in messages.

    Raises:
        InputError: it is missing, is no .xlsx, is encrypted, is a bomb, or holds macros, links, embedded files or
            document type declarations; every fault together.
    """
    place = Place(file=file)
    _check_kind(path, place)
    problems = Problems(InputError)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_sizes(entries, place, problems)
            _check_names(entries, place, problems)
            if not problems:
                for entry in entries:
                    if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
                        _check_declarations(archive, entry, place, problems)
    except DAMAGE as error:
        do = "Ask for it again, or open it in Excel and save it anew."
        problems.add("HN230", "The workbook is damaged", place, found=str(error)[:120], do=do)
    problems.raise_any()


def _check_kind(path: Path, place: Place) -> None:
    try:
        with path.open("rb") as stream:
            start = stream.read(8)
            encrypted = start == _OLE and _ENCRYPTED in stream.read(LARGEST_TOTAL)
    except OSError as error:
        what = "The file is missing" if isinstance(error, FileNotFoundError) else "The file cannot be opened"
        raise InputError(Problem("HN201", what, place, do="Check its name, and close it in Excel.")) from None
    if encrypted:
        do = "Open it in Excel, remove the password (File, Info, Protect Workbook) and save it."
        raise InputError(Problem("HN231", "The workbook is protected by a password", place, do=do))
    if start == _OLE:
        raise InputError(Problem("HN230", "This is an old .xls workbook", place, do="Open it in Excel; save as .xlsx."))
    if not start.startswith(b"PK\x03\x04"):
        do = "Open it in Excel and save it as .xlsx."
        raise InputError(Problem("HN230", "This is not an Excel workbook", place, expected="an .xlsx file", do=do))


def _check_sizes(entries: list[zipfile.ZipInfo], place: Place, problems: Problems) -> None:
    total = sum(entry.file_size for entry in entries)
    if total > LARGEST_TOTAL:
        found, expected = f"{total / 1e6:,.0f} MB", f"{LARGEST_TOTAL / 1e6:,.0f} MB or less"
        problems.add("HN232", "The workbook is too large when unpacked", place, found=found, expected=expected)
    for entry in entries:
        if entry.file_size > LARGEST_PART and entry.filename.lower().endswith(".xml"):
            found, expected = f"{entry.file_size / 1e6:,.0f} MB", f"{LARGEST_PART / 1e6:,.0f} MB or less"
            what = f"A part of the workbook is too large: {entry.filename[:80]}"
            problems.add("HN232", what, place, found=found, expected=expected)
        ratio = entry.file_size / max(entry.compress_size, 1)
        if entry.file_size > SMALL_PART and ratio > LARGEST_RATIO:
            found = f"{entry.filename[:80]} grows {ratio:,.0f} times"
            do = "It may be made to exhaust memory; do not open it."
            problems.add("HN232", "A part of the workbook is packed suspiciously tight", place, found=found, do=do)
    if len(entries) > MOST_ENTRIES:
        expected = f"{MOST_ENTRIES:,} or fewer"
        problems.add("HN232", "The workbook has too many parts", place, found=f"{len(entries):,}", expected=expected)


def _check_names(entries: list[zipfile.ZipInfo], place: Place, problems: Problems) -> None:
    names = [entry.filename for entry in entries]
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name:
            problems.add("HN232", "A part of the workbook points outside it", place, found=name[:120])
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            do = "Open it in Excel and save it anew."
            problems.add("HN232", "A part of the workbook is packed in an unusual way", place, found=name[:120], do=do)
        if entry.flag_bits & 0x1:
            problems.add("HN231", "A part of the workbook is encrypted", place, found=name[:120])
        for part, what in _REFUSED:
            if part in name.lower():
                do = "Save a copy as .xlsx with values only (Copy, Paste Special, Values)."
                problems.add("HN233", f"The workbook holds {what}", place, found=name[:120], do=do)
    if len(set(names)) != len(names):
        problems.add("HN232", "Two parts of the workbook have one name", place)
    if "xl/workbook.xml" not in names and not problems:
        problems.add("HN230", "This is a zip file, not an Excel workbook", place, expected="an .xlsx file")


def _check_declarations(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: Place, problems: Problems) -> None:
    tail = b""
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            if not tail and chunk.startswith(_WIDE):
                what = "A part of the workbook is not UTF-8"
                problems.add("HN234", what, place, found=entry.filename, do="Open it in Excel and save it anew.")
                return
            if _DECLARATION.search(tail + chunk):
                what = "The workbook declares a document type"
                do = "Excel never writes one; the file was made to mislead. Do not open it."
                problems.add("HN234", what, place, found=entry.filename, do=do)
                return
            tail = chunk[-16:]
