"""Measures, scenarios and overrides that do not resolve to one value a cell, and the exact message each earns."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures_vintage import NastyCase, copy_example, read_cases

CASES = read_cases("scenarios.txt")


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_message(case: NastyCase, tmp_path: Path) -> None:
    council = copy_example(tmp_path)
    for file, old, new in case.edits:
        council.edit(file, old, new)
    assert "\n".join(council.messages()) == case.expected
