"""The answer to what took spend: its page, its tables and its figures."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hnforecast.base.errors import HnForecastError
from hnforecast.base.kinds import Kinds
from hnforecast.questions.causes.explain import Causes, explain_causes, explain_neighbours
from hnforecast.questions.causes.history import PanelFrames
from hnforecast.questions.causes.page import causes_page
from hnforecast.questions.causes.tables import causes_tables
from hnforecast.writing.answer import Answer
from hnforecast.writing.csvtext import Table

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
