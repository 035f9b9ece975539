"""The interactive chart shows what the static one shows, and shares it with no one."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest

from evaluation.places import templates_root
from evaluation.rendering.charts.plotly_figure import CONFIG, chart_plotly
from evaluation.rendering.html import PLOTLY
from evaluation.report.model import ChartBlock, ChartKind
from evaluation.texts import NumberFormat
from tests.rendering import sample
from tests.rendering.chart_reading import (
    NEUTRAL,
    plotly_marks,
    plotly_values,
    svg_marks,
    svg_root,
    svg_texts,
)

ALL = sample.all_charts()
each_chart = pytest.mark.parametrize("chart", ALL, ids=lambda c: c.kind.value)


@each_chart
def test_plotly_accepts_the_figure(chart: ChartBlock) -> None:
    graph_objects = pytest.importorskip("plotly.graph_objects")
    figure = chart_plotly(chart, NEUTRAL)
    graph_objects.Figure(data=figure["data"], layout=figure["layout"])


@each_chart
def test_both_drawings_show_the_same_numbers_colours_and_order(chart: ChartBlock) -> None:
    drawn = sorted((mark for mark, _ in svg_marks(svg_root(chart))), key=_place)
    assert sorted(plotly_marks(chart), key=_place) == drawn
    orders = [[_place(m) for m in plotly_marks(chart)]]
    assert orders[0] == sorted(orders[0])


@each_chart
def test_both_drawings_have_the_same_labels(chart: ChartBlock) -> None:
    figure = chart_plotly(chart, NEUTRAL)
    traces = [t for t in figure["data"] if "meta" not in t]
    static = _plain("".join(svg_texts(svg_root(chart))))
    assert [t["name"] for t in traces] == [s.name for s in chart.series]
    for series, trace in zip(chart.series, traces, strict=True):
        if len(chart.series) > 1:
            assert _plain(series.name) in static
        for category, point, hover in zip(
            chart.categories, series.points, trace["customdata"], strict=True
        ):
            assert _plain(category) in _plain(hover)
            assert point.text in hover


@each_chart
def test_axes_have_the_same_tick_texts(chart: ChartBlock) -> None:
    if chart.kind is ChartKind.TILES:
        pytest.skip("a map has no axis")
    layout = chart_plotly(chart, NEUTRAL)["layout"]
    written = set(svg_texts(svg_root(chart)))
    for axis in ("xaxis", "yaxis"):
        ticks = layout[axis]["ticktext"]
        if ticks and not any(_plain(c) == _plain(ticks[0]) for c in chart.categories):
            assert set(ticks) <= written


@each_chart
def test_a_withheld_value_is_nowhere_in_the_figure(chart: ChartBlock) -> None:
    for series, trace in zip(
        chart.series,
        (t for t in chart_plotly(chart, NEUTRAL)["data"] if "meta" not in t),
        strict=True,
    ):
        for point, value in zip(series.points, plotly_values(chart, trace), strict=True):
            assert (point.value is None) == (value is None)


def test_withheld_bars_carry_their_sign() -> None:
    signs = chart_plotly(sample.grouped(), NEUTRAL)["layout"]["annotations"]
    assert [sign["text"] for sign in signs] == ["..", ".."]


@each_chart
def test_the_figure_is_plain_json(chart: ChartBlock) -> None:
    figure = chart_plotly(chart, NEUTRAL)
    assert json.loads(json.dumps(figure, allow_nan=False)) == figure


def test_only_traces_of_the_basic_bundle_are_used() -> None:
    kinds = {t["type"] for chart in ALL for t in chart_plotly(chart, NEUTRAL)["data"]}
    assert kinds <= {"bar", "scatter"}


def test_numbers_are_written_as_the_language_writes_them() -> None:
    swedish = chart_plotly(sample.bars(), NEUTRAL)
    english = chart_plotly(sample.bars(), NEUTRAL, numbers=NumberFormat(".", ",", "%"))
    assert swedish["layout"]["separators"] == ",\u00a0"
    assert english["layout"]["separators"] == ".,"


def test_nothing_can_be_shared_from_a_chart() -> None:
    config = chart_plotly(sample.bars(), NEUTRAL)["config"]
    assert config == dict(CONFIG)
    assert config["showSendToCloud"] is False
    assert config["displayModeBar"] is False
    assert config["plotlyServerURL"] == ""


def test_the_bundle_knows_the_options_that_switch_sharing_off() -> None:
    # If a later version renames them, this fails before anyone's data leave a page.
    bundle = (templates_root() / PLOTLY).read_text(encoding="utf-8")
    for option in ("showSendToCloud", "sendChartToCloud", "plotlyServerURL", "displayModeBar"):
        assert option in bundle


def test_the_bundle_is_the_wheels_version() -> None:
    offline = pytest.importorskip("plotly.offline")
    bundle = (templates_root() / PLOTLY).read_text(encoding="utf-8")
    found = re.match(r"/\*\*\n\* plotly\.js \(basic - minified\) v([\d.]+)\n", bundle)
    assert found
    assert found.group(1) == offline.get_plotlyjs_version()


def test_markup_in_labels_is_shown_not_run() -> None:
    chart = sample.chart(ChartKind.BARS, 1, "x", ("<a href='x'>& b</a>",), (sample.series("", 1),))
    figure = chart_plotly(chart, NEUTRAL)
    assert "<a" not in figure["data"][0]["customdata"][0]
    assert "&lt;a" in figure["layout"]["yaxis"]["ticktext"][0]


def test_intervals_reach_as_far_in_both() -> None:
    trace = chart_plotly(sample.dots(), NEUTRAL)["data"][0]
    point = sample.dots().series[0].points[0]
    assert point.low is not None
    assert point.value is not None
    low = Decimal(str(trace["x"][0])) - Decimal(str(round(trace["error_x"]["arrayminus"][0], 6)))
    assert low == point.low


def _place(mark: object) -> tuple[int, int]:
    return mark.series, mark.category  # type: ignore[attr-defined]


def _plain(text: str) -> str:
    return re.sub(r"<[^>]*>|[\s-]", "", text)
