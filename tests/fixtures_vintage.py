"""A whole council folder that tests may damage: the invented council, copied, its vintage turned back into a draft."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hnforecast.assumptions import Vintage, load_vintage
from hnforecast.base.codes import load_codes
from hnforecast.base.errors import HnForecastError

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "inputs" / "synthetic" / "exampleshire"
VINTAGE = "2026-03"
TODAY = date(2026, 6, 1)  # fixed, so that a test does not begin to fail when a review falls due
CODES = load_codes(ROOT / "inputs" / "codes")


@dataclass(frozen=True)
class ExampleFolder:
    """A copy of the invented council.

    Args:
        root: the project folder.
    """

    root: Path

    def path(self, file: str) -> Path:
        """A file by its short name: demand.yaml, rates/cease.csv, measures/local-places.yaml or scenarios.yaml."""
        if file == "scenarios.yaml":
            return self.root / "assumptions" / file
        folder = f"assumptions/{'measures/' + VINTAGE if file.startswith('measures/') else VINTAGE}"
        return self.root / folder / file.removeprefix("measures/")

    def edit(self, file: str, old: str, new: str) -> ExampleFolder:
        """Replace the first occurrence of a text, which must be there."""
        path = self.path(file)
        text = path.read_bytes().decode("utf-8")
        assert old in text, f"{file} does not hold {old!r}"
        path.write_bytes(text.replace(old, new, 1).encode("utf-8"))
        return self

    def write(self, file: str, content: str | bytes) -> ExampleFolder:
        """Write a whole file."""
        path = self.path(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return self

    def load(self) -> Vintage:
        """Load the vintage as at the tests' day."""
        return load_vintage(self.root, VINTAGE, codes=CODES, today=TODAY)

    def messages(self) -> list[str]:
        """Every problem of the vintage as a user would read it; none where it loads."""
        try:
            self.load()
        except HnForecastError as error:
            return [str(problem) for problem in error.problems]
        return []


def copy_example(folder: Path, *, draft: bool = True) -> ExampleFolder:
    """Copy the invented council into a folder.

    Args:
        folder: usually tmp_path.
        draft: turn the vintage back into a draft, so that an edit is judged by itself and not by its hash.
    """
    root = folder / "council"
    shutil.copytree(EXAMPLE, root)
    if draft:
        manifest = root / "assumptions" / VINTAGE / "manifest.yaml"
        manifest.write_text(as_draft(manifest.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    return ExampleFolder(root)


def as_draft(manifest: str) -> str:
    """A manifest without its sign-off."""
    text = manifest.replace("state: signed_off", "state: draft")
    return re.sub(r"^(signed_off|files):\n(  .*\n)+", "", text, flags=re.MULTILINE)


@dataclass(frozen=True)
class NastyCase:
    """One damaged vintage: what is wrong, the edits that make it so, and everything the user is told."""

    name: str
    edits: tuple[tuple[str, str, str], ...]
    expected: str


def read_cases(name: str) -> list[NastyCase]:
    """Read tests/nasty/corpus/NAME: `## what is wrong`, lines `edit FILE: OLD => NEW` (\\n ends a line), messages."""
    text = (ROOT / "tests" / "nasty" / "corpus" / name).read_text(encoding="utf-8")
    cases = []
    for block in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, *lines = block.rstrip("\n").split("\n")
        edits = [line.removeprefix("edit ") for line in lines if line.startswith("edit ")]
        said = "\n".join(line for line in lines if not line.startswith("edit "))
        cases.append(NastyCase(title, tuple(_read_edit(edit) for edit in edits), said.strip("\n")))
    return cases


def _read_edit(line: str) -> tuple[str, str, str]:
    file, change = line.split(": ", 1)
    old, new = change.split(" => ") if " => " in change else (change.removesuffix(" =>"), "")
    return file, old.replace("\\n", "\n"), new.replace("\\n", "\n").replace("\\0", "\0")
