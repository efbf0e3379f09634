"""The council's own .docx as the base of a report: its styles, headers and footers stay, its text goes."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any

from hnforecast.base.errors import InputError, Place, Problem

LARGEST, LARGEST_WHOLE = 20_000_000, 100_000_000
BODY = "word/document.xml"
REFUSED = (("vbaproject", "macros"), ("embeddings/", "embedded files"), ("activex", "ActiveX controls"))
DOCUMENT_TYPE = "wordprocessingml.document.main+xml"


def open_base(path: Path) -> Any:
    """The base as a python-docx document, emptied of its text.

    Raises:
        InputError: it is missing, is no .docx, is damaged, or holds what a report must not carry.
    """
    from docx import Document

    place = Place(file=path.as_posix())
    content = _checked(path, place)
    try:
        document = Document(io.BytesIO(content))
        body = document.element.body
        for child in list(body):
            if not child.tag.endswith("}sectPr"):
                body.remove(child)
        document.sections[0].page_width  # noqa: B018  a base without a page is damaged
    except Exception as error:  # the library raises what its parts raise; whatever it is, the file is not readable
        raise InputError(_not_word(place, f"damaged: {type(error).__name__}")) from None
    return document


def _checked(path: Path, place: Place) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(_not_word(place, f"larger than {LARGEST // 1_000_000} MB"))
        content = path.read_bytes()
    except OSError as error:
        raise InputError(_not_word(place, error.strerror or "cannot be read")) from None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            if BODY not in names or sum(entry.file_size for entry in entries) > LARGEST_WHOLE:
                raise InputError(
                    _not_word(place, "not a Word document" if BODY not in names else "far too large inside")
                )
            kinds = archive.read("[Content_Types].xml")
            for name in names:
                if name.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.read(name):
                    raise InputError(_not_word(place, "a declaration of a document type inside"))
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, RuntimeError, NotImplementedError):
        raise InputError(_not_word(place, "not a Word document, or damaged")) from None
    held = sorted({what for part, what in REFUSED for name in names if part in name.lower()})
    if DOCUMENT_TYPE.encode() not in kinds and not held:
        held = ["another kind of Word file (a template or a macro document)"]
    if held:
        do = "Save it in Word as an ordinary .docx without them."
        raise InputError(Problem("HN832", "The base holds what a report must not carry", place, ", ".join(held), do=do))
    return content


def _not_word(place: Place, found: str) -> Problem:
    return Problem(
        "HN831", "The base is not a Word document that can be used", place, found, expected="a .docx file",
        do="Open it in Word and save it as .docx, or leave --base out.",
    )  # fmt: skip
