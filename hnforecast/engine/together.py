"""The scenarios of a run on two processes: those that share draws stay together, the others go to the helper.

A scenario gives the same figures, to the bit, whichever process makes it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from hnforecast.base.axes import FloatArray
from hnforecast.base.helper import Helper, Task, finish
from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.engine.measured import needs_panel, panel_folder, read_national
from hnforecast.engine.records import Forecast, Project, Shared
from hnforecast.engine.scenarios import resolve_scenario

# root, name and hashes of the vintage, hash of the panel ("" where none is read): what it takes to read the same files
State = tuple[Path, str, tuple[tuple[str, str], ...], str]


@dataclass(frozen=True)
class Asked:
    """What every scenario of a run is run with.

    Args:
        horizon: forecast financial years; None for the manifest's.
        overrides: path -> value, from the command line.
        draws, seed: as in run_forecast.
    """

    horizon: int | None
    overrides: Mapping[str, str]
    draws: int
    seed: int


@dataclass(frozen=True)
class Made:
    """A forecast as it passes between processes.

    Args:
        parts: its fields but the scenario, which either process has of its own.
        beyond: what the scenario has beyond plans and prices, found as it was made.
        seconds: it took.
    """

    parts: Mapping[str, Any]
    beyond: Mapping[int, float]
    seconds: float


def run_scenarios(
    project: Project,
    names: Sequence[str],
    asked: Asked,
    helper: Helper,
    *,
    normals: Task[FloatArray] | None = None,
    then: Callable[[], object] | None = None,
    on_done: Callable[[str, float], None] = lambda name, seconds: None,
    meanwhile: Callable[[], object] = lambda: None,
) -> list[Forecast]:
    """Forecast each named scenario, in the order given.

    Args:
        helper: takes the scenarios that share no draws with the first one, as far as it gets to them.
        normals: the block of draws, where another process is making it.
        then: what the helper does when no scenario is left.
        on_done: called with the name and seconds of each as it is done.
        meanwhile: what to do before waiting for the helper, where that is needed.

    Raises:
        as run_forecast.
    """
    shared = Shared(normals=normals.result if normals is not None else None)
    first, *others = _sharing(project, names)
    specs = [project.vintage.scenarios[name] for name in names]
    panel = read_national(panel_folder(project.root)).sha256 if needs_panel(specs, asked.draws) else ""
    state = (project.root, project.vintage.name, tuple(project.vintage.files.items()), panel)
    tasks = {
        helper.submit(_made_there, state, name, asked, here=partial(_made, project, name, asked, shared)): name
        for group in others
        for name in group
    }
    if then is not None:
        helper.submit(then)
    made: dict[str, Made] = {}

    def keep(name: str, found: Made) -> None:
        made[name] = found
        on_done(name, found.seconds)

    for name in first:
        keep(name, _made(project, name, asked, shared))
    for task in finish(list(tasks), meanwhile=meanwhile):
        keep(tasks[task], task.result())
    resolved = {name: resolve_scenario(project.vintage, name, dict(asked.overrides)) for name in names}
    return [Forecast(scenario=replace(resolved[name], beyond=made[name].beyond), **made[name].parts) for name in names]


def _sharing(project: Project, names: Sequence[str]) -> list[list[str]]:
    """The names in groups that flow from the same demand, prices and growth, and so share passes of the model."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for name in names:
        spec = project.vintage.scenarios[name]
        groups.setdefault((spec.demand, spec.prices, spec.growth), []).append(name)
    return list(groups.values())


def _made(project: Project, name: str, asked: Asked, shared: Shared) -> Made:
    start = time.perf_counter()
    forecast = run_forecast(
        project, name, horizon=asked.horizon, overrides=dict(asked.overrides), draws=asked.draws, seed=asked.seed,
        shared=shared,
    )  # fmt: skip
    parts = {field.name: getattr(forecast, field.name) for field in fields(forecast) if field.name != "scenario"}
    return Made(parts, forecast.scenario.beyond, time.perf_counter() - start)


def _made_there(state: State, name: str, asked: Asked) -> Made:
    """As _made, in the helper, from the files as they were read here."""
    project, shared = _own(state, asked.horizon, tuple(asked.overrides.items()), asked.draws, asked.seed)
    return _made(project, name, asked, shared)


@lru_cache(maxsize=1)
def _own(
    state: State, horizon: int | None, overrides: tuple[tuple[str, str], ...], draws: int, seed: int
) -> tuple[Project, Shared]:
    """The helper's own copy of the project, and what its scenarios share.

    Raises:
        RuntimeError: a file is not what it was when the run began.
    """
    root, vintage, files, panel = state
    project = load_project(root, vintage)
    if tuple(project.vintage.files.items()) != files:
        raise RuntimeError("the vintage was edited while the run began")
    if panel and read_national(panel_folder(root)).sha256 != panel:
        raise RuntimeError("the panel was edited while the run began")
    return project, Shared()
