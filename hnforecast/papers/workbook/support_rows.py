"""How support, the first opening balance and the agreed profile are worked out in the workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hnforecast.papers.workbook.content import FIRST_YEAR, Content
from hnforecast.papers.workbook.inputs import rules_of
from hnforecast.writing.xlsx.sheet import local, local_span

if TYPE_CHECKING:
    from hnforecast.engine.forecast import Forecast
    from hnforecast.engine.model.account import AccountRules

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
