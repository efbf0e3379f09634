"""One measured figure, its limit, and what it is compared with."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Result:
    """A measured figure.

    Args:
        what: is measured.
        value: in `unit`, the best of several tries: the least disturbed one.
        unit: "s" or "MB".
        limit: what is allowed on two otherwise idle cores; None where nothing is promised.
        baseline: the same unit, measured in the same run; None where there is none.
        against: what the baseline is.
    """

    what: str
    value: float
    unit: str
    limit: float | None = None
    baseline: float | None = None
    against: str = ""

    @property
    def kept(self) -> bool:
        """Whether the limit is kept."""
        return self.limit is None or self.value <= self.limit

    def text(self, reference: float | None = None) -> str:
        """One line, its ratio to its baseline, or of seconds without one to a reference measured on this machine."""
        limit = "" if self.limit is None else f"  limit {self.limit:g} {self.unit}: {'kept' if self.kept else 'MISSED'}"
        ratio = f"  {self.value / self.baseline:.2f} x {self.against}" if self.baseline else ""
        if not self.baseline and self.unit == "s" and reference:
            ratio = f"  {self.value / reference:.2f} x the fixed piece of work"
        elif not self.baseline and self.limit:
            ratio = f"  {self.value / self.limit:.2f} of the limit"
        return f"{self.what:<58} {self.value:8.3f} {self.unit}{limit}{ratio}"


def best_seconds(action: Callable[[], object], tries: int = 5) -> float:
    """The shortest time of several tries."""
    times = []
    for _ in range(tries):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def fixed_work() -> float:
    """Seconds of a piece of work that never changes, so that figures of two machines can be set side by side."""
    import numpy as np

    def work() -> None:
        numbers = np.random.default_rng(1).standard_normal((64, 65536))
        for _ in range(4):
            np.exp(numbers * 0.5).sum(axis=0)
        sum(i * i % 7 for i in range(1_000_000))

    return best_seconds(work, 3)


def run_python(arguments: Sequence[str], folder: Path = ROOT) -> None:
    """Run Python and wait for it; a failing run is no measurement.

    Raises:
        subprocess.CalledProcessError: it did not exit 0 or 1 (a check of the run failed, which takes as long).
    """
    done = subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise subprocess.CalledProcessError(done.returncode, done.args, done.stdout, done.stderr)
