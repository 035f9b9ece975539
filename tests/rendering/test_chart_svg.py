"""Every kind of chart as SVG: well formed, true to the values, readable, steady."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.rendering.charts.fonts import text_width
from evaluation.rendering.charts.layout import dodge
from evaluation.rendering.charts.plotly_figure import chart_plotly
from evaluation.rendering.charts.scale import round_axis, value_axis
from evaluation.rendering.charts.stacked import segment_spans
from evaluation.rendering.charts.svg import chart_svg, drawn_kind
from evaluation.rendering.charts.tiles import read_tiles
from evaluation.report.model import ChartBlock, ChartKind, ChartSeries
from evaluation.texts import NumberFormat
from tests.rendering import sample
from tests.rendering.chart_reading import NEUTRAL, SVG, svg_marks, svg_root, svg_texts

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET

ALL = sample.all_charts()
each_chart = pytest.mark.parametrize("chart", ALL, ids=lambda c: c.kind.value)
each_width = pytest.mark.parametrize("width", [340, 660, 680])


def test_the_sample_has_every_kind() -> None:
    assert {chart.kind for chart in ALL} == set(ChartKind)


@each_chart
@each_width
def test_a_chart_is_an_image_with_name_and_description(chart: ChartBlock, width: int) -> None:
    root = svg_root(chart, width=width, ids="a-")
    name, description = root.attrib["aria-labelledby"].split()
    by_id = {element.attrib["id"]: element for element in root.iter() if "id" in element.attrib}
    assert root.attrib["role"] == "img"
    assert by_id[name].tag == SVG + "title"
    assert by_id[name].text == f"{chart.label}. {chart.caption}"
    assert by_id[description].text == chart.alt
    assert root.attrib["font-family"].startswith("'Source Sans 3'")
    assert root.attrib["viewBox"].split()[2] == str(width)


@each_chart
@each_width
def test_what_is_written_stays_within_the_picture(chart: ChartBlock, width: int) -> None:
    root = svg_root(chart, width=width)
    height = float(root.attrib["viewBox"].split()[3])
    for left, right, top, bottom, content in written(root):
        assert left >= -0.5, content
        assert right <= width + 0.5, content
        assert top >= -1, content
        assert bottom <= height, content


@each_chart
@each_width
def test_no_text_covers_another(chart: ChartBlock, width: int) -> None:
    boxes = list(written(svg_root(chart, width=width)))
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            beside = one[1] <= other[0] + 0.5 or other[1] <= one[0] + 0.5
            below = one[3] <= other[2] + 0.5 or other[3] <= one[2] + 0.5
            assert beside or below, (one[4], other[4])


@each_chart
def test_the_same_chart_gives_the_same_text(chart: ChartBlock) -> None:
    assert chart_svg(chart, NEUTRAL) == chart_svg(replace(chart), NEUTRAL)


@each_chart
def test_every_shown_value_is_drawn_once_and_no_withheld_one(chart: ChartBlock) -> None:
    drawn = {(m.series, m.category): m.value for m, _ in svg_marks(svg_root(chart))}
    shown = {
        (s, c): point.value
        for s, series in enumerate(chart.series)
        for c, point in enumerate(series.points)
        if point.value is not None
    }
    assert drawn == shown
    assert len(svg_marks(svg_root(chart))) == len(shown)


@each_chart
def test_withheld_values_are_marked(chart: ChartBlock) -> None:
    withheld = [p for s in chart.series for p in s.points if p.value is None]
    assert svg_texts(svg_root(chart)).count("..") >= bool(withheld)


@each_chart
def test_all_categories_are_named(chart: ChartBlock) -> None:
    text = "".join(svg_texts(svg_root(chart))).replace("-", "").replace(" ", "")
    for category in chart.categories:
        assert category.replace("-", "").replace(" ", "") in text


@pytest.mark.parametrize("chart", [sample.bars(), sample.grouped(), sample.stacked()])
def test_bars_are_as_long_as_their_values(chart: ChartBlock) -> None:
    scales = [
        float(e.attrib["width"]) / float(m.value) for m, e in svg_marks(svg_root(chart)) if m.value
    ]
    assert max(scales) - min(scales) < 0.01 * max(scales)


def test_columns_are_as_high_as_their_values() -> None:
    marks = svg_marks(svg_root(sample.columns()))
    scales = [float(e.attrib["height"]) / float(m.value) for m, e in marks]
    assert max(scales) - min(scales) < 0.01 * max(scales)


@pytest.mark.parametrize("chart", [sample.dots(), sample.line(), sample.funnel()])
def test_points_lie_where_their_values_say(chart: ChartBlock) -> None:
    axis = "data-x" if chart.kind is ChartKind.DOTS else "data-y"
    places = sorted((float(m.value), float(e.attrib[axis])) for m, e in svg_marks(svg_root(chart)))
    (v1, p1), *between, (v2, p2) = places
    for value, place in between:
        assert place == pytest.approx(p1 + (p2 - p1) * (value - v1) / (v2 - v1), abs=0.1)


def test_the_forest_axis_is_logarithmic() -> None:
    axis = value_axis(sample.forest())
    assert axis.share(2) - axis.share(1) == pytest.approx(axis.share(1) - axis.share(0.5))


def test_ticks_are_written_as_the_language_writes_numbers() -> None:
    swedish = svg_texts(svg_root(sample.forest()))
    english = svg_texts(svg_root(sample.forest(), numbers=NumberFormat(decimal=".")))
    assert "0,5" in swedish
    assert "0.5" in english


def test_diverging_bars_are_centred_on_the_neutral_series() -> None:
    chart = sample.diverging()
    for row in segment_spans(chart):
        neutral = row[chart.neutral]
        assert neutral is not None
        assert neutral.middle == pytest.approx(0)


def test_diverging_without_a_neutral_step_meets_between_the_halves() -> None:
    chart = sample.stacked()
    even = replace(chart, kind=ChartKind.DIVERGING, series=chart.series[:4])
    for row in segment_spans(even):
        assert row[1] is not None
        assert row[1].end == pytest.approx(0)


def test_missing_kinds_stand_apart_on_a_common_line() -> None:
    rows = segment_spans(sample.diverging())
    starts = {row[-1].start for row in rows if row[-1]}
    ends = [span.end for row in rows for span in row[:-1] if span]
    assert len(starts) == 1
    assert min(starts) > max(ends)


def test_evil_texts_stay_texts() -> None:
    chart = replace(sample.bars(), categories=("<script>&\x00\x0b", *sample.bars().categories[1:]))
    assert "<script>& " in svg_texts(svg_root(chart))


def test_columns_with_long_labels_lie_down() -> None:
    long = replace(sample.columns(), categories=("jämställdhetsintegrering",) * 5)
    assert drawn_kind(long, NEUTRAL) is ChartKind.GROUPED
    assert drawn_kind(sample.columns(), NEUTRAL) is ChartKind.COLUMNS


@pytest.mark.parametrize("name", ["Kalmar kommun", "Stockholms", "", "30"])
def test_other_areas_are_not_taken_for_counties(name: str) -> None:
    chart = sample.chart(ChartKind.TILES, 1, "Karta", (name,), (sample.series("", 1.0),))
    assert drawn_kind(chart, NEUTRAL) is ChartKind.GROUPED


def test_areas_unknown_to_the_grid_become_bars() -> None:
    foreign = replace(sample.tiles(), categories=("Åland", *sample.COUNTIES[1:]))
    assert drawn_kind(foreign, NEUTRAL) is ChartKind.GROUPED
    assert drawn_kind(sample.tiles(), NEUTRAL) is ChartKind.TILES


@pytest.mark.parametrize(
    "names",
    [("AB", "M"), ("01", "12"), ("Stockholm", "Skåne län"), ("Region Stockholm", "Skåne County")],
)
def test_counties_are_known_by_letter_number_and_name(names: tuple[str, ...]) -> None:
    chart = sample.chart(ChartKind.TILES, 1, "Karta", names, (sample.series("", 1.0, 2.0),))
    codes = [
        element.text
        for element in svg_root(chart).iter(SVG + "text")
        if element.attrib.get("font-weight") == "600"
    ]
    assert codes.count("AB") == 2
    assert codes.count("M") == 2
    assert codes.count("BD") == 1


def test_each_tile_has_its_own_place() -> None:
    tiles = read_tiles(NEUTRAL)
    assert len(tiles) == 21
    assert len({(tile.column, tile.row) for tile in tiles}) == 21
    # Neighbours on the map are neighbours in the grid: north is up, west is left.
    place = {tile.code: (tile.column, tile.row) for tile in tiles}
    assert place["BD"][1] < place["AC"][1] < place["Z"][1] < place["W"][1] < place["M"][1]
    assert place["O"][0] < place["E"][0] < place["AB"][0]


@given(
    st.lists(st.integers(0, 300).map(float), min_size=1, max_size=8),
)
def test_dodged_labels_do_not_touch(wanted: list[float]) -> None:
    heights = (16.0,) * len(wanted)
    placed = sorted(dodge(tuple(wanted), heights, 0.0, 300.0))
    assert all(b - a >= 16 - 1e-6 for a, b in pairwise(placed))
    assert placed[0] >= 8 - 1e-6
    assert placed[-1] <= 292 + 1e-6


@given(st.floats(0.001, 1e6), st.integers(2, 8))
def test_axes_are_round_and_hold_their_values(high: float, wanted: int) -> None:
    axis = round_axis(0.0, high, wanted=wanted)
    assert axis.low <= 0 <= high <= axis.high * 1.001
    assert 2 <= len(axis.ticks) <= 2 * wanted + 2


def test_percent_axes_end_at_100() -> None:
    chart = sample.chart(ChartKind.BARS, 1, "x", ("a",), (sample.series("", 97.0),))
    assert value_axis(chart).high == 100


def test_counts_have_whole_ticks() -> None:
    chart = sample.chart(ChartKind.BARS, 1, "x", ("a",), (sample.series("", 3),), unit="count")
    assert all(tick == int(tick) for tick in value_axis(chart).ticks)


values = st.one_of(st.none(), st.decimals(-5, 100, places=1).map(float))


@st.composite
def any_charts(draw: st.DrawFn) -> ChartBlock:
    """Charts as no one would want them: empty, withheld, negative, with odd texts."""
    kind = draw(st.sampled_from(list(ChartKind)))
    text = st.text(max_size=40)
    categories = tuple(draw(st.lists(text, max_size=6)))
    count = draw(st.integers(0, 4))
    roles = st.sampled_from(["categorical", "scale", "missing", "highlight"])
    series = tuple(
        ChartSeries(draw(text), tuple(sample.point(draw(values)) for _ in categories), draw(roles))
        for _ in range(count)
    )
    return sample.chart(
        kind,
        1,
        draw(text),
        categories,
        series,
        unit=draw(st.sampled_from(["percent", "count", "number", "ratio"])),
        neutral=draw(st.integers(-1, 3)),
        reference=draw(st.one_of(st.none(), st.just(Decimal("1.5")))),
        reference_text=draw(text),
        interval_text=draw(text),
    )


@settings(max_examples=150, deadline=None)
@given(any_charts(), st.sampled_from([340, 680]))
def test_any_chart_can_be_drawn(chart: ChartBlock, width: int) -> None:
    svg_root(chart, width=width)
    chart_plotly(chart, NEUTRAL)


def written(root: ET.Element) -> list[tuple[float, float, float, float, str]]:
    """Return left, right, top and bottom of every text, from inherited attributes."""
    found = []

    def walk(element: ET.Element, size: float, anchor: str, weight: str) -> None:
        size = float(element.attrib.get("font-size", size))
        anchor = element.attrib.get("text-anchor", anchor)
        weight = element.attrib.get("font-weight", weight)
        if element.tag == SVG + "text" and element.text:
            wide = text_width(element.text, size, semibold=weight == "600")
            x, y = float(element.attrib["x"]), float(element.attrib["y"])
            left = x - {"end": wide, "middle": wide / 2}.get(anchor, 0.0)
            found.append((left, left + wide, y - 0.66 * size, y + 0.2 * size, element.text))
        for child in element:
            walk(child, size, anchor, weight)

    walk(root, 13.0, "start", "400")
    return found
