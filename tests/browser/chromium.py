"""A headless browser on a page's file, with everything it asked for and complained of."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# without a sandbox, because tests also run as root; and without the calls home that a browser makes by itself
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip


@dataclass
class Opened:
    """A page that is open, with its messages and the addresses it asked for."""

    page: Any
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def out(self, name: str) -> str:
        """What the page shows under a name."""
        return str(self.page.locator(f'[data-out="{name}"]').first.text_content())


@contextmanager
def chromium() -> Iterator[Any]:
    """The browser of this machine."""
    from playwright.sync_api import sync_playwright

    program = next(found for found in map(shutil.which, PROGRAMS) if found)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: Any, file: Path, address: str = "", *, script: str = "", ready: bool = True, **settings: Any
) -> Iterator[Opened]:
    """Open a file.

    Args:
        address: what follows the file's name, such as #year=2.
        script: run before the page's own.
        ready: wait until the page has worked out its first result.
        settings: of the context: viewport, color_scheme, java_script_enabled.
    """
    context = browser.new_context(**settings)
    page = context.new_page()
    if script:
        page.add_init_script(script)
    found = Opened(page)
    page.on("console", lambda message: found.messages.append(message.text))
    page.on("pageerror", lambda error: found.messages.append(str(error)))
    page.on("request", lambda request: found.requests.append(request.url))
    page.goto(file.as_uri() + address)
    if ready:
        page.wait_for_selector("html[data-ready=yes]", timeout=20_000)
    yield found
    context.close()
