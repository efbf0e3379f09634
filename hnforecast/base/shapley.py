"""Shapley's shares over every set of players at once: exact, and the same in whatever order the players are named."""

from __future__ import annotations

from math import factorial

import numpy as np

from hnforecast.base.axes import FloatArray


def shapley_shares(worth: FloatArray) -> FloatArray:
    """Each player's mean effect over all orders in which the players could change hands.

        share_j = sum over sets S without j of |S|! (k-|S|-1)! / k!  x  [worth(S and j) - worth(S)]

    Args:
        worth: (2**k, ...) value of every set; set s holds player j where bit j of s is 1.

    Returns:
        (k, ...) shares; they add up to worth of all less worth of none.

    Raises:
        ValueError: the first axis is no power of two.

    Source: docs/method.md, costs and attribution.
    """
    sets = worth.shape[0]
    players = sets.bit_length() - 1
    if sets != 2**players:
        raise ValueError(f"{sets} sets are not a power of two")
    members = np.arange(sets)
    size = np.array([bin(s).count("1") for s in range(sets)])
    weight = np.array([factorial(s) * factorial(players - s - 1) / factorial(players) for s in range(players)])
    shares = np.zeros((players, *worth.shape[1:]))
    for player in range(players):
        without = members[(members >> player) & 1 == 0]
        shares[player] = np.tensordot(weight[size[without]], worth[without + 2**player] - worth[without], axes=1)
    return shares
