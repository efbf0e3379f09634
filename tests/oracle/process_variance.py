"""Chance variation of a period's cost when every rate is known, in closed form, by plain loops.

Plans are independent of each other and new plans are Poisson, so two moments of one plan's remaining cost, worked
backwards month by month, give the mean and the variance of the total. Caps, net other and the feedback of plans on new
plans are left out, as in docs/method.md, process variance.
"""

from __future__ import annotations

from hnforecast.base.axes import AGES
from hnforecast.base.timeline import month_of_academic_year
from hnforecast.engine.model.state import Clock
from tests.oracle.draw_rates import DrawRates, Nested


def cost_mean_and_variance(
    opening: Nested, new_plans: Nested, one: DrawRates, clock: Clock, monthly_cost: Nested
) -> tuple[float, float]:
    """Mean and variance of sum over months of plan-months x monthly cost.

        e1 = k/2 + V1+ ;      e2 = k^2/4 + k V1+ + V2+          a plan open at the month's end
        V1 = k/2 + keep e1 ;  V2 = k^2/4 + k keep e1 + keep e2  a plan open at its opening

    Args:
        opening: [a][n][p] plans at the opening count.
        new_plans: [t][a][n][p] expected new plans by month.
        one: hazards, moves and the cease profile of the draw.
        clock: the months.
        monthly_cost: [t][p] cost of a plan-month, zero outside the period.
    """
    needs, placements = range(len(opening[0])), range(len(opening[0][0]))
    nothing = [[[0.0 for _ in placements] for _ in needs] for _ in range(AGES)]
    first_moment, second_moment = nothing, nothing
    mean = variance = 0.0
    years = {first: y for y, first in enumerate(clock.academic_years)}
    for t in reversed(range(len(clock.months))):
        m = month_of_academic_year(clock.months[t])
        y = years[(clock.months[t] - m) // 12]
        v1 = [[[0.0 for _ in placements] for _ in needs] for _ in range(AGES)]
        v2 = [[[0.0 for _ in placements] for _ in needs] for _ in range(AGES)]
        for a in range(AGES):
            for n in needs:
                for p in placements:
                    k = monthly_cost[t][p]
                    keep = (1 - one.hazard[y][0 if m <= 4 else 1][a][n][p]) ** one.cease_profile[m]
                    e1 = k / 2 + first_moment[a][n][p]
                    e2 = k * k / 4 + k * first_moment[a][n][p] + second_moment[a][n][p]
                    mean += new_plans[t][a][n][p] * e1
                    variance += new_plans[t][a][n][p] * e2
                    v1[a][n][p] = k / 2 + keep * e1
                    v2[a][n][p] = k * k / 4 + k * keep * e1 + keep * e2
        if m == 0:  # seen from August: a year younger and not yet moved; those of 25 leave and cost nothing more
            v1, v2 = (
                [
                    [
                        [sum(one.move[y][a + 1][p][q] * moment[a + 1][n][q] for q in placements) for p in placements]
                        for n in needs
                    ]
                    for a in range(AGES - 1)
                ]
                + [nothing[0]]
                for moment in (v1, v2)
            )
        first_moment, second_moment = v1, v2
    for a in range(AGES):
        for n in needs:
            for p in placements:
                mean += opening[a][n][p] * first_moment[a][n][p]
                variance += opening[a][n][p] * (second_moment[a][n][p] - first_moment[a][n][p] ** 2)
    return mean, variance
