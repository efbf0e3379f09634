"""The rates of one draw as plain nested lists, with every measure's shift and factor already applied.

Source: docs/method.md, cohort flow; the meaning of each field is that of FlowRates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.engine.model.state import FlowRates

Nested = list[Any]  # lists of lists of float; the depth is written beside each use


@dataclass(frozen=True)
class DrawRates:
    """Rates of one draw, indexed [year][...] in the one axis order.

    Args:
        new_rate: [y][window][a], window 0 September to January, 1 February to August.
        new_share: [y][window][a][n][p].
        hazard: [y][window][a][n][p], the annual hazard times its factor, at most 1.
        move: [y][a][p][q].
        other: [y][a].
        arrivals: [y][a] per resident; arrival_share: [a][n][p].
        new_profile, cease_profile, other_profile: [m], m = 0 in September.
        capped, places, spill: positions, [y][k], [k][p].
        seated: whether places fill in September.
    """

    new_rate: Nested
    new_share: Nested
    hazard: Nested
    move: Nested
    other: Nested
    arrivals: Nested
    arrival_share: Nested
    new_profile: list[float]
    cease_profile: list[float]
    other_profile: list[float]
    capped: tuple[int, ...]
    places: Nested
    spill: Nested
    seated: bool


def of_draw(array: FloatArray, draw: int) -> Nested:
    """One draw of an array as lists; an array with a draw axis of one holds for every draw."""
    found: Nested = array[draw if array.shape[0] > 1 else 0].tolist()
    return found


def rates_of_draw(rates: FlowRates, draw: int, needs: int, placements: int) -> DrawRates:
    """Resolve the rates of one draw cell by cell."""
    years = rates.new_share.shape[0]
    weight = of_draw(rates.weight, draw)
    factor = of_draw(rates.cease_factor, draw)
    measures = range(len(weight))
    new_share, cease, move = rates.new_share.tolist(), rates.cease.tolist(), rates.move.tolist()
    share_shift, move_shift = rates.share_shift.tolist(), rates.move_shift.tolist()

    def share_of(y: int, a: int, n: int, p: int) -> float:
        return new_share[y][a][n][p] + sum(weight[m][y] * share_shift[m][y][a][n][p] for m in measures)

    def move_of(y: int, a: int, p: int, q: int) -> float:
        return move[y][a][p][q] + sum(weight[m][y] * move_shift[m][y][a][p][q] for m in measures)

    def hazard_of(y: int, a: int, n: int, p: int) -> float:
        published = cease[y][a][n if len(cease[y][a]) > 1 else 0][p]
        return min(1.0, published * factor[y][a])

    def age_read(a: int, window: int, by_count: bool) -> int:
        """The age of the table: from February to August a table by age at the next count is read a year older."""
        return min(a + 1, AGES - 1) if by_count and window == 1 else a

    ages, kinds, places = range(AGES), range(needs), range(placements)
    late, gone = rates.new_by_count, rates.cease_by_count
    return DrawRates(
        new_rate=of_draw(rates.new_rate, draw),
        new_share=[
            [[[[share_of(y, age_read(a, w, late), n, p) for p in places] for n in kinds] for a in ages] for w in (0, 1)]
            for y in range(years)
        ],
        hazard=[
            [
                [[[hazard_of(y, age_read(a, w, gone), n, p) for p in places] for n in kinds] for a in ages]
                for w in (0, 1)
            ]
            for y in range(years)
        ],
        move=[[[[move_of(y, a, p, q) for q in places] for p in places] for a in ages] for y in range(years)],
        other=of_draw(rates.other, draw),
        arrivals=of_draw(rates.arrival_rate, draw),
        arrival_share=rates.arrival_share.tolist(),
        new_profile=rates.new_profile.tolist(),
        cease_profile=rates.cease_profile.tolist(),
        other_profile=rates.other_profile.tolist(),
        capped=rates.capped,
        places=of_draw(rates.places, draw),
        spill=rates.spill.tolist(),
        seated=rates.seated,
    )
