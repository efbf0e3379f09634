"""The Register sheet: one row a measure, planned beside forecast and delivered, its confidence, what it waits for."""

from __future__ import annotations

from hnforecast.options import Register, RegisterRow, register_of
from hnforecast.outputs.register_tables import answered_words, depends_words, sections_words
from hnforecast.outputs.workbook.content import NOT_APPLICABLE, NOT_AVAILABLE, Content
from hnforecast.outputs.workbook.numbers import GBP_THOUSANDS, PERCENT
from hnforecast.outputs.workbook.sheet import FIRST_TABLE_ROW, Sheet, local, local_span
from hnforecast.timeline import show_month, show_year

REGISTER = "Register"
LATER = 3  # years after this one that the second block of figures shows
FIRST_FIGURE = 5
NONE = "none"
FIGURES = ("planned", "gross", "cost on the grant", "net forecast", "p10", "p90")


def write_register(content: Content, sheet: Sheet) -> None:
    """Each measure of the scenario with the most of them: its promise beside its forecast, in this year and a later."""
    register = register_of(content.forecasts)
    rows = _of_one_scenario(register)
    header = FIRST_TABLE_ROW
    shown = _years(register)
    headers = ["Measure", "Title", "Owner", "Rating", "Confidence", *_figure_headers(register, shown), *_word_headers()]
    first = header + 1
    for offset, one in enumerate(rows):
        _write_row(sheet, first + offset, one, register, shown)
    last = first + len(rows) - 1
    if rows:
        _write_total(sheet, last + 1, first, rows, shown)
    else:
        for column in range(len(headers)):
            sheet.text(first, column, "no scenario of this run has measures" if column == 1 else NOT_APPLICABLE)
    _notes(sheet, last + 3, register, rows)
    sheet.table(header, headers, len(rows) + bool(rows), "register", right_from=1_000)
    words = FIRST_FIGURE + len(FIGURES) * len(shown) + 1
    widths = {
        1: 30,
        2: 18,
        words: 13,
        words + 1: 24,
        words + 2: 12,
        words + 3: 12,
        words + 4: 12,
        words + 5: 44,
        words + 6: 40,
    }
    for column, width in widths.items():
        sheet.set_width(column, width)
    sheet.freeze(first, 1)


def _of_one_scenario(register: Register) -> list[RegisterRow]:
    """The rows of the first scenario with the most measures."""
    sizes: dict[str, int] = {}
    for row in register.rows:
        sizes[row.scenario] = sizes.get(row.scenario, 0) + 1
    chosen = max(sizes, key=lambda name: sizes[name], default=None)
    return [row for row in register.rows if row.scenario == chosen]


def _years(register: Register) -> tuple[int, ...]:
    """Positions of this year and of the later one on the forecast years; one of them where they are the same."""
    this = register.years.index(register.this_year)
    return tuple(dict.fromkeys((this, min(this + LATER, len(register.years) - 1))))


def _notes(sheet: Sheet, row: int, register: Register, rows: list[RegisterRow]) -> None:
    """What the reader must know of the figures, under them."""
    if not rows:
        return
    delivered = next((one.delivered_basis for one in rows if one.delivered is not None), rows[0].delivered_basis)
    planned = "; ".join(dict.fromkeys(one.planned_basis for one in rows))
    notes = [
        f"Scenario {rows[0].scenario}, £000s, a saving positive. Planned: {planned}. A promise counts from the start "
        "of its own plan; the forecast counts what is still to come after the January count it starts from.",
        f"Delivered to date in {show_year(register.this_year)}: {delivered}. Confidence is the share expected to be "
        "delivered. Net is gross less what delivery costs the grant; shares of the joint effect, so they add up.",
        "A duty flagged is a question the measure must answer, by section of the Children and Families Act 2014; the "
        "check command shows each flag with what the measure says. [x]: not known. [z]: does not apply.",
    ]
    for note in notes:
        row = sheet.paragraph(row, note, width=150)


