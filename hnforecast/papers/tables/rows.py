"""Which rows of spend are in the account, and the words for each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hnforecast.base.codes import Codes
from hnforecast.engine.model.state import SpendRow
from hnforecast.writing.style import sentence_case

if TYPE_CHECKING:
    from hnforecast.assumptions import Sourced, Vintage
    from hnforecast.assumptions.measures import Measure


SERVICES = "services"
KINDS = {"gross": "spend", "income": "income", "recoupment": "paid direct by the DfE"}


def line_text(row: SpendRow, codes: Codes) -> str:
    """What a row pays for: its own label where it has one, else the s251 description."""
    return row.label or codes.line_labels.get(row.s251_line, row.s251_line)


def driver_text(row: SpendRow, codes: Codes) -> str:
    """What drives a row: the placement's label, or services, which no plan drives."""
    return codes.labels.get(row.placement, sentence_case(row.placement))


# How sure each figure of funding is.

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
