"""Where the cohort flow writes its months, draw axis first again, and the record it hands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from hnforecast.axes import AGES, FloatArray
from hnforecast.model.coefficients import FIRST_WINDOW, Month, month_mean
from hnforecast.model.september import SeptemberStep
from hnforecast.model.state import Clock, Plans
from hnforecast.model.steps import steps_of

_FLOWS = ("open", "new", "ceased", "net_other")


@dataclass(frozen=True)
class PlansOutput:
    """Arrays filled block by block; see Plans for their meaning."""

    clock: Clock
    detail: bool
    margins: dict[str, FloatArray]
    plan_months: FloatArray
    january: FloatArray
    by_age: dict[str, FloatArray]
    spilled: FloatArray
    unfilled: FloatArray

    @classmethod
    def empty(cls, draws: int, needs: int, placements: int, capped: int, clock: Clock, detail: bool) -> Self:
        """Zeroed arrays; monthly margins and ages only for a detailed run."""
        times, years = len(clock.months), len(clock.academic_years)
        kept = times if detail else 0
        names = (*_FLOWS, "moved", "aged_out")
        return cls(
            clock=clock,
            detail=detail,
            margins={name: np.zeros((draws, kept, placements)) for name in names},
            plan_months=np.zeros((draws, len(steps_of(clock, detail)), placements)),
            january=np.zeros((draws, len(clock.censuses), AGES, placements)),
            by_age={name: np.zeros((draws, times, AGES, needs, placements)) for name in _FLOWS} if detail else {},
            spilled=np.zeros((draws, years, capped)),
            unfilled=np.zeros((draws, years, capped)),
        )

    def plans(self) -> Plans:
        """The finished record."""
        return Plans(
            plan_months=self.plan_months,
            january=self.january,
            by_age=self.by_age,
            spilled=self.spilled,
            unfilled=self.unfilled,
            **self.margins,
        )

    def write_opening(self, block: slice, stock: FloatArray) -> None:
        self.january[block, 0] = stock.sum(axis=2).transpose(2, 0, 1)

    def write_places(self, block: slice, y: int, k: int, refused: FloatArray, unfilled: FloatArray) -> None:
        self.spilled[block, y, k] = refused.sum(axis=(0, 1))
        self.unfilled[block, y, k] = unfilled

    def write_year(
        self,
        block: slice,
        y: int,
        year_months: list[Month],
        sources: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
        step: SeptemberStep | None,
        groups: tuple[tuple[int, ...], ...],
    ) -> FloatArray:
        """Write one academic year and return the stock at its end, (age, placement, need, draw).

        Args:
            sources: X, J0, J1, O after places were applied, each (age, placement, need, draw).
            step: the September step; None in the opening year, which is entered after it.
            groups: the year's steps as months of the year.
        """
        by_month = {month.m: month for month in year_months}
        # hazards do not differ by need unless the hazard has that axis, so needs are summed before the months are made
        needless = year_months[0].keep.shape[2] == 1
        summed = tuple(source.sum(axis=2, keepdims=True) for source in sources) if needless else sources
        if self.detail:
            self._write_months(block, y, by_month, sources, step)
        offset = self._step_offset(y)
        for s, group in enumerate(groups):
            means = [month_mean(by_month[m]) for m in group]
            coefficients = tuple(sum(parts[1:], parts[0]) for parts in zip(*means, strict=True))
            self.plan_months[block, offset + s] = _cells(coefficients, summed).sum(axis=(0, 2)).T
        year = self.clock.academic_years[y]
        if year + 1 in self.clock.censuses and 4 in by_month:
            counts = _cells(by_month[4].after, summed).sum(axis=2)
            self.january[block, self.clock.censuses.index(year + 1)] = counts.transpose(2, 0, 1)
        return _cells(year_months[-1].after, sources)

    def _step_offset(self, y: int) -> int:
        first = 12 * self.clock.academic_years[y] + 8
        return sum(step[0] < first for step in steps_of(self.clock, self.detail))

    def _write_months(
        self,
        block: slice,
        y: int,
        by_month: dict[int, Month],
        sources: tuple[FloatArray, ...],
        step: SeptemberStep | None,
    ) -> None:
        first = 12 * self.clock.academic_years[y] + 8
        opened, new0, new1, net_other = sources
        for m, month in by_month.items():
            if first + m > self.clock.months[-1]:
                break
            t = first + m - self.clock.months[0]
            before = _cells(month.before, sources)
            cells = {
                "open": _cells(month.after, sources),
                "new": month.new * (new0 if m < FIRST_WINDOW else new1),
                "ceased": (1.0 - month.keep) * before,
                "net_other": month.other * net_other,
            }
            for name, array in cells.items():
                self.by_age[name][block, t] = array.transpose(3, 0, 2, 1)
                self.margins[name][block, t] = array.sum(axis=(0, 2)).T
            if m == 0 and step is not None:
                self.margins["aged_out"][block, t] = step.aged_out.sum(axis=1).T
                self.margins["moved"][block, t] = (opened.sum(axis=(0, 2)) - step.older.sum(axis=(0, 2))).T


def _cells(coefficients: tuple[FloatArray, ...], sources: tuple[FloatArray, ...]) -> FloatArray:
    """sum of coefficient x source, by cell."""
    total = coefficients[0] * sources[0]
    for coefficient, source in zip(coefficients[1:], sources[1:], strict=True):
        total += coefficient * source
    return total
