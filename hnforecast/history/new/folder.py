"""Every file of a new council's folder, in memory: assumptions, inputs and their sources, codes, the national pack."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from pathlib import Path

from hnforecast.base.codes import load_codes
from hnforecast.base.shipped import shipped_folder, shipped_sources
from hnforecast.engine.published import council_folder
from hnforecast.history.new.draft import CouncilDraft
from hnforecast.inputs.council_files import council_files
from hnforecast.inputs.cut import CUTS, write_text

COLUMNS = ("dataset", "file", "edition", "publisher", "url", "licence", "retrieved", "sha256", "note")
CARRIED = ("codes", "national")
PROJECTION = "population_projection"
# A list of the program's own that the list of sources does not name yet.
UNLISTED = {
    "edition": "Written for this project", "publisher": "hnforecast contributors", "url": "https://example.org/",
    "licence": "MIT", "retrieved": "2026-11-22", "note": "Comes with the program",
}  # fmt: skip
PROJECTED_FROM = ("population_by_la_single_age", "population_projection_by_region_age10_2022_2029")


def folder_files(draft: CouncilDraft, panel: Path, page: str) -> dict[str, bytes]:
    """File relative to the council's folder -> content.

    Args:
        draft: of the council.
        panel: the national pack the draft was made from.
        page: README.md: what is known, and what somebody must fill in.

    Raises:
        FileNotFoundError: the installation lacks its list of sources.
    """
    inputs = _council_inputs(draft)
    for name, folder in (("codes", shipped_folder("codes")), ("national", panel)):
        inputs |= {f"{name}/{path.name}": path.read_bytes() for path in sorted(folder.glob("*.csv"))}
    inputs["sources.csv"] = _sources(draft, inputs).encode("utf-8")
    files = {f"inputs/{name}": content for name, content in inputs.items()}
    files |= {f"assumptions/{draft.name}/{name}": text.encode("utf-8") for name, text in draft.texts.items()}
    files["assumptions/scenarios.yaml"] = draft.scenarios.encode("utf-8")
    files["README.md"] = page.encode("utf-8")
    return files


def _slug(draft: CouncilDraft) -> str:
    return council_folder(Path(), draft.authority.name).name


def _council_inputs(draft: CouncilDraft) -> dict[str, bytes]:
    """The council's own files, cut from the pack; its projection worked out, as the pack has none by authority."""
    described = council_files(load_codes(shipped_folder("codes")))
    frames = dict(draft.cut)
    children = draft.proposal.children
    if children is not None:
        frames[PROJECTION] = children.rename(columns={"value": "population"}).round({"population": 1})
    slug = _slug(draft)
    return {
        f"{slug}/{name}.csv": write_text(frame[[column.name for column in described[name].columns]]).encode("utf-8")
        for name, frame in sorted(frames.items())
    }


def _sources(draft: CouncilDraft, inputs: Mapping[str, bytes]) -> str:
    """sources.csv: carried files as listed with the pack, cut files by the pack's file they were cut from."""
    with shipped_sources().open(encoding="utf-8", newline="") as file:
        listed = {row["file"]: row for row in csv.DictReader(file)}
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for name, content in inputs.items():
        folder, stem = name.split("/")[0], Path(name).stem
        row = dict(listed.get(name, UNLISTED)) if folder in CARRIED else _cut_row(draft, stem, listed)
        row.update(dataset=stem, file=name, sha256=hashlib.sha256(content).hexdigest())
        writer.writerow(row)
    return text.getvalue()


def _cut_row(draft: CouncilDraft, stem: str, listed: Mapping[str, dict[str, str]]) -> dict[str, str]:
    origins = PROJECTED_FROM if stem == PROJECTION else CUTS[stem][0]
    row = dict(listed[f"national/{origins[0]}.csv"])
    if stem == PROJECTION:
        row["note"] = (
            f"Worked out for {draft.authority.code} from {' and '.join(origins)}: the pack has no projection of it"
        )
    else:
        row["note"] = f"Rows of {draft.authority.code} from {' and '.join(origins)}"
    return row
