"""The wheel and the source archive hold what an installed copy needs, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from hnforecast.base.shipped import SHIPPED_NAMES

ROOT = Path(__file__).resolve().parents[1]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("uv") is None, reason="uv is not installed"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    finished = subprocess.run(
        ["uv", "build", "--out-dir", str(folder)], cwd=ROOT, capture_output=True, text=True, timeout=200
    )
    assert finished.returncode == 0, finished.stderr
    return folder


def wheel_names(folder: Path) -> set[str]:
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        return set(wheel.namelist())


def test_wheel_carries_the_shipped_folders_whole(built: Path) -> None:
    names = wheel_names(built)
    for folder in SHIPPED_NAMES:
        wanted = {
            f"hnforecast/_shipped/{path.relative_to(ROOT / 'inputs').as_posix()}"
            for path in (ROOT / "inputs" / folder).rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }
        assert wanted
        assert wanted <= names, f"the wheel lacks {sorted(wanted - names)[:5]}"


def test_wheel_carries_every_module_and_both_licences(built: Path) -> None:
    names = wheel_names(built)
    wanted = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("hnforecast/**/*.py")}
    assert wanted | {"hnforecast/py.typed"} <= names
    assert {"LICENSE", "LICENSE-DATA.md"} <= {name.rpartition("/")[2] for name in names if ".dist-info/" in name}


def test_wheel_belongs_to_no_council(built: Path) -> None:
    outside = [name for name in wheel_names(built) if not name.startswith(("hnforecast/", "hnforecast-"))]
    assert not outside
    assert not [name for name in wheel_names(built) if "/kent/" in name]


def test_source_archive_can_build_the_wheel_again(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"hatch_build.py", "pyproject.toml", "inputs/sources.csv", "README.md"} <= names
    assert not [name for name in names if name.startswith((".venv", "outputs/2"))]
