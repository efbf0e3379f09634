"""How sure each figure of funding is: the mark of the assumption it came from, carried into every output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hnforecast.assumptions import Sourced, Vintage
    from hnforecast.assumptions.measures import Measure


PREFIX = "funding."
# where a stream has a path for published years and another that carries it on
CARRIED_ON = {
    "funding.high_needs_block.allocation": "funding.high_needs_block.growth",
    "funding.deductions": "funding.deductions_growth",
}


def funding_source(vintage: Vintage, stream: str, year: int, measures: Sequence[Measure] = ()) -> Sourced | None:
    """The assumption a stream's figure of a year rests on; None where the vintage gives none and the figure is nil.

    Args:
        vintage: the resolved vintage.
        stream: code of inputs/codes/streams.csv.
        year: first calendar year of the financial year.
        measures: of the scenario; a transfer that a measure brings is as sure as the measure, not as those approved.
    """
    for effect in (effect for measure in measures for effect in measure.effects if effect.driver == stream):
        if year >= vintage.manifest.first_forecast_year and (effect.change.by is None or effect.change.by.get(year)):
            return effect.change
    path = f"{PREFIX}{stream}"
    if path not in vintage.values:
        path = f"{path}.allocation"
    sourced = vintage.values.get(path)
    carried = vintage.values.get(CARRIED_ON.get(path, ""))
    if sourced is not None and sourced.by is not None and carried is not None and year > max(sourced.by):
        return carried
    return sourced


def funding_mark(vintage: Vintage, stream: str, year: int, measures: Sequence[Measure] = ()) -> str:
    """confirmed, inferred or unverified; empty where the stream is nil for want of an assumption."""
    sourced = funding_source(vintage, stream, year, measures)
    return sourced.mark if sourced is not None else ""
