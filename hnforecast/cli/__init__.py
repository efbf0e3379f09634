"""The command line: the only part of the package that prints, asks or exits.

Start-up loads nothing heavy; each command imports what it needs when it runs. Results go to standard output, everything
else to standard error. Exit codes: 0 fine, 1 a check failed, 2 bad input, 3 our bug, 4 a file could not be written or
is locked, 130 interrupted.
"""

from __future__ import annotations

import sys

import click

from hnforecast.cli.commands import LazyGroup
from hnforecast.cli.faults import run_safely
from hnforecast.cli.screen import WIDTH, plain_consoles

EPILOG = """\b
Examples:
  hnforecast run                     every scenario of the default vintage
  hnforecast run mitigated --json    one scenario, the account as JSON
  hnforecast explain prices.top_up   where a value comes from
\b
Exit codes: 0 fine, 1 a check failed, 2 bad input, 3 our bug,
4 a file could not be written or is locked, 130 interrupted.
"""


def _show_version(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from hnforecast.record import package_version

        click.echo(f"hnforecast {package_version()}")
        context.exit()


@click.group(
    name="hnforecast",
    cls=LazyGroup,
    epilog=EPILOG,
    invoke_without_command=True,
    context_settings={"terminal_width": WIDTH},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
@click.pass_context
def application(context: click.Context) -> None:
    """Project a council's high needs block and Dedicated Schools Grant deficit, month by month."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main() -> None:
    """Run the command line and exit with its code."""
    plain_consoles()
    sys.exit(run_safely(application, sys.argv[1:]))
