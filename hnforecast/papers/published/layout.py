"""What a published table is before it is a sheet or a file: its title, what it says of itself, columns and rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from hnforecast.assumptions.fields import Strict, Text
from hnforecast.assumptions.settings import read_settings_file
from hnforecast.assumptions.sourced import Provenance
from hnforecast.base.errors import show_path
from hnforecast.base.shipped import shipped_folder
from hnforecast.base.timeline import show_year
from hnforecast.papers.run_reading import FinishedRun
from hnforecast.writing.style import round_half_up

Kind = Literal["text", "thousands", "plans", "percent"]
Shown = str | float | None

WITHHELD, LOW, NOT_AVAILABLE, NOT_APPLICABLE = "[c]", "[low]", "[x]", "[z]"
SHORTHAND: tuple[tuple[str, str], ...] = (
    (
        WITHHELD,
        "Confidential: withheld because the number is small, or because a small one could be worked out from it.",
    ),
    (LOW, "Low: the figure is above nought and rounds to nought."),
    (NOT_AVAILABLE, "Not available: the run did not make this figure, or the agreed figure is not public."),
    (NOT_APPLICABLE, "Not applicable: there is no such figure for this row."),
)
UNITS: dict[Kind, str] = {"text": "", "thousands": "£\N{NO-BREAK SPACE}thousand", "plans": "plans", "percent": "%"}
PLACES: dict[Kind, int] = {"text": 0, "thousands": 0, "plans": 0, "percent": 1}
TENTH = "1\N{NO-BREAK SPACE}in\N{NO-BREAK SPACE}10"
THOUSAND = 1e3


@dataclass(frozen=True)
class Column:
    """One column: its header says what it holds and in what unit."""

    header: str
    kind: Kind = "text"

    @property
    def title(self) -> str:
        """The header with its unit."""
        return f"{self.header} ({UNITS[self.kind]})" if UNITS[self.kind] else self.header


@dataclass(frozen=True)
class PublishedTable:
    """One table, one sheet.

    Args:
        sheet: name of the sheet.
        name: of the table, as a spreadsheet knows it.
        title: in A1.
        about: lines under the title: what the sheet holds, its unit, which notes to read.
        columns, rows: the table; a row holds text, numbers as they are shown, or a shorthand.
    """

    sheet: str
    name: str
    title: str
    about: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Shown]]


def thousands(pounds: float | None) -> Shown:
    """Pounds as whole thousands; not available where there is no figure."""
    return NOT_AVAILABLE if pounds is None else round_half_up(pounds / THOUSAND)


def plans(count: float) -> Shown:
    """Plans as a whole number; low where an estimate rounds to nought and is none."""
    shown = round_half_up(count)
    return LOW if shown == 0 and abs(count) > TINY else shown


TINY = 5e-5  # the tables of a run hold four decimals


# The rules of publishing, as data.

FILE = "publishing.yaml"


class Threshold(Provenance):
    """Counts below it, nought apart, are withheld."""

    value: Annotated[int, Field(ge=2, le=100)]


class PublishingRules(Strict):
    """publishing.yaml."""

    model_config = ConfigDict(populate_by_name=True)

    schema_version: Annotated[int, Field(ge=1, le=1)]
    threshold: Threshold
    show_zero: bool
    contact: Text
    rights: Text


def read_rules(root: Path | None) -> PublishingRules:
    """The rules of a council, or those shipped with the program.

    Args:
        root: the council folder; None for the shipped rules.

    Raises:
        InputError: every problem of the file together.
    """
    own = root / "inputs" / "templates" / FILE if root is not None else None
    path = own if own is not None and own.is_file() else shipped_folder("templates") / FILE
    file = show_path(path, root or path.parent)
    return read_settings_file(path.read_bytes(), file, PublishingRules, "publishing")[0]


# The cover and the notes of the published tables, in words a reader who knows nothing of the run can follow.


def cover_lines(run: FinishedRun, rules: PublishingRules) -> list[str]:
    """The lines under the title of the Cover sheet."""
    manifest = run.vintage.manifest
    first, last = show_year(run.first_forecast), show_year(run.years()[-1])
    return [
        f"Forecast of {run.council}'s high needs account, {first} to {last}, by scenario.",
        "An EHC plan is an education, health and care plan. High needs is the part of the Dedicated Schools Grant that "
        "pays for children and young people with special educational needs.",
        f"Assumptions as at {day_of(manifest.as_at)}: {manifest.title}",
        f"Assumed by: {manifest.analyst}. Approved by: {manifest.approver}.",
        f"Source: run {run.run_id} of hnforecast {run.manifest['version']}, made on {day_of(run.created)}.",
        "The Contents sheet lists the tables, the Notes sheet explains words, signs and what is withheld. "
        "Each table is on a sheet of its own. There are no hidden sheets, rows or columns.",
        "A figure shown as [c], [low], [x] or [z] is explained on the Notes sheet.",
        f"Licence: {rules.rights}.",
        f"Contact: {rules.contact}.",
    ]


def note_rows(run: FinishedRun, rules: PublishingRules, withheld: int) -> list[tuple[str, str]]:
    """(note or shorthand, meaning), shorthand first, then scenarios.

    Args:
        run: published.
        rules: of publishing.
        withheld: cells of each January that are not shown.
    """
    limit = rules.threshold.value
    drawn = int(run.manifest["draws"])
    spread = (
        f"Ranges come from {drawn:,} forecasts with every uncertain value drawn anew. One in ten lies beyond each end."
        if drawn > 1
        else "The central forecast alone was made: there are no ranges and no chances, shown as [x]."
    )
    zeros = "A nought is shown." if rules.show_zero else "A nought is withheld as well."
    count = (
        f"{withheld} cells of each January are withheld." if withheld != 1 else "One cell of each January is withheld."
    )
    return [
        *SHORTHAND,
        *((f"Scenario {run.label(name)}", run.title(name)) for name in run.scenarios),
        ("Note 1", "Amounts are rounded to the nearest thousand pounds, each on its own, so totals may differ from the "
                   "sum of their parts."),
        ("Note 2", "Money is positive. The in-year position is funding less spend; closing balance = opening balance + "
                   "in-year position + support + other movement. Below nought is a deficit."),
        ("Note 3", "Other movement is what a published balance moved by beyond its parts; a forecast has none."),
        ("Note 4", spread),
        ("Note 5", "Places the Department for Education pays direct are taken off funding as deductions and are not in "
                   f"spend. Pounds are withheld for a placement with 1 to {limit - 1} plans, and for others"
                   " without which these could be worked out."),
        ("Note 6", "Estimates are forecasts. They are not counts of children, and describe nobody. They are rounded to "
                   "whole plans, so totals may differ from the sum of their parts."),
        ("Note 7", f"Counts of 1 to {limit - 1} in any actual January are withheld, and the estimates that start "
                   f"from them. {zeros} Further cells are withheld so that nobody can work out these from totals: what "
                   f"the published figures allow for a withheld cell spans {limit} plans or more. {count}"),
        ("Note 8", f"On the limit of {limit}: {rules.threshold.source}."),
    ]  # fmt: skip


def day_of(when: object) -> str:
    """A date as it stands in a sentence."""
    return f"{when.day} {when:%B %Y}"  # type: ignore[attr-defined]
