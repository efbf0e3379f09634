"""Makes a council's files anew from the panel: what to run when a new edition is published."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas

from hnforecast.base.codes import Codes, load_codes
from hnforecast.inputs.council_files import council_files
from hnforecast.inputs.cut import cut_council
from hnforecast.inputs.panel import load_panel


def council_texts(panel_folder: Path, old_la_code: str, codes: Codes | None = None) -> dict[str, str]:
    """The files of a council's folder, as text ready to write; nothing is written.

    Args:
        panel_folder: usually `inputs/national`.
        old_la_code: the DfE's three digits.
        codes: the code lists; those of the `codes` folder beside the panel where None.

    Returns:
        File name ("plans_total.csv") to its text. Files that the panel has no source for are left out: the council's
        own (population projection, published figures, local indicators).

    Raises:
        InputError: the panel or the code lists cannot be read.
    """
    lists = codes or load_codes(panel_folder.parent / "codes")
    described = council_files(lists)
    frames = cut_council(load_panel(panel_folder).frames, old_la_code, lists)
    return {
        f"{name}.csv": write_text(frame[[column.name for column in described[name].columns]])
        for name, frame in frames.items()
    }


def write_text(frame: pandas.DataFrame) -> str:
    """A frame as the text of a CSV file: LF line ends, blank for nothing, whole numbers without a point."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows([_show(value) for value in row] for row in frame.itertuples(index=False, name=None))
    return text.getvalue()


def _show(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(float(value))
    return str(value)
