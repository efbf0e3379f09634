"""The shape of the project, held: the tree is true, files stay short, the model stays pure, nothing names a machine."""

from __future__ import annotations

import ast
import csv
import re
import socket
import tomllib
import warnings
from pathlib import Path

import pytest

from tests import tree

ROOT = tree.ROOT
SOURCES = sorted(ROOT.glob("hnforecast/**/*.py"))
SOURCE_NAMES = [path.relative_to(ROOT).as_posix() for path in SOURCES]

# A file a reader cannot finish in one sitting needs a reason here.
LONG_FILES: dict[str, str] = {}

# Words that are a placement in our code list and something else in a published file.
SAME_WORD = {
    "hnforecast/engine/demand/panel_files.py": {"fe"},  # a column of the placement file
    "hnforecast/inputs/cut_rows.py": {"early_years"},  # a sector of the section 251 file
}

MODEL_MAY_IMPORT = {
    "numpy",
    "hnforecast.base.axes",
    "hnforecast.base.timeline",
    "hnforecast.base.errors",
    "hnforecast.engine.model",
}
# Of Python itself: nothing that reads a file, a clock or the environment. Threads, because NumPy lets them work.
MODEL_MAY_IMPORT_OF_PYTHON = {"__future__", "collections", "dataclasses", "enum", "functools", "itertools", "math"}
MODEL_MAY_IMPORT_OF_PYTHON |= {"typing", "concurrent"}

# What programs that read our JSON look for.
SCHEMAS = {
    "backtest/1",
    "backtest-run/1",
    "backtest-whole/1",
    "backtest-whole-run/1",
    "benchmark/1",
    "bridge/1",
    "brief/1",
    "causes/1",
    "check/1",
    "doctor/1",
    "error/1",
    "explain/1",
    "files/1",
    "fit/1",
    "list/1",
    "mix/1",
    "monitoring/1",
    "new/1",
    "publication/1",
    "report/1",
    "result/1",
    "return/1",
    "return-bridge/1",
    "return-result/1",
    "run/1",
    "seal/1",
    "sensitivity/1",
    "share/1",
    "target/1",
    "verify/1",
    "weigh/1",
}

# A letter in brackets matches itself and keeps this file from naming what it forbids.
FORBIDDEN_TEXT = {
    "the address of a package index": r"[p]ypi\.org|[p]ythonhosted|[n]pmjs\.|[d]eb\.debian",
    "a setting for a package index": r"[i]ndex-url\s*=|[f]ind-links\s*=|tool\.uv\.[i]ndex\b",
    "a path of one machine": r"(?<![\w./:-])(?:/(?:[w]ork|[h]ome|[r]oot|[o]pt|[s]hared|[U]sers)/\w|[A-Z]:\\[U]sers\\)",
}


@pytest.fixture
def tracked_files() -> list[str]:
    """The files git keeps; a copy downloaded without its history has none to check."""
    files = tree.tracked_files()
    if files is None:
        pytest.skip("this copy is not a git checkout")
    return files


