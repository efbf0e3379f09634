"""Scenarios resolved: a vintage, the measures laid over it, and what the command line changed, old -> new in words.

Precedence: command line > measures > vintage. Two measures of one scenario may not touch the same cell, so that their
order never matters.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from hnforecast.assumptions.measures import Effect, Measure, ScenarioSpec
from hnforecast.assumptions.overrides import apply_overrides
from hnforecast.assumptions.vintage import Vintage
from hnforecast.base.errors import Place, Problem, Problems, ScenarioError

Cell = tuple[str, ...]  # driver, then what it acts on


@dataclass(frozen=True)
class Scenario:
    """One scenario of one vintage, ready to run.

    Args:
        name, title: as in scenarios.yaml.
        spec: the entry of scenarios.yaml.
        measures: the mitigations laid over the vintage, by name.
        changes: every override of the command line in words, old -> new.
        vintage: with the overrides made.
        beyond: financial year -> pounds that the pooled forecast of spend has on lines 1.2 beyond plans and prices;
            empty where the scenario does not follow history.
    """

    name: str
    title: str
    spec: ScenarioSpec
    measures: tuple[Measure, ...]
    changes: tuple[str, ...]
    vintage: Vintage
    beyond: Mapping[int, float] = field(default_factory=dict)


def resolve_scenario(
    vintage: Vintage, name: str, overrides: Mapping[str, object] | None = None, *, today: date | None = None
) -> Scenario:
    """Lay a scenario's measures and the command line's overrides over a vintage.

    Args:
        vintage: as loaded.
        name: of the scenario.
        overrides: path -> number, or text such as x0.97 or +3%.
        today: the day reviews are overdue after.

    Raises:
        ScenarioError: no such scenario or value; or two measures touch the same cell.
        AssumptionError: an override puts a value where it is not allowed.
    """
    spec = vintage.scenarios.get(name)
    if spec is None:
        known = list(vintage.scenarios)
        near = difflib.get_close_matches(name, known, n=1)
        do = f"Did you mean {near[0]!r}?" if near else ""
        what = f"Vintage {vintage.name} has no such scenario"
        raise ScenarioError(
            Problem("HN401", what, Place(file="assumptions/scenarios.yaml"), name, ", ".join(known), do)
        )
    changed, words = apply_overrides(vintage, overrides or {}, today)
    names = list(changed.measures) if spec.measures is None else list(spec.measures)
    measures = tuple(changed.measures[measure] for measure in names)
    problems = Problems(ScenarioError)
    check_overlaps(name, measures, changed, problems)
    problems.raise_any()
    return Scenario(name, spec.title, spec, measures, words, changed)


def effect_cells(effect: Effect, placements: tuple[str, ...]) -> Iterator[Cell]:
    """Every cell an effect touches: driver, then age, placement and destination, or the line of a budget.

    An effect on named needs or bands touches that part of the cell, named last.
    """
    whole = _whole_cells(effect, placements)
    yield from (
        ((*cell, name) for cell in whole for name in effect.named_part) if effect.named_part else whole
    )  # fmt: skip


def _whole_cells(effect: Effect, placements: tuple[str, ...]) -> Iterator[Cell]:
    low, high = effect.age_range
    ages = [str(age) for age in range(low, high + 1)]
    sources = effect.sources if effect.sources is not None else placements
    if effect.driver in ("service_budget", "council_cost"):
        yield from ((effect.driver, f"line {line}") for line in effect.lines or ())
    elif effect.driver == "block_transfer":
        yield (effect.driver, "schools block")
    elif effect.driver in ("request_rate", "new_plan_rate"):  # a request not made is a plan not issued: one cell
        yield from (("new_plan_rate", f"age {age}") for age in ages)
    elif effect.driver in ("agreement_rate", "issue_rate"):
        yield from ((effect.driver, f"age {age}") for age in ages)
    elif effect.driver in ("fee_uplift", "unit_price", "place_price", "commissioned_places"):
        yield from ((effect.driver, source) for source in sources)
    elif effect.to_placement is not None:
        yield from (
            (effect.driver, f"age {age}", source, f"to {effect.to_placement}") for age in ages for source in sources
        )
    else:
        yield from ((effect.driver, f"age {age}", source) for age in ages for source in sources)


def check_overlaps(scenario: str, measures: tuple[Measure, ...], vintage: Vintage, problems: Problems) -> None:
    """Refuse two effects on one cell, unless one of the measures says that they combine; and more moved than is there.

    Args:
        scenario: its name, for messages.
        measures: of the scenario.
        vintage: for the placements, and the places of the files.
        problems: where faults are recorded.
    """
    placements = vintage.codes.placements
    owners: dict[Cell, list[Measure]] = {}
    inside: dict[Cell, list[Measure]] = {}  # those that touch a part of a cell
    clashes: dict[tuple[str, str], Cell] = {}
    for measure in measures:
        for effect in measure.effects:
            for cell in effect_cells(effect, placements):
                around = owners.get(cell[:-1], []) if effect.named_part else inside.get(cell, [])
                for other in (*owners.get(cell, ()), *around):
                    if not _combine(measure, other):
                        clashes.setdefault((other.name, measure.name), cell)
                owners.setdefault(cell, []).append(measure)
                if effect.named_part:
                    inside.setdefault(cell[:-1], []).append(measure)
    place = Place(file="assumptions/scenarios.yaml", path=scenario)
    for (first, second), cell in clashes.items():
        same = first == second
        what = f"{first!r} changes the same cell twice" if same else f"{first!r} and {second!r} change the same cell"
        do = "Merge the two effects." if same else (
            f"Order must not matter. Merge them, give them different ages or placements, or list {first!r} under "
            f"`combines_with` of {second!r}; then both apply."
        )  # fmt: skip
        problems.add("HN404", what, place, found=", ".join(cell), do=do)
    _check_room(measures, vintage, place, problems)
    _check_parts(measures, vintage, place, problems)


def _check_parts(measures: tuple[Measure, ...], vintage: Vintage, place: Place, problems: Problems) -> None:
    """Needs of one age, or bands of one placement, are parts of one whole."""
    parts: dict[Cell, dict[tuple[str, ...], float]] = {}
    owners: dict[Cell, set[str]] = {}
    for measure in measures:
        for effect in measure.effects:
            if effect.part is not None:
                for cell in _whole_cells(effect, vintage.codes.placements):
                    parts.setdefault(cell, {})[effect.named_part] = effect.part.at(0)
                    owners.setdefault(cell, set()).add(measure.name)
    over = {cell: sum(shares.values()) for cell, shares in parts.items() if sum(shares.values()) > 1 + 1e-9}
    if over:
        cell, total = next(iter(over.items()))
        what = f"{' and '.join(repr(name) for name in sorted(owners[cell]))} name parts that are more than the whole"
        problems.add("HN412", what, place, found=f"{', '.join(cell)}: {total:g}", expected="1 or less")


def _combine(first: Measure, second: Measure) -> bool:
    return first is not second and (second.name in first.combines_with or first.name in second.combines_with)


def _check_room(measures: tuple[Measure, ...], vintage: Vintage, place: Place, problems: Problems) -> None:
    """No more than all of a placement's plans may be moved out of it."""
    taken: dict[Cell, float] = {}
    owners: dict[Cell, set[str]] = {}
    for measure in measures:
        for effect in measure.effects:
            if effect.to_placement is None:
                continue
            for cell in effect_cells(effect, vintage.codes.placements):
                origin = cell[:3]
                taken[origin] = taken.get(origin, 0.0) + (effect.change.value or 0.0)
                owners.setdefault(origin, set()).add(measure.name)
    over = {origin: share for origin, share in taken.items() if share > 1 + 1e-9}
    told: set[frozenset[str]] = set()
    for origin, share in over.items():
        if frozenset(owners[origin]) not in told:
            told.add(frozenset(owners[origin]))
            names = " and ".join(repr(name) for name in sorted(owners[origin]))
            what = f"{names} move more than everyone out of one placement"
            problems.add("HN412", what, place, found=f"{', '.join(origin)}: {share:g}", expected="1 or less")
