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

    def text(self) -> str:
        """One line."""
        limit = "" if self.limit is None else f"  limit {self.limit:g} {self.unit}: {'kept' if self.kept else 'MISSED'}"
        ratio = f"  {self.value / self.baseline:.2f} x {self.against}" if self.baseline else ""
        return f"{self.what:<58} {self.value:8.3f} {self.unit}{limit}{ratio}"


def best_seconds(action: Callable[[], object], tries: int = 5) -> float:
    """The shortest time of several tries."""
    times = []
    for _ in range(tries):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def run_python(arguments: Sequence[str], folder: Path = ROOT) -> None:
    """Run Python and wait for it; a failing run is no measurement.

    Raises:
        subprocess.CalledProcessError: it did not exit 0 or 1 (a check of the run failed, which takes as long).
    """
    done = subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise subprocess.CalledProcessError(done.returncode, done.args, done.stdout, done.stderr)
