"""Shapley's shares: exact over every set of players, and the same in whatever order they are named; or from orders."""

from __future__ import annotations

from collections.abc import Callable
from math import factorial

import numpy as np
from numpy.typing import NDArray

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


def sampled_orders(players: int, pairs: int) -> list[NDArray[np.int64]]:
    """Orders in which players are added, each with its reverse; the same for the same number of players."""
    generator = np.random.Generator(np.random.PCG64DXSM(players))
    forward = [generator.permutation(players) for _ in range(pairs)]
    return [order for permutation in forward for order in (permutation, permutation[::-1])]


def sampled_shares(worth: Callable[[tuple[int, ...]], FloatArray], players: int, pairs: int) -> FloatArray:
    """Each player's mean effect over sampled orders: no longer exact, but it still adds up.

    Args:
        worth: of a set, given as 0 or 1 for each player.

    Returns:
        (k, ...) shares; they add up to worth of all less worth of none.
    """
    orders = sampled_orders(players, pairs)
    none = worth((0,) * players)
    total = np.zeros((players, *none.shape))
    for order in orders:
        members, before = [0] * players, none
        for player in order:
            members[player] = 1
            after = worth(tuple(members))
            total[player] += after - before
            before = after
    shares: FloatArray = total / len(orders)
    return shares
