"""The words of the page: choices, support, measures, groups of assumptions and the glossary, in plain English."""

from __future__ import annotations

import csv
import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from hnforecast.assumptions import Measure, ScenarioSpec, Vintage
from hnforecast.base.timeline import calendar, show_year
from hnforecast.papers.share.grid import Choice
from hnforecast.writing.style import sentence_case

if TYPE_CHECKING:
    from hnforecast.assumptions import Effect

GROWTH_NAMES = {"low": "Lower", "central": "As assumed", "high": "Higher"}
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

DRIVER_WORDS = {
    "request_rate": "requests for an assessment", "new_plan_rate": "new plans",
    "agreement_rate": "requests agreed to be assessed", "issue_rate": "assessments that end in a plan",
    "cease_rate": "plans that come to an end each year", "fee_uplift": "the yearly rise of fees and top-ups",
    "unit_price": "the cost of a plan", "place_price": "the cost of a commissioned place",
    "commissioned_places": "commissioned places", "service_budget": "budgets of services",
    "council_cost": "costs on the council's own budget", "block_transfer": "transfer from the schools block",
}  # fmt: skip

STATUS_WORDS = {
    "outturn": "what happened", "published": "published", "judgement": "a judgement", "expected": "expected",
}  # fmt: skip
MARK_WORDS = {
    "confirmed": "confirmed", "inferred": "worked out from published figures", "unverified": "not verified",
}  # fmt: skip


HERE = Path(__file__).parent


def glossary() -> list[tuple[str, str]]:
    """Words and what they mean, in the order of glossary.csv."""
    return [(row["word"], row["meaning"]) for row in _rows("glossary.csv")]


def groups() -> dict[str, tuple[str, str]]:
    """Group of assumptions -> its title and what it is about, in the order of groups.csv."""
    return {row["group"]: (row["title"], row["words"]) for row in _rows("groups.csv")}


@lru_cache(maxsize=4)
def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def growth_words(choice: Choice) -> str:
    """A growth of new plans, in one sentence."""
    if choice.name == "central":
        return "New plans grow as the assumptions say."
    word = "fewer" if (choice.size < 1 if choice.kind == "factor" else choice.size < 0) else "more"
    if choice.kind == "factor":
        return f"{abs(choice.size - 1):.0%} {word} new plans at every age than assumed, {_end(choice)}."
    speed = "slower" if choice.size < 0 else "faster"
    return f"New plans grow {_points(choice.size)} a year {speed} than assumed, {_end(choice)}."


def settlement_words(choice: Choice) -> str:
    """A settlement, in one sentence: growth by year, years that grow alike told together."""
    if not choice.path:
        return "The high needs block grows as the assumptions say."
    spans: list[tuple[int, int, float]] = []
    for year, growth in choice.path:
        if spans and spans[-1][2] == growth:
            spans[-1] = (spans[-1][0], year, growth)
        else:
            spans.append((year, year, growth))
    said = []
    for first, last, growth in spans[:-1]:
        years = f"in {show_year(first)}" if first == last else f"a year from {show_year(first)} to {show_year(last)}"
        said.append(f"{100 * growth:g}% {years}")
    said.append(f"{100 * spans[-1][2]:g}% a year from {show_year(spans[-1][0])}")
    if len(spans) == 1 and spans[0][2] == 0:
        return f"The high needs block does not grow from {show_year(spans[0][0])}."
    return f"The high needs block grows {', then '.join(said)}."


def _points(size: float) -> str:
    number = f"{100 * abs(size):g}"
    return f"{number} percentage {'point' if number == '1' else 'points'}"


def _end(choice: Choice) -> str:
    side = "low" if (choice.size < 1 if choice.kind == "factor" else choice.size < 0) else "high"
    return f"the {side} end of the range judged {choice.level:.0%} likely"


