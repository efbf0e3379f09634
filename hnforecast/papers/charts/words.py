"""What one sees on each chart, in words: the alternative text of the charts, wherever they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.writing.style import millions, position_text, round_half_up, shows

if TYPE_CHECKING:
    from hnforecast.papers.charts.data import ChartData


def chart_words(chart: ChartData) -> dict[str, tuple[str, str]]:
    """Name of a chart -> its title and a description of a few sentences, for every chart the run has.

    The names are those of the files in charts/, without ending, in the order in which they are drawn.
    """
    return {name: (title, " ".join(words)) for name, title, words in _told(chart)}


def _told(chart: ChartData) -> Iterator[tuple[str, str, list[str]]]:
    first, last = chart.years[0] + 1, chart.years[-1] + 1
    balance = "High needs balance before any contribution, £m: below nought is a deficit"
    ends = [
        f"{name} £{position_text(float(chart.gross_closing[s, -1])).replace(' ', 'm ', 1)}"
        for s, name in enumerate(chart.scenarios)
    ]
    words = [f"Lines by scenario from 31 March {first} to 31 March {last}, when they stand at: {'; '.join(ends)}."]
    known = [f for f in range(len(chart.years)) if np.isfinite(chart.agreed[f])]
    if known:
        agreed = position_text(float(chart.agreed[known[-1]])).replace(" ", "m ", 1)
        words.append(f"The agreed profile ends on 31 March {chart.years[known[-1]] + 1} at £{agreed}.")
    yield "deficit-by-scenario", balance, words
    if chart.fan:
        yield (
            "deficit-range",
            "Range of the balance before any contribution, £m: below nought is a deficit",
            _fan(chart),
        )
    yield "plans-by-placement", "EHC plans open in January, by the Department's placement groups", _plans(chart)
    yield "spend-by-line", "High needs spend by section 251 line, £m, years ending 31 March", _spend(chart)
    if chart.savings:
        yield "savings-by-measure", "What the measures improve the in-year position by, £m", _savings(chart)
        yield "bridge-measures", _bridge_title(chart), _bridge(chart)


def _fan(chart: ChartData) -> list[str]:
    low, high = (
        "; ".join(
            f"{name} £{position_text(float(fan[level, -1])).replace(' ', 'm ', 1)}" for name, fan in chart.fan.items()
        )
        for level in (0, -1)
    )
    end = f"31 March {chart.years[-1] + 1}"
    return [
        "One panel a scenario: the middle of the draws, the band that holds six draws in ten and the band that holds "
        f"eight in ten. On {end} one draw in ten is worse than: {low}. One in ten is better than: {high}."
    ]


def _plans(chart: ChartData) -> list[str]:
    totals = chart.plans.sum(axis=1)
    said = [f"{name} {round_half_up(float(totals[s, -1])):,.0f}" for s, name in enumerate(chart.scenarios)]
    largest = chart.groups[int(np.argmax(chart.plans[0, :, -1]))]
    return [
        f"Stacked areas, one panel a scenario, from {chart.censuses[0]} ({totals[0, 0]:,.0f} plans) to "
        f"{chart.censuses[-1]}: {'; '.join(said)}. The largest group of {chart.scenarios[0]} is then {largest}."
    ]


def _spend(chart: ChartData) -> list[str]:
    totals = chart.spend.sum(axis=1)
    said = [f"{name} £{millions(float(totals[s, -1]))}m" for s, name in enumerate(chart.scenarios)]
    largest = chart.lines[int(np.argmax(chart.spend[0, :, -1]))]
    return [
        f"Stacked areas, one panel a scenario, from £{millions(float(totals[0, 0]))}m in the year ending 31 March "
        f"{chart.years[0] + 1}. In the last year: {'; '.join(said)}. The largest line of {chart.scenarios[0]} is then "
        f"{largest}."
    ]


def _savings(chart: ChartData) -> list[str]:
    said = [f"{one.scenario} £{millions(float(one.yearly[:, -1].sum()))}m" for one in chart.savings]
    words = [f"Stacked columns by year, one panel a scenario. In the last year all measures: {'; '.join(said)}."]
    first = chart.savings[0]
    best = sorted(zip(first.yearly[:, -1], first.measures, strict=True), key=lambda pair: -pair[0])[:3]
    words.append(
        f"The largest of {first.scenario}: " + "; ".join(f"{title} £{millions(float(v))}m" for v, title in best) + "."
    )
    return words


def _bridge_title(chart: ChartData) -> str:
    end = chart.years[chart.milestone] + 1
    return f"What the measures of {chart.savings[0].scenario} do to the balance on 31 March {end}, £m"


def bridge_steps(chart: ChartData) -> list[tuple[str, float]]:
    """Label and signed pounds: the balance without the measures, what each improves it by, and the balance with them.

    What a measure does to the balance is the sum of its shares of the in-year position up to then, so that the steps
    add up to the end exactly.
    """
    one, f = chart.savings[0], chart.milestone
    shares = one.yearly[:, : f + 1].sum(axis=1)
    end = float(chart.gross_closing[chart.scenarios.index(one.scenario), f])
    steps = [(title, float(share)) for title, share in zip(one.measures, shares, strict=True)]
    return [
        ("without measures", end - float(shares.sum())),
        *sorted(steps, key=lambda step: -step[1]),
        (one.scenario, end),
    ]


def _bridge(chart: ChartData) -> list[str]:
    steps = bridge_steps(chart)
    moved = [f"{label} {'+' if value >= 0 else '-'}£{millions(value)}m" for label, value in steps[1:-1] if shows(value)]
    start, end = (f"£{position_text(value).replace(' ', 'm ', 1)}" for value in (steps[0][1], steps[-1][1]))
    return [f"A waterfall from {start} without measures to {end}. Steps: {'; '.join(moved) or 'none of any size'}."]
