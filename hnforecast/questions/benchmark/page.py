"""A benchmark as a page and as tidy tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hnforecast.base.timeline import show_year
from hnforecast.writing.answer import Answer
from hnforecast.writing.blocks import Block, Grid, Heading, Paragraph, Points
from hnforecast.writing.csvtext import SHARE_PLACES, Cell, Table
from hnforecast.writing.style import millions, position_text, round_half_up

if TYPE_CHECKING:
    from hnforecast.questions.benchmark import AtMedian, Standing

NAMED = 4  # distances told in words


@dataclass(frozen=True)
class Beside:
    """Who is set beside whom: an authority, its region and its neighbours, by name."""

    code: str
    name: str
    region: str
    neighbours: Sequence[str]


def answer_benchmark(who: Beside, standings: Sequence[Standing], cases: Sequence[AtMedian], year: int) -> Answer:
    """An authority beside its neighbours, as page, tables and figures.

    Args:
        cases: forecasts at the neighbours' median; none for an authority this folder is not of.
        year: at which those are read.
    """

    def tables() -> list[Table]:
        found = [benchmark_table(who.code, who.name, standings)]
        return [*found, at_median_table(cases)] if cases else found

    page = benchmark_page(who.name, who.region, who.neighbours, standings, cases, year)
    return Answer("benchmark", _plain(who.code, who.name, standings), page, tables=tables)


def benchmark_page(
    name: str,
    region: str,
    neighbours: Sequence[str],
    standings: Sequence[Standing],
    cases: Sequence[AtMedian],
    year: int,
) -> list[Block]:
    """The authority beside the others, what the distance is worth, and the forecast at the median.

    Args:
        name, region: of the authority.
        neighbours: names of its statistical neighbours, closest first.
        standings: see benchmark.stand.
        cases: see benchmark.forecast_at_median; empty for an authority without a forecast.
        year: first calendar year of the financial year the forecasts are read at.
    """
    blocks: list[Block] = [
        Heading(f"{name} beside its neighbours, {region} and England", 1),
        Paragraph(
            f"Statistical neighbours: {', '.join(neighbours) or 'none are listed'}. The median and the rank are of "
            f"those with "
            "a figure; rank 1 is the highest, which is neither good nor bad in itself."
        ),
        Grid(["", "own", "median", "rank", "region", "England"], [_row(s) for s in standings]),
        Heading("Furthest from the median"),
        Points(_furthest(standings)),
        Heading("What the distance comes to"),
        Grid(
            ["At the neighbours' median", "distance", "own count would be"], [_worth(s) for s in standings if s.known]
        ),
    ]
    if len(cases) > 1:
        blocks += _forecasts(cases, year)
    return [*blocks, Heading("How to read these figures"), Points(_limits(standings, region))]


def benchmark_table(code: str, name: str, standings: Sequence[Standing]) -> Table:
    """One row an indicator."""
    rows: list[list[Cell]] = [
        [code, name, s.indicator.key, s.indicator.label, s.indicator.period, s.indicator.unit, s.value, s.median, s.low,
         s.high, s.rank, s.known + 1, s.panel_rank, s.panel, s.region, s.in_region, s.england,
         "published" if s.whole else "panel", s.distance, s.worth, s.indicator.counts]
        for s in standings
    ]  # fmt: skip
    columns = (
        "old_la_code", "authority", "indicator", "label", "period", "unit", "value", "neighbour_median",
        "neighbour_low",
        "neighbour_high", "rank", "ranked", "panel_rank", "panel", "region", "region_authorities", "england",
        "england_basis", "distance", "count_at_median", "counts",
    )  # fmt: skip
    return Table("benchmark", columns, rows, SHARE_PLACES)


def at_median_table(cases: Sequence[AtMedian]) -> Table:
    """The forecasts by case and year: signed pounds, and plans at the January inside the year."""
    rows: list[list[Cell]] = []
    for case in cases:
        forecast = case.forecast
        for f, year in enumerate(forecast.clock.financial_years):
            census = forecast.clock.censuses.index(year + 1)
            plans = float(forecast.plans.january[0, census].sum())
            account = forecast.account
            figures = (("gross_closing", account.gross_closing), ("in_year", account.in_year))
            rows.extend([case.label, show_year(year), item, float(values[0, f])] for item, values in figures)
            rows.append([case.label, show_year(year), "plans", plans])
    return Table("benchmark_forecasts", ("case", "financial_year", "item", "amount"), rows)


def _row(s: Standing) -> list[str]:
    own, median, region, england = (_show(value, s) for value in (s.value, s.median, s.region, s.england))
    rank = f"{s.rank} of {s.known + 1}" if s.known else "-"
    return [s.indicator.label, own, median, rank, region, england if s.whole else f"{england}*"]


def _worth(s: Standing) -> list[str]:
    size = _show(abs(s.distance), s)
    size = size.replace("%", " points") if s.indicator.unit == "share" else size  # a difference of shares is no share
    moved = f"{size} {'above' if s.distance > 0 else 'below'}"
    if s.indicator.counts == "pounds":
        return [s.indicator.label, moved, f"£{millions(s.worth)}m {'more' if s.worth > 0 else 'less'}"]
    count = f"{abs(round_half_up(s.worth)):,.0f} {s.indicator.counts}"
    return [s.indicator.label, moved, f"{count} {'more' if s.worth > 0 else 'fewer'}"]


def _furthest(standings: Sequence[Standing]) -> list[str]:
    """Distances largest against the spread of the neighbours."""
    known = [s for s in standings if s.known > 1 and s.high > s.low]
    ranked = sorted(known, key=lambda s: -abs(s.distance) / (s.high - s.low))
    return [
        f"{s.indicator.label} ({s.indicator.period}): {_show(s.value, s)} against a median of "
        f"{_show(s.median, s)}; the "
        f"neighbours lie between {_show(s.low, s)} and {_show(s.high, s)}. Of {s.panel} authorities of the panel it is "
        f"number {s.panel_rank} from the top."
        for s in ranked[:NAMED]
    ]


def _forecasts(cases: Sequence[AtMedian], year: int) -> list[Block]:
    rows = []
    base = None
    for case in cases:
        clock, account = case.forecast.clock, case.forecast.account
        f, census = clock.at(year), clock.censuses.index(year + 1)
        gross = float(account.gross_closing[0, f])
        base = gross if base is None else base
        plans = f"{float(case.forecast.plans.january[0, census].sum()):,.0f}"
        better = gross - base
        words = "-" if case is cases[0] else f"{millions(better)} {'better' if better > 0 else 'worse'}"
        rows.append([case.label, plans, position_text(float(account.in_year[0, f])), words])
    scenario = cases[0].forecast.scenario.name
    changes = [f"{case.label}: {'; '.join(case.changes)}." for case in cases[1:] if case.label != cases[-1].label]
    if len(cases) == 2:
        changes = [f"{cases[1].label}: {'; '.join(cases[1].changes)}."]
    return [
        Heading("The forecast at the neighbours' median"),
        Paragraph(
            f"The scenario {scenario} run again with one driver at the median of the neighbours, from the first "
            f"forecast "
            f"month, everything else as it is. Read at {show_year(year)}: plans in January, the in-year position, "
            f"and the "
            "balance before support against the forecast as it is, £m. It says what a difference is worth, not that it "
            "can be closed: plans already there stay where they are."
        ),
        Grid([show_year(year), "plans", "in-year", "balance"], rows),
        Points(changes),
    ]


def _limits(standings: Sequence[Standing], region: str) -> list[str]:
    periods: dict[str, list[str]] = {}
    for s in standings:
        periods.setdefault(s.indicator.period, []).append(s.indicator.label)
    when = ". ".join(f"{period}: {'; '.join(labels)}" for period, labels in periods.items())
    size = max((s.in_region for s in standings), default=0)
    return [
        f"Periods. {when}.",
        f"{region} is its {size} authorities in the panel, taken together. England is as published; where it has a "
        f"* it is the "
        "panel's authorities taken together, about two in three of all.",
        "Residents are mid-2023, the latest published for every authority; counts are later.",
        "Spend on lines 1.2 leaves out place funding. Place funding counts what councils pay: places at academies "
        "are paid "
        "direct, so a council with many maintained special schools shows more of it.",
        "Top-up per plan sets spend of 2021-22 against plans of January 2022; councils record sectors differently, "
        "and how "
        "much of a place is top-up depends on local rates. Later years were not published by sector.",
        "A deficit was published by authority to March 2022 only, as a rounded share of the dedicated schools grant.",
        "A refusal is of a request for assessment in the year, of all requests received. The law sets the test for an "
        "assessment: a median is not a target.",
    ]


def _show(value: float, s: Standing) -> str:
    if not np.isfinite(value):
        return "-"
    if s.indicator.unit == "share":
        shown = round_half_up(100.0 * value, 1)
        return f"({abs(shown):,.1f}%)" if shown < 0 else f"{shown:,.1f}%"
    if s.indicator.unit == "gbp":
        return f"£{value:,.0f}"
    return f"{value:,.1f}"


def _plain(code: str, name: str, standings: Sequence[Standing]) -> dict[str, Any]:
    def known(value: float) -> float | None:
        return None if math.isnan(value) else round(value, 6)

    return {
        "schema": "hnforecast/benchmark/1",
        "old_la_code": code,
        "authority": name,
        "indicators": {
            s.indicator.key: {
                "label": s.indicator.label,
                "period": s.indicator.period,
                "unit": s.indicator.unit,
                "value": known(s.value),
                "neighbour_median": known(s.median),
                "rank": s.rank,
                "ranked": s.known + 1,
                "region": known(s.region),
                "england": known(s.england),
                "distance": known(s.distance),
                "count_at_median": known(s.worth),
            }
            for s in standings
        },
    }
