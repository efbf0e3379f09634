"""Turns the text of a vintage into typed, checked settings, collecting every problem on the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from hnforecast.assumptions.draft import Draft
from hnforecast.assumptions.files import Part, VintageFiles
from hnforecast.assumptions.manifest import Manifest
from hnforecast.assumptions.measures import Measure, ScenarioSpec
from hnforecast.assumptions.messages import explain_errors
from hnforecast.assumptions.rules_measures import (
    check_measure_names,
    check_measure_targets,
    check_scenarios,
    check_uncertainty,
)
from hnforecast.assumptions.rules_money import (
    check_components,
    check_funding_years,
    check_indices,
    check_instruments,
    check_line_shares,
    check_pipeline,
    check_place_prices,
    check_placements,
    check_service_lines,
    check_spill,
)
from hnforecast.assumptions.rules_time import (
    check_balances,
    check_censuses,
    check_dates,
    check_hindsight,
    check_manifest,
    check_population_years,
    check_tables_declared,
)
from hnforecast.assumptions.schema import FILES
from hnforecast.assumptions.shaped import check_shape
from hnforecast.assumptions.statutory import check_floor
from hnforecast.assumptions.vintage import Vintage, walk
from hnforecast.base.codes import Codes
from hnforecast.base.errors import Place, Problems

# What the reader of a vintage should know but need not mend before a run.


def notices_of(draft: Draft) -> tuple[str, ...]:
    """Notices in words: a draft, reviews overdue, intervals that no draw uses."""
    manifest = draft.groups["manifest"]
    found: list[str] = []
    if manifest.state == "draft":
        found.append(f"Vintage {draft.text.name} is a draft: nobody has signed it off.")
        found += _unverified(draft)
    if manifest.review_by < draft.today:
        found.append(f"Vintage {draft.text.name} was to be reviewed by {manifest.review_by.isoformat()}.")
    found += _overdue(draft)
    columns = draft.groups["uncertainty"].columns
    undrawn = [path for path, sourced in draft.values.items() if sourced.interval is not None and path not in columns]
    if undrawn:
        found.append(f"These intervals have no column in uncertainty.columns, so no draw uses them: {_some(undrawn)}.")
    return tuple(found)


def _unverified(draft: Draft) -> list[str]:
    """What a draft rests on without anybody having verified it, the weightiest first: never a silent default."""
    weight = {"red": 0, "amber": 1, None: 2, "green": 3}
    doubtful = [(weight[s.impact], path) for path, s in draft.values.items() if s.mark == "unverified"]
    paths = [path for _, path in sorted(doubtful)]
    return [f"Unverified, and used all the same: {_some(paths, 15)}."] if paths else []


def _overdue(draft: Draft) -> list[str]:
    """Reviews that are due, one line for each owner and day: an old vintage has many."""
    due: dict[tuple[date, str], list[str]] = defaultdict(list)
    for path, sourced in draft.values.items():
        if sourced.review_by is not None and sourced.review_by < draft.today:
            due[sourced.review_by, sourced.owner or "nobody"].append(path)
    for name, measure in draft.measures.items():
        if measure.review_by < draft.today:
            due[measure.review_by, measure.owner].append(f"measures.{name}")
    return [
        f"Review was due {day.isoformat()} (owner: {owner}): {_some(paths)}." for (day, owner), paths in due.items()
    ]


def _some(paths: list[str], most: int = 5) -> str:
    return ", ".join(paths[:most]) + (f" and {len(paths) - most} more" if len(paths) > most else "")


# Rules across files.

Rule = Callable[[Draft, Problems], None]

RULES: tuple[tuple[Rule, tuple[str, ...]], ...] = (
    (check_manifest, ("manifest",)),
    (check_tables_declared, ()),
    (check_dates, ()),
    (check_hindsight, ("manifest",)),
    (check_population_years, ("manifest", "population")),
    (check_censuses, ("manifest", "flows")),
    (check_balances, ("manifest", "support")),
    (check_placements, ()),
    (check_spill, ("flows",)),
    (check_indices, ("prices",)),
    (check_line_shares, ("prices",)),
    (check_pipeline, ("demand",)),
    (check_place_prices, ("prices", "flows")),
    (check_service_lines, ("services",)),
    (check_funding_years, ("manifest", "funding")),
    (check_components, ("funding",)),
    (check_instruments, ("support",)),
    (check_measure_names, ()),
    (check_measure_targets, ("services", "flows", "prices")),
    (check_floor, ()),
    (check_scenarios, ("support",)),
    (check_uncertainty, ("uncertainty",)),
)


def check_links(draft: Draft, problems: Problems) -> None:
    """Apply every rule whose parts could be read."""
    for rule, needs in RULES:
        if draft.has(*needs):
            rule(draft, problems)


Model = TypeVar("Model", bound=BaseModel)


def this_day() -> date:
    """Today, after which reviews are overdue."""
    return datetime.now(UTC).date()


def build_vintage(text: VintageFiles, codes: Codes, today: date, problems: Problems) -> Vintage:
    """Understand and check a vintage.

    Raises:
        AssumptionError: everything wrong with it, at once.
    """
    draft = Draft(text, codes, today)
    models: dict[str, type[BaseModel]] = {"manifest": Manifest, **FILES}
    for stem, model in models.items():
        part = text.parts.get(stem)
        group = _validate(model, part, problems) if part is not None else None
        if group is not None:
            draft.groups[stem] = group
    for name, part in text.measures.items():
        measure = _validate(Measure, part, problems)
        if measure is not None:
            measure._place = part.place()
            draft.measures[name] = measure
    _read_scenarios(draft, problems)
    _collect_values(draft, problems)
    check_links(draft, problems)
    problems.raise_any()
    return Vintage(
        name=text.name,
        folder=text.folder,
        measures=MappingProxyType(draft.measures),
        scenarios=MappingProxyType({name: spec for name, spec in draft.scenarios.items() if spec.covers(text.name)}),
        values=MappingProxyType(draft.values),
        keys=MappingProxyType(draft.keys),
        files=MappingProxyType(dict(text.hashes)),
        notices=notices_of(draft),
        codes=codes,
        text=text,
        **draft.groups,
    )


def _validate(model: type[Model], part: Part, problems: Problems) -> Model | None:
    try:
        return model.model_validate(part.content)
    except ValidationError as error:
        problems.extend(explain_errors(error, model, part.yaml, part.prefix, part.stem))
        return None


def _read_scenarios(draft: Draft, problems: Problems) -> None:
    part = draft.text.parts.get("scenarios")
    if part is None:
        return
    for name, content in part.content.items():
        inner = Part(part.yaml, (*part.prefix, name), content, ("scenarios", name))
        spec = _validate(ScenarioSpec, inner, problems)
        if spec is not None:
            draft.scenarios[name] = spec


def _collect_values(draft: Draft, problems: Problems) -> None:
    """Give every parameter its path, place and table, and check its unit and form."""
    groups: Mapping[str, Any] = {
        **{stem: draft.groups[stem] for stem in FILES if stem in draft.groups},
        "measures": draft.measures,
    }
    for stem, group in groups.items():
        for keys, sourced in walk(group, (stem,)):
            found = draft.text.part_of(keys)
            place = found[0].place(_as_in_file(found[0], found[1]), key=True) if found else Place()
            path = ".".join(keys)
            sourced._path, sourced._place = path, place
            sourced._table = check_shape(keys, sourced, draft.text, draft.codes.placements, problems)
            draft.values[path] = sourced
            draft.keys[path] = keys


def _as_in_file(part: Part, keys: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Positions of list items as numbers, as the file has them; names stay text even if they are digits."""
    here: Any = part.content
    path: list[str | int] = []
    for key in keys:
        if isinstance(here, list):
            position = int(key)
            here = here[position]
            path.append(position)
        else:
            here = here[key]
            path.append(key)
    return tuple(path)
