"""Plans re-anchored: recorded stocks and flows to the cut-off, then the forecast's with the difference carried on.

The flow is linear in its opening while commissioned places do not bind, so what the records differ by at the
cut-off, by age and placement, is aged, moved, ceased and spilled by the forecast's own rates and added to the
forecast. With no difference the result is the forecast to the bit; up to the cut-off it is the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.timeline import Month, academic_year, month_of_academic_year
from hnforecast.engine.model.coefficients import window_of
from hnforecast.engine.model.state import Clock, FlowRates, Plans

STEP_DOWN_AGE = 19  # reviews overdue lie with young adults, whose plans end after them
NOTHING = 1e-9  # plans: less is the last digit of a float
FLOWS = ("open", "new", "ceased", "net_other")


@dataclass(frozen=True)
class RecordedPlans:
    """Plans by month and placement as recorded, months without a gap.

    Args:
        months: absolute.
        open, new, ceased: (t, p).
    """

    months: range
    open: FloatArray
    new: FloatArray
    ceased: FloatArray


@dataclass(frozen=True)
class _September:
    """The September step of a difference or a stock: (a, p) after it, (p,) who left at 26, (p,) net moves."""

    stock: FloatArray
    aged_out: FloatArray
    moved: FloatArray


def anchor_plans(
    plans: Plans,
    rates: FlowRates,
    clock: Clock,
    recorded: RecordedPlans,
    joiners: Mapping[Month, float],
    leavers: Mapping[Month, float],
) -> Plans:
    """Plans that follow the records up to their last month and the forecast after it.

    Args:
        plans: the forecast's central run, detailed, one draw and one need.
        rates: of its forecast years.
        clock: of the run.
        recorded: up to the cut-off, beginning inside the forecast.
        joiners: month -> multiplier on new plans after the cut-off; 1 where missing.
        leavers: month -> plans of STEP_DOWN_AGE and over ceased besides the forecast's; 0 where missing.
    """
    ages = {name: plans.by_age[name][0, :, :, 0, :].copy() for name in FLOWS}  # (t, a, p)
    moved, aged_out = plans.moved[0].copy(), plans.aged_out[0].copy()
    before = np.zeros((len(clock.months), plans.open.shape[2]))
    first = clock.months.index(recorded.months[0])
    last = first + len(recorded.months) - 1
    months = _Months(clock, rates)
    for t in range(first, last + 1):
        r = t - first
        opened = ages["open"][t - 1]
        if month_of_academic_year(clock.months[t]) == 0:
            step = months.september(t, opened)
            # what full placements turned away is not known from margins: that of the forecast is taken
            turned = _opened(plans, t) - months.september(t, plans.by_age["open"][0, t - 1, :, 0, :]).stock
            opened, moved[t], aged_out[t] = step.stock + turned, step.moved + turned.sum(axis=0), step.aged_out
        before[t] = opened.sum(axis=0)
        for name in ("open", "new", "ceased"):
            ages[name][t] = _to_total(ages[name][t], getattr(recorded, name)[r], ages["open"][t])
        ages["net_other"][t] = ages["open"][t] - opened - ages["new"][t] + ages["ceased"][t]
    # the level a record starts from was there before it: the gap to the forecast is not a flow of that month
    flows = plans.net_other[0, first] + recorded.new[0] - recorded.ceased[0]
    before[first] = np.maximum(0.0, recorded.open[0] - flows)
    gap = ages["open"][last] - plans.by_age["open"][0, last, :, 0, :]
    _carry(gap, last, ages, moved, aged_out, months, plans, joiners, leavers)
    return _plans(plans, clock, ages, moved, aged_out, before, first, last)


class _Months:
    """The forecast's rates read month by month."""

    def __init__(self, clock: Clock, rates: FlowRates) -> None:
        self.clock, self.rates = clock, rates
        years = clock.academic_years[-len(rates.new_rate[0]) :]
        self.position = {year: y for y, year in enumerate(years)}

    def year(self, t: int) -> int:
        """The academic year's position on the rates' axis."""
        return self.position[academic_year(self.clock.months[t])]

    def september(self, t: int, stock: FloatArray) -> _September:
        """Everyone a year older, then moves, measures included."""
        y, rates = self.year(t), self.rates
        older = np.zeros_like(stock)
        older[1:] = stock[:-1]
        move = rates.move[y] + np.einsum("m,mapq->apq", rates.weight[0, :, y], rates.move_shift[:, y])
        after = np.einsum("ap,apq->aq", older, move)
        return _September(after, stock[AGES - 1].copy(), after.sum(axis=0) - older.sum(axis=0))

    def keep(self, t: int) -> FloatArray:
        """(a, p) share that does not cease in the month."""
        y, m = self.year(t), month_of_academic_year(self.clock.months[t])
        share: FloatArray = (1.0 - self.rates.hazard(y, window_of(m))) ** self.rates.cease_profile[m]
        return share

    def new_share(self, t: int) -> FloatArray:
        """(a, p) new plans of the month per resident more without a plan at the September opening."""
        y, m = self.year(t), month_of_academic_year(self.clock.months[t])
        rates = self.rates
        window = window_of(m)
        return np.asarray(rates.new_rate[0, y, window][:, None] * rates.placed(y, window) * rates.new_profile[m])

    def other_share(self, t: int) -> FloatArray:
        """(a, 1) net other of the month per plan at the September opening."""
        y, m = self.year(t), month_of_academic_year(self.clock.months[t])
        return np.asarray(self.rates.other[0, y][:, None] * self.rates.other_profile[m])

    def spill(self, t: int, change: FloatArray, plans: Plans) -> FloatArray:
        """A change (a, p) where places bind: what a full placement cannot take goes where the rest went."""
        y = self.year(t)
        bound = plans.spilled[0, -len(self.position) :][y] > 0.5
        if not bound.any():
            return change
        change = change.copy()
        for k, placement in enumerate(self.rates.capped):
            if bound[k]:
                turned = change[:, placement].copy()
                change[:, placement] = 0.0
                change += turned[:, None] * self.rates.spill[k][None, :]
        return change


