"""The cohort flow: seconds and memory at full size, against the same flow in whole arrays and in plain Python."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator

import numpy as np

from benchmarks.kernel.council import Council, make_council
from benchmarks.kernel.python_loop import loop_draw, summarise
from benchmarks.kernel.whole_array import whole_array
from benchmarks.result import ROOT, Result, best_seconds
from hnforecast.base.axes import FloatArray
from hnforecast.engine.model.plans import flow_plans

DRAWS, YEARS, PLACEMENTS, THREADS = 8192, 10, 9, 2
SECONDS, SECONDS_NEEDS, SECONDS_DETAIL, MEGABYTES = 0.15, 1.0, 0.010, 600.0
LEAST_SPEEDUP = 100.0
WHOLE = "whole arrays, a month at a time"
LEVELS = np.arange(5, 100, 5)


def benchmarks() -> Iterator[Result]:
    """Yield the kernel's figures; each council is freed before the next is made."""
    yield _timed(
        "flow, 8,192 draws x 10 years x 26 ages x 9 placements", make_council(DRAWS, YEARS, 1, PLACEMENTS), SECONDS
    )
    yield _in_double(make_council(DRAWS, YEARS, 1, PLACEMENTS))
    yield _timed("  with 12 needs", make_council(DRAWS, YEARS, 12, PLACEMENTS), SECONDS_NEEDS)
    yield _timed("  with commissioned places", make_council(DRAWS, YEARS, 1, PLACEMENTS, capped=1), None)
    yield _timed(
        "  with hazards that differ in every year", make_council(DRAWS, YEARS, 1, PLACEMENTS, changing=True), None
    )
    yield _timed("  1,024 draws, hazards of 12 needs", make_council(1024, YEARS, 12, PLACEMENTS, 12), None)
    one = make_council(1, YEARS, 1, PLACEMENTS)
    yield Result(
        "flow, one draw with every month", best_seconds(lambda: _flow(one, detail=True), 10), "s", SECONDS_DETAIL
    )
    yield Result("flow, 8,192 draws: memory", _peak_megabytes(), "MB", MEGABYTES)
    yield from _against_plain_python()


def _flow(council: Council, detail: bool = False, single: bool = True) -> FloatArray:
    """As a run does: draws in single precision, the central run with every month in double."""
    plans = flow_plans(
        council.opening,
        council.children,
        council.rates,
        council.clock,
        detail=detail,
        single=single and not detail,
        threads=THREADS,
    )
    return plans.plan_months


def _in_double(council: Council) -> Result:
    return Result("  in double precision", best_seconds(lambda: _flow(council, single=False)), "s")


def _timed(what: str, council: Council, limit: float | None) -> Result:
    """The kernel against whole arrays on an eighth of the draws or fewer, scaled: in full they would not fit."""
    draws = council.children.shape[0]
    needs, hazard_needs = council.opening.shape[2], council.rates.cease.shape[2]
    few = max(1, draws // (8 * needs))
    small = make_council(few, YEARS, needs, PLACEMENTS, hazard_needs)
    baseline = best_seconds(lambda: whole_array(small), 2) * draws / few
    return Result(what, best_seconds(lambda: _flow(council)), "s", limit, baseline, WHOLE)


def _against_plain_python() -> Iterator[Result]:
    """1,000 draws of 1,560 cells, hazards by need, with quantiles; the published comparison has 1,464."""
    draws, tried = 1000, 2
    council = make_council(draws, YEARS, 10, 6, 10)
    looped = [loop_draw(council, draw) for draw in range(tried)]
    found = flow_plans(council.opening, council.children, council.rates, council.clock, threads=THREADS).plan_months
    if not np.allclose(found[:tried].sum(axis=1), np.array(looped).sum(axis=1), rtol=1e-9):
        raise ArithmeticError("the kernel and the plain loop differ: their times cannot be compared")
    slow = best_seconds(lambda: loop_draw(council, 0), 3) * draws
    slow += best_seconds(lambda: summarise(looped * (draws // tried)), 1)
    fast = best_seconds(lambda: np.percentile(_flow(council), LEVELS, axis=0))
    what = "flow and quantiles, 1,000 draws x 10 years x 1,560 cells"
    yield Result(what, fast, "s", slow / LEAST_SPEEDUP, slow, "a plain Python loop (timed on one draw)")


def _peak_megabytes() -> float:
    """Peak memory of a process that does nothing else, inputs included."""
    code = "from benchmarks.kernel import memory; print(memory())"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def memory() -> float:
    """Run the flow at full size and return this process's peak memory in MB."""
    _flow(make_council(DRAWS, YEARS, 1, PLACEMENTS))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
