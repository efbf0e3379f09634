"""A whole run of every scenario with workbook and charts, central and with every draw: seconds and memory."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.result import ROOT, Result, best_seconds, run_python

RUN_SECONDS, RUN_MEGABYTES, DRAWN_SECONDS, DRAWS = 6.0, 500.0, 12.0, 8192
LIBRARIES = "import numpy, pandas, pydantic, xlsxwriter, ruamel.yaml, click"
TRIES = 3


def benchmarks() -> Iterator[Result]:
    """Yield time and memory of a run, then the time of each of its steps."""
    libraries = best_seconds(lambda: run_python(["-c", LIBRARIES]), TRIES)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "run"
        times = [_run(target, 1) for _ in range(TRIES)]
        seconds, peak = min(first for first, _ in times), max(second for _, second in times)
        timings = json.loads((target / "run.json").read_text(encoding="utf-8"))["timings_seconds"]
        drawn = min(_run(target, DRAWS)[0] for _ in range(TRIES))
    yield Result(
        "hnforecast run, every scenario", seconds, "s", RUN_SECONDS, libraries, "loading the libraries it needs"
    )
    yield Result("hnforecast run, every scenario: memory", peak, "MB", RUN_MEGABYTES)
    yield Result(f"hnforecast run, {DRAWS:,} draws", drawn, "s", DRAWN_SECONDS, seconds, "the central run")
    for step, taken in timings.items():
        yield Result(f"  of which {step}", float(taken), "s")


def _run(target: Path, draws: int) -> tuple[float, float]:
    """Seconds and megabytes of one run, its chart process counted in."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "hnforecast", "run", "--draws", str(draws), "--out", str(target), "--replace"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _megabytes(process.pid))
        time.sleep(0.02)
    seconds = time.perf_counter() - start
    if process.returncode not in (0, 1):
        raise subprocess.CalledProcessError(process.returncode, process.args)
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return seconds, max(peak, largest)


def _megabytes(pid: int) -> float:
    """Memory of a process and its children now, where the system tells it; 0 elsewhere."""
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        pages = sum(int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in (pid, *children))
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
