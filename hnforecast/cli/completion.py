"""`hnforecast completion`: the script that lets a shell complete commands, options and names at the TAB key."""

from __future__ import annotations

import os
from typing import ClassVar

import click
from click.shell_completion import CompletionItem, ShellComplete, add_completion_class, get_completion_class

from hnforecast.cli import VARIABLE
from hnforecast.cli.project import NearChoice
from hnforecast.cli.screen import say

PROGRAM = "hnforecast"
HOW = {
    "bash": 'add to ~/.bashrc: eval "$(hnforecast completion bash)"',
    "zsh": 'add to ~/.zshrc: eval "$(hnforecast completion zsh)"',
    "fish": "once: hnforecast completion fish > ~/.config/fish/completions/hnforecast.fish",
    "powershell": "add to the file $PROFILE: hnforecast completion powershell | Out-String | Invoke-Expression",
}

# Words go over as lines of one variable: PowerShell has none of the variables bash keeps them in. What stands before
# the cursor alone counts. Nothing found leaves PowerShell to offer files.
POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object { $_.Extent.Text })
    $before = $env:%(complete_var)s
    try {
        $env:%(complete_var)s = 'powershell_complete'
        $env:_HNFORECAST_WORDS = $words -join "`n"
        $env:_HNFORECAST_WORD = "$wordToComplete"
        $answers = @(& %(prog_name)s 2>$null)
    }
    finally {
        $env:%(complete_var)s = $before
        Remove-Item Env:_HNFORECAST_WORDS, Env:_HNFORECAST_WORD -ErrorAction SilentlyContinue
    }
    foreach ($answer in $answers) {
        $kind, $value, $help = $answer -split "`t", 3
        if ($kind -ne 'plain' -or -not $value) { continue }
        if (-not $help) { $help = $value }
        $typed = if ($value -match '[\\s&;(){}]') { "'" + ($value -replace "'", "''") + "'" } else { $value }
        [System.Management.Automation.CompletionResult]::new($typed, $value, 'ParameterValue', $help)
    }
}
"""


class PowerShellComplete(ShellComplete):
    """Completion for Windows PowerShell 5.1 and PowerShell 7."""

    name: ClassVar[str] = "powershell"
    source_template: ClassVar[str] = POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words after the program's name, and the one being typed."""
        words = [_unquoted(word) for word in os.environ.get("_HNFORECAST_WORDS", "").split("\n")]
        incomplete = _unquoted(os.environ.get("_HNFORECAST_WORD", ""))
        arguments = words[1:]
        if incomplete and arguments and arguments[-1] == incomplete:
            arguments.pop()
        return arguments, incomplete

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Kind, value and help of one answer, on one line."""
        told = " ".join((item.help or "").split())
        return f"{item.type}\t{item.value}\t{told}"


def _unquoted(word: str) -> str:
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "'\"" else word.lstrip("'\"")


def register() -> None:
    """Teach the library the shells it does not know."""
    add_completion_class(PowerShellComplete)


@click.command(
    epilog="""\b
Examples:
  hnforecast completion bash         print the script for bash
  hnforecast completion powershell   print the script for PowerShell
"""
)
@click.argument("shell", type=NearChoice(tuple(HOW)))
@click.option("--debug", is_flag=True, help="Show where in the program a fault arose.")
@click.pass_context
def completion(context: click.Context, shell: str, debug: bool) -> None:
    """Print the script that completes commands, options and names in SHELL.

    Load it with: eval "$(hnforecast completion bash)", or in PowerShell
    hnforecast completion powershell | Out-String | Invoke-Expression.
    """
    register()
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    script = found(context.find_root().command, {}, PROGRAM, VARIABLE)
    # the version check of the library's bash script is for its own source(); the text itself is what is wanted
    click.echo(script.source_template % script.source_vars(), nl=False)
    say(f"To have it in every window, {HOW[shell]}")
