"""`hnforecast causes`: what took spend from one year to another, from published figures."""

from __future__ import annotations

import json
from pathlib import Path

import click

from hnforecast.base.errors import HnForecastError, Problem, UsageError
from hnforecast.cli.options import OUT_FOLDER, replace_option, write_pages
from hnforecast.cli.project import common_options, find_project
from hnforecast.cli.screen import say


@click.command(epilog="Example: hnforecast causes --authority 885 --from 2019-20 --to 2024-25")
@click.option("--authority", metavar="CODE", help="The Department's three digits; this council by default.")
@click.option("--from", "first", default="2018-19", show_default=True, metavar="YEAR", help="First financial year.")
@click.option("--to", "last", default="2024-25", show_default=True, metavar="YEAR", help="Last financial year.")
@click.option("--all", "everyone", is_flag=True, help="With --out: tables of every authority of the panel.")
@click.option("--out", type=OUT_FOLDER, help="Folder for the page (Markdown) and the tables.")
@replace_option
@click.option("--json", "as_json", is_flag=True, help="Print the parts as JSON.")
@common_options
def causes(
    authority: str | None,
    first: str,
    last: str,
    everyone: bool,
    out: Path | None,
    as_json: bool,
    project: Path | None,
    debug: bool,
) -> None:
    """Split the rise of high needs spend into children, plans, mix, inflation and cost, beside the neighbours."""
    from hnforecast.base.kinds import load_kinds
    from hnforecast.engine.measured import panel_folder
    from hnforecast.questions.causes import explain_causes, explain_neighbours, read_frames
    from hnforecast.questions.causes.page import causes_page
    from hnforecast.questions.causes.tables import causes_tables
    from hnforecast.writing.blocks import as_markdown, as_text
    from hnforecast.writing.csvtext import to_csv

    years = span_of(first, last)
    root = find_project(project)
    folder = panel_folder(root)
    frames, kinds = read_frames(folder), load_kinds(folder)
    code = own_code(root) if authority is None else authority
    found = explain_causes(frames, code, *years, kinds)
    neighbours, without = explain_neighbours(frames, code, *years, kinds)
    page = causes_page(found, neighbours, len(without))
    if out is not None:
        listed = [found, *neighbours]
        if everyone:
            listed, left = [], 0
            for other in sorted(frames["s251_outturn_buckets_by_la_2017_2024"]["old_la_code"].dropna().unique()):
                try:
                    listed.append(explain_causes(frames, other, *years, kinds))
                except HnForecastError:
                    left += 1
            say(f"{len(listed)} authorities; {left} lack a figure of some year and are left out.")
        tables = {f"{table.name}.csv": to_csv(table) for table in causes_tables(listed)}
        write_pages(out, {"causes.md": as_markdown(page).encode("utf-8"), **tables})
    if as_json:
        plain = {
            "schema": "hnforecast/causes/1",
            "authority": found.history.name,
            "old_la_code": code,
            "from": first,
            "to": last,
            "change_gbp": round(found.change, 2),
            "parts_gbp": {name: round(value, 2) for name, value in found.totals.items()},
            "mix_known": found.mix_known,
        }
        click.echo(json.dumps(plain, indent=2, allow_nan=False))
    else:
        click.echo(as_text(page), nl=False)


def own_code(root: Path) -> str:
    """The authority of the council folder."""
    from hnforecast.assumptions import load_vintage

    return str(load_vintage(root).manifest.authority.old_la_code)


def span_of(first: str, last: str) -> tuple[int, int]:
    """First and last financial year as typed.

    Raises:
        UsageError: they are not years, or the last does not follow the first.
    """
    from hnforecast.base.timeline import parse_year

    try:
        years = parse_year(first), parse_year(last)
    except ValueError as error:
        raise UsageError(Problem("HN524", str(error), expected="financial years such as 2018-19")) from None
    if years[0] >= years[1]:
        raise UsageError(
            Problem("HN524", "The last year does not follow the first", found=f"{first} to {last}", do="Swap them.")
        )
    return years
