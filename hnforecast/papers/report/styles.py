"""The look of a report: set where the program makes the document, left alone where the council's own is the base."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any

from hnforecast.base.errors import InputError, Place, Problem
from hnforecast.writing import style

LANGUAGE = "en-GB"
BODY, SMALL, TITLE = 12, 9, 20
HEADINGS = {"Heading 1": 15, "Heading 2": 13}
MARGIN_CM, WIDTH_CM, HEIGHT_CM = 2.2, 21.0, 29.7
NEEDED = ("Title", "Heading 1", "Caption")


def plain_document() -> Any:
    """A4, Arial 12, headings bold and black, pages numbered."""
    from docx import Document
    from docx.shared import Cm, Pt, RGBColor

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(WIDTH_CM), Cm(HEIGHT_CM)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(MARGIN_CM)
    normal = document.styles["Normal"]
    _font(normal, BODY)
    normal.paragraph_format.space_after = Pt(8)
    for name, size in {"Title": TITLE, **HEADINGS, "Caption": 11}.items():
        found = document.styles[name]
        _font(found, size)
        found.font.bold, found.font.italic, found.font.color.rgb = True, False, RGBColor(0, 0, 0)
        found.paragraph_format.space_before, found.paragraph_format.space_after = (
            Pt(0 if name == "Title" else 14),
            Pt(6),
        )
        found.paragraph_format.keep_with_next = True
    _without_rule(document.styles["Title"])
    return document


def add_missing_styles(document: Any) -> None:
    """Styles a council's own document may lack, plainly."""
    from docx.enum.style import WD_STYLE_TYPE

    known = {found.name for found in document.styles}
    for name in NEEDED:
        if name not in known:
            made = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            made.font.bold = True
            made.paragraph_format.keep_with_next = True


def set_language(document: Any) -> None:
    """English as written in Britain, where the document does not say."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    defaults = document.styles.element.find(qn("w:docDefaults"))
    properties = defaults.find(f"{qn('w:rPrDefault')}/{qn('w:rPr')}") if defaults is not None else None
    if properties is None:
        properties = document.styles["Normal"].element.get_or_add_rPr()
    language = properties.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        properties.append(language)
    language.set(qn("w:val"), LANGUAGE)


def add_footer(document: Any, text: str) -> None:
    """A footer with the run, and the page of so many."""
    paragraph = document.sections[0].footer.paragraphs[0]
    run = paragraph.add_run(f"{text}. Page ")
    _field(paragraph, "PAGE")
    paragraph.add_run(" of ")
    _field(paragraph, "NUMPAGES")
    del run
    from docx.shared import Pt

    for part in paragraph.runs:
        part.font.size = Pt(SMALL)


def _field(paragraph: Any, code: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for kind, words in (("begin", ""), ("", code), ("separate", ""), ("shown", "1"), ("end", "")):
        run = paragraph.add_run(words if kind == "shown" else "")
        if kind == "shown":
            continue
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.set(qn("xml:space"), "preserve")
            element.text = words
        run._r.append(element)


def _font(found: Any, size: int) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    found.font.name, found.font.size = style.FONT, Pt(size)
    fonts = found.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(name), style.FONT)
    for name in ("w:asciiTheme", "w:hAnsiTheme", "w:cstheme", "w:eastAsiaTheme"):
        fonts.attrib.pop(qn(name), None)


def _without_rule(title: Any) -> None:
    from docx.oxml.ns import qn

    properties = title.element.get_or_add_pPr()
    for rule in properties.findall(qn("w:pBdr")):
        properties.remove(rule)


# The council's own .docx as the base of a report.

LARGEST, LARGEST_WHOLE = 20_000_000, 100_000_000
DOCUMENT = "word/document.xml"
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
            if DOCUMENT not in names or sum(entry.file_size for entry in entries) > LARGEST_WHOLE:
                raise InputError(
                    _not_word(place, "not a Word document" if DOCUMENT not in names else "far too large inside")
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
