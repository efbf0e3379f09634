"""Runs every benchmark of this folder, or those named; exit 1 if a limit is missed."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import benchmarks


def main() -> int:
    """Print one line a figure as it is measured."""
    found = [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
    wanted = sys.argv[1:] or [name for name in found if name not in ("result", "__main__")]
    missed = 0
    for name in wanted:
        for result in importlib.import_module(f"benchmarks.{name}").benchmarks():
            print(result.text(), flush=True)
            missed += not result.kept
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
