"""How each row of spend is worked out in the workbook, in the order the program makes the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from hnforecast.engine.drivers.levers import Lever
from hnforecast.engine.drivers.spend import BEYOND, WHOLE_LINE
from hnforecast.papers.workbook.content import FIRST_YEAR, FUNDING, PRICES, VOLUMES, Content
from hnforecast.papers.workbook.effects import change_cell, effect_key, running
from hnforecast.papers.workbook.inputs import TERM_MONTHS
from hnforecast.papers.workbook.prices import price_cell

if TYPE_CHECKING:
    from hnforecast.assumptions.schema import ServiceLine
    from hnforecast.engine.records import Forecast

Formula = Callable[[int], str]
DEDUCTIONS = "deductions"


def spend_formulas(content: Content, forecast: Forecast) -> list[Formula]:
    """For each row of spend, its formula in a column.

    Raises:
        RuntimeError: the program's rows are not in the order expected here, which is a fault of the program.
    """
    made = list(_all(content, forecast))
    if [row for row, _ in made] != [(row.s251_line, row.label) for row in forecast.spend.rows]:
        raise RuntimeError("the workbook's rows of spend are not the model's")
    return [formula for _, formula in made]


def _all(content: Content, forecast: Forecast) -> Iterator[tuple[tuple[str, str], Formula]]:
    vintage, levers = forecast.scenario.vintage, forecast.levers
    for name in vintage.prices.top_up:
        for line in vintage.prices.line_share[name]:
            yield (line, "Top-up and fees"), _top_up(content, forecast, name, line)
    for name in vintage.prices.place:
        yield ("1.0.2", "Place funding paid by the council"), _place(content, forecast, name)
    landed: set[int] = set()
    budgets = list(levers.of("service_budget"))
    for key, service in vintage.services.lines.items():
        yield (service.s251_line, service.label), _service(content, forecast, key, service, budgets, landed)
    yield ("1.0.2", "Places paid direct by the DfE"), _paid_direct(content, forecast)
    seen: dict[str, Lever] = {}
    for lever in levers.items:
        seen.setdefault(lever.measure.name, lever)
    for lever in seen.values():
        for i, cost in enumerate(lever.measure.costs):
            if cost.account == "dsg" and cost.s251_line is not None:
                yield (cost.s251_line, cost.label), _measure_cost(content, forecast, lever, i)
    for key, item in vintage.services.council.items():
        yield (item.s251_line, item.label), _council(content, forecast, key)
    if forecast.scenario.beyond:
        yield (WHOLE_LINE, BEYOND), _beyond(content, forecast)


def _top_up(content: Content, forecast: Forecast, placement: str, line: str) -> Formula:
    """Plan-years x price, term by term, times the share that lands on the line."""
    name = forecast.scenario.name

    def formula(column: int) -> str:
        terms = "+".join(
            f"{content.cell(VOLUMES, name, f'{placement}.{term}', column)}"
            f"*{price_cell(content, forecast, f'top_up.{placement}', term, column)}"
            for term in (0, 1)
        )
        return f"=({terms})*{content.input(f'line_share.{placement}.{line}')}"

    return formula


def _place(content: Content, forecast: Forecast, placement: str) -> Formula:
    """Commissioned places x price for the months of each term: those of last September, then of this one."""
    name, months = forecast.scenario.name, [content.input(key) for key in TERM_MONTHS]
    share = f"place_share.{placement}"
    paid = f"*{content.input(share)}" if content.has_input(share) else ""

    def formula(column: int) -> str:
        if (VOLUMES, name, f"places.{placement}") not in content.rows:
            return "=0"
        terms = "+".join(
            f"{content.cell(VOLUMES, name, f'places.{placement}', column - 1 + term)}*{months[term]}"
            f"*{price_cell(content, forecast, f'place.{placement}', term, column)}"
            for term in (0, 1)
        )
        return f"=({terms})/({months[0]}+{months[1]}){paid}"

    return formula


def _service(
    content: Content, forecast: Forecast, key: str, service: ServiceLine, budgets: list[Lever], landed: set[int]
) -> Formula:
    """The cost, as measures leave it; a sum in pounds lands once, on the first service of its lines."""
    name, sign = forecast.scenario.name, "-" if service.kind == "income" else ""
    acting: list[tuple[Lever, bool]] = []
    for position, lever in enumerate(budgets):
        if key not in (lever.effect.lines or ()):
            continue
        share = lever.effect.change.unit == "share"
        if share or position not in landed:
            acting.append((lever, share))
        if not share:
            landed.add(position)

    def formula(column: int) -> str:
        text = f"{sign}{content.cell(PRICES, name, f'service.{key}', column)}"
        for lever, share in acting:
            change = change_cell(content, forecast, effect_key(content, lever), column)
            text = f"({text})*(1+{change})" if share else f"{text}+{change}"
        return f"={text}"

    return formula


def _paid_direct(content: Content, forecast: Forecast) -> Formula:
    return lambda column: f"=-{content.cell(FUNDING, forecast.scenario.name, DEDUCTIONS, column)}"


def _measure_cost(content: Content, forecast: Forecast, lever: Lever, i: int) -> Formula:
    """What a measure costs, whole as soon as it is run at all."""
    name, measure = forecast.scenario.name, lever.measure.name
    delivery = content.input(f"delivery.{name}.{measure}")
    run = f"IF({running(content, forecast, lever)}*{delivery}>0,1,0)"
    return lambda column: f"={run}*{content.cell(PRICES, name, f'cost.{measure}.{i}', column)}"


def _beyond(content: Content, forecast: Forecast) -> Formula:
    """Pounds solved for by the program, so that lines 1.2 meet the pooled forecast: a number, not a formula."""
    years = forecast.clock.financial_years
    return lambda column: f"={forecast.scenario.beyond.get(years[column - FIRST_YEAR], 0.0)!r}"


def _council(content: Content, forecast: Forecast, key: str) -> Formula:
    name, share = forecast.scenario.name, content.input(f"council_share.{key}")

    def formula(column: int) -> str:
        volume = content.cell(VOLUMES, name, f"council.{key}", column)
        return f"={volume}*{content.cell(PRICES, name, f'council.{key}', column)}*{share}"

    return formula
