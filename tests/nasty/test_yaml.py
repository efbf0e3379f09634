"""Files no council would write on purpose, and the exact message each earns: bombs, tags, tabs, bytes."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest

from hnforecast.base.yaml import MAX_BYTES, load_yaml
from tests.fixtures_vintage import copy_example

REFUSED: dict[str, tuple[bytes, str]] = {
    "an empty file": (
        b"",
        "f.yaml:1: The file must hold settings, `name: value`, one a line [HN102]\n  found: nothing",
    ),
    "comments alone": (
        b"# nothing yet\n",
        "f.yaml:1: The file must hold settings, `name: value`, one a line [HN102]\n  found: nothing",
    ),
    "a list": (
        b"- 1\n- 2\n",
        "f.yaml:1: The file must hold settings, `name: value`, one a line [HN102]\n  found: a list",
    ),
    "a word": (
        b"hello\n",
        "f.yaml:1: The file must hold settings, `name: value`, one a line [HN102]\n  found: text",
    ),
    "a name set twice": (
        b"a: 1\nb: 2\na: 3\n",
        "f.yaml:3:1: 'a' is set twice in one group; lines 1 and 3 [HN103]\n  Keep one of the two.",
    ),
    "a name set twice inside braces": (
        b"x: {a: 1,\n  a: 2}\n",
        "f.yaml:2:3: 'a' is set twice in one group; lines 1 and 2 [HN103]\n  Keep one of the two.",
    ),
    "a name set twice, once in quotes": (
        b"1.2.1: 1\n'1.2.1': 2\n",
        "f.yaml:2:1: '1.2.1' is set twice in one group; lines 1 and 2 [HN103]\n  Keep one of the two.",
    ),
    "a tag that would run a program": (
        b"a: !!python/object/apply:os.system [rm]\n",
        "f.yaml:1:4: Tags (words starting with !) are not read [HN104]\n"
        "  found: tag:yaml.org,2002:python/object/apply:os.system\n"
        "  Delete the tag; a value needs none.",
    ),
    "a tag of the file's own": (
        b"a: !secret x\n",
        "f.yaml:1:4: Tags (words starting with !) are not read [HN104]\n"
        "  found: !secret\n"
        "  Delete the tag; a value needs none.",
    ),
    "a tag on a group": (
        b"a: !!map {b: 1}\n",
        "f.yaml:1:4: Tags (words starting with !) are not read [HN104]\n"
        "  found: tag:yaml.org,2002:map\n"
        "  Delete the tag; a value needs none.",
    ),
    "five thousand brackets": (
        b"a: " + b"[" * 5000,
        "f.yaml:1:53: Settings are nested too deep [HN105]\n  found: more than 50 levels\n  expected: at most 50",
    ),
    "five thousand levels": (
        "".join(f"{' ' * level}a:\n" for level in range(600)).encode(),
        "f.yaml:51:51: Settings are nested too deep [HN105]\n  found: more than 50 levels\n  expected: at most 50",
    ),
    "an alias of itself": (
        b"a: &a [1, *a]\n",
        "f.yaml:1:11: An alias repeats the group it stands in, without end [HN105]\n  found: *a",
    ),
    "an alias of nothing": (
        b"a: *b\n",
        "f.yaml:1:4: Not valid YAML: an alias (*name) with no anchor (&name) before it [HN102]\n  found: *b",
    ),
    "a merge key": (
        b"a: &a {x: 1}\nb:\n  <<: *a\n",
        "f.yaml:3:3: Merge keys (<<) are not read [HN106]\n  Write the values out.",
    ),
    "a name that is a list": (
        b"? [a, b]\n: 1\n",
        "f.yaml:1:3: A name must be one word or number, not a list or a group [HN106]",
    ),
    "a name that is an alias": (
        b"a: &a x\n*a : 1\n",
        "f.yaml:2:1: A name must be one word or number, not an alias [HN106]",
    ),
    "two documents": (
        b"a: 1\n---\nb: 2\n",
        "f.yaml:2:1: A second document begins (`---`); one file holds one [HN106]",
    ),
    "a directive": (
        b"%YAML 1.1\n---\na: yes\n",
        "f.yaml:2:1: Directives (lines starting with %) are not read [HN106]\n  Delete the line.",
    ),
    "a tab for spaces": (
        b"a:\n\tb: 1\n",
        "f.yaml:2:1: Not valid YAML: a character that cannot start a value (a tab, or one of @ ` %) [HN102]",
    ),
    "a quotation mark that never closes": (
        b"a: 'x\nb: 1\n",
        "f.yaml:3:1: Not valid YAML: a quotation mark that is never closed [HN102]",
    ),
    "a colon inside a value": (
        b"source: Table 3: schools\n",
        "f.yaml:1:16: Not valid YAML: a colon inside a value; put the value in quotes [HN102]",
    ),
    "a bracket that never closes": (
        b"a: [1, 2\nb: 3\n",
        "f.yaml:2:2: Not valid YAML: an unclosed [ or {, or a comma missing inside one [HN102]",
    ),
    "lines that do not line up": (
        b"a:\n    b: 1\n  c: 2\n",
        "f.yaml:3:3: Not valid YAML: the indentation does not line up [HN102]",
    ),
    "a NUL": (
        b"a: \x00\n",
        "f.yaml:1: The file holds a character that is not text [HN101]\n"
        "  found: a control character\n"
        "  Delete it, or type the line again.",
    ),
    "Latin-1": (
        b"a: 1\nb: caf\xe9\n",
        "f.yaml:2: The file is not UTF-8 text [HN101]\n"
        "  found: byte 11\n"
        "  expected: UTF-8 text\n"
        "  Save it as UTF-8 (in Excel or Notepad: Save as, encoding UTF-8).",
    ),
    "UTF-16": (
        "a: 1\n".encode("utf-16"),
        "f.yaml:1: The file is not UTF-8 text [HN101]\n"
        "  found: byte 0\n"
        "  expected: UTF-8 text\n"
        "  Save it as UTF-8 (in Excel or Notepad: Save as, encoding UTF-8).",
    ),
    "more than a megabyte": (
        b"a: 1\n" * 300_000,
        "f.yaml: The file is larger than an assumption file may be; put long tables in a CSV beside it [HN105]\n"
        "  found: 1,500,000 bytes\n"
        "  expected: at most 1,000,000 bytes",
    ),
}


@pytest.mark.parametrize(("raw", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_with_exactly_this_message(raw: bytes, message: str) -> None:
    _, problems = load_yaml(raw, "f.yaml")
    assert [str(problem) for problem in problems] == [message]


def bomb(levels: int, width: int = 9) -> bytes:
    """Each level stands for `width` of the one before."""
    lines = ["a0: &a0 [1]"]
    lines += [f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * width)}]" for n in range(levels)]
    return "\n".join(lines).encode()


@pytest.mark.parametrize("levels", [5, 7, 9, 11])
def test_an_alias_bomb_is_put_out_before_it_grows(levels: int) -> None:
    tracemalloc.start()
    began = time.monotonic()
    _, problems = load_yaml(bomb(levels), f"bomb{levels}.yaml")
    spent, peak = time.monotonic() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [problem.code for problem in problems] == ["HN105"]
    assert spent < 5
    assert peak < 20_000_000


def test_too_many_aliases_are_refused_even_if_small() -> None:
    raw = b"a: &a 1\nb: [" + b"*a, " * 200 + b"]\n"
    _, problems = load_yaml(raw, "f.yaml")
    assert str(problems[0]).startswith("f.yaml:2:405: Too many aliases (*name) [HN105]\n  found: more than 100")


def test_a_few_aliases_are_read() -> None:
    file, problems = load_yaml(b"a: &share {low: 1, high: 2}\nb: *share\n", "f.yaml")
    assert not problems
    assert file is not None
    assert file.content["b"] == {"low": 1, "high": 2}


def test_a_name_set_twice_keeps_the_first_and_reads_on() -> None:
    file, problems = load_yaml(b"a: 1\na: {b: 2}\nc: 3\nc: 4\n", "f.yaml")
    assert [problem.code for problem in problems] == ["HN103", "HN103"]
    assert file is not None
    assert file.content == {"a": 1, "c": 3}


def test_a_file_of_just_the_largest_size_is_read() -> None:
    raw = b"a: 1\n#" + b"x" * (MAX_BYTES - 7) + b"\n"
    assert len(raw) == MAX_BYTES
    assert load_yaml(raw, "f.yaml")[0] is not None


@pytest.mark.parametrize("file", ["demand.yaml", "scenarios.yaml", "measures/local-places.yaml", "manifest.yaml"])
def test_a_bomb_in_any_file_of_a_vintage_is_one_problem(file: str, tmp_path: Path) -> None:
    found = copy_example(tmp_path).write(file, bomb(9)).messages()
    assert "stands for too many values" in found[0]
    assert all("HN105" in found[0] or "HN" in message for message in found)
