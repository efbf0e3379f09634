"""Which run a command works on: the folder named, the latest of this council, or one made now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hnforecast.base.errors import InputError, Place, Problem, UsageError
from hnforecast.cli.project import OUTPUTS
from hnforecast.cli.screen import say

if TYPE_CHECKING:
    from hnforecast.papers.run_reading import FinishedRun


def choose_run(
    root: Path, named: Sequence[str], vintage: str | None, draws: int | None, wanted: str | None = None
) -> FinishedRun:
    """The run to work on, read and proven unchanged.

    Args:
        root: the council folder.
        named: the folder of a run, or scenarios to run now; nothing for the latest run.
        vintage: of a run made now, or that the latest run must be of.
        draws: of a run made now.
        wanted: a scenario that a run made now must have.

    Raises:
        InputError: the folder is no finished run, or was changed since.
        UsageError: a name is neither a folder nor a scenario, or a run made now would not have the one wanted.
    """
    from hnforecast.assumptions import project_codes
    from hnforecast.papers.run_reading import read_run

    if len(named) == 1 and (Path(named[0]).exists() or "/" in named[0] or "\\" in named[0]):
        return read_run(Path(named[0]), project_codes(root))
    folder = None if named or draws is not None else _latest(root, vintage)
    if folder is None:
        _check_wanted(root, named, vintage, wanted)
        folder = _make(root, named, vintage, draws)
    else:
        say(f"Using the latest run, {OUTPUTS}/{folder.name}")
    return read_run(folder, project_codes(root))


def _latest(root: Path, vintage: str | None) -> Path | None:
    """The latest run of this folder's council; a run of another, such as the example, is passed over."""
    from hnforecast.assumptions import load_vintage
    from hnforecast.papers.run_reading import latest_run

    council = load_vintage(root, vintage).manifest.authority.name
    return latest_run(
        root / OUTPUTS, lambda run: run["council"] == council and (vintage is None or run["vintage"] == vintage)
    )


def _check_wanted(root: Path, named: Sequence[str], vintage: str | None, wanted: str | None) -> None:
    """Refuse a scenario that a run would not have before the run is made."""
    from hnforecast.assumptions import load_vintage

    if wanted is None:
        return
    known = tuple(named) or tuple(load_vintage(root, vintage).scenarios)
    if wanted not in known:
        what = "The run would have no such scenario"
        raise UsageError(Problem("HN833", what, found=wanted, expected=", ".join(known)))


def _make(root: Path, scenarios: Sequence[str], vintage: str | None, draws: int | None) -> Path:
    """Run now, as `hnforecast run` does, and return where the run lies."""
    import io
    import json
    from contextlib import redirect_stdout

    from hnforecast.cli.options import DRAWS
    from hnforecast.cli.run import run
    from hnforecast.engine.draws import SEED

    say("Making a run first.")
    printed = io.StringIO()
    context = click.get_current_context()
    with redirect_stdout(printed):
        code = context.invoke(
            run, scenarios=tuple(scenarios), vintage=vintage, draws=draws or DRAWS, seed=SEED, horizon=None,
            settings=(), out=None, as_json=True, project=root, debug=False,
        )  # fmt: skip
    if code:
        do = "Run `hnforecast check`; nothing is made from a run whose figures do not agree."
        raise InputError(Problem("HN823", "A check of the run failed", Place(file=OUTPUTS), do=do))
    return Path(json.loads(printed.getvalue())["folder"])
