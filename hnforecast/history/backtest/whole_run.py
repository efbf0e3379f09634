"""Every draft of a test of the whole model, on two processes, kept one by one so that a test broken off goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from pathlib import Path

from hnforecast.base.errors import HnForecastError
from hnforecast.base.helper import Helper, finish
from hnforecast.base.record import file_sha256
from hnforecast.engine.measured import panel_folder
from hnforecast.history.backtest.whole import ORIGINS, Outcome, Work, draft_and_run, read_work

BATCH = 16  # drafts given out together: what a break can lose


@dataclass(frozen=True)
class Drafted:
    """One draft tried.

    Args:
        code, origin: which.
        outcomes: empty where nothing could be drafted; refused: then why.
    """

    code: str
    origin: int
    outcomes: tuple[Outcome, ...]
    refused: str = ""


def whole_key(root: Path, code: str) -> str:
    """What a test is a test of: every file of the panel, and the program."""
    digest = hashlib.sha256(f"{code}\n{ORIGINS}\n".encode())
    for path in sorted(panel_folder(root).glob("*.csv")):
        digest.update(f"{path.name}\0{file_sha256(path)}\n".encode())
    return digest.hexdigest()


def run_whole(
    work: Work,
    kept: Path,
    key: str,
    progress: Callable[[Drafted], object],
    steps: Sequence[tuple[str, int]] | None = None,
) -> list[Drafted]:
    """Draft and run every authority at every origin.

    Args:
        work: what they share.
        kept: file the drafts are added to as they are made; those in it under the same key are not made again.
        key: of the panel and the program.
        progress: called as each is done, those kept among them.
        steps: authorities and origins; every one by default.

    Returns:
        In the order of the steps, however they were made.
    """
    wanted = list(steps) if steps is not None else work.steps()
    found = {(one.code, one.origin): one for one in _read(kept, key)}
    for step in wanted:
        if step in found:
            progress(found[step])
    left = [step for step in wanted if step not in found]
    origins = tuple(work.known)
    with Helper() as helper, kept.open("a", encoding="utf-8", newline="\n") as stream:
        for start in range(0, len(left), BATCH):
            tasks = [
                helper.submit(_there, work.root, origins, *step, here=partial(_one, work, *step))
                for step in left[start : start + BATCH]
            ]
            for task in finish(tasks):
                one = task.result()
                found[one.code, one.origin] = one
                stream.write(json.dumps(asdict(one)) + "\n")
                stream.flush()
                progress(one)
    return [found[step] for step in wanted]


def _one(work: Work, code: str, origin: int) -> Drafted:
    try:
        return Drafted(code, origin, tuple(draft_and_run(work, code, origin)))
    except HnForecastError as error:
        return Drafted(code, origin, (), " ".join(str(error).split()))


def _there(root: Path, origins: tuple[int, ...], code: str, origin: int) -> Drafted:
    """The same in the helper, which reads the panel for itself, once."""
    return _one(_own_work(root, origins), code, origin)


@lru_cache(maxsize=1)
def _own_work(root: Path, origins: tuple[int, ...]) -> Work:
    return read_work(root, origins)


def _read(kept: Path, key: str) -> list[Drafted]:
    """What was kept under a key, or nothing: a file of another test is begun anew, a line cut short is left out."""
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.is_file() else []
    if not lines or lines[0] != key:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(f"{key}\n", encoding="utf-8", newline="\n")
        return []
    found = []
    for line in lines[1:]:
        try:
            row = json.loads(line)
            outcomes = tuple(Outcome(**one) for one in row.pop("outcomes"))
            found.append(Drafted(outcomes=outcomes, **row))
        except (ValueError, TypeError, KeyError):
            continue
    kept.write_text(
        "\n".join([key, *(json.dumps(asdict(one)) for one in found)]) + "\n", encoding="utf-8", newline="\n"
    )
    return found