def support_words(vintage: Vintage, spec: ScenarioSpec) -> str:
    """Which money comes towards the deficit, in a phrase."""
    instruments = vintage.support.instruments
    parts = []
    for name in (name for name in instruments if name in spec.support):
        text = instruments[name].label
        if name in spec.support_ends:
            text += f" up to {show_year(spec.support_ends[name])}"
        if name in spec.suspend_when_missed:
            text += " until an agreed balance is missed"
        parts.append(text)
    if not parts:
        return "No support"
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def effect_sentence(effect: Effect, vintage: Vintage) -> str:
    """What an effect does at full delivery, as a reader would say it."""
    change, labels = effect.change, vintage.codes.labels
    ages = f" aged {effect.ages[0]} to {effect.ages[1]}" if effect.ages and effect.ages[0] != effect.ages[1] else ""
    ages = f" aged {effect.ages[0]}" if effect.ages and not ages else ages
    if effect.to_placement is not None:
        who = "children newly placed" if effect.driver == "placement_share" else "children"
        places = " or ".join(lower(labels[name]) for name in effect.sources or ())
        return f"{100 * (change.value or 0):g}% of {who}{ages} in {places} go to {lower(labels[effect.to_placement])}"
    what = DRIVER_WORDS.get(effect.driver, lower(sentence_case(effect.driver)))
    at = f" at {' and '.join(lower(labels[name]) for name in effect.sources)}" if effect.sources else ""
    for_ages = f" for children{ages}" if ages else ""
    if change.unit == "share":
        size = 100 * (change.value or 0.0)
        return f"{what}{at}{for_ages}: {'down' if size < 0 else 'up'} {abs(size):g}%"
    if change.by is not None:
        values = sorted({float(value) for value in change.by.values()})
        amount = (
            f"£{max(values, key=abs) / 1e6:,.1f}m" if change.unit.startswith("gbp") else f"{max(values, key=abs):,g}"
        )
        return f"{what}{at}: up to {amount} in a year"
    return f"{what}{at}: {change.value or 0:+,g}"


def on_day(when: date) -> str:
    """A date as it is written, the same on every system: 31 March 2027."""
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def measure_start(measure: Measure) -> str:
    """When a measure starts and how long it takes."""
    year, month = calendar(measure.start)
    ramp = f", in full after {measure.ramp_months} months" if measure.ramp_months else ""
    return f"{MONTHS[month - 1]} {year}{ramp}"


def path_words(path: str, vintage: Vintage) -> tuple[str, str]:
    """An assumption in plain English: its name, and what it means; from plain.csv, or the path itself."""
    keys = vintage.keys.get(path) or tuple(path.split("."))
    for row in _rows("plain.csv"):
        pattern = row["pattern"].split(".")
        if len(pattern) == len(keys) and all(want in ("*", key) for want, key in zip(pattern, keys, strict=True)):
            named = [_label(keys, k, vintage) for k, want in enumerate(pattern) if want == "*"]
            return row["title"].format(*named), row["words"]
    return ": ".join(sentence_case(key) if k == 0 else lower(sentence_case(key)) for k, key in enumerate(keys[1:])), ""


def _label(keys: tuple[str, ...], position: int, vintage: Vintage) -> str:
    """What a key of a path is called where somebody gave it a name."""
    key = keys[position]
    if keys[0] == "measures" and key in vintage.measures:
        return vintage.measures[key].title
    if keys[:2] == ("services", "lines") and key in vintage.services.lines:
        return vintage.services.lines[key].label
    if keys[:2] == ("services", "council") and key in vintage.services.council:
        return vintage.services.council[key].label
    if keys[:2] == ("support", "instruments") and key in vintage.support.instruments:
        return vintage.support.instruments[key].label
    return lower(vintage.codes.labels.get(key, sentence_case(key)))


def lower(label: str) -> str:
    """A label inside a sentence: its first letter small unless it begins with initials."""
    return label if re.match(r"[A-Z]{2}|[A-Z]\d", label) else label[:1].lower() + label[1:]
