"""Start-up: `hnforecast --help`, against Python itself and against Python with the option parser loaded."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.result import Result, best_seconds, run_python

HELP_SECONDS = 0.3


def benchmarks() -> Iterator[Result]:
    """Yield the times of the commands that should come at once."""
    parser = best_seconds(lambda: run_python(["-c", "import click"]))
    for arguments, limit in ((["--help"], HELP_SECONDS), (["run", "--help"], HELP_SECONDS), (["--version"], None)):
        seconds = best_seconds(lambda arguments=arguments: run_python(["-m", "hnforecast", *arguments]))  # type: ignore[misc]
        yield Result(f"hnforecast {' '.join(arguments)}", seconds, "s", limit, parser, "python -c 'import click'")
