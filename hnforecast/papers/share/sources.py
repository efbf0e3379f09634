"""Every assumption in plain English: what it is, its value, what kind of figure, who says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hnforecast.assumptions import Interval, Sourced, Vintage
from hnforecast.base.timeline import calendar, show_year
from hnforecast.engine.assumption_lines import is_measure, used_assumptions
from hnforecast.papers.share.story import show
from hnforecast.papers.share.words import MARK_WORDS, MONTHS, STATUS_WORDS, effect_sentence, groups, on_day, path_words

if TYPE_CHECKING:
    from hnforecast.papers.share.build import Page

PER = {
    "gbp_year": " a year", "gbp_per_plan_year": " a plan and year", "gbp_per_place_year": " a place and year",
    "share_per_year": " a year", "per_1000_children_year": " a year per 1,000 children", "plans": " plans",
    "places": " places",
}  # fmt: skip
Row = list[Any]


def assumptions(page: Page) -> list[dict[str, Any]]:
    """Every assumption used, by group, with its source."""
    vintage = page.plan.scenario.vintage
    named = groups()
    effects = {
        effect.change.path: effect_sentence(effect, vintage)
        for measure in page.plan.scenario.measures
        for effect in measure.effects
    }
    found: dict[str, list[Row]] = {name: [] for name in named}
    for sourced in used_assumptions(page.forecasts):
        name = "measures" if is_measure(sourced.path) else sourced.path.split(".")[0]
        found[name].append(_assumption(sourced, vintage, effects))
    for driver in vintage.uncertainty.drivers.values():
        ends = f"{_plain(driver.interval.low, driver.kind)} and {_plain(driver.interval.high, driver.kind)}"
        how = "multiplied by" if driver.kind == "factor" else "moved by"
        value = f"{how} between {ends}, {_level(driver.interval)}"
        found["uncertainty"].append([path_words(driver.acts_on, vintage), value, _kind(driver), _source(driver)])
    return [{"title": named[name][0], "words": named[name][1], "rows": rows} for name, rows in found.items() if rows]


def _assumption(sourced: Sourced, vintage: Vintage, effects: dict[str, str]) -> Row:
    """What it is and what it means; its value; what kind of figure; where it comes from."""
    if sourced.by is not None:
        value = "; ".join(f"{_period(sourced, key)}: {_amount(sourced.by[key], sourced.unit)}" for key in sourced.by)
    elif sourced.value is not None:
        value = _amount(sourced.value, sourced.unit)
    else:
        value = f"a table of {len(sourced.rows):,} figures"
    if sourced.interval is not None:
        low, high = (_amount(end, sourced.unit, per=False) for end in (sourced.interval.low, sourced.interval.high))
        value += f" ({_level(sourced.interval)} to be between {low} and {high})"
    title, words = path_words(sourced.path, vintage)
    if sourced.path in effects:
        words = f"At full delivery: {effects[sourced.path]}."
    return [(title, words), value, _kind(sourced), _source(sourced)]


def _period(sourced: Sourced, key: int) -> str:
    """A year, a month or a January count as it is read."""
    if sourced.by_kind == "month":
        year, month = calendar(key)
        return f"{MONTHS[month - 1]} {year}"
    return show_year(key) if sourced.by_kind == "year" else f"January {key}"


def _level(interval: Interval) -> str:
    return f"{interval.level:.0%} likely"


def _plain(value: float, kind: str) -> str:
    return f"{value:g}" if kind == "factor" else f"{100 * value:+g} percentage points"


def _kind(item: Any) -> str:
    owner = f", by {item.owner}" if item.owner else ""
    return f"{STATUS_WORDS[item.status]}{owner}; {MARK_WORDS[item.mark]}"


def _source(item: Any) -> str:
    tuned = f" Calibrated to: {item.calibrated_to}." if item.calibrated_to else ""
    note = f" {item.note}" if item.note else ""
    return f"{item.source}. Published {on_day(item.published_on)}.{tuned}{note}"


def _amount(value: float, unit: str, per: bool = True) -> str:
    """A value with its unit, as a reader writes it; `per` says of what in what time."""
    if unit == "gbp":  # a balance or a position
        return show(value)
    if unit.startswith("gbp"):
        size = f"£{abs(value) / 1e6:,.1f}m" if abs(value) >= 1e6 else f"£{abs(value):,.0f}"
        shown = f"{'minus ' if value < 0 else ''}{size}"
    else:
        shown = f"{100 * value:.6g}%" if unit in ("share", "share_per_year") else f"{value:,g}"
    return shown + (PER.get(unit, "") if per else "")
