"""The list of kinds of placement that `causes` and `benchmark` compare: data, checked as code lists are."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from hnforecast.base.errors import InputError
from hnforecast.base.kinds import FILE, GROUPS, SHARE, SPECIAL, TOP_UP, load_kinds
from hnforecast.base.shipped import shipped_folder

CODES = shipped_folder("codes")


@pytest.fixture
def panel(tmp_path: Path) -> Path:
    shutil.copytree(CODES, tmp_path / "codes")
    return tmp_path / "national"


def test_every_published_group_is_shown_once() -> None:
    with (CODES / "placement_groups.csv").open(encoding="utf-8") as file:
        groups = sorted(row["placement_group"] for row in csv.DictReader(file))
    assert sorted(group for kind in load_kinds()[SHARE] for group in kind.groups) == groups


@pytest.mark.parametrize("purpose", [TOP_UP, SPECIAL])
def test_money_is_set_against_published_figures(purpose: str) -> None:
    national = shipped_folder("national")
    header = (
        (national / "s251_high_needs_detail_by_la_2021_22.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    )
    categories = (national / "high_needs_specialist_placement_spend_by_la_2018_2021.csv").read_text(encoding="utf-8")
    for kind in load_kinds()[purpose]:
        for name in kind.published:
            assert f"s251_outturn_2021_22_{name}" in header if purpose == TOP_UP else name in categories
    published = [name for kind in load_kinds()[purpose] for name in kind.published]
    assert len(published) == len(set(published)), "no pound is counted in two kinds"


def test_a_council_may_have_its_own_list(panel: Path) -> None:
    file = panel.parent / "codes" / FILE
    file.write_text(
        file.read_text(encoding="utf-8").replace("Mainstream schools", "Ordinary schools"), encoding="utf-8"
    )
    assert load_kinds(panel)[SHARE][0].label == "Ordinary schools"
    assert load_kinds(panel.parent / "elsewhere" / "national") == load_kinds()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("purpose,kind", "purpose,sort", "Wrong header"),
        (",special_state,,", ",special_sate,,", "names an unknown code"),
        ("share,units", "share,mainstream", "Code given twice"),
        ("special,state_special,State special schools and AP,,", "special,state_special", "Wrong number of values"),
    ],
)
def test_a_broken_list_is_refused(panel: Path, old: str, new: str, message: str) -> None:
    file = panel.parent / "codes" / FILE
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_kinds(panel)


def test_its_own_list_needs_no_other_beside_it(panel: Path) -> None:
    (panel.parent / "codes" / GROUPS).unlink()
    assert load_kinds(panel) == load_kinds()


@pytest.mark.parametrize("name", [FILE, GROUPS])
@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00", "caf\xe9,\xa3\n".encode("cp1252"), None])
def test_a_list_that_cannot_be_read_is_refused(panel: Path, name: str, content: bytes | None) -> None:
    file = panel.parent / "codes" / name
    file.unlink()
    if content is None:
        if name == FILE:
            return  # without one, the list that comes with the tool is taken
        file.mkdir()
        assert load_kinds(panel) == load_kinds()
        return
    file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        load_kinds(panel)
    assert [problem.place.file for problem in caught.value.problems] == [f"codes/{name}"]
