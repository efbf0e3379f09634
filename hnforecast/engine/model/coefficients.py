"""Exact months without monthly steps.

An academic year is two census windows, September to January and February to August. Inside a window every cell is
linear in its sources: the stock X it opens with and the year's inflows F_i, of which the share f_i,m falls in month m:

    N_m = alpha_m X + sum_i beta_i,m F_i
    alpha_m = keep_m alpha_{m-1}        beta_i,m = keep_m beta_i,{m-1} + f_i,m        from alpha = 1, beta = 0

The recursion survives a hazard of 1. Inflows are the window's new plans and net other, or their sum where both fall in
the same months. Coefficients depend on hazards and profiles only: they are made once for all years of the same hazards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import DTypeLike

from hnforecast.base.axes import FloatArray
from hnforecast.engine.model.steps import Step, parts_of

WINDOWS = (range(5), range(5, 12))  # the first ends in the January count


def window_of(m: int) -> int:
    """0 for September to January, 1 for February to August; m is the month of the academic year, September 0."""
    return 0 if m in WINDOWS[0] else 1


@dataclass(frozen=True)
class Kept:
    """What is kept of a window's coefficients besides its end.

    Args:
        parts: plan-months by segment, for a lean run.
        months: every month's end, for a detailed run.
        placements: capped placements, of which every month's end is kept.
    """

    parts: bool
    months: bool
    placements: tuple[int, ...]


@dataclass(frozen=True)
class Window:
    """Coefficients of one census window; axes (age, source, need, placement, draw), X the first source.

    Args:
        months: its months of the academic year.
        profiles: (inflow, 12) share of each inflow that falls in each month.
        groups: its parts of the five segments, as months.
        end: coefficients of the stock at its end.
        parts: (group, ...) of the plan-months of each group; empty unless kept.
        by_month: (m, ...) of the stock at each month's end; empty unless kept.
        capped: placement -> (source, m, age, need, draw) of the stock at each month's end.
    """

    months: range
    profiles: FloatArray
    groups: tuple[Step, ...]
    end: FloatArray
    parts: FloatArray
    by_month: FloatArray
    capped: dict[int, FloatArray]

    @classmethod
    def empty(
        cls, months: range, profiles: FloatArray, hazard: tuple[int, ...], kept: Kept, number: DTypeLike = np.float64
    ) -> Self:
        """Arrays of a kind of number to be filled, for hazards (age, need, placement, draw)."""
        shape = (hazard[0], 1 + len(profiles), *hazard[1:])
        groups = parts_of(months)
        cells = (shape[1], len(months), shape[0], shape[2], shape[4])
        return cls(
            months=months,
            profiles=profiles,
            groups=groups,
            end=np.empty(shape, number),
            parts=np.empty((len(groups) if kept.parts else 0, *shape), number),
            by_month=np.empty((len(months) if kept.months else 0, *shape), number),
            capped={placement: np.empty(cells, number) for placement in kept.placements},
        )

    def fill(self, ages: slice, keep: Mapping[float, FloatArray], cease: FloatArray) -> None:
        """Run the recursion over the window's months at some ages.

        Args:
            ages: those whose hazards are new.
            keep: weight -> (age, need, placement, draw) share of plans that do not cease in a month of that weight.
            cease: (12,) weight of each month.
        """
        now = self.end[ages]
        now[:, 0], now[:, 1:] = 1.0, 0.0
        for position, group in enumerate(self.groups):
            total = self.parts[position, ages] if len(self.parts) else None
            if total is not None:
                np.multiply(now, 0.5, out=total)
            for m in group:
                now *= keep[float(cease[m])][:, None]
                for inflow, profile in enumerate(self.profiles, start=1):
                    now[:, inflow] += float(profile[m])
                self._keep_month(m - self.months[0], ages, now)
                if total is not None and m != group[-1]:
                    total += now
            # A month's plan-months are the mean of its opening and its end: ends alone are too high in growth
            if total is not None:
                total += 0.5 * now

    def _keep_month(self, m: int, ages: slice, now: FloatArray) -> None:
        if len(self.by_month):
            self.by_month[m, ages] = now
        for placement, cells in self.capped.items():
            cells[:, m, ages] = now[:, :, :, placement].swapaxes(0, 1)


def keep_by_weight(staying: FloatArray, cease: FloatArray) -> dict[float, FloatArray]:
    """Take staying ** w for each distinct monthly weight w: powers cost most, so each is taken once."""
    return {weight: np.power(staying, weight) for weight in sorted({float(w) for w in cease})}


def combine(coefficients: FloatArray, sources: FloatArray, out: FloatArray) -> FloatArray:
    """Sum over sources of coefficient x source by cell, (age, source, ...) into out (age, ...)."""
    return np.einsum("as...,as...->a...", coefficients, sources, out=out)
