"""The tables of the page: years, placements, scenarios, measures, accuracy, as rows of text."""

from __future__ import annotations

import re
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hnforecast.assumptions import Interval, Measure, Sourced, Vintage
from hnforecast.assumptions.statutory import ACT, ASKS, flags_of
from hnforecast.base.timeline import calendar, show_year
from hnforecast.engine.assumption_lines import is_measure, used_assumptions
from hnforecast.history.backtest import read_accuracy
from hnforecast.papers.sentences import day
from hnforecast.papers.share.figures import focus
from hnforecast.papers.share.story import likely, show
from hnforecast.papers.share.words import (
    MARK_WORDS,
    MONTHS,
    STATUS_WORDS,
    effect_sentence,
    groups,
    lower,
    measure_start,
    on_day,
    path_words,
)
from hnforecast.writing.style import millions, sentence_case

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast
    from hnforecast.papers.share.page import Page


OURS = "hnforecast"
SERIES = {"total_plans": "All plans", "new_plans": "New plans", "spend": "Spend on high needs"}


def by_year(page: Page) -> list[list[str]]:
    """The plan as expected, year by year."""
    plan, account = page.plan, page.plan.account
    january = plan.plans.january[0].sum(axis=(1, 2))
    rows = []
    for year in page.grid.years:
        f = plan.clock.at(year)
        row = [
            show_year(year),
            *(show(float(item[0, f])) for item in (account.in_year, account.gross_closing, account.closing)),
            f"{january[plan.clock.censuses.index(year + 1)]:,.0f}",
        ]
        if page.chance is not None:
            drawn = page.plan.ensemble.account if page.plan.ensemble is not None else None
            met = drawn.met[:, f] if drawn is not None else np.full(1, np.nan)
            row.append(likely(float((drawn.in_year[:, f] >= 0).mean())) if drawn is not None else "–")
            row.append(likely(float(met.mean())) if np.isfinite(met).all() else "–")
        rows.append(row)
    return rows


def by_placement(page: Page, at: int) -> list[list[str]]:
    """Plans by placement at the base count and at a later one, the plan as expected."""
    plan, codes = page.plan, page.plan.scenario.vintage.codes
    counts = plan.plans.january[0].sum(axis=1)
    base = plan.clock.censuses.index(plan.scenario.vintage.manifest.base_census)
    then = plan.clock.censuses.index(page.grid.censuses[at])
    return [
        [codes.labels[name], f"{counts[base, p]:,.0f}", f"{counts[then, p]:,.0f}"]
        for p, name in enumerate(codes.placements)
    ]


def scenario_tables(page: Page) -> list[dict[str, Any]]:
    """Balances and positions of every scenario."""
    items = (
        ("Balance before contributions", "On", "gross_closing"),
        ("Balance after support", "On", "closing"),
        ("In-year position", "Financial year", "in_year"),
    )
    tables = []
    for caption, first, item in items:
        rows = []
        for f, year in enumerate(page.plan.clock.financial_years):
            when = show_year(year) if item == "in_year" else day(year)
            outturn = " (outturn)" if year < page.plan.clock.first_forecast else ""
            cells = [show(float(getattr(forecast.account, item)[0, f])) for forecast in page.forecasts]
            rows.append([when + outturn, *cells])
        tables.append({"caption": caption, "first": first, "rows": rows})
    return tables


def measures(page: Page) -> list[dict[str, Any]]:
    """Each measure in words."""
    plan = page.plan
    savings = {saving.measure: saving for saving in plan.savings}
    at = focus(plan)
    found = []
    for measure in plan.scenario.measures:
        vintage = plan.scenario.vintage
        saving = savings.get(measure.name)
        worth = ""
        if saving is not None:
            amount = float(saving.central[at])
            word = "better" if amount >= 0 else "worse"
            worth = f"£{millions(amount)}m {word} in {show_year(page.grid.years[at])}, its cost off"
        rating = f"{measure.rag} rating, mark: {MARK_WORDS[measure.mark]}"
        found.append(
            {
                "title": measure.title,
                "effects": sentence_case("; ".join(effect_sentence(effect, vintage) for effect in measure.effects))
                + ".",
                "delivery": _delivery(measure),
                "start": measure_start(measure),
                "costs": _costs(measure),
                "saving": worth,
                "evidence": measure.evidence,
                "law": measure.statutory_note,
                "duties": _duties(measure, vintage),
                "owner": f"{measure.owner}; {rating}; to be looked at again by {on_day(measure.review_by)}",
                "source": measure.source,
            }
        )
    return found


def _duties(measure: Measure, vintage: Vintage) -> list[str]:
    """What the law asks of a measure that looks like working against a duty, and whether it is answered."""
    labels = vintage.codes.labels
    found = []
    for flag in flags_of(measure, vintage.prices.top_up):
        why = re.sub(r"[a-z0-9_]+", lambda word: lower(labels[word[0]]) if word[0] in labels else word[0], flag.why)
        answer = f"Its answer: {flag.answer}" if flag.answered else "Nobody has answered that in writing yet."
        found.append(f"It {why}. {ACT}, {flag.duty}: {ASKS[flag.section]}. {answer}")
    return found


def _delivery(measure: Measure) -> str:
    value, interval = float(measure.delivery.at(0)), measure.delivery.interval
    if interval is None:
        return f"{value:.0%}"
    return f"{value:.0%} ({interval.level:.0%} likely to be between {interval.low:.0%} and {interval.high:.0%})"


def _costs(measure: Measure) -> str:
    if not measure.costs:
        return "Nothing beyond existing budgets is assumed."
    said = []
    for item in measure.costs:
        values = list(item.cost.by.values()) if item.cost.by is not None else [float(item.cost.at(0))]
        low, high = f"£{min(values) / 1e6:,.1f}m", f"£{max(values) / 1e6:,.1f}m"
        said.append(f"{item.label}: {low if low == high else f'{low} to {high}'} a year")
    return "; ".join(said)


def accuracy(root: Path) -> dict[str, Any] | None:
    """The accuracy last measured on this folder's panel."""
    measured = read_accuracy(root)
    ours = [row for row in measured if row.method == OURS and row.series in SERIES]
    if not ours:
        return None
    rows = []
    for row in ours:
        others = [
            other.mape
            for other in measured
            if other.series == row.series and other.horizon == row.horizon and other.method != OURS
        ]
        best = min((value for value in others if isfinite(value)), default=float("nan"))
        cells = [_percent(row.mape), _percent(best), _percent(row.cover80), f"{row.n:,}"]
        rows.append([SERIES[row.series], str(row.horizon), *cells])
    first = ours[0]
    stale = " The figures it was measured on have changed since." if first.stale else ""
    words = (
        f"The demand forecast was made again as it would have been at each January from {first.first_origin} to "
        f"{first.last_origin}, with only what was known then, for {first.authorities} authorities, and compared with "
        f"what came.{stale}"
    )
    return {"words": words, "rows": rows}


def _percent(value: float) -> str:
    return f"{value:.1f}%" if isfinite(value) else "–"


def compared(plan: Forecast) -> list[list[str]]:
    """The forecast beside published figures."""
    rows = []
    for item in plan.calibration:
        if item.unit == "gbp":
            ours, published = (f"£{value / 1e6:,.1f}m" for value in (item.ours, item.published))
        else:
            ours, published = (f"{value:,.0f} {item.unit}" for value in (item.ours, item.published))
        rows.append([item.subject, item.period, ours, published, sentence_case(item.label), item.source])
    return rows


# Every assumption in plain English.

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
