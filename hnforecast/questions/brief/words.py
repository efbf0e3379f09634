"""How a decision page says sums, positions and chances."""

from __future__ import annotations

from hnforecast.writing.style import millions, round_half_up

MANY = 100_000  # draws, where a chance is worked out and not counted


STILL = 50_000.0  # pounds that are written as balance


def money(pounds: float) -> str:
    """Pounds inside a sentence."""
    return f"{'minus ' if pounds < -STILL else ''}£{millions(abs(float(pounds)))}m"


def position(pounds: float) -> str:
    """A signed position in words."""
    if abs(pounds) < STILL:
        return "balance"
    return f"a {'deficit' if pounds < 0 else 'surplus'} of £{millions(abs(float(pounds)))}m"


def chance(share: float | None, draws: int = MANY) -> str:
    """A chance as it may be said: never 0% or 100%, and no surer than so many draws allow.

    None among n draws says no more than less than 3/n, with 95% confidence.
    """
    if share is None:
        return "not known (central run alone)"
    least = max(0.01, 3.0 / draws)
    if share < least:
        return f"less than {100 * least:.0f}%"
    return f"more than {100 * (1 - least):.0f}%" if share > 1 - least else f"{100 * round_half_up(share, 2):.0f}%"
