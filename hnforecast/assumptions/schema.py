"""What each file of a vintage holds: one class a file, one attribute a setting, named as in the YAML.

Which unit, form and columns a parameter may have is in `shapes.py`; rules across settings and files are in
`rules_money.py`, `rules_places.py`, `rules_time.py` and `rules_measures.py`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic_core import InitErrorDetails

from hnforecast.assumptions.fields import Day, FinancialYear, MonthNumber, Number, Strict, Text, detail
from hnforecast.assumptions.sourced import Interval, Provenance, Sourced, interval_faults

Sourceds = dict[str, Sourced]


class PopulationFile(Strict):
    """population.yaml: residents by mid-year and single age."""

    children: Sourced


class NewPlans(Strict):
    """The rate of new plans by age, its growth, and where new plans are placed."""

    rate: Sourced
    growth: Sourced
    placement_share: Sourced


class Pipeline(Strict):
    """From request to plan: the rate is requests x agreed x issued, requests being implied."""

    agreed_share: Sourced
    issued_share: Sourced


class DemandFile(Strict):
    """demand.yaml."""

    new_plans: NewPlans
    pipeline: Pipeline


class Cease(Strict):
    """Annual hazard of ceasing by age and placement, and a factor by January count that multiplies all of it."""

    hazard: Sourced
    factor: Sourced | None = None


class Places(Strict):
    """Places the council commissions for its residents at a capped placement."""

    commissioned: Sourced


class MoversIn(Strict):
    """Plans that move in from other authorities: by age and resident, and where they are placed."""

    rate: Sourced
    placement_share: Sourced


class FlowsFile(Strict):
    """flows.yaml. `places` is in filling order; `spill` says where those not admitted go.

    `ages` says which age tables of new plans and of ceasing are by: that of the September before, or, where they were
    estimated from January to January, that of the January count that follows. `seating` says how places fill: by the
    fullest month of an even year, or in September.
    """

    ages: Literal["september", "next_count"] = "september"
    seating: Literal["even", "september"] = "even"
    opening_plans: Sourced
    cease: Cease
    moves: Sourced
    movers_in: MoversIn | None = None
    net_other: Sourced
    month_profile: Sourced
    places: dict[str, Places] = {}
    spill: dict[str, Sourceds] = {}


class PricesFile(Strict):
    """prices.yaml, by placement."""

    indices: Sourceds
    top_up: Sourceds
    line_share: dict[str, Sourceds]
    place: Sourceds = {}
    place_council_share: Sourceds = {}


class ServiceLine(Strict):
    """Spend that no plan drives."""

    s251_line: Text
    label: Text
    placement: Text = "services"
    kind: Literal["gross", "income"] = "gross"
    cost: Sourced


class CouncilLine(Strict):
    """A memo outside the dedicated schools grant: a unit cost for a share of plans, new plans or requests."""

    s251_line: Text
    label: Text
    per: Literal["plan", "new_plan", "request"]
    placements: list[Text] | None = None
    share: Sourced
    cost: Sourced


class ServicesFile(Strict):
    """services.yaml."""

    lines: dict[str, ServiceLine]
    council: dict[str, CouncilLine] = {}


class HighNeedsBlock(Strict):
    """The block before deductions: announced years, growth after them, and optionally its components."""

    allocation: Sourced
    growth: Sourced
    components: Sourced | None = None


class FollowedPlaces(Strict):
    """How deductions follow a placement: pounds a place, the share of places paid direct, and the base.

    `base` is the places, or the plan-years of a placement that commissions none, of the last known deduction.
    """

    rate: Sourced
    share: Sourced
    base: Sourced


class FundingFile(Strict):
    """funding.yaml. `deductions_follow` says at which placements a further place is taken off the block."""

    high_needs_block: HighNeedsBlock
    import_export: Sourced
    deductions: Sourced
    deductions_growth: Sourced
    deductions_follow: dict[str, FollowedPlaces] = {}
    block_transfer: Sourced | None = None
    other: Sourced | None = None


class Agreement(Strict):
    """The profile agreed with the DfE; years that are not public are left out."""

    gross_closing: Sourced | None = None
    in_year: Sourced | None = None


class Instrument(Strict):
    """One support instrument: payments by year, or a share of the deficit at a date paid in a year."""

    kind: Literal["safety_valve", "council_contribution", "stability_grant", "write_off"]
    label: Text
    payments: Sourced | None = None
    share: Sourced | None = None
    balance_at: MonthNumber | None = None
    paid_in: FinancialYear | None = None


class OverrideEnds(Provenance):
    """The day the statutory override ends."""

    on: Day


class SupportFile(Strict):
    """support.yaml."""

    balance: Sourced
    agreement: Agreement = Agreement()
    instruments: dict[str, Instrument] = {}
    override_ends: OverrideEnds | None = None


class Driver(Provenance):
    """An uncertain factor or shift on something no single value stands for: a table, or the structure of the model."""

    acts_on: Text
    kind: Literal["factor", "shift"]
    distribution: Literal["normal", "lognormal"]
    interval: Interval

    def faults(self) -> list[InitErrorDetails]:
        """The interval must run upwards, and a factor stay above nil and around 1."""
        found = super().faults() + interval_faults(self.interval)
        low, high = self.interval.low, self.interval.high
        centre = 1 if self.kind == "factor" else 0
        if not low <= centre <= high:
            what = f"a {self.kind} lies around {centre}"
            found.append(detail("HN119", what, f"{low:g} to {high:g}", ("interval",), f"low <= {centre} <= high"))
        elif self.distribution == "lognormal" and (self.kind == "shift" or low <= 0):
            what = "a lognormal distribution is of a factor above nil"
            found.append(
                detail("HN119", what, f"{self.kind}, low {low:g}", ("interval",), do="Use normal, or raise `low`.")
            )
        return found


class Correlation(Strict):
    """How two drivers move together."""

    between: Annotated[list[Text], Field(min_length=2, max_length=2)]
    value: Number
    source: Text
    status: Literal["outturn", "published", "judgement", "expected"]
    owner: Text | None = None
    review_by: Day | None = None


class UncertaintyFile(Strict):
    """uncertainty.yaml: drivers, how they correlate, and the append-only ledger from path to column of the draws."""

    drivers: dict[str, Driver] = {}
    correlations: list[Correlation] = []
    columns: dict[str, Annotated[int, Field(ge=0, le=63)]] = {}


FILES: dict[str, type[Strict]] = {
    "population": PopulationFile,
    "demand": DemandFile,
    "flows": FlowsFile,
    "prices": PricesFile,
    "services": ServicesFile,
    "funding": FundingFile,
    "support": SupportFile,
    "uncertainty": UncertaintyFile,
}
