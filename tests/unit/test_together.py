"""The scenarios of a run give the same tables, to the byte, whichever process makes them."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hnforecast.base.errors import ScenarioError
from hnforecast.base.helper import Helper, Task
from hnforecast.engine import together
from hnforecast.engine.draws.sobol import normal_block
from hnforecast.engine.forecast import load_project
from hnforecast.engine.records import Forecast, Project
from hnforecast.engine.together import Asked, run_scenarios
from hnforecast.papers.tables.money import run_tables
from hnforecast.writing.csvtext import to_csv
from tests.fixtures_forecast import EXAMPLE

DRAWS = 64


def tables(forecasts: list[Forecast]) -> list[bytes]:
    return [to_csv(table) for table in run_tables(forecasts, forecasts[0].scenario.vintage.codes, {})]


def names_of(project: Project) -> list[str]:
    return list(project.vintage.scenarios)


@pytest.mark.parametrize("draws", [1, DRAWS])
def test_two_processes_give_the_tables_of_one(draws: int, monkeypatch: pytest.MonkeyPatch) -> None:
    project = load_project(EXAMPLE)
    asked = Asked(4, {"prices.top_up.state_special": "+3%"}, draws, 7)
    first, *others = together._sharing(project, names_of(project))
    assert others, "the example has scenarios that share no draws"
    with Helper() as nobody:
        nobody._process.kill()  # type: ignore[union-attr]
        alone = run_scenarios(project, names_of(project), asked, nobody)
    made_here: list[str] = []
    given: list[Task[Any]] = []
    made, submit = together._made, Helper.submit

    def noted(helper: Helper, *arguments: Any, **here: Any) -> Task[Any]:
        given.append(submit(helper, *arguments, **here))
        return given[-1]

    def slowly(project: Project, name: str, *rest: object) -> together.Made:
        made_here.append(name)
        while name == first[-1] and not given[-1].begun:  # the helper begins the last before anybody here can
            time.sleep(0.02)
        return made(project, name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(together, "_made", slowly)
    monkeypatch.setattr(Helper, "submit", noted)
    with Helper() as helper:
        normals = helper.submit(normal_block, draws, 7) if draws > 1 else None
        both = run_scenarios(project, names_of(project), asked, helper, normals=normals)
    assert made_here == first, "the helper made the others"
    assert [forecast.scenario.name for forecast in both] == names_of(project)
    assert tables(both) == tables(alone)


def test_a_vintage_edited_while_the_run_began_is_not_read_by_the_helper() -> None:
    project = load_project(EXAMPLE)
    edited = replace(project.vintage, files={**project.vintage.files, "prices.yaml": "0" * 64})
    state = (project.root, edited.name, tuple(edited.files.items()), "")
    with pytest.raises(RuntimeError, match="edited"):
        together._made_there(state, "mitigated", Asked(2, {}, 1, 7))


def test_a_panel_edited_while_the_run_began_is_not_read_by_the_helper() -> None:
    project = load_project(EXAMPLE)
    state = (project.root, project.vintage.name, tuple(project.vintage.files.items()), "0" * 64)
    with pytest.raises(RuntimeError, match="the panel was edited"):
        together._made_there(state, "history", Asked(2, {}, 1, 7))


def test_what_cannot_be_run_is_refused_as_in_one_process(tmp_path: Path) -> None:
    project = load_project(EXAMPLE)
    with Helper() as helper, pytest.raises(ScenarioError):
        run_scenarios(project, names_of(project), Asked(2, {"prices.none": "3"}, 1, 7), helper)
