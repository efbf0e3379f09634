"""Puts the council-neutral folders of inputs/ into the wheel, so that an installed copy can start a new council.

A wheel without them would install and then fail at `hnforecast new`, so a missing folder stops the build. An
editable install reads them from the checkout and needs no copy. hnforecast/base/shipped.py is the reading side.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("codes", "national", "synthetic", "templates")


class ShippedFolders(BuildHookInterface[Any]):
    """Adds inputs/<name> to the wheel as hnforecast/_shipped/<name>."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Declare the folders to the wheel builder; `version` is "editable" for a development install."""
        if version == "editable":
            return
        inputs = Path(self.root, "inputs")
        missing = [name for name in SHIPPED if not any(inputs.joinpath(name).rglob("*.*"))]
        if missing:
            raise FileNotFoundError(f"The wheel would lack {', '.join('inputs/' + name for name in missing)}.")
        build_data["force_include"]["inputs/sources.csv"] = "hnforecast/_shipped/sources.csv"
        for name in SHIPPED:
            build_data["force_include"][f"inputs/{name}"] = f"hnforecast/_shipped/{name}"
