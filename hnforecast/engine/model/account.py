"""The account: opening + in-year + support = closing, with the balance before any contribution kept beside it.

Money is positive and a negative position is a deficit. Support is a list of dated instruments; the account knows
no programme by name.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray, stack_draws
from hnforecast.engine.model.state import DsgAccount, Funding


@dataclass(frozen=True)
class Instrument:
    """One kind of support.

    Args:
        name: as in support.yaml.
        payments: (d or 1, f) pounds agreed for each financial year reported.
        share: share of the deficit at balance_year's end that is paid off in paid_year (stability grant, write-off);
            0 if none.
        balance_year, paid_year: positions on the years axis, or -1.
        suspended_when_missed: nothing is paid from the first forecast year whose agreed profile is missed.
    """

    name: str
    payments: FloatArray
    share: FloatArray
    balance_year: int = -1
    paid_year: int = -1
    suspended_when_missed: bool = False


@dataclass(frozen=True)
class AccountRules:
    """What the account needs beside funding and spend.

    Args:
        opening: (d or 1,) signed balance at the start of the first year, after contributions.
        contributions_before: pounds of support received before the first year, so that gross = balance - contributions.
        outturn_closing: position on the years axis -> published signed closing balance.
        instruments: in order.
        agreed_gross_closing, agreed_in_year: (f,) signed, NaN where not known.
        first_forecast: position of the first forecast year.
    """

    opening: FloatArray
    contributions_before: float
    outturn_closing: dict[int, float]
    instruments: tuple[Instrument, ...]
    agreed_gross_closing: FloatArray
    agreed_in_year: FloatArray
    first_forecast: int


def settle_account(funding: FloatArray, spend: FloatArray, rules: AccountRules) -> DsgAccount:
    """Roll the balance forward.

    Args:
        funding: (d, f) pounds, all streams.
        spend: (d, f) pounds, all rows of the dedicated schools grant.
        rules: opening, instruments and profile.

    Returns:
        The account; in outturn years other_movement is what the published closing moves by beyond its parts.
    """
    in_year = funding - spend
    draws, years = in_year.shape
    shape = (draws, years)
    opening, closing, other = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    gross, met = np.zeros(shape), np.full(shape, np.nan)
    support = np.zeros((draws, years, len(rules.instruments)))
    balance = np.broadcast_to(rules.opening, (draws,)).copy()
    gross_before = balance - rules.contributions_before
    on_track = np.ones(draws, dtype=bool)
    for f in range(years):
        opening[:, f] = balance
        agreed = rules.agreed_gross_closing[f]
        if np.isfinite(agreed) and f >= rules.first_forecast:
            # the profile leaves support out, so whether it is met is known before anything is paid
            on_track &= gross_before + in_year[:, f] >= agreed
        for i, instrument in enumerate(rules.instruments):
            paid = np.broadcast_to(instrument.payments[:, f], (draws,)).copy()
            if f == instrument.paid_year and instrument.balance_year >= 0:
                base = closing[:, instrument.balance_year]
                paid = paid + instrument.share * np.maximum(0.0, -base)
            if instrument.suspended_when_missed and f >= rules.first_forecast:
                paid = np.where(on_track, paid, 0.0)
            support[:, f, i] = paid
        received = support[:, f].sum(axis=1)
        balance = balance + in_year[:, f] + received
        if f in rules.outturn_closing:
            other[:, f] = rules.outturn_closing[f] - balance
            balance = balance + other[:, f]
        closing[:, f] = balance
        gross[:, f] = gross_before = gross_before + in_year[:, f] + other[:, f]
        if np.isfinite(agreed):
            met[:, f] = gross[:, f] >= agreed
    return DsgAccount(
        instruments=tuple(instrument.name for instrument in rules.instruments),
        opening=opening,
        in_year=in_year,
        support=support,
        other_movement=other,
        closing=closing,
        gross_closing=gross,
        agreed_gross_closing=rules.agreed_gross_closing,
        agreed_in_year=rules.agreed_in_year,
        met=met,
    )


# The high needs block and what is added to or taken from it, by financial year.


def build_funding(streams: dict[str, FloatArray]) -> Funding:
    """Gather the streams, each (d, f) pounds: allocations positive, deductions negative.

    A block transfer is funding, not support: it counts in the in-year position, in the years approved only.
    """
    return Funding(tuple(streams), stack_draws(list(streams.values()), axis=-1))
