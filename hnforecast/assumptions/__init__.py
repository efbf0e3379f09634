"""The assumptions of a council: read, checked against each other, typed and frozen.

    files -> build (schema, shapes, links) -> Vintage

`load_vintage` is the way in. Every problem of a vintage is reported at once, with file, line and column.
"""

from hnforecast.assumptions.explain import Explanation, explain_value
from hnforecast.assumptions.loader import (
    VintageSummary,
    default_vintage,
    list_vintages,
    load_resolved,
    load_vintage,
    project_codes,
)
from hnforecast.assumptions.manifest import Manifest, hash_files, sign_off
from hnforecast.assumptions.measures import Effect, Measure, ScenarioSpec
from hnforecast.assumptions.sourced import Interval, Sourced
from hnforecast.assumptions.tables import Table
from hnforecast.assumptions.vintage import Vintage, walk
from hnforecast.assumptions.write import write_json_schema, write_resolved

__all__ = [
    "Effect",
    "Explanation",
    "Interval",
    "Manifest",
    "Measure",
    "ScenarioSpec",
    "Sourced",
    "Table",
    "Vintage",
    "VintageSummary",
    "default_vintage",
    "explain_value",
    "hash_files",
    "list_vintages",
    "load_resolved",
    "load_vintage",
    "project_codes",
    "sign_off",
    "walk",
    "write_json_schema",
    "write_resolved",
]
