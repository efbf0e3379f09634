"""What every test shares: no network, markers that skip with a reason, and two strengths of property test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

hypothesis.settings.register_profile("everyday", max_examples=40, deadline=None, derandomize=True)
# For `make mutants`: a failure says enough by itself and is not made smaller.
found = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
hypothesis.settings.register_profile("faults", max_examples=40, deadline=None, derandomize=True, phases=found)
hypothesis.settings.register_profile("thorough", max_examples=300, deadline=None)
# Verdicts on the shipped panel are kept between test runs, and nothing is written to the user's own cache.
os.environ.setdefault("HNFORECAST_CACHE", str(Path(__file__).parents[1] / ".pytest_cache" / "hnforecast"))
# Tests that run the command line make the central run unless they ask for draws: every draw takes ten times as long.
os.environ.setdefault("HNFORECAST_DRAWS", "1")
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "everyday"))

# Marker, the programs of which one must be there, and what to install.
OUTSIDE_PROGRAMS = {
    "libreoffice": (("soffice", "libreoffice"), "LibreOffice (Debian: libreoffice-calc-nogui)"),
    "browser": (("chromium", "chromium-browser", "google-chrome"), "Chromium (Debian: chromium)"),
}


ROOT = Path(__file__).resolve().parents[1]
CHANGED = pytest.StashKey[dict[str, str]]()


def changed_files() -> dict[str, str]:
    """File that git keeps and that is not as committed -> what git says of its content now; none without git."""
    command = ["git", "-c", "safe.directory=*", "diff", "--no-ext-diff", "--raw", "--abbrev=40", "HEAD"]
    try:
        names = subprocess.run(
            [*command, "--"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        return {}
    files = [line.split("\t")[-1] for line in names]
    return {name: str((ROOT / name).stat().st_mtime_ns) if (ROOT / name).exists() else "gone" for name in files}


def pytest_sessionstart(session: pytest.Session) -> None:
    """Remember the work tree as it is."""
    if not hasattr(session.config, "workerinput"):
        session.config.stash[CHANGED] = changed_files()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tests leave every file that git keeps as it was: what they write belongs in a folder of their own."""
    before = session.config.stash.get(CHANGED, None)
    if before is None or session.config.getoption("update_snapshots", default=False):
        return
    after = changed_files()
    touched = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    if touched:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(f"\nChanged while the tests ran: {', '.join(touched)}", red=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason, tests whose outside program is not installed."""
    for marker, (programs, name) in OUTSIDE_PROGRAMS.items():
        if any(shutil.which(program) for program in programs):
            continue
        for item in items:
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=f"{name} is not installed"))


class NetworkUsedError(RuntimeError):
    """A test tried to reach another machine."""


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Refuse every connection but those inside this machine's own socket files: the tool must work offline."""

    def refuse(instance: socket.socket, address: Any, *rest: Any) -> Any:
        if instance.family == getattr(socket, "AF_UNIX", None):
            return real_connect(instance, address, *rest)
        raise NetworkUsedError(f"hnforecast must not use the network, but something connected to {address!r}")

    def refuse_lookup(host: Any, *rest: Any, **options: Any) -> Any:
        raise NetworkUsedError(f"hnforecast must not use the network, but something looked up {host!r}")

    real_connect = socket.socket.connect
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket.socket, "connect_ex", refuse)
        patch.setattr(socket, "getaddrinfo", refuse_lookup)
        yield
