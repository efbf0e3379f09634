"""A block of draws followed through the years: the equations of the cohort flow, one method each.

Arrays are (age, need, placement, draw): draw last, so that the innermost axis is long and contiguous, in blocks small
enough for the caches. They are allocated once and written in place.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import DTypeLike

from hnforecast.base.axes import FloatArray
from hnforecast.base.errors import Problem, ReconciliationError
from hnforecast.engine.model.coefficients import WINDOWS, Kept, Window, combine, keep_by_weight
from hnforecast.engine.model.output import PlansOutput
from hnforecast.engine.model.places import Asking, admitted_share, stayed, step_september
from hnforecast.engine.model.state import Clock, FlowRates, year_older

DRAWN = ("new_rate", "cease_factor", "weight", "other", "places", "arrival_rate")  # rates with a draw axis, the first
_CENTRAL = ("new_share", "share_shift", "cease", "move", "move_shift", "spill", "arrival_share")
CACHED_CELLS = 2**16  # coefficients made at a time: what a core's own cache holds with room for their sums


class Cohorts:
    """The flow of one block of draws at a time.

    Args:
        opening, children, rates, clock: as in flow_plans.
        output: where results go.
    """

    def __init__(
        self, opening: FloatArray, children: FloatArray, rates: FlowRates, clock: Clock, output: PlansOutput
    ) -> None:
        self.number = output.plan_months.dtype
        rates = replace(rates, **{name: getattr(rates, name).astype(self.number, copy=False) for name in _CENTRAL})
        self.opening, self.children, self.rates, self.clock, self.output = opening, children, rates, clock, output
        self.arriving = bool(rates.arrival_rate.any())
        self.net_other = bool(rates.other.any()) or self.arriving
        self.together = not output.detail and np.array_equal(rates.new_profile, rates.other_profile)
        apart = self.net_other and not self.together
        self.profiles = np.array([rates.new_profile, rates.other_profile] if apart else [rates.new_profile])
        self.hazard = rates.cease[..., None]  # (year, age, need, placement, 1)
        self.new_hazard = (rates.cease[1:] != rates.cease[:-1]).any(axis=(2, 3))
        years = range(len(rates.new_share))
        self.shifted = [np.nonzero(rates.share_shift[:, y].any(axis=(1, 2, 3)))[0].tolist() for y in years]
        placed = [_shares(rates, y, measures) for y, measures in enumerate(self.shifted)]
        self.shares = (placed, [year_older(share) for share in placed] if rates.new_by_count else placed)
        plain = list(rates.new_share)
        self.new_share = (plain, [year_older(share) for share in plain] if rates.new_by_count else plain)
        self.draws = 0

    def follow(self, block: slice) -> None:
        """Follow the draws of a block from the opening January count to the last August."""
        self._start(block)
        for y, year in enumerate(self.clock.academic_years):
            self._renew_coefficients(y)
            if y == 0:
                self._enter_in_february(year)
            else:
                self._open_year(y, year)
            self._follow_windows(y, year)
        if self.output.segments:
            self.output.plan_months[..., block] = self.plan_months

    def _start(self, block: slice) -> None:
        """Take the block's draws, draw axis last; an axis of one draw stays one and broadcasts."""
        rates = self.rates
        self.block = block
        if block.stop - block.start != self.draws:
            self._allocate(block.stop - block.start)
        drawn = (self.children, *(getattr(rates, name) for name in DRAWN))
        parts = [_part(array, block, self.number) for array in drawn]
        self.residents, self.new_rate, self.factor, self.weight, self.other, self.places, self.arrival_rate = parts
        self.stock[:] = _part(self.opening, block, self.number)
        self.plan_months[:] = 0.0
        self.new_factor = (self.factor[1:] != self.factor[:-1]).any(axis=tuple(range(2, self.factor.ndim)))
        self.output.write_count(block, self.clock.censuses[0], self.stock)

    def _allocate(self, draws: int) -> None:
        self.draws = draws
        ages, needs, placements = self.opening.shape[1:]
        shape = (ages, needs, placements, draws)
        kept = Kept(self.output.segments, self.output.detail, self.rates.capped)
        hazard = (ages, self.hazard.shape[2], placements, draws)
        self.windows = tuple(Window.empty(months, self.profiles, hazard, kept, self.number) for months in WINDOWS)
        self.sources = tuple(np.empty((ages, 1 + len(self.profiles), *shape[1:]), self.number) for _ in WINDOWS)
        self.stock, self.other_plans = np.empty(shape, self.number), np.zeros(shape, self.number)
        self.plan_months = np.empty((len(self.output.plan_months), placements, draws), self.number)

    # The year's opening

    def _renew_coefficients(self, y: int) -> None:
        """Make the coefficients of the ages whose hazards are not those of the year before."""
        hazard, factor = self.hazard[y], self.factor[y]
        ages = slice(0, len(factor))
        if y:
            found = np.nonzero(self.new_hazard[y - 1] | self.new_factor[y - 1])[0]
            if not found.size:
                return
            if not self.output.detail:
                ages = slice(int(found[0]), int(found[-1]) + 1)
        # a few ages at a time, so that the months of a window are run through in the core's own cache
        step = len(factor) if self.output.detail else max(1, CACHED_CELLS // self.sources[0][0].size)
        for first in range(ages.start, ages.stop, step):
            few = slice(first, min(first + step, ages.stop))
            spread = factor[few, None, None, :] if factor.ndim == 2 else factor[few, None]  # by placement where named
            keep = keep_by_weight(1.0 - np.minimum(1.0, hazard[few] * spread), self.rates.cease_profile)
            self._fill(few, keep)

    def _fill(self, few: slice, keep: dict[float, FloatArray]) -> None:
        """Make the coefficients of both windows from what stays at the ages of some hazards.

        Hazards by age at the January count that follows are those of a year younger from February to August; there the
        oldest age reads its own.
        """
        profile, late = self.rates.cease_profile, keep
        self.windows[0].fill(few, keep, profile)
        if not self.rates.cease_by_count:
            self.windows[1].fill(few, keep, profile)
        else:
            first = max(few.start, 1)
            self.windows[1].fill(
                slice(first - 1, few.stop - 1), {w: part[first - few.start :] for w, part in keep.items()}, profile
            )
            if few.stop == len(self.stock):
                self.windows[1].fill(slice(few.stop - 1, few.stop), {w: part[-1:] for w, part in keep.items()}, profile)
            late = {w: year_older(part) for w, part in keep.items()}
        self.keep = (keep, late) if self.output.detail else ({}, {})

    def _enter_in_february(self, year: int) -> None:
        """The opening year has only its second window, whose stock is the January count."""
        stock = self.sources[1][:, 0]
        stock[:] = self.stock
        without = self._residents_without(0, stock, f"at the January count of {year + 1}")
        self._fix_flows(0, stock, without, windows=(1,))
        if self.rates.capped:
            self._apply_places(0, stock, windows=(1,))
        self._join_inflows((1,))

    def _open_year(self, y: int, year: int) -> None:
        """X after the September step, then J and O fixed for the year, then places."""
        opened = self.sources[0][:, 0]
        step_september(self.stock, self.rates.move[y], self.rates.move_shift[:, y], self.weight[:, y], opened)
        without = self._residents_without(y, opened, f"in September {year}")
        self._fix_flows(y, opened, without, windows=(0, 1))
        if self.rates.capped:
            self._apply_places(y, opened, windows=(0, 1))
        self._join_inflows((0, 1))

    def _residents_without(self, y: int, stock: FloatArray, when: str) -> FloatArray:
        """U = children - sum X: (age, draw) residents without a plan."""
        cells = stock.reshape(stock.shape[0], -1, self.draws)
        without: FloatArray = self.residents[y] - np.matmul(np.ones(cells.shape[1], self.number), cells)
        if not (without >= 0).all():  # written so that a value that is not a number is refused too
            _refuse_overfull(without, when)
        return without

    def _fix_flows(self, y: int, stock: FloatArray, without: FloatArray, windows: tuple[int, ...]) -> None:
        """J_w = U rate_w (share + sum_m weight_m shift_m), each window's first inflow; O = other X + arrivals."""
        measures = self.shifted[y]
        for w in windows:
            new = without * self.new_rate[y, w]
            joiners = self.sources[w][:, 1]
            if not measures:
                np.einsum("ad,anp->anpd", new, self.new_share[w][y], out=joiners)
                continue
            weighed = np.empty((len(new), 1 + len(measures), self.draws), self.number)
            weighed[:, 0] = new
            np.multiply(new[:, None], self.weight[measures, y], out=weighed[:, 1:])
            cells = joiners.reshape(len(new), -1, self.draws)  # a view: only ages lie apart
            np.matmul(self.shares[w][y], weighed, out=cells)
        if self.net_other:
            np.multiply(self.other[y][:, None, None, :], stock, out=self.other_plans)
        if self.arriving:
            self.other_plans += np.einsum(
                "ad,anp->anpd", self.residents[y] * self.arrival_rate[y], self.rates.arrival_share
            )

    def _join_inflows(self, windows: tuple[int, ...]) -> None:
        """Net other joins new plans where both fall in the same months, else it is an inflow of its own."""
        for w in windows:
            if len(self.profiles) > 1:
                self.sources[w][:, 2] = self.other_plans
            elif self.net_other:
                self.sources[w][:, 1] += self.other_plans

    # Commissioned places

    def _apply_places(self, y: int, opened: FloatArray, windows: tuple[int, ...]) -> None:
        """Admit what the places allow, in the stated order; spread the rest. Net other stays as it was."""
        rates = self.rates
        year = [self.windows[w] for w in windows]
        all_joiners = [self.sources[w][:, 1] for w in windows]
        for k, placement in enumerate(rates.capped):
            here = opened[:, :, placement]
            if y:
                stay = stayed(self.stock, rates.move[y], rates.move_shift[:, y], self.weight[:, y], placement)
            else:
                stay = here.copy()
            joiners = [array[:, :, placement].copy() for array in all_joiners]
            asking = Asking(stay, here - stay, joiners, self.other_plans[:, :, placement])
            admitted = admitted_share(asking, year, placement, self.places[y, k], seated=rates.seated)
            moving, new_plans = 1.0 - admitted.entrants, 1.0 - admitted.new_plans
            falling = [float(rates.new_profile[window.months].sum()) for window in year]
            refused = sum(
                (part * (new * new_plans) for part, new in zip(falling, joiners, strict=True)), asking.enter * moving
            )
            self.output.write_places(self.block, y, k, refused, admitted.unfilled)
            if moving.any() or new_plans.any():
                parts = (moving, *[new_plans] * len(joiners))
                for array, entrants, part in zip((opened, *all_joiners), (asking.enter, *joiners), parts, strict=True):
                    turned_away = entrants * part
                    array[:, :, placement] -= turned_away
                    for elsewhere in np.nonzero(rates.spill[k])[0]:
                        array[:, :, elsewhere] += rates.spill[k, elsewhere] * turned_away

    # The year's months

    def _follow_windows(self, y: int, year: int) -> None:
        """Read each window's months off its sources; its end is the opening stock of the next."""
        january = self.sources[1][:, 0]
        for w in (0, 1) if y else (1,):
            if self.output.detail:
                self._write_months(w, y, year)
            elif self.output.segments:
                self._add_parts(w, year)
            end = january if w == 0 else self.stock
            combine(self.windows[w].end, self.sources[w], out=end)
            if w == 0:
                self.output.write_count(self.block, year + 1, january)

    def _add_parts(self, w: int, year: int) -> None:
        """Plan-months of each segment: sum over sources, ages and needs of coefficient x source."""
        window, sources = self.windows[w], self.sources[w]
        row = sources.shape[-2] * sources.shape[-1]  # (placement, draw) as one long axis
        sums = np.einsum(
            "gcx,cx->gx", window.parts.reshape(len(window.groups), -1, row), sources.reshape(-1, row)
        ).reshape(-1, *sources.shape[-2:])
        for group, total in zip(window.groups, sums, strict=True):
            self.plan_months[self.output.positions[12 * year + 8 + group[0]]] += total

    def _write_months(self, w: int, y: int, year: int) -> None:
        """Every month of a detailed run by cell."""
        window, sources, rates, output = self.windows[w], self.sources[w], self.rates, self.output
        before = sources[:, 0]
        for m, coefficients in zip(window.months, window.by_month, strict=True):
            t = output.positions[12 * year + 8 + m]
            cells = {
                "open": combine(coefficients, sources, out=np.empty_like(self.stock)),
                "new": rates.new_profile[m] * sources[:, 1],
                "ceased": (1.0 - self.keep[w][float(rates.cease_profile[m])]) * before,
                "net_other": rates.other_profile[m] * self.other_plans,
            }
            output.write_month(self.block, t, before, cells)
            if m == 0:
                output.write_september(self.block, t, self.stock, before)
            before = cells["open"]


def _shares(rates: FlowRates, y: int, measures: list[int]) -> FloatArray:
    """(age, need x placement, 1 + measure) shares of new plans: as they stand, then what each measure shifts."""
    stacked = np.concatenate([rates.new_share[None, y], rates.share_shift[measures, y]])
    return np.ascontiguousarray(np.moveaxis(stacked.reshape(*stacked.shape[:2], -1), 0, -1))


def _part(array: FloatArray, block: slice, number: DTypeLike) -> FloatArray:
    """A block of draws, draw axis last; an axis of one draw stays one and broadcasts."""
    chosen = array if array.shape[0] == 1 else array[block]
    part: FloatArray = np.ascontiguousarray(np.moveaxis(chosen, 0, -1), dtype=number)
    return part


def _refuse_overfull(without: FloatArray, when: str) -> None:
    age = int(np.argwhere(~(without >= 0))[0][0])
    raise ReconciliationError(
        Problem(
            "HN911",
            f"open plans exceed the children of age {age} {when}",
            found=f"{-float(without[age].min()):.1f} plans too many",
            expected="plans no greater than residents at every age",
            do="Look at the new-plan rate and the population of that age.",
        )
    )
