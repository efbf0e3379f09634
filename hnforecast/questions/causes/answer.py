"""The answer to what took spend: its page, its tables and its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from hnforecast.base.errors import HnForecastError
from hnforecast.base.kinds import Kinds
from hnforecast.base.timeline import show_year
from hnforecast.questions.causes.explain import Causes, explain_causes, explain_neighbours
from hnforecast.questions.causes.factors import FACTORS
from hnforecast.questions.causes.history import PanelFrames
from hnforecast.questions.causes.page import causes_page
from hnforecast.writing.answer import Answer
from hnforecast.writing.csvtext import SHARE_PLACES, Cell, Table

# The causes of a rise in spend as tidy tables, of one authority or many.


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


SPEND = "s251_outturn_buckets_by_la_2017_2024"


def answer_causes(
    frames: PanelFrames,
    kinds: Kinds,
    code: str,
    years: tuple[int, int],
    typed: tuple[str, str],
    everyone: bool,
    say: Callable[[str], None],
) -> Answer:
    """What took an authority's spend from one year to another, beside its neighbours.

    Args:
        frames, kinds: of the panel.
        code: of the authority.
        years, typed: first and last financial year, as numbers and as asked for.
        everyone: whether the tables hold every authority of the panel.
        say: tells what was left out.

    Raises:
        InputError, UsageError: the panel has not the figures.
    """
    found = explain_causes(frames, code, *years, kinds)
    neighbours, without = explain_neighbours(frames, code, *years, kinds)
    plain = {
        "schema": "hnforecast/causes/1",
        "authority": found.history.name,
        "old_la_code": code,
        "from": typed[0],
        "to": typed[1],
        "change_gbp": round(found.change, 2),
        "parts_gbp": {name: round(value, 2) for name, value in found.totals.items()},
        "mix_known": found.mix_known,
    }
    beside = partial(causes_tables, [found, *neighbours])
    every = partial(_every_authority, frames, years, kinds, say)
    page = causes_page(found, neighbours, len(without))
    return Answer("causes", plain, page, tables=every if everyone else beside)


def _every_authority(
    frames: PanelFrames, years: tuple[int, int], kinds: Kinds, say: Callable[[str], None]
) -> list[Table]:
    listed: list[Causes] = []
    left = 0
    for code in sorted(frames[SPEND]["old_la_code"].dropna().unique()):
        try:
            listed.append(explain_causes(frames, code, *years, kinds))
        except HnForecastError:
            left += 1
    say(f"{len(listed)} authorities; {left} lack a figure of some year and are left out.")
    return causes_tables(listed)
