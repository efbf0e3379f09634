"""What --out names: refused where it can be nothing, kept where it holds something, and written to under its lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hnforecast.base.errors import Place, Problem, UsageError
from hnforecast.cli.screen import say

if TYPE_CHECKING:
    from hnforecast.writing.keeping import Existing


class Out(click.ParamType[Path]):
    """A place to write to, there or to be made.

    Args:
        wanted: what it is, in a word.
        may_be_file: whether a file may be there: one is wanted, or the command says itself what is wrong with it.
    """

    name = "path"

    def __init__(self, wanted: str = "folder", *, may_be_file: bool = False) -> None:
        self.wanted, self.may_be_file = wanted, may_be_file

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path as typed.

        Raises:
            UsageError: nothing was typed, or it is a file.
        """
        path = Path(value)
        if not str(value).strip():
            raise UsageError(Problem("HN825", "--out names nothing", found="''", do=f"Name a {self.wanted}."))
        if path.is_file() and not self.may_be_file:
            what = "--out names a file, and a folder is wanted"
            raise UsageError(Problem("HN825", what, Place(file=str(path)), do="Name a folder."))
        return path


REPLACE = "hnforecast.replace"  # where the context of a command holds whether --replace was said


def _remember(context: click.Context, _: click.Parameter, said: bool) -> None:
    context.meta[REPLACE] = said


replace_option = click.option(
    "--replace",
    is_flag=True,
    expose_value=False,
    callback=_remember,
    help="Write where --out holds something; that is kept under a dated name.",
)


def on_existing(out: Path | None) -> Existing:
    """What becomes of what is there: kept at --out, set aside with --replace, renewed in a default place."""
    if out is None:
        return "renew"
    return "aside" if click.get_current_context().meta.get(REPLACE) else "refuse"


def say_kept(kept: Sequence[str] = (), aside: Sequence[Path] = ()) -> None:
    """Say what of others is in the new folder, and where what was there before stays."""
    if kept:
        say(f"Kept as it was, in the new folder: {', '.join(kept)}")
    for path in aside:
        say(f"What was there before is kept as {path.name}")


def write_files(folder: Path, files: Mapping[str, bytes], command: str, existing: Existing) -> None:
    """Write files into a folder, all or none, under the lock of the folder.

    Args:
        folder: made where it is missing.
        files: name -> content.
        command: the name of the command, shown to whoever has to wait.
        existing: what becomes of a file in the way.

    Raises:
        UsageError: files are in the way and kept.
        OutputError: the folder cannot be made, or a file not be written; it says which.
    """
    from hnforecast.writing.files import place_files
    from hnforecast.writing.locks import target_lock

    with target_lock(folder / "file", f"hnforecast {command}", on_wait=lambda who: say(f"Waiting: {who}")):
        aside = place_files(folder, files, existing=existing)
    say_kept(aside=aside)


def write_default(root: Path, path: Path, content: bytes, command: str) -> list[Path]:
    """Write a file to its default place: one that the program wrote goes, any other is set aside.

    Args:
        root: the council folder, whose outputs/ remembers what was written.
        path: the place.
        content: of the file.
        command: as typed, shown to whoever has to wait.

    Returns:
        What was set aside.

    Raises:
        OutputError: the folder cannot be made, or the file not be written.
    """
    from hnforecast.writing.files import atomic_write, place_files
    from hnforecast.writing.keeping import Record
    from hnforecast.writing.locks import target_lock

    record = Record(root)
    with target_lock(record.path, command, on_wait=lambda who: say(f"Waiting: {who}")):
        aside = place_files(path.parent, {path.name: content}, existing="renew" if record.holds(path) else "aside")
        atomic_write(record.path, record.with_file(path, content))
    return aside


OUT_FOLDER, OUT_FILE = Out(), Out("file", may_be_file=True)
OUT_RUN = Out(may_be_file=True)  # a folder of a run, or like one, replaced whole and looked at by whoever replaces it
