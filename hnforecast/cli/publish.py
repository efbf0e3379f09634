"""`hnforecast publish`: accessible tables of a run, small counts withheld, with tidy files for analysts."""

from __future__ import annotations

from pathlib import Path

import click

from hnforecast.base.errors import Problem, ReconciliationError
from hnforecast.cli.options import MOST_DRAWS, OUT_FOLDER, check_draws, on_existing, replace_option, write_files
from hnforecast.cli.project import common_options, find_project, vintage_option
from hnforecast.cli.screen import print_json

SCHEMA = "hnforecast/publication/1"


@click.command(epilog="Example: hnforecast publish outputs/example --out published")
@click.argument("run", nargs=-1, metavar="[RUN_FOLDER | SCENARIO...]")
@click.option("--out", type=OUT_FOLDER, required=True, help="Folder for the files.")
@replace_option
@click.option("--draws", type=click.IntRange(1, MOST_DRAWS), help="Draws of a run made now, a power of two.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@vintage_option
@common_options
def publish(
    run: tuple[str, ...],
    out: Path,
    draws: int | None,
    as_json: bool,
    vintage: str | None,
    project: Path | None,
    debug: bool,
) -> None:
    """Write the tables of a run for anybody to read: an accessible workbook, and CSV files with meta files.

    RUN_FOLDER is a run; without one the latest run in outputs/ is published, or one is made. Small counts of children
    are withheld, and so is whatever they could be worked out from.
    """
    from hnforecast.cli.run_choice import choose_run
    from hnforecast.engine.records import Project
    from hnforecast.papers.published import broken_rules, read_rules
    from hnforecast.papers.published import publish as make
    from hnforecast.quarter.returns.gather import authority_of
    from hnforecast.writing.refusals import refuse_inside_run

    if draws is not None:
        check_draws(draws)
    target = out.resolve()
    refuse_inside_run(target)
    root = find_project(project)
    rules = read_rules(root)
    finished = choose_run(root, run, vintage, draws)
    publication = make(finished, authority_of(Project(root, finished.vintage)), rules)
    book = next(name for name in publication.files if name.endswith(".xlsx"))
    broken = broken_rules(publication.files[book])
    if broken:
        raise ReconciliationError(
            *(Problem("HN824", f"The workbook breaks the checklist: {rule}", found="; ".join(found[:3]))
              for rule, found in broken.items())
        )  # fmt: skip
    write_files(target, publication.files, "publish", on_existing(out))
    if as_json:
        content = {
            "schema": SCHEMA,
            "run_id": finished.run_id,
            "folder": str(target),
            "files": sorted(publication.files),
            "tables": publication.tables,
            "cells_withheld": publication.withheld,
            "threshold": rules.threshold.value,
        }
        print_json(content)
        return
    click.echo(f"Published run {finished.run_id}: {publication.tables} tables; every rule of the checklist holds.")
    click.echo(
        f"Withheld in each January: {publication.small} small {_cells(publication.small)} (counts of 1 to "
        f"{rules.threshold.value - 1}) and {publication.withheld - publication.small} more to protect them."
    )
    click.echo(f"Written to {out}")


def _cells(count: int) -> str:
    return "cell" if count == 1 else "cells"
