"""Goals: in-year balance in a year, or the agreed balance at its end, in the central run or with a stated chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.errors import Place, Problem, UsageError
from hnforecast.base.timeline import parse_year, show_year
from hnforecast.engine.records import Forecast

GoalKind = Literal["balance", "profile"]
GOALS: tuple[GoalKind, ...] = ("balance", "profile")
PENNY = 0.005


@dataclass(frozen=True)
class Goal:
    """What a lever or a mix must bring.

    Args:
        kind: balance (the in-year position is no deficit) or profile (the balance before contributions is no worse
            than agreed).
        year: financial year in which, or at the end of which, it is met.
        probability: share of the draws that must meet it; None asks it of the central run.
        agreed: (pounds, signed) the agreed balance; None for balance.
    """

    kind: GoalKind
    year: int
    probability: float | None
    agreed: float | None = None

    def margins(self, forecast: Forecast, drawn: bool) -> FloatArray:
        """(d,) pounds by which the goal is met, negative where it is missed: of every draw, or of the central run."""
        account = forecast.account
        if drawn and forecast.ensemble is not None:
            account = forecast.ensemble.account
        f = forecast.clock.at(self.year)
        if self.agreed is None:
            return account.in_year[:, f]
        margin: FloatArray = account.gross_closing[:, f] - self.agreed
        return margin

    def weights(self, years: tuple[int, ...]) -> FloatArray:
        """(f,) what a pound of the in-year position of each year does to the margin."""
        if self.kind == "balance":
            return np.array([float(year == self.year) for year in years])
        return np.array([float(year <= self.year) for year in years])

    def score(self, margins: FloatArray) -> float:
        """Pounds that the goal is met by: the margin that the wanted share of draws reaches, or the central one."""
        if self.probability is None:
            return float(margins[0])
        position = int((len(margins) - 1) * (1.0 - self.probability))  # so many may miss it
        return float(np.partition(margins, position)[position])

    def words(self) -> str:
        """The goal as a phrase."""
        what = (
            f"in-year balance in {show_year(self.year)}"
            if self.kind == "balance"
            else f"the agreed balance at 31 March {self.year + 1}"
        )
        return what if self.probability is None else f"{what} with a chance of {100 * self.probability:g}%"


def chance(margins: FloatArray) -> float:
    """Share of draws that meet a goal."""
    return float(np.mean(margins >= -PENNY))


def make_goal(forecast: Forecast, kind: str, by: str | None, probability: float | None) -> Goal:
    """A goal on a forecast, checked.

    Args:
        forecast: whose years and agreement the goal is about.
        kind: see Goal.
        by: the financial year as written; without one, the last agreed year, or for balance the last year.
        probability: see Goal.

    Raises:
        UsageError: an unknown goal or year, a probability outside 0 to 1, or nothing agreed for the year.
    """
    place = Place(file="command line")
    clock = forecast.clock
    if kind not in GOALS:
        raise UsageError(Problem("HN533", "no such goal", place, kind, " or ".join(GOALS)))
    if probability is not None and not 0 < probability < 1:
        expected = "a share such as 0.8 for 80%, above 0 and below 1"
        raise UsageError(Problem("HN534", "a chance lies between 0 and 1", place, f"{probability:g}", expected))
    ahead = [year for year in clock.financial_years if year >= clock.first_forecast]
    agreed = dict(zip(clock.financial_years, forecast.account.agreed_gross_closing.tolist(), strict=True))
    known = [year for year in ahead if np.isfinite(agreed[year])]
    if kind == "profile" and not known:
        do = "Add `support.agreement.gross_closing`, or use --goal balance."
        raise UsageError(Problem("HN535", "no balance was agreed for any year of the forecast", place, do=do))
    last = known[-1] if kind == "profile" else ahead[-1]
    year = last if by is None else read_year(forecast, by)
    if kind == "balance":
        return Goal("balance", year, probability)
    if year not in known:
        expected = ", ".join(show_year(one) for one in known)
        raise UsageError(
            Problem("HN535", f"no balance was agreed for {show_year(year)}", place, "a blank year", expected)
        )
    return Goal("profile", year, probability, agreed[year])


def standing_goals(forecast: Forecast, year: int) -> list[Goal]:
    """The goals of the central run in a year: balance, and the agreed balance of that year or the last one agreed."""
    clock, agreed = forecast.clock, forecast.account.agreed_gross_closing
    goals = [Goal("balance", year, None)]
    known = [
        (one, float(agreed[f]))
        for f, one in enumerate(clock.financial_years)
        if clock.first_forecast <= one <= year and np.isfinite(agreed[f])
    ]
    if known:
        goals.append(Goal("profile", known[-1][0], None, known[-1][1]))
    return goals


def read_year(forecast: Forecast, text: str) -> int:
    """A forecast year as written.

    Raises:
        UsageError: it is not a year, or not one of the forecast.
    """
    clock = forecast.clock
    expected = ", ".join(show_year(year) for year in clock.financial_years if year >= clock.first_forecast)
    place = Place(file="command line")
    try:
        year = parse_year(text)
    except ValueError as error:
        raise UsageError(Problem("HN536", str(error), place, expected=expected)) from None
    if year not in clock.financial_years or year < clock.first_forecast:
        raise UsageError(Problem("HN536", "not a year of the forecast", place, text, expected))
    return year
