"""Writes the parts of a report into a Word document: real headings, real tables, bookmarks under every figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hnforecast.papers.report.ledger import MARK, Ledger
from hnforecast.papers.report.parts import Bullets, DataTable, FigureIndex, Lettered, Numbered, Officer, Part, Picture
from hnforecast.papers.report.styles import SMALL
from hnforecast.writing import style
from hnforecast.writing.blocks import Heading

INDENT_CM, DEEPER_CM = 1.3, 2.2
TABLE, INDEX = 10, "figure_{:03d}"
UNNUMBERED = ("Appendix", "Background papers")


class Writer:
    """Puts parts into a document, in order.

    Args:
        document: python-docx, empty of text.
        ledger: whose figures the text holds.
    """

    def __init__(self, document: Any, ledger: Ledger) -> None:
        self._document = document
        self._ledger = ledger
        self._section = self._paragraph = self._tables = self._pictures = 0
        self._marked: set[int] = set()
        section = document.sections[0]
        self._width = section.page_width - section.left_margin - section.right_margin

    def write(self, parts: Sequence[Part]) -> None:
        """Write parts after what is there."""
        for part in parts:
            if isinstance(part, Heading):
                self._heading(part)
            elif isinstance(part, Numbered):
                self._paragraph += 1
                self._numbered(f"{self._section}.{self._paragraph}", part.text, INDENT_CM)
            elif isinstance(part, Lettered):
                for position, item in enumerate(part.items):
                    self._numbered(f"({chr(ord('a') + position)})", item, DEEPER_CM)
            elif isinstance(part, Bullets):
                for item in part.items:
                    self._numbered("\N{BULLET}", item, INDENT_CM)
            elif isinstance(part, Officer):
                self._officer(part.text)
            elif isinstance(part, DataTable):
                self._table(part)
            elif isinstance(part, Picture):
                self._picture(part)
            elif isinstance(part, FigureIndex):
                self._index()

    def title(self, title: str, rows: Sequence[tuple[str, str]]) -> None:
        """The title and the block of particulars under it."""
        self._document.add_paragraph(title, style="Title")
        self._grid(["", ""], [list(row) for row in rows], 2, (0.3, 0.7), TABLE + 1, titled=False, about="Particulars")
        self._document.add_paragraph()

    def _heading(self, part: Heading) -> None:
        if part.text.startswith(UNNUMBERED):
            paragraph = self._document.add_paragraph(part.text, style="Heading 1")
        else:
            self._section, self._paragraph = self._section + 1, 0
            paragraph = self._document.add_paragraph(f"{self._section}. {part.text}", style="Heading 1")
        paragraph.paragraph_format.keep_with_next = True
        if part.text.startswith("Appendix A"):
            paragraph.paragraph_format.page_break_before = True

    def _numbered(self, number: str, text: str, indent: float) -> None:
        from docx.shared import Cm

        paragraph = self._document.add_paragraph()
        layout = paragraph.paragraph_format
        start = DEEPER_CM - INDENT_CM if indent == DEEPER_CM else indent
        layout.left_indent, layout.first_line_indent = Cm(indent), Cm(-start)
        layout.tab_stops.add_tab_stop(Cm(indent))
        layout.widow_control = True
        paragraph.add_run(f"{number}\t")
        self._figures(paragraph, text)
        if text.endswith(":"):
            layout.keep_with_next = True

    def _officer(self, text: str) -> None:
        from docx.shared import Cm

        paragraph = self._document.add_paragraph()
        paragraph.paragraph_format.left_indent = Cm(INDENT_CM)
        paragraph.add_run(f"[Officer to complete: {text.rstrip('.')}.]").bold = True

    def _figures(self, paragraph: Any, text: str) -> None:
        """Text with a bookmark under each figure where it stands first."""
        at = 0
        for found in MARK.finditer(text):
            paragraph.add_run(text[at : found.start()])
            run = paragraph.add_run(found[2])
            number = int(found[1])
            if number not in self._marked:
                self._marked.add(number)
                self._bookmark(run, number)
            at = found.end()
        paragraph.add_run(text[at:])

    def _bookmark(self, run: Any, number: int) -> None:
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        for kind, add in (("w:bookmarkStart", run._r.addprevious), ("w:bookmarkEnd", run._r.addnext)):
            element = OxmlElement(kind)
            element.set(qn("w:id"), str(number))
            if kind == "w:bookmarkStart":
                element.set(qn("w:name"), INDEX.format(number))
            add(element)

    def _table(self, part: DataTable) -> None:
        self._tables += 1
        caption = self._document.add_paragraph(f"Table {self._tables}: {part.title}", style="Caption")
        caption.paragraph_format.keep_with_next = True
        size = SMALL if part.small else TABLE
        self._grid(part.header, part.rows, part.words, part.shares, size, about=part.title)
        self._small(f"Source: {part.source}.")

    def _small(self, text: str) -> None:
        from docx.shared import Pt

        paragraph = self._document.add_paragraph()
        paragraph.paragraph_format.space_before = Pt(3)
        paragraph.add_run(text).font.size = Pt(SMALL)

    def _grid(
        self,
        header: Sequence[str],
        rows: Sequence[Sequence[str]],
        words: int,
        shares: Sequence[float],
        size: int,
        *,
        titled: bool = True,
        about: str = "",
    ) -> Any:
        """A real table: the header repeats on every page, no row breaks over two, rows of a short one stay together."""
        from docx.shared import Emu

        table = self._document.add_table(rows=0, cols=len(header))
        _frame(table, about)
        table.autofit = False
        widths = [int(self._width * share) for share in (shares or [1 / len(header)] * len(header))]
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Emu(width)
        for r, line in enumerate([header, *rows] if titled else rows):
            row = table.add_row()
            _row(row, repeats=titled and r == 0)
            for c, text in enumerate(line):
                cell = row.cells[c]
                cell.width = Emu(widths[c])
                head = (titled and r == 0) or (not titled and c == 0)
                self._cell(
                    cell,
                    text,
                    size,
                    right=titled and c >= words,
                    bold=head,
                    keep=len(rows) < LONG and (titled or r < len(rows) - 1),
                )
                if titled and r == 0:
                    _shade(cell)
        return table

    def _cell(self, cell: Any, text: str, size: int, *, right: bool, bold: bool, keep: bool) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt

        paragraph = cell.paragraphs[0]
        layout = paragraph.paragraph_format
        layout.space_before = layout.space_after = Pt(2)
        layout.keep_with_next = keep
        if right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        run = paragraph.add_run(text)
        run.font.size, run.bold = Pt(size), bold

    def _picture(self, part: Picture) -> None:
        import io

        paragraph = self._document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(io.BytesIO(part.content), width=self._width)
        self._pictures += 1
        shape._inline.docPr.set("descr", part.alternative)
        shape._inline.docPr.set("title", part.title)
        self._document.add_paragraph(f"Figure {self._pictures}: {part.title}", style="Caption")
        self._document.paragraphs[-1].paragraph_format.keep_with_next = False

    def _index(self) -> None:
        from docx.shared import Pt

        used = [figure for figure in self._ledger.figures if figure.number in self._marked]
        rows = [["", figure.text, f"{figure.value:,.2f}", figure.source()] for figure in used]
        self._tables += 1
        caption = f"Table {self._tables}: Figures in the text, with the cells of the run they come from"
        self._document.add_paragraph(caption, style="Caption").paragraph_format.keep_with_next = True
        header = ["No.", "As written", "Exact", "Where it comes from"]
        table = self._grid(header, rows, 1, (0.07, 0.16, 0.21, 0.56), SMALL, about="Figures in the text")
        for row, figure in zip(table.rows[1:], used, strict=True):
            _link(row.cells[0].paragraphs[0], str(figure.number), INDEX.format(figure.number), Pt(SMALL))
            row.cells[3].paragraphs[0].alignment = None
        table.rows[0].cells[3].paragraphs[0].alignment = None


LONG = 14  # rows beyond which a table may break over pages


def _frame(table: Any, about: str) -> None:
    """Borders, fixed columns and a description, whatever styles the document has."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = table._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", style.RULE[1:])):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    look = properties.find(qn("w:tblLook"))
    if look is not None:
        look.addprevious(borders)
    else:
        properties.append(borders)
    described = OxmlElement("w:tblDescription")
    described.set(qn("w:val"), about)
    properties.append(described)


def _row(row: Any, *, repeats: bool) -> None:
    from docx.oxml import OxmlElement

    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if repeats:
        properties.append(OxmlElement("w:tblHeader"))


def _shade(cell: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", style.TOTAL_FILL[1:])):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _link(paragraph: Any, text: str, anchor: str, size: Any) -> None:
    """A link inside the document; its text is the number of the figure."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    run = paragraph.add_run(text)
    run.font.size, run.underline = size, True
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), anchor)
    paragraph._p.append(link)
    link.append(run._r)
