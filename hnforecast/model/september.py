"""The September step: every plan a year older, then moves between placements. It happens in no other month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.axes import AGES, FloatArray


@dataclass(frozen=True)
class SeptemberStep:
    """Arrays (age, placement, need, draw), ages after the birthday.

    Args:
        older: plans after ageing, before moving.
        moved: plans after moving.
        stays: the part of moved that kept its placement.
        aged_out: (placement, need, draw) plans that reached 26 and left.
    """

    older: FloatArray
    moved: FloatArray
    stays: FloatArray
    aged_out: FloatArray


def step_september(stock: FloatArray, move: FloatArray, shift: FloatArray, weight: FloatArray) -> SeptemberStep:
    """Take the stock of 31 August across September.

        moved[b, q] = sum_p stock[b-1, p] (move[b, p, q] + sum_m weight[m] shift[m, b, p, q])

    Args:
        stock: (age, placement, need, draw) at the end of August.
        move: (age, placement, placement), rows sum to 1.
        shift: (measure, age, placement, placement), rows sum to 0.
        weight: (measure, draw) share of each measure delivered.
    """
    older = np.empty_like(stock)
    older[1:] = stock[:-1]
    older[0] = 0.0
    ages, placements, needs, draws = stock.shape
    flat = older.reshape(ages, placements, needs * draws)
    moved = np.matmul(move.transpose(0, 2, 1), flat).reshape(stock.shape)
    diagonal = np.arange(placements)
    stays = older * move[:, diagonal, diagonal][:, :, None, None]
    for m in range(shift.shape[0]):
        touched = np.nonzero(shift[m].any(axis=(1, 2)))[0]
        if touched.size:
            change = np.matmul(shift[m, touched].transpose(0, 2, 1), flat[touched])
            moved[touched] += change.reshape(touched.size, placements, needs, draws) * weight[m]
            stays[touched] += older[touched] * shift[m, touched][:, diagonal, diagonal][:, :, None, None] * weight[m]
    return SeptemberStep(older, moved, stays, stock[AGES - 1])
