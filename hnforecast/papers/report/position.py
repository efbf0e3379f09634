"""Where the account and the plans stand, and where they go: the sections with the main tables and charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hnforecast.base.errors import InputError, Place, Problem
from hnforecast.base.timeline import month, show_year
from hnforecast.engine.notes import block_known_to, national_settlement
from hnforecast.papers.report.ledger import Term
from hnforecast.papers.report.material import TENTH, Material, bracketed, end_of
from hnforecast.papers.report.opening import range_sentence
from hnforecast.papers.report.parts import DataTable, Numbered, Part, Picture
from hnforecast.writing.blocks import Heading
from hnforecast.writing.style import position_phrase, round_half_up

if TYPE_CHECKING:
    from hnforecast.history.backtest import AccuracyRow

ITEMS = (
    ("opening", "Opening balance"),
    ("in_year", "In-year position"),
    ("support", "Support"),
    ("other_movement", "Other movement"),
    ("closing", "Closing balance"),
    ("gross_closing", "Closing balance before contributions"),
)
SIGN = "\N{POUND SIGN}000s, (deficit) or surplus"
SOURCE = "tables/account.csv of the run"
MARCH = 3
OURS, TOTAL_PLANS, SPEND = "hnforecast", "total_plans", "spend"
AHEAD = {1: "one year", 3: "three years", 5: "five years"}


def current_position(material: Material) -> list[Part]:
    """The last year that happened and the present one, in money and in plans."""
    m, say = material, material.ledger
    year, base = m.outturn, m.run.vintage.manifest.base_census
    funding = Term("funding", "central", (("scenario", m.plan), ("financial_year", show_year(year))))
    in_year = m.account("in_year", year)
    parts: list[Part] = [
        Heading("Current position"),
        Numbered(
            f"For {show_year(year)} the model makes funding of the high needs account {say.money(funding)} and spend "
            f"{say.money(funding, -in_year)}: an in-year position of {say.position(in_year)}. That spend is plans "
            "times prices, fitted to published outturn where there is one; the position may differ from the council's "
            "accounts. Funding is after deductions for the places the Department for Education pays direct."
        ),
    ]
    now, before = m.plans(base), m.plans(base - 1)
    change = say.value(now, -before)
    text = f"The council maintained {say.plans(now)} in January {base}"
    if base - 1 in m.run.censuses() and round(change):
        text += (
            f", {say.count(now, -before)} {'more' if change > 0 else 'fewer'} than a year before "
            f"({say.percent([now, -before], [before])})"
        )
    parts.append(Numbered(f"{text}."))
    first = m.run.first_forecast
    rows = []
    for item, label in ITEMS:
        cells = [
            _cell(m, item, which) if item != "other_movement" or which < first else "not applicable"
            for which in (year, first)
        ]
        rows.append([label, *cells])
    header = [SIGN, f"{show_year(year)} outturn", f"{show_year(first)} forecast"]
    parts.append(
        DataTable(f"The high needs account, {m.named(m.plan)}", header, rows, SOURCE, shares=(0.5, 0.25, 0.25))
    )
    if month(year, MARCH) not in (m.run.vintage.support.balance.by or {}):
        parts.append(
            Numbered(
                f"The balance on {end_of(year)} is as recorded. The opening balance of {show_year(year)} is that "
                "balance less the movements of the year as the model makes them: compare it with the accounts before "
                "it is quoted."
            )
        )
    return parts


def forecast(material: Material) -> list[Part]:
    """The years ahead, their range, how far forecasts made this way have missed, and the two charts."""
    m, say, run = material, material.ledger, material.run
    parts: list[Part] = [Heading("The forecast and how sure it is")]
    parts.append(
        Numbered(
            f"By {end_of(m.last)} the balance before contributions is forecast at "
            f"{say.position(m.account('gross_closing', m.last))} in {m.named(m.plan)}. Years beyond the first few show "
            "where the assumptions lead if nothing else changes; they are illustrative."
        )
    )
    parts.append(Numbered(range_sentence(m)))
    parts += [_table(m), _picture(m, "deficit-by-scenario", *_deficit_words(m))]
    parts.append(Numbered(_plans_sentence(m)))
    parts.append(_picture(m, "plans-by-placement", "EHC plans in January, by placement", _plans_words(m)))
    known = block_known_to(run.vintage)
    if known < m.last:
        parts.append(
            Numbered(
                f"The high needs block is known to {show_year(known)}. In later years it grows by a rate that was "
                f"judged{national_settlement(run.vintage)}."
            )
        )
    return [*parts, *(Numbered(text) for text in _measured(m))]


def _table(m: Material) -> DataTable:
    drawn = m.drawn
    header = ["Year", "In-year position", "Closing balance", "Closing before contributions"]
    shares = [0.12, 0.16, 0.17, 0.19]
    if drawn:
        header += [f"Its worse end, {TENTH}", f"Its better end, {TENTH}"]
        shares += [0.18, 0.18]
    rows = []
    for year in m.run.years():
        cells = [_cell(m, item, year) for item in ("in_year", "closing", "gross_closing")]
        if drawn:
            cells += [m.thousands(m.account("gross_closing", year, column=column)) for column in ("p10", "p90")]
        rows.append([show_year(year), *cells])
    title = f"The forecast by year, {m.named(m.plan)}, {SIGN}"
    return DataTable(title, header, rows, SOURCE, shares=tuple(share / sum(shares) for share in shares))


def _deficit_words(m: Material) -> tuple[str, str]:
    start, end = (position_phrase(m.ledger.value(m.account("gross_closing", year))) for year in (m.outturn, m.last))
    words = (
        f"Line chart of the balance before contributions in {len(m.run.scenarios)} scenarios from "
        f"{show_year(m.outturn)} "
        f"to {show_year(m.last)}. In {m.named(m.plan)} it goes from {start} to {end}. The figures are in the table "
        f"above."
    )
    return "Balance before contributions, by scenario", words


def _plans_sentence(m: Material) -> str:
    say, base = m.ledger, m.run.vintage.manifest.base_census
    ahead = min(m.focus + 1, m.run.censuses()[-1])
    now, then = m.plans(base), m.plans(ahead)
    change = say.value(then, -now)
    moved = "rises" if change > 0 else "falls"
    text = (
        f"The number of plans is forecast to stay at {say.plans(now)} until January {ahead}"
        if not round(change)
        else f"The number of plans {moved} from {say.count(now)} in January {base} to {say.count(then)} in January "
        f"{ahead} "
        f"({say.percent([then, -now], [now])}) in {m.named(m.plan)}"
    )
    if m.base != m.plan:
        text += f", and to {say.count(m.plans(ahead, m.base))} in {m.named(m.base)}"
    return f"{text}. These are estimates and no count of children."


def _plans_words(m: Material) -> str:
    say, censuses = m.ledger, m.run.censuses()
    first, last = (f"{round_half_up(say.value(m.plans(january))):,.0f}" for january in (censuses[0], censuses[-1]))
    return (
        f"Area charts of EHC plans open in January by the Department's placement groups, one for each scenario. In "
        f"{m.named(m.plan)} there are {first} in January {censuses[0]} and {last} in January {censuses[-1]}."
    )


def _measured(m: Material) -> list[str]:
    """How wrong forecasts of plans and spend by this method have been, where measured on the data now in use."""
    found = []
    plans, spend = _missed(m, TOTAL_PLANS), _missed(m, SPEND)
    if plans:
        found.append(
            "Forecasts of the number of plans made by the pooled method of this tool, at past January counts and with "
            f"what was known then, missed by a mean of {plans}. A council's own path may be missed by more."
        )
    if spend:
        far = max((row for row in _rows(m, SPEND) if row.horizon in AHEAD), key=lambda row: row.horizon)
        way = "low" if far.bias_pct < 0 else "high"
        bias = m.ledger.rate(_given(abs(far.bias_pct), f"bias in % of spend, years ahead: {far.horizon}"))
        found.append(
            f"Forecasts of spend made the same way missed by a mean of {spend}, and all authorities together were "
            f"forecast too {way}, by {bias} {AHEAD[far.horizon]} ahead."
        )
    return found


def _rows(m: Material, series: str) -> list[AccuracyRow]:
    return [row for row in m.accuracy if (row.series, row.method) == (series, OURS) and not row.stale]


def _missed(m: Material, series: str) -> str:
    """Mean errors by years ahead in words; empty where none was measured."""
    rows = {row.horizon: row for row in _rows(m, series)}
    of = "" if series == TOTAL_PLANS else f" of {series}"
    said = [
        f"{m.ledger.rate(_given(rows[year].mape, f'mean error{of} in %, years ahead: {year}'))} {words} ahead"
        for year, words in AHEAD.items()
        if year in rows
    ]
    return ", ".join(said)


def _given(value: float, words: str) -> Term:
    return Term("docs/accuracy.csv", words, given=value)


def _picture(m: Material, name: str, title: str, words: str) -> Picture:
    path = m.run.folder / "charts" / f"{name}.png"
    try:
        return Picture(title, path.read_bytes(), words)
    except OSError:
        place = Place(file=path.as_posix())
        raise InputError(Problem("HN821", "The run lacks a chart", place, do="Make the run again.")) from None


def _cell(m: Material, item: str, year: int) -> str:
    return bracketed(m.ledger.value(m.account(item, year)))
