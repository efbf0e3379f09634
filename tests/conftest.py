"""What every test shares: no network, markers that skip with a reason, and two strengths of property test."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest

hypothesis.settings.register_profile("everyday", max_examples=40, deadline=None, derandomize=True)
hypothesis.settings.register_profile("thorough", max_examples=300, deadline=None)
# Tests that run the command line make the central run unless they ask for draws: every draw takes ten times as long.
os.environ.setdefault("HNFORECAST_DRAWS", "1")
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "everyday"))

# Marker, the programs of which one must be there, and what to install.
OUTSIDE_PROGRAMS = {
    "libreoffice": (("soffice", "libreoffice"), "LibreOffice (Debian: libreoffice-calc-nogui)"),
    "browser": (("chromium", "chromium-browser", "google-chrome"), "Chromium (Debian: chromium)"),
}


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
