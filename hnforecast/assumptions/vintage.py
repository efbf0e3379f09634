"""A vintage, understood: typed, frozen, every parameter also by its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from hnforecast.assumptions.files import VintageFiles
from hnforecast.assumptions.manifest import Manifest
from hnforecast.assumptions.measures import Measure, ScenarioSpec
from hnforecast.assumptions.schema import (
    DemandFile,
    FlowsFile,
    FundingFile,
    PopulationFile,
    PricesFile,
    ServicesFile,
    SupportFile,
    UncertaintyFile,
)
from hnforecast.assumptions.sourced import Sourced
from hnforecast.base.codes import Codes


@dataclass(frozen=True)
class Vintage:
    """One set of assumptions.

    Args:
        name: such as 2026-03.
        folder: where it was read.
        manifest: whose it is, as at when, base years, horizon.
        population, demand, flows, prices, services, funding, support, uncertainty: the files, typed.
        measures: the mitigations of the vintage, by name.
        scenarios: every scenario of the project that covers this vintage.
        values: every parameter, measures' included, by path such as prices.top_up.state_special.
        keys: the path of each parameter in parts, for names that hold dots, such as 1.2.1.
        files: sha256 of every file read, by name relative to the folder.
        notices: what the reader should know but need not mend: reviews overdue, a draft, intervals nothing draws.
        codes: the code lists it was checked against.
        text: the files as read, from which overrides are made.
    """

    name: str
    folder: Path
    manifest: Manifest
    population: PopulationFile
    demand: DemandFile
    flows: FlowsFile
    prices: PricesFile
    services: ServicesFile
    funding: FundingFile
    support: SupportFile
    uncertainty: UncertaintyFile
    measures: Mapping[str, Measure]
    scenarios: Mapping[str, ScenarioSpec]
    values: Mapping[str, Sourced]
    keys: Mapping[str, tuple[str, ...]]
    files: Mapping[str, str]
    notices: tuple[str, ...]
    codes: Codes = field(repr=False)
    text: VintageFiles = field(repr=False, compare=False)

    @property
    def root(self) -> Path:
        """The council folder it belongs to: a vintage lies in assumptions/ of its project."""
        return self.folder.parent.parent


def walk(group: Any, keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Sourced]]:
    """Every parameter in a group of settings, with its keys, in file order."""
    if isinstance(group, Sourced):
        yield keys, group
    elif isinstance(group, BaseModel):
        for name, info in type(group).model_fields.items():
            yield from walk(getattr(group, name), (*keys, info.alias or name))
    elif isinstance(group, dict):
        for name, child in group.items():
            yield from walk(child, (*keys, str(name)))
    elif isinstance(group, (list, tuple)):
        for position, child in enumerate(group):
            yield from walk(child, (*keys, str(position)))
