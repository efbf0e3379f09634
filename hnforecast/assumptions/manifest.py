"""The manifest of a vintage: whose it is, as at when, signed off or not, and the hash of every file it stands for."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_core import InitErrorDetails

from hnforecast.assumptions.fields import Day, FinancialYear, Strict, Text, detail, refuse_all
from hnforecast.assumptions.files import VintageFiles
from hnforecast.base.errors import AssumptionError, Place, Problem, Problems
from hnforecast.base.timeline import show_year

SCHEMA_VERSION = 1


class Authority(Strict):
    """The council."""

    name: Text
    old_la_code: Annotated[str, Field(pattern=r"^\d{3}$")]
    gss_code: Annotated[str, Field(pattern=r"^[A-Z]\d{8}$")]


# The pooled forecast of spend whose measured errors give the ranges of a vintage. A vintage that does not say has those
# it was signed with: the last growth of spend per plan held, as until 2026.
SpendMethod = Literal["held_unit_cost", "prices_and_momentum"]


class SignOff(Strict):
    """Who took responsibility for the vintage, and when."""

    by: Text
    role: Text
    on: Day


class Hindsight(Strict):
    """A value published after the vintage's date, and why it is used all the same; `path` may end in or hold *."""

    path: Text
    published_on: Day
    why: Text


class Manifest(Strict):
    """manifest.yaml. Years are first calendar years; `base_census` is the January count the forecast starts from."""

    schema_version: int
    vintage: Text
    authority: Authority
    title: Text
    purpose: Text
    state: Literal["draft", "signed_off"]
    signed_off: SignOff | None = None
    commissioner: Text
    analyst: Text
    assurer: Text
    approver: Text
    supersedes: Text | None = None
    as_at: Day
    base_census: Annotated[int, Field(ge=2000, le=2100)]
    base_outturn: FinancialYear
    first_forecast_year: FinancialYear
    horizon_years: Annotated[int, Field(ge=1, le=30)]
    settlement_ends: FinancialYear
    review_by: Day
    hindsight: list[Hindsight] = []
    spend_method: SpendMethod = "held_unit_cost"
    files: dict[str, Text] = {}

    def faults(self) -> list[InitErrorDetails]:
        """What the settings say against each other."""
        found: list[InitErrorDetails] = []
        if self.schema_version != SCHEMA_VERSION:
            newer = self.schema_version > SCHEMA_VERSION
            do = "Install a newer hnforecast." if newer else "Bring the vintage up to date."
            expected = str(SCHEMA_VERSION)
            found.append(
                detail(
                    "HN162",
                    "another version of the file layout",
                    self.schema_version,
                    ("schema_version",),
                    expected,
                    do,
                )
            )
        if self.approver.casefold() == self.analyst.casefold():
            do = "Name another person as approver."
            found.append(detail("HN163", "the approver may not be the analyst", self.approver, ("approver",), do=do))
        if self.state == "signed_off" and self.signed_off is None:
            what = "signed off, but not by whom"
            do = "Add `signed_off: {by, role, on}`, or set `state: draft`."
            found.append(detail("HN163", what, "signed_off", ("state",), do=do))
        if self.signed_off is not None and self.signed_off.by.casefold() == self.analyst.casefold():
            what = "the analyst may not sign off their own work"
            found.append(detail("HN163", what, self.signed_off.by, ("signed_off", "by")))
        if self.first_forecast_year != self.base_outturn + 1:
            what = "the first forecast year must follow the base outturn year"
            expected = show_year(self.base_outturn + 1)
            said = show_year(self.first_forecast_year)
            found.append(detail("HN164", what, said, ("first_forecast_year",), expected))
        if self.base_census != self.base_outturn + 1:
            what = "the base census must be the January of the base outturn year"
            expected = str(self.base_outturn + 1)
            found.append(detail("HN164", what, self.base_census, ("base_census",), expected))
        if self.settlement_ends < self.base_outturn:
            what = "the settlement ends before the base outturn year"
            said = show_year(self.settlement_ends)
            found.append(detail("HN164", what, said, ("settlement_ends",)))
        return found

    def model_post_init(self, context: object) -> None:
        """Refuse a manifest that contradicts itself."""
        refuse_all("manifest", self.faults())


