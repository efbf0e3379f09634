"""What --out names, refused before anything is computed where it names nothing, or a file for a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hnforecast.base.errors import Place, Problem, UsageError


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


OUT_FOLDER, OUT_FILE = Out(), Out("file", may_be_file=True)
OUT_RUN = Out(may_be_file=True)  # a folder of a run, or like one, replaced whole and looked at by whoever replaces it
