"""Everything proposed for one authority at one January count: rates, standard errors, shares of the pipeline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.codes import Codes
from hnforecast.base.errors import InputError, Place, Problem
from hnforecast.base.shipped import shipped_folder
from hnforecast.history.fit.history import FILES, NATIONAL, History, known_frames, project_residents, read_history
from hnforecast.history.fit.pipeline import StepShare, fit_pipeline
from hnforecast.history.fit.rates import Rates, fit_rates
from hnforecast.history.fit.shape import england_shape
from hnforecast.history.fit.snapshots import read_moves, weigh_moves
from hnforecast.history.fit.spread import StandardErrors, standard_errors
from hnforecast.history.fit.weights import Weights, exit_weights
from hnforecast.inputs import Panel, load_panel
from hnforecast.inputs.quirks import fallen

BY_AGE = (
    *("ehcp_by_la_single_age_placement_2024_2025", "ehcp_single_age_placement_2026_edition"),
    "ehcp_by_la_age_band_2010_2025",
)
LAST_EDITION = 2026  # the latest edition by single age that is read


@dataclass(frozen=True)
class Proposal:
    """Proposed rates of an authority.

    Args:
        authority, name, gss_code: whose.
        census: the base January count.
        placements: of the tables, in axis order.
        rates, errors: central values and their standard errors.
        pipeline: "agreed_share", "issued_share" where a return was made.
        weights: how far authorities differ.
        residents: (age,) of the academic year that holds the count.
        children: year, age, value: residents used, where they are not the vintage's; None otherwise.
        panel: folder the history came from.
        notes: what a reader must know, in sentences.
    """

    authority: str
    name: str
    gss_code: str
    census: int
    placements: tuple[str, ...]
    rates: Rates
    errors: StandardErrors
    pipeline: dict[str, StepShare]
    weights: Weights
    residents: FloatArray
    children: pd.DataFrame | None
    panel: Path
    notes: tuple[str, ...]


def propose(
    panel_folder: Path,
    authority: str,
    census: int | None,
    codes: Codes,
    *,
    residents: FloatArray | None = None,
    years: range | None = None,
    moves: Path | None = None,
    root: Path | None = None,
    panel: Panel | None = None,
) -> Proposal:
    """Fit one authority.

    Args:
        panel_folder: published files in the form of inputs/national.
        authority: the DfE's three digits.
        census: the base January count; the latest of the panel by default. Nothing published later is used, but for
            England's shape by single age where none was out.
        codes: the code lists.
        residents: (year, age) children by mid-year; projected from the panel's estimates if None.
        years: mid-years that `residents` covers, or that are wanted.
        moves: the council's own counts of moves.
        root: project folder, for messages.
        panel: the folder's files where they are read already.

    Raises:
        InputError: the authority is unknown, or its history too thin.
    """
    panel = panel if panel is not None else load_panel(panel_folder, files=FILES)
    census = latest_census(panel, authority, census)
    frames = known_frames(panel, census)
    own = read_history(frames, authority, codes)
    national, notes = _england(panel, codes, census)
    wanted = years if years is not None else range(census - 2, census + 11)
    children = None
    if residents is None:
        children = project_residents(own.population, frames, wanted, authority)
        residents = children["value"].to_numpy(dtype=float).reshape(len(wanted), AGES)
        notes.append("Residents: the authority's last estimate, moved as England's age groups are projected.")
    of_year = residents[wanted.index(census - 1)]
    weights = exit_weights(frames, england_shape(national, census).steps[False], census)
    earlier = residents[wanted.index(census - 2)] if census - 2 in wanted else None
    rates = fit_rates(own, national, census, of_year, codes, weights.exits, earlier)
    posterior = None
    if moves is not None:
        counts = read_moves(moves, codes, root or moves.parent)
        posterior = weigh_moves(counts, rates.moves, rates.opening[census - 1], codes, moves.name)
        rates = replace(rates, moves=posterior.mean)
        notes.append(f"Moves: {counts.sum():,.0f} plans counted in two of the council's own returns.")
    else:
        notes.append("Moves are inferred from two counts; how many move both ways cannot be known from them.")
    if rates.inferred:
        notes.append(f"Single ages of January {census} are inferred within published bands and placements.")
    if rates.recoded:
        notes.append(
            f"Units were recorded anew in January {census}: January {census - 1} is put as that count has them, with "
            "mainstream and units together unchanged at every age."
        )
    if rates.shape.hindsight:
        notes.append(f"England's shape by age is that of January {rates.shape.counts[1]}: hindsight of shape only.")
    errors = standard_errors(rates, own, national, of_year, weights, posterior)
    pipeline = fit_pipeline(frames, authority, census - 1)
    missing = [name for name in ("agreed_share", "issued_share") if name not in pipeline]
    if missing:
        notes.append(f"No return of {census - 1} gives {' or '.join(missing)}; the vintage's value stays.")
    name, gss_code = _identity(panel, authority)
    return Proposal(
        authority=authority,
        name=name,
        gss_code=gss_code,
        census=census,
        placements=codes.placements,
        rates=rates,
        errors=errors,
        pipeline=pipeline,
        weights=weights,
        residents=of_year,
        children=children,
        panel=panel_folder,
        notes=tuple(notes),
    )


def latest_census(panel: Panel, authority: str, census: int | None) -> int:
    """The base January count, once the authority is known: the last that is known by age and no fault of recording."""
    counts = panel.one("ehcp_by_la", authority) if authority in panel.codes and "ehcp_by_la" in panel else None
    if counts is None or counts.empty:
        near = get_close_matches(authority, panel.codes, n=3)
        raise InputError(
            Problem(
                "HN376",
                "The panel does not hold this authority",
                Place(file=panel.folder.name),
                authority,
                f"the DfE's three digits of one of {len(panel.codes)} authorities" + "".join(f", {c}" for c in near),
                "Correct --authority, or name a folder that holds it with --panel.",
            )
        )
    years = sorted(int(year) for year in counts.dropna(subset=["plans"])["year"])
    if census is None:
        aged = {int(year) for name in BY_AGE if name in panel for year in panel.one(name, authority)["year"]}
        odd = counts["year"][fallen([authority] * len(counts), list(counts["year"]), list(counts["plans"]))]
        return max((aged - set(odd.astype(int))).intersection(years), default=years[-1])
    if census not in years:
        raise InputError(
            Problem(
                "HN376",
                "The panel has no January count of that year for this authority",
                Place(file=panel.folder.name),
                str(census),
                f"{years[0]} to {years[-1]}",
                "Correct --census.",
            )
        )
    return census


def _england(panel: Panel, codes: Codes, census: int) -> tuple[History, list[str]]:
    """England from the panel, or from the one shipped where the panel lacks its single ages.

    As known at the January count; where nothing by single age was out, as known when it first was.
    """
    national = _first_whole(panel, codes, census)
    if national is not None:
        return national, []
    shipped = load_panel(shipped_folder("national"), files=FILES)
    note = "The panel lacks England by single age and placement; that of the published pack is used."
    found = _first_whole(shipped, codes, census)
    return found if found is not None else read_history(shipped.frames, NATIONAL, codes), [note]


def _first_whole(panel: Panel, codes: Codes, census: int) -> History | None:
    """England from what was known at a count, or at the first later one with two counts by age and a year between."""
    for year in range(census, max(census, LAST_EDITION) + 1):
        national = read_history(known_frames(panel, year), NATIONAL, codes)
        if any(year in national.ceased_by_placement for year in national.whole_years()):
            return national
    return None


def _identity(panel: Panel, authority: str) -> tuple[str, str]:
    """Name and GSS code as the panel last gave them."""
    for file in ("ehcp_by_la", "newplans_by_la"):
        if file in panel:
            rows = panel.one(file, authority)
            if len(rows) and rows["la_name"].iloc[-1]:
                return str(rows["la_name"].iloc[-1]), str(rows["la_code"].iloc[-1])
    return authority, ""