def _figure_headers(register: Register, shown: tuple[int, ...]) -> list[str]:
    found = []
    for position, f in enumerate(shown):
        year = show_year(register.years[f])
        found += [f"{year} {figure}" for figure in FIGURES]
        if position == 0:
            found.append(f"{year} delivered to date")
    return found


def _word_headers() -> list[str]:
    return ["Opens", "Depends on", "Duty flagged", "Answered", "Cost outside", "Evidence", "Next step"]


def _write_row(sheet: Sheet, at: int, row: RegisterRow, register: Register, shown: tuple[int, ...]) -> None:
    measure = row.measure
    sheet.text(at, 0, measure.name)
    sheet.text(at, 1, measure.title, "wrapped")
    sheet.text(at, 2, measure.owner, "wrapped")
    sheet.text(at, 3, row.rag)
    sheet.number(at, 4, row.confidence[0], PERCENT, "input")
    column = FIRST_FIGURE
    for position, f in enumerate(shown):
        column = _write_figures(sheet, at, column, row, f)
        if position == 0:
            known = row.delivered if row.delivered_year == register.years[f] else None
            _number_or_mark(sheet, at, column, known)
            column += 1
    outside = float(row.outside.sum())
    texts = [
        show_month(row.opens), depends_words(measure) or NONE, sections_words(row) or NONE,
        answered_words(row) or NOT_APPLICABLE, f"£{outside / 1e6:,.1f}m" if outside else NONE, measure.evidence,
        row.next_step or NONE,
    ]  # fmt: skip
    for offset, text in enumerate(texts):
        sheet.text(at, column + offset, text, "wrapped")


def _write_figures(sheet: Sheet, at: int, column: int, row: RegisterRow, f: int) -> int:
    """One year's figures; the net is a live formula over gross and cost. Returns the column after them."""
    planned = float(row.planned[f])
    _number_or_mark(sheet, at, column, planned if planned == planned else None)
    sheet.number(at, column + 1, float(row.gross[f]), GBP_THOUSANDS)
    sheet.number(at, column + 2, float(row.investment[f] + row.running[f]), GBP_THOUSANDS)
    formula = f"={local(at, column + 1)}-{local(at, column + 2)}"
    sheet.formula(at, column + 3, formula, float(row.net[f]), GBP_THOUSANDS)
    for offset, level in ((4, 0), (5, 2)):
        _number_or_mark(sheet, at, column + offset, None if row.quantiles is None else float(row.quantiles[f, level]))
    return column + len(FIGURES)


def _number_or_mark(sheet: Sheet, at: int, column: int, value: float | None) -> None:
    """A figure, or the mark of one that is not known."""
    if value is None:
        sheet.text(at, column, NOT_AVAILABLE, align="right")
    else:
        sheet.number(at, column, value, GBP_THOUSANDS)


def _write_total(sheet: Sheet, at: int, first: int, rows: list[RegisterRow], shown: tuple[int, ...]) -> None:
    """All measures together: what adds up is added, what does not is left out."""
    width = FIRST_FIGURE + len(FIGURES) * len(shown) + 1 + len(_word_headers())
    for column in range(width):
        sheet.text(
            at, column, "All measures" if column == 0 else NOT_APPLICABLE, "total", align="" if column == 0 else "right"
        )
    column = FIRST_FIGURE
    for position, f in enumerate(shown):
        sums = {
            0: sum(float(row.planned[f]) for row in rows),
            1: sum(float(row.gross[f]) for row in rows),
            2: sum(float(row.investment[f] + row.running[f]) for row in rows),
            3: sum(float(row.net[f]) for row in rows),
        }
        for offset, value in sums.items():
            if value == value:  # a promise that lacks a measure has no total
                formula = f"=SUM({local_span((first, column + offset), (at - 1, column + offset))})"
                sheet.formula(at, column + offset, formula, value, GBP_THOUSANDS, "total")
        column += len(FIGURES) + (1 if position == 0 else 0)
