"""The second process does each task once, gives what this one would give, and leaves nothing behind."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from math import factorial
from typing import Any

import pytest

from hnforecast.base.helper import Helper, Task, finish
from hnforecast.papers.charts.charts import draw_chart
from hnforecast.papers.charts.data import chart_data
from hnforecast.papers.charts.words import chart_words
from tests.fixtures_forecast import example_forecasts, example_record


def process_of(helper: Helper) -> subprocess.Popen[bytes]:
    process = helper._process
    assert process is not None
    return process


def test_tasks_are_done_in_the_other_process_in_order() -> None:
    with Helper() as helper:
        tasks = [helper.submit(os.getpid), helper.submit(factorial, 10), helper.submit(sum, [1, 2, 3])]
        while not all(task.done for task in tasks):
            time.sleep(0.01)
        assert [task.result() for task in tasks] == [process_of(helper).pid, 3628800, 6]
    assert process_of(helper).returncode is not None


def test_a_task_nobody_has_begun_is_done_here_and_only_here() -> None:
    with Helper() as helper:
        helper.submit(time.sleep, 0.5)
        done: list[str] = []
        task = helper.submit(time.sleep, 60.0, here=lambda: done.append("here"))
        task.result()
        task.result()
        assert done == ["here"]
        assert helper.submit(factorial, 3).result() == 6


def test_while_several_wait_the_last_is_done_here() -> None:
    with Helper() as helper:
        tasks: list[Task[Any]] = [helper.submit(time.sleep, 0.5), *(helper.submit(os.getpid) for _ in range(3))]
        while not tasks[0].begun:
            time.sleep(0.01)
        done = list(finish(tasks, leave=1))
        found = [task.result() for task in tasks]
    assert sorted(map(id, done)) == sorted(map(id, tasks)), "each once"
    assert found[0] is None
    assert found[-1] == os.getpid()
    assert set(found[1:]) <= {os.getpid(), process_of(helper).pid}


def test_an_error_over_there_is_raised_here() -> None:
    with Helper() as helper:
        task = helper.submit(factorial, -1)
        while not task.done:
            time.sleep(0.01)
        with pytest.raises(ValueError, match="negative"):
            task.result()
        assert helper.submit(factorial, 4).result() == 24


def test_what_cannot_pass_between_processes_is_done_here() -> None:
    with Helper() as helper:
        assert helper.submit(lambda: 5).result() == 5
        assert helper.submit(factorial, 4).result() == 24


def test_after_an_answer_that_cannot_be_read_nothing_is_taken_from_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_short(_: object) -> None:
        raise EOFError

    with Helper() as helper:
        monkeypatch.setattr(pickle, "load", cut_short)
        task = helper.submit(factorial, 5, here=lambda: -1)
        while not task.done:
            time.sleep(0.01)
        monkeypatch.undo()
        assert task.result() == -1
        assert process_of(helper).wait(10) != 0
        assert helper.submit(factorial, 4).result() == 24


def test_a_process_that_dies_costs_time_and_nothing_else() -> None:
    with Helper() as helper:
        task = helper.submit(time.sleep, 60.0, here=lambda: None)
        while not task.begun:
            time.sleep(0.01)
        process_of(helper).kill()
        assert task.result() is None
        assert helper.submit(factorial, 5).result() == 120
        assert process_of(helper).wait(10) != 0


def test_everything_is_done_here_where_no_process_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with Helper() as helper:
        assert helper._process is None
        assert helper.submit(os.getpid).result() == os.getpid()


def test_what_stops_a_run_meanwhile_is_what_is_told(recwarn: pytest.WarningsRecorder) -> None:
    helper = Helper()

    def interrupted() -> None:
        with helper:
            helper.submit(time.sleep, 60.0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    process = process_of(helper)
    assert process.poll() is not None
    assert process.stdout is not None
    assert process.stdout.closed
    assert not recwarn.list


def test_it_ends_with_the_process_that_asked() -> None:
    script = "from hnforecast.base.helper import Helper; import os\nwith Helper() as helper:\n"
    script += "    print(helper._process.pid, flush=True)\n    os._exit(1)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    pid, deadline = int(done.stdout), time.monotonic() + 30
    while time.monotonic() < deadline and running(pid):
        time.sleep(0.05)
    assert not running(pid)


def running(pid: int) -> bool:
    if os.name == "nt":
        listed = subprocess.run(["tasklist", "/FI", f"PID eq {pid}"], capture_output=True, text=True, check=False)
        return str(pid) in listed.stdout
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout.strip()[:1] not in ("", "Z")  # one that has ended may wait for somebody to ask


@pytest.mark.slow
def test_the_charts_drawn_apart_are_those_drawn_here() -> None:
    forecasts = example_forecasts()
    record = example_record(forecasts)
    chart = chart_data(forecasts, forecasts[0].scenario.vintage.codes, record)
    with Helper() as helper:
        told = chart_words(chart)
        tasks = [helper.submit(draw_chart, chart, name, *told[name]) for name in told]
        while not tasks[-1].begun:
            time.sleep(0.01)
        apart = dict(file for task in tasks for file in task.result())
    assert apart == dict(file for name in told for file in draw_chart(chart, name, *told[name]))
    svg = apart["deficit-by-scenario.svg"].decode()
    assert all(text in svg for text in ("£m", "Source: hnforecast", record.run_id))
