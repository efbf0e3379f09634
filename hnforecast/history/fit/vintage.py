"""A draft vintage as text: demand and flows refitted, everything else taken from the vintage it is drafted from."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from hnforecast.assumptions import Vintage
from hnforecast.base.axes import AGES
from hnforecast.base.timeline import month, show_month, show_year
from hnforecast.base.yaml import dump_yaml
from hnforecast.history.fit.fitted import (
    RESIDENTS,
    Census,
    DemandPath,
    children_text,
    demand_content,
    flows_content,
    rate_tables,
)
from hnforecast.history.fit.proposal import Proposal
from hnforecast.history.fit.report import changes_page
from hnforecast.history.fit.uncertain import Spreads, fill_uncertainty

FITTED = ("opening_plans", "new_plan_rate", "placement_share", "cease_hazard", "moves", "net_other")
MOVERS = ("movers_in", "movers_share")
MONEY = ("prices", "services", "funding", "support")
HEADS = {
    "manifest": "Who stands behind this vintage, as at when. A draft: nobody has signed it off.",
    "population": "Children and young people by single age at mid-year.",
    "demand": "New EHC plans: how many, at which ages, and where they are placed. Written by hnforecast fit.",
    "flows": "How plans move, cease and are placed. Rates written by hnforecast fit; places and spill carried.",
    "uncertainty": "How far the drivers may lie from their central values; standard errors written by hnforecast fit.",
    "prices": "Carried, and to be replaced: prices of another authority.",
    "services": "Carried, and to be replaced: services of another authority.",
    "funding": "Carried, and to be replaced: funding of another authority.",
    "support": "Balances, the agreement and the money that comes with it.",
}
Content = dict[str, Any]


@dataclass(frozen=True)
class Carried:
    """The vintage a draft is made from, and the day it is made."""

    vintage: Vintage
    today: date

    def other(self, proposal: Proposal) -> bool:
        """Whether it is another authority's."""
        return self.vintage.manifest.authority.old_la_code != proposal.authority


def draft_texts(
    proposal: Proposal, carried: Carried, name: str, path: DemandPath
) -> tuple[dict[str, str], tuple[str, ...]]:
    """File name relative to assumptions/NAME -> text, measures included; and what a reader must know.

    Args:
        proposal: fitted rates.
        carried: what the rest is taken from.
        name: of the draft.
        path: demand, scaled or not yet.
    """
    old, other = carried.vintage, carried.other(proposal)
    census = Census.of(proposal, old, carried.today)
    content = {stem: deepcopy(dict(part.content)) for stem, part in old.text.parts.items() if stem != "scenarios"}
    content["manifest"] = _manifest(content["manifest"], proposal, carried, name, census)
    content["demand"] = demand_content(content["demand"], proposal, path, census)
    content["flows"] = flows_content(content["flows"], proposal, census, other)
    if proposal.children is not None:
        content["population"] = {"children": census.leaf("children", "persons", f"{proposal.census - 2}-09", RESIDENTS)}
    content["uncertainty"], spread = fill_uncertainty(
        content["uncertainty"], proposal, Spreads(path.growth_sd), census.source, census.published, census.day
    )
    notes = list(proposal.notes)
    notes += _fill_balance(content["support"], proposal.census)
    if path.rate_factor != 1.0:
        notes.append(
            f"New-plan rates are multiplied by {path.rate_factor:.2f}: new plans as counted do not explain the stock."
        )
    if other:
        was = old.manifest.authority.name
        for stem in MONEY:
            _mark_carried(content[stem], f"Carried from vintage {old.name} of {was}: replace it.")
        notes.append(f"Prices, services, funding, support and measures are those of {was}, to be replaced.")
    texts = {
        f"{stem}.yaml": f"# {HEADS[stem]}\n\n{dump_yaml(part)}"
        for stem, part in content.items()
        if stem in HEADS and part != dict(old.text.parts[stem].content)
    }
    scaled = replace(proposal.rates, new=proposal.rates.new * path.rate_factor)
    tables = rate_tables(scaled, old.codes, pd.DataFrame(columns=["year", "age", "value"]))
    texts.update({f"rates/{stem}.csv": tables[f"{stem}.csv"] for stem in fitted_tables(proposal)})
    if proposal.children is not None:
        texts["rates/children.csv"] = children_text(proposal.children)
    for file in _carried_tables(old, proposal):
        texts[file] = str(old.text.tables[file])
    for stem in ("population", *MONEY):  # word for word, comments too, where nothing changed
        texts.setdefault(f"{stem}.yaml", (old.folder / f"{stem}.yaml").read_text(encoding="utf-8"))
    for measure in old.text.measures:
        held = old.folder.parent / "measures" / old.name / f"{measure}.yaml"
        texts[f"../measures/{name}/{measure}.yaml"] = held.read_text(encoding="utf-8")
    texts["CHANGES.md"] = changes_page(
        proposal, old, name, path.targets, path.before, path.growth, tuple(notes), spread
    )
    return texts, tuple(notes)


