"""Which published cells to withhold so that nobody can work a small count out from the totals beside it.

A published set of tables is cells and relations: each relation says that a total is the sum of its parts. A reader
knows every cell that is not withheld, every relation, and that no count is below nought. What the reader can say of a
withheld cell is an interval, found by linear programming, over whole numbers where a reader knows them to be whole. The
rule of protection, with a width for each cell that is the threshold for counts: the interval of every withheld cell is
at least so wide, and a cell below it can rise by the whole width from its true value without contradicting anything
published, so that it could be taken for one that is not small.

Where the cells already withheld leave too little room, the cheapest change to the tables that gives it is found, by the
same programming with a cost for touching each cell, and the cells that change touches are withheld too. This is the
attacker's problem of Fischetti and Salazar-Gonzalez (2005), solved cell by cell and repeated until every withheld cell
is protected: a heuristic for how many cells are withheld, exact for whether they are safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hnforecast.base.axes import FloatArray

TOLERANCE = 1e-6
ZERO_COST, TOTAL_COST, PART_COST = 1000.0, 30.0, 1.0

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Relation:
    """A total and its parts, as positions of cells."""

    total: int
    parts: tuple[int, ...]


@dataclass(frozen=True)
class Tables:
    """Linked tables as cells and relations.

    Args:
        values: (s, n) the cells of n positions in s editions that are published with one pattern, such as Januaries.
        relations: between positions; they hold in every edition.
        widths: (n,) the room a cell must have if it is withheld.
        whole: (s,) whether the cells of an edition are counts, which a reader knows to be whole.
    """

    values: FloatArray
    relations: Sequence[Relation]
    widths: FloatArray
    whole: BoolArray

    def matrix(self) -> FloatArray:
        """(m, n): parts less total, nought for every relation."""
        matrix = np.zeros((len(self.relations), self.values.shape[1]))
        for row, relation in enumerate(self.relations):
            matrix[row, list(relation.parts)] += 1.0
            matrix[row, relation.total] -= 1.0
        return matrix


def withhold(tables: Tables, primary: Iterable[int]) -> BoolArray:
    """Positions to withhold in every edition: the primary ones and those without which these could be recovered.

    Args:
        tables: cells and relations.
        primary: positions that must not be shown.

    Returns:
        (n,) True where withheld.

    Raises:
        ValueError: the cells of an edition do not add up as the relations say.
    """
    matrix = tables.matrix()
    largest = 1.0 + np.abs(tables.values).max(initial=0.0)
    if np.abs(tables.values @ matrix.T).max(initial=0.0) > TOLERANCE * largest:
        raise ValueError("the cells do not add up as the relations say")
    withheld = np.zeros(tables.values.shape[1], dtype=np.bool_)
    withheld[list(primary)] = True
    known: dict[int, list[FloatArray]] = {}  # changes found to give a cell room, tried first in the other editions
    while True:
        # a pattern that grows only gives more room, so that what was safe stays safe
        before = withheld.sum()
        for edition in range(len(tables.values)):
            for cell in np.flatnonzero(withheld):
                _protect(tables, matrix, withheld, edition, int(cell), known.setdefault(int(cell), []))
        if withheld.sum() == before:
            return withheld


def interval(tables: Tables, withheld: BoolArray, edition: int, cell: int) -> tuple[float, float]:
    """What a reader can say of a withheld cell of an edition, as far as its width either way from the true value."""
    value, matrix = float(tables.values[edition, cell]), tables.matrix()
    up, down = (_move(tables, matrix, withheld, edition, cell, sign)[cell] for sign in (1.0, -1.0))
    return value + down, value + up


def _protect(
    tables: Tables, matrix: FloatArray, withheld: BoolArray, edition: int, cell: int, known: list[FloatArray]
) -> None:
    """Withhold what else must be, so that one cell of one edition has the room the rule asks for."""
    values, width = tables.values[edition], float(tables.widths[cell])
    floor = _floor(values) - TOLERANCE
    if any(change[cell] >= width - TOLERANCE and np.all(change >= floor) for change in known):
        return
    rise = _move(tables, matrix, withheld, edition, cell, 1.0)
    if rise[cell] >= width - TOLERANCE:
        known.append(rise)
        return
    needed = width
    if values[cell] >= width:  # a cell that is not small need only be uncertain, whichever way
        needed += float(_move(tables, matrix, withheld, edition, cell, -1.0)[cell])
    if rise[cell] < needed - TOLERANCE:
        withheld |= _touched(tables, matrix, withheld, edition, cell, needed)


def _move(tables: Tables, matrix: FloatArray, withheld: BoolArray, edition: int, cell: int, sign: float) -> FloatArray:
    """(n,) the change of the withheld cells that moves one of them furthest up or down, no further than its width."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    chosen = np.flatnonzero(withheld)
    rows = matrix[:, chosen]
    rows = rows[np.abs(rows).sum(axis=1) > 0]
    target = int(np.flatnonzero(chosen == cell)[0])
    objective = np.zeros(len(chosen))
    objective[target] = -sign
    low, high = _floor(tables.values[edition, chosen]), np.full(len(chosen), np.inf)
    low[target], high[target] = max(low[target], -tables.widths[cell]), tables.widths[cell]
    found = milp(
        objective,
        constraints=[LinearConstraint(rows, 0.0, 0.0)] if len(rows) else [],
        bounds=Bounds(low, high),
        integrality=np.full(len(chosen), int(tables.whole[edition])),
    )
    change = np.zeros(len(withheld))
    if found.x is not None:
        change[chosen] = found.x
    return change


def _touched(
    tables: Tables, matrix: FloatArray, withheld: BoolArray, edition: int, cell: int, needed: float
) -> BoolArray:
    """The cells of the cheapest change that lets a cell rise as needed, those already withheld being free."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    count = tables.values.shape[1]
    costs = _costs(tables)
    costs[withheld] = 0.0
    # rises first, then falls: a change is one less the other
    low = np.zeros(2 * count)
    low[cell] = needed
    high = np.concatenate([np.full(count, np.inf), -_floor(tables.values[edition])])
    high[count + cell] = 0.0
    found = milp(
        np.concatenate([costs, costs]),
        constraints=[LinearConstraint(np.hstack([matrix, -matrix]), 0.0, 0.0)],
        bounds=Bounds(low, high),
        integrality=np.full(2 * count, int(tables.whole[edition])),
    )
    if found.x is None:  # the totals of everything can always move, so this is a fault and not a case
        raise ValueError("no change of the tables gives a withheld cell room")
    moved: BoolArray = np.abs(found.x[:count] - found.x[count:]) > TOLERANCE
    return moved


def _floor(values: FloatArray) -> FloatArray:
    """How far each cell may fall: to nought, or without limit where it is below nought already."""
    floor: FloatArray = np.where(values < 0, -np.inf, -values)
    return floor


def _costs(tables: Tables) -> FloatArray:
    """What withholding a cell loses: parts before totals, and a nought, known to be one, hides nothing."""
    smallest = np.abs(tables.values).min(axis=0)
    costs = PART_COST + np.log1p(np.abs(tables.values).max(axis=0)) / 10.0
    depth = np.zeros(len(costs))
    for relation in tables.relations:
        depth[relation.total] = max(depth[relation.total], float(len(relation.parts)))
    costs = np.where(depth > 0, TOTAL_COST * (1.0 + depth), costs)
    return np.where(smallest < TOLERANCE, costs + ZERO_COST, costs)