def _carry(
    gap: FloatArray,
    last: int,
    ages: dict[str, FloatArray],
    moved: FloatArray,
    aged_out: FloatArray,
    months: _Months,
    plans: Plans,
    joiners: Mapping[Month, float],
    leavers: Mapping[Month, float],
) -> None:
    """Carry a difference (a, p) from the cut-off to the end of the run, changing the arrays in place."""
    clock = months.clock
    opening_gap: FloatArray | None = None  # the difference at the last September after the cut-off
    for t in range(last + 1, len(clock.months)):
        if month_of_academic_year(clock.months[t]) == 0:
            step = months.september(t, gap)
            gap = months.spill(t, step.stock, plans)
            moved[t] += step.moved + (gap - step.stock).sum(axis=0)
            aged_out[t] += step.aged_out
            opening_gap = gap
        multiplier = joiners.get(clock.months[t], 1.0)
        new = ages["new"][t]
        expected, other = new * multiplier, np.zeros_like(new)
        if opening_gap is not None:
            fewer_without = opening_gap.sum(axis=1, keepdims=True)
            expected = (new - fewer_without * months.new_share(t)) * multiplier
            other = opening_gap * months.other_share(t)
        change = months.spill(t, expected - new, plans)
        keep = months.keep(t)
        ages["ceased"][t] += gap * (1.0 - keep)
        gap = gap * keep + change + other
        gone = _leaving(ages["open"][t] + gap, leavers.get(clock.months[t], 0.0))
        ages["ceased"][t] += gone
        gap = gap - gone
        evened = _evened(ages["open"][t] + gap)
        gap = gap + evened
        ages["new"][t] += change
        ages["net_other"][t] += other + evened
        ages["open"][t] += gap


def _evened(stock: FloatArray) -> FloatArray:
    """(a, p) what brings cells below nil up to it, taken at the same age from where plans are; nothing where none is.

    Fewer plans at a full placement turn fewer away, and where few of an age went the difference can exceed them:
    then the placement is not full for that age, and the rest of the difference stays with it and its neighbours.
    """
    lacking = np.maximum(0.0, -stock)
    if lacking.max() <= NOTHING:
        return np.zeros_like(stock)
    there = np.maximum(0.0, stock)
    whole = there.sum(axis=1, keepdims=True)
    need = lacking.sum(axis=1, keepdims=True)
    taken = np.divide(there * np.minimum(need, whole), whole, out=np.zeros_like(there), where=whole > 0)
    given = np.divide(lacking * np.minimum(need, whole), need, out=np.zeros_like(there), where=need > 0)
    return np.asarray(given - taken)


def _leaving(stock: FloatArray, plans: float) -> FloatArray:
    """(a, p) so many plans of young adults, as they stand; no more than half of them in a month."""
    cells = stock.copy()
    cells[:STEP_DOWN_AGE] = 0.0
    size = float(cells.sum())
    return cells * (min(plans, 0.5 * size) / size) if plans and size > 0 else np.zeros_like(stock)


def _opened(plans: Plans, t: int) -> FloatArray:
    """(a, p) what a month of the forecast opened with, after its September step where it has one."""
    flow = {name: plans.by_age[name][0, t, :, 0, :] for name in FLOWS}
    return np.asarray(flow["open"] - flow["new"] + flow["ceased"] - flow["net_other"])


def _to_total(cells: FloatArray, total: FloatArray, fallback: FloatArray) -> FloatArray:
    """Cells (a, p) scaled to totals (p,); a placement without any takes the ages of the fallback's whole stock."""
    size = cells.sum(axis=0)
    spread = fallback.sum(axis=1) / max(float(fallback.sum()), 1e-12)
    share = np.where(size > 0, np.divide(cells, size, out=np.zeros_like(cells), where=size > 0), spread[:, None])
    return np.asarray(share * total)


def _plans(
    plans: Plans,
    clock: Clock,
    ages: dict[str, FloatArray],
    moved: FloatArray,
    aged_out: FloatArray,
    before: FloatArray,
    first: int,
    last: int,
) -> Plans:
    margins = {name: array.sum(axis=1) for name, array in ages.items()}  # (t, p)
    plan_months = plans.plan_months[0].copy()
    for t in range(first, len(clock.months)):
        opened = before[t] if t <= last else margins["open"][t - 1] + moved[t] - aged_out[t]
        plan_months[t] = 0.5 * (opened + margins["open"][t])
    january = plans.january.copy()
    for c, census in enumerate(clock.censuses):
        if 12 * census in clock.months and clock.months.index(12 * census) >= first:
            january[0, c] = ages["open"][clock.months.index(12 * census)]
    return replace(
        plans,
        by_age={name: array[None, :, :, None, :] for name, array in ages.items()},
        moved=moved[None],
        aged_out=aged_out[None],
        plan_months=plan_months[None],
        january=january,
        **{name: array[None] for name, array in margins.items()},
    )
