"""A proposal as rows: a summary to read, and every rate with its standard error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from hnforecast.assumptions import Vintage
from hnforecast.base.axes import AGES, FloatArray
from hnforecast.history.fit.ages import year_older
from hnforecast.history.fit.exits import AGE_PRIOR, exit_hazard
from hnforecast.history.fit.fitted import SMALLEST
from hnforecast.history.fit.proposal import Proposal

RATE_COLUMNS = ("parameter", "age", "placement", "to_placement", "proposed", "standard_error", "own", "england")
Row = tuple[str, ...]
RateRow = tuple[str | int | float, ...]


def summary_rows(proposal: Proposal) -> list[Row]:
    """What is proposed, its standard error, the authority's own figure and England's, as text."""
    rates, errors = proposal.rates, proposal.errors
    new, before, other = float(rates.counts.sum()), rates.opening[proposal.census - 1].sum(axis=1), rates.net_other
    out = float((other * before).sum() / max(1.0, before.sum()))
    rows: list[Row] = [
        (f"New plans of {proposal.census - 1}", f"{new:,.0f}", f"{errors.level * new:,.0f}", f"{new:,.0f}", "")
    ]
    for label, factor, error in zip(("16 to 19", "20 and over"), rates.exit_factor, errors.exits, strict=True):
        rows.append((f"Exits at {label}, times England's", f"{factor:.2f}", f"{factor * error:.2f}", "", "1"))
    for name, label in (("agreed_share", "Requests agreed"), ("issued_share", "Assessments that end in a plan")):
        step = proposal.pipeline.get(name)
        if step is not None:
            figures = (step.value, step.sd, step.passed / step.asked, step.national)
            rows.append((label, *(f"{figure:.1%}" for figure in figures)))
    own = rates.flows
    moved = ("Plans that move in from other authorities a year", f"{_movers(proposal):,.0f}", "")
    rows.append((*moved, f"{own.moved_in.sum():,.0f}" if own.moved_in.any() else "", ""))
    rows.append(("Net other, share of plans a year", f"{out:+.2%}", f"{errors.net_other:.2%}", "", ""))
    rows.append(("Plans that stay where they are in September", f"{_staying(proposal):.1%}", "", "", ""))
    return rows


def _movers(proposal: Proposal) -> float:
    return float((proposal.rates.movers_in * proposal.residents).sum()) / 1000.0


def _staying(proposal: Proposal) -> float:
    survivors = year_older(proposal.rates.opening[proposal.census - 1]) * (1.0 - proposal.rates.hazard)
    stay = np.einsum("app->ap", proposal.rates.moves)
    return float((survivors * stay).sum() / max(1.0, survivors.sum()))


def rate_rows(proposal: Proposal) -> list[RateRow]:
    """Every rate: columns as RATE_COLUMNS, units as in the assumption files; blank where a column does not apply."""
    rates, errors = proposal.rates, proposal.errors
    own, england = _raw_new(proposal)
    rows: list[RateRow] = [
        ("new_plans.rate", age, "", "", *map(_round, (rates.new[age], errors.new[age], own[age], england[age])))
        for age in range(AGES)
    ]
    rows += _by_age_placement(proposal)
    for age, origin, to in zip(*np.nonzero(rates.moves > SMALLEST), strict=True):
        if abs(rates.moves[age, origin, origin] - 1.0) > SMALLEST:
            names = (proposal.placements[origin], proposal.placements[to])
            found = (rates.moves[age, origin, to], errors.moves[age, origin, to])
            rows.append(("moves", int(age), *names, *map(_round, found), "", ""))
    rows += [
        ("net_other", age, "", "", _round(rates.net_other[age]), _round(errors.net_other), "", "")
        for age in range(AGES)
    ]
    chance = 1.0 / np.sqrt(max(1.0, float(rates.flows.moved_in.sum())))
    rows += [
        ("movers_in.rate", age, "", "", *map(_round, (rates.movers_in[age], rates.movers_in[age] * chance)), "", "")
        for age in range(AGES)
    ]
    for name, step in proposal.pipeline.items():
        figures = (step.value, step.sd, step.passed / step.asked, step.national)
        rows.append((f"pipeline.{name}", "", "", "", *map(_round, figures)))
    return rows


def _by_age_placement(proposal: Proposal) -> Iterator[RateRow]:
    rates, errors, shape = proposal.rates, proposal.errors, proposal.rates.shape
    flows, whole = rates.joined, shape.new
    for age in range(AGES):
        for p, name in enumerate(proposal.placements):
            figures = (_round(rates.share[age, p]), _round(errors.share[age, p]))
            yield "new_plans.placement_share", age, name, "", *figures, _share(flows[age], p), _share(whole[age], p)
    hazard = exit_hazard(shape.curve, shape.factor, year_older(shape.before))
    for age in range(AGES):
        for p, name in enumerate(proposal.placements):
            figures = (_round(rates.hazard[age, p]), _round(errors.hazard[age, p]))
            yield "cease.hazard", age, name, "", *figures, "", _round(hazard[age, p])


def _raw_new(proposal: Proposal) -> tuple[FloatArray, FloatArray]:
    """New-plan rates by the authority's counts alone, and at its total on England's profile."""
    rates = proposal.rates
    counts, whole = rates.flows.new, rates.shape.new.sum(axis=1)
    total, shape = float(rates.counts.sum()), whole / whole.sum()
    mixed = total * (counts + AGE_PRIOR * shape) / (counts.sum() + AGE_PRIOR)
    # what turned the mixed flow into the proposed rate: a thousand over residents without a plan
    per_flow = np.divide(rates.new, mixed, out=np.zeros(AGES), where=mixed > 0)
    return counts * per_flow, total * shape * per_flow


def _share(row: FloatArray, p: int) -> float | str:
    return _round(row[p] / row.sum()) if row.sum() > 0 else ""


def _round(value: float) -> float:
    return round(float(value), 9)


# CHANGES.md of a draft.


def changes_page(
    proposal: Proposal,
    old: Vintage,
    name: str,
    targets: Mapping[int, float],
    before: Mapping[int, float],
    growth: Mapping[int, float],
    notes: tuple[str, ...],
    spread: tuple[str, ...],
) -> str:
    """The page as Markdown.

    Args:
        targets, before, growth: by January count: pooled forecast, plans with rates held level, growth.
        notes: what a reader must know; spread: what changed in uncertainty.yaml.
    """
    lines = [
        f"# Changes in vintage {name}",
        "",
        f"A draft by `hnforecast fit` from {old.name}, plans to January {proposal.census}: read, change, sign off.",
        "",
        "## Fitted",
        "",
        "| what | proposed | standard error | own count | England |",
        "|---|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in summary_rows(proposal)),
        "",
        "## Demand follows the pooled forecast",
        "",
        "| January | rates held level | pooled forecast | growth of new-plan rates |",
        "|---|---|---|---|",
        *(f"| {year} | {before[year]:,.0f} | {targets[year]:,.0f} | {growth[year]:+.1%} |" for year in sorted(growth)),
        "",
        "## Uncertainty",
        "",
        *(f"- {line}" for line in spread),
        "",
        "## To know",
        "",
        *(f"- {line}" for line in notes),
        f"- As in {old.name}: prices, services, funding, support, spill, month profile and measures.",
    ]
    factor = old.flows.cease.factor
    if factor is not None:
        lines.append("- `flows.cease.factor` of that vintage is left out: the hazards are fitted anew.")
    return "\n".join(lines) + "\n"
