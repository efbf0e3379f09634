"""A vintage while it is being checked: what could be read so far, and where each setting stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hnforecast.assumptions.files import VintageFiles
from hnforecast.assumptions.measures import Measure, ScenarioSpec
from hnforecast.assumptions.schema import FILES
from hnforecast.assumptions.sourced import Sourced
from hnforecast.base.codes import Codes
from hnforecast.base.errors import Place
from hnforecast.base.yaml import Key


@dataclass
class Draft:
    """A vintage being checked: a part that could not be read is in none of the maps.

    Args:
        text: the files as read.
        codes: the code lists.
        today: the day reviews are overdue after, and no publication may be later than.
        groups: "manifest", "population" ... "uncertainty".
        measures, scenarios: by name.
        values: every parameter by path; `keys` holds the path in parts.
    """

    text: VintageFiles
    codes: Codes
    today: date
    groups: dict[str, Any] = field(default_factory=dict)
    measures: dict[str, Measure] = field(default_factory=dict)
    scenarios: dict[str, ScenarioSpec] = field(default_factory=dict)
    values: dict[str, Sourced] = field(default_factory=dict)
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def place(self, *keys: Key, key: bool = True) -> Place:
        """Where a setting stands: at its name, or with key=False at its value. The first key is the file's stem."""
        found = self.text.part_of(keys)
        return found[0].place(found[1], key=key) if found is not None else Place(path=".".join(map(str, keys)))

    def has(self, *stems: str) -> bool:
        """Whether all these parts could be read."""
        return all(stem in self.groups for stem in stems)

    @property
    def whole(self) -> bool:
        """Whether every file and measure could be read, so that what is not found is truly missing."""
        return len(self.groups) == len(FILES) + 1 and len(self.measures) == len(self.text.measures)
