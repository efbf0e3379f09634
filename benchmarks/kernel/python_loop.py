"""The same flow one cell and one month at a time, in plain Python. No places, no measures."""

from __future__ import annotations

from statistics import quantiles

from benchmarks.kernel.council import Council
from hnforecast.base.axes import AGES
from hnforecast.base.timeline import academic_year, month_of_academic_year

Cells = list[list[list[float]]]  # [age][need][placement]


def loop_draw(council: Council, draw: int) -> list[list[float]]:
    """One draw: plan-months by month and placement."""
    rates, clock = council.rates, council.clock
    needs, placements = council.opening.shape[2:]
    stock: Cells = council.opening[0].tolist()
    months: list[list[float]] = []
    for absolute in clock.months:
        y = clock.academic_years.index(academic_year(absolute))
        m = month_of_academic_year(absolute)
        if m == 0:
            stock = _september(stock, rates.move[y].tolist())
        if m == 0 or not months:
            children, other = council.children[draw, y].tolist(), rates.other[draw, y].tolist()
            share, new_rate = rates.new_share[y].tolist(), rates.new_rate[draw, y].tolist()
            hazard, factor = rates.cease[y].tolist(), rates.cease_factor[draw, y].tolist()
            without = [children[a] - sum(map(sum, stock[a])) for a in range(AGES)]
            joining = [[[other[a] * cell for cell in row] for row in stock[a]] for a in range(AGES)]
        ceasing, new, net = rates.cease_profile[m], rates.new_profile[m], rates.other_profile[m]
        window = int(m >= 5)
        total = [0.0] * placements
        for a in range(AGES):
            for n in range(needs):
                hazards = hazard[a][n if len(hazard[a]) > 1 else 0]
                for p in range(placements):
                    before = stock[a][n][p]
                    keep = (1.0 - min(1.0, hazards[p] * factor[a])) ** ceasing
                    started = new * without[a] * new_rate[window][a] * share[a][n][p]
                    after = before * keep + started + net * joining[a][n][p]
                    stock[a][n][p] = after
                    total[p] += 0.5 * (before + after)
        months.append(total)
    return months


def _september(stock: Cells, move: list[list[list[float]]]) -> Cells:
    needs, placements = len(stock[0]), len(stock[0][0])
    opened: Cells = [[[0.0] * placements for _ in range(needs)]]
    for b in range(1, AGES):
        opened.append(
            [
                [sum(row[p] * move[b][p][q] for p in range(placements)) for q in range(placements)]
                for row in stock[b - 1]
            ]
        )
    return opened


def summarise(draws: list[list[list[float]]]) -> list[list[list[float]]]:
    """Nineteen quantiles over draws of every month and placement."""
    return [
        [quantiles([one[t][p] for one in draws], n=20) for p in range(len(draws[0][0]))] for t in range(len(draws[0]))
    ]
