"""Commissioned places: how many new entrants a placement can admit.

A placement's places bind in its fullest month, or, where a vintage says that places fill in September, first then and
after that in the fullest month of those who come in the year. Nobody in place is displaced: where those already there
exceed the places, nobody enters and the overflow shows as a negative number of unfilled places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.engine.model.coefficients import Window


@dataclass(frozen=True)
class Asking:
    """Plans of one capped placement, each (age, need, draw).

    Args:
        stay: those in it before September.
        enter: those who moved in.
        joiners: the year's new plans at it, one array a window.
        other: its net other for the year.
    """

    stay: FloatArray
    enter: FloatArray
    joiners: Sequence[FloatArray]
    other: FloatArray


@dataclass(frozen=True)
class Admitted:
    """What a capped placement admits in an academic year.

    Args:
        entrants, new_plans: (draw,) share of those who move in, and of the year's new plans, admitted.
        unfilled: (draw,) places less plans in the fullest month after admission.
    """

    entrants: FloatArray
    new_plans: FloatArray
    unfilled: FloatArray


def admitted_share(
    asking: Asking, windows: Sequence[Window], placement: int, places: FloatArray, *, seated: bool = False
) -> Admitted:
    """The shares of entrants and new plans a capped placement admits this academic year, and its unfilled places.

        base_m = sum (alpha_m stay + gamma_m other)    enter_m = sum alpha_m enter    new_m = sum beta_m new

    Seated, places fill as schools fill them: who moves in at the September step first, up to the places of that day,
    then new plans into what is left in the fullest month they touch:

        e = clip( (places - base_0) / enter_0, 0, 1 )
        f = clip( min over months with new_m > 0 of (places - base_m - e enter_m) / new_m, 0, 1 )

    Otherwise both are admitted alike, by the fullest month:

        e = f = clip( min over months with enter_m + new_m > 0 of (places - base_m) / (enter_m + new_m), 0, 1 )

    Args:
        asking: who is there and who asks.
        windows: the year's census windows, one joiners each.
        placement: position on the placement axis.
        places: (draw,) commissioned places.
        seated: whether places fill in September.
    """
    stay, enter = asking.stay, asking.enter
    new = np.zeros_like(asking.joiners[0])
    base, entering, joining = ([cells.sum(axis=(0, 1))[None]] for cells in (stay, enter, new))
    for window, joiners in zip(windows, asking.joiners, strict=True):
        months = window.capped[placement]
        alpha, beta, gamma = months[0], months[1], months[-1]  # one inflow: beta is gamma
        base.append(_sums(alpha, stay) + _sums(gamma, asking.other))
        entering.append(_sums(alpha, enter))
        coming = _sums(beta, joiners)
        last = window is windows[-1]
        if not last:
            stay = alpha[-1] * stay + gamma[-1] * asking.other
        if seated:
            joining.append(_sums(alpha, new) + coming)
            if not last:
                enter, new = alpha[-1] * enter, alpha[-1] * new + beta[-1] * joiners
        else:  # both are admitted alike, so they are one wish
            entering[-1] = entering[-1] + coming
            if not last:
                enter = alpha[-1] * enter + beta[-1] * joiners
    load, moved = np.concatenate(base), np.concatenate(entering)
    if not seated:
        share = _fitting(places - load, moved)
        return Admitted(share, share, places - (load + share * moved).max(axis=0))
    joined = np.concatenate(joining)
    entrants = _fitting(places - load[:1], moved[:1])
    new_plans = _fitting(places - load - entrants * moved, joined)
    return Admitted(entrants, new_plans, places - (load + entrants * moved + new_plans * joined).max(axis=0))


def _fitting(room: FloatArray, wish: FloatArray) -> FloatArray:
    """(draw,) the share of a wish (m, draw) that fits into the room of every month it touches, 0 to 1."""
    share = np.divide(room, wish, out=np.ones_like(wish), where=wish > 0)
    fitting: FloatArray = np.clip(share.min(axis=0), 0.0, 1.0)
    return fitting


def _sums(coefficients: FloatArray, cells: FloatArray) -> FloatArray:
    """(m, draw) sum over ages and needs of coefficient (m, age, need or 1, draw) x cell (age, need, draw)."""
    total: FloatArray = np.einsum("mand,and->md", coefficients, cells)
    return total


# The September step.


def step_september(
    stock: FloatArray, move: FloatArray, shift: FloatArray, weight: FloatArray, out: FloatArray
) -> FloatArray:
    """Take the stock of 31 August across September; those who reach 26 leave.

        X[b, q] = sum_p stock[b-1, p] (move[b, p, q] + sum_m weight[m] shift[m, b, p, q])        b = 1..25, X[0] = 0

    Args:
        stock: (age, need, placement, draw) at the end of August.
        move: (age, placement, placement) by the age after the birthday, rows sum to 1.
        shift: (measure, age, placement, placement), rows sum to 0.
        weight: (measure, draw) share of each measure delivered.
        out: where the stock after the step is written.
    """
    older = stock[:-1]
    out[0] = 0.0
    np.matmul(move[1:].transpose(0, 2, 1)[:, None], older, out=out[1:])
    for m in range(shift.shape[0]):
        for b in _touched(shift[m, 1:]):
            out[1 + b] += np.matmul(shift[m, 1 + b].T, older[b]) * weight[m]
    return out


def stayed(stock: FloatArray, move: FloatArray, shift: FloatArray, weight: FloatArray, placement: int) -> FloatArray:
    """Plans of one placement that were in it before September and did not move: (age, need, draw)."""
    older = stock[:-1, :, placement]
    stays = np.zeros((stock.shape[0], *older.shape[1:]), stock.dtype)
    stays[1:] = older * move[1:, placement, placement][:, None, None]
    for m in range(shift.shape[0]):
        kept = shift[m, 1:, placement, placement]
        if kept.any():
            stays[1:] += older * kept[:, None, None] * weight[m]
    return stays


def _touched(shift: FloatArray) -> list[int]:
    """Ages at which a shift (age, placement, placement) moves anybody."""
    return [int(age) for age in np.nonzero(shift.any(axis=(1, 2)))[0]]
