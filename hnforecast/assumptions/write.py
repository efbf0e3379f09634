"""Writes a resolved vintage as one YAML file that loads again, and the JSON schema that editors complete from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from hnforecast.assumptions.manifest import Manifest
from hnforecast.assumptions.measures import Measure, ScenarioSpec
from hnforecast.assumptions.schema import FILES
from hnforecast.assumptions.vintage import Vintage
from hnforecast.base.yaml import dump_yaml


class HoldsVintage(Protocol):
    """A scenario, or whatever else has a vintage with overrides made."""

    @property
    def vintage(self) -> Vintage:
        """The vintage."""
        ...


def write_resolved(resolved: Vintage | HoldsVintage, file: Path) -> None:
    """Write everything a run rests on to a file; `load_resolved` reads it again."""
    file.write_bytes(resolved_bytes(resolved))


def resolved_bytes(resolved: Vintage | HoldsVintage) -> bytes:
    """Everything a run rests on as one YAML file, overrides made, tables included.

    Args:
        resolved: a vintage, or a scenario.
    """
    vintage = resolved if isinstance(resolved, Vintage) else resolved.vintage
    text = vintage.text
    content: dict[str, Any] = {stem: dict(text.parts[stem].content) for stem in ("manifest", *FILES, "scenarios")}
    content["measures"] = {name: dict(part.content) for name, part in text.measures.items()}
    content["tables"] = {
        name: held.replace("\r\n", "\n") for name, held in sorted(text.tables.items()) if held is not None
    }
    head = f"# The assumptions of one run, all in one file: vintage {vintage.name}, with the run's overrides made.\n"
    return (head + dump_yaml(content)).encode("utf-8")


def json_schema() -> dict[str, Any]:
    """One schema for every file of a vintage, for editors; a file may be any of the kinds listed."""
    models: list[type[BaseModel]] = [Manifest, *FILES.values(), Measure, ScenarioSpec]
    refs, definitions = models_json_schema([(model, "validation") for model in models], by_alias=True)
    kinds = [refs[model, "validation"] for model in models[:-1]]
    scenarios = {"type": "object", "additionalProperties": refs[ScenarioSpec, "validation"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Assumption files of hnforecast",
        "description": "Generated from hnforecast/assumptions; a test keeps it current.",
        "anyOf": [*kinds, scenarios],
        "$defs": definitions["$defs"],
    }


def write_json_schema(path: Path) -> None:
    """Write the schema, usually to assumptions/schema.json."""
    path.write_text(json.dumps(json_schema(), indent=2, sort_keys=True) + "\n", encoding="utf-8", newline="\n")
