"""What options are weighed by: criteria with their weights and scales, read from YAML."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from hnforecast.assumptions.fields import Number, Strict, Text
from hnforecast.assumptions.settings import read_settings_file
from hnforecast.base.axes import FloatArray
from hnforecast.base.codes import Codes
from hnforecast.base.errors import InputError, OutputError, Problem, Problems, UsageError
from hnforecast.base.yaml import YamlFile

DEFAULT = Path(__file__).with_name("weights.yaml")
FigureName = Literal[
    "chance_in_year_balance", "chance_agreement", "closing_share", "delivery_cost_share", "placed_share",
    "timeliness", "confidence", "dependencies", "statutory_flags",
]  # fmt: skip
Scale = Annotated[Number, Field(ge=-1e12, le=1e12)]  # no figure lies beyond, and sums of these stay exact enough
Weight = Annotated[Number, Field(ge=0, le=1_000_000)]


class Group(Strict):
    """Criteria that belong together, and how much they weigh."""

    label: Text
    weight: Weight


class Criterion(Strict):
    """One figure, its weight in its group, and the scale from its worst to its best.

    A figure at `worst` or beyond scores 0, at `best` or beyond 1, between them in a straight line. `placed_in` names
    the Department's groups of placements that `placed_share` counts.
    """

    label: Text
    group: Text
    weight: Weight
    figure: FigureName
    placed_in: list[Text] | None = None
    worst: Scale
    best: Scale
    why: Text

    def score(self, value: float) -> float:
        """The figure on the scale, 0 to 1; NaN stays NaN."""
        return float(np.clip((value - self.worst) / (self.best - self.worst), 0.0, 1.0))

    @property
    def higher_is_better(self) -> bool:
        """Which way the figure runs."""
        return self.best > self.worst


class Weights(Strict):
    """The file."""

    title: Text
    source: Text
    owner: Text
    groups: Annotated[dict[str, Group], Field(min_length=1)]
    criteria: Annotated[dict[str, Criterion], Field(min_length=1, max_length=20)]

    def shares(self, known: Sequence[str] | None = None) -> FloatArray:
        """Weight of each criterion, its group's x its own in the group; they sum to 1.

        Args:
            known: criteria that count, in order; all by default. The weight of one that does not goes to the rest of
                its group, that of a group without any to the other groups. Where nothing that counts weighs, all weigh
                alike.
        """
        chosen = [self.criteria[name] for name in (self.criteria if known is None else known)]
        inside = {
            group: sum(criterion.weight for criterion in chosen if criterion.group == group) for group in self.groups
        }
        weights = np.array(
            [
                self.groups[criterion.group].weight * criterion.weight / inside[criterion.group]
                if inside[criterion.group] > 0
                else 0.0
                for criterion in chosen
            ]
        )
        if weights.sum() <= 0:
            weights = np.ones(len(chosen))
        total: FloatArray = weights / weights.sum() if chosen else weights
        return total


def load_weights(path: Path | None, codes: Codes) -> Weights:
    """Read a file of weights; those that come with the program where none is named.

    Raises:
        UsageError: there is no such file.
        InputError: every fault of the file, with line and column.
    """
    file = DEFAULT if path is None else path
    try:
        raw = file.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        do = "Leave --weights out for those that come with the program."
        raise UsageError(Problem("HN551", "There is no such file of weights", found=str(path), do=do)) from None
    except OSError as error:
        raise OutputError(Problem("HN801", f"{file}: {error.strerror}")) from None
    weights, yaml = read_settings_file(raw, file.name, Weights, "weights")
    _check(weights, yaml, codes)
    return weights


def _check(weights: Weights, yaml: YamlFile, codes: Codes) -> None:
    problems = Problems(InputError)
    for name, criterion in weights.criteria.items():
        place = yaml.place(("criteria", name), key=True)
        if criterion.group not in weights.groups:
            expected = ", ".join(weights.groups)
            problems.add("HN552", f"{name}: no such group", place, found=criterion.group, expected=expected)
        if criterion.worst == criterion.best:
            problems.add("HN552", f"{name}: worst and best are the same", place, found=f"{criterion.best:g}")
        if (criterion.figure == "placed_share") is not bool(criterion.placed_in):
            problems.add("HN552", f"{name}: `placed_share` and `placed_in` go together", place)
        for group in criterion.placed_in or ():
            if group not in codes.group_order:
                expected = ", ".join(codes.group_order)
                problems.add("HN552", f"{name}: no such group of placements", place, found=group, expected=expected)
    used = {criterion.group for criterion in weights.criteria.values() if criterion.weight > 0}
    if not any(group.weight > 0 for name, group in weights.groups.items() if name in used):
        problems.add("HN552", "every weight is nothing", yaml.place(("groups",), key=True), expected="one above 0")
    problems.raise_any()
