"""Fitted rates as the text of the tables a vintage's YAML declares."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import numpy as np
import pandas as pd

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.codes import Codes
from hnforecast.history.fit.rates import Rates

SMALLEST = 5e-7  # shares below this are not written


def rate_tables(rates: Rates, codes: Codes, children: pd.DataFrame) -> dict[str, str]:
    """File name -> CSV text, in the columns of the assumption files.

    Args:
        rates: fitted rates.
        children: columns year, age, value: persons at mid-year.
    """
    places = codes.placements
    opening = [
        (year, age, place, _show(table[age, p], 9))
        for year, table in sorted(rates.opening.items())
        for age in range(AGES)
        for p, place in enumerate(places)
        if table[age, p] > 0
    ]
    share = _unit_rows(rates.share)
    moves = [
        (age, origin, to, _show(row, 9))
        for age in range(AGES)
        for o, origin in enumerate(places)
        if abs(rates.moves[age, o, o] - 1.0) > SMALLEST
        for to, row in zip(places, _unit_rows(rates.moves[age])[o], strict=True)
        if row > 0
    ]
    return {
        "opening_plans.csv": _csv(("census_year", "age", "placement", "value"), opening),
        "new_plan_rate.csv": _csv(("age", "value"), [(a, _show(v, 6)) for a, v in enumerate(rates.new)]),
        "placement_share.csv": _csv(("age", "placement", "value"), _by_age_placement(share, places)),
        "cease_hazard.csv": _csv(
            ("age", "placement", "value"), _by_age_placement(rates.hazard, places, all_cells=True)
        ),
        "moves.csv": _csv(("age", "from_placement", "to_placement", "value"), moves),
        "net_other.csv": _csv(("age", "value"), [(a, _show(v, 9)) for a, v in enumerate(rates.net_other)]),
        "month_profile.csv": _csv(
            ("flow", "month", "value"),
            [
                (flow, month, _show(1.0 / 12.0, 12))
                for flow in ("new_plans", "ceased", "net_other")
                for month in range(1, 13)
            ],
        ),
        "children.csv": children_text(children),
    }


def children_text(children: pd.DataFrame) -> str:
    """Residents as the table of population.yaml. Columns year, age, value."""
    rows: list[tuple[object, ...]] = [
        (int(year), int(age), _show(float(value), 2))
        for year, age, value in zip(children["year"], children["age"], children["value"], strict=True)
    ]
    return _csv(("year", "age", "value"), rows)


def _by_age_placement(table: FloatArray, places: tuple[str, ...], all_cells: bool = False) -> list[tuple[object, ...]]:
    return [
        (age, place, _show(table[age, p], 9))
        for age in range(AGES)
        for p, place in enumerate(places)
        if all_cells or table[age, p] > SMALLEST
    ]


def _unit_rows(table: FloatArray) -> FloatArray:
    """Rows rounded to nine decimals, the largest share taking what rounding leaves, so that each still sums to one."""
    kept = np.where(table > SMALLEST, table, 0.0)
    total = kept.sum(axis=-1, keepdims=True)
    rounded = np.round(np.divide(kept, total, out=np.zeros_like(kept), where=total > 0), 9)
    for row in rounded:
        if row.sum() > 0:
            row[np.argmax(row)] += 1.0 - row.sum()
    unit: FloatArray = rounded
    return unit


def _show(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return text if text not in ("", "-0") else "0"


def _csv(header: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> str:
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return page.getvalue()
