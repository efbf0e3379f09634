"""Where the cohort flow writes what it finds, and the record it hands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import DTypeLike

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.engine.model.state import Clock, Plans
from hnforecast.engine.model.steps import step_positions

CACHE_LINE = 8  # numbers; rows of a power of two in length would all fall into the same few sets of the caches
FLOWS = ("open", "new", "ceased", "net_other")


@dataclass(frozen=True)
class PlansOutput:
    """Arrays filled block by block; see Plans for their meaning.

    January counts and plan-months are kept draw last, as the flow has them, and handed on as a view: turning them round
    would cost as much as a third of the arithmetic that makes them.
    """

    clock: Clock
    detail: bool
    positions: dict[int, int]
    margins: dict[str, FloatArray]
    plan_months: FloatArray
    january: FloatArray
    by_age: dict[str, FloatArray]
    spilled: FloatArray
    unfilled: FloatArray

    @classmethod
    def empty(
        cls,
        shape: tuple[int, int, int, int],
        clock: Clock,
        detail: bool,
        single: bool = False,
        counts_only: bool = False,
    ) -> Self:
        """Arrays to be filled; monthly margins and ages only for a detailed run.

        Args:
            shape: draws, needs, placements and capped placements.
            clock, detail, single, counts_only: as in flow_plans.
        """
        draws, needs, placements, capped = shape
        number = np.float32 if single else np.float64
        times, years = len(clock.months), len(clock.academic_years)
        kept = times if detail else 0
        positions = step_positions(clock, detail)
        steps = 0 if counts_only else 1 + max(positions.values())
        return cls(
            clock=clock,
            detail=detail,
            positions=positions,
            margins={name: np.zeros((draws, kept, placements)) for name in (*FLOWS, "moved", "aged_out")},
            plan_months=_draw_last((steps, placements), draws, number),
            january=_draw_last((len(clock.censuses), AGES, placements), draws, number),
            by_age={name: np.zeros((draws, times, AGES, needs, placements)) for name in FLOWS} if detail else {},
            spilled=np.zeros((draws, years, capped)),
            unfilled=np.zeros((draws, years, capped)),
        )

    @property
    def segments(self) -> bool:
        """Whether plan-months of segments are kept, rather than every month's or none."""
        return not self.detail and len(self.plan_months) > 0

    def plans(self) -> Plans:
        """The finished record."""
        return Plans(
            plan_months=np.moveaxis(self.plan_months, -1, 0),
            january=np.moveaxis(self.january, -1, 0),
            by_age=self.by_age,
            spilled=self.spilled,
            unfilled=self.unfilled,
            **self.margins,
        )

    def write_count(self, block: slice, census: int, stock: FloatArray) -> None:
        """The stock (age, need, placement, draw) of a January, where that January is on the axis."""
        if census in self.clock.censuses:
            np.einsum("anpd->apd", stock, out=self.january[self.clock.censuses.index(census), ..., block])

    def write_places(self, block: slice, y: int, k: int, refused: FloatArray, unfilled: FloatArray) -> None:
        """Plans refused a capped placement (age, need, draw), and its unfilled places (draw,)."""
        self.spilled[block, y, k] = refused.sum(axis=(0, 1))
        self.unfilled[block, y, k] = unfilled

    def write_month(self, block: slice, t: int, before: FloatArray, cells: dict[str, FloatArray]) -> None:
        """One month of a detailed run, cells (age, need, placement, draw); before is the month's opening."""
        for name, array in cells.items():
            self.by_age[name][block, t] = np.moveaxis(array, -1, 0)
            self.margins[name][block, t] = array.sum(axis=(0, 1)).T
        self.plan_months[t, :, block] = 0.5 * (before.sum(axis=(0, 1)) + self.margins["open"][block, t].T)

    def write_september(self, block: slice, t: int, stock: FloatArray, opened: FloatArray) -> None:
        """Who left at 26 and how many each placement gained by moves: August's stock, and September's after places."""
        self.margins["aged_out"][block, t] = stock[AGES - 1].sum(axis=0).T
        self.margins["moved"][block, t] = (opened.sum(axis=(0, 1)) - stock[:-1].sum(axis=(0, 1))).T


def _draw_last(shape: tuple[int, ...], draws: int, number: DTypeLike) -> FloatArray:
    rows: FloatArray = np.empty((*shape, draws + CACHE_LINE), dtype=number)
    return rows[..., :draws]
