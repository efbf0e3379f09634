"""The record of a run: what changes the fingerprint and what does not, and names that are safe as folders."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hnforecast.base import record
from hnforecast.base.errors import UsageError
from hnforecast.base.record import code_sha256, environment, files_read, make_record, safe_name

ASKED: dict[str, Any] = {"seed": 1, "draws": 1, "horizon": 10}
SCENARIOS = {"mitigated": {"measures": ["a"]}, "unmitigated": {"measures": []}}
FILES = {"assumptions/2026-03/prices.yaml": "0" * 64}


def test_the_same_question_has_the_same_fingerprint() -> None:
    first, second = (make_record("2026-03", SCENARIOS, FILES, **ASKED) for _ in range(2))
    assert first == second
    assert first.run_id == f"2026-03-{first.fingerprint[:8]}"


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 2},
        {"draws": 2},
        {"horizon": 9},
        {"files": {"assumptions/2026-03/prices.yaml": "1" * 64}},
        {"files": {**FILES, "inputs/codes/needs.csv": "2" * 64}},
        {"scenarios": {"mitigated": {"measures": ["a"]}, "unmitigated": {"measures": ["b"]}}},
        {"vintage": "2022-12"},
    ],
)
def test_a_different_question_has_another(change: dict[str, Any]) -> None:
    plain = {"vintage": "2026-03", "scenarios": SCENARIOS, "files": FILES, **ASKED}
    assert make_record(**plain).fingerprint != make_record(**(plain | change)).fingerprint


def test_code_is_part_of_it_but_line_ends_are_not(tmp_path: Path) -> None:
    module = tmp_path / "a.py"
    module.write_bytes(b"x = 1\n")
    before = code_sha256(tmp_path)
    module.write_bytes(b"x = 1\r\n")
    assert code_sha256(tmp_path) == before
    module.write_bytes(b"x = 2\n")
    assert code_sha256(tmp_path) != before


@pytest.mark.parametrize("name", ["page.js", "page.css", "page.html.j2", "plain.csv", "weights.yaml", "deep/er/a.txt"])
def test_every_kind_of_file_of_the_package_is_part_of_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.py").write_bytes(b"x = 1\n")
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    seen = {code_sha256(tmp_path)}
    for content in (b"", b"one\n", b"two\n"):
        file.write_bytes(content)
        seen.add(code_sha256(tmp_path))
    assert len(seen) == 4
    file.write_bytes(b"two\r\n")
    assert code_sha256(tmp_path) in seen


@pytest.mark.parametrize(
    "name", ["__pycache__/a.cpython-313.pyc", "deep/__pycache__/a.txt", "a.pyc", ".DS_Store", "_shipped/codes/x.csv"]
)
def test_what_is_compiled_hidden_or_shipped_beside_the_code_is_not(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.py").write_bytes(b"x = 1\n")
    before = code_sha256(tmp_path)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_bytes(b"anything")
    assert code_sha256(tmp_path) == before


def test_no_kind_of_file_of_the_package_is_taken_for_a_compiled_one() -> None:
    package = Path(record.__file__).parents[1]
    kinds = {path.suffix for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {".py", ".js", ".css", ".j2", ".csv", ".yaml"} <= kinds
    assert kinds.isdisjoint(record.COMPILED)


def test_one_scenario_is_named_in_the_run(tmp_path: Path) -> None:
    made = make_record("2026-03", {"mitigated": {}}, FILES, **ASKED)
    assert made.run_id.startswith("2026-03-mitigated-")


@pytest.mark.parametrize(
    "name", ["CON", "con", "com1", "nul", "", "a b", "../up", "a/b", "Ä", "-x", "x" * 65, "a.b", "prn"]
)
def test_names_that_cannot_be_folders_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="A name that becomes a folder cannot be used as it is"):
        safe_name(name)


@given(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,63}", fullmatch=True))
def test_safe_names_stay_where_they_are_put(name: str) -> None:
    try:
        safe = safe_name(name)
    except UsageError:
        return
    assert (Path("outputs") / safe).parent == Path("outputs")


def test_paths_in_a_record_are_relative_and_plain(tmp_path: Path) -> None:
    folder = tmp_path / "assumptions" / "2026-03"
    (tmp_path / "inputs" / "codes").mkdir(parents=True)
    (tmp_path / "inputs" / "codes" / "needs.csv").write_text("need\n")
    (tmp_path / "inputs" / "national").mkdir()
    (tmp_path / "inputs" / "national" / "panel.csv").write_text("x\n")
    files = {"prices.yaml": "a", "../measures/2026-03/one.yaml": "b"}
    assert list(files_read(tmp_path, folder, files, [tmp_path / "inputs" / "codes"])) == [
        "assumptions/2026-03/prices.yaml",
        "assumptions/measures/2026-03/one.yaml",
        "inputs/codes/needs.csv",
    ]
    shipped = tmp_path.parent / f"{tmp_path.name}-elsewhere" / "national"
    shipped.mkdir(parents=True)
    (shipped / "panel.csv").write_text("x\n")
    assert "shipped/national/panel.csv" in files_read(tmp_path, folder, files, [shipped])


def test_the_environment_is_recorded() -> None:
    packages = environment()["packages"]
    assert packages["numpy"] != "missing"
    assert SimpleNamespace(**environment()).python.count(".") == 2
