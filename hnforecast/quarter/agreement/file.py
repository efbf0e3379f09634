"""agreement.yaml of a council: conditions with owner, evidence, measure and rule; values sourced and marked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic_core import InitErrorDetails

from hnforecast.assumptions.fields import Day, FinancialYear, Number, Strict, Text, detail
from hnforecast.assumptions.settings import read_settings_file
from hnforecast.assumptions.sourced import Mark, Provenance
from hnforecast.base.errors import InputError, show_path

Take = Literal["last", "sum", "mean", "first_to_last", "share"]
KpiUnit = Literal["percent", "plans", "places", "count", "gbp", "share", "weeks"]
FILE = "agreement.yaml"


class _File(Strict):
    model_config = ConfigDict(populate_by_name=True)


class Limit(Provenance):
    """A number a rule compares with."""

    value: Number


class Reading(Strict):
    """Which figure of the monitoring a measure reads.

    Args:
        table, column: of the monitoring tables.
        where: rows wanted.
        take: the last row, the sum, the mean, the change from the first row to the last, or the percentage that the
            wanted rows are of all rows of the column `of`.
        of: for a share: the column it is a share of.
    """

    table: Text
    column: Text
    where: dict[str, Text] | None = None
    take: Take = "last"
    of: Text | None = None


class Kpi(_File):
    """A measure with the two limits that make its rating: green at or beyond the one, amber at or beyond the other."""

    name: Text
    unit: KpiUnit
    better: Literal["higher", "lower"]
    reading: Reading
    green: Limit
    amber: Limit

    def faults(self) -> list[InitErrorDetails]:
        """The limits must lie in the order the direction says."""
        wrong = self.green.value < self.amber.value if self.better == "higher" else self.green.value > self.amber.value
        if not wrong:
            return []
        expected = "green at least amber" if self.better == "higher" else "green at most amber"
        return [detail("HN760", "the limits are the wrong way round", self.green.value, ("green",), expected)]

    @property
    def rule(self) -> str:
        """The rule in words."""
        word = "or more" if self.better == "higher" else "or less"
        return f"Green at {self.green.value:,.10g} {word}, amber at {self.amber.value:,.10g} {word}, else red"


class Condition(_File):
    """One numbered condition."""

    number: Annotated[str, Field(pattern=r"^\d+(\.\d+)?$")]
    heading: Text
    wording: Text
    wording_mark: Mark
    source: Text
    owner: Text
    evidence: Text
    action: Text
    risk: Text
    next_step: Text
    kpi: Kpi | None = None
    rag_set_by_hand: Literal["green", "amber", "red"] | None = None


class Received(Provenance):
    """What is known of payments received: the last year for which all that was due came in."""

    up_to: FinancialYear


class Payments(_File):
    """A support instrument the agreement pays, whether it hangs on progress, and what has come of it."""

    instrument: Text
    payer: Text
    conditional: bool
    received: Received


class Trigger(_File):
    """A review trigger: what would set it off, and how it is evaluated."""

    key: Literal["grant", "progress", "policy", "capital", "spend_profile"]
    clause: Text
    mark: Mark
    source: Text
    tolerance: Limit | None = None
    known: Text | None = None
    fired: bool | None = None


class AssumedGrant(Provenance):
    """The grant the agreement assumed, where it is public."""

    value: Number | None = None
    year: FinancialYear | None = None


class AgreementFile(_File):
    """agreement.yaml."""

    schema_version: Literal[1]
    title: Text
    document: Text
    document_mark: Mark
    wording_note: Text
    starts: FinancialYear
    ends: FinancialYear
    closed_on: Day | None = None
    closed_source: Text | None = None
    regime_after: Text | None = None
    assumed_grant: AssumedGrant | None = None
    conditions: list[Condition] = Field(min_length=1)
    payments: list[Payments]
    triggers: list[Trigger]
    next_support_wanted: Text | None = None


class Agreement(Strict):
    """The file as read, where it lies, and its hash."""

    content: AgreementFile
    file: Text
    sha256: Text


def load_agreement(root: Path, folder: Path) -> Agreement | None:
    """Read agreement.yaml of a council's folder; None where there is none.

    Raises:
        InputError: every fault of the file, with line and column.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    file = show_path(path, root)
    content, yaml = read_settings_file(path.read_bytes(), file, AgreementFile, "agreement")
    from hnforecast.base.errors import Place, Problems

    found = Problems(InputError)
    numbers = [condition.number for condition in content.conditions]
    for position, condition in enumerate(content.conditions):
        place = yaml.place(("conditions", position))
        place = Place(file=place.file, line=place.line, column=place.column, path=f"conditions.{condition.number}")
        if numbers.count(condition.number) > 1:
            found.add("HN760", "Two conditions have one number", place, found=condition.number)
        if condition.kpi is not None and condition.rag_set_by_hand is not None:
            found.add("HN760", "A condition has a measure and a rating set by hand; keep one", place)
        for fault in condition.kpi.faults() if condition.kpi else ():
            context = fault["type"].context or {}  # type: ignore[union-attr]
            found.add("HN760", str(context["what"]), place, found=fault["input"], expected=str(context["expected"]))
    if content.ends < content.starts:
        found.add("HN760", "The agreement ends before it starts", yaml.place(("ends",)))
    found.raise_any()
    return Agreement(content=content, file=file, sha256=yaml.sha256)
