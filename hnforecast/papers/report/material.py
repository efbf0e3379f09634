"""What a report is written from: the run, which scenarios it compares, which year it looks at, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hnforecast.base.errors import Problem, UsageError
from hnforecast.base.timeline import financial_year, month, show_year
from hnforecast.papers.report.ledger import Ledger, Term
from hnforecast.papers.run_reading import FinishedRun
from hnforecast.writing.style import round_half_up

if TYPE_CHECKING:
    from hnforecast.history.backtest import AccuracyRow
    from hnforecast.questions.compare import Bridge

TENTH = "1\N{NO-BREAK SPACE}in\N{NO-BREAK SPACE}10"
YEARS_AHEAD = 3  # the year looked at where neither agreement nor override names one


@dataclass(frozen=True)
class Change:
    """What changed since an earlier run.

    Args:
        bridge: from the earlier forecast to this one.
        chart: its waterfall, PNG.
        earlier: what the earlier run is called.
        earlier_base: the January count it starts from.
    """

    bridge: Bridge
    chart: bytes
    earlier: str
    earlier_base: int


@dataclass(frozen=True)
class Material:
    """Everything the sections are written from.

    Args:
        run: read and proven unchanged.
        ledger: takes every figure.
        plan: the scenario the report is about; base: the one it is set against, without measures.
        focus: first calendar year of the financial year looked at.
        change: since an earlier run, where one was named.
        accuracy: measured errors of the method, where a backtest was kept.
    """

    run: FinishedRun
    ledger: Ledger
    plan: str
    base: str
    focus: int
    change: Change | None = None
    accuracy: Sequence[AccuracyRow] = ()

    def account(self, item: str, year: int, scenario: str = "", column: str = "central") -> Term:
        """A cell of the account; of the plan's scenario unless another is named."""
        keys = (("scenario", scenario or self.plan), ("financial_year", show_year(year)), ("item", item))
        return Term("account", column, keys)

    def plans(self, january: int, scenario: str = "") -> Term:
        """Plans open in a January, all ages and placements."""
        return Term("plans", "central", (("scenario", scenario or self.plan), ("census_year", str(january))))

    def has(self, table: str, column: str, **keys: str) -> bool:
        """Whether the run gives a figure."""
        rows = self.run.rows(table, **keys)
        return bool(rows) and all(row[column] for row in rows)

    @property
    def last(self) -> int:
        """The last year of the forecast."""
        return self.run.years()[-1]

    @property
    def outturn(self) -> int:
        """The last year that happened."""
        return self.run.first_forecast - 1

    @property
    def drawn(self) -> bool:
        """Whether the run has ranges."""
        return int(self.run.manifest["draws"]) > 1

    def named(self, scenario: str) -> str:
        """A scenario as it is named in a sentence."""
        return f"\N{LEFT DOUBLE QUOTATION MARK}{scenario}\N{RIGHT DOUBLE QUOTATION MARK}"

    def thousands(self, term: Term) -> str:
        """A signed amount in a table, £000s, a deficit in brackets."""
        return bracketed(self.ledger.value(term))


def bracketed(pounds: float) -> str:
    """Signed pounds as £000s, below nought in brackets."""
    shown = round_half_up(pounds / 1e3)
    return f"({abs(shown):,.0f})" if shown < 0 else f"{shown:,.0f}"


def end_of(year: int) -> str:
    """The last day of a financial year."""
    return f"31 March {year + 1}"


def choose_scenarios(run: FinishedRun, plan: str | None) -> tuple[str, str]:
    """The scenario a report is about and the one it is set against.

    The first is the one asked for, or the first with measures; the second the first without any.

    Raises:
        UsageError: the run has no such scenario.
    """
    names, about = run.scenarios, run.manifest["scenarios"]
    if plan is not None and plan not in names:
        found, expected = plan, ", ".join(names)
        raise UsageError(Problem("HN833", "The run has no such scenario", found=found, expected=expected))
    chosen = plan or next((name for name in names if about[name]["measures"]), names[0])
    return chosen, next((name for name in names if not about[name]["measures"]), names[0])


def choose_year(run: FinishedRun) -> int:
    """The year a report looks at: that in which the override ends, else the last agreed, else the third ahead."""
    years = [year for year in run.years() if year >= run.first_forecast]
    ends = run.vintage.support.override_ends
    if ends is not None:
        wanted = financial_year(month(ends.on.year, ends.on.month))
        if wanted in years:
            return wanted
    agreed = [year for year in years if run.cell(
        "account", "central", scenario=run.scenarios[0], financial_year=show_year(year), item="agreed_gross_closing"
    ) is not None]  # fmt: skip
    return agreed[-1] if agreed else years[min(YEARS_AHEAD, len(years)) - 1]
