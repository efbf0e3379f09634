"""The look of a report: set where the program makes the document, left alone where the council's own is the base."""

from __future__ import annotations

from typing import Any

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
