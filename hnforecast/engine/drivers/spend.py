"""The rows of spend and what makes each: top-up on plans, funding on places, services, income, the memo."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hnforecast.assumptions import Vintage
from hnforecast.base.axes import FloatArray, stack_draws
from hnforecast.base.timeline import academic_year, financial_year, months_of_financial_year
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers.levers import Lever, Levers
from hnforecast.engine.drivers.prices import NO_HISTORY, HistoryGrowth, yearly_cost
from hnforecast.engine.model.spend import SpendRules
from hnforecast.engine.model.state import Clock, Plans, SpendRow
from hnforecast.engine.model.steps import Step

PLACE_LINE = "1.0.2"
WHOLE_LINE = "1.2"
BEYOND = "Beyond plans and prices, as the pooled forecast of spend has it"
SERVICES = "services"


class _Rows:
    """Rows gathered one by one, each with what makes it."""

    def __init__(self) -> None:
        self.rows: list[SpendRow] = []
        self.per_plan: dict[int, tuple[int, FloatArray]] = {}
        self.per_place: dict[int, tuple[int, FloatArray]] = {}
        self.fixed: dict[int, FloatArray] = {}
        self.per_flow: dict[int, FloatArray] = {}

    def add(self, row: SpendRow) -> int:
        self.rows.append(row)
        return len(self.rows) - 1


def spend_rules(
    vintage: Vintage,
    levers: Levers,
    clock: Clock,
    steps: tuple[Step, ...],
    plans: Plans,
    places: FloatArray,
    deductions: FloatArray,
    drawn: Drawn,
    history_growth: HistoryGrowth = NO_HISTORY,
    beyond: Mapping[int, float] | None = None,
) -> SpendRules:
    """Gather every row.

    Args:
        plans: the flow's result, for the memo lines.
        places: (d, y, k) commissioned places by academic year of the clock, capped placements in the order of
            flows.yaml.
        deductions: (d, f) pounds paid direct by the DfE, the same as the funding stream takes off.
        beyond: financial year -> pounds on lines 1.2 that history has and neither plans nor prices explain.
    """
    gathered = _Rows()
    prices = vintage.prices
    for name in prices.top_up:
        p = vintage.codes.placements.index(name)
        for line, share in prices.line_share[name].items():
            r = gathered.add(SpendRow(line, name, "gross", label="Top-up and fees"))
            gathered.per_plan[r] = (p, np.array([[share.at(0)]]))
    for name in prices.place:
        paid = prices.place_council_share[name].at(0) if name in prices.place_council_share else 1.0
        r = gathered.add(SpendRow(PLACE_LINE, name, "gross", label="Place funding paid by the council"))
        gathered.per_place[r] = (vintage.codes.placements.index(name), np.array([[paid]]))
    _add_services(gathered, vintage, levers, clock, drawn, history_growth)
    r = gathered.add(SpendRow(PLACE_LINE, SERVICES, "recoupment", label="Places paid direct by the DfE"))
    gathered.fixed[r] = deductions
    for lever in _one_per_measure(levers):
        for cost in lever.measure.costs:
            if cost.account != "dsg" or cost.s251_line is None:
                continue  # paid by the council's own budget or capital: in the register, never in the account
            r = gathered.add(SpendRow(cost.s251_line, SERVICES, "gross", label=cost.label))
            running = (lever.delivered > 0).astype(float)[:, None]  # a measure that is not run costs nothing
            gathered.fixed[r] = running * yearly_cost(vintage, cost.cost, clock.financial_years, drawn)
    _add_memo(gathered, vintage, levers, clock, steps, plans, drawn)
    if beyond:
        r = gathered.add(SpendRow(WHOLE_LINE, SERVICES, "gross", label=BEYOND))
        gathered.fixed[r] = np.array([[beyond.get(year, 0.0) for year in clock.financial_years]])
    return SpendRules(
        tuple(gathered.rows),
        gathered.per_plan,
        gathered.per_place,
        gathered.fixed,
        gathered.per_flow,
        places_by_step(vintage, clock, steps, places),
    )


def _add_services(
    gathered: _Rows, vintage: Vintage, levers: Levers, clock: Clock, drawn: Drawn, history_growth: HistoryGrowth
) -> None:
    years = clock.financial_years
    touched: set[int] = set()
    for key, service in vintage.services.lines.items():
        sign = -1.0 if service.kind == "income" else 1.0
        cost = sign * yearly_cost(vintage, service.cost, years, drawn, history_growth)
        for position, lever in enumerate(levers.of("service_budget")):
            if key not in (lever.effect.lines or ()):
                continue
            if lever.effect.change.unit == "share":
                amount = stack_draws([lever.amount(months_of_financial_year(year)) for year in years], axis=-1)
                cost = cost * (1.0 + amount)
            elif position not in touched:  # a sum in pounds lands once, on the first service of its lines
                cost = cost + stack_draws([lever.pounds(year) for year in years], axis=-1)
                touched.add(position)
        r = gathered.add(SpendRow(service.s251_line, service.placement, service.kind, label=service.label))
        gathered.fixed[r] = cost


def _add_memo(
    gathered: _Rows,
    vintage: Vintage,
    levers: Levers,
    clock: Clock,
    steps: tuple[Step, ...],
    plans: Plans,
    drawn: Drawn,
) -> None:
    """Costs on the council's own budget that plans drive: shown beside the account, never in it."""
    years = _years(steps)
    for key, item in vintage.services.council.items():
        named = [vintage.codes.placements.index(name) for name in item.placements or ()]
        chosen = named or slice(None)
        if item.per == "plan":
            volume = plans.plan_months[:, :, chosen].sum(axis=2, dtype=float) / 12.0
        else:
            new = plans.new[:, :, chosen].sum(axis=2)
            if not new.shape[1]:
                continue  # a lean run keeps no monthly flows, and the memo is not drawn
            pipeline = vintage.demand.pipeline
            converted = pipeline.agreed_share.at(0) * pipeline.issued_share.at(0)
            volume = new if item.per == "new_plan" else new / converted
        unit = yearly_cost(vintage, item.cost, tuple(years), drawn)
        by_step = unit[:, [years.index(_year(step)) for step in steps]]
        for lever in levers.of("council_cost"):
            if key in (lever.effect.lines or ()):
                by_step = by_step * (1.0 + stack_draws([lever.amount(step) for step in steps], axis=-1))
        r = gathered.add(SpendRow(item.s251_line, SERVICES, "gross", "council", item.label))
        gathered.per_flow[r] = volume * by_step * item.share.at(0)


def _years(steps: tuple[Step, ...]) -> list[int]:
    return sorted({_year(step) for step in steps})


def _year(step: Step) -> int:
    return financial_year(step[0])


def places_by_step(vintage: Vintage, clock: Clock, steps: tuple[Step, ...], places: FloatArray) -> FloatArray:
    """(d, t, p): the places of the academic year a step lies in; nil where a placement commissions none."""
    array = np.zeros((places.shape[0], len(steps), len(vintage.codes.placements)), order="F")
    for k, name in enumerate(vintage.flows.places):
        p = vintage.codes.placements.index(name)
        for t, step in enumerate(steps):
            array[:, t, p] = places[:, clock.academic_years.index(academic_year(step[0])), k]
    return array


def _one_per_measure(levers: Levers) -> list[Lever]:
    seen: dict[str, Lever] = {}
    for lever in levers.items:
        seen.setdefault(lever.measure.name, lever)
    return list(seen.values())