# Sign-off.

_FREE = ("manifest.yaml", "../scenarios.yaml")


def hash_files(folder: Path) -> dict[str, str]:
    """The sha256 of every file of a vintage and of its measures, the manifest apart; names relative to the folder."""
    files = [path for path in folder.rglob("*") if path.suffix in (".yaml", ".csv") and path.name != "manifest.yaml"]
    named = {path.relative_to(folder).as_posix(): path for path in files}
    for path in (folder.parent / "measures" / folder.name).glob("*.yaml"):
        named[f"../measures/{folder.name}/{path.name}"] = path
    return {name: hashlib.sha256(named[name].read_bytes()).hexdigest() for name in sorted(named)}


def check_hashes(text: VintageFiles, problems: Problems) -> None:
    """Refuse a signed-off vintage whose files are not those that were signed off; each file is named."""
    manifest = text.parts.get("manifest")
    if manifest is None or manifest.content.get("state") != "signed_off" or text.resolved:
        return
    listed = manifest.content.get("files")
    signed = {str(name): str(value) for name, value in listed.items()} if isinstance(listed, dict) else {}
    if not signed:
        do = "Sign it off with its hashes, or set `state: draft`."
        problems.add("HN161", "signed off, but the hashes of its files are missing", manifest.place(("state",)), do=do)
        return
    found = {name: value for name, value in text.hashes.items() if name not in _FREE}
    undo = "Undo the edit, or make a new vintage: a signed-off one is never changed."
    for name in sorted(signed.keys() | found.keys()):
        place = Place(file=_label(text, name))
        if name not in found:
            problems.add("HN161", "a file of the signed-off vintage is missing", place, do=undo)
        elif name not in signed:
            problems.add("HN161", "the file was added after the vintage was signed off", place, do=undo)
        elif signed[name] != found[name]:
            said, expected = f"sha256 {found[name][:12]}...", f"sha256 {signed[name][:12]}..."
            problems.add(
                "HN161",
                "the file was changed after the vintage was signed off",
                place,
                found=said,
                expected=expected,
                do=undo,
            )


def _label(text: VintageFiles, name: str) -> str:
    return f"assumptions/{name.removeprefix('../')}" if name.startswith("../") else f"{text.label}/{name}"


def sign_off(folder: Path, by: str, role: str, on: date) -> None:
    """Write the hashes, the name and the day into the manifest; its comments stay.

    Args:
        folder: of the vintage.
        by: the person.
        role: such as Section 151 officer.
        on: the day.

    Raises:
        AssumptionError: the vintage is signed off already, or by its analyst, or has no manifest. Load it first: what
            is wrong with it is not looked for here.
    """
    from ruamel.yaml import YAML

    path = folder / "manifest.yaml"
    label = f"assumptions/{folder.name}/manifest.yaml"
    if not path.is_file():
        raise AssumptionError(Problem("HN130", "The file is missing", Place(file=label)))
    writer = YAML(typ="rt", pure=True)
    writer.preserve_quotes = True
    writer.width = 120
    manifest = writer.load(path.read_text(encoding="utf-8"))
    if manifest.get("state") == "signed_off":
        do = "Make a new vintage: copy the folder under another name, with `state: draft`."
        raise AssumptionError(Problem("HN163", "The vintage is signed off already", Place(file=label), do=do))
    if by.casefold() == str(manifest.get("analyst", "")).casefold():
        what = "the analyst may not sign off their own work"
        raise AssumptionError(Problem("HN163", what, Place(file=label, path="manifest.signed_off.by"), by))
    manifest["state"] = "signed_off"
    manifest.insert(list(manifest).index("state") + 1, "signed_off", {"by": by, "role": role, "on": on})
    manifest["files"] = hash_files(folder)
    text = io.StringIO()
    writer.dump(manifest, text)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".manifest.", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text.getvalue())
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
