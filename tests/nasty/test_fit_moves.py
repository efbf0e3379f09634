"""Files of moves, names and panels that must be refused in words, with nothing written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hnforecast.base.errors import HnForecastError
from hnforecast.cli import application
from hnforecast.cli.faults import run_safely
from hnforecast.history.fit.snapshots import read_moves, weigh_moves
from tests.fixtures_fit import CODES, PLACEMENTS, copy_council, kent

HEADER = "age,from_placement,to_placement,count\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Nothing|header|No rows"),
        (HEADER, "No rows"),
        (HEADER + "11,mainstream,special,4\n", "to_placement"),
        (HEADER + "11,mainstream,mainstream,4.5\n", "whole"),
        (HEADER + "11,mainstream,mainstream,-4\n", "count"),
        (HEADER + "0,mainstream,mainstream,4\n", "age"),
        (HEADER + "26,mainstream,mainstream,4\n", "age"),
        (HEADER + "11,mainstream,mainstream,4\n11,mainstream,mainstream,5\n", "twice"),
        (HEADER + "11,mainstream,mainstream,\n", "empty|blank|needed"),
        (
            "age,from_placement,to_placement,count,upn\n11,mainstream,mainstream,4,H801200001001\n",
            "upn|expected|person",
        ),
        ("age,from_placement,count\n11,mainstream,4\n", "to_placement"),
        (HEADER + "Total,mainstream,mainstream,4\n", "age|total"),
    ],
)
def test_a_bad_file_of_moves_is_refused(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "moves.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(HnForecastError) as caught:
        read_moves(file, CODES, tmp_path)
    said = " ".join(str(problem) for problem in caught.value.problems)
    assert any(word in said for word in words.split("|")), said
    assert "H801200001001" not in said


def test_more_moved_than_were_open_is_refused() -> None:
    rates = kent(2025).rates
    counts = np.zeros((26, PLACEMENTS, PLACEMENTS))
    counts[11, 0, 0] = 3 * rates.opening[2024][10, 0]
    with pytest.raises(HnForecastError, match="than were open"):
        weigh_moves(counts, rates.moves, rates.opening[2024], CODES, "moves.csv")
    with pytest.raises(HnForecastError, match="counts no plans"):
        weigh_moves(0 * counts, rates.moves, rates.opening[2024], CODES, "moves.csv")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--vintage", "../outside"], "cannot be the name"),
        (["--vintage", "a b"], "cannot be the name"),
        (["--vintage", "measures"], "cannot be the name"),
        (["--vintage", "n", "--from", "2026-04"], "Did you mean"),
        (["--vintage", "n", "--authority", "000"], "does not hold this authority"),
        (["--vintage", "n", "--authority", "873"], "placements were not recorded"),
        (["--vintage", "n", "--census", "2031"], "no January count"),
        (["--vintage", "n", "--panel", "nowhere"], "panel folder is missing"),
        (["--vintage", "n", "--moves", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_what_cannot_be_fitted_is_refused_and_nothing_written(
    tmp_path: Path, options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = copy_council(tmp_path)
    before = sorted(str(path) for path in root.rglob("*"))
    assert run_safely(application, ["fit", "--project", str(root), *options]) == 2
    assert words in capsys.readouterr().err
    assert sorted(str(path) for path in root.rglob("*")) == before
