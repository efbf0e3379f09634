"""The plain sentences of a run, each built from its numbers: where the account stands, where it goes, against what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.timeline import show_year
from hnforecast.writing.style import position_phrase

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast


def key_sentences(forecasts: Sequence[Forecast]) -> list[str]:
    """What a reader should take away: the present position, what holds for every scenario, then where each one goes."""
    common: dict[str, None] = {}
    for forecast in forecasts:
        common.update(dict.fromkeys(note for note in forecast.notes if not _own(note, forecast)))
    return [*_position(forecasts[0]), *common, *(_outlook(forecast) for forecast in forecasts)]


def scenario_notes(forecast: Forecast) -> list[str]:
    """What is to be known of one scenario alone: its notes that begin with its name, the name left out."""
    return [note.removeprefix(_start(forecast)) for note in forecast.notes if _own(note, forecast)]


def _own(note: str, forecast: Forecast) -> bool:
    return note.startswith(_start(forecast))


def _start(forecast: Forecast) -> str:
    return f"{forecast.scenario.name}: "


def day(year: int) -> str:
    """The last day of a financial year."""
    return f"31 March {year + 1}"


def _position(forecast: Forecast) -> list[str]:
    base = forecast.clock.first_forecast - 1
    if base not in forecast.clock.financial_years:
        return []
    f = forecast.clock.at(base)
    account = forecast.account
    closing, gross = position_phrase(account.closing[0, f]), position_phrase(account.gross_closing[0, f])
    without = f"before any contribution it would have been {gross}" if gross != closing else "no contribution is in it"
    return [
        f"On {day(base)} the high needs account stood at {closing}; {without}. "
        f"In {show_year(base)} the in-year position was {position_phrase(account.in_year[0, f])}, as the model works "
        "it out from plans and prices fitted to outturn."
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
    ensemble = forecast.ensemble
    if ensemble is not None and ensemble.account.closing.shape[0] > 1:
        low, high = np.quantile(ensemble.account.gross_closing[:, last], (0.1, 0.9))
        text += f" Eight times in ten it should lie between {position_phrase(low)} and {position_phrase(high)}."
    return text
