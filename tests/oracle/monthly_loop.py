"""The cohort flow month by month and cell by cell, in plain Python: what the fast kernel must equal.

Written from docs/method.md, not from the kernel. Nothing here is clever: no closed form, no matrix, no year at once.
One academic year in order: the September step (age, then move), what is fixed for the year, who gets a capped place,
then twelve months of cease, new plans, net other. The first academic year is entered in February from the January
count: no September step, everything fixed from that count, months February to August only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.engine.model.state import Clock, FlowRates
from tests.oracle.draw_rates import DrawRates, Nested, of_draw, rates_of_draw
from tests.oracle.places_by_bisection import AskingCell, occupancy, seated_shares, shares_alike

JANUARY, FEBRUARY, AUGUST = 4, 5, 11  # months of the academic year, September 0
FLOWS = ("open", "new", "ceased", "net_other")


@dataclass(frozen=True)
class LoopPlans:
    """The fields of Plans, plus by_age in full detail, in the one axis order."""

    open: FloatArray
    plan_months: FloatArray
    new: FloatArray
    ceased: FloatArray
    net_other: FloatArray
    moved: FloatArray
    aged_out: FloatArray
    january: FloatArray
    by_age: dict[str, FloatArray]
    spilled: FloatArray
    unfilled: FloatArray


@dataclass
class AcademicYear:
    """What is fixed at the opening of an academic year, for one draw.

    Args:
        stock: [a][n][p] plans open at the opening; after the move and after anybody is refused a place.
        new: [window][a][n][p] new plans a year in each window.
        other: [a][n][p] net other a year.
        stay: [k][a][n] plans that were in capped placement k and stay.
        aged_out: [p] plans reaching 26 at the September step.
        before_move: [p] plans of every other age once a year older, before they move.
    """

    stock: Nested
    new: list[Nested]
    other: Nested
    stay: list[Nested]
    aged_out: list[float]
    before_move: list[float]


def window(m: int) -> int:
    """0 for September to January, 1 for February to August."""
    return 0 if m <= JANUARY else 1


def run_monthly_loop(opening: FloatArray, children: FloatArray, rates: FlowRates, clock: Clock) -> LoopPlans:
    """Run every draw from the opening January count to the last August.

    An array whose draw axis is one holds for every draw.

    Args:
        opening: (d, a, n, p) plans open at the opening January count.
        children: (d, y, a) residents at 1 September.
        rates: as the kernel takes them.
        clock: months, academic years and January counts.

    Raises:
        ValueError: more plans than children at some age.
    """
    drawn = (opening, children, rates.new_rate, rates.cease_factor, rates.weight, rates.other, rates.places)
    draws = max(array.shape[0] for array in drawn)
    needs, placements = opening.shape[2:]
    months, counts, capped = len(clock.months), len(clock.censuses), len(rates.capped)
    years = len(clock.academic_years)
    margins = ("open", "plan_months", "new", "ceased", "net_other", "moved", "aged_out")
    margin = {name: np.zeros((draws, months, placements)) for name in margins}
    detail = {name: np.zeros((draws, months, AGES, needs, placements)) for name in FLOWS}
    january = np.zeros((draws, counts, AGES, placements))
    spilled, unfilled = np.zeros((draws, years, capped)), np.zeros((draws, years, capped))

    for d in range(draws):
        one = rates_of_draw(rates, d, needs, placements)
        residents = of_draw(children, d)
        stock = of_draw(opening, d)
        january[d, 0] = np.sum(stock, axis=1)
        t = 0
        for y in range(years):
            first_month = FEBRUARY if y == 0 else 0
            year = enter_in_january(stock) if y == 0 else september_step(stock, one, y)
            fix_the_year(year, one, y, residents[y])
            year_months = range(first_month, AUGUST + 1)
            spilled[d, y], unfilled[d, y] = share_out_places(year, one, y, year_months)
            margin["moved"][d, t] = np.sum(year.stock, axis=(0, 1)) - np.array(year.before_move)
            margin["aged_out"][d, t] = year.aged_out
            stock = year.stock
            for m in year_months:
                before = stock
                stock, flows = one_month(stock, year, one, y, m)
                for name in ("new", "ceased", "net_other"):
                    margin[name][d, t] = np.sum(flows[name], axis=(0, 1))
                    detail[name][d, t] = flows[name]
                margin["open"][d, t] = np.sum(stock, axis=(0, 1))
                detail["open"][d, t] = stock
                margin["plan_months"][d, t] = (np.sum(before, axis=(0, 1)) + np.sum(stock, axis=(0, 1))) / 2
                if y > 0 and m == JANUARY:
                    january[d, y] = np.sum(stock, axis=1)
                t += 1
    return LoopPlans(**margin, january=january, by_age=detail, spilled=spilled, unfilled=unfilled)


def enter_in_january(stock: Nested) -> AcademicYear:
    """Open the first academic year at the January count: nobody ages or moves, so nobody enters a capped place."""
    nobody = [0.0] * len(stock[0][0])
    before_move: list[float] = np.sum(stock, axis=(0, 1)).tolist()
    return AcademicYear(stock=stock, new=[], other=[], stay=[], aged_out=nobody, before_move=before_move)


def september_step(stock: Nested, one: DrawRates, y: int) -> AcademicYear:
    """Everyone a year older, those reaching 26 leave, then each moves by the rates of the age just reached."""
    needs, placements = range(len(stock[0])), range(len(stock[0][0]))
    after = [[[0.0 for _ in placements] for _ in needs] for _ in range(AGES)]
    before_move = [0.0 for _ in placements]
    for b in range(1, AGES):
        for n in needs:
            for p in placements:
                before_move[p] += stock[b - 1][n][p]
                for q in placements:
                    after[b][n][q] += stock[b - 1][n][p] * one.move[y][b][p][q]
    stay = [
        [[stock[b - 1][n][k] * one.move[y][b][k][k] if b else 0.0 for n in needs] for b in range(AGES)]
        for k in one.capped
    ]
    aged_out = [sum(stock[AGES - 1][n][p] for n in needs) for p in placements]
    return AcademicYear(stock=after, new=[], other=[], stay=stay, aged_out=aged_out, before_move=before_move)


def fix_the_year(year: AcademicYear, one: DrawRates, y: int, residents: list[float]) -> None:
    """Set the year's new plans and net other from the stock at its opening.

    Raises:
        ValueError: more plans than children at some age.
    """
    needs, placements = range(len(year.stock[0])), range(len(year.stock[0][0]))
    without = [residents[a] - sum(map(sum, year.stock[a])) for a in range(AGES)]
    if min(without) < 0:
        raise ValueError(f"more plans than children at age {without.index(min(without))}")
    year.new = [
        [
            [[without[a] * one.new_rate[y][w][a] * one.new_share[y][w][a][n][p] for p in placements] for n in needs]
            for a in range(AGES)
        ]
        for w in (0, 1)
    ]
    year.other = [
        [
            [
                one.other[y][a] * year.stock[a][n][p] + residents[a] * one.arrivals[y][a] * one.arrival_share[a][n][p]
                for p in placements
            ]
            for n in needs
        ]
        for a in range(AGES)
    ]


def share_out_places(year: AcademicYear, one: DrawRates, y: int, year_months: range) -> tuple[list[float], list[float]]:
    """Admit to each capped placement in turn as many as fit; the rest start, or arrive, elsewhere.

    Returns:
        Plans refused by capped placement, and places left in the fullest month (the opening counted as one).
    """
    needs, placements = range(len(year.stock[0])), range(len(year.stock[0][0]))
    refused, left = [], []
    for order, k in enumerate(one.capped):
        entering = [[0.0 for _ in needs] for _ in range(AGES)]
        if y > 0:
            entering = [[year.stock[a][n][k] - year.stay[order][a][n] for n in needs] for a in range(AGES)]
        cells = [
            AskingCell(
                stay=year.stock[a][n][k] - entering[a][n],
                enter=entering[a][n],
                new=tuple(year.new[window(m)][a][n][k] for m in year_months),
                other=year.other[a][n][k],
                keep=tuple((1 - one.hazard[y][window(m)][a][n][k]) ** one.cease_profile[m] for m in year_months),
            )
            for a in range(AGES)
            for n in needs
        ]
        new_profile = [one.new_profile[m] for m in year_months]
        other_profile = [one.other_profile[m] for m in year_months]
        share_out = seated_shares if one.seated else shares_alike
        moving, coming = share_out(cells, one.places[y][order], new_profile, other_profile)
        left.append(one.places[y][order] - max(occupancy(cells, moving, coming, new_profile, other_profile)))
        refused.append(
            sum(
                (1 - moving) * cell.enter
                + (1 - coming) * sum(v * new for v, new in zip(new_profile, cell.new, strict=True))
                for cell in cells
            )
        )
        for a in range(AGES):
            for n in needs:
                turned_away = (1 - moving) * entering[a][n]
                year.stock[a][n][k] -= turned_away
                for q in placements:
                    year.stock[a][n][q] += one.spill[order][q] * turned_away
                for new in year.new:
                    turned_away = (1 - coming) * new[a][n][k]
                    new[a][n][k] -= turned_away
                    for q in placements:
                        new[a][n][q] += one.spill[order][q] * turned_away
    return refused, left


def one_month(
    stock: Nested, year: AcademicYear, one: DrawRates, y: int, m: int
) -> tuple[Nested, dict[str, FloatArray]]:
    """Cease, then new plans, then net other, in every cell; returns the stock at the month's end and the flows."""
    shape = np.shape(stock)
    flows = {name: np.zeros(shape) for name in ("new", "ceased", "net_other")}
    end = [[[0.0] * shape[2] for _ in range(shape[1])] for _ in range(shape[0])]
    for a in range(shape[0]):
        for n in range(shape[1]):
            for p in range(shape[2]):
                keep = (1 - one.hazard[y][window(m)][a][n][p]) ** one.cease_profile[m]
                ceased = stock[a][n][p] * (1 - keep)
                new = one.new_profile[m] * year.new[window(m)][a][n][p]
                net_other = one.other_profile[m] * year.other[a][n][p]
                end[a][n][p] = stock[a][n][p] - ceased + new + net_other
                flows["new"][a, n, p], flows["ceased"][a, n, p], flows["net_other"][a, n, p] = new, ceased, net_other
    return end, flows
