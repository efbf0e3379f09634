"""The assumptions a run used, one line a value, with everything that says where each came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hnforecast.base.timeline import show_month

if TYPE_CHECKING:
    from hnforecast.assumptions import Sourced, Vintage
    from hnforecast.engine.records import Forecast

MEASURES = "measures"
MARKS = ("confirmed", "inferred", "unverified")  # from sure to unsure


@dataclass(frozen=True)
class AssumptionLine:
    """One value of one assumption.

    Args:
        sourced: the assumption.
        period: the year, month or count the value is for, as written; empty for a single value.
        value: the number, or for a table the words that say where it is.
    """

    sourced: Sourced
    period: str
    value: float | str


def used_assumptions(forecasts: Sequence[Forecast]) -> list[Sourced]:
    """Every value of the vintage, and those of the measures that any of the scenarios uses, each once."""
    measures = {measure.name for forecast in forecasts for measure in forecast.scenario.measures}
    values: dict[str, Sourced] = {}
    for forecast in forecasts:
        for path, sourced in forecast.scenario.vintage.values.items():
            if not is_measure(path) or path.split(".")[1] in measures:
                values.setdefault(path, sourced)
    return list(values.values())


def is_measure(path: str) -> bool:
    """Whether a value belongs to a measure and not to the vintage itself."""
    return path.startswith(f"{MEASURES}.")


def assumption_lines(values: Iterable[Sourced]) -> Iterator[AssumptionLine]:
    """Each assumption as the lines a reader checks: one a year where it differs by year, one in all for a table."""
    for sourced in values:
        if sourced.by is not None:
            for key in sourced.by:
                yield AssumptionLine(sourced, sourced.by.show(key), float(sourced.by[key]))
        elif sourced.value is not None:
            yield AssumptionLine(sourced, "", float(sourced.value))
        else:
            yield AssumptionLine(sourced, "", f"{len(sourced.rows):,} values in {sourced.file}")


def holds_from(sourced: Sourced) -> str:
    """The month from which a value holds."""
    return show_month(sourced.holds_from)


def weakest_mark(values: Iterable[Sourced]) -> str:
    """The least sure mark among values: what stands on several is no surer than the worst; empty for none."""
    return max((sourced.mark for sourced in values), key=MARKS.index, default="")


def under(vintage: Vintage, *prefixes: str) -> list[Sourced]:
    """The values of a vintage whose path is one of the prefixes or lies below it."""
    values: Mapping[str, Sourced] = vintage.values
    return [
        sourced
        for path, sourced in values.items()
        if any(path == prefix or path.startswith(f"{prefix}.") for prefix in prefixes)
    ]
