"""`hnforecast causes`: what took spend from one year to another, from published figures."""

from __future__ import annotations

from pathlib import Path

import click

from hnforecast.cli.options import answer_options, deliver, span_of
from hnforecast.cli.project import common_options, find_project
from hnforecast.cli.screen import say, show_slips


@click.command(epilog="Example: hnforecast causes --authority 885 --from 2019-20 --to 2024-25")
@click.option("--authority", metavar="CODE", help="The Department's three digits; this council by default.")
@click.option("--from", "first", default="2018-19", show_default=True, metavar="YEAR", help="First financial year.")
@click.option("--to", "last", default="2024-25", show_default=True, metavar="YEAR", help="Last financial year.")
@click.option("--all", "everyone", is_flag=True, help="With --out: tables of every authority of the panel.")
@answer_options("Folder for the page (Markdown) and the tables.", "Print the parts as JSON.")
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
    from hnforecast.questions.causes import read_panel_of_causes
    from hnforecast.questions.causes.answer import answer_causes

    years = span_of(first, last)
    root = find_project(project)
    folder = panel_folder(root)
    panel, kinds = read_panel_of_causes(folder), load_kinds(folder)
    show_slips(panel.notices)
    code = own_code(root) if authority is None else authority
    deliver(answer_causes(panel.frames, kinds, code, years, (first, last), everyone, say), out, as_json)


def own_code(root: Path) -> str:
    """The authority of the council folder."""
    from hnforecast.assumptions import load_vintage

    return str(load_vintage(root).manifest.authority.old_la_code)
