"""One family of errors. A problem says what is wrong, where, what was found, what was expected and what to do.

Readers collect every problem of a project before they raise, so an officer mends a file once, not once per run.
Exit codes are those of the command line: 1 a check failed, 2 bad input, 4 a file could not be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """Where a problem is: a file with line and column, a workbook with sheet and cell, or a path in the assumptions."""

    file: str = ""
    line: int | None = None
    column: int | None = None
    sheet: str = ""
    cell: str = ""
    path: str = ""

    def __str__(self) -> str:
        where = self.file
        if self.sheet:
            where += f", sheet {self.sheet!r}"
        if self.cell:
            where += f", cell {self.cell}"
        if self.line is not None:
            where += f":{self.line}"
            if self.column is not None:
                where += f":{self.column}"
        return "  ".join(part for part in (where, self.path) if part)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, in finance words.

    Args:
        code: stable rule code such as "HN101"; see docs/problems.md.
        what: the fault, one sentence.
        place: where it is.
        found: what was found there, as written; empty where nothing was.
        expected: what would have been right.
        do: the next step for the reader.
    """

    code: str
    what: str
    place: Place = field(default_factory=Place)
    found: str = ""
    expected: str = ""
    do: str = ""

    def __str__(self) -> str:
        head = f"{self.place}: " if str(self.place) else ""
        lines = [f"{head}{self.what} [{self.code}]"]
        if self.found:
            lines.append(f"  found: {self.found}")
        if self.expected:
            lines.append(f"  expected: {self.expected}")
        if self.do:
            lines.append(f"  {self.do}")
        return "\n".join(lines)


class HnForecastError(Exception):
    """Base of every error a user can cause or mend; carries all problems at once."""

    exit_code = 2

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class AssumptionError(HnForecastError):
    """A value of a vintage is missing, malformed, unsourced or implausible."""


class InputError(HnForecastError):
    """A file of published or recorded data cannot be read with certainty."""


class ScenarioError(HnForecastError):
    """A scenario or measure does not resolve to one value per cell."""


class UsageError(HnForecastError):
    """A name or option on the command line is not one the project knows."""


class ReconciliationError(HnForecastError):
    """Two figures that must agree do not."""

    exit_code = 1


class OutputError(HnForecastError):
    """A file could not be written, or is open in another program."""

    exit_code = 4


class Problems:
    """Collects problems, then raises them together.

    >>> problems = Problems(InputError)
    >>> problems.add("HN201", "no header row", Place(file="a.csv", line=1))
    >>> problems.raise_any()
    Traceback (most recent call last):
    ...
    hnforecast.base.errors.InputError: a.csv:1: no header row [HN201]
    """

    def __init__(self, kind: type[HnForecastError] = AssumptionError) -> None:
        self.kind = kind
        self._found: list[Problem] = []

    def add(
        self, code: str, what: str, place: Place | None = None, *, found: object = "", expected: str = "", do: str = ""
    ) -> None:
        """Record one problem; nothing is raised yet."""
        problem = Problem(code, what, place or Place(), str(found) if found != "" else "", expected, do)
        if problem not in self._found:
            self._found.append(problem)

    def extend(self, problems: Iterable[Problem]) -> None:
        """Record the problems another reader found."""
        self._found.extend(problem for problem in problems if problem not in self._found)

    def __bool__(self) -> bool:
        return bool(self._found)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def raise_any(self) -> None:
        """Raise everything recorded as one error, or return quietly."""
        if self._found:
            raise self.kind(*self._found)


def show_path(path: Path, root: Path) -> str:
    """The path as a user would type it: relative to the project, forward slashes on every system."""
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return path.name
