"""Everything known about one value of a vintage: what it is, who says so, what changes it, and where it is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import fsum

from hnforecast.assumptions.fields import PeriodKind
from hnforecast.assumptions.measures import Effect, Measure, ScenarioSpec
from hnforecast.assumptions.overrides import find_target, unknown_path
from hnforecast.assumptions.rules_time import covers
from hnforecast.assumptions.shapes import shape_of, show_number
from hnforecast.assumptions.sourced import Interval, Sourced
from hnforecast.assumptions.vintage import Vintage
from hnforecast.base import timeline
from hnforecast.base.errors import Place, ScenarioError


@dataclass(frozen=True)
class MeasureOnValue:
    """A measure that changes the value, the scenarios that use it, what it does in words, and where it says so."""

    measure: str
    scenarios: tuple[str, ...]
    words: str
    place: Place


@dataclass(frozen=True)
class Explanation:
    """One value, explained.

    Args:
        path: of the parameter; `cell` is the year or row asked for within it, or empty.
        values: what it holds: ("", value) for a single one, (year, value) by year, (row keys, value) for a table.
        unit, holds_from, source, published_on, as_at, status, mark, owner, review_by, interval, quality, impact,
        note, calibrated_to, price_base, uprate_by, uplift_month: as in the file; text is empty where nothing is said.
        place: file and line.
        used_by: the stage that uses it and how.
        uprates: the parameters this index uprates.
        measures: the mitigations that change it, with the scenarios that use them.
        drivers: drivers of uncertainty that act on it.
        column: its own column of the draws, or None where it is not drawn.
        hindsight: why it is used although published after the vintage's date; empty where it was known.
    """

    path: str
    cell: str
    values: tuple[tuple[str, float], ...]
    unit: str
    holds_from: str
    source: str
    published_on: date
    as_at: date
    status: str
    mark: str
    owner: str
    review_by: date | None
    interval: Interval | None
    quality: str
    impact: str
    note: str
    calibrated_to: str
    price_base: str
    uprate_by: str
    uplift_month: int | None
    place: Place
    used_by: str
    uprates: tuple[str, ...]
    measures: tuple[MeasureOnValue, ...]
    drivers: tuple[str, ...]
    column: int | None
    hindsight: str


def explain_value(vintage: Vintage, path: str) -> Explanation:
    """Explain a parameter, or one year or row of it.

    Args:
        vintage: as loaded, or with overrides made.
        path: such as prices.top_up.state_special or prices.indices.fees.2026-27.

    Raises:
        ScenarioError: the path leads nowhere; the nearest paths are offered.
    """
    sourced, cell = find_target(vintage, path)
    values = tuple(
        (label, number) for label, number in labelled_values(sourced) if _within(label, cell, sourced.by_kind)
    )
    if not values:
        raise ScenarioError(unknown_path(vintage, path))
    shape = shape_of(vintage.keys[sourced.path])
    entry = next((entry for entry in vintage.manifest.hindsight if covers(entry.path, sourced.path)), None)
    return Explanation(
        path=sourced.path,
        cell=cell,
        values=values,
        unit=sourced.unit,
        holds_from=timeline.show_month(sourced.holds_from),
        source=sourced.source,
        published_on=sourced.published_on,
        as_at=sourced.as_at,
        status=sourced.status,
        mark=sourced.mark,
        owner=sourced.owner or "",
        review_by=sourced.review_by,
        interval=sourced.interval,
        quality=sourced.quality or "",
        impact=sourced.impact or "",
        note=sourced.note or "",
        calibrated_to=sourced.calibrated_to or "",
        price_base=timeline.show_year(sourced.price_base) if sourced.price_base is not None else "",
        uprate_by=f"prices.indices.{sourced.uprate_by}" if sourced.uprate_by else "",
        uplift_month=sourced.uplift_month if sourced.uprate_by else None,
        place=sourced.place,
        used_by=shape.used_by if shape is not None else "",
        uprates=_uprated(vintage, sourced),
        measures=tuple(_measures_on(vintage, sourced)),
        drivers=tuple(
            name for name, driver in vintage.uncertainty.drivers.items() if _acts_on(driver.acts_on, sourced.path)
        ),
        column=vintage.uncertainty.columns.get(sourced.path),
        hindsight=entry.why if entry is not None and sourced.published_on > vintage.manifest.as_at else "",
    )


def labelled_values(sourced: Sourced) -> Iterator[tuple[str, float]]:
    """What a parameter holds, each number with the year or the keys of its row; no label for a single value."""
    if sourced.value is not None:
        yield "", sourced.value
    elif sourced.by is not None:
        yield from ((sourced.by.show(key), number) for key, number in sourced.by.items())
    elif sourced.table is not None:
        for row in sourced.table.rows:
            cells = (
                timeline.show_year(row[name]) if name == "financial_year" else str(row[name])
                for name in sourced.table.columns[:-1]
            )
            yield ".".join(cells), row["value"]


def _within(label: str, cell: str, kind: PeriodKind | None) -> bool:
    """Whether a value lies in the year or rows asked for; a row is asked for by its first keys."""
    if kind is not None and cell:
        return label == cell.replace("/", "-")
    return not cell or label == cell or label.startswith(f"{cell}.")


def _uprated(vintage: Vintage, sourced: Sourced) -> tuple[str, ...]:
    keys = vintage.keys[sourced.path]
    if keys[:2] != ("prices", "indices"):
        return ()
    return tuple(path for path, value in vintage.values.items() if value.uprate_by == keys[2])


def _measures_on(vintage: Vintage, sourced: Sourced) -> Iterator[MeasureOnValue]:
    for name, measure in vintage.measures.items():
        users = tuple(title for title, spec in vintage.scenarios.items() if _uses(spec, name))
        for number, effect in enumerate(measure.effects):
            if vintage.keys[sourced.path] in targets_of(effect, vintage):
                place = vintage.values[f"measures.{name}.effects.{number}.change"].place
                yield MeasureOnValue(name, users, effect_words(effect, measure), place)


def _uses(spec: ScenarioSpec, measure: str) -> bool:
    return spec.measures is None or measure in spec.measures


def targets_of(effect: Effect, vintage: Vintage) -> set[tuple[str, ...]]:
    """The parameters an effect changes, as paths in parts."""
    single = {
        "new_plan_rate": ("demand", "new_plans", "rate"),
        "request_rate": ("demand", "new_plans", "rate"),
        "agreement_rate": ("demand", "pipeline", "agreed_share"),
        "issue_rate": ("demand", "pipeline", "issued_share"),
        "placement_share": ("demand", "new_plans", "placement_share"),
        "move": ("flows", "moves"),
        "cease_rate": ("flows", "cease", "hazard"),
    }
    if effect.driver in single:
        return {single[effect.driver]}
    if effect.driver == "block_transfer":
        return {("funding", "block_transfer")}
    if effect.driver == "service_budget":
        return {("services", "lines", line, "cost") for line in effect.lines or ()}
    if effect.driver == "council_cost":
        return {("services", "council", line, "cost") for line in effect.lines or ()}
    if effect.driver == "place_price":
        return {("prices", "place", placement) for placement in effect.sources or vintage.prices.place}
    placements = effect.sources if effect.sources is not None else tuple(vintage.prices.top_up)
    if effect.driver == "commissioned_places":
        return {("flows", "places", placement, "commissioned") for placement in placements}
    prices: set[tuple[str, ...]] = {("prices", "top_up", placement) for placement in placements}
    if effect.driver == "fee_uplift":
        indices = {vintage.prices.top_up[name].uprate_by for name in placements if name in vintage.prices.top_up}
        return prices | {("prices", "indices", index) for index in indices if index is not None}
    return prices


def effect_words(effect: Effect, measure: Measure) -> str:
    """What an effect does, in words: cease_rate +10%, ages 18 to 24, from 2026-09 over 12 months."""
    change = effect.change
    number = change.value if change.value is not None else 0.0
    size = f"{100 * number:+g}%" if change.unit == "share" else f"{number:+,g} {change.unit}"
    if effect.to_placement is not None:
        size = f"{100 * number:g}%"
    if change.by is not None:
        size = ", ".join(f"{change.by.show(key)}: {show_number(value)}" for key, value in change.by.items())
    parts = [f"{effect.driver} {size}"]
    if effect.ages is not None:
        parts.append(f"ages {effect.ages[0]} to {effect.ages[1]}")
    if effect.sources is not None:
        parts.append(("from " if effect.to_placement else "") + " and ".join(effect.sources))
    if effect.to_placement is not None:
        parts.append(f"to {effect.to_placement}")
    if effect.lines is not None:
        parts.append(" and ".join(effect.lines))
    if effect.part is not None:
        kind = "needs" if effect.needs is not None else "bands"
        parts.append(f"{kind} {' and '.join(effect.named_part)} ({100 * effect.part.at(0):g}% of all)")
    start = f"from {timeline.show_month(measure.start)}"
    parts.append(f"{start} over {measure.ramp_months} months" if measure.ramp_months else start)
    return ", ".join(parts)


def _acts_on(pattern: str, path: str) -> bool:
    return covers(pattern, path) or path.startswith(f"{pattern}.")


# What a vintage changed against the one it supersedes.

LARGE = 0.5  # share of the old value
MOST_SHOWN = 3


@dataclass(frozen=True)
class Change:
    """One number that differs between two vintages.

    Args:
        path: of the parameter.
        label: its year or the keys of its row; empty for a single value.
        old, new: in `unit`.
        unit: of the newer vintage.
    """

    path: str
    label: str
    old: float
    new: float
    unit: str

    @property
    def share(self) -> float:
        """The change as a share of the old value; infinite where that was nought."""
        return self.new / self.old - 1.0 if self.old else float("inf")

    def __str__(self) -> str:
        size = f" ({self.share:+.1%})" if self.old else ""
        return f"{show_number(self.old)} -> {show_number(self.new)}{size}"


def changes_of(old: Vintage, new: Vintage, path: str) -> Iterator[Change]:
    """Every number of a parameter that both vintages hold in the same unit and that differs.

    Args:
        old, new: vintages.
        path: of the parameter in the newer one.
    """
    before, now = old.values.get(path), new.values.get(path)
    if before is None or now is None or before.unit != now.unit:
        return
    known = dict(labelled_values(before))
    for label, value in labelled_values(now):
        if label in known and known[label] != value:
            yield Change(path, label, known[label], value, now.unit)


def large_changes(old: Vintage, new: Vintage) -> list[str]:
    """A sentence for every parameter that changed by more than half, single numbers and years one by one.

    A table is judged by the sum of the rows both have: single small rates of an age swing, their sum does not. Measures
    are left out: each vintage has its own.
    """
    found = []
    for path in new.values:
        if path.startswith("measures."):
            continue
        changed = list(changes_of(old, new, path))
        if changed and new.values[path].file is not None:
            total = Change(path, "in all", fsum(c.old for c in changed), fsum(c.new for c in changed), changed[0].unit)
            changed = [total]
        large = [change for change in changed if abs(change.share) > LARGE and change.old]
        if large:
            said = "; ".join(
                f"{change.label}: {change}" if change.label else str(change) for change in large[:MOST_SHOWN]
            )
            more = f" and {len(large) - MOST_SHOWN} more" if len(large) > MOST_SHOWN else ""
            found.append(f"{path} changed by more than {LARGE:.0%} since {old.name}: {said}{more} {large[0].unit}")
    return found
