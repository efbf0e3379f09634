"""The assumptions of a council: read, checked against each other, typed and frozen.

    files -> build (schema, shapes, links) -> Vintage

`load_vintage` is the way in. Every problem of a vintage is reported at once, with file, line and column.
"""

from hnforecast.assumptions.loader import (
    VintageSummary,
    default_vintage,
    list_vintages,
    load_resolved,
    load_vintage,
    project_codes,
)
from hnforecast.assumptions.manifest import Manifest
from hnforecast.assumptions.measures import Effect, Measure, ScenarioSpec
from hnforecast.assumptions.signoff import hash_files, sign_off
from hnforecast.assumptions.sourced import Interval, Sourced
from hnforecast.assumptions.tables import Table
from hnforecast.assumptions.vintage import Vintage, walk

__all__ = [
    "Effect",
    "Interval",
    "Manifest",
    "Measure",
    "ScenarioSpec",
    "Sourced",
    "Table",
    "Vintage",
    "VintageSummary",
    "default_vintage",
    "hash_files",
    "list_vintages",
    "load_resolved",
    "load_vintage",
    "project_codes",
    "sign_off",
    "walk",
]
