"""The plain sentences of a run, each built from its numbers: where the account stands, where it goes, against what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.outputs.beside import ensemble_of, notes_of
from hnforecast.outputs.style import MILLION, millions, position_phrase
from hnforecast.timeline import show_year

if TYPE_CHECKING:
    from hnforecast.forecast import Forecast

ABOUT = 0.05  # two balances within this share of each other are "about the same"


def key_sentences(forecasts: Sequence[Forecast]) -> list[str]:
    """What a reader should take away: the present position, each scenario, then what the forecast says of itself."""
    sentences = [*_position(forecasts[0]), *_against_agreement(forecasts[0])]
    sentences += [_outlook(forecast) for forecast in forecasts]
    notes: dict[str, None] = {}
    for forecast in forecasts:
        notes.update(dict.fromkeys(notes_of(forecast)))
    return [*sentences, *notes]


def day(year: int) -> str:
    """The last day of a financial year."""
    return f"31 March {year + 1}"


def _position(forecast: Forecast) -> list[str]:
    base = forecast.clock.first_forecast - 1
    if base not in forecast.clock.financial_years:
        return []
    f = forecast.clock.financial_years.index(base)
    account = forecast.account
    closing, gross = position_phrase(account.closing[0, f]), position_phrase(account.gross_closing[0, f])
    without = f"before any contribution it would have been {gross}" if gross != closing else "no contribution is in it"
    return [
        f"On {day(base)} the high needs account stood at {closing}; {without}. "
        f"In {show_year(base)} the in-year position was {position_phrase(account.in_year[0, f])}."
    ]


def _against_agreement(forecast: Forecast) -> list[str]:
    """Whether the opening balance already stands where the agreement allowed it to be at its end."""
    account, years = forecast.account, forecast.clock.financial_years
    known = np.nonzero(np.isfinite(account.agreed_gross_closing))[0]
    base = forecast.clock.first_forecast - 1
    if known.size == 0 or base not in years or years[int(known[-1])] <= base:
        return []
    last = int(known[-1])
    opening, allowed = float(account.gross_closing[0, years.index(base)]), float(account.agreed_gross_closing[last])
    if abs(opening - allowed) <= ABOUT * abs(allowed):
        verdict = "The forecast opens about there already"
    elif opening < allowed:
        verdict = "The forecast opens beyond that already"
    else:
        verdict = "The forecast opens short of that"
    gap = (
        "" if abs(opening - allowed) < MILLION / 20 else f", £{millions(opening - allowed)}m {_side(opening - allowed)}"
    )
    return [
        f"The agreement allows {position_phrase(allowed)} before contributions at its last known point, "
        f"{day(years[last])}. {verdict}: {position_phrase(opening)} on {day(base)}{gap}."
    ]


def _outlook(forecast: Forecast) -> str:
    account, years = forecast.account, forecast.clock.financial_years
    last = len(years) - 1
    text = (
        f"{forecast.scenario.name}: by {day(years[last])} the balance before contributions is forecast at "
        f"{position_phrase(account.gross_closing[0, last])}, after them at "
        f"{position_phrase(account.closing[0, last])}; the in-year position of "
        f"{show_year(years[last])} is {position_phrase(account.in_year[0, last])}."
    )
    ensemble = ensemble_of(forecast)
    if ensemble is not None and ensemble.account.closing.shape[0] > 1:
        low, high = np.quantile(ensemble.account.gross_closing[:, last], (0.1, 0.9))
        text += f" Eight times in ten it should lie between {position_phrase(low)} and {position_phrase(high)}."
    return text


def _side(difference: float) -> str:
    return "worse" if difference < 0 else "better"
