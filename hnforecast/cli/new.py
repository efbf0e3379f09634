"""`hnforecast new`: a council folder to start from."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import click

from hnforecast.cli.project import is_project
from hnforecast.cli.screen import say
from hnforecast.errors import Place, Problem, UsageError


@click.command(epilog="Example: hnforecast new --example")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--example", is_flag=True, help="The invented council that comes with the program.")
@click.option("--debug", is_flag=True, help="Show where in the program a fault arose.")
def new(folder: Path | None, example: bool, debug: bool) -> None:
    """Write a council folder that runs: the invented example, into FOLDER or a folder of its name here."""
    if not example:
        raise UsageError(
            Problem(
                "HN856",
                "This version starts new folders from the example only",
                do="Add --example, then change its files.",
            )
        )
    source = _example()
    target = (folder or Path(source.name)).resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(
            Problem(
                "HN857",
                "The folder is there already and not empty, so it is left alone",
                Place(file=str(target)),
                do="Name another: hnforecast new --example FOLDER.",
            )
        )
    _copy(source, target)
    shown = Path(os.path.relpath(target)).as_posix()
    click.echo(f"Written to {shown}. Every figure in it is invented.")
    say(f"Next: cd {shown}, then hnforecast run.")


def _example() -> Path:
    """The invented council as it comes with the program."""
    from hnforecast.shipped import shipped_folder

    found = [path for path in sorted(shipped_folder("synthetic").iterdir()) if path.is_dir() and is_project(path)]
    if not found:
        raise FileNotFoundError("the example council is missing from this installation")
    return found[0]


def _copy(source: Path, target: Path) -> None:
    """Copy beside the target and rename, so that a copy is whole or absent; give it the codes and an outputs folder."""
    from hnforecast.outputs.files import output_error
    from hnforecast.shipped import shipped_folder

    partial = target.with_name(f".{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(source, partial)
        for name in ("codes", "national"):
            if not (partial / "inputs" / name).exists():
                shutil.copytree(shipped_folder(name), partial / "inputs" / name)
        (partial / "outputs").mkdir(exist_ok=True)
        os.replace(partial, target)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise output_error(error, target) from error
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
