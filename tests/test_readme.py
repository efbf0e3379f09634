"""The documents tell the truth: every `hnforecast` command in them is run, and every file they point to exists.

A command is a line of a fenced `console` or `bash` block that begins with `hnforecast`, with or without `$ ` or
`uv run ` before it. It must exit 0, or with the code a comment names: `hnforecast check  # exits 1`. Commands with
made-up names, such as `hnforecast compare RUN RUN`, belong in a `text` block.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/**/*.md"))]
NAMES = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS]
RUN = "pip install uv && uv run hnforecast run"
TEST = "pip install uv && uv run pytest"

BLOCK = re.compile(r"^```(?:console|bash)\n(.*?)^```", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(
    r"^(?:\$ )?(?:pip install uv && )?(?:uv run )?(hnforecast\b[^#\n]*?)(?:\s+# .*?exits (\d+).*|\s+#.*)?$"
)
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")
QUICK = {"--help", "--version", "check", "explain", "list", "doctor"}


@dataclass(frozen=True)
class Example:
    """One command of a document and the exit code it promises."""

    document: str
    arguments: tuple[str, ...]
    exit_code: int

    def __str__(self) -> str:
        return f"{self.document}: hnforecast {' '.join(self.arguments)}"


def find_examples(document: str, text: str) -> list[Example]:
    """Return the commands of a document, in order, each once."""
    found = []
    for block in BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            command = COMMAND.match(line.strip())
            if command:
                found.append(Example(document, tuple(shlex.split(command[1])[1:]), int(command[2] or 0)))
    return list(dict.fromkeys(found))


EXAMPLES = [
    example
    for path, name in zip(DOCUMENTS, NAMES, strict=True)
    for example in find_examples(name, path.read_text("utf-8"))
]


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the council's folder, so that the examples write nothing into this one."""
    folder = tmp_path_factory.mktemp("readme") / "council"
    folder.mkdir()
    for name in ("assumptions", "inputs", "docs"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def as_parameter(example: Example) -> object:
    quick = example.document == "README.md" and (example.arguments[0] in QUICK or "--help" in example.arguments)
    return pytest.param(example, id=str(example), marks=[] if quick else [pytest.mark.slow])


@pytest.mark.parametrize("example", [as_parameter(example) for example in EXAMPLES])
def test_commands_in_documents_work(example: Example, project: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "NO_COLOR": "1"}
    finished = subprocess.run(
        [sys.executable, "-m", "hnforecast", *example.arguments],
        cwd=project, env=environment, capture_output=True, text=True, timeout=280, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert finished.returncode == example.exit_code, f"{example}\n{finished.stdout}\n{finished.stderr}"
    assert "Traceback" not in finished.stderr


def test_the_two_commands_are_stated() -> None:
    lines = [line.strip() for line in (ROOT / "README.md").read_text("utf-8").splitlines()]
    assert RUN in lines
    assert TEST in lines


def test_readme_has_the_run_command_as_an_example() -> None:
    assert Example("README.md", ("run",), 0) in EXAMPLES


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    document = ROOT / name
    broken = [target for target in LINK.findall(document.read_text("utf-8")) if not (document.parent / target).exists()]
    assert not broken, f"{name} points to {broken}"


def test_examples_are_found_as_written() -> None:
    text = (
        "```console\n$ uv run hnforecast explain a.b   # what it says\nhnforecast check  # exits 1 here\n```\n"
        "```text\nhnforecast compare RUN RUN\n```\n```bash\nhnforecast run \\\n  history\n```\n"
    )
    assert find_examples("x", text) == [
        Example("x", ("explain", "a.b"), 0),
        Example("x", ("check",), 1),
        Example("x", ("run", "history"), 0),
    ]