def imported_names(path: Path) -> set[str]:
    """Return the absolute names of what a module imports, `from a import b` as a.b."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names}
    return names


def test_tree_lists_every_module_and_folder() -> None:
    missing, gone = tree.differences()
    assert not missing, f"docs/tree.md does not list {missing}; run `uv run python -m tests.tree --write`"
    assert not gone, f"docs/tree.md lists {gone}, which are not there"


def test_tree_says_something_about_every_entry() -> None:
    silent = [entry for entry, sentence in tree.listed_entries(tree.find_block()).items() if len(sentence) < 10]
    assert not silent, f"docs/tree.md says nothing about {silent}"


def test_tree_reader_sees_both_kinds_of_difference() -> None:
    entries = tree.listed_entries("a/    a folder\n    b.py    a module\nc.md    a page\n")
    assert entries == {"a/": "a folder", "a/b.py": "a module", "c.md": "a page"}


def test_the_architecture_names_every_room_and_the_contract_as_it_is() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in ROOT.glob("hnforecast/*/__init__.py")}
    assert set(re.findall(r"^\| `(\w+)` \|", page, flags=re.MULTILINE)) == rooms
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    for contract in settings[:2]:
        layers = [f"({layer})" if " : " in layer else layer for layer in contract["layers"]]
        assert f"`{' > '.join(layers)}`" in page


def test_the_schemas_of_what_is_printed_and_recorded_keep_their_names() -> None:
    written = {name for path in SOURCES for name in re.findall(r'"hnforecast/([\w/-]+/\d+)"', path.read_text("utf-8"))}
    assert written == SCHEMAS, "a schema is a contract with whoever reads the JSON: a new one joins, none is renamed"


def test_every_file_the_architecture_names_exists() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = "|".join(sorted({path.parent.name for path in ROOT.glob("hnforecast/*/__init__.py")}))
    named = set(re.findall(rf"`((?:{rooms}|docs|tests)/[\w./-]*)`", page))
    assert len(named) > 20
    gone = [name for name in named if not ((ROOT / "hnforecast" / name).exists() or (ROOT / name).exists())]
    assert not gone, f"ARCHITECTURE.md names {gone}, which are not there"


@pytest.mark.parametrize("name", SOURCE_NAMES)
def test_files_are_short_enough_to_read(name: str) -> None:
    lines = len((ROOT / name).read_text(encoding="utf-8").splitlines())
    if name in LONG_FILES:
        assert lines > 400, f"{name} is {lines} lines now: take it off the list of long files"
        return
    assert lines <= 400, f"{name} has {lines} lines; split it by idea, or give a reason in LONG_FILES"
    if lines > 350:
        warnings.warn(f"{name} has {lines} lines; 350 is the aim", stacklevel=1)


@pytest.mark.parametrize("name", [name for name in SOURCE_NAMES if name.startswith("hnforecast/engine/model/")])
def test_model_imports_only_arithmetic(name: str) -> None:
    for imported in imported_names(ROOT / name):
        allowed = imported.partition(".")[0] in MODEL_MAY_IMPORT_OF_PYTHON or any(
            imported == module or imported.startswith(f"{module}.") for module in MODEL_MAY_IMPORT
        )
        assert allowed, f"{name} imports {imported}; the model may import {sorted(MODEL_MAY_IMPORT)}"


@pytest.mark.parametrize("name", SOURCE_NAMES)
def test_imports_are_absolute(name: str) -> None:
    assert not [imported for imported in imported_names(ROOT / name) if imported.startswith(".")]


@pytest.mark.parametrize("name", SOURCE_NAMES)
def test_every_module_says_what_it_is(name: str) -> None:
    assert ast.get_docstring(ast.parse((ROOT / name).read_text(encoding="utf-8"))), f"{name} has no docstring"


def string_literals(path: Path) -> set[str]:
    """Return the strings of a module that the program can use: all but docstrings."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    spoken = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)} - {
        node.value for node in nodes if isinstance(node, ast.Constant) and id(node) in spoken
    }


@pytest.mark.parametrize("name", SOURCE_NAMES)
def test_code_names_no_council(name: str) -> None:
    found = re.search(r"\bkent\b|\bkcc\b", (ROOT / name).read_text(encoding="utf-8"), re.IGNORECASE)
    assert found is None, f"{name} names a council: {found}; it belongs in assumptions/ or inputs/"
    assert not {"886", "E10000016"} & string_literals(ROOT / name), f"{name} holds the code of a council"


@pytest.mark.parametrize("name", SOURCE_NAMES)
def test_code_names_no_placement(name: str) -> None:
    with (ROOT / "inputs" / "codes" / "placements.csv").open(encoding="utf-8", newline="") as file:
        codes = {row["placement"] for row in csv.DictReader(file)}
    assert len(codes) > 5
    named = codes & string_literals(ROOT / name) - SAME_WORD.get(name, set())
    assert not named, f"{name} names {sorted(named)}; placements are data, in inputs/codes/placements.csv"


@pytest.mark.parametrize("what", FORBIDDEN_TEXT)
def test_no_committed_file_names(what: str, tracked_files: list[str]) -> None:
    pattern = re.compile(FORBIDDEN_TEXT[what])
    found = []
    for name in tracked_files:
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name}: {match.group()}" for match in pattern.finditer(text)]
    assert not found, f"{what} is named in {found[:10]}"


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("the address of a package index", "https://py" + "pi.org/simple"),
        ("a setting for a package index", "--index" + "-url = https://example.org"),
        ("a path of one machine", 'open("/wo' + 'rk/main/x")'),
        ("a path of one machine", "C:\\Use" + "rs\\jo"),
    ],
)
def test_forbidden_text_is_recognised(what: str, text: str) -> None:
    assert re.search(FORBIDDEN_TEXT[what], text)


def test_ordinary_text_is_allowed() -> None:
    for text in ("https://www.example.gov.uk/home/children", "in education/work/training", "his own home / work"):
        assert not any(re.search(pattern, text) for pattern in FORBIDDEN_TEXT.values())


def test_what_a_machine_makes_is_not_tracked(tracked_files: list[str]) -> None:
    made = re.compile(r"(^|/)(uv\.lock|\.venv|__pycache__|\.mypy_cache|\.ruff_cache|dist|build)(/|$)")
    assert not [name for name in tracked_files if made.search(name)]
    runs = [name for name in tracked_files if name.startswith("outputs/")]
    assert not [name for name in runs if name != "outputs/README.md" and not name.startswith("outputs/example/")]


@pytest.mark.parametrize("address", [("127.0.0.1", 9), ("192.0.2.1", 443)])
def test_tests_cannot_use_the_network(address: tuple[str, int]) -> None:
    with socket.socket() as plug, pytest.raises(RuntimeError, match="must not use the network"):
        plug.connect(address)
    with pytest.raises(RuntimeError, match="must not use the network"):
        socket.create_connection(("example.invalid", 80))
