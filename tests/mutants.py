"""Puts small faults into a copy of the code, one at a time, and lists those that no test finds.

    uv run python -m tests.mutants             every fault of tests/faults.yaml
    uv run python -m tests.mutants --sample    the fixed sample that every commit runs
    uv run python -m tests.mutants noise.py    those whose file or text has the words

The work tree is never touched: each worker has a copy of its own. First the tests are run without any fault, because
tests that fail anyway would find everything.
"""

from __future__ import annotations

import argparse
import compileall
import os
import py_compile
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "tests" / "faults.yaml"
COPIED = ("hnforecast", "tests", "inputs", "assumptions", "docs", "outputs", "benchmarks")  # and every file beside them
SECONDS = 240  # for the tests of one fault; one that never ends is found too
PASSED, FAILED = 0, 1  # exit codes of pytest; any other says that the tests could not be run at all


@dataclass(frozen=True)
class Fault:
    """One fault.

    Args:
        file: relative to the project; `old` text there becomes `new`.
        tests: files of tests that must find it.
        sample: whether it is in the fixed sample that every commit runs.
        slow: whether its tests marked slow are wanted, too.
    """

    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    sample: bool = False
    slow: bool = False

    def __str__(self) -> str:
        """The fault in one line."""
        return f"{self.file}: {' '.join(self.old.split())} -> {' '.join(self.new.split())}"


class MutantsError(Exception):
    """The run says nothing: a place is gone, or tests fail or cannot run for a reason of their own."""


@dataclass(frozen=True)
class Tried:
    """What became of a fault: `lives` where every test passed."""

    fault: Fault
    lives: bool
    seconds: float


def read_faults(table: Path = TABLE) -> tuple[Fault, ...]:
    """Every fault of the table, in its order."""
    return tuple(
        Fault(
            file=group["file"],
            old=old,
            new=new,
            tests=tuple(f"tests/{name}.py" for name in group["tests"].split()),
            sample=position < group.get("sample", 0),
            slow=group.get("slow", False),
        )
        for group in yaml.safe_load(table.read_text(encoding="utf-8"))
        for position, (old, new) in enumerate(group["faults"].items())
    )


def faulty(fault: Fault, root: Path = ROOT) -> str:
    """The text of a file with the fault in it.

    Raises:
        MutantsError: its place is gone, or is no longer one place.
    """
    text = (root / fault.file).read_text(encoding="utf-8")
    found = text.count(fault.old)
    if found != 1:
        raise MutantsError(f"{fault.file} has {found} times {fault.old!r}, expected once: mend tests/faults.yaml")
    return text.replace(fault.old, fault.new)


def copy_project(target: Path) -> Path:
    """The project without what git leaves out, its bytecode checked against content and not against times."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (path for path in ROOT.iterdir() if path.is_file()):
        shutil.copy2(file, target / file.name)
    checked = py_compile.PycInvalidationMode.CHECKED_HASH
    compileall.compile_dir(target / "hnforecast", quiet=2, invalidation_mode=checked)
    compileall.compile_dir(target / "tests", quiet=2, invalidation_mode=checked)
    return target


def run_tests(project: Path, tests: Sequence[str], slow: bool = False) -> int:
    """Exit code of pytest over some tests in a copy; a failure, too, where they do not end."""
    command = [sys.executable, "-m", "pytest", *tests, "-x", "-q", "-n", "0", "-p", "no:cacheprovider"]
    command += ["-m", "slow or not slow" if slow else "not slow"]
    own = {"PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1", "HYPOTHESIS_PROFILE": "faults"}
    try:
        done = subprocess.run(
            command, cwd=project, env=os.environ | own, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return FAILED
    return done.returncode


def try_fault(project: Path, fault: Fault) -> Tried:
    """Put a fault into a copy, run its tests, take it out again.

    Raises:
        MutantsError: its tests could not be run.
    """
    start = time.perf_counter()
    file = project / fault.file
    whole, content = file.read_bytes(), faulty(fault, project).encode()
    try:
        file.write_bytes(content)
        code = run_tests(project, fault.tests, fault.slow)
    finally:
        file.write_bytes(whole)
    if code not in (PASSED, FAILED):
        raise MutantsError(f"pytest ended with {code}, so this is no fair fault: {fault}")
    return Tried(fault, code == PASSED, time.perf_counter() - start)


def try_all(faults: Sequence[Fault], workers: int) -> list[Tried]:
    """Try every fault, a copy of the project to a worker.

    Raises:
        MutantsError: see `faulty` and `try_fault`; or tests fail without any fault.
    """
    left: queue.SimpleQueue[tuple[str, bool] | Fault] = queue.SimpleQueue()
    for test in sorted({(test, fault.slow) for fault in faults for test in fault.tests}):
        left.put(test)
    for fault in faults:
        faulty(fault)
        left.put(fault)
    tried: list[Tried] = []
    wrong: list[str] = []

    def work(project: Path) -> None:
        copy_project(project)
        while not wrong:
            try:
                next_one = left.get_nowait()
            except queue.Empty:
                return
            try:
                if isinstance(next_one, Fault):
                    tried.append(try_fault(project, next_one))
                    told = tried[-1]
                    print(f"{'LIVES' if told.lives else 'found'} {told.seconds:5.1f} s  {told.fault}", flush=True)
                elif code := run_tests(project, [next_one[0]], next_one[1]):
                    wrong.append(f"without any fault {next_one[0]} ends with {code}")
            except MutantsError as error:
                wrong.append(str(error))

    with tempfile.TemporaryDirectory() as folder:
        threads = [threading.Thread(target=work, args=(Path(folder) / str(n),)) for n in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if wrong:
        raise MutantsError("; ".join(wrong))
    return tried


def main() -> int:
    """Try faults and list those that live; exit 1 where one does, 2 where the run says nothing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("words", nargs="*", help="only faults whose file or text has one of these words")
    parser.add_argument("--sample", action="store_true", help="only the fixed sample")
    parser.add_argument("--workers", type=int, default=max(1, min(4, os.cpu_count() or 1)))
    asked = parser.parse_args()
    chosen = [fault for fault in read_faults() if fault.sample or not asked.sample]
    chosen = [fault for fault in chosen if not asked.words or any(word in str(fault) for word in asked.words)]
    try:
        tried = try_all(chosen, asked.workers)
    except MutantsError as error:
        print(error, file=sys.stderr)
        return 2
    alive = [one.fault for one in tried if one.lives]
    print(f"{len(tried)} faults, {len(alive)} live")
    for fault in alive:
        print(f"  lives: {fault}")
    return int(bool(alive))


if __name__ == "__main__":
    sys.exit(main())
