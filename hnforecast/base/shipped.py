"""Finds the folders that come with the tool: codes, national pack, templates, invented council.

In a source checkout they are inputs/<name>; a wheel carries them as hnforecast/_shipped/<name> (see hatch_build.py).
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Literal, get_args

ShippedName = Literal["codes", "national", "synthetic", "templates"]
SHIPPED_NAMES: tuple[ShippedName, ...] = get_args(ShippedName)


def shipped_folder(name: ShippedName) -> Path:
    """Return the folder of that name, wherever the tool is installed. It is read-only: copy before changing.

    Args:
        name: "codes" (needs, placements, lines, streams), "national" (the panel of authorities), "synthetic" (a
            whole invented council folder) or "templates" (forms to fill).

    Raises:
        ValueError: the name is none of these.
        FileNotFoundError: the installation lacks the folder, which is a fault of the package and not of the user.
    """
    if name not in SHIPPED_NAMES:
        raise ValueError(f"No shipped folder {name!r}; there are {', '.join(SHIPPED_NAMES)}.")
    package = Path(str(files("hnforecast")))
    candidates = (package / "_shipped" / name, package.parent / "inputs" / name)
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"This installation lacks the folder {name!r}; install hnforecast again.")


def shipped_sources() -> Path:
    """Return the list of sources of the shipped folders: publisher, edition, licence and hash of each file.

    Raises:
        FileNotFoundError: the installation lacks it, which is a fault of the package and not of the user.
    """
    package = Path(str(files("hnforecast")))
    for file in (package / "_shipped" / "sources.csv", package.parent / "inputs" / "sources.csv"):
        if file.is_file():
            return file
    raise FileNotFoundError("This installation lacks its list of sources; install hnforecast again.")
