"""The Account sheet: opening, in-year, support, closing, and the balance before any contribution, live by scenario.

Every line is a formula over this sheet, Funding, Spend by line and Inputs; the range around the balance is the
program's, as it was when run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.engine.assumption_lines import MARKS, under, weakest_mark
from hnforecast.papers.workbook.content import FIRST_YEAR, FUNDING, NOT_APPLICABLE, NOT_AVAILABLE, SPEND, Content
from hnforecast.papers.workbook.inputs import rules_of
from hnforecast.papers.workbook.money import TOTAL_FUNDING, TOTAL_SPEND
from hnforecast.writing.style import position_word, sentence_case
from hnforecast.writing.xlsx.book import FIRST_TABLE_ROW, Sheet, local, local_span
from hnforecast.writing.xlsx.numbers import GBP_THOUSANDS

if TYPE_CHECKING:
    from hnforecast.engine.model.account import AccountRules
    from hnforecast.engine.records import Forecast


# How support, the first opening balance and the agreed profile are worked out in the workbook.

MET, MISSED = "yes", "no"


class SupportRows:
    """The formulas of one scenario's account that follow its rules.

    Args:
        content: the run.
        forecast: of the scenario.
    """

    def __init__(self, content: Content, forecast: Forecast) -> None:
        self.content, self.name = content, forecast.scenario.name
        self.rules: AccountRules = rules_of(content, forecast)

    def paid(self, i: int, column: int, closing: int, track: int) -> str:
        """What an instrument pays in a year.

        Args:
            i: position of the instrument.
            closing: row of the closing balances, which a share of the deficit is taken of.
            track: row that says whether the profile has been met so far.
        """
        instrument, f = self.rules.instruments[i], column - FIRST_YEAR
        parts = [part for part in (self._payment(i, column), self._share(i, column, closing)) if part]
        if not parts:
            return "=0"
        if instrument.suspended_when_missed and f >= self.rules.first_forecast:
            return f'=IF({local(track, column)}="{MET}",{"+".join(parts)},0)'
        return "=" + "+".join(parts)

    @property
    def suspends(self) -> bool:
        """Whether any instrument stops when the profile is missed."""
        return any(instrument.suspended_when_missed for instrument in self.rules.instruments)

    def met_so_far(self, row: int, column: int, gross_opening: int, in_year: int) -> str:
        """Whether the agreed profile has been met in every forecast year so far."""
        f = column - FIRST_YEAR
        agreed = self.rules.agreed_gross_closing[f]
        before = f'{local(row, column - 1)}="{MET}"' if f else "TRUE"
        if f < self.rules.first_forecast or agreed != agreed:
            return f'=IF({before},"{MET}","{MISSED}")'
        held = f"{local(gross_opening, column)}+{local(in_year, column)}>={self.content.input_year('agreed', column)}"
        return f'=IF(AND({before},{held}),"{MET}","{MISSED}")'

    def opening(self, in_year: int) -> str:
        """The first opening balance: published, or worked back from the first published closing."""
        if self.content.opening_published:
            return f"={self.content.input('balance')}"
        last = FIRST_YEAR + min(self.rules.outturn_closing)
        moved = f"SUM({local_span((in_year, FIRST_YEAR), (in_year, last))})"
        payments = [
            payment
            for i in range(len(self.rules.instruments))
            for column in range(FIRST_YEAR, last + 1)
            if (payment := self._payment(i, column))
        ]
        return f"={self.content.input_year('balance', last)}-{moved}" + "".join(f"-{payment}" for payment in payments)

    def other(self, column: int, opening: int, in_year: int, support: int) -> str | None:
        """What a published closing moves by beyond its parts; None in years without one."""
        if column - FIRST_YEAR not in self.rules.outturn_closing:
            return None
        parts = "+".join(local(row, column) for row in (opening, in_year, support))
        return f"={self.content.input_year('balance', column)}-({parts})"

    def _payment(self, i: int, column: int) -> str:
        instrument = self.rules.instruments[i].name
        if not self.content.has_input(f"support.{instrument}"):
            return ""
        flag = self.content.input_year(f"paid.{self.name}.{instrument}", column)
        return f"{self.content.input_year(f'support.{instrument}', column)}*{flag}"

    def _share(self, i: int, column: int, closing: int) -> str:
        instrument = self.rules.instruments[i]
        if column - FIRST_YEAR != instrument.paid_year or instrument.balance_year < 0:
            return ""
        chosen = self.content.input(f"paid.{self.name}.{instrument.name}")
        deficit = f"MAX(0,-{local(closing, FIRST_YEAR + instrument.balance_year)})"
        return f"{self.content.input(f'support_share.{instrument.name}')}*{chosen}*{deficit}"


ACCOUNT = "Account"
OPENING, FUNDED, SPENT, IN_YEAR = "Opening balance", "Funding", "Spend", "In-year position"
SUPPORT, OTHER, CLOSING = "Support received", "Other movement", "Closing balance"
GROSS_OPENING, GROSS = "Opening before contributions", "Closing before contributions"
AGREED, AGAINST = "Agreed closing before contributions", "Better or (worse) than agreed"
AGAINST_WORD = "Against the agreement, in words"
TRACK = "Agreed profile met so far"
FAN = (
    (0.10, "worse than this one time in ten"),
    (0.50, "middle of the range"),
    (0.90, "better than this one time in ten"),
)


def write_account(content: Content, sheet: Sheet) -> None:
    """One block of rows a scenario, the years across."""
    header = FIRST_TABLE_ROW
    row = header + 1
    for forecast in content.forecasts:
        row = _Block(content, sheet, forecast, row).write()
    headers = ["Scenario", "Item", "How it is made", "Mark", *content.year_headers()]
    sheet.table(header, headers, row - header - 1, "account", right_from=FIRST_YEAR, blocks=True)
    sheet.freeze(header + 1, FIRST_YEAR)


class _Block:
    """The rows of one scenario, written from the top down; each remembers where the ones above it stand."""

    def __init__(self, content: Content, sheet: Sheet, forecast: Forecast, row: int) -> None:
        self.content, self.sheet, self.forecast, self.row = content, sheet, forecast, row
        self.name, self.account = forecast.scenario.name, forecast.account
        self.rules = SupportRows(content, forecast)
        vintage = forecast.scenario.vintage
        self.funding_mark = weakest_mark(under(vintage, "funding"))
        self.spend_mark = weakest_mark(under(vintage, "prices", "services"))
        self.balance_mark = weakest_mark(under(vintage, "support.balance"))
        self.in_year_mark = max(self.funding_mark, self.spend_mark, key=_rank)

    def write(self) -> int:
        """Write the block and return the row after it."""
        account = self.account
        mark = max(self.in_year_mark, self.balance_mark, key=_rank)
        # its closing balance stands below funding, spend, in-year, the instruments, support and other movement
        closing = 6 + len(account.instruments)
        made = "published, then last year's closing" if self.content.opening_published else (
            "worked back, then last year's closing"
        )  # fmt: skip
        start, self.first = self.rules.opening(self.row + 3), self.row
        self._rolling(OPENING, made, closing, account.opening[0], start)
        self._linked(FUNDED, FUNDING, TOTAL_FUNDING, self.forecast.funding.by_year[0].sum(axis=-1), self.funding_mark)
        spent = self.forecast.funding.by_year[0].sum(axis=-1) - account.in_year[0]
        self._linked(SPENT, SPEND, TOTAL_SPEND, spent, self.spend_mark)
        self._sums(IN_YEAR, "funding less spend", (FUNDED,), account.in_year[0], self.in_year_mark, less=SPENT)
        support_mark = self._support()
        self._other()
        mark_after = max(mark, support_mark, key=_rank)
        parts: tuple[str, ...] = (OPENING, IN_YEAR, SUPPORT, OTHER)
        made = "opening + in-year + support + other"
        self._sums(CLOSING, made, parts, account.closing[0], mark_after, role="total")
        self._words(CLOSING, account.closing[0])
        gross_opening = account.gross_closing[0] - account.in_year[0] - account.other_movement[0]
        start = f"={self._at(OPENING, FIRST_YEAR)}-{self.content.input('contributions_before')}"
        self._rolling(GROSS_OPENING, "last year's, no contributions", 1, gross_opening, start)
        parts = (GROSS_OPENING, IN_YEAR, OTHER)
        self._sums(GROSS, "opening + in-year + other", parts, account.gross_closing[0], mark, role="total")
        self._words(GROSS, account.gross_closing[0])
        self._agreement()
        if self.rules.suspends:
            self._track()
        self._range()
        return self.row

    def _support(self) -> str:
        """The instruments one by one, then their sum; returns the weakest mark among them."""
        first, marks = self.row, [""]
        vintage = self.forecast.scenario.vintage
        for i, instrument in enumerate(self.account.instruments):
            values = under(vintage, f"support.instruments.{instrument}")
            marks.append(weakest_mark(values))
            known = vintage.support.instruments.get(instrument)
            label = known.label if known is not None else sentence_case(instrument)
            self._labels(label, "paid in this scenario", marks[-1])
            row = self._keep(label)
            closing, track = (self.first + below + len(self.account.instruments) for below in (6, 14))
            for f, column in self.content.year_columns():
                formula, value = self.rules.paid(i, column, closing, track), self.account.support[0, f, i]
                self.sheet.formula(row, column, formula, float(value), GBP_THOUSANDS)
        total, mark = self.account.support[0].sum(axis=-1), max(marks, key=_rank)
        if self.account.instruments:
            self._labels(SUPPORT, "sum of the instruments", mark)
            row = self._keep(SUPPORT)
            for f, column in self.content.year_columns():
                formula = f"=SUM({local_span((first, column), (row - 1, column))})"
                self.sheet.formula(row, column, formula, float(total[f]), GBP_THOUSANDS)
        else:
            self._values(SUPPORT, "none in this scenario", total, "")
        return mark

    def _agreement(self) -> None:
        """The agreed profile where it is known, and how far the balance is from it, in numbers and in words."""
        agreed, vintage = self.account.agreed_gross_closing, self.forecast.scenario.vintage
        mark = weakest_mark(under(vintage, "support.agreement.gross_closing"))
        difference = self.account.gross_closing[0] - agreed

        def against(column: int) -> str:
            return f"={self._at(GROSS, column)}-{self._at(AGREED, column)}"

        def word(column: int) -> str:
            return f'=IF({self._at(AGAINST, column)}<0,"adverse","favourable")'

        for item, made in (
            (AGREED, "as agreed with the DfE"),
            (AGAINST, "closing less agreed"),
            (AGAINST_WORD, "in words"),
        ):
            self._labels(item, made, mark if item != AGAINST_WORD else "")
            row = self._keep(item)
            for f, column in self.content.year_columns():
                if not np.isfinite(agreed[f]):
                    self.sheet.text(row, column, NOT_AVAILABLE, align="right")
                elif item == AGREED:
                    formula = f"={self.content.input_year('agreed', column)}"
                    self.sheet.formula(row, column, formula, float(agreed[f]), GBP_THOUSANDS, "linked")
                elif item == AGAINST:
                    self.sheet.formula(row, column, against(column), float(difference[f]), GBP_THOUSANDS)
                else:
                    self.sheet.formula(row, column, word(column), "adverse" if difference[f] < 0 else "favourable")

    def _track(self) -> None:
        """Where support stops when the profile is missed: whether it has been met in every forecast year so far."""
        self._labels(TRACK, "decides what is paid", "")
        row, met = self._keep(TRACK), True
        rows = self.content.rows
        gross, in_year = (rows[ACCOUNT, self.name, item] for item in (GROSS_OPENING, IN_YEAR))
        for f, column in self.content.year_columns():
            agreed = self.account.agreed_gross_closing[f]
            if f >= self.rules.rules.first_forecast and np.isfinite(agreed):
                met = met and bool(self.account.gross_closing[0, f] >= agreed)
            formula = self.rules.met_so_far(row, column, gross, in_year)
            self.sheet.formula(row, column, formula, MET if met else MISSED)

    def _other(self) -> None:
        self._labels(OTHER, "published beyond its parts", self.balance_mark)
        row, rows = self._keep(OTHER), self.content.rows
        parts = [rows[ACCOUNT, self.name, item] for item in (OPENING, IN_YEAR, SUPPORT)]
        for f, column in self.content.year_columns():
            formula, value = self.rules.other(column, *parts), float(self.account.other_movement[0, f])
            if formula is None:
                self.sheet.number(row, column, value, GBP_THOUSANDS)
            else:
                self.sheet.formula(row, column, formula, value, GBP_THOUSANDS)

    def _range(self) -> None:
        """Where there are many draws: the range of the balance before contributions, as it was when run."""
        ensemble = self.forecast.ensemble
        if ensemble is None or ensemble.account.gross_closing.shape[0] < 2:
            return
        for level, words in FAN:
            values = np.quantile(ensemble.account.gross_closing, level, axis=0)
            self._values(f"{GROSS}: p{level * 100:.0f}", f"{words}, as run", values, "")

    def _rolling(self, item: str, made: str, below: int, values: FloatArray, start: str) -> None:
        """A balance brought forward: a formula of its own in the first year, then the figure so many rows below."""
        self._labels(item, made, self.balance_mark)
        row = self._keep(item)
        for f, column in self.content.year_columns():
            formula = f"={local(row + below, column - 1)}" if f else start
            self.sheet.formula(row, column, formula, float(values[f]), GBP_THOUSANDS)

    def _linked(self, item: str, sheet: str, total: str, values: FloatArray, mark: str) -> None:
        self._labels(item, f"total of {sheet}", mark)
        row = self._keep(item)
        for f, column in self.content.year_columns():
            formula = f"={self.content.cell(sheet, self.name, total, column)}"
            self.sheet.formula(row, column, formula, float(values[f]), GBP_THOUSANDS, "linked")

    def _sums(
        self,
        item: str,
        made: str,
        parts: Sequence[str],
        values: FloatArray,
        mark: str,
        *,
        less: str = "",
        role: str = "calculated",
    ) -> None:
        """A row that adds rows above it, less one where given."""
        self._labels(item, made, mark, role="total" if role == "total" else "label")
        row = self._keep(item)
        for f, column in self.content.year_columns():
            formula = "=" + "+".join(self._at(part, column) for part in parts)
            formula += f"-{self._at(less, column)}" if less else ""
            self.sheet.formula(row, column, formula, float(values[f]), GBP_THOUSANDS, role)

    def _values(self, item: str, made: str, values: FloatArray, mark: str) -> None:
        self._labels(item, made, mark)
        row = self._keep(item)
        for f, column in self.content.year_columns():
            self.sheet.number(row, column, float(values[f]), GBP_THOUSANDS)

    def _words(self, item: str, values: FloatArray) -> None:
        """The word beside the numbers of the row above."""
        self._labels(f"{item}, in words", "deficit or surplus", "")
        row = self._keep(f"{item} in words")
        for f, column in self.content.year_columns():
            cell = self._at(item, column)
            formula = f'=IF(ROUND({cell},0)<0,"deficit",IF(ROUND({cell},0)>0,"surplus","balanced"))'
            self.sheet.formula(row, column, formula, position_word(float(values[f])))

    def _labels(self, item: str, made: str, mark: str, *, role: str = "label") -> None:
        self.content.marks[ACCOUNT, self.name, item] = mark or NOT_APPLICABLE
        for column, label in enumerate((self.name, item, made, mark or NOT_APPLICABLE)):
            self.sheet.text(self.row, column, label, role)

    def _keep(self, item: str) -> int:
        """Remember the current row under a name and go to the next."""
        self.content.place(ACCOUNT, self.name, item, self.row)
        self.row += 1
        return self.row - 1

    def _at(self, item: str, column: int) -> str:
        return local(self.content.rows[ACCOUNT, self.name, item], column)


def _rank(mark: str) -> int:
    return MARKS.index(mark) if mark in MARKS else -1
