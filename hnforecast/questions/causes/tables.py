"""The causes of a rise in spend as tidy tables, of one authority or many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hnforecast.base.timeline import show_year
from hnforecast.questions.causes.factors import FACTORS
from hnforecast.writing.csvtext import SHARE_PLACES, Cell, Table

if TYPE_CHECKING:
    from hnforecast.questions.causes import Causes


def causes_tables(all_causes: Sequence[Causes]) -> list[Table]:
    """Tidy tables: parts by year and factor in pounds, and growth of each factor, one authority or many."""
    parts: list[list[Cell]] = []
    growth: list[list[Cell]] = []
    for causes in all_causes:
        history = causes.history
        for f, year in enumerate(history.years[1:]):
            head: list[Cell] = [history.code, history.name, show_year(year - 1), show_year(year)]
            parts.extend([*head, factor, float(causes.parts[k, f])] for k, factor in enumerate(FACTORS))
            parts.append([*head, "change", float(history.spend[f + 1] - history.spend[f])])
        span: list[Cell] = [history.code, history.name, show_year(history.years[0]), show_year(history.years[-1])]
        growth.extend([*span, factor, value, causes.totals[factor]] for factor, value in causes.growth.items())
        growth.append([*span, "spend", float(history.spend[-1] / history.spend[0] - 1.0), causes.change])
    columns = ("old_la_code", "authority", "from", "to", "factor")
    return [
        Table("causes", (*columns, "gbp"), parts),
        Table("causes_growth", (*columns, "growth", "gbp"), growth, SHARE_PLACES),
    ]
