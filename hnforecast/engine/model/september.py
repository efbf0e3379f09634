"""The September step: every plan a year older, then moves between placements. It happens in no other month."""

from __future__ import annotations

import numpy as np

from hnforecast.base.axes import FloatArray


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
