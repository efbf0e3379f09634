"""`hnforecast new`: a council folder to start from: the invented example, or any authority from published data."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hnforecast.base.errors import Place, Problem, UsageError
from hnforecast.cli.project import is_project
from hnforecast.cli.screen import print_json, say

if TYPE_CHECKING:
    from hnforecast.history.new.draft import CouncilDraft
    from hnforecast.history.new.unknowns import Unknown

SCHEMA = "hnforecast/new/1"


@click.command(epilog="Example: hnforecast new worcestershire")
@click.argument("authority", required=False)
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--example", is_flag=True, help="The invented council that comes with the program.")
@click.option("--list", "listing", is_flag=True, help="Name every authority of the national pack.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written, the gap and what is unknown as JSON.")
@click.option("--debug", is_flag=True, help="Show where in the program a fault arose.")
def new(authority: str | None, folder: Path | None, example: bool, listing: bool, as_json: bool, debug: bool) -> None:
    """Write a council folder that runs, from published data: AUTHORITY by name or code, into FOLDER.

    FOLDER is the authority's name here by default. With --example the one argument is the folder.
    """
    if listing:
        _list()
    elif example:
        _new_example(authority, folder)
    elif authority is None:
        do = "Name an authority, such as `hnforecast new worcestershire`; or add --example."
        raise UsageError(Problem("HN856", "No authority is named", do=do))
    else:
        _new_council(authority, folder, as_json)


def _new_example(asked: str | None, folder: Path | None) -> None:
    if folder is not None:
        do = "hnforecast new --example FOLDER takes one folder."
        raise UsageError(Problem("HN856", "The example is of no authority", found=str(asked), do=do))
    source = _example()
    target = _free(Path(asked) if asked else Path(source.name), "hnforecast new --example FOLDER")
    _copy(source, target)
    shown = Path(os.path.relpath(target)).as_posix()
    click.echo(f"Written to {shown}. Every figure in it is invented.")
    say(f"Next: cd {shown}, then hnforecast run.")


def _new_council(asked: str, folder: Path | None, as_json: bool) -> None:
    from hnforecast.assumptions.build import this_day
    from hnforecast.base.shipped import shipped_folder
    from hnforecast.history.new.authority import find_authority, read_authorities
    from hnforecast.history.new.draft import draft_council
    from hnforecast.history.new.folder import folder_files
    from hnforecast.history.new.unknowns import new_council_page, unknowns_of
    from hnforecast.inputs import load_panel
    from hnforecast.writing.blocks import as_markdown, as_text

    pack = shipped_folder("national")
    found = find_authority(read_authorities(load_panel(pack, files=("la_lookup",)).frames["la_lookup"]), asked)
    target = _free(folder or Path(found.slug), f"hnforecast new {asked} FOLDER")
    draft = draft_council(load_panel(pack), found, this_day())
    unknowns = unknowns_of(draft)
    page = new_council_page(draft, unknowns)
    _publish(folder_files(draft, pack, as_markdown(page)), target)
    shown = Path(os.path.relpath(target)).as_posix()
    if as_json:
        print_json(_plain(draft, unknowns, shown))
        return
    click.echo(as_text(page), nl=False)
    click.echo(f"\nWritten to {shown}; README.md there is this page.")
    say(f"Next: cd {shown}, then hnforecast check, then hnforecast run.")


def _list() -> None:
    from hnforecast.base.shipped import shipped_folder
    from hnforecast.history.new.authority import read_authorities
    from hnforecast.inputs import load_panel

    panel = load_panel(shipped_folder("national"), files=("la_lookup", "ehcp_by_la"))
    counted = set(panel["ehcp_by_la"]["old_la_code"])
    known = read_authorities(panel["la_lookup"])
    latest = max(authority.last_year for authority in known)
    for authority in known:
        if authority.last_year == latest:
            without = "" if authority.code in counted else "  (no January counts in the pack: cannot be drafted)"
            click.echo(f"{authority.code}  {authority.name}{without}")


def _free(folder: Path, usage: str) -> Path:
    """The folder, if nothing is there.

    Raises:
        UsageError: something is; nothing is ever written over.
    """
    target = folder.resolve()
    if target.is_symlink() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
        what = "The folder is there already and not empty, so it is left alone"
        raise UsageError(Problem("HN857", what, Place(file=str(target)), do=f"Name another: {usage}."))
    return target


def _plain(draft: CouncilDraft, unknowns: tuple[Unknown, ...], folder: str) -> dict[str, object]:
    against = draft.against
    return {
        "schema": SCHEMA,
        "folder": folder,
        "old_la_code": draft.authority.code,
        "authority": draft.authority.name,
        "vintage": draft.name,
        "base_outturn": against.year,
        "published_gbp": against.published,
        "engine_gbp": round(against.engine, 2),
        "gap": None if against.gap is None else round(against.gap, 6),
        "gap_at_general_prices": None
        if not against.published
        else round(against.at_deflator / against.published - 1, 6),
        "price_factor": round(against.factor, 6),
        "balance_gbp": round(draft.balance),
        "notes": list(draft.settled.notes),
        "unknown": [
            {"what": item.what, "assumed": item.assumed, "where": item.where, "mark": item.mark} for item in unknowns
        ],
    }


def _example() -> Path:
    """The invented council as it comes with the program."""
    from hnforecast.base.shipped import shipped_folder

    found = [path for path in sorted(shipped_folder("synthetic").iterdir()) if path.is_dir() and is_project(path)]
    if not found:
        raise FileNotFoundError("the example council is missing from this installation")
    return found[0]


def _publish(files: Mapping[str, bytes], target: Path) -> None:
    """Write every file beside the target and rename, so that the folder is whole or absent."""

    def write(partial: Path) -> None:
        for name, content in files.items():
            path = partial / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    _whole(target, write)


def _copy(source: Path, target: Path) -> None:
    """Copy the example; give it the codes and the panel."""
    from hnforecast.base.shipped import shipped_folder

    def write(partial: Path) -> None:
        shutil.copytree(source, partial, dirs_exist_ok=True)
        for name in ("codes", "national"):
            if not (partial / "inputs" / name).exists():
                shutil.copytree(shipped_folder(name), partial / "inputs" / name)

    _whole(target, write)


def _whole(target: Path, write: Callable[[Path], None]) -> None:
    """Fill a folder beside the target and rename it into place; nothing half-written is ever seen."""
    from hnforecast.writing.files import begin_folder, output_error, remove_folder
    from hnforecast.writing.partials import building, partial_of

    with building(target):
        try:
            partial = begin_folder(target)
            write(partial)
            (partial / "outputs").mkdir(exist_ok=True)
            _free(target, "hnforecast new ... FOLDER")  # another program may have written it meanwhile
            os.replace(partial, target)
        except OSError as error:
            raise output_error(error, target) from error
        finally:
            remove_folder(partial_of(target))
