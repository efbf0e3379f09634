"""What the commands of decisions share: where their pages and tables go, and the years they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from hnforecast.base.errors import Problem, UsageError
from hnforecast.cli.out import OUT_FOLDER, on_existing, replace_option, write_files
from hnforecast.cli.project import common_options, vintage_option
from hnforecast.cli.screen import say

Command = TypeVar("Command", bound=Callable[..., Any])


def decision_options(year: str, out: str, plain: str) -> Callable[[Command], Command]:
    """The options of a command that explains: --year, --out, --json, the vintage and the project.

    Args:
        year, out, plain: what each of the first three is for, as help shows it.
    """

    def add(command: Command) -> Command:
        command = vintage_option(common_options(command))
        command = replace_option(command)
        command = click.option("--json", "as_json", is_flag=True, help=plain)(command)
        command = click.option("--out", type=OUT_FOLDER, help=out)(command)
        return click.option("--year", metavar="YEAR", help=year)(command)

    return add


def read_year(text: str, code: str, known: Iterable[int] | None = None) -> int:
    """A financial year as typed.

    Args:
        code: of the problem where it is not one, or not among those known.

    Raises:
        UsageError: it is not.
    """
    from hnforecast.base.timeline import parse_year, show_year

    shown = [show_year(year) for year in known] if known is not None else None
    expected = ", ".join(shown) if shown is not None else "a financial year such as 2027-28"
    try:
        year = parse_year(text)
    except ValueError as error:
        raise UsageError(Problem(code, str(error), expected=expected)) from None
    if shown is not None and show_year(year) not in shown:
        raise UsageError(Problem(code, f"The forecast has no year {text}", expected=expected))
    return year


def write_pages(out: Path, files: Mapping[str, bytes]) -> None:
    """Write pages, tables and charts into a folder, each whole or not at all, and say where.

    Args:
        out: the folder; made where it is missing.
        files: name -> content.

    Raises:
        UsageError: the folder is a run, or lies in one; a file is in the way.
        OutputError: the folder cannot be made, or a file not be written.
    """
    from hnforecast.cli.run_choice import refuse_inside_run

    refuse_inside_run(out.resolve())
    name = click.get_current_context().info_name or ""
    write_files(out.resolve(), files, name, on_existing(out))
    say(f"Written to {out}")
