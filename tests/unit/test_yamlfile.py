"""Reading YAML with places, and writing it back."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hnforecast.base.errors import Place
from hnforecast.base.yaml import YamlFile, dump_yaml, load_yaml


def read(text: str) -> YamlFile:
    file, problems = load_yaml(text.encode(), "f.yaml")
    assert not problems, [str(problem) for problem in problems]
    assert file is not None
    return file


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-12", -12),
        ("0.06", 0.06),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1_000", "1_000"),
        ("007", "007"),
        ("00.5", "00.5"),
        ("0x1F", "0x1F"),
        ("12:30", "12:30"),
        ("2025-26", "2025-26"),
        ("2024-09", "2024-09"),
        ("2024-11-05", date(2024, 11, 5)),
        ("2024-02-30", "2024-02-30"),
        ('"2024-11-05"', "2024-11-05"),
        ("1.2.1", "1.2.1"),
        ("yes", "yes"),
        ("no", "no"),
        ("true", True),
        ("null", None),
        ("~", None),
        ('"true"', "true"),
        ("9" * 500, "9" * 500),
    ],
)
def test_an_unquoted_word_is_what_it_looks_like_in_a_council(text: str, value: Any) -> None:
    found = read(f"a: {text}\n").content["a"]
    assert found == value
    assert type(found) is type(value)


def test_names_are_text_as_written() -> None:
    content = read('2026: 1\n1.10: 2\ntrue: 3\nnull: 4\n"1.2.1": 5\n2024-11-05: 6\n').content
    assert list(content) == ["2026", "1.10", "true", "null", "1.2.1", "2024-11-05"]


TEXT = """\
# a comment
top_up:
  state_special:
    value: 14252
    interval: {low: 1, high: 2}
list:
  - one
  - {two: 2}
"""


@pytest.mark.parametrize(
    ("path", "key", "line", "column"),
    [
        (("top_up",), True, 2, 1),
        (("top_up", "state_special", "value"), False, 4, 12),
        (("top_up", "state_special", "value"), True, 4, 5),
        (("top_up", "state_special", "interval", "high"), False, 5, 30),
        (("list", 0), False, 7, 5),
        (("list", 1, "two"), False, 8, 11),
        (("top_up", "state_special", "unit"), False, 3, 3),
        (("top_up", "nothing", "at", "all"), False, 2, 1),
        ((), False, 2, 1),
    ],
)
def test_every_path_has_a_place(path: tuple[str | int, ...], key: bool, line: int, column: int) -> None:
    assert read(TEXT).place(path, key=key) == Place(file="f.yaml", line=line, column=column)


def test_what_an_alias_repeats_has_the_place_of_its_anchor() -> None:
    file = read("a: &x\n  b: 1\nc: *x\n")
    assert file.place(("c", "b")).line == 2


def test_the_hash_is_of_the_bytes() -> None:
    assert read("a: 1\n").sha256 == hashlib.sha256(b"a: 1\n").hexdigest()
    assert read("a: 1\n").sha256 != read("a: 1 \n").sha256


def test_a_byte_order_mark_and_windows_line_ends_change_no_place() -> None:
    raw = b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()
    file, problems = load_yaml(raw, "f.yaml")
    assert not problems
    assert file is not None
    assert file.content == read(TEXT).content
    assert file.place(("list", 1, "two")) == read(TEXT).place(("list", 1, "two"))


WORDS = st.text(max_size=30) | st.sampled_from(
    ["2025-26", "true", "null", "007", "1e5", "- a", "a: b", "# a", " a ", "£5"]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False)
    | st.dates()
    | WORDS
    | st.text(alphabet="ab,1. \n", max_size=40)
)
NAMES = st.text(min_size=1, max_size=15).filter(lambda name: name != "<<" and "\0" not in name)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=12
)


@given(st.dictionaries(NAMES, TREES, max_size=4))
def test_what_is_written_is_read_back_the_same(content: dict[str, Any]) -> None:
    file, problems = load_yaml(dump_yaml(content).encode("utf-8", "surrogatepass"), "f.yaml")
    assert not problems, dump_yaml(content)
    assert file is not None
    assert file.content == content
    assert repr(file.content) == repr(content)  # 1 is not 1.0, nor True


def test_a_value_of_no_known_type_is_not_written() -> None:
    with pytest.raises(TypeError, match="set has no form"):
        dump_yaml({"a": {1, 2}})


def test_a_table_is_written_as_it_stands() -> None:
    assert dump_yaml({"t": "age,value\n0,1\n"}) == "t: |\n  age,value\n  0,1\n"


@given(st.binary(max_size=200))
def test_no_bytes_whatever_raise(raw: bytes) -> None:
    file, problems = load_yaml(raw, "f.yaml")
    assert file is not None or problems


@given(st.text(alphabet="ab:{}[]-&*!|>'\"#%@`,?\n\t 01.", max_size=120))
def test_no_text_whatever_raises(text: str) -> None:
    file, problems = load_yaml(text.encode(), "f.yaml")
    assert file is not None or problems
    assert all(problem.code.startswith("HN10") for problem in problems)
