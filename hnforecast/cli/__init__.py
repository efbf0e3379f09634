"""The command line: the only part of the package that prints, asks or exits.

Start-up loads nothing heavy; each command imports what it needs when it runs. Results go to standard output, everything
else to standard error. Exit codes: 0 fine, 1 a check failed, 2 bad input, 3 our bug, 4 a file could not be written or
is locked, 130 interrupted.
"""

from __future__ import annotations

import os
import sys

import click

from hnforecast.cli.commands import LazyGroup
from hnforecast.cli.faults import run_safely
from hnforecast.cli.screen import plain_consoles, screen_width

VARIABLE = "_HNFORECAST_COMPLETE"
EPILOG = """\b
Examples:
  hnforecast run                     every scenario of the default vintage
  hnforecast run mitigated --json    one scenario, the account as JSON
  hnforecast explain prices.top_up   where a value comes from
\b
Exit codes: 0 fine, 1 a check failed, 2 bad input, 3 our bug,
4 a file could not be written or is locked, 130 interrupted.
"""
FIRST = (
    ("hnforecast run", "project every scenario, into outputs/"),
    ("hnforecast check", "what is wrong in the files, if anything"),
    ("hnforecast list scenarios", "what there is; also vintages, measures"),
    ("hnforecast explain prices.top_up", "where a value comes from"),
    ("hnforecast doctor", "is this machine ready?"),
    ("hnforecast COMMAND --help", "how a command is used, with examples"),
    ("hnforecast --help", "every command"),
)
NO_FOLDER = (("hnforecast new --example", "write an invented council's folder to try"),)


def _show_version(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from hnforecast.base.record import package_version

        click.echo(f"hnforecast {package_version()}")
        context.exit()


@click.group(
    name="hnforecast",
    cls=LazyGroup,
    epilog=EPILOG,
    invoke_without_command=True,
    context_settings={"terminal_width": screen_width()},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
@click.pass_context
def application(context: click.Context) -> None:
    """Project a council's high needs block and Dedicated Schools Grant deficit, month by month."""
    if context.invoked_subcommand is None:
        _overview()


def _overview() -> None:
    """What one sees who types the name alone: where one is, and the first things to type."""
    from pathlib import Path

    from hnforecast.cli.project import nearest_project
    from hnforecast.writing.terminal import wrap

    here = nearest_project(Path.cwd())
    click.echo(wrap("hnforecast projects a council's high needs block and DSG deficit, month by month."))
    click.echo()
    click.echo(f"Council folder: {here}" if here else wrap("There is no council folder here or above."))
    click.echo()
    first = FIRST if here else (*NO_FOLDER, *FIRST[-2:])
    column = max(len(typed) for typed, _ in first) + 4
    for typed, words in first:
        beside = wrap(words, indent=column).lstrip() if column + 20 < screen_width() else f"\n{wrap(words, indent=6)}"
        click.echo(f"  {typed:<{column - 2}}{beside}")


def main() -> None:
    """Run the command line and exit with its code."""
    plain_consoles()
    if VARIABLE in os.environ:  # a shell asks what might be typed next
        from hnforecast.cli.completion import register

        register()
    sys.exit(run_safely(application, sys.argv[1:]))
