"""The cover and the notes of the published tables, in words a reader who knows nothing of the run can follow."""

from __future__ import annotations

from hnforecast.base.timeline import show_year
from hnforecast.papers.published.layout import SHORTHAND
from hnforecast.papers.published.rules import PublishingRules
from hnforecast.papers.run_reading import FinishedRun


def cover_lines(run: FinishedRun, rules: PublishingRules) -> list[str]:
    """The lines under the title of the Cover sheet."""
    manifest = run.vintage.manifest
    first, last = show_year(run.first_forecast), show_year(run.years()[-1])
    return [
        f"Forecast of {run.council}'s high needs account, {first} to {last}, by scenario.",
        "An EHC plan is an education, health and care plan. High needs is the part of the Dedicated Schools Grant that "
        "pays for children and young people with special educational needs.",
        f"Assumptions as at {day_of(manifest.as_at)}: {manifest.title}",
        f"Assumed by: {manifest.analyst}. Approved by: {manifest.approver}.",
        f"Source: run {run.run_id} of hnforecast {run.manifest['version']}, made on {day_of(run.created)}.",
        "The Contents sheet lists the tables, the Notes sheet explains words, signs and what is withheld. "
        "Each table is on a sheet of its own. There are no hidden sheets, rows or columns.",
        "A figure shown as [c], [low], [x] or [z] is explained on the Notes sheet.",
        f"Licence: {rules.rights}.",
        f"Contact: {rules.contact}.",
    ]


def note_rows(run: FinishedRun, rules: PublishingRules, withheld: int) -> list[tuple[str, str]]:
    """(note or shorthand, meaning), shorthand first, then scenarios.

    Args:
        run: published.
        rules: of publishing.
        withheld: cells of each January that are not shown.
    """
    limit = rules.threshold.value
    drawn = int(run.manifest["draws"])
    spread = (
        f"Ranges come from {drawn:,} forecasts with every uncertain value drawn anew. One in ten lies beyond each end."
        if drawn > 1
        else "The central forecast alone was made: there are no ranges and no chances, shown as [x]."
    )
    zeros = "A nought is shown." if rules.show_zero else "A nought is withheld as well."
    count = (
        f"{withheld} cells of each January are withheld." if withheld != 1 else "One cell of each January is withheld."
    )
    return [
        *SHORTHAND,
        *((f"Scenario {run.label(name)}", run.title(name)) for name in run.scenarios),
        ("Note 1", "Amounts are rounded to the nearest thousand pounds, each on its own, so totals may differ from the "
                   "sum of their parts."),
        ("Note 2", "Money is positive. The in-year position is funding less spend; closing balance = opening balance + "
                   "in-year position + support + other movement. Below nought is a deficit."),
        ("Note 3", "Other movement is what a published balance moved by beyond its parts; a forecast has none."),
        ("Note 4", spread),
        ("Note 5", "Places the Department for Education pays direct are taken off funding as deductions and are not in "
                   f"spend. Pounds are withheld for a placement with 1 to {limit - 1} plans, and for others"
                   " without which these could be worked out."),
        ("Note 6", "Estimates are forecasts. They are not counts of children, and describe nobody. They are rounded to "
                   "whole plans, so totals may differ from the sum of their parts."),
        ("Note 7", f"Counts of 1 to {limit - 1} in any actual January are withheld, and the estimates that start "
                   f"from them. {zeros} Further cells are withheld so that nobody can work out these from totals: what "
                   f"the published figures allow for a withheld cell spans {limit} plans or more. {count}"),
        ("Note 8", f"On the limit of {limit}: {rules.threshold.source}."),
    ]  # fmt: skip


def day_of(when: object) -> str:
    """A date as it stands in a sentence."""
    return f"{when.day} {when:%B %Y}"  # type: ignore[attr-defined]
