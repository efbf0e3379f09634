"""Compiles bytecode, then runs every benchmark of this folder, or those named; exit 1 if a limit is missed."""

from __future__ import annotations

import compileall
import importlib
import pkgutil
import sys
import sysconfig

import benchmarks
from benchmarks.result import ROOT, fixed_work


def main() -> int:
    """Print one line a figure as it is measured."""
    compile_bytecode()
    reference = fixed_work()
    print(f"a fixed piece of work, Python and NumPy on one core: {reference:.3f} s", flush=True)
    found = [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
    wanted = sys.argv[1:] or [name for name in found if name not in ("result", "__main__")]
    missed = 0
    for name in wanted:
        for result in importlib.import_module(f"benchmarks.{name}").benchmarks():
            print(result.text(reference), flush=True)
            missed += not result.kept
    return int(missed > 0)


def compile_bytecode() -> None:
    """Compile the package and all it imports, so that no measurement pays for what an installer does once."""
    folders = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    for folder in (str(ROOT / "hnforecast"), str(ROOT / "benchmarks"), *sorted(folders)):
        compileall.compile_dir(folder, quiet=2, workers=0)  # what cannot be compiled is no module that is imported


if __name__ == "__main__":
    sys.exit(main())
