"""What each stage hands to the next: frozen records of arrays in the one axis order.

d draws, t months, f financial years, y academic years, c January counts, a ages, n needs, p placements,
r spend rows, s funding streams, i support instruments, m measures, k capped placements.
Money is in cash pounds; a negative position is a deficit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray


@dataclass(frozen=True)
class Clock:
    """The run's months and years.

    Args:
        months: simulated months, February after the first January count to the last August.
        academic_years: first calendar years of the academic years touched, in order; the first is entered in February.
        censuses: January counts on the axis; the first is the opening count, before the first month.
        financial_years: whole financial years reported, the base outturn year first.
        first_forecast: first calendar year of the first forecast financial year.
    """

    months: tuple[int, ...]
    academic_years: tuple[int, ...]
    censuses: tuple[int, ...]
    financial_years: tuple[int, ...]
    first_forecast: int

    def at(self, financial_year: int) -> int:
        """Where a financial year stands on the axis of years."""
        return self.financial_years.index(financial_year)

    @property
    def first_ahead(self) -> int:
        """Where the first forecast year stands; before it stand years that are over."""
        return self.at(self.first_forecast)

    @property
    def ahead(self) -> tuple[int, ...]:
        """The forecast financial years."""
        return self.financial_years[self.first_ahead :]


@dataclass(frozen=True)
class Population:
    """Children and young people: children (d, y, a), residents at 1 September, persons."""

    children: FloatArray


@dataclass(frozen=True)
class FlowRates:
    """Everything the cohort flow needs besides opening plans and children.

    Args:
        new_rate: (d, y, 2, a) new plans a year per resident without a plan at the September opening; the two
            windows are September to January and February to August.
        new_share: (y, a, n, p), sums to 1 over needs and placements at each age.
        share_shift: (m, y, a, n, p), added to new_share per unit of weight; sums to 0 at each age.
        cease: (y, a, n, p) annual hazard, transfers to other authorities excluded; n may be 1.
        cease_factor: (d, y, a), or (d, y, a, p) where it differs by placement, multiplies the hazard; the product is
            capped at 1.
        move: (y, a, p, p), rows sum to 1: the September move after ageing to a.
        move_shift: (m, y, a, p, p), rows sum to 0, added to move per unit of weight.
        weight: (d, m, y) how far each measure's shift has been delivered, 0..1.
        other: (d, y, a) net other as a share of the September opening stock a year, either sign.
        arrival_rate: (d, y, a) plans a year that move in from other authorities, per resident; part of net other.
        arrival_share: (a, n, p) where they are placed, sums to 1 over needs and placements or is nil.
        new_profile, cease_profile, other_profile: (12,) share of the year in each month, September first; sum 1.
        capped: positions on the placement axis of the capped placements, in the order they are filled.
        places: (d, y, k) commissioned places for residents.
        spill: (k, p) shares in which those not admitted are placed elsewhere; rows sum to 1.
        new_by_count, cease_by_count: whether shares of new plans, and hazards and their factor, are by age at the
            January count that follows; then February to August read them a year older.
        seated: whether places fill in September, those who move in first and the year's new plans into what is left.
    """

    new_rate: FloatArray
    new_share: FloatArray
    share_shift: FloatArray
    cease: FloatArray
    cease_factor: FloatArray
    move: FloatArray
    move_shift: FloatArray
    weight: FloatArray
    other: FloatArray
    arrival_rate: FloatArray
    arrival_share: FloatArray
    new_profile: FloatArray
    cease_profile: FloatArray
    other_profile: FloatArray
    capped: tuple[int, ...]
    places: FloatArray
    spill: FloatArray
    new_by_count: bool = False
    cease_by_count: bool = False
    seated: bool = False

    def hazard(self, y: int, window: int) -> FloatArray:
        """(a, p) annual hazard of the first draw and need in a window of an academic year, by age on 31 August."""
        factor = self.cease_factor[0, y].reshape(self.cease.shape[1], -1)
        hazard: FloatArray = np.minimum(1.0, self.cease[y, :, 0] * factor)
        return year_older(hazard) if self.cease_by_count and window else hazard

    def placed(self, y: int, window: int) -> FloatArray:
        """(a, p) where new plans of the first draw and need go in a window, measures included, by age on 31 August."""
        shift = np.einsum("m,map->ap", self.weight[0, :, y], self.share_shift[:, y, :, 0])
        share: FloatArray = self.new_share[y, :, 0] + shift
        return year_older(share) if self.new_by_count and window else share


def year_older(by_age: FloatArray) -> FloatArray:
    """What each age reads a year on, (age, ...): the oldest age stands for itself."""
    return np.concatenate([by_age[1:], by_age[-1:]])


@dataclass(frozen=True)
class Plans:
    """Open plans and their flows.

    Args:
        open: (d, t, p) plans open at each month's end.
        plan_months: (d, t, p) mean of each month's opening and end: what money follows.
        new, ceased, net_other: (d, t, p) flows in the month.
        moved: (d, t, p) net moves between placements in a September, zero in other months; sums to 0.
        aged_out: (d, t, p) plans reaching 26, in Septembers.
        january: (d, c, a, p) the January counts, summed over needs.
        by_age: name -> (d, t, a, n, p) of open, new, ceased, net_other for a detailed run; empty otherwise.
        spilled: (d, y, k) plans refused a capped placement for want of places, by academic year.
        unfilled: (d, y, k) commissioned places above the fullest month; negative where those in place exceed them.
    """

    open: FloatArray
    plan_months: FloatArray
    new: FloatArray
    ceased: FloatArray
    net_other: FloatArray
    moved: FloatArray
    aged_out: FloatArray
    january: FloatArray
    by_age: dict[str, FloatArray]
    spilled: FloatArray
    unfilled: FloatArray


@dataclass(frozen=True)
class Prices:
    """Cash prices in each month, pounds a year.

    Args:
        per_plan: (d, t, p) top-up or fee per plan and year.
        per_place: (d, t, p) per commissioned place and year.
    """

    per_plan: FloatArray
    per_place: FloatArray


@dataclass(frozen=True)
class SpendRow:
    """One row of spend: an s251 line, the placement that drives it, and whether it is gross, income or recoupment.

    placement is "services" where no plan drives the line; income rows hold negative money; recoupment rows are places
    the DfE pays direct out of the block before the council receives it. account is "dsg" or "council".
    """

    s251_line: str
    placement: str
    kind: str
    account: str = "dsg"
    label: str = ""

    @property
    def in_account(self) -> bool:
        """Whether the council pays it from the grant.

        Places the Department pays direct are taken off funding as deductions, so counting them as spend would count
        them twice; the council's own budget (transport, casework) is never charged to the grant.
        """
        return self.account == "dsg" and self.kind != "recoupment"


@dataclass(frozen=True)
class Spend:
    """Spend by row, in pounds; income negative.

    Args:
        rows: (r) what each row is.
        monthly: (d, t, r); by_quarter: (d, f, 4, r). Both hold no time in a lean run.
        by_year: (d, f, r).
    """

    rows: tuple[SpendRow, ...]
    monthly: FloatArray
    by_quarter: FloatArray
    by_year: FloatArray

    @property
    def grant_rows(self) -> list[int]:
        """Rows charged to the dedicated schools grant, places paid direct among them."""
        return [r for r, row in enumerate(self.rows) if row.account == "dsg"]

    @property
    def account_rows(self) -> list[int]:
        """Rows of the high needs account: what the council itself pays from the grant."""
        return [r for r, row in enumerate(self.rows) if row.in_account]

    @property
    def in_account(self) -> FloatArray:
        """(d, f) spend of the high needs account, income off."""
        paid: FloatArray = self.by_year[:, :, self.account_rows].sum(axis=2)
        return paid


@dataclass(frozen=True)
class Funding:
    """Funding by stream: streams (s), by_year (d, f, s) pounds; deductions negative."""

    streams: tuple[str, ...]
    by_year: FloatArray

    @property
    def received(self) -> FloatArray:
        """(d, f) every stream together."""
        total: FloatArray = self.by_year.sum(axis=2)
        return total

    def less(self, spend: Spend) -> FloatArray:
        """(d, f) the in-year position: what is received less what the council pays from it."""
        return self.received - spend.in_account


@dataclass(frozen=True)
class DsgAccount:
    """The high needs account, years as in Clock.financial_years.

    Args:
        instruments: names of the support instruments, in order.
        opening, in_year, other_movement, closing, gross_closing: (d, f) signed pounds. closing = opening + in_year +
            sum(support) + other_movement; gross_closing is the balance without any contribution ever paid.
        support: (d, f, i) pounds received.
        agreed_gross_closing, agreed_in_year: (f,) signed pounds, NaN where no profile is known.
        met: (d, f) 1 where gross_closing is at or better than the agreed profile, NaN where there is none.
    """

    instruments: tuple[str, ...]
    opening: FloatArray
    in_year: FloatArray
    support: FloatArray
    other_movement: FloatArray
    closing: FloatArray
    gross_closing: FloatArray
    agreed_gross_closing: FloatArray
    agreed_in_year: FloatArray
    met: FloatArray
