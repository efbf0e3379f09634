"""Rewrites requirements.lock from the versions pinned in pyproject.toml; with --upgrade, moves those first.

pyproject.toml holds each version exactly and no address, so that any index or mirror serves. requirements.lock adds
the hashes of every file, for `pip install --require-hashes -r requirements.lock` where uv is not allowed.

    uv run python .ci/lock.py             check that every package is pinned, rewrite requirements.lock
    uv run python .ci/lock.py --upgrade   take the newest versions the bounds allow, pin them, rewrite
    uv run python .ci/lock.py --check     change nothing; exit 1 if requirements.lock is behind
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = ROOT / "pyproject.toml"
REQUIREMENTS = ROOT / "requirements.lock"
PINS = re.compile(r"(?<=^constraint-dependencies = \[\n)(.*?)(?=^\]$)", re.DOTALL | re.MULTILINE)
HEADER = """\
# What hnforecast needs to run, with the hash of every file; written by `make lock`, not by hand.
# pip install --require-hashes -r requirements.lock
"""


def run_uv(*arguments: str, folder: Path) -> str:
    """Run uv in a folder and return what it printed."""
    finished = subprocess.run(["uv", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return finished.stdout


def locked_packages(folder: Path) -> dict[str, list[tuple[str, list[str]]]]:
    """Return (version, markers) of every package in a folder's uv.lock, by name, without the project itself."""
    packages: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
    for package in tomllib.loads((folder / "uv.lock").read_text(encoding="utf-8"))["package"]:
        if "registry" in package["source"]:
            packages[package["name"]].append((package["version"], package.get("resolution-markers", [])))
    return dict(sorted(packages.items()))


def pin_lines(packages: dict[str, list[tuple[str, list[str]]]]) -> str:
    """Write the packages as constraints: one line a version, split at Python 3.12 where a package has two."""
    lines = []
    for name, versions in packages.items():
        if len(versions) == 1:
            lines.append(f'    "{name}=={versions[0][0]}",\n')
            continue
        if len(versions) > 2:
            raise SystemExit(f"{name} has {len(versions)} versions; pin it by hand and teach this script why.")
        for version, markers in versions:
            older = all("< '3.12'" in marker for marker in markers)
            lines.append(f"    \"{name}=={version} ; python_full_version {'<' if older else '>='} '3.12'\",\n")
    return "".join(lines)


def upgrade() -> None:
    """Resolve without the pins, in a folder of its own, and write the outcome as the new pins."""
    text = PYPROJECT.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pyproject.toml").write_text(PINS.sub("", text), encoding="utf-8")
        run_uv("lock", "--upgrade", folder=folder)
        pins = pin_lines(locked_packages(folder))
    PYPROJECT.write_text(PINS.sub(lambda _: pins, text), encoding="utf-8")


def export() -> str:
    """Return the hash-pinned list of run-time packages, without the address of any index."""
    run_uv("lock", folder=ROOT)
    pinned = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["uv"]["constraint-dependencies"]
    unpinned = locked_packages(ROOT).keys() - {pin.split("==")[0] for pin in pinned}
    if unpinned:
        raise SystemExit(f"Not pinned in pyproject.toml: {', '.join(sorted(unpinned))}. Run `make upgrade`.")
    listing = run_uv(
        "export", "--format", "requirements-txt", "--frozen", "--no-dev", "--no-emit-project", "--no-header",
        "--no-annotate", folder=ROOT,
    )  # fmt: skip
    lines = [line for line in listing.splitlines() if "://" not in line and not re.match(r"--(?!hash)", line.strip())]
    return HEADER + "\n".join(lines) + "\n"


if __name__ == "__main__":
    if "--upgrade" in sys.argv:
        upgrade()
    wanted = export()
    if "--check" in sys.argv:
        if REQUIREMENTS.read_text(encoding="utf-8") != wanted:
            raise SystemExit("requirements.lock is behind pyproject.toml: run `make lock`.")
    else:
        REQUIREMENTS.write_text(wanted, encoding="utf-8", newline="\n")
        print(f"requirements.lock: {sum(line[:1].isalnum() for line in wanted.splitlines())} lines of packages.")
