"""Keeps the tree in docs/tree.md true: what is missing from it, what is in it and no longer there.

    uv run python -m tests.tree           print the differences; exit 1 if there are any
    uv run python -m tests.tree --write   bring the tree up to date

A module's line is the first sentence of its docstring, a package's that of its __init__.py; the other lines are
written by hand and kept. Listed are the top level, every module of hnforecast/, and whatever else of the project's
folders somebody found worth a line; that must exist too.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "tree.md"
BLOCK = re.compile(r"(?<=<!-- tree: begin -->\n```text\n)(.*?)(?=```\n<!-- tree: end -->)", re.DOTALL)
INDENT = 4
COLUMN = 36


def listed_entries(block: str) -> dict[str, str]:
    """Read the tree: path below the root, folders with a closing slash -> the sentence beside it."""
    entries: dict[str, str] = {}
    above: list[str] = []
    for line in block.splitlines():
        if not line.strip():
            continue
        depth = (len(line) - len(line.lstrip())) // INDENT
        name, _, sentence = line.strip().partition("  ")
        above = [*above[:depth], name]
        entries["".join(above)] = sentence.strip()
    return entries


def tracked_files() -> list[str] | None:
    """Return the files git keeps and that are there, as paths below the root; None where this is no git checkout."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        return None
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in listing.split("\0") if name and (ROOT / name).is_file()]


def top_level() -> set[str]:
    """Return the names at the top of the project that git keeps; nothing where there is no git to ask."""
    names = set()
    for path in tracked_files() or []:
        first, slash, _ = path.partition("/")
        names.add(first + slash)
    return names


def modules() -> set[str]:
    """Return every module and package folder of hnforecast/, as paths below the root; a folder stands for its init."""
    found = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("hnforecast/**/*.py")}
    folders = {f"{path.rpartition('/')[0]}/" for path in found}
    return folders | {path for path in found if not re.fullmatch(r"hnforecast/.+/__init__\.py", path)}


def required_entries() -> set[str]:
    """Return what the tree must list."""
    return top_level() | modules()


def first_sentence(path: str) -> str:
    """Return a module's line: the first sentence of its docstring; nothing for files outside the package."""
    source = ROOT / path / "__init__.py" if path.endswith("/") else ROOT / path
    if not path.startswith("hnforecast/") or source.suffix != ".py" or not source.exists():
        return ""
    docstring = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    return re.split(r"(?<=[.;])\s", docstring.split("\n\n")[0].replace("\n", " "))[0].rstrip(".;")


def differences() -> tuple[list[str], list[str]]:
    """Return (required but not listed, listed but not there)."""
    listed = listed_entries(find_block())
    gone = [entry for entry in listed if not (ROOT / entry).exists()]
    return sorted(required_entries() - listed.keys()), gone


def find_block() -> str:
    """Return the text of the tree in docs/tree.md."""
    found = BLOCK.search(DOCUMENT.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError("docs/tree.md has no tree between its two markers")
    return found.group(1)


def updated_block() -> str:
    """Return the tree with what is missing put in, in order, and what is gone left out."""
    listed = listed_entries(find_block())
    missing, gone = differences()
    sentences = {path: first_sentence(path) or text for path, text in listed.items() if path not in gone}
    sentences |= {path: first_sentence(path) for path in missing}

    def order(path: str) -> list[tuple[bool, str]]:
        """Folders before files at the top level, packages after modules inside."""
        parts = re.findall(r"[^/]+/?", path)
        return [(part.endswith("/") != (depth == 0), part) for depth, part in enumerate(parts)]

    lines = []
    for path in sorted(sentences, key=order):
        depth = path.rstrip("/").count("/")
        name = path if depth == 0 else path.rstrip("/").rpartition("/")[2] + ("/" if path.endswith("/") else "")
        lines.append(f"{' ' * INDENT * depth + name:<{COLUMN - 2}}  {sentences[path]}".rstrip() + "\n")
    return "".join(lines)


if __name__ == "__main__":
    if "--write" in sys.argv:
        text = DOCUMENT.read_text(encoding="utf-8")
        block = updated_block()
        DOCUMENT.write_text(BLOCK.sub(lambda _: block, text), encoding="utf-8", newline="\n")
    missing, gone = differences()
    for entry in missing:
        print(f"missing from docs/tree.md: {entry}")
    for entry in gone:
        print(f"in docs/tree.md, not there: {entry}")
    sys.exit(bool(missing or gone))
