"""Inputs of measures: a switch for each in each scenario, how much of it is delivered, and what it changes in money.

What a measure does to plans is not an input here: the program ran the plans for combinations of measures, and the
switches choose between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hnforecast.assumptions.explain import effect_words
from hnforecast.engine.drivers.levers import MONEY_DRIVERS, plan_measures
from hnforecast.papers.workbook.content import Content
from hnforecast.papers.workbook.model_inputs import InputRow, cost_row, single, yearly
from hnforecast.writing.xlsx.numbers import PERCENT

if TYPE_CHECKING:
    from hnforecast.assumptions import Measure
    from hnforecast.engine.forecast import Forecast
    from hnforecast.engine.scenarios import Scenario

MONEY_EFFECTS = (*MONEY_DRIVERS, "commissioned_places")  # places cost money whether or not they are filled
NOT_CHARGED = ("council_cost",)


def switch_inputs(content: Content) -> Iterator[InputRow]:
    """A switch for each measure of each scenario, those that change plans first, then how much of each is delivered."""
    for forecast in content.forecasts:
        scenario = forecast.scenario
        moving = plan_measures(scenario.measures)
        for measure in ordered(scenario):
            acts = "plans and money" if measure.name in moving else "money"
            basis = f"0% off to 100% as planned; acts on {acts}"
            key, group = f"switch.{scenario.name}.{measure.name}", f"Switches: {scenario.name}"
            yield InputRow(key, group, measure.title, basis, "", PERCENT, 1.0)
    for forecast in content.forecasts:
        yield from _deliveries(content, forecast)


def ordered(scenario: Scenario) -> tuple[Measure, ...]:
    """The measures of a scenario, those that change plans first, so that their switches stand together."""
    moving = plan_measures(scenario.measures)
    return (
        *(m for m in scenario.measures if m.name in moving),
        *(m for m in scenario.measures if m.name not in moving),
    )


def _deliveries(content: Content, forecast: Forecast) -> Iterator[InputRow]:
    scenario, drawn = forecast.scenario, content.drawn[forecast.scenario.name]
    moving = plan_measures(scenario.measures)
    for measure in ordered(scenario):
        sourced = measure.delivery
        note = "; its effect on plans is as run" if measure.name in moving else ""
        basis = f"share delivered{note}; {sourced.status}; {sourced.mark}"
        key, group = f"delivery.{scenario.name}.{measure.name}", f"Delivery: {scenario.name}"
        value = float(drawn.value(sourced)[0])
        yield InputRow(key, group, measure.title, basis, sourced.path, PERCENT, value)


def effect_inputs(content: Content) -> Iterator[InputRow]:
    """What each measure changes in money at full delivery, and what it costs to deliver."""
    measures = {m.name: m for forecast in content.forecasts for m in forecast.scenario.measures}
    for measure in measures.values():
        for j, effect in enumerate(measure.effects):
            if effect.driver not in MONEY_EFFECTS or effect.driver in NOT_CHARGED:
                continue
            key, group = f"effect.{measure.name}.{j}", "What measures change"
            label, change = f"{measure.title}: {effect_words(effect, measure)}", effect.change
            places = effect.driver == "commissioned_places"
            note = "at full delivery" + ("; moves place funding, plans stay as run" if places else "")
            if change.by is not None:
                yield yearly(key, group, label, change, content.years, hold=places, note=note)
            else:
                yield single(key, group, label, change, note=note)
            if effect.part is not None:
                yield single(f"part.{measure.name}.{j}", group, f"{label}, share of the whole", effect.part)
        for i, cost in enumerate(measure.costs):
            if cost.account == "dsg":
                label = f"{measure.title}: {cost.label}"
                yield cost_row(f"cost.{measure.name}.{i}", "What measures cost", label, cost.cost, content.years)
