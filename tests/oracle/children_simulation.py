"""Every plan followed one by one, with real chance: each month it ceases or not, each September it moves or not.

What the expected-value flow must equal on average, and whose spread the closed form of the process variance must give.
Exact for councils whose places do not run out and whose net other is nil; new plans are Poisson about their expected
numbers, so the small effect of chance on the children left without a plan is not simulated. Slow: small councils only.

Source: docs/method.md, cohort flow and process variance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from hnforecast.base.axes import AGES
from hnforecast.base.timeline import month_of_academic_year
from hnforecast.engine.model.state import Clock
from tests.oracle.draw_rates import DrawRates, Nested


@dataclass
class Child:
    """One child or young person with a plan: age on 31 August before the academic year, need and placement."""

    age: int
    need: int
    placement: int


@dataclass(frozen=True)
class SimulatedPlans:
    """One history: open [t][p] plans at each month's end, and half plan-months [t][p]."""

    open: Nested
    plan_months: Nested

    def cost(self, monthly_cost: Nested) -> float:
        """Cost of the whole history at [t][p] pounds a plan-month."""
        return sum(
            plans * cost
            for row, prices in zip(self.plan_months, monthly_cost, strict=True)
            for plans, cost in zip(row, prices, strict=True)
        )


def simulate_children(
    opening: Nested, new_plans: Nested, one: DrawRates, clock: Clock, chance: Random
) -> SimulatedPlans:
    """One history of a council, child by child.

    Args:
        opening: [a][n][p] whole numbers of plans at the opening count.
        new_plans: [t][a][n][p] expected new plans by month.
        one: hazards, moves and the cease profile.
        clock: the months.
        chance: the source of chance; seed it.
    """
    placements = range(len(opening[0][0]))
    cells = [(a, n, p) for a in range(AGES) for n in range(len(opening[0])) for p in placements]
    children = [Child(a, n, p) for a, n, p in cells for _ in range(int(opening[a][n][p]))]
    years = {first: y for y, first in enumerate(clock.academic_years)}
    open_plans, plan_months = [], []
    for t, absolute in enumerate(clock.months):
        m = month_of_academic_year(absolute)
        y = years[(absolute - m) // 12]
        if m == 0:
            children = after_september(children, one, y, chance)
        at_opening = count(children, placements)
        children = [child for child in children if chance.random() < month_survival(child, one, y, m)]
        expected = [new_plans[t][a][n][p] for a, n, p in cells]
        started = poisson(sum(expected), chance)
        children += [Child(*cell) for cell in chance.choices(cells, expected, k=started)] if started else []
        at_end = count(children, placements)
        open_plans.append(at_end)
        plan_months.append([(first + last) / 2 for first, last in zip(at_opening, at_end, strict=True)])
    return SimulatedPlans(open_plans, plan_months)


def after_september(children: list[Child], one: DrawRates, y: int, chance: Random) -> list[Child]:
    """A birthday for everyone; those reaching 26 leave; the rest stay or move by the rates of their new age."""
    remaining = []
    for child in children:
        age = child.age + 1
        if age < AGES:
            row = one.move[y][age][child.placement]
            placement = chance.choices(range(len(row)), row)[0]
            remaining.append(Child(age, child.need, placement))
    return remaining


def month_survival(child: Child, one: DrawRates, y: int, m: int) -> float:
    """Chance that a plan outlives a month."""
    hazard = one.hazard[y][0 if m <= 4 else 1][child.age][child.need][child.placement]
    survival: float = (1 - hazard) ** one.cease_profile[m]
    return survival


def count(children: list[Child], placements: range) -> list[int]:
    """Plans by placement."""
    totals = [0 for _ in placements]
    for child in children:
        totals[child.placement] += 1
    return totals


def poisson(mean: float, chance: Random) -> int:
    """A Poisson number by counting how many exponential waits fit into the mean."""
    events, passed = 0, -math.log(1.0 - chance.random())
    while passed < mean:
        events += 1
        passed -= math.log(1.0 - chance.random())
    return events
