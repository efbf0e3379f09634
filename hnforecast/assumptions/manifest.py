"""The manifest of a vintage: whose it is, as at when, signed off or not, and the hash of every file it stands for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic_core import InitErrorDetails

from hnforecast.assumptions.fields import Day, FinancialYear, Strict, Text, detail, refuse_all
from hnforecast.base.timeline import show_year

SCHEMA_VERSION = 1


class Authority(Strict):
    """The council."""

    name: Text
    old_la_code: Annotated[str, Field(pattern=r"^\d{3}$")]
    gss_code: Annotated[str, Field(pattern=r"^[A-Z]\d{8}$")]


# The pooled forecast of spend whose measured errors give the ranges of a vintage. A vintage that does not say has those
# it was signed with: the last growth of spend per plan held, as until 2026.
SpendMethod = Literal["held_unit_cost", "prices_and_momentum"]


class SignOff(Strict):
    """Who took responsibility for the vintage, and when."""

    by: Text
    role: Text
    on: Day


class Hindsight(Strict):
    """A value published after the vintage's date, and why it is used all the same; `path` may end in or hold *."""

    path: Text
    published_on: Day
    why: Text


class Manifest(Strict):
    """manifest.yaml. Years are first calendar years; `base_census` is the January count the forecast starts from."""

    schema_version: int
    vintage: Text
    authority: Authority
    title: Text
    purpose: Text
    state: Literal["draft", "signed_off"]
    signed_off: SignOff | None = None
    commissioner: Text
    analyst: Text
    assurer: Text
    approver: Text
    supersedes: Text | None = None
    as_at: Day
    base_census: Annotated[int, Field(ge=2000, le=2100)]
    base_outturn: FinancialYear
    first_forecast_year: FinancialYear
    horizon_years: Annotated[int, Field(ge=1, le=30)]
    settlement_ends: FinancialYear
    review_by: Day
    hindsight: list[Hindsight] = []
    spend_method: SpendMethod = "held_unit_cost"
    files: dict[str, Text] = {}

    def faults(self) -> list[InitErrorDetails]:
        """What the settings say against each other."""
        found: list[InitErrorDetails] = []
        if self.schema_version != SCHEMA_VERSION:
            newer = self.schema_version > SCHEMA_VERSION
            do = "Install a newer hnforecast." if newer else "Bring the vintage up to date."
            expected = str(SCHEMA_VERSION)
            found.append(
                detail(
                    "HN162",
                    "another version of the file layout",
                    self.schema_version,
                    ("schema_version",),
                    expected,
                    do,
                )
            )
        if self.approver.casefold() == self.analyst.casefold():
            do = "Name another person as approver."
            found.append(detail("HN163", "the approver may not be the analyst", self.approver, ("approver",), do=do))
        if self.state == "signed_off" and self.signed_off is None:
            what = "signed off, but not by whom"
            do = "Add `signed_off: {by, role, on}`, or set `state: draft`."
            found.append(detail("HN163", what, "signed_off", ("state",), do=do))
        if self.signed_off is not None and self.signed_off.by.casefold() == self.analyst.casefold():
            what = "the analyst may not sign off their own work"
            found.append(detail("HN163", what, self.signed_off.by, ("signed_off", "by")))
        if self.first_forecast_year != self.base_outturn + 1:
            what = "the first forecast year must follow the base outturn year"
            expected = show_year(self.base_outturn + 1)
            said = show_year(self.first_forecast_year)
            found.append(detail("HN164", what, said, ("first_forecast_year",), expected))
        if self.base_census != self.base_outturn + 1:
            what = "the base census must be the January of the base outturn year"
            expected = str(self.base_outturn + 1)
            found.append(detail("HN164", what, self.base_census, ("base_census",), expected))
        if self.settlement_ends < self.base_outturn:
            what = "the settlement ends before the base outturn year"
            said = show_year(self.settlement_ends)
            found.append(detail("HN164", what, said, ("settlement_ends",)))
        return found

    def model_post_init(self, context: object) -> None:
        """Refuse a manifest that contradicts itself."""
        refuse_all("manifest", self.faults())
