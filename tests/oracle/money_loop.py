"""Prices, spend, funding and the account one month and one year at a time, for a single draw, in plain Python.

Written from docs/method.md and the meaning of each record, not from the model's stages. Signs: money is positive,
in_year = funding - spend, closing = opening + in_year + support, and a negative position is a deficit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hnforecast.base.timeline import calendar, financial_year, month, quarter


def price_in(absolute: int, value: float, base_year: int, uplift_month: int, growth: Mapping[int, float]) -> float:
    """The annual price in force in a month, walking month by month from the step of the base year.

    Args:
        absolute: the month wanted.
        value: pounds a year from the uplift month of the base year.
        base_year: first calendar year of the financial year of the value.
        uplift_month: 4 or 9.
        growth: by first calendar year of the financial year in which the step falls.
    """
    here, price = month(base_year, uplift_month), value
    while here < absolute:
        here += 1
        if calendar(here)[1] == uplift_month:
            price *= 1 + growth[financial_year(here)]
    while here > absolute:
        if calendar(here)[1] == uplift_month:
            price /= 1 + growth[financial_year(here)]
        here -= 1
    return price


def plan_spend(
    months: Sequence[int], plan_months: Sequence[float], prices: Sequence[float], share: float
) -> dict[int, float]:
    """Spend by month on plans: a plan-month costs a twelfth of the year's price."""
    return {t: plan_months[i] * prices[i] / 12 * share for i, t in enumerate(months)}


def place_spend(
    months: Sequence[int], places: Sequence[float], prices: Sequence[float], share: float
) -> dict[int, float]:
    """Spend by month on commissioned places, filled or not."""
    return {t: places[i] * prices[i] / 12 * share for i, t in enumerate(months)}


def fixed_spend(months: Sequence[int], by_year: Mapping[int, float]) -> dict[int, float]:
    """Spend by month of a sum set for each financial year."""
    return {t: by_year[financial_year(t)] / 12 for t in months if financial_year(t) in by_year}


def by_quarter(spend: Mapping[int, float], years: Sequence[int]) -> dict[tuple[int, int], float]:
    """Spend by financial year and quarter; months outside the years are left out."""
    totals = {(year, number): 0.0 for year in years for number in (1, 2, 3, 4)}
    for absolute, pounds in spend.items():
        key = (financial_year(absolute), quarter(absolute))
        if key in totals:
            totals[key] += pounds
    return totals


@dataclass(frozen=True)
class Support:
    """One instrument: payments by year; or a share of the deficit at one year's end, paid in a later one."""

    payments: Mapping[int, float]
    share: float = 0.0
    balance_year: int | None = None
    paid_year: int | None = None
    suspended_when_missed: bool = False


@dataclass(frozen=True)
class AccountYear:
    """One line of the account, pounds, signed."""

    opening: float
    in_year: float
    support: tuple[float, ...]
    other_movement: float
    closing: float
    gross_closing: float
    met: bool | None


def settle(
    years: Sequence[int],
    funding: Mapping[int, Sequence[float]],
    spend: Mapping[int, float],
    opening: float,
    contributions_before: float,
    instruments: Sequence[Support],
    agreed: Mapping[int, float],
    first_forecast: int,
    published_closing: Mapping[int, float],
) -> dict[int, AccountYear]:
    """Roll the balance from year to year.

    The gross balance is the one without any contribution ever paid. Instruments that depend on the agreement stop for
    good in the first forecast year whose agreed gross balance is missed. In years with a published closing balance the
    part of the movement that nothing else explains is shown as other movement.

    Args:
        years: financial years in order.
        funding: the streams of each year, deductions negative.
        spend: by year.
        opening: balance before the first year, contributions so far included.
        contributions_before: those contributions.
        instruments, agreed, first_forecast, published_closing: by year where they have years.
    """
    lines: dict[int, AccountYear] = {}
    balance, gross, suspended = opening, opening - contributions_before, False
    for year in years:
        in_year = sum(funding[year]) - spend[year]
        profile = agreed.get(year)
        if year >= first_forecast and profile is not None and gross + in_year < profile:
            suspended = True
        received = []
        for instrument in instruments:
            paid = instrument.payments.get(year, 0.0)
            if year == instrument.paid_year and instrument.balance_year is not None:
                deficit = max(0.0, -lines[instrument.balance_year].closing)
                paid += instrument.share * deficit
            if instrument.suspended_when_missed and suspended:
                paid = 0.0
            received.append(paid)
        closing = balance + in_year + sum(received)
        other = published_closing.get(year, closing) - closing
        gross += in_year + other
        lines[year] = AccountYear(
            opening=balance,
            in_year=in_year,
            support=tuple(received),
            other_movement=other,
            closing=closing + other,
            gross_closing=gross,
            met=None if profile is None else gross >= profile,
        )
        balance = closing + other
    return lines
