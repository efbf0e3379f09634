"""Support as dated instruments, the agreed profile, and the published balances the account starts from and ties to."""

from __future__ import annotations

import numpy as np

from hnforecast.assumptions import ScenarioSpec, Sourced, Vintage
from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import month
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.model.account import AccountRules, Instrument


def account_rules(
    vintage: Vintage,
    years: tuple[int, ...],
    spec: ScenarioSpec,
    in_year: FloatArray,
    drawn: Drawn,
) -> AccountRules:
    """Opening, instruments and profile for the years reported.

    Every payment up to the base outturn year was made and counts whatever the scenario; after it only the chosen
    instruments pay.

    Args:
        years: financial years reported, the base outturn year first or already past.
        spec: the scenario: its instruments, the last year of any that end early, those that stop when the profile is
            missed.
        in_year: (d, f) positions, to work back an opening that was not published.
    """
    outturn = vintage.manifest.base_outturn
    published = dict(vintage.support.balance.by or {})
    closings = {f: published[_end(year)] for f, year in enumerate(years) if year <= outturn and _end(year) in published}
    instruments = tuple(_instrument(vintage, name, years, spec, drawn) for name in vintage.support.instruments)
    return AccountRules(
        opening=_opening(published, years, closings, instruments, in_year),
        contributions_before=contributions_before(vintage, years[0]),
        outturn_closing=closings,
        instruments=instruments,
        agreed_gross_closing=_profile(vintage.support.agreement.gross_closing, years),
        agreed_in_year=_profile(vintage.support.agreement.in_year, years),
        first_forecast=sum(year <= outturn for year in years),
    )


def contributions_before(vintage: Vintage, year: int) -> float:
    """Pounds of support paid before a financial year."""
    total = 0.0
    for instrument in vintage.support.instruments.values():
        if instrument.payments is not None and instrument.payments.by is not None:
            total += sum(value for paid, value in instrument.payments.by.items() if paid < year)
    return total


def _opening(
    published: dict[int, float],
    years: tuple[int, ...],
    closings: dict[int, float],
    instruments: tuple[Instrument, ...],
    in_year: FloatArray,
) -> FloatArray:
    """(draw or 1,) balance before the first year: published, or worked back from the first published closing."""
    before = _end(years[0] - 1)
    if before in published:
        return np.array([published[before]])
    if not closings:
        known = [key for key in published if key <= before]
        return np.array([published[max(known)] if known else 0.0])
    first = min(closings)
    moved = in_year[:, : first + 1].sum(axis=1)
    paid = sum(instrument.payments[:, : first + 1].sum(axis=1) for instrument in instruments)
    opening: FloatArray = closings[first] - moved - paid
    return opening


def _instrument(
    vintage: Vintage, name: str, years: tuple[int, ...], scenario: ScenarioSpec, drawn: Drawn
) -> Instrument:
    spec, chosen = vintage.support.instruments[name], name in scenario.support
    last = scenario.support_ends.get(name, years[-1]) if chosen else vintage.manifest.base_outturn
    outturn = vintage.manifest.base_outturn
    amounts = [
        spec.payments.at(year, 0.0, hold=False) if spec.payments is not None and year <= max(last, outturn) else 0.0
        for year in years
    ]
    share = drawn.value(spec.share) if spec.share is not None and chosen else np.zeros(1)
    balance_year = paid_year = -1
    if spec.share is not None and spec.balance_at is not None and spec.paid_in is not None:
        ends = [_end(year) for year in years]
        balance_year = ends.index(spec.balance_at) if spec.balance_at in ends else -1
        paid_year = years.index(spec.paid_in) if spec.paid_in in years else -1
    return Instrument(name, np.array([amounts]), share, balance_year, paid_year, name in scenario.suspend_when_missed)


def _profile(agreed: Sourced | None, years: tuple[int, ...]) -> FloatArray:
    if agreed is None:
        return np.full(len(years), np.nan)
    return np.array([agreed.at(year, np.nan, hold=False) for year in years])


def _end(year: int) -> int:
    """March at the end of a financial year."""
    return month(year + 1, 3)
