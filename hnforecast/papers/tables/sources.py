"""The tables that say what a run rests on: savings by measure, and the source of every value and file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hnforecast.base.timeline import show_year
from hnforecast.engine.assumption_lines import holds_from, used_assumptions
from hnforecast.writing.csvtext import Cell, Table, at, quantile_cells

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast

LEVELS = (0.10, 0.50, 0.90)
SOURCE_COLUMNS = (
    "item", "kind", "value", "unit", "from", "status", "mark", "source", "published_on", "as_at", "owner", "review_by",
    "calibrated_to", "place", "sha256",
)  # fmt: skip


def measures_table(forecasts: Sequence[Forecast]) -> Table:
    """What each measure saves by year, its Shapley share of the joint effect, so that the shares add to the whole.

    A saving is positive. Quantiles are blank with one draw. A scenario without measures has no rows.
    """
    rows: list[list[Cell]] = []
    for forecast in forecasts:
        ahead = [year for year in forecast.clock.financial_years if year >= forecast.clock.first_forecast]
        for saving in forecast.savings:
            cells = quantile_cells(saving.draws, LEVELS)
            for f, year in enumerate(ahead):
                start: list[Cell] = [forecast.scenario.name, show_year(year), saving.measure, float(saving.central[f])]
                rows.append([*start, *at(cells, (f,), len(LEVELS))])
    columns = ("scenario", "financial_year", "measure", "central", "p10", "p50", "p90")
    return Table("measures", columns, rows)


def sources_table(forecasts: Sequence[Forecast], files: dict[str, str]) -> Table:
    """Every assumption with its source, then every file read with its hash."""
    rows: list[list[Cell]] = []
    for sourced in used_assumptions(forecasts):
        kind = "measure" if sourced.path.startswith("measures.") else "assumption"
        rows.append(
            [
                sourced.path, kind, sourced.value, sourced.unit, holds_from(sourced), sourced.status, sourced.mark,
                sourced.source, _day(sourced.published_on), _day(sourced.as_at), sourced.owner, _day(sourced.review_by),
                sourced.calibrated_to, str(sourced.place).split("  ", maxsplit=1)[0], None,
            ]
        )  # fmt: skip
    for name, sha256 in sorted(files.items()):
        rows.append([name, "file", *[None] * (len(SOURCE_COLUMNS) - 3), sha256])
    return Table("sources", SOURCE_COLUMNS, rows, places=None)


def _day(day: object) -> str | None:
    return None if day is None else str(day)
