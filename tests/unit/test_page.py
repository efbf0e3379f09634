"""The shareable page as a file: whole in itself, the same bytes twice, safe with any text, refused where it must."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hnforecast.cli.share import LARGEST
from hnforecast.papers.share import write_page
from hnforecast.papers.share.figures import page_figures, supports, unpack
from hnforecast.papers.share.words import glossary, groups, path_words, support_words
from hnforecast.writing.style import millions
from tests.cli_runner import Runner, copy_example
from tests.fixtures_page import HOSTILE, example_page

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
VOID = {"meta", "input", "br", "link", "img"}
ALLOWED = {"#main", "#short", "#try", "#futures", "#sure", "#measures", "#assumptions", "#glossary", "#about"}


class Reader(HTMLParser):
    """What a browser would find: tags in pairs, ids once, addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.text: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        if tag not in VOID:
            self.open.append(tag)
        self.scripts += tag == "script"
        self.ids += [found["id"] or ""] if "id" in found else []
        self.addresses += [found[name] or "" for name in ("href", "src", "action", "srcset", "poster") if name in found]
        assert not [name for name in found if name.startswith("on") or name == "style"], found

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(content: bytes) -> Reader:
    reader = Reader()
    reader.feed(content.decode("utf-8"))
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def content() -> bytes:
    return write_page(example_page(draws=1))


def figures_in(content: bytes) -> Any:
    found = re.search(r'<script id="figures" type="application/json">(.*?)</script>', content.decode(), re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_the_page_holds_all_it_needs(content: bytes) -> None:
    reader = read(content)
    assert set(reader.addresses) <= ALLOWED
    assert b"http:" not in content
    assert b"https:" not in content
    assert len(reader.ids) == len(set(reader.ids))
    assert len(content) < LARGEST


def test_the_policy_lets_only_its_own_script_and_style_run(content: bytes) -> None:
    text = content.decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].split(";"))
    assert rules["default-src"] == "'none'"
    for tag, rule in (("<script>(.*?)</script>", "script-src"), ("<style>(.*?)</style>", "style-src")):
        body = re.search(tag, text, re.DOTALL)
        assert body is not None
        digest = base64.b64encode(hashlib.sha256(body[1].encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"


def test_the_same_run_gives_the_same_bytes(content: bytes) -> None:
    assert write_page(example_page(draws=1)) == content


def test_any_text_stays_text() -> None:
    content = write_page(example_page(draws=1, hostile=True))
    reader = read(content)
    assert reader.scripts == 2
    assert HOSTILE in "".join(reader.text)
    assert figures_in(content)["council"] == HOSTILE
    assert b"<script>alert" not in content


def test_figures_say_what_the_forecast_says(content: bytes) -> None:
    page, figures = example_page(draws=1), figures_in(content)
    f = page.plan.clock.financial_years.index(page.grid.years[0])
    assert figures["years"][0] == "2025-26"
    lane = [len(levels) - 1 for levels in figures["levels"]]
    table = unpack(figures["packed"]["inYear"])
    centre = figures["growths"].index("central")
    flow = [lane[m] for m in figures["prices"] + figures["flow"]]
    for k, year in enumerate(page.grid.years):
        position = table[(centre, k, *flow)] + sum(table[-1][k] for table in figures["added"].values())
        direct = page.plan.account.in_year[0, page.plan.clock.financial_years.index(year)]
        assert position == pytest.approx(direct, abs=60.0)
    assert sum(figures["base"]["plans"]) == pytest.approx(page.plan.plans.january[0, f].sum(), abs=0.2)
    text = "".join(read(content).text)
    focus = page.plan.clock.financial_years.index(page.grid.years[figures["focus"]])
    assert f"£{millions(page.plan.account.gross_closing[0, focus])}m" in text


def test_support_offered_is_that_of_the_scenarios_each_once() -> None:
    plan = example_page(draws=1).plan
    kinds = supports(plan)
    assert [name for name, _ in kinds] == ["unmitigated", "mitigated", "adverse"]
    words = [support_words(plan.scenario.vintage, spec) for _, spec in kinds]
    assert words[0] == "No support"
    assert len(set(words)) == 3
    figures = page_figures(plan, example_page(draws=1).grid, None)
    assert figures["supports"][0] == []
    assert any(rule["stops"] for rule in figures["supports"][2])


def test_the_central_run_alone_gives_no_chance(content: bytes) -> None:
    text = "".join(read(content).text)
    assert "chance of balance" not in text
    assert "it says nothing about how sure the figures are" in text


def test_every_assumption_has_a_name_in_plain_english() -> None:
    vintage = example_page(draws=1).plan.scenario.vintage
    silent = [path for path in vintage.values if not path_words(path, vintage)[1]]
    assert silent == []
    assert {path.split(".")[0] for path in vintage.values} <= set(groups())
    assert all(word and meaning.endswith(".") for word, meaning in glossary())


def test_no_cell_of_a_table_is_empty(content: bytes) -> None:
    assert not re.search(r"<t[dh][^>]*>\s*</t[dh]>", content.decode())
    assert "nan" not in re.findall(r"\w+", "".join(read(content).text).lower().split("{", 1)[0])


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    return Runner(copy_example(tmp_path / "council"), capsys, monkeypatch)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--out", "page.docx"), "HN583"),
        (("--out", "nowhere/page.html"), "HN583"),
        (("--scenario", "unmitigated"), "HN581"),
        (("--scenario", "mitigate"), "Did you mean 'mitigated'"),
        (("--vintage", "2020-01"), "HN854"),
        (("--draws", "3"), "HN852"),
    ],
)
def test_what_cannot_be_done_is_said_before_any_work(run: Runner, arguments: tuple[str, ...], said: str) -> None:
    outcome = run("share", *arguments)
    assert outcome.code == 2
    assert said in outcome.err
    assert not list(run.folder.rglob("*.html"))


def test_the_command_writes_one_file_and_says_where(run: Runner) -> None:
    outcome = run("share", "--draws", "1")
    assert outcome.code == 0, outcome.err
    found = list(run.folder.rglob("*.html"))
    assert [path.name for path in found] == ["share-2026-03.html"]
    assert str(found[0]) in outcome.out
    assert "MB" in outcome.out
    assert np.isclose(len(found[0].read_bytes()) / 1e6, float(re.search(r"([\d.]+) MB", outcome.out)[1]), atol=0.06)  # type: ignore[index]
