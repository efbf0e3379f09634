"""`hnforecast fit`: from published history to a draft vintage of proposed rates. It proposes; it never applies."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hnforecast.base.errors import Place, Problem, UsageError
from hnforecast.cli.options import OUT_FOLDER, on_existing, replace_option, write_files
from hnforecast.cli.project import common_options, find_project, known_name
from hnforecast.cli.screen import print_json, say, show_slips

if TYPE_CHECKING:
    from hnforecast.assumptions import Vintage
    from hnforecast.history.fit import Draft, Proposal

SUMMARY = ("what", "proposed", "standard error", "own", "England")
SCALING = ("January", "rates held level", "pooled forecast", "growth of rates")
SCHEMA = "hnforecast/fit/1"
FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(epilog="Example: hnforecast fit --vintage 2026-11 --moves inputs/moves-two-snapshots.csv")
@click.option(
    "--vintage", "name", metavar="NEW", help="Name of the draft to write; this month, such as 2026-11, by default."
)
@click.option(
    "--from", "source", metavar="NAME", help="Vintage that prices and funding are taken from; the latest signed off."
)
@click.option(
    "--census", type=click.IntRange(2000, 2100), metavar="YEAR", help="January count to start from; the latest."
)
@click.option("--authority", metavar="CODE", help="The DfE's three digits; that of the vintage by default.")
@click.option("--panel", type=FOLDER, metavar="DIR", help="Folder of published files; inputs/national by default.")
@click.option("--moves", type=FILE, metavar="FILE", help="The council's own counts of moves between two returns.")
@click.option(
    "--out", type=OUT_FOLDER, metavar="FOLDER", help="Also write every rate with its standard error to a new folder."
)
@replace_option
@click.option("--dry-run", is_flag=True, help="Fit, check and print; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the proposal as JSON.")
@common_options
def fit(
    name: str | None,
    source: str | None,
    census: int | None,
    authority: str | None,
    panel: Path | None,
    moves: Path | None,
    out: Path | None,
    dry_run: bool,
    as_json: bool,
    project: Path | None,
    debug: bool,
) -> None:
    """Fit rates with standard errors to published history and write them as a draft vintage."""
    from hnforecast.assumptions import list_vintages, load_vintage
    from hnforecast.assumptions.build import this_day
    from hnforecast.history.fit import Carried, check_name, write_draft
    from hnforecast.history.new.rates import follow_plans, pooled_targets

    root = find_project(project)
    today = this_day()
    chosen = name or f"{today:%Y-%m}"
    check_name(root, chosen)
    if out is not None and out.exists() and on_existing(out) == "refuse":
        do = "Name another folder with --out, or add --replace: files there are then kept under dated names."
        raise UsageError(
            Problem("HN379", "The folder is there already, so it is left alone", Place(file=str(out)), do=do)
        )
    if source is not None:
        known_name("vintage", source, [summary.name for summary in list_vintages(root)])
    old = load_vintage(root, source)
    folder = _panel_folder(root, panel)
    proposal = _propose(root, old, folder, authority or old.manifest.authority.old_la_code, census, moves)
    draft = write_draft(
        root, proposal, Carried(old, today), chosen, pooled_targets(folder, proposal), follow_plans, keep=not dry_run
    )
    if out is not None and not dry_run:
        _write_tables(out, proposal, draft)
    if as_json:
        print_json(_plain(proposal, draft, chosen, dry_run))
        return
    click.echo(_text(proposal, draft, old.name), nl=False)
    for note in draft.notes:
        say(f"note: {note}")
    if dry_run:
        say("Nothing was written.")
        return
    click.echo(
        f"\nDraft written to assumptions/{chosen}. Read its CHANGES.md, then: hnforecast check --vintage {chosen}"
    )
    left_out = sorted(_scenarios_without(root, chosen))
    if left_out:
        say(f"note: scenarios.yaml keeps {', '.join(left_out)} for other vintages; add {chosen} there to run them.")


def _panel_folder(root: Path, asked: Path | None) -> Path:
    if asked is not None:
        if not asked.is_dir():
            raise UsageError(
                Problem("HN260", "The panel folder is missing", Place(file=str(asked)), do="Check --panel.")
            )
        return asked.resolve()
    from hnforecast.engine.measured import panel_folder

    return panel_folder(root)


def _propose(
    root: Path, old: Vintage, folder: Path, authority: str, census: int | None, moves: Path | None
) -> Proposal:
    """Fit, with the vintage's residents where it is the same authority's and they reach far enough."""
    from hnforecast.engine.drivers.tables import children
    from hnforecast.history.fit import covers, propose
    from hnforecast.history.fit.history import FILES
    from hnforecast.history.fit.proposal import latest_census
    from hnforecast.inputs import load_panel

    panel = load_panel(folder, files=FILES)
    show_slips(panel.notices)
    census = latest_census(panel, authority, census)
    residents = years = None
    if authority == old.manifest.authority.old_la_code:
        if not covers(old, census):
            raise UsageError(
                Problem(
                    "HN379",
                    f"Residents of vintage {old.name} do not reach back to {census - 2}, which January {census} needs",
                    Place(path="population.children"),
                    do="Choose a vintage that does with --from, or a later count with --census.",
                )
            )
        known = sorted({int(row["year"]) for row in old.population.children.rows})
        years = range(known[0], known[-1] + 1)
        residents = children(old.population.children, tuple(years))
    return propose(
        folder, authority, census, old.codes, residents=residents, years=years, moves=moves, root=root, panel=panel
    )


def _scenarios_without(root: Path, name: str) -> set[str]:
    from hnforecast.base.yaml import load_yaml

    file = root / "assumptions" / "scenarios.yaml"
    yaml, _ = load_yaml(file.read_bytes(), "assumptions/scenarios.yaml")
    content: Mapping[str, Any] = yaml.content if yaml is not None else {}
    return {key for key, spec in content.items() if spec.get("vintages") and name not in map(str, spec["vintages"])}


def _scaling(draft: Draft) -> list[tuple[str, ...]]:
    path = draft.path
    return [
        (str(year), f"{path.before[year]:,.0f}", f"{path.targets[year]:,.0f}", f"{path.growth[year]:+.1%}")
        for year in sorted(path.growth)
    ]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    from hnforecast.writing.terminal import text_table

    return text_table(list(zip(header, *rows, strict=True)))


def _text(proposal: Proposal, draft: Draft, old: str) -> str:
    from hnforecast.history.fit.report import summary_rows

    head = (
        f"{proposal.name} ({proposal.authority}), fitted to January {proposal.census}; the rest from vintage {old}.\n\n"
    )
    return (
        head
        + _table(SUMMARY, summary_rows(proposal))
        + "\n\nNew plans scaled so that total plans follow the pooled forecast across authorities:\n\n"
        + _table(SCALING, _scaling(draft))
        + "\n"
    )


def _plain(proposal: Proposal, draft: Draft, name: str, dry_run: bool) -> dict[str, Any]:
    from hnforecast.history.fit.report import RATE_COLUMNS, rate_rows

    rates = [dict(zip(RATE_COLUMNS, row, strict=True)) for row in rate_rows(proposal)]
    return {
        "schema": SCHEMA,
        "vintage": name,
        "folder": None if dry_run else f"assumptions/{name}",
        "authority": proposal.authority,
        "census": proposal.census,
        "notes": list(draft.notes),
        "scaling": [{"january": year, **draft.at(year)} for year in sorted(draft.path.growth)],
        "rates": rates,
    }


def _write_tables(out: Path, proposal: Proposal, draft: Draft) -> None:
    from hnforecast.history.fit.report import RATE_COLUMNS, rate_rows, summary_rows

    files = {
        "fitted_rates.csv": _csv(RATE_COLUMNS, rate_rows(proposal)),
        "summary.csv": _csv(SUMMARY, summary_rows(proposal)),
        "scaling.csv": _csv(SCALING, _scaling(draft)),
    }
    write_files(out.resolve(), files, "fit", on_existing(out))


def _csv(header: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return page.getvalue().encode("utf-8")
