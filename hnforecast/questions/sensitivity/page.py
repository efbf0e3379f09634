"""The page of a sensitivity: tornado, switching values, shares of variance, settlements, and what they rest on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.record import package_version
from hnforecast.base.timeline import show_year
from hnforecast.questions.sensitivity.findings import Findings
from hnforecast.questions.sensitivity.indices import Indices
from hnforecast.questions.sensitivity.settlements import Settlement
from hnforecast.questions.sensitivity.switching import Switch
from hnforecast.questions.sensitivity.tables import sensitivity_plain, sensitivity_tables
from hnforecast.questions.sensitivity.words import (
    driver_value,
    quantity_text,
    switch_value,
    switch_words,
    tornado_words,
)
from hnforecast.questions.targets.goals import chance
from hnforecast.questions.targets.words import brief_move, chance_text, short
from hnforecast.writing.answer import Answer
from hnforecast.writing.blocks import Block, Grid, Heading, Paragraph, Points
from hnforecast.writing.style import millions, percent, signed

if TYPE_CHECKING:
    pass

SHOWN, SWITCHES_SHOWN, GROUPS_SHOWN = 15, 12, 12


def answer_sensitivity(findings: Findings) -> Answer:
    """What a scenario hangs on, as page, tables, chart and figures."""

    def charts() -> dict[str, bytes]:
        from hnforecast.questions.sensitivity.chart import draw_tornado  # which loads what screens need not

        vintage, name = findings.trials.forecast.scenario.vintage, findings.trials.forecast.scenario.name
        source = (
            f"Source: hnforecast {package_version()}, {vintage.manifest.authority.name}, "
            f"assumptions of {vintage.name}, scenario {name}. Cash prices."
        )
        return dict(draw_tornado(findings.bars, findings.quantity, source))

    tables = partial(sensitivity_tables, findings)
    return Answer("sensitivity", sensitivity_plain(findings), sensitivity_page(findings), tables=tables, charts=charts)


def sensitivity_page(findings: Findings) -> list[Block]:
    """The page."""
    forecast = findings.trials.forecast
    vintage = forecast.scenario.vintage
    what = quantity_text(findings.quantity)
    return [
        Heading(f"What the {what} hangs on", 1),
        Paragraph(
            f"{vintage.manifest.authority.name}, scenario {forecast.scenario.name}, assumptions of {vintage.name}. £m "
            "in cash; brackets are a deficit."
        ),
        *_tornado(findings),
        *_switching(findings.switches),
        *_indices(findings.indices),
        *_settlements(findings),
    ]


def _tornado(findings: Findings) -> list[Block]:
    bars = findings.bars
    rows = [
        [
            short(bar.driver.label),
            driver_value(bar.driver, bar.driver.low),
            driver_value(bar.driver, bar.driver.high),
            signed(bar.at_low),
            signed(bar.at_high),
        ]
        for bar in bars[:SHOWN]
    ]
    left = len(bars) - SHOWN
    more = f" {left} more, with less effect, are in the table." if left > 0 else ""
    return [
        Heading("One driver at a time"),
        Paragraph(tornado_words(bars, findings.quantity)),
        Grid(["driver", "P10", "P90", "at P10", "at P90"], rows),
        Paragraph(
            "Each driver at its 10th and 90th percentile with every other at its central value, widest first. The "
            "measured errors are those of forecasts made this way for past years, every year at its own percentile; "
            f"they take the place of the judged range of new-plan growth.{more}"
        ),
    ]


def _switching(switches: list[Switch]) -> list[Block]:
    blocks: list[Block] = [Heading("Switching values")]
    for goal in dict.fromkeys(switch.goal for switch in switches):
        mine = [switch for switch in switches if switch.goal == goal]
        blocks.append(Paragraph(switch_words(mine)))
        live = sorted(
            (switch for switch in mine if not switch.inert),
            key=lambda switch: (switch.move is None, -switch.margin_best),
        )
        rows = [
            [
                short(switch.lever.label),
                brief_move(switch.lever, switch.lever.start),
                switch_value(switch),
                signed(switch.margin_best),
            ]
            for switch in live[:SWITCHES_SHOWN]
        ]
        if rows:
            blocks.append(Grid(["lever, alone", "now", "switches at", "best, £m"], rows))
    blocks.append(
        Paragraph(
            "x is a factor on all of it, points are added to every year, pounds and shares are values. Best is "
            "the margin of the goal at the end of the plausible range that is best for it; brackets are short of it."
        )
    )
    return blocks


def _indices(indices: Indices | None) -> list[Block]:
    if indices is None:
        return [
            Heading("Shares of variance"),
            Paragraph("Not worked out: the central run alone was made. They need draws."),
        ]
    rows = [
        [
            short(group.label),
            _share(group.first),
            f"+-{100 * group.first_error:.1f}",
            _share(group.total),
            f"+-{100 * group.total_error:.1f}",
        ]
        for group in indices.groups[:GROUPS_SHOWN]
    ]
    whole = "" if indices.whole else " Interactions of the weaker columns are left out: there are too few draws."
    joined = [group for group in indices.groups if len(group.members) > 1]
    together = f" {'; '.join(_joined(group.members) for group in joined)}." if joined else ""
    return [
        Heading("Shares of variance"),
        Paragraph(
            f"Over {indices.draws:,} draws the standard deviation is £{millions(indices.spread)}m. First order is the "
            "share of the variance that a group makes alone, total with every interaction it is part of, in per cent "
            "with standard errors; a share a little below nil is nil within its error."
        ),
        Grid(["group", "first", "error", "total", "error"], rows),
        Paragraph(
            f"From a regression on {indices.terms:,} Hermite polynomials of the draws' normals, which explains "
            f"{percent(indices.explained)} of the variance; the rest is of higher order and in no row. First orders "
            f"add to {percent(sum(group.first for group in indices.groups))}.{together}{whole}"
        ),
    ]


def _joined(members: tuple[str, ...]) -> str:
    return f"{', '.join(member.replace('_', ' ') for member in members)} are correlated and so one group"


def _share(value: float) -> str:
    return f"{100 * value:.1f}"


def _settlements(findings: Findings) -> list[Block]:
    settlements, forecast = findings.settlements, findings.trials.forecast
    years = forecast.clock.financial_years
    ahead = [f for f, year in enumerate(years) if year >= forecast.clock.first_forecast]
    rows = [
        [
            show_year(years[f]),
            *(
                f"{signed(float(one.central.in_year[0, f]))}{'' if years[f] <= one.horizon else ' ~'}"
                for one in settlements
            ),
        ]
        for f in ahead
    ]
    f = years.index(findings.quantity.year)
    spread = [
        [
            one.label,
            show_year(one.horizon),
            signed(float(one.central.closing[0, f])),
            *(_quantiles(one, f)),
            chance_text(None if one.drawn is None else chance(one.drawn.in_year[:, f])),
        ]
        for one in settlements
    ]
    heads = [one.name.replace("_", " ") for one in settlements]
    notes = [f"{one.label}: {'; '.join(one.sources)}" for one in settlements]
    return [
        Heading("Settlements of the high needs block"),
        Paragraph(
            "In-year position of the central run under each, £m. ~ marks years beyond the planning horizon: nothing is "
            "announced or settled there, and growth is assumed."
        ),
        Grid(["year", *heads], rows),
        Paragraph(
            f"Read in {show_year(findings.quantity.year)}: the balance at its end, the in-year position's 10th and "
            "90th percentile, and the chance of in-year balance."
        ),
        Grid(["settlement", "horizon", "balance", "P10", "P90", "chance"], spread),
        Points(notes),
    ]


def _quantiles(settlement: Settlement, f: int) -> list[str]:
    if settlement.drawn is None:
        return ["-", "-"]
    return [signed(float(value)) for value in np.quantile(settlement.drawn.in_year[:, f], [0.1, 0.9])]
