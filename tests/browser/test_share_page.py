"""The shareable page in a browser: every control, by mouse and keyboard, gives what the engine gives."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers.support import account_rules
from hnforecast.engine.model.account import settle_account
from hnforecast.papers.share import Page, write_page
from hnforecast.papers.share.figures import supports
from hnforecast.papers.share.grid import FULL, Setting, run_setting
from hnforecast.papers.share.story import likely
from tests.browser.chromium import Opened, chromium, opened
from tests.fixtures_forecast import ROOT
from tests.fixtures_page import example_page, page_of

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
WIDTHS = (320, 768, 1280)
POUNDS = 1_100.0  # a thousand the grid may lie from the monthly run, and half a step of what the page keeps


@pytest.fixture(scope="module")
def page() -> Page:
    return example_page()


@pytest.fixture(scope="module")
def file(page: Page, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "high needs & plans.html"
    path.write_bytes(write_page(page))
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture
def shown(browser: Any, file: Path) -> Iterator[Opened]:
    with opened(browser, file, viewport={"width": 1280, "height": 900}) as found:
        yield found
        assert found.messages == []
        assert [address for address in found.requests if not address.startswith(file.as_uri())] == []


def random_choice(page: Page, generator: np.random.Generator) -> dict[str, Any]:
    grid = page.grid
    return {
        "levels": [float(generator.choice(FULL)) for _ in grid.layout.measures],
        "growth": int(generator.integers(len(grid.growths))),
        "settlement": int(generator.integers(len(grid.settlements))),
        "support": int(generator.integers(len(supports(page.plan)))),
        "year": int(generator.integers(len(grid.years))),
    }


def setting_of(page: Page, choice: dict[str, Any]) -> Setting:
    grid = page.grid
    levels = dict(zip(grid.layout.measures, choice["levels"], strict=True))
    return Setting(levels, grid.growths[choice["growth"]], grid.settlements[choice["settlement"]])


def engine(page: Page, choice: dict[str, Any]) -> Any:
    spec = supports(page.plan)[choice["support"]][1]
    vintage = page.plan.scenario.vintage
    return run_setting(vintage, page.grid.plan, setting_of(page, choice), len(page.grid.years), spec)


def pick(shown: Opened, choice: dict[str, Any]) -> None:
    """Every control by mouse."""
    for m, level in enumerate(choice["levels"]):
        shown.page.locator(f'input[name="measure-{m}"]').nth(FULL.index(level)).check()
    for name in ("growth", "settlement", "support"):
        shown.page.locator(f'input[name="{name}"]').nth(choice[name]).check()
    shown.page.locator("#year").select_option(str(choice["year"]))


def pounds(text: str) -> float:
    found = re.fullmatch(r"£([\d,.]+)m (deficit|surplus|balanced)", text)
    assert found is not None, text
    return float(found[1].replace(",", "")) * 1e6 * (-1.0 if found[2] == "deficit" else 1.0)


def test_every_control_gives_the_engines_figures(shown: Opened, page: Page) -> None:
    generator = np.random.Generator(np.random.PCG64DXSM(11))
    for _ in range(6):
        choice = random_choice(page, generator)
        pick(shown, choice)
        direct, f = engine(page, choice), choice["year"] - len(page.grid.years)
        for name, item in (("gross", "gross_closing"), ("closing", "closing"), ("in-year", "in_year")):
            said = pounds(shown.out(name))
            assert said == pytest.approx(getattr(direct.account, item)[0, f], abs=50_000 + 10 * POUNDS), (name, choice)
        plans = direct.plans.january[0, f].sum()
        assert int(shown.out("plans").replace(",", "")) == pytest.approx(plans, abs=1.0)


def test_every_year_of_random_choices_equals_the_engine_to_the_pound_kept(shown: Opened, page: Page) -> None:
    generator = np.random.Generator(np.random.PCG64DXSM(12))
    years = len(page.grid.years)
    for _ in range(12):
        choice = random_choice(page, generator)
        direct = engine(page, choice).account
        plain = "(choice) => { const { inYear, gross, closing, plans } = hnforecast.choose(choice); "
        ours = shown.page.evaluate(plain + "return { inYear, gross, closing, plans }; }", choice)
        np.testing.assert_allclose(ours["inYear"], direct.in_year[0, -years:], atol=POUNDS)
        np.testing.assert_allclose(ours["gross"], direct.gross_closing[0, -years:], atol=years * POUNDS)
        np.testing.assert_allclose(ours["closing"], direct.closing[0, -years:], atol=years * POUNDS)


def test_chances_are_those_of_the_draws_settled_by_the_engine(shown: Opened, page: Page) -> None:
    assert page.chance is not None
    generator = np.random.Generator(np.random.PCG64DXSM(13))
    vintage, grid = page.plan.scenario.vintage, page.grid
    for _ in range(4):
        choice = random_choice(page, generator)
        drawn = page.chance.draws(grid, setting_of(page, choice))
        spec = supports(page.plan)[choice["support"]][1]
        outturn = page.plan.account.in_year[:, : -len(grid.years)]
        in_year = np.hstack([np.broadcast_to(outturn, (len(drawn), outturn.shape[1])), drawn])
        rules = account_rules(vintage, page.plan.clock.financial_years, spec, page.plan.account.in_year, Drawn())
        account = settle_account(in_year, np.zeros_like(in_year), rules)
        read = "(choice) => { const found = hnforecast.choose(choice); "
        read += "return { balanced: found.balanced, met: found.met, range: found.range('closing') }; }"
        ours = shown.page.evaluate(read, choice)
        one = 1.01 / len(drawn)
        np.testing.assert_allclose(ours["balanced"], (drawn >= 0).mean(axis=0), atol=one)
        met = account.met[:, -len(grid.years) :].mean(axis=0)
        for said, direct in zip(ours["met"], met, strict=True):
            assert (said is None) == bool(np.isnan(direct))
            assert said is None or said == pytest.approx(direct, abs=one)
        low_high = np.quantile(account.closing[:, -len(grid.years) :], (0.1, 0.9), axis=0).T
        np.testing.assert_allclose(ours["range"], low_high, atol=100_000)


def test_keyboard_alone_reaches_and_moves_every_control(shown: Opened, page: Page) -> None:
    shown.page.locator("nav a").last.focus()
    controls = ["year", "growth", "settlement", "support", "basis", "1", "0.5", "0", "1"]
    controls += [f"measure-{m}" for m in range(len(page.grid.layout.measures))]
    for control in controls:
        shown.page.keyboard.press("Tab")
        assert shown.page.evaluate("document.activeElement.name || document.activeElement.dataset.all") == control
        seen = "getComputedStyle(document.activeElement.closest('label') || document.activeElement).outlineStyle"
        assert shown.page.evaluate(seen) != "none", f"no focus is seen on {control}"
    shown.page.locator('input[name="measure-0"]:checked').focus()
    shown.page.keyboard.press("ArrowLeft")
    assert shown.page.evaluate("hnforecast.read().levels[0]") == 0.5
    shown.page.keyboard.press("ArrowLeft")
    assert shown.page.evaluate("hnforecast.read().levels[0]") == 0
    assert shown.page.locator('[data-worth="0"]').text_content() == "not delivered"


def test_a_new_result_is_announced_once_and_politely(shown: Opened) -> None:
    from playwright.sync_api import expect

    status = shown.page.locator('[role="status"]')
    assert status.text_content() == ""  # nothing is read out before anybody chose anything
    shown.page.get_by_role("button", name="No measure").click()
    expect(status).to_contain_text("worse than with the plan as expected")
    said = str(status.text_content())
    assert shown.out("gross") in said


def test_buttons_set_every_measure(shown: Opened, page: Page) -> None:
    count = len(page.grid.layout.measures)
    for name, level in (("No measure", 0), ("Half of every measure", 0.5), ("All of every measure", 1)):
        shown.page.get_by_role("button", name=name, exact=True).click()
        assert shown.page.evaluate("hnforecast.read().levels") == [level] * count
    shown.page.locator('input[name="growth"]').first.check()
    shown.page.get_by_role("button", name="Start again").click()
    assert "the same as with the plan as expected" in shown.out("gross-against")
    assert shown.page.evaluate("hnforecast.read().growth") == 1


def test_a_link_leads_back_to_a_choice_and_nonsense_does_no_harm(browser: Any, file: Path, shown: Opened) -> None:
    shown.page.get_by_role("button", name="Half of every measure").click()
    shown.page.locator('input[name="settlement"]').first.check()
    address = "#" + shown.page.url.split("#", 1)[1]
    with opened(browser, file, address) as again:
        assert again.out("gross") == shown.out("gross")
        assert again.page.evaluate("hnforecast.read()") == shown.page.evaluate("hnforecast.read()")
    for nonsense in ("#m=999&growth=77&year=-1", "#%00<script>alert(1)</script>", "#support=1e9&basis=x&m=0"):
        with opened(browser, file, nonsense) as odd:
            assert "the same as" in odd.out("gross-against")
            assert odd.messages == []


def test_text_charts_and_tables_follow_the_choice(shown: Opened) -> None:
    before = shown.page.locator("#by-year").inner_text()
    svg = shown.page.locator('[data-chart="balance"] > svg').inner_html()
    shown.page.get_by_role("button", name="No measure").click()
    assert shown.page.locator("#by-year").inner_text() != before
    assert shown.page.locator('[data-chart="balance"] > svg').inner_html() != svg
    shown.page.get_by_role("radio", name="After support").check()
    assert "after support" in shown.out("balance-said")
    for name in ("balance", "in-year", "plans", "placement", "scenarios"):
        marks = shown.page.locator(f'[data-chart="{name}"] > svg').locator("path, rect")
        assert marks.count() > 3
        assert not re.search(r"NaN|Infinity|undefined", shown.page.locator(f'[data-chart="{name}"]').inner_html())


@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 1280)])
def test_nothing_stands_in_the_way_of_anybody(browser: Any, file: Path, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with opened(browser, file, viewport={"width": width, "height": 900}, color_scheme=scheme) as found:
        found.page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        result = Axe().run(found.page)
        told = [
            (fault["id"], [node["target"] for node in fault["nodes"]][:3]) for fault in result.response["violations"]
        ]
        assert told == []


@pytest.mark.parametrize("width", WIDTHS)
def test_no_width_needs_sideways_scrolling_and_no_text_is_cut(browser: Any, file: Path, width: int) -> None:
    with opened(browser, file, viewport={"width": width, "height": 900}) as found:
        found.page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        assert found.page.evaluate("document.documentElement.scrollWidth") <= width
        cut = """[...document.querySelectorAll('.chart > svg')].flatMap((svg) => [...svg.querySelectorAll('text')]
            .filter((text) => { const [a, b] = [text.getBoundingClientRect(), svg.getBoundingClientRect()];
            return a.left < b.left - 1 || a.right > b.right + 1; }).map((text) => text.textContent))"""
        assert found.page.evaluate(cut) == []


def test_controls_are_large_enough_to_touch(browser: Any, file: Path) -> None:
    with opened(browser, file, viewport={"width": 320, "height": 800}) as found:
        small = """[...document.querySelectorAll('.choices label, select, button, nav a, summary')]
            .filter((part) => part.offsetHeight < 24).map((part) => part.textContent)"""
        assert found.page.evaluate(small) == []


def test_the_page_may_not_speak_to_anybody(shown: Opened) -> None:
    tried = "fetch('https://example.invalid/').then(() => 'sent', () => 'refused')"
    assert shown.page.evaluate(tried) == "refused"
    shown.messages.clear()  # the browser says that it refused
    shown.requests.clear()


def test_paper_holds_every_section_open(browser: Any, file: Path, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (Debian: poppler-utils) is not installed")
    with opened(browser, file) as found:
        found.page.pdf(path=tmp_path / "page.pdf", format="A4")
        closed = found.page.locator("details:not([open])").count()
        assert closed == found.page.locator("details").count()  # as it was before printing
    text = subprocess.run(["pdftotext", "-layout", "page.pdf", "-"], cwd=tmp_path, capture_output=True, check=True)
    paper = text.stdout.decode()
    for words in ("Why it may work", "New plans, by age", "SHA-256", "eight times in ten"):
        assert re.sub(r"\s+", " ", words) in re.sub(r"\s+", " ", paper)


def test_without_javascript_the_plan_can_be_read(browser: Any, file: Path, page: Page) -> None:
    with opened(browser, file, ready=False, java_script_enabled=False) as found:
        assert not found.page.locator("#choices").is_visible()
        found.page.get_by_text("The controls and charts need JavaScript").wait_for(state="visible")
        rows = found.page.locator("#by-year tbody tr")
        assert rows.count() == len(page.grid.years)
        assert found.page.locator("#by-year caption").inner_text() == "Year by year: the plan as expected"
        last = found.page.locator("#by-year tbody tr").last.locator("td").nth(1).inner_text()
        assert pounds(last) == pytest.approx(page.plan.account.gross_closing[0, -1], abs=60_000)


def test_a_browser_too_old_says_so(browser: Any, file: Path) -> None:
    with opened(browser, file, script="delete window.DecompressionStream", ready=False) as found:
        found.page.get_by_text("a browser of 2023 or later").wait_for(state="visible")
        assert not found.page.locator("#choices").is_visible()
        assert found.messages == []


def test_the_page_of_this_folder_is_small_whole_and_the_engines(browser: Any, tmp_path: Path) -> None:
    page = page_of(ROOT, 64, 10)
    path = tmp_path / "page.html"
    path.write_bytes(write_page(page))
    assert path.stat().st_size < 3_000_000
    generator = np.random.Generator(np.random.PCG64DXSM(14))
    years = len(page.grid.years)
    with opened(browser, path, viewport={"width": 1280, "height": 900}) as found:
        assert found.page.evaluate("document.documentElement.scrollWidth") <= 1280
        for _ in range(8):
            choice = random_choice(page, generator)
            direct = engine(page, choice)
            read = "(choice) => { const { inYear, gross, closing, plans } = hnforecast.choose(choice); "
            ours = found.page.evaluate(read + "return { inYear, gross, closing, plans }; }", choice)
            np.testing.assert_allclose(ours["inYear"], direct.account.in_year[0, -years:], atol=POUNDS)
            np.testing.assert_allclose(ours["closing"], direct.account.closing[0, -years:], atol=years * POUNDS)
            np.testing.assert_allclose(ours["plans"], direct.plans.january[0, -years:].sum(axis=1), atol=0.06)
        assert page.plan.ensemble is not None
        assert likely(float((page.plan.ensemble.account.in_year[:, -1] >= 0).mean())) != ""
        assert found.messages == []
