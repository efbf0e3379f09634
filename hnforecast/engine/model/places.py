"""Commissioned places: how many new entrants a placement can admit.

A placement's places bind in its fullest month. Nobody in place is displaced: where those already there exceed the
places, nobody enters and the overflow shows as a negative number of unfilled places.
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


def admitted_share(
    asking: Asking, windows: Sequence[Window], placement: int, places: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The share of entrants and new plans a capped placement admits this academic year, and its unfilled places.

        base_m = sum (alpha_m stay + gamma_m other)      ask_m = sum (alpha_m enter + beta_m new)
        f = clip( min over months with ask_m > 0 of (places - base_m) / ask_m, 0, 1 )

    Args:
        asking: who is there and who asks.
        windows: the year's census windows, one joiners each.
        placement: position on the placement axis.
        places: (draw,) commissioned places.

    Returns:
        (draw,) admitted share, and (draw,) places less plans in the fullest month after admission.
    """
    stay, enter = asking.stay, asking.enter
    base, ask = [stay.sum(axis=(0, 1))[None]], [enter.sum(axis=(0, 1))[None]]
    for window, joiners in zip(windows, asking.joiners, strict=True):
        months = window.capped[placement]
        alpha, beta, gamma = months[0], months[1], months[-1]  # one inflow: beta is gamma
        base.append(_sums(alpha, stay) + _sums(gamma, asking.other))
        ask.append(_sums(alpha, enter) + _sums(beta, joiners))
        if window is not windows[-1]:
            stay = alpha[-1] * stay + gamma[-1] * asking.other
            enter = alpha[-1] * enter + beta[-1] * joiners
    load, wish = np.concatenate(base), np.concatenate(ask)
    asked = wish > 0
    room = np.divide(places - load, wish, out=np.ones_like(wish), where=asked)
    share = np.clip(room.min(axis=0), 0.0, 1.0)
    return share, places - (load + share * wish).max(axis=0)


def _sums(coefficients: FloatArray, cells: FloatArray) -> FloatArray:
    """(m, draw) sum over ages and needs of coefficient (m, age, need or 1, draw) x cell (age, need, draw)."""
    total: FloatArray = np.einsum("mand,and->md", coefficients, cells)
    return total
