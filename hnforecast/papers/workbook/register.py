"""The Register sheet: one row a measure, planned beside forecast and delivered, its confidence, what it waits for."""

from __future__ import annotations

from hnforecast.base.timeline import show_month, show_year
from hnforecast.papers.workbook.content import FIRST_YEAR, NOT_APPLICABLE, NOT_AVAILABLE, Content
from hnforecast.questions.register import Register, RegisterRow, register_of
from hnforecast.questions.register.register import answered_words, depends_words, sections_words
from hnforecast.writing.xlsx.book import FIRST_TABLE_ROW, Sheet, local, local_span
from hnforecast.writing.xlsx.numbers import GBP_THOUSANDS, PERCENT

REGISTER = "Register"
LATER = 3  # years after this one that the second block of figures shows
FIRST_FIGURE = 5
NONE = "none"
FIGURES = ("planned", "gross", "cost", "net", "p10", "p90")  # of this year, then delivered to date
LATER_FIGURES = ("planned", "net", "p10", "p90")
WORDS = ("Opens, depends on", "Duty flagged", "Evidence", "Next step")


def write_register(content: Content, sheet: Sheet) -> None:
    """Each measure of the scenario with the most of them: its promise beside its forecast, in this year and a later."""
    register = register_of(content.forecasts)
    rows = _of_one_scenario(register)
    header = FIRST_TABLE_ROW
    shown = _years(register)
    headers = ["Measure", "Title", "Owner", "Rating", "Confidence", *_figure_headers(register, shown), *WORDS]
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
    words = len(headers) - len(WORDS)
    widths = {0: 22, 1: 26, 2: 16, words: 20, words + 1: 13, words + 2: 34, words + 3: 32}
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
        "delivered. Net is gross less what delivery costs the grant; shares of the joint effect, so they add up; p10 "
        "to p90 of a measure is its share of the range of all of them together.",
        "A duty flagged is a question the measure must answer, by section of the Children and Families Act 2014; the "
        "check command shows each flag with what the measure says. [x]: not known. [z]: does not apply.",
    ]
    for note in notes:
        row = sheet.paragraph(row, note, width=150)


def _figure_headers(register: Register, shown: tuple[int, ...]) -> list[str]:
    this, *later = (show_year(register.years[f]) for f in shown)
    found = [f"{this} {figure}" for figure in (*FIGURES, "delivered to date")]
    return [*found, *(f"{year} {figure}" for year in later for figure in LATER_FIGURES)]


def _write_row(sheet: Sheet, at: int, row: RegisterRow, register: Register, shown: tuple[int, ...]) -> None:
    measure = row.measure
    for column, text in enumerate((measure.name, measure.title, measure.owner, row.rag)):
        sheet.text(at, column, text, "wrapped" if column else "label")
    sheet.number(at, 4, row.confidence[0], PERCENT, "input")
    column = FIRST_FIGURE
    for position, f in enumerate(shown):
        this = position == 0
        _number_or_mark(sheet, at, column, _known(row.planned[f]))
        column += 1
        if this:
            sheet.number(at, column, float(row.gross[f]), GBP_THOUSANDS)
            sheet.number(at, column + 1, float(row.investment[f] + row.running[f]), GBP_THOUSANDS)
            sheet.formula(
                at, column + 2, f"={local(at, column)}-{local(at, column + 1)}", float(row.net[f]), GBP_THOUSANDS
            )
            column += 3
        else:
            sheet.number(at, column, float(row.net[f]), GBP_THOUSANDS)
            column += 1
        for level in (0, 2):
            _number_or_mark(sheet, at, column, None if row.quantiles is None else float(row.quantiles[f, level]))
            column += 1
        if this:
            _number_or_mark(sheet, at, column, row.delivered if row.delivered_year == register.years[f] else None)
            column += 1
    waits = depends_words(measure)
    answered = {"yes": " (answered)", "no": " (not answered)"}.get(answered_words(row), "")
    outside = float(row.outside.sum())
    cost = f" £{outside / 1e6:,.1f}m of cost outside the grant." if outside else ""
    texts = (
        f"{show_month(row.opens)}{', ' + waits if waits else ''}",
        f"{sections_words(row)}{answered}" if row.flags else NONE,
        f"{measure.evidence}{cost}",
        row.next_step or NONE,
    )
    for offset, text in enumerate(texts):
        sheet.text(at, column + offset, text, "wrapped")


