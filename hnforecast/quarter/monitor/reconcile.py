"""Reconciliations: pence exactly, the ledger against an earlier one, plans on the SEN2 list against plans paid for."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd

from hnforecast.base.axes import FloatArray
from hnforecast.base.errors import Place, Problem
from hnforecast.base.timeline import parse_month

PENNY = Decimal("0.01")


def pence(value: float) -> Decimal:
    """Pounds as they stand in a file, to the penny: the shortest decimal that is the same float, rounded half up."""
    return Decimal(repr(float(value))).quantize(PENNY, rounding=ROUND_HALF_UP)


def pounds(value: Decimal) -> str:
    """£1,234.50, a minus in front where negative."""
    return f"{'-' if value < 0 else ''}£{abs(value):,.2f}"


def total(values: Iterable[float]) -> Decimal:
    """The exact sum of sums of money."""
    return sum((pence(value) for value in values), Decimal(0))


def share_out(amount: Decimal, weights: FloatArray) -> list[Decimal]:
    """Share an amount by weights so that the parts add up to it to the penny: largest remainders take the odd pence."""
    whole = float(weights.sum())
    if whole == 0.0:
        weights, whole = np.ones(len(weights)), float(len(weights))
    exact = [amount * Decimal(repr(float(weight))) / Decimal(repr(whole)) for weight in weights]
    parts = [part.quantize(PENNY, rounding=ROUND_HALF_UP) for part in exact]
    odd = int((amount - sum(parts, Decimal(0))) / PENNY)
    step = PENNY if odd > 0 else -PENNY
    order = sorted(range(len(parts)), key=lambda i: (exact[i] - parts[i]) * (1 if odd > 0 else -1), reverse=True)
    for i in order[: abs(odd)]:
        parts[i] += step
    return parts


def compare_ledgers(before: pd.DataFrame, now: pd.DataFrame, file: str) -> tuple[Problem, ...]:
    """What changed in months that an earlier return has closed.

    Args:
        before: the ledger table of the earlier return: month, s251_line, placement, gbp.
        now: the same columns today.
        file: the ledger's file, for the message.

    Returns:
        One problem a line and month that differs, with the difference; later months are not looked at.
    """
    old, new = _comparable(_by_line(before), _by_line(now))
    last = max((key[0] for key in old), default="")
    closed = {key for key in new if key[0] <= last}
    problems = []
    for key in sorted({*old, *closed}):
        was, is_now = old.get(key, Decimal(0)), new.get(key, Decimal(0))
        if was != is_now:
            month, line, placement = key
            where = f"line {line}, {placement}" if placement else f"line {line}"
            what = f"A closed month has changed: {where}, {month}, by {pounds(is_now - was)}"
            do = "Post corrections in an open month, or return the closed period again."
            problems.append(Problem("HN623", what, Place(file=file), pounds(is_now), pounds(was), do))
    return tuple(problems)


_Sums = dict[tuple[str, str, str], Decimal]


def _comparable(old: _Sums, new: _Sums) -> tuple[_Sums, _Sums]:
    """Both sides alike: a line that either of them has whole in a month is compared whole."""
    whole = {key[:2] for key in (*old, *new) if not key[2]}
    found = []
    for side in (old, new):
        sums: _Sums = {}
        for (month, line, placement), value in side.items():
            key = (month, line, "" if (month, line) in whole else placement)
            sums[key] = sums.get(key, Decimal(0)) + value
        found.append(sums)
    return found[0], found[1]


def _by_line(frame: pd.DataFrame) -> _Sums:
    found: _Sums = {}
    for month, line, placement, gbp in frame[["month", "s251_line", "placement", "gbp"]].itertuples(index=False):
        parse_month(str(month))
        key = (str(month), str(line), str(placement))
        found[key] = found.get(key, Decimal(0)) + pence(float(gbp))
    return found


def reconcile_plans(paid: pd.DataFrame) -> pd.DataFrame:
    """Plans on the SEN2 list against plans paid for, by placement, with the difference and its explanation."""
    table = paid[["placement", "plans_sen2", "plans_ledger"]].copy()
    table["difference"] = table["plans_ledger"] - table["plans_sen2"]
    table["explanation"] = paid["explanation"]
    return table.reset_index(drop=True)
