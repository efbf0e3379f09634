"""The tables of the register of measures: each measure by year, and what measures save outside the account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hnforecast.base.timeline import show_month, show_year
from hnforecast.questions.register import Register, RegisterRow, outside_account
from hnforecast.writing.csvtext import Cell, Table, at

if TYPE_CHECKING:
    from hnforecast.assumptions import Measure
    from hnforecast.engine.records import Forecast

REGISTER_COLUMNS = (
    "scenario", "measure", "financial_year", "planned", "gross_saving", "investment", "running_cost", "net_saving",
    "p10", "p50", "p90", "delivered_to_date", "cost_outside_account", "title", "owner", "rag", "evidence",
    "confidence", "confidence_low", "confidence_high", "opens", "depends_on", "statutory_sections",
    "statutory_answered", "next_step", "planned_basis", "delivered_basis",
)  # fmt: skip
OUTSIDE_COLUMNS = ("scenario", "financial_year", "s251_line", "label", "without_measures", "with_measures", "saving")


def register_table(register: Register) -> Table:
    """One row a scenario, measure and forecast year: pounds, positive a saving or a cost of delivery.

    Net is gross less investment and running cost on the grant; `cost_outside_account` is in none of them.
    """
    rows: list[list[Cell]] = []
    for row in register.rows:
        told = _told(row)
        for f, year in enumerate(register.years):
            delivered = row.delivered if row.delivered_year == year else None
            money: list[Cell] = [
                float(array[f]) for array in (row.planned, row.gross, row.investment, row.running, row.net)
            ]
            rows.append(
                [row.scenario, row.measure.name, show_year(year), *money, *at(row.quantiles, (f,), 3), delivered,
                 float(row.outside[f]), *told]
            )  # fmt: skip
    return Table("register", REGISTER_COLUMNS, rows)


def outside_table(forecasts: Sequence[Forecast]) -> Table:
    """What plans cost the council's own budget, transport among it, with the measures and without."""
    years = [year for year in forecasts[0].clock.financial_years if year >= forecasts[0].clock.first_forecast]
    rows: list[list[Cell]] = [
        [row.scenario, show_year(year), row.s251_line, row.label, float(row.without_measures[f]),
         float(row.with_measures[f]), float(row.saving[f])]
        for row in outside_account(forecasts)
        for f, year in enumerate(years)
    ]  # fmt: skip
    return Table("outside_account", OUTSIDE_COLUMNS, rows)


def depends_words(measure: Measure) -> str:
    """What a measure depends on, each with its limit where it has one."""
    return ", ".join(
        f"{one.measure} ({one.limit})" if one.limit is not None else one.measure for one in measure.depends_on
    )


def sections_words(row: RegisterRow) -> str:
    """The sections of the Act it is flagged under, in order."""
    return ", ".join(f"s{section}" for section in sorted({flag.section for flag in row.flags}))


def answered_words(row: RegisterRow) -> str:
    """Whether each flag is answered by a statutory basis: yes, no, or nothing where none is flagged."""
    return "" if not row.flags else "yes" if all(flag.answered for flag in row.flags) else "no"


def _told(row: RegisterRow) -> list[Cell]:
    measure = row.measure
    return [
        measure.title, measure.owner, row.rag, measure.evidence, *row.confidence, show_month(row.opens),
        depends_words(measure) or None, sections_words(row) or None, answered_words(row) or None,
        row.next_step or None, row.planned_basis, row.delivered_basis,
    ]  # fmt: skip
