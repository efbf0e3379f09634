"""The fitted part of a draft: population, demand, flows and their uncertainty, and what places grow by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from hnforecast.assumptions import Vintage
from hnforecast.base.codes import Codes
from hnforecast.base.errors import InputError
from hnforecast.engine.demand import authority_path
from hnforecast.engine.demand_path import TESTED_HORIZON, HistoryPath, solve_window_factor
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers.tables import forecast_clock
from hnforecast.engine.measured import national_panel
from hnforecast.engine.method import flow_totals
from hnforecast.engine.scenarios import resolve_scenario
from hnforecast.history.fit import Proposal, Targets
from hnforecast.history.fit.fitted import (
    RESIDENTS,
    Census,
    DemandPath,
    children_text,
    demand_content,
    flows_content,
    rate_tables,
)
from hnforecast.history.fit.uncertain import Spreads, fill_uncertainty
from hnforecast.history.fit.vintage import fitted_tables
from hnforecast.history.new.leaves import Content, Writer
from hnforecast.history.new.published import Cut

GROWN_FROM = 5  # years back over which the growth of places is read
PLACES_AHEAD = 6


def rate_contents(
    proposal: Proposal, path: DemandPath, census: Census, starter: Content, write: Writer, cut: Cut
) -> dict[str, Content]:
    """population.yaml, demand.yaml and flows.yaml."""
    start = f"{proposal.census - 1}-02"
    flows = flows_content({}, proposal, census, False)
    flows["month_profile"] = write.judged(
        "Even over the year: no monthly profile is published", "share", start, file="rates/month_profile.csv",
        mark="inferred",
    )  # fmt: skip
    capped = capped_placements(proposal, starter)
    flows["places"] = {name: {"commissioned": _places(name, proposal, starter, write, cut)} for name in capped}
    flows["spill"] = {
        name: {
            to: write.judged(
                str(starter["spill_source"]), "share", f"{proposal.census - 1}-09", value=share, quality="red"
            )
            for to, share in starter["spill"][name].items()
        }
        for name in capped
    }
    return {
        "population": {"children": census.leaf("children", "persons", f"{proposal.census - 2}-09", RESIDENTS)},
        "demand": demand_content({"pipeline": _no_pipeline(proposal, write)}, proposal, path, census),
        "flows": flows,
    }


def capped_placements(proposal: Proposal, starter: Content) -> list[str]:
    """Placements with commissioned places, of which the authority has plans in both counts."""
    order, opening = list(proposal.placements), proposal.rates.opening
    counts = (proposal.census - 1, proposal.census)
    return [name for name in starter["place"] if all(opening[c][:, order.index(name)].sum() > 0 for c in counts)]


def rate_texts(proposal: Proposal, path: DemandPath, codes: Codes) -> dict[str, str]:
    """Tables of the draft, by file."""
    scaled = replace(proposal.rates, new=proposal.rates.new * path.rate_factor)
    tables = rate_tables(scaled, codes, pd.DataFrame(columns=["year", "age", "value"]))
    texts = {f"rates/{stem}.csv": tables[f"{stem}.csv"] for stem in (*fitted_tables(proposal), "month_profile")}
    if proposal.children is not None:
        texts["rates/children.csv"] = children_text(proposal.children)
    return texts


def uncertainty_content(
    starter: Content, proposal: Proposal, path: DemandPath, census: Census, priced: Sequence[str]
) -> tuple[Content, tuple[str, ...]]:
    """uncertainty.yaml: starter drivers, a column for every price, then what the fit measured."""
    content = {**starter, "columns": dict(starter["columns"])}
    following = max(content["columns"].values(), default=-1) + 1
    for position, placement in enumerate(priced):
        content["columns"][f"prices.top_up.{placement}"] = following + position
    spreads = Spreads(path.growth_sd)
    return fill_uncertainty(content, proposal, spreads, census.source, census.published, census.day)


def _places(name: str, proposal: Proposal, starter: Content, write: Writer, cut: Cut) -> Content:
    """Stock of two counts, then growth as the placement's plans grew: places commissioned are not published."""
    position = list(proposal.placements).index(name)
    opening, base = proposal.rates.opening, proposal.census
    counts = [float(opening[base - back][:, position].sum()) * 1.01 for back in (1, 0)]
    growth = _growth(name, cut, base, float(starter["places_growth_most"]))
    counts += [counts[-1] * (1.0 + growth) ** step for step in range(1, PLACES_AHEAD)]
    return write.judged(
        f"Base stock and 1% more for those who join before August; then {growth:+.1%} a year, as plans there grew from "
        f"January {base - GROWN_FROM}, for {PLACES_AHEAD - 1} years. Places commissioned are not published",
        "places", f"{base - 2}-09",
        by={f"{base - 2 + step}-09": round(count) for step, count in enumerate(counts)}, quality="red", impact="red",
    )  # fmt: skip


def _growth(name: str, cut: Cut, base: int, most: float) -> float:
    """Yearly growth of the placement's plans over five years, between nil and a bound; nil where it is not known."""
    frame = cut.get("plans_by_placement")
    if frame is None:
        return 0.0
    rows = frame[frame["placement"] == name]
    found = {int(row["census_year"]): float(row["plans"]) for row in rows.to_dict("records")}
    before, now = found.get(base - GROWN_FROM, 0.0), found.get(base, 0.0)
    return round(min(max((now / before) ** (1.0 / GROWN_FROM) - 1.0, 0.0), most), 4) if before > 0 else 0.0


def _no_pipeline(proposal: Proposal, write: Writer) -> Content:
    """Shares where the authority made no return: all of them, so that the rate of new plans alone counts."""
    return {
        name: write.judged("No return gives this share: nil effect, and measures on it cannot be used", "share",
                           f"{proposal.census - 1}-01", value=1.0)
        for name in ("agreed_share", "issued_share")
    }  # fmt: skip


# A draft's demand against the pooled forecast.


def pooled_targets(folder: Path, proposal: Proposal) -> Targets:
    """The pooled forecast of total plans, and the spread of that of new plans by year of growth."""
    panel = national_panel(folder)
    path = authority_path(panel, proposal.authority, proposal.census, TESTED_HORIZON)
    try:
        new = authority_path(panel, proposal.authority, proposal.census, TESTED_HORIZON, series="new_plans")
        growth_sd: float | None = float(new.log_sd[-1]) / TESTED_HORIZON
    except InputError:
        growth_sd = None
    plans = {proposal.census + h: float(value) for h, value in enumerate(path.central, start=1)}
    return Targets(plans, growth_sd)


def follow_plans(vintage: Vintage, targets: Mapping[int, float]) -> tuple[dict[int, float], dict[int, float]]:
    """Plans of the cohort flow without measures, and what new plans must be multiplied by to meet the targets."""
    manifest = vintage.manifest
    scenario = resolve_scenario(vintage, next(iter(vintage.scenarios)))
    clock = forecast_clock(manifest.base_census, manifest.first_forecast_year, TESTED_HORIZON)
    totals = flow_totals(scenario, TESTED_HORIZON, Drawn(), {})[0]
    plans = {int(census): float(total) for census, total in zip(clock.censuses, totals, strict=True)}
    factor = solve_window_factor(scenario, clock, Drawn(), HistoryPath(plans=targets)) if targets else {}
    return plans, {census: float(value[0]) for census, value in factor.items() if census in targets}
