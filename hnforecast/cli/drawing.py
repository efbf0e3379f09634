"""What commands that draw uncertain values share: how many draws, from which seed, the options that ask for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from hnforecast.base.errors import Problem, UsageError
from hnforecast.engine.draws import SEED

DRAWS, MOST_DRAWS = 8_192, 65_536
Command = TypeVar("Command", bound=Callable[..., Any])


def draws_option(words: str, most: int = MOST_DRAWS, default: int = DRAWS) -> Callable[[Command], Command]:
    """The option --draws of a command that draws unless told otherwise.

    Args:
        words: what it is for, as help shows it.
        most: draws the command can carry.
        default: draws where none are asked for.
    """
    return click.option(
        "--draws",
        type=click.IntRange(1, most),
        default=default,
        show_default=True,
        envvar="HNFORECAST_DRAWS",
        help=words,
    )


def seed_option(command: Command) -> Command:
    """The option --seed."""
    return click.option(
        "--seed", type=click.IntRange(min=0), default=SEED, show_default=True, help="Seed of the draws."
    )(command)


def check_draws(draws: int) -> None:
    """The block of draws has a power of two of rows, which is what spreads it evenly.

    Raises:
        UsageError: another number.
    """
    if draws & (draws - 1):
        below = 1 << (draws.bit_length() - 1)
        expected = f"1, 2, 4, 8 ... such as {below} or {2 * below}"
        raise UsageError(
            Problem("HN852", "The number of draws is not a power of two", found=f"--draws {draws}", expected=expected)
        )