def _manifest(old: Content, proposal: Proposal, carried: Carried, name: str, census: Census) -> Content:
    vintage, base = carried.vintage.manifest, proposal.census - 1
    rows = carried.vintage.population.children.rows if proposal.children is None else None
    years = {int(row["year"]) for row in rows} if rows is not None else set(map(int, proposal.children["year"]))  # type: ignore[index]
    horizon = min(vintage.horizon_years, max(years) - proposal.census + 1)
    authority = {"name": proposal.name, "old_la_code": proposal.authority, "gss_code": proposal.gss_code}
    if not carried.other(proposal):
        authority = dict(old["authority"])
    return {
        "schema_version": 1,
        "vintage": name,
        "authority": authority,
        "title": f"{authority['name']} high needs, drafted from published data to January {proposal.census}",
        "purpose": f"A draft to read, change and sign off: rates fitted by hnforecast, the rest from {vintage.vintage}",
        "state": "draft",
        "commissioner": vintage.commissioner,
        "analyst": "To be named (drafted by hnforecast fit)",
        "assurer": vintage.assurer,
        "approver": vintage.approver,
        "supersedes": vintage.vintage,
        "as_at": carried.today,
        "base_census": proposal.census,
        "base_outturn": show_year(base),
        "first_forecast_year": show_year(base + 1),
        "horizon_years": max(1, horizon),
        "settlement_ends": show_year(max(vintage.settlement_ends, base)),
        "review_by": carried.today + timedelta(days=365),
        "hindsight": [],
    }


def _fill_balance(support: Content, census: int) -> list[str]:
    """The balance at the end of the base outturn year, where it is not known yet: the last one, marked so."""
    wanted, balance = show_month(month(census, 3)), support["balance"]
    known = {str(key): value for key, value in balance["by"].items()}
    if wanted in known:
        return []
    earlier = [key for key in sorted(known) if key < wanted]
    known[wanted] = known[earlier[-1]] if earlier else 0.0
    support["balance"] = {**balance, "by": dict(sorted(known.items())), "mark": "unverified"}
    return [f"support.balance {wanted} is not known here: the last balance known stands in for it. Replace it."]


def _mark_carried(content: Any, note: str) -> None:
    """Mark every value of a group as another authority's."""
    if not isinstance(content, dict):
        return
    if "source" in content and "published_on" in content:
        content["mark"], content["note"] = "unverified", note
        return
    for inner in content.values():
        _mark_carried(inner, note)


def _carried_tables(old: Vintage, proposal: Proposal) -> list[str]:
    """Tables that parameters taken over as they are still name."""
    kept: tuple[str, ...] = (*(f"{stem}." for stem in MONEY), "flows.month_profile")
    if proposal.children is None:
        kept += ("population.",)
    return sorted({str(s.file) for path, s in old.values.items() if s.file is not None and path.startswith(kept)})


def fitted_tables(proposal: Proposal) -> tuple[str, ...]:
    """Tables of fitted rates; those of plans that move in where they are known."""
    return (*FITTED, *MOVERS) if proposal.rates.movers_in.any() else FITTED


def covers(old: Vintage, census: int) -> bool:
    """Whether a vintage's residents reach from the September before the count before to one forecast year at least."""
    years = {int(row["year"]) for row in old.population.children.rows}
    return set(range(census - 2, census + 1)) <= years and len(old.population.children.rows) % AGES == 0
