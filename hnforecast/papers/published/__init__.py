"""Tables of a run for anybody to read: an accessible workbook and tidy files, small counts withheld in both."""

from __future__ import annotations

from typing import NamedTuple

from hnforecast.papers.published.book import write_book
from hnforecast.papers.published.checklist import broken_rules
from hnforecast.papers.published.layout import PublishedTable, PublishingRules, cover_lines, note_rows, read_rules
from hnforecast.papers.published.money_tables import (
    account_table,
    agreement_table,
    funding_table,
    gather_spend,
    measures_table,
    range_table,
    spend_tables,
)
from hnforecast.papers.published.plan_counts import count_plans, plan_tables
from hnforecast.papers.published.tidy import tidy_files
from hnforecast.papers.run_reading import FinishedRun
from hnforecast.writing.csvtext import Authority

__all__ = ["Publication", "PublishingRules", "broken_rules", "publish", "read_rules"]


class Publication(NamedTuple):
    """What is published of a run.

    Args:
        files: name -> content.
        tables: how many.
        withheld: cells of each January that are not shown; small: how many of them for being small themselves.
    """

    files: dict[str, bytes]
    tables: int
    withheld: int
    small: int


def publish(run: FinishedRun, authority: Authority, rules: PublishingRules) -> Publication:
    """Every file of a publication; the same run gives the same bytes.

    Args:
        run: read and proven unchanged.
        authority: for the columns of place.
        rules: of publishing.
    """
    limit = rules.threshold.value
    counts = count_plans(run, limit, show_zero=rules.show_zero)
    spend = gather_spend(run, counts, limit, show_zero=rules.show_zero)
    made: list[PublishedTable | None] = [
        account_table(run),
        range_table(run),
        agreement_table(run),
        measures_table(run),
    ]
    made += [funding_table(run), *spend_tables(run, spend), *plan_tables(run, counts)]
    tables = [table for table in made if table is not None]
    stem = file_stem(run)
    withheld = int(counts.withheld.sum())
    files = {
        f"{stem}-tables.xlsx": write_book(
            f"{run.council}: high needs forecast, tables", run.council, run.created,
            cover_lines(run, rules), note_rows(run, rules, withheld), tables,
        ),
        **tidy_files(stem.replace("-", "_"), run, counts, spend, authority),
    }  # fmt: skip
    return Publication(files, len(tables), withheld, int(counts.primary.sum()))


def file_stem(run: FinishedRun) -> str:
    """What the names of files begin with: lower case, dashes."""
    words = "-".join("".join(c if c.isalnum() else " " for c in run.council.lower()).split())
    return f"{words}-high-needs-forecast-{run.vintage.name}"
