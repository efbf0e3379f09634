"""The folders that come with the tool are found, in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from hnforecast.base import shipped

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", shipped.SHIPPED_NAMES)
def test_checkout_uses_its_own_inputs(name: shipped.ShippedName) -> None:
    folder = shipped.shipped_folder(name)
    assert folder == ROOT / "inputs" / name
    assert any(folder.iterdir())


def test_installed_copy_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "hnforecast"
    (package / "_shipped" / "codes").mkdir(parents=True)
    (tmp_path / "inputs" / "codes").mkdir(parents=True)
    monkeypatch.setattr(shipped, "files", lambda _: package)
    assert shipped.shipped_folder("codes") == package / "_shipped" / "codes"


def test_unknown_name_lists_the_known() -> None:
    with pytest.raises(ValueError, match=r"No shipped folder 'kodes'; there are codes, national, synthetic, templates"):
        shipped.shipped_folder("kodes")  # type: ignore[arg-type]


def test_incomplete_installation_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "files", lambda _: tmp_path / "hnforecast")
    with pytest.raises(FileNotFoundError, match="lacks the folder 'national'; install hnforecast again"):
        shipped.shipped_folder("national")
