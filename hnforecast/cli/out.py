"""The folder a command writes to, refused before anything is computed where nothing could be written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hnforecast.errors import Place, Problem, UsageError


class OutFolder(click.ParamType[Path]):
    """A folder, there or to be made, outside any run.

    Args:
        may_be_file: leaves it to the command to say what is wrong with a file.
    """

    name = "path"

    def __init__(self, *, may_be_file: bool = False) -> None:
        self.may_be_file = may_be_file

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path as typed.

        Raises:
            UsageError: nothing was typed, or it is a file.
        """
        path = Path(value)
        if not str(value).strip():
            raise UsageError(Problem("HN825", "--out names nothing", found="''", do="Name a folder."))
        if path.is_file() and not self.may_be_file:
            what = "--out names a file, and a folder is wanted"
            raise UsageError(Problem("HN825", what, Place(file=str(path)), do="Name a folder."))
        return path


OUT_FOLDER, OUT = OutFolder(), OutFolder(may_be_file=True)
