"""Inputs of prices: what a plan and a place cost, how prices grow, services, and the lines money lands on."""

from __future__ import annotations

from collections.abc import Iterator

from hnforecast.base.timeline import month
from hnforecast.papers.workbook.content import Content
from hnforecast.papers.workbook.model_inputs import InputRow, cost_row, price_note, single, yearly
from hnforecast.writing.xlsx.numbers import PERCENT, WHOLE

TERM_MONTHS = ("months_april_to_august", "months_september_to_march")
HISTORY = "history"


def price_inputs(content: Content) -> Iterator[InputRow]:
    """Unit prices, indices, services and places, in the order the model uses them."""
    vintage, labels = content.forecasts[0].scenario.vintage, content.codes.labels
    prices = vintage.prices
    for name, price in prices.top_up.items():
        yield single(f"top_up.{name}", "Top-up and fees", labels[name], price, note=price_note(price))
    for name, index in prices.indices.items():
        label = f"Growth: {name.replace('_', ' ')}"
        yield yearly(f"index.{name}", "Uplift", label, index, content.years)
    yield from _history(content)
    for name, shares in prices.line_share.items():
        for line, share in shares.items():
            yield single(f"line_share.{name}.{line}", "Share on line", f"{labels[name]}, on line {line}", share)
    for name, price in prices.place.items():
        yield single(f"place.{name}", "Place funding", labels[name], price, note=price_note(price))
        if name in prices.place_council_share:
            label = f"{labels[name]}, share paid by the council"
            yield single(f"place_share.{name}", "Place funding", label, prices.place_council_share[name])
    before, septembers = month(content.years[0] - 1, 9), [month(year, 9) for year in content.years]
    for name, places in vintage.flows.places.items():
        if name in prices.place:
            label, note = f"{labels[name]}, commissioned", "from September; moves place funding, plans stay as run"
            yield yearly(f"places.{name}", "Places", label, places.commissioned, septembers, before=before, note=note)
    for key, service in vintage.services.lines.items():
        label = f"{service.s251_line} {service.label}"
        group = "Income" if service.kind == "income" else "Services"
        yield cost_row(f"service.{key}", group, label, service.cost, content.years)
    for key, item in vintage.services.council.items():
        yield cost_row(f"council.{key}", "Council budget (memo)", item.label, item.cost, content.years)
        yield single(f"council_share.{key}", "Council budget (memo)", f"{item.label}, share that costs", item.share)
    basis = "months; prices change in April and September only"
    for key, label, months in zip(TERM_MONTHS, ("April to August", "September to March"), (5.0, 7.0), strict=True):
        yield InputRow(key, "Calendar", f"Months, {label}", basis, "", WHOLE, months)


def _history(content: Content) -> Iterator[InputRow]:
    """Growth of prices taken from history, for the scenarios that follow it instead of the indices."""
    for forecast in content.forecasts:
        growth = forecast.history_growth
        if growth:
            name = forecast.scenario.name
            years = tuple(float(growth[year]) if year in growth else None for year in content.years)
            basis = "growth on the year before; replaces every index; worked out from unit cost history"
            yield InputRow(
                f"{HISTORY}.{name}", "Uplift", f"Growth from history: {name}", basis, "", PERCENT, None, years
            )
