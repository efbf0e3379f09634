"""Commissioned places: how many new entrants a placement can admit, and where the rest go.

A placement's places bind in its fullest month. Nobody in place is displaced: where those already there exceed the places,
nobody enters and the overflow shows as a negative number of unfilled places.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hnforecast.axes import FloatArray
from hnforecast.model.coefficients import Month


def admitted_share(
    stay: FloatArray,
    enter: FloatArray,
    joiners: tuple[FloatArray, FloatArray],
    other: FloatArray,
    places: FloatArray,
    year: Sequence[Month],
    placement: int,
) -> tuple[FloatArray, FloatArray]:
    """The share of entrants and new plans a capped placement admits this academic year, and its unfilled places.

        base_m = sum (alpha_m stay + gamma_m other)      ask_m = sum (alpha_m enter + beta_m new)
        f = clip( min over months with ask_m > 0 of (places - base_m) / ask_m, 0, 1 )

    Args:
        stay, enter, other: (age, need, draw) plans of the placement that were in it before September, that moved in,
            and its net other for the year.
        joiners: the year's new plans at the placement by window, same shape.
        places: (draw,) commissioned places.
        year: the year's months, from coefficients.months; hazards (age, placement, need, draw).
        placement: position on the placement axis of the hazards.

    Returns:
        (draw,) admitted share, and (draw,) places less plans in the fullest month after admission.
    """
    share = np.ones_like(places)
    loads = []
    first = year[0].before
    for coefficients in (first, *(month.after for month in year)):
        alpha, beta0, beta1, gamma = (c[:, placement] for c in coefficients)
        base = (alpha * stay + gamma * other).sum(axis=(0, 1))
        ask = (alpha * enter + beta0 * joiners[0] + beta1 * joiners[1]).sum(axis=(0, 1))
        loads.append((base, ask))
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(ask > 0, np.minimum(share, (places - base) / ask), share)
    share = np.clip(share, 0.0, 1.0)
    fullest = np.max([base + share * ask for base, ask in loads], axis=0)
    return share, places - fullest
