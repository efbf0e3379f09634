"""The list of sources: every file listed, attributed, and unchanged."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from hnforecast.base.errors import InputError
from hnforecast.inputs import check_sources
from hnforecast.inputs.sources import hash_file, read_sources, relist

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path) -> Path:
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    (inputs / "codes").mkdir()
    for name in ("placements.csv", "streams.csv"):
        shutil.copy(ROOT / "inputs" / "codes" / name, inputs / "codes")
    lines = (ROOT / "inputs" / "sources.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [
        line for line in lines if line.startswith("dataset,") or re.search(",codes/(placements|streams).csv,", line)
    ]
    (inputs / "sources.csv").write_text("".join(kept), encoding="utf-8", newline="\n")
    return tmp_path


def test_the_committed_inputs_agree_with_their_list():
    assert [str(problem) for problem in check_sources(ROOT)] == []


def test_every_row_says_where_it_came_from():
    listed = read_sources(ROOT)
    assert listed["url"].str.startswith("https://").all()
    assert listed["sha256"].str.fullmatch("[0-9a-f]{64}").all()
    assert (listed["licence"] != "").all()
    assert not listed["url"].str.contains(r"localhost|127\.0\.0\.1|/simple").any()


def test_the_panel_is_small_enough():
    # Every authority of England and the 2026 edition of one; 15 MB held 113 of the 153.
    assert sum(path.stat().st_size for path in (ROOT / "inputs" / "national").glob("*.csv")) < 20_000_000


def test_a_changed_file(project):
    path = project / "inputs" / "codes" / "streams.csv"
    was = hash_file(path)
    path.write_bytes(path.read_bytes() + b"\n")
    (problem,) = check_sources(project)
    assert str(problem) == (
        "inputs/codes/streams.csv: An input has changed since it was listed [HN251]\n"
        f"  found: {hash_file(path)}\n  expected: {was}\n"
        "  If the change is meant, give its edition and new sha256 in inputs/sources.csv."
    )


def test_a_missing_and_an_unlisted_file(project):
    (project / "inputs" / "codes" / "streams.csv").rename(project / "inputs" / "codes" / "rivers.csv")
    assert [problem.code for problem in check_sources(project)] == ["HN250", "HN252"]


def test_a_list_that_points_outside(project):
    path = project / "inputs" / "sources.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("codes/streams.csv", "../secrets.csv"), encoding="utf-8")
    assert "HN250" in [problem.code for problem in check_sources(project)]


def test_relisting_takes_the_hash_anew_and_nothing_else(project):
    path = project / "inputs" / "sources.csv"
    before = path.read_text(encoding="utf-8")
    assert relist(project, []) == before
    streams = project / "inputs" / "codes" / "streams.csv"
    streams.write_bytes(streams.read_bytes() + b"\n")
    path.write_text(relist(project, ["codes/streams.csv"]), encoding="utf-8", newline="\n")
    assert check_sources(project) == ()


def test_no_list_at_all(tmp_path):
    with pytest.raises(InputError, match=r"sources\.csv: The file is missing"):
        check_sources(tmp_path)


def test_every_code_is_explained_and_every_explanation_used():
    section = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8").split("## Inputs")[1].split("\n## ")[0]
    explained = set(re.findall(r"HN[23]\d\d", "".join(re.findall(r"^\| (HN.*?) \|", section, re.M))))
    sources = [*(ROOT / "hnforecast" / "inputs").glob("*.py"), *(ROOT / "hnforecast" / "base").glob("*.py")]
    used = {code for path in sources for code in re.findall(r"HN[23]\d\d", path.read_text(encoding="utf-8"))}
    assert used == explained
