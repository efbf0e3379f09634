"""The bridge between two returns: every line and the account add up, whatever they hold; bad ones are refused."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from hnforecast.base.errors import InputError, UsageError
from hnforecast.questions.compare.chart import draw_bridge
from hnforecast.questions.compare.return_file import read_return
from hnforecast.questions.compare.return_page import return_bridge_plain, return_bridge_text, return_lines_table
from hnforecast.questions.compare.returns import PARTS, compare_returns
from tests.cli_runner import Runner

PLACES = ("one", "two", "three")
money = st.integers(-(10**9), 10**9).map(lambda pence: pence / 100)


def table(columns: list[str], rows: list[tuple[str, str, list[Any]]]) -> dict[str, Any]:
    return {
        "columns": [{"key": key} for key in columns],
        "rows": [{"key": key, "kind": kind, "cells": cells} for key, kind, cells in rows],
    }


def document(
    lines: dict[str, dict[str, float]],
    funding: float = 300.0,
    opening: float = -90.0,
    support: float = 20.0,
    period: str = "2025-26-Q1",
    plans: dict[str, float] | None = None,
    profile: dict[str, tuple[float, float]] | None = None,
    ledger: tuple[tuple[str, str, str, float], ...] = (),
    extra_spend: float = 0.0,
) -> dict[str, Any]:
    """A return as written, its account from its own figures."""
    columns = ["s251_line", "placement", "budget", "forecast_outturn", "variance", *PARTS]
    rows: list[tuple[str, str, list[Any]]] = [
        (f"1.2.1|{name}", "row", ["1.2.1", name.title(), line["budget"], line["budget"] + sum(line[p] for p in PARTS),
                                  sum(line[p] for p in PARTS), *(line[p] for p in PARTS)])
        for name, line in lines.items()
    ]  # fmt: skip
    spend = sum(row[2][3] for row in rows) + extra_spend
    rows.append(("total", "total", [None, None, 0.0, 999.0, 0.0, 0.0, 0.0, 0.0, 0.0]))
    in_year = funding - spend
    items = {
        "funding": funding, "spend": spend, "in_year": in_year, "opening": opening, "support": support,
        "closing": opening + in_year + support, "gross_closing": opening - 100.0 + in_year,
    }  # fmt: skip
    return {
        "schema": "hnforecast/return/1", "council": "Example", "old_la_code": "999", "form": "quarterly",
        "period": period, "quarter": period,
        "tables": {
            "outturn": table(columns, rows),
            "position": table(["item", "budget", "forecast"], [(k, "row", [k, 0.0, v]) for k, v in items.items()]),
            "plans": table(["placement", "actual", "forecast_january"],
                           [(k, "row", [k, v - 1, v]) for k, v in (plans or {}).items()]),
            "profile": table(["financial_year", "forecast_in_year", "forecast_gross"],
                             [(k, "row", [k, *v]) for k, v in (profile or {}).items()]),
        },
        "closed_ledger": {"columns": [], "rows": [list(row) for row in ledger]},
    }  # fmt: skip


def write(folder: Path, content: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "return.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


line_values = st.fixed_dictionaries(dict.fromkeys(("budget", *PARTS), money))
documents = st.builds(
    document,
    lines=st.dictionaries(st.sampled_from(PLACES), line_values, min_size=1),
    funding=money, opening=money, support=money, extra_spend=st.one_of(st.just(0.0), money),
    plans=st.dictionaries(st.sampled_from(PLACES), st.floats(0, 1e4)),
    profile=st.dictionaries(st.sampled_from(["2025-26", "2026-27", "2027-28"]), st.tuples(money, money)),
    ledger=st.lists(
        st.tuples(st.sampled_from(["2025-04", "2025-05"]), st.just("1.2.1"), st.sampled_from(PLACES), money),
        unique_by=lambda row: row[:3]).map(tuple),
)  # fmt: skip


@hypothesis.given(documents, documents)
def test_lines_and_account_add_up_whatever_the_returns_hold(
    tmp_path_factory: pytest.TempPathFactory, first: dict[str, Any], second: dict[str, Any]
) -> None:
    root = tmp_path_factory.mktemp("returns")
    a, b = read_return(write(root / "a", first)), read_return(write(root / "b", second))
    found, back = compare_returns(a, b), compare_returns(b, a)
    for line in found.lines:
        assert sum(line.why.values()) == pytest.approx(line.movement, abs=1e-4)
        assert line.restated + line.recorded == pytest.approx(line.movement, abs=1e-4)
    bridge = found.bridge
    for item in ("gross_closing", "closing", "in_year", "plans"):
        told = bridge.start[item] + sum(movement.of(item) for movement in bridge.movements)
        assert told == pytest.approx(bridge.end[item], abs=1e-3)
        for one, other in zip(bridge.movements, back.bridge.movements, strict=True):
            if item != "plans" or one.name in ("volume", "rest"):
                assert one.of(item) == pytest.approx(-other.of(item), abs=1e-3), "back is forth with the sign turned"
    said = {m.name: float(m.of("in_year")[0]) for m in bridge.movements}
    spend = sum(line.movement for line in found.lines)
    assert said["price"] == pytest.approx(-sum(line.why["price"] for line in found.lines), abs=1e-3)
    not_in_lines = (b.position["spend"] - a.position["spend"]) - spend
    assert said["spend_rest"] == pytest.approx(
        -not_in_lines - sum(line.why["spend_rest"] for line in found.lines), abs=1e-3
    )
    assert max(map(len, return_bridge_text(found).splitlines())) <= 90


LINE = {"budget": 100.0, "price": 1.0, "volume": 2.0, "mix": 0.0, "timing": 0.5}


def test_a_movement_by_hand(tmp_path: Path) -> None:
    later = {**LINE, "price": 4.0, "budget": 110.0}
    new = {"budget": 7.0, "price": 0.0, "volume": 0.0, "mix": 0.0, "timing": 0.0}
    first = document({"one": LINE}, ledger=(("2025-04", "1.2.1", "one", 8.0),), profile={"2026-27": (-30.0, -400.0)})
    second = document(
        {"one": later, "two": new}, funding=305.0, support=21.0, period="2025-26-Q2",
        ledger=(("2025-04", "1.2.1", "one", 8.25), ("2025-05", "1.2.1", "one", 9.0)),
        profile={"2026-27": (-31.0, -420.0)},
    )  # fmt: skip
    found = compare_returns(read_return(write(tmp_path / "a", first)), read_return(write(tmp_path / "b", second)))
    one, two = found.lines
    assert one.why == {"price": 3.0, "volume": 0.0, "mix": 0.0, "timing": 0.0, "budget": 10.0, "spend_rest": 0.0}
    assert (one.movement, one.restated, one.recorded) == (13.0, 0.25, 12.75)
    assert two.why["spend_rest"] == 7.0, "a new line has nothing to be split by"
    moved = {m.name: (float(m.of("in_year")[0]), float(m.of("closing")[0])) for m in found.bridge.movements}
    assert moved["funding"] == (5.0, 5.0)
    assert moved["support"] == (0.0, 1.0)
    assert moved["price"] == (-3.0, -3.0)
    assert moved["budget"] == (-10.0, -10.0)
    assert moved["spend_rest"] == (-7.0, -7.0)
    assert moved["rest"] == (0.0, 0.0)
    # the next year is 20 worse: 15 of it carried (5 - 3 - 10 - 7), the other 5 is nowhere in the returns
    assert float(found.bridge.movements[-1].of("gross_closing")[1]) == -5.0
    assert any("restated by £0.25" in note for note in found.bridge.notes)
    assert any("Lines that are new: 1.2.1 Two" in note for note in found.bridge.notes)
    assert not any("illustrative" in note for note in found.bridge.notes)
    plain = return_bridge_plain(found)
    assert plain["lines"][0]["not_explained"] == 0.0
    rows = list(return_lines_table(found).rows)
    assert len(rows) == 2


def test_two_returns_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("assumptions", "inputs"):
        (tmp_path / folder).mkdir()
    returns = tmp_path / "outputs" / "returns"
    write(returns / "2025-26-Q1" / "quarterly", document({"one": LINE}))
    write(returns / "2025-26-Q2" / "quarterly", document({"one": {**LINE, "price": 2e6}}, period="2025-26-Q2"))
    write(returns / "2025-26-Q3" / "quarterly", {"schema": "hnforecast/return/1"})
    write(returns / "2025-26-Q3" / "termly", {})
    cli = Runner(tmp_path, capsys, monkeypatch)
    done = cli("compare", "return:2025-26-Q1", "return:2025-26-Q2", "--out", "found")
    assert done.code == 0, done.err
    assert re.search(r"^Price +\(2,000\) +\(2,000\)", done.out, re.MULTILINE)
    with (tmp_path / "found" / "return_lines.csv").open(encoding="utf-8") as file:
        assert next(csv.DictReader(file))["price"] == "1999999.00"
    assert (tmp_path / "found" / "bridge-in-year.png").stat().st_size > 1000
    shown = json.loads(cli("compare", str(returns / "2025-26-Q1" / "quarterly"), "return:2025-26-Q2", "--json").out)
    assert shown["years"]["2025-26"]["in_year"]["movements"]["price"] == -1999999.0
    for arguments, words in (
        (["return:2025-26-Q1", "unmitigated"], "A return is compared with a return"),
        (["return:2025-26-Q9", "return:2025-26-Q1"], "There is no such return [HN515]"),
        (["return:2025-26-Q1", "return:2025-26-Q3"], "More than one form of this return is written [HN515]"),
        (["return:2025-26-Q1", "return:2025-26-Q3/quarterly"], "A return cannot be read"),
        (["return:2025-26-Q1", "return:2025-26-Q2", "--year", "2031-32"], "The forecast has no year 2031-32 [HN513]"),
        (["return:2025-26-Q1", "return:2025-26-Q2", "--scenario", "mitigated"], "has no scenario or vintage"),
    ):
        refused = cli("compare", *arguments)
        assert refused.code == 2, refused.err
        assert words in refused.err
        assert refused.out == ""


def test_returns_of_two_councils_or_damaged_are_refused(tmp_path: Path) -> None:
    one = read_return(write(tmp_path / "a", document({"one": LINE})))
    other = read_return(write(tmp_path / "b", {**document({"one": LINE}), "old_la_code": "998", "council": "Other"}))
    with pytest.raises(UsageError, match="different councils"):
        compare_returns(one, other)
    whole = document({"one": LINE})
    damaged: list[Any] = [[], {"schema": "else"}, {**whole, "tables": {}}, {**whole, "quarter": "x"}]
    for content in damaged:
        with pytest.raises(InputError, match="A return cannot be read"):
            read_return(write(tmp_path / "c", content))
    with pytest.raises(InputError, match="A return cannot be read"):
        read_return(tmp_path / "nowhere")


def test_invented_actuals_are_said_before_any_figure(tmp_path: Path) -> None:
    first, second = document({"one": LINE}), {**document({"one": LINE}, period="2025-26-Q2"), "illustrative": True}
    found = compare_returns(read_return(write(tmp_path / "a", first)), read_return(write(tmp_path / "b", second)))
    said = return_bridge_text(found)
    assert -1 < said.index("are illustrative: not published, not real") < said.index("Account of 2025-26")


def test_the_chart_is_drawn(tmp_path: Path) -> None:
    first, second = document({"one": LINE}), document({"one": {**LINE, "price": 3e6}}, period="2025-26-Q2")
    found = compare_returns(read_return(write(tmp_path / "a", first)), read_return(write(tmp_path / "b", second)))
    names = [name for name, content in draw_bridge(found.bridge, "Source: invented.") if content]
    assert "bridge-gross-closing.svg" in names
