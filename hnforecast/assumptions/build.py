"""Turns the text of a vintage into typed, checked settings, collecting every problem on the way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from hnforecast.assumptions.draft import Draft
from hnforecast.assumptions.files import Part, VintageFiles
from hnforecast.assumptions.links import check_links
from hnforecast.assumptions.manifest import Manifest
from hnforecast.assumptions.measures import Measure, ScenarioSpec
from hnforecast.assumptions.messages import explain_errors
from hnforecast.assumptions.notices import notices_of
from hnforecast.assumptions.schema import FILES
from hnforecast.assumptions.shaped import check_shape
from hnforecast.assumptions.vintage import Vintage, walk
from hnforecast.base.codes import Codes
from hnforecast.base.errors import Place, Problems

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
