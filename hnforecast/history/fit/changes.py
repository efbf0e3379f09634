"""CHANGES.md of a draft: what was fitted, with standard errors, and how demand was scaled."""

from __future__ import annotations

from collections.abc import Mapping

from hnforecast.assumptions import Vintage
from hnforecast.history.fit.proposal import Proposal
from hnforecast.history.fit.report import summary_rows


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
