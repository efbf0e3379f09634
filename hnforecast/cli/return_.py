"""`hnforecast return`: the return of a period, checked, written, and sealed where asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hnforecast.cli.options import MOST_DRAWS, OUT_RUN, check_draws, on_existing, replace_option, say_kept
from hnforecast.cli.project import (
    common_options,
    complete_forms,
    complete_periods,
    find_project,
    known_name,
    vintage_option,
)
from hnforecast.cli.screen import print_json, show_notices

if TYPE_CHECKING:
    from hnforecast.quarter.returns.make import MadeReturn

DEFAULT_FORM, DEFAULT_SCENARIO = "safety-valve-quarterly", "mitigated"
SCHEMA = "hnforecast/return-result/1"
file_path = click.Path(path_type=Path, dir_okay=False)


@click.command(name="return", epilog="Example: hnforecast return 2025-26-Q2 --seal")
@click.argument("period", shell_complete=complete_periods)
@click.option(
    "--form", "form_name", default=DEFAULT_FORM, show_default=True, metavar="NAME", help="Which form.",
    shell_complete=complete_forms,
)  # fmt: skip
@click.option("--scenario", default=DEFAULT_SCENARIO, show_default=True, metavar="NAME", help="Scenario forecast.")
@click.option(
    "--draws", type=click.IntRange(1, MOST_DRAWS), default=1, show_default=True, help="Draws, for probabilities."
)
@click.option("--template", type=file_path, metavar="OFFICIAL.xlsx", help="Official workbook to fill; needs --map.")
@click.option("--map", "map_file", type=file_path, metavar="MAP.yaml", help="Which cell of the workbook takes what.")
@click.option("--seal", is_flag=True, help="Freeze the return: hashes chained to the last one, files read-only.")
@click.option("--previous", type=click.Path(path_type=Path, file_okay=False), help="Folder of the return before.")
@click.option("--out", type=OUT_RUN, help="Folder of the return; outputs/returns/... by default.")
@replace_option
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
@vintage_option
@common_options
def return_(
    period: str,
    form_name: str,
    scenario: str,
    draws: int,
    template: Path | None,
    map_file: Path | None,
    seal: bool,
    previous: Path | None,
    out: Path | None,
    as_json: bool,
    vintage: str | None,
    project: Path | None,
    debug: bool,
) -> int:
    """Make the return of PERIOD (2025-26-Q2): workbook, JSON and tidy CSV; every cast, tie and sign checked first."""
    from hnforecast.quarter.returns.request import Request, make

    check_draws(draws)
    root = find_project(project)
    if vintage is not None:
        from hnforecast.assumptions import list_vintages

        known_name("vintage", vintage, [summary.name for summary in list_vintages(root)])
    request = Request(
        period=period,
        form=form_name,
        scenario=scenario,
        vintage=vintage,
        draws=draws,
        template=template,
        map_file=map_file,
        seal=seal,
        previous=previous.resolve() if previous is not None else None,
        out=out.resolve() if out is not None else None,
        existing=on_existing(out),
    )
    made = make(root, request)
    show_notices(made.notices)
    say_kept(made.kept, [made.aside] if made.aside is not None else [])
    if as_json:
        print_json(_plain(made))
    else:
        click.echo(_text(made), nl=False)
    return 0


def _text(made: MadeReturn) -> str:
    from hnforecast.writing.terminal import wrap

    form = made.built.form
    lines = [f"{form.definition.title}: {len(made.built.tables)} tables, {len(made.passed)} casts and ties hold."]
    if form.definition.provisional:
        lines.append("This form is provisional: the Department has not published its own.")
    lines += [wrap(line) for line in made.filled]
    lines.append(f"Written to {made.folder}")
    if made.seal is not None:
        lines.append(f"Sealed. Write this beside the signatures: {made.seal}")
    return "\n".join(lines) + "\n"


def _plain(made: MadeReturn) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "form": made.built.form.name,
        "folder": str(made.folder),
        "tables": len(made.built.tables),
        "checks": len(made.passed),
        "seal_sha256": made.seal,
        "files": sorted(path.name for path in made.folder.iterdir()),
        "filled": list(made.filled),
        "notices": list(made.notices),
    }
