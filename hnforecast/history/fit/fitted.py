"""demand.yaml and flows.yaml of a draft: fitted tables with their provenance, pipeline shares with intervals."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from hnforecast.assumptions import Vintage
from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.codes import Codes
from hnforecast.history.fit.proposal import Proposal
from hnforecast.history.fit.rates import Rates
from hnforecast.history.fit.uncertain import LEVEL

Content = dict[str, Any]
RESIDENTS = "Mid-year estimate, moved as England's age groups are projected."


@dataclass(frozen=True)
class DemandPath:
    """The demand path of a draft.

    Args:
        targets: January count -> plans of the pooled forecast.
        before: January count -> plans of the cohort flow with new-plan rates held at their level.
        growth: January count -> growth of new-plan rates that makes the flow follow the targets.
        rate_factor: what rates are multiplied by first, where one year would need more growth than a vintage holds.
        growth_sd: spread of yearly growth, from the pooled forecast of new plans; None where it cannot be told.
    """

    targets: Mapping[int, float]
    before: Mapping[int, float]
    growth: Mapping[int, float]
    growth_sd: float | None
    rate_factor: float = 1.0


@dataclass(frozen=True)
class Census:
    """Dates and provenance that every fitted value shares."""

    day: date
    published: date
    source: str

    @classmethod
    def of(cls, proposal: Proposal, old: Vintage, today: date) -> Census:
        """Dates of a January count: its third Thursday, and its publication where the vintage has it."""
        same = old.manifest.base_census == proposal.census
        return cls.of_count(proposal, today, old.flows.opening_plans.published_on if same else None)

    @classmethod
    def of_count(cls, proposal: Proposal, today: date, published: date | None = None) -> Census:
        """The same without a vintage to start from: published at the end of June where no day is given."""
        year = proposal.census
        first = date(year, 1, 1)
        day = first + timedelta(days=(3 - first.weekday()) % 7 + 14)  # the third Thursday
        source = (
            f"DfE, Education, health and care plans (SEN2, January {year}), panel folder {proposal.panel.name}, "
            f"authority {proposal.authority}"
        )
        return cls(day, min(published or date(year, 6, 30), today), source)

    def leaf(self, table: str, unit: str, start: str, why: str, **more: Any) -> Content:
        """A fitted parameter with its table."""
        return {
            "file": f"rates/{table}.csv", "unit": unit, "from": start, "source": f"{why} {self.source}",
            "published_on": self.published, "as_at": self.day, "status": "outturn", "mark": "inferred",
            "note": "Fitted by hnforecast; see docs/fitting.md.", **more,
        }  # fmt: skip


def demand_content(old: Content, proposal: Proposal, path: DemandPath, census: Census) -> Content:
    """demand.yaml: rate and placements fitted, growth as scaled, pipeline shares where a return was made."""
    start = f"{proposal.census - 1}-02"
    year = proposal.census - 1
    targets = f"January {min(path.targets)} to {max(path.targets)}" if path.targets else "no year"
    growth = {str(key): round(value, 9) for key, value in path.growth.items()} or {str(proposal.census + 1): 0.0}
    pipeline: Content = deepcopy(old["pipeline"])
    for name, step in proposal.pipeline.items():
        low, high = step.interval(LEVEL)
        pipeline[name] = {
            "value": round(step.value, 6), "unit": "share", "from": f"{year}-01",
            "source": f"{step.passed:,.0f} of {step.asked:,.0f} in {year}, and England's {step.national:.1%} at weight "
                      f"{step.weight:.0f}. {census.source}",
            "published_on": census.published, "as_at": date(year, 12, 31), "status": "outturn", "mark": "inferred",
            "interval": {"low": round(low, 6), "high": round(high, 6), "level": LEVEL},
        }  # fmt: skip
    return {
        "new_plans": {
            "rate": census.leaf("new_plan_rate", "per_1000_children_year", start,
                                f"New plans of {year} by age, shrunk towards England's profile by 200 plans' worth."),
            "growth": {
                "by": growth, "unit": "share_per_year", "from": f"{proposal.census}-02",
                "source": f"Solved so that plans follow the pooled forecast across authorities, {targets}",
                "published_on": census.published, "as_at": census.day, "status": "expected", "mark": "inferred",
                "calibrated_to": f"the pooled forecast of total plans, {targets}",
                "note": "Level after the last year: nothing is tested beyond five years. See CHANGES.md.",
            },
            "placement_share": census.leaf("placement_share", "share", start,
                                           f"New plans of {year} by age and placement, shrunk towards England's."),
        },
        "pipeline": pipeline,
    }  # fmt: skip


def flows_content(old: Content, proposal: Proposal, census: Census, other: bool) -> Content:
    """flows.yaml: rates fitted; month profile, places and spill carried, or places refitted for another authority."""
    start, rates = f"{proposal.census - 1}-02", proposal.rates
    young, older = rates.exit_factor
    counted = proposal.errors.moves_counted
    flows: Content = {
        "ages": "next_count",
        "opening_plans": census.leaf("opening_plans", "plans", f"{proposal.census - 1}-01",
                                     "Plans by age and placement at two January counts.",
                                     mark="inferred" if rates.inferred else "confirmed"),
        "cease": {"hazard": census.leaf("cease_hazard", "share_per_year", start,
                                        f"England's exits by age and placement, times {young:.2f} at 16 to 19 and "
                                        f"{older:.2f} from 20.")},
        "moves": census.leaf("moves", "share", f"{proposal.census - 1}-09",
                             "Counted in two of the council's own returns." if counted else
                             "Nearest to a stay-biased prior between two counts.",
                             quality="green" if counted else "red"),
        "net_other": census.leaf("net_other", "share_per_year", start,
                                 "Plans transferred to other authorities, at England's ages."),
    }  # fmt: skip
    if rates.movers_in.any():
        flows["movers_in"] = {
            "rate": census.leaf("movers_in", "per_1000_children_year", start,
                                "As many as move out, and the residual of the stock-flow identity, own and England's."),
            "placement_share": census.leaf("movers_share", "share", start, "Where plans of their age stand."),
        }  # fmt: skip
    flows.update({key: old[key] for key in ("month_profile", "places", "spill") if key in old})
    if other:
        _refit_places(flows.get("places") or {}, proposal)
    return flows


def _refit_places(places: Content, proposal: Proposal) -> None:
    """Another authority's places say nothing of this one's: the stock of the two counts, and nothing more is opened."""
    order = list(proposal.placements)
    for name, held in places.items():
        leaf = held["commissioned"]
        stock = [proposal.rates.opening[proposal.census - back][:, order.index(name)].sum() * 1.01 for back in (1, 0)]
        leaf["by"] = {f"{proposal.census - 2 + step}-09": round(float(count)) for step, count in enumerate(stock)}
        leaf["from"] = f"{proposal.census - 2}-09"
        leaf["source"] = (
            "Base stock and 1% more for those who join before August; places commissioned are not published"
        )
        leaf["mark"] = "unverified"


# Fitted rates as the text of the tables a vintage's YAML declares.

SMALLEST = 5e-7  # shares below this are not written


def rate_tables(rates: Rates, codes: Codes, children: pd.DataFrame) -> dict[str, str]:
    """File name -> CSV text, in the columns of the assumption files.

    Args:
        rates: fitted rates.
        children: columns year, age, value: persons at mid-year.
    """
    places = codes.placements
    opening = [
        (year, age, place, _show(table[age, p], 9))
        for year, table in sorted(rates.opening.items())
        for age in range(AGES)
        for p, place in enumerate(places)
        if table[age, p] > 0
    ]
    share = _unit_rows(rates.share)
    moves = [
        (age, origin, to, _show(row, 9))
        for age in range(AGES)
        for o, origin in enumerate(places)
        if abs(rates.moves[age, o, o] - 1.0) > SMALLEST
        for to, row in zip(places, _unit_rows(rates.moves[age])[o], strict=True)
        if row > 0
    ]
    return {
        "opening_plans.csv": _csv(("census_year", "age", "placement", "value"), opening),
        "new_plan_rate.csv": _csv(("age", "value"), [(a, _show(v, 6)) for a, v in enumerate(rates.new)]),
        "placement_share.csv": _csv(("age", "placement", "value"), _by_age_placement(share, places)),
        "cease_hazard.csv": _csv(
            ("age", "placement", "value"), _by_age_placement(rates.hazard, places, all_cells=True)
        ),
        "moves.csv": _csv(("age", "from_placement", "to_placement", "value"), moves),
        "movers_in.csv": _csv(("age", "value"), [(a, _show(v, 6)) for a, v in enumerate(rates.movers_in)]),
        "movers_share.csv": _csv(
            ("age", "placement", "value"), _by_age_placement(_unit_rows(rates.movers_share), places)
        ),
        "net_other.csv": _csv(("age", "value"), [(a, _show(v, 9)) for a, v in enumerate(rates.net_other)]),
        "month_profile.csv": _csv(
            ("flow", "month", "value"),
            [
                (flow, month, _show(1.0 / 12.0, 12))
                for flow in ("new_plans", "ceased", "net_other")
                for month in range(1, 13)
            ],
        ),
        "children.csv": children_text(children),
    }


def children_text(children: pd.DataFrame) -> str:
    """Residents as the table of population.yaml. Columns year, age, value."""
    rows: list[tuple[object, ...]] = [
        (int(year), int(age), _show(float(value), 2))
        for year, age, value in zip(children["year"], children["age"], children["value"], strict=True)
    ]
    return _csv(("year", "age", "value"), rows)


def _by_age_placement(table: FloatArray, places: tuple[str, ...], all_cells: bool = False) -> list[tuple[object, ...]]:
    return [
        (age, place, _show(table[age, p], 9))
        for age in range(AGES)
        for p, place in enumerate(places)
        if all_cells or table[age, p] > SMALLEST
    ]


def _unit_rows(table: FloatArray) -> FloatArray:
    """Rows rounded to nine decimals, the largest share taking what rounding leaves, so that each still sums to one."""
    kept = np.where(table > SMALLEST, table, 0.0)
    total = kept.sum(axis=-1, keepdims=True)
    rounded = np.round(np.divide(kept, total, out=np.zeros_like(kept), where=total > 0), 9)
    for row in rounded:
        if row.sum() > 0:
            row[np.argmax(row)] += 1.0 - row.sum()
    unit: FloatArray = rounded
    return unit


def _show(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return text if text not in ("", "-0") else "0"


def _csv(header: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> str:
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return page.getvalue()