def _known(value: float) -> float | None:
    return float(value) if value == value else None


def _number_or_mark(sheet: Sheet, at: int, column: int, value: float | None) -> None:
    """A figure, or the mark of one that is not known."""
    if value is None:
        sheet.text(at, column, NOT_AVAILABLE, align="right")
    else:
        sheet.number(at, column, value, GBP_THOUSANDS)


def _write_total(sheet: Sheet, at: int, first: int, rows: list[RegisterRow], shown: tuple[int, ...]) -> None:
    """All measures together: what adds up is added, what does not is left out."""
    width = FIRST_FIGURE + len(FIGURES) + 1 + len(LATER_FIGURES) * (len(shown) - 1) + len(WORDS)
    for column in range(width):
        text = "All measures" if column == 0 else NOT_APPLICABLE
        sheet.text(at, column, text, "total", align="right" if column else "")
    column = FIRST_FIGURE
    for position, f in enumerate(shown):
        sums = [
            sum(float(row.planned[f]) for row in rows),
            sum(float(row.gross[f]) for row in rows),
            sum(float(row.investment[f] + row.running[f]) for row in rows),
            sum(float(row.net[f]) for row in rows),
        ]
        for offset, value in enumerate(sums if position == 0 else (sums[0], sums[3])):
            if value == value:  # a promise that lacks a measure has no total
                formula = f"=SUM({local_span((first, column + offset), (at - 1, column + offset))})"
                sheet.formula(at, column + offset, formula, value, GBP_THOUSANDS, "total")
        column += len(FIGURES) + 1 if position == 0 else len(LATER_FIGURES)


# The Savings sheet.

SAVINGS = "Savings"


def write_savings(content: Content, sheet: Sheet) -> None:
    """One row a measure and scenario, net of what it costs to deliver, with a live total."""
    header = FIRST_TABLE_ROW
    row = header + 1
    for forecast in content.forecasts:
        name, measures = forecast.scenario.name, {m.name: m for m in forecast.scenario.measures}
        first = row
        shares = forecast.savings
        behind = len(content.years) - (
            len(shares[0].central) if shares else 0
        )  # outturn years, which no measure changes
        for saving in shares:
            measure = measures[saving.measure]
            content.place(SAVINGS, name, saving.measure, row)
            for column, label in enumerate((name, measure.title, measure.name, measure.mark)):
                sheet.text(row, column, label, "wrapped" if column == 1 else "label")
            for f, column in content.year_columns():
                if f < behind:
                    sheet.text(row, column, NOT_APPLICABLE, align="right")
                else:
                    sheet.number(row, column, float(saving.central[f - behind]), GBP_THOUSANDS)
            row += 1
        if shares:
            for column, label in enumerate((name, "All measures together", "the rows above", NOT_APPLICABLE)):
                sheet.text(row, column, label, "total")
            for f, column in content.year_columns():
                total = sum(float(saving.central[f - behind]) for saving in shares) if f >= behind else 0.0
                formula = f"=SUM({local_span((first, column), (row - 1, column))})"
                sheet.formula(row, column, formula, total, GBP_THOUSANDS, "total")
            row += 1
    if row == header + 1:
        for column in range(FIRST_YEAR + len(content.years)):
            sheet.text(row, column, "no scenario of this run has measures" if column == 1 else NOT_APPLICABLE)
    headers = ["Scenario", "Measure", "Name", "Mark", *content.year_headers()]
    sheet.table(header, headers, row - header - 1, "savings", right_from=FIRST_YEAR, blocks=True)
    sheet.set_width(1, 42)
    sheet.freeze(header + 1, FIRST_YEAR)
