"""Words of a sensitivity: the value of a driver at a percentile, and the sentences that the figures come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hnforecast.base.timeline import show_year
from hnforecast.questions.targets.words import brief_move, value_text
from hnforecast.writing.style import millions

if TYPE_CHECKING:
    from hnforecast.questions.sensitivity import Bar, Quantity, Switch, Uncertain


def quantity_text(quantity: Quantity) -> str:
    """What is read."""
    if quantity.name == "in_year":
        return f"in-year position of {show_year(quantity.year)}"
    return f"balance after support at 31 March {quantity.year + 1}"


def driver_value(driver: Uncertain, value: float) -> str:
    """A driver's value: £12,300, 40%, x0.75, -2.0 pts; P10 and P90 of the measured errors."""
    if driver.kind == "percentile":
        return f"P{100 * value:.0f}"
    if driver.kind == "factor":
        return f"x{value:.2f}"
    if driver.kind == "shift":
        return f"{100 * value:+.1f} pts"
    return f"{100 * value:.0f}%" if driver.unit == "share" else value_text(driver.unit, value)


def tornado_words(bars: list[Bar], quantity: Quantity) -> str:
    """What the widest bars say."""
    first, base = bars[0], bars[0].base
    better, worse = max(first.at_low, first.at_high), min(first.at_low, first.at_high)
    every = [end for bar in bars for end in (bar.at_low, bar.at_high)]
    text = (
        f"At central values the {quantity_text(quantity)} is {_position(base)}. {first.driver.label} moves it most: "
        f"from {_position(worse)} to {_position(better)} between its 10th and 90th percentile."
    )
    if base < 0 and max(every) < 0:
        return f"{text} No driver at its 10th or 90th percentile, taken alone, brings it to balance."
    if base < 0:
        names = [bar.driver.label for bar in bars if max(bar.at_low, bar.at_high) >= 0]
        return (
            f"{text} It comes to balance where one of these alone is at the good end of its range: {', '.join(names)}."
        )
    return text


def _position(pounds: float) -> str:
    word = "deficit" if pounds < 0 else "surplus"
    return f"a {word} of £{millions(pounds)}m"


def switch_words(switches: list[Switch]) -> str:
    """How many levers can turn a goal, and the one that comes nearest."""
    goal = switches[0].goal
    live = [switch for switch in switches if not switch.inert]
    turning = [switch for switch in live if switch.move is not None]
    state = "met" if switches[0].met_now else f"missed by £{millions(switches[0].margin_now)}m"
    head = f"{goal.words()[0].upper()}{goal.words()[1:]} is {state} in the central run."
    if turning:
        return f"{head} {len(turning)} of {len(live)} levers turn it within their plausible bounds, taken alone."
    if not live:
        return f"{head} No lever of the list acts on it."
    if switches[0].met_now:
        return f"{head} None of {len(live)} levers turns it within their plausible bounds, taken alone."
    best = max(live, key=lambda switch: switch.margin_best)
    return (
        f"{head} Switching value: none within plausible bounds, for any of {len(live)} levers taken alone. The nearest "
        f"is {best.lever.label.lower()}, which at its bound leaves it £{millions(best.margin_best)}m short."
    )


def switch_value(switch: Switch) -> str:
    """The switching value, or that there is none."""
    return "none in bounds" if switch.move is None else brief_move(switch.lever, switch.move)
