"""The commands by name, in the order help shows them; a command's module is loaded when the command is asked for.

A new command is one line here and one module: help stays as quick with twenty commands as with two.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

import click

# name -> (module.attribute below hnforecast.cli, what it does)
COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "run": ("run.run", "Project scenarios and write a run folder."),
        "monitor": ("monitor.monitor", "Forecast the year from its actuals, and say why it moved."),
        "return": ("return_.return_", "Make the return of a period, checked and sealed."),
        "verify": ("verify.verify", "Prove a return or a run unchanged."),
        "compare": ("compare.compare", "Bridge two forecasts: what moved, and by how much."),
        "causes": ("causes.causes", "Split past growth of cost into price, volume and mix."),
        "benchmark": ("benchmark.benchmark", "Set an authority beside its neighbours and England."),
        "brief": ("brief.brief", "Write one page: spend, promises, what would bring balance."),
        "weigh": ("weigh.weigh", "Weigh scenarios by money, outcomes and deliverability."),
        "target": ("target.target", "Find what meets a goal: one lever, or a mix of measures."),
        "sensitivity": ("sensitivity.sensitivity", "Show what the forecast hangs on, and where goals flip."),
        "report": ("report.report", "Write the committee report of a run as Word."),
        "publish": ("publish.publish", "Write accessible tables for anybody, small counts withheld."),
        "share": ("share.share", "Write the forecast as one page of HTML to share."),
        "fit": ("fit.fit", "Fit rates to history and write a draft vintage."),
        "backtest": ("backtest.backtest", "Measure the method on past years."),
        "check": ("check.check", "Show every problem in assumptions/ and inputs/."),
        "explain": ("explain.explain", "Say where a value comes from and what changes it."),
        "list": ("listing.list_names", "List vintages, scenarios, measures, values, checks."),
        "new": ("new.new", "Write a folder for any council, from published data."),
        "doctor": ("doctor.doctor", "Check this machine and this folder."),
        "completion": ("completion.completion", "Print the script for TAB in bash, zsh, fish or PowerShell."),
    }
)


class LazyGroup(click.Group):
    """A group that knows its commands by name and loads each when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, loaded now; None for a name nobody knows."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].rpartition(".")
        command: click.Command = getattr(import_module(f"hnforecast.cli.{module}"), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command the arguments ask for; a name nobody knows is answered with the closest one there is."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise click.exceptions.NoSuchCommand(args[0], possibilities=COMMANDS, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands in help, written without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])
