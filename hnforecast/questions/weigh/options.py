"""Which scenarios are options a council can choose, what must be said of the choice, and the forecast of each."""

from __future__ import annotations

from hnforecast.assumptions import Vintage
from hnforecast.base.errors import Problem, UsageError
from hnforecast.engine.forecast import run_forecast
from hnforecast.engine.records import Forecast, Project, Shared


def choose_options(vintage: Vintage, asked: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The scenarios to weigh, and what must be said of the choice.

    A scenario that only tests a plan, or rests on another view of demand and prices, is nothing a council can choose.

    Args:
        vintage: whose scenarios they are.
        asked: names, each of a scenario; empty for all that a council can choose.

    Raises:
        UsageError: fewer than two are left.
    """
    known = list(vintage.scenarios)
    chosen = {name: spec for name, spec in vintage.scenarios.items() if name in asked or not asked}
    tests = [name for name, spec in chosen.items() if (spec.delivery, spec.growth) != ("central", "central")]
    views = [name for name, spec in chosen.items() if (spec.demand, spec.prices) != ("vintage", "vintage")]
    names = [name for name in chosen if asked or name not in (*tests, *views)]
    if len(names) < 2:
        found, expected = ", ".join(names), f"two or more of {', '.join(known)}"
        raise UsageError(Problem("HN553", "Weighing needs two options", found=found, expected=expected))
    state = "weighed because they were named" if asked else "not weighed unless named"
    said = [
        f"{what}, {state}: {', '.join(found)}."
        for what, found in (
            ("Tests of a plan, which nobody chooses", tests),
            ("Other views of demand and prices, which nobody chooses", [name for name in views if name not in tests]),
        )
        if found
    ]
    none = [name for name in names if vintage.scenarios[name].measures == ()]
    if none:
        said.append(
            f"{' and '.join(none)}: no measures, so nothing to deliver. It shows what acting is measured against; an "
            "authority in deficit must be able to present a plan (conditions of the DSG, 5.2)."
        )
    return names, [*said, *_alike(vintage, names)]


def forecast_options(project: Project, names: list[str], draws: int, seed: int) -> list[Forecast]:
    """The forecasts in their order; those with fewest measures are made first, as the noise rests on the first."""
    vintage, shared = project.vintage, Shared()

    def measures(name: str) -> int:
        chosen = vintage.scenarios[name].measures
        return len(vintage.measures) if chosen is None else len(chosen)

    made = {
        name: run_forecast(project, name, draws=draws, seed=seed, shared=shared)
        for name in sorted(names, key=lambda name: (measures(name), names.index(name)))
    }
    return [made[name] for name in names]


def _alike(vintage: Vintage, names: list[str]) -> list[str]:
    """Options with the same measures, which differ in what others decide."""
    by_measures: dict[tuple[str, ...] | None, list[str]] = {}
    for name in names:
        by_measures.setdefault(vintage.scenarios[name].measures, []).append(name)
    return [
        f"{' and '.join(alike)} hold the same measures: what tells them apart is not the council's to decide."
        for alike in by_measures.values()
        if len(alike) > 1
    ]
