"""A draft vintage for a council without one: rates fitted, money from published figures, the rest judged and marked."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from hnforecast.assumptions import Vintage, load_vintage
from hnforecast.base.codes import Codes, load_codes
from hnforecast.base.errors import InputError, Problem
from hnforecast.base.shipped import shipped_folder
from hnforecast.base.timeline import parse_year, show_year
from hnforecast.base.yaml import dump_yaml
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.method import central_result
from hnforecast.engine.published import lines_total
from hnforecast.engine.scenarios import resolve_scenario
from hnforecast.history.fit import Proposal, Settled, propose, settle_demand
from hnforecast.history.fit.fitted import Census, DemandPath
from hnforecast.history.new import costs as costs_of
from hnforecast.history.new import grants, rates
from hnforecast.history.new.authority import Authority
from hnforecast.history.new.leaves import Content, Writer, read_starter
from hnforecast.history.new.published import DETAIL_YEAR, Cut, Money, read_money
from hnforecast.history.new.rates import follow_plans, pooled_targets
from hnforecast.inputs import Panel
from hnforecast.inputs.cut import cut_council

HORIZON = 10
PLACE_LINE = "1.0.2"
HEADS = {
    "manifest": "Who stands behind this vintage, as at when. A draft: nobody has signed it off.",
    "population": "Children and young people by single age at mid-year.",
    "demand": "New EHC plans: how many, at which ages, and where they are placed.",
    "flows": "How plans move, cease and are placed, and the places the council commissions.",
    "prices": "Prices per plan and per place, and what moves them. Cash.",
    "services": "Spend that no plan drives.",
    "funding": "The high needs block and what is added to or taken from it.",
    "support": "Balances and the money that comes with an agreement, of which none is known here.",
    "uncertainty": "How far the drivers may lie from their central values. Drawn once per draw and held over years.",
}


@dataclass(frozen=True)
class Against:
    """Spend on lines 1.2 of the base outturn year against what was published.

    Args:
        year: first calendar year.
        published: pounds; None where the authority made no return.
        engine: pounds as the draft makes them.
        at_deflator: pounds as the draft would make them at unit costs of 2021-22 moved by the GDP deflator alone.
        factor: multiplier from unit costs of 2021-22 to those of the draft; deflator: the same of general prices.
    """

    year: int
    published: float | None
    engine: float
    at_deflator: float
    factor: float
    deflator: float

    @property
    def gap(self) -> float | None:
        """Engine over published, less one."""
        return self.engine / self.published - 1.0 if self.published else None


@dataclass(frozen=True)
class Known:
    """What a draft may know where it is made as if at an earlier January count.

    Args:
        census: the count.
        frames: panel files by name, as they were known then; the GDP deflator as it was expected then.
        block_growth: financial year -> growth of the block expected after its last allocation, a share.
    """

    census: int
    frames: Mapping[str, pd.DataFrame]
    block_growth: Mapping[int, float]


@dataclass(frozen=True)
class CouncilDraft:
    """A draft and all that must be said of it.

    Args:
        authority, name: whose, and the name of the vintage.
        texts: file relative to the vintage's folder -> text; scenarios: text of scenarios.yaml.
        proposal, settled: rates and how demand was scaled.
        money, costs, carried: what was published, the unit costs from it, and the balance carried forward.
        against: spend of the base outturn year against the published.
        in_year: position of the base outturn year as the draft makes it, pounds.
        cut: the council's own files, by name; children: residents used.
    """

    authority: Authority
    name: str
    texts: Mapping[str, str]
    scenarios: str
    proposal: Proposal
    settled: Settled
    money: Money
    costs: costs_of.Costs
    carried: grants.Carried
    against: Against
    in_year: float
    cut: Cut

    @property
    def balance(self) -> float:
        """Estimated balance at the end of the base outturn year, negative a deficit."""
        return self.carried.start + self.in_year


def draft_council(panel: Panel, authority: Authority, today: date, known: Known | None = None) -> CouncilDraft:
    """Draft a vintage; nothing is written.

    Args:
        panel: the national pack.
        authority: of it.
        today: the day of the draft, which names it.
        known: what it may use, if not all there is.

    Raises:
        InputError: its history is too thin to fit, and why.
        AssumptionError: the draft would not be sound, and why.
    """
    if authority.code not in set(panel["ehcp_by_la"]["old_la_code"]):
        what = f"The national pack has no January counts of {authority.name}, so nothing can be drafted"
        do = "Choose another; `hnforecast new --list` marks those without."
        raise InputError(Problem("HN376", what, found=authority.code, do=do))
    folder = shipped_folder("codes")
    codes = load_codes(folder)
    frames, census = (panel.frames, None) if known is None else (known.frames, known.census)
    cut = cut_council(frames, authority.code, codes)
    proposal = propose(panel.folder, authority.code, census, codes, panel=panel)
    with (folder / "s251_groups.csv").open(encoding="utf-8", newline="") as file:
        sectors = costs_of.read_sectors(list(csv.DictReader(file)))
    return _Drafting(panel, frames, authority, today, codes, cut, proposal, sectors, known).draft()


class _Drafting:
    """One draft being made: contents that do not change, and the two figures that are solved for."""

    def __init__(
        self, panel: Panel, frames: Mapping[str, pd.DataFrame], authority: Authority, today: date, codes: Codes,
        cut: Cut, proposal: Proposal, sectors: tuple[costs_of.Sector, ...], known: Known | None,
    ) -> None:  # fmt: skip
        self.panel, self.authority, self.codes, self.cut, self.proposal = panel, authority, codes, cut, proposal
        self.name = f"{today:%Y-%m}"
        self.write = Writer(today, proposal.census - 1)
        self.starter = read_starter("starter")
        if known is not None:
            expected = {show_year(year): growth for year, growth in known.block_growth.items()}
            self.starter["block_growth"] = {**self.starter["block_growth"], "by": expected}
        self.uncertainty = self.write.own(read_starter("uncertainty"))
        self.money = read_money(frames, cut, authority.code, codes)
        self.plans_now = float(proposal.rates.opening[proposal.census].sum())
        self.costs = costs_of.unit_costs(self.money, sectors, self.starter, self.plans_now)
        self.deflator = _growth_of_prices(frames["price_indices"])
        self.factor = self.moved = self._moved()
        self.carried = grants.carry_balance(self.money, self.starter, self._place_funding(), self.write.year)
        self.at_deflator = self.in_year = 0.0
        self.calibrated = False
        self.scenarios = "# Scenarios are lists of measures and instruments.\n\n" + dump_yaml(self.starter["scenarios"])
        self.stage = Path()

    def draft(self) -> CouncilDraft:
        """Build, calibrate, scale, and check against the published year."""
        with tempfile.TemporaryDirectory(prefix="hnforecast-") as stage:
            self.stage = Path(stage)
            targets = pooled_targets(self.panel.folder, self.proposal)
            settled = settle_demand(self._texts, self._build, self.proposal.census, targets, follow_plans)
            texts, _ = self._texts(settled.path)
            engine, _, _ = self._base_year(settled.vintage)
        against = Against(
            self.write.year, self.money.spend.get(self.write.year), engine, self.at_deflator, self.factor, self.moved
        )
        return CouncilDraft(
            self.authority, self.name, texts, self.scenarios, self.proposal, settled, self.money, self.costs,
            self.carried, against, self.in_year, self.cut,
        )  # fmt: skip

    def _moved(self) -> float:
        """General prices from the year published by sector to the base outturn year."""
        moved = 1.0
        for year in range(DETAIL_YEAR + 1, self.write.year + 1):
            moved *= 1.0 + self.deflator[year]
        return moved

    def _place_funding(self) -> float:
        """Pounds a year paid for places in the year published by sector; in proportion to plans where England's."""
        lines = self.money.own or self.money.england
        scale = 1.0 if self.money.own is not None else self.plans_now / lines.total_plans
        return scale * sum(gbp for (group, _), gbp in lines.gbp.items() if group == costs_of.PLACE_GROUP)

    def _texts(self, path: DemandPath) -> tuple[dict[str, str], tuple[str, ...]]:
        proposal, write = self.proposal, self.write
        census = Census.of_count(proposal, write.today)
        published = self.money.spend.get(write.year)
        total = f"s251 outturn {show_year(write.year)}, lines 1.2 ({published / 1e6:,.1f}m)" if published else ""
        capped = rates.capped_placements(proposal, self.starter)
        prices = costs_of.prices_content(self.costs, self.money, self.starter, write, self.factor, capped, total)
        prices["indices"] = costs_of.indices_content(self.deflator, self.starter, write)
        content: dict[str, Content] = {
            "manifest": self._manifest(),
            **rates.rate_contents(proposal, path, census, self.starter, write, self.cut),
            "prices": prices,
            "services": costs_of.services_content(self.costs, self.starter, write, self.factor),
            "funding": grants.funding_content(self.money, self.starter, write),
            "support": grants.support_content(self.carried, self.starter, write, self.in_year),
        }
        content["uncertainty"], changed = rates.uncertainty_content(
            self.uncertainty, proposal, path, census, [unit.placement for unit in self.costs.units]
        )
        texts = {f"{stem}.yaml": f"# {HEADS[stem]}\n\n{dump_yaml(part)}" for stem, part in content.items()}
        texts |= rates.rate_texts(proposal, path, self.codes)
        return texts, (*proposal.notes, *changed)

    def _build(self, texts: Mapping[str, str]) -> Vintage:
        """Write the vintage where nobody sees it and load it; the first time, calibrate to the published year."""
        for relative, text in {f"{self.name}/{name}": text for name, text in texts.items()}.items():
            file = self.stage / "assumptions" / relative
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        (self.stage / "assumptions" / "scenarios.yaml").write_text(self.scenarios, encoding="utf-8", newline="\n")
        vintage = load_vintage(self.stage, self.name, codes=self.codes, today=self.write.today)
        if not self.calibrated:
            self._calibrate(vintage)
        return vintage

    def _calibrate(self, vintage: Vintage) -> None:
        """Every price and service of lines 1.2 moves by one factor, so that they come to the published total."""
        ours, in_year, _ = self._base_year(vintage)
        self.at_deflator, self.calibrated = ours, True
        published = self.money.spend.get(self.write.year, ours)
        self.factor *= published / ours
        self.in_year = in_year - (published - ours)

    def _base_year(self, vintage: Vintage) -> tuple[float, float, float]:
        """Lines 1.2, in-year position and place funding of the base outturn year, central, pounds."""
        result = central_result(resolve_scenario(vintage, next(iter(vintage.scenarios))), 1, Drawn(), {}, {})
        f = result.clock.at(self.write.year)
        places = [r for r in result.spend.grant_rows if result.spend.rows[r].s251_line == PLACE_LINE]
        placed = float(result.spend.by_year[0, f, places].sum())
        return lines_total(result.spend, f), float(result.account.in_year[0, f]), placed

    def _manifest(self) -> Content:
        proposal, base = self.proposal, self.write.year
        return {
            "schema_version": 1,
            "vintage": self.name,
            "authority": {
                "name": self.authority.name, "old_la_code": self.authority.code, "gss_code": self.authority.gss_code,
            },
            "title": f"{self.authority.name} high needs, drafted from published data to January {proposal.census}",
            "purpose": "A draft to read, change and sign off: nothing in it has been seen by the council.",
            "state": "draft",
            "commissioner": "To be named: Section 151 officer",
            "analyst": "To be named: who checks and changes this draft",
            "assurer": "To be named: who reviews it",
            "approver": "To be named: who signs it off",
            "as_at": self.write.today,
            "base_census": proposal.census,
            "base_outturn": show_year(base),
            "first_forecast_year": show_year(base + 1),
            "horizon_years": HORIZON,
            "settlement_ends": show_year(base),
            "review_by": self.write.review,
            "hindsight": [],
            "spend_method": "prices_and_momentum",
        }  # fmt: skip


def _growth_of_prices(frame: pd.DataFrame) -> dict[int, float]:
    """Financial year -> growth of the GDP deflator, a share."""
    rows: list[dict[Any, Any]] = frame.dropna(subset=["gdp_deflator_growth_pct"]).to_dict("records")
    return {parse_year(str(row["financial_year"])): float(row["gdp_deflator_growth_pct"]) / 100.0 for row in rows}
