"""Words of a target: how a move of a lever is written, and what stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hnforecast.assumptions.shapes import show_number
from hnforecast.base.timeline import show_year
from hnforecast.writing.style import millions, percent, round_half_up

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast
    from hnforecast.questions.targets import Answer, Goal, Lever


def move_text(lever: Lever, move: float) -> str:
    """A move as a reader says it: £43,990 (x0.930), +1.2 points a year, £12.5m a year, 95%."""
    if lever.moves_by == "shift":
        return f"{100 * move:+.2f} points a year"
    if lever.moves_by == "amount":
        return f"£{millions(move)}m a year"
    if lever.moves_by == "value":
        return f"{100 * move:.1f}%" if lever.unit == "share" else show_number(round_half_up(move, 2))
    value = "" if lever.now is None else f"{value_text(lever.unit, lever.now * move)} "
    factor = f"x{move:.3f}"
    return f"{value}({factor})" if value else factor


def value_text(unit: str, value: float) -> str:
    """A single value with its unit's sign."""
    value += 0.0  # nought has no sign of its own
    if unit.startswith("gbp"):
        return f"£{round_half_up(value):,.0f}"
    return f"{100 * value:.1f}%" if unit == "share" else f"{value:,.1f}"


def set_text(lever: Lever, move: float) -> list[str]:
    """The move as options of `hnforecast run`."""
    return [f"--set {path}={value}" for path, value in lever.overrides(move).items()]


def margin_text(pounds: float) -> str:
    """How far a goal is met: "£4.2m over", "£104.0m short", "met exactly" to the nearest tenth of a million."""
    if round_half_up(pounds / 1e6, 1) == 0:
        return "met to within £0.05m"
    return f"£{millions(pounds)}m {'over' if pounds > 0 else 'short'}"


def goal_margin_name(goal: Goal) -> str:
    """What the margin of a goal is, beside its figure."""
    of = "in-year position" if goal.kind == "balance" else "balance against the agreed one"
    if goal.probability is None:
        return f"{of}, central run"
    return f"{of} that {100 * goal.probability:g}% of draws reach"


def limit_text(answer: Answer) -> list[str]:
    """What stops a lever short of a goal, in sentences."""
    lever, search = answer.lever, answer.search
    if answer.flat:
        return [
            "This lever does nothing for the goal in this scenario: the measure or year it acts on is not in it, or "
            "what it moves is funded and spent alike."
        ]
    found = []
    best = search.best
    if best in (lever.low, lever.high):
        found.append(f"The bound: it may plausibly go to {move_text(lever, best)} and no further. {lever.bound}.")
    elif best == lever.start:
        found.append("No move either way brings the goal nearer than where the lever stands.")
    else:
        found.append(
            f"It helps only as far as {move_text(lever, best)}: beyond, the position worsens again, as costs that "
            "follow the lever outgrow what it saves."
        )
    if lever.path.endswith(".delivery") and best == 1.0:
        found.append("Delivery: that is all of the measure; more would need a larger measure.")
    turned = turned_away(answer)
    if turned > 0.5:
        found.append(
            f"Places: at that value {turned:,.0f} more plans than now find no commissioned place in the academic year "
            "that begins in the goal's year, and go where the vintage says instead."
        )
    return found


def turned_away(answer: Answer) -> float:
    """Plans refused a full placement in the year of the goal, over those refused as things stand."""
    after, before = answer.forecast, answer.before_forecast
    apart = len(after.clock.academic_years) - after.plans.spilled.shape[1]  # years before any place was counted
    y = after.clock.academic_years.index(answer.goal.year) - apart
    return float(after.plans.spilled[0, y].sum() - before.plans.spilled[0, y].sum())


def scenario_text(answer: Answer) -> str:
    """What the scenario does to the lever, where it does; else nothing."""
    spec, path = answer.forecast.scenario.spec, answer.lever.path
    if spec.demand == "history" and path.startswith(("demand.", "flows.", "population.")):
        return " In this scenario the number of plans follows history, which takes back what the lever moves."
    if spec.delivery != "central" and path.endswith(".delivery"):
        return f" This scenario takes the {spec.delivery} end of a delivery's interval, which moves with the value."
    return ""


def start_text(forecast: Forecast) -> str:
    """From when a lever acts: a caution, because part of it may have passed."""
    first = show_year(forecast.clock.first_forecast)
    return (
        f"A lever acts from the first forecast year, {first}, on: where that has passed, more is needed of the years "
        "that are left."
    )


def chance_text(share: float | None) -> str:
    """A chance as a percentage, or a dash where no draws were made."""
    return "-" if share is None else "under 0.1%" if 0 < share < 0.0005 else percent(share) if share else "0%"


LONGEST = 35  # characters of a driver's label in the tables of the screen


def short(label: str) -> str:
    """A label that fits the screen."""
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 3].rstrip()}..."


def brief_move(lever: Lever, move: float) -> str:
    """A move in few characters: the value itself where there is one, else the factor, points or pounds."""
    if lever.moves_by == "shift":
        return f"{100 * move:+.2f} pts"
    if lever.moves_by == "factor":
        return f"x{move:.3f}" if lever.now is None else value_text(lever.unit, lever.now * move)
    return move_text(lever, move).removesuffix(" a year")
