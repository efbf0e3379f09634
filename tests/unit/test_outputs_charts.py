"""The charts of a run: what they say in words, that they add up, that nothing is cut off, that greys differ."""

from __future__ import annotations

import dataclasses
import io
import itertools
from collections.abc import Callable
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from hnforecast.papers.charts import charts
from hnforecast.papers.charts.data import FAN, ChartData, chart_data
from hnforecast.papers.charts.words import bridge_steps, chart_words
from hnforecast.writing import style
from hnforecast.writing.charts import SETTINGS, draw_waterfall, render
from tests.fixtures_forecast import example_forecasts, example_record

SVG = "{http://www.w3.org/2000/svg}"


def example(size: float = 1.0, *, fan: bool = False) -> ChartData:
    forecasts = example_forecasts()
    found = chart_data(forecasts, forecasts[0].scenario.vintage.codes, example_record(forecasts))
    spread = {}
    if fan:
        factors = np.array([1.3, 1.2, 1.0, 0.8, 0.7])[:, None]
        spread = {name: size * factors * found.gross_closing[s] for s, name in enumerate(found.scenarios)}
    savings = tuple(
        dataclasses.replace(one, yearly=size * one.yearly, span=size * np.outer([0.5, 1.5], one.yearly.sum(axis=0)))
        for one in found.savings
    )
    return dataclasses.replace(
        found, gross_closing=size * found.gross_closing, agreed=size * found.agreed, plans=size * found.plans,
        spend=size * found.spend, savings=savings, fan=spread,
    )  # fmt: skip


def test_the_bridge_of_measures_adds_up_and_starts_where_nothing_is_done() -> None:
    chart = example()
    steps = bridge_steps(chart)
    assert steps[0][1] + sum(value for _, value in steps[1:-1]) == pytest.approx(steps[-1][1], abs=0.01)
    without, with_measures = (chart.gross_closing[s, chart.milestone] for s in (0, 1))
    assert chart.scenarios == ("unmitigated", "mitigated")
    assert steps[0][1] == pytest.approx(without, abs=1.0), "the scenario that does nothing, forecast on its own"
    assert steps[-1][1] == with_measures


def test_every_chart_is_read_aloud() -> None:
    chart = example(fan=True)
    told = chart_words(chart)
    drawn = dict(file for name in told for file in charts.draw_chart(chart, name, *told[name]))
    assert [name for name in drawn if name.endswith(".svg")] == [f"{name}.svg" for name in told]
    assert {"deficit-range", "savings-by-measure", "bridge-measures"} < set(told)
    for name, (title, words) in told.items():
        root = ElementTree.fromstring(drawn[f"{name}.svg"])
        assert root.get("role") == "img"
        named = {element.get("id"): element.text for element in root if element.tag in (f"{SVG}title", f"{SVG}desc")}
        assert [named[part] for part in str(root.get("aria-labelledby")).split()] == [title, words]
        texts = " ".join(element.text or "" for element in root.iter(f"{SVG}text"))
        assert "£m" in title or "plans" in texts, "the unit"
        assert chart.source in texts
        assert Image.open(io.BytesIO(drawn[f"{name}.png"])).text["Description"] == words  # type: ignore[attr-defined]
        assert len(words) < 1_500


def test_words_that_markup_would_take_for_its_own() -> None:
    figure = Figure()
    drawn = render(figure, "svg", "R&D <b>", 'a "quote" & <script>')
    root = ElementTree.fromstring(drawn)
    assert root.find(f"{SVG}title").text == "R&D <b>"  # type: ignore[union-attr]
    assert root.find(f"{SVG}desc").text == 'a "quote" & <script>'  # type: ignore[union-attr]


DRAWINGS = {
    "deficit": charts._deficit, "range": charts._range, "plans": charts._plans, "spend": charts._spend,
    "savings": charts._savings, "bridge": charts._bridge,
}  # fmt: skip


@pytest.mark.parametrize("size", [pytest.param(1.0, marks=pytest.mark.slow), 4_000.0])
@pytest.mark.parametrize("name", DRAWINGS)
def test_no_word_is_cut_off_or_lies_on_another(name: str, size: float) -> None:
    drawing: Callable[[ChartData], Figure] = DRAWINGS[name]
    with mpl.rc_context(SETTINGS):
        check_words(drawing(example(size, fan=True)))


def test_a_waterfall_across_nought_with_long_labels_is_readable() -> None:
    steps = [
        ("A start with a name as long as anybody would write it, and then some", 120.0),
        ("b", -300.0),
        ("c", 80.0),
    ]
    with mpl.rc_context(SETTINGS):
        figure = draw_waterfall([*steps, ("end", -100.0)], "£m")
        check_words(figure)
    bars = [patch.get_x() + patch.get_width() for patch in figure.axes[0].patches]  # type: ignore[attr-defined]
    assert bars == pytest.approx([120.0, -180.0, -100.0, -100.0])


def check_words(figure: Figure) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    page = figure.bbox.padded(0.5)
    boxes = []
    for text in _texts(figure):
        box = text.get_window_extent(canvas.get_renderer())
        assert page.x0 <= box.x0 < box.x1 <= page.x1, text.get_text()
        assert page.y0 <= box.y0 < box.y1 <= page.y1, text.get_text()
        boxes.append((text.get_text(), box.shrunk(0.98, 0.9)))
    for (one, first), (other, second) in itertools.combinations(boxes, 2):
        assert not first.overlaps(second), f"{one!r} on {other!r}"


def _texts(figure: Figure) -> list[Text]:
    """Every text that is drawn: the library keeps ticks outside the scale, which are not."""
    found = [*figure.texts, *(text for legend in figure.legends for text in legend.get_texts())]
    for axes in figure.axes:
        if not axes.get_visible():
            continue
        found += [axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label, *axes.texts]  # type: ignore[attr-defined]
        legend = axes.get_legend()
        found += legend.get_texts() if legend is not None else []
        for axis in (axes.xaxis, axes.yaxis):
            found += [tick.label1 for tick in axis._update_ticks() if tick.label1.get_visible()]  # type: ignore[attr-defined]
    return [text for text in found if text.get_visible() and text.get_text().strip()]


def test_areas_are_apart_without_colour() -> None:
    """Neighbours in a stack differ in hatching, or in grey by enough to see."""
    looks = list(zip(style.colours(12), itertools.cycle(style.HATCHES), strict=False))
    assert len(set(looks)) == 12
    for (_, first), (_, second) in itertools.pairwise(looks):
        assert first != second


def test_levels_of_the_fan_are_signed() -> None:
    assert list(FAN) == sorted(FAN)
    assert FAN[0] == 0.1, "of a signed balance the worse end"
