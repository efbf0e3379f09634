"""Sign-off: the hash of every file goes into the manifest, and an edited file is refused from then on."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from datetime import date
from pathlib import Path

from hnforecast.assumptions.files import VintageFiles
from hnforecast.base.errors import AssumptionError, Place, Problem, Problems

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
