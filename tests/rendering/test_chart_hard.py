"""Charts of hard data: many series, close ends, missing years, nothing and everything."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from evaluation.rendering.charts.colour import series_colours
from evaluation.rendering.charts.fonts import text_width
from evaluation.rendering.charts.layout import LABEL
from evaluation.rendering.charts.marks import series_shape
from evaluation.rendering.charts.plotly_figure import chart_plotly
from evaluation.report.model import ChartBlock, ChartKind, ChartPoint, ChartSeries
from tests.rendering import sample
from tests.rendering.chart_reading import NEUTRAL, SVG, svg_marks, svg_root, svg_texts

YEARS = tuple(str(year) for year in range(2004, 2024))
GONE = ChartPoint(None, "", None, None, None, "missing")


def many_lines() -> ChartBlock:
    """Draw all 21 counties over twenty years, ends close together."""
    drawn = tuple(
        sample.series(name, *(40.0 + (k * 7 + year * 3) % 20 for year in range(20)))
        for k, name in enumerate(sample.COUNTIES)
    )
    return sample.chart(ChartKind.LINE, 1, "Alla län", YEARS, drawn, x_title="År")


def many_bars() -> ChartBlock:
    """Draw 21 groups side by side."""
    drawn = tuple(sample.series(n, 40.0 + k, 60.0 - k) for k, n in enumerate(sample.COUNTIES))
    return sample.chart(ChartKind.GROUPED, 2, "Alla län", ("Ja", "Nej"), drawn)


def slope_without_end() -> ChartBlock:
    """Draw two slopes, the end of one withheld."""
    drawn = (sample.series("Hälsa", 50.0, 51.0), sample.series("Framtidstro", 64.0, None))
    return sample.chart(ChartKind.SLOPE, 3, "Två områden", ("Före", "Efter"), drawn)


def texts_of(chart: ChartBlock) -> list[str]:
    return [text.replace("\u2002", " ") for text in svg_texts(svg_root(chart))]


def annotations(chart: ChartBlock) -> list[dict[str, object]]:
    return list(chart_plotly(chart, NEUTRAL)["layout"]["annotations"])


def test_an_earlier_value_is_never_shown_as_the_last_ones() -> None:
    chart = slope_without_end()
    assert ".. Framtidstro" in texts_of(chart)
    assert "64,0 Framtidstro" not in texts_of(chart)
    said = [str(a["text"]).replace("\u2002", " ") for a in annotations(chart)]
    assert "<b>.. Framtidstro</b>" in said
    assert not any("64,0" in text and "Framtidstro" in text for text in said)


def test_a_line_that_ends_early_is_named_without_a_value() -> None:
    line = ChartSeries("Lagd ned", (*sample.series("", 30.0, 31.0).points, GONE))
    chart = sample.chart(
        ChartKind.LINE, 1, "x", ("2019", "2020", "2021"), (sample.series("Kvar", 5, 6, 7), line)
    )
    assert "Lagd ned" in texts_of(chart)
    assert "<b>Lagd ned</b>" in [a["text"] for a in annotations(chart)]


def test_labels_at_the_ends_of_21_lines_neither_touch_nor_leave_the_picture() -> None:
    root = svg_root(many_lines())
    height = float(root.get("viewBox", "").split()[3])
    ys = sorted(
        float(text.get("y", ""))
        for text in root.iter("{http://www.w3.org/2000/svg}text")
        if any(county in (text.text or "") for county in sample.COUNTIES)
    )
    assert len(ys) == 21
    assert all(after - before >= LABEL for before, after in pairwise(ys))
    assert ys[0] > LABEL * 0.6
    assert ys[-1] < height


def test_the_same_labels_stand_in_the_same_order_in_the_interactive_drawing() -> None:
    chart = many_lines()
    figure = chart_plotly(chart, NEUTRAL)
    ends = figure["layout"]["annotations"]
    assert figure["layout"]["showlegend"] is False
    assert [str(a["text"]).strip("</b>").replace("\u2002", " ") for a in ends] == [
        f"{series.points[-1].text} {series.name}" for series in chart.series
    ]
    assert [a["y"] for a in ends] == [float(s.points[-1].value or 0) for s in chart.series]
    by_value = sorted(ends, key=lambda a: (a["y"], a["ay"]))
    assert [a["ay"] for a in by_value] == sorted(a["ay"] for a in ends)


def test_years_that_have_no_room_are_left_out_but_never_the_last() -> None:
    shown = [text for text in texts_of(many_lines()) if text in YEARS]
    assert shown[-1] == "2023"
    assert 5 <= len(shown) < 20
    width = text_width("2023", LABEL)
    places = sorted(
        float(text.get("x", ""))
        for text in svg_root(many_lines()).iter("{http://www.w3.org/2000/svg}text")
        if text.text in YEARS
    )
    assert min(after - before for before, after in pairwise(places)) > width
    ticks = chart_plotly(many_lines(), NEUTRAL)["layout"]["xaxis"]["ticktext"]
    assert ticks[-1] == "2023"
    assert len([tick for tick in ticks if tick]) < 20


def test_24_lines_differ_in_colour_or_shape() -> None:
    colours = NEUTRAL.categorical
    looks = {(colours[i % len(colours)], series_shape(i)) for i in range(24)}
    assert len(looks) == 24


def test_bars_of_more_groups_than_colours_are_named_one_by_one() -> None:
    chart = many_bars()
    assert len(set(series_colours(chart, NEUTRAL))) == 1
    for series in chart.series:
        assert f"{series.points[0].text} {series.name}" in texts_of(chart)
    figure = chart_plotly(chart, NEUTRAL)
    assert figure["layout"]["showlegend"] is False
    assert figure["data"][3]["text"][1] == f"57,0\u2002{sample.COUNTIES[3]}"


def test_a_value_left_out_of_its_segment_is_not_taken_for_another() -> None:
    # Of several segments too narrow for their values none is picked out; nought is no segment.
    rows = ((100.0, 0.0, 0.0), (0.4, 99.2, 0.4))
    drawn = tuple(
        sample.series(name, *(row[i] for row in rows), role="scale")
        for i, name in enumerate(("Ja", "Delvis", "Nej"))
    )
    chart = sample.chart(ChartKind.STACKED, 1, "x", ("A", "B"), drawn)
    assert "0,0" not in texts_of(chart)
    assert "0,4" not in texts_of(chart)


@pytest.mark.parametrize("kind", [ChartKind.STACKED, ChartKind.DIVERGING])
def test_withheld_segments_carry_their_sign_in_both_drawings(kind: ChartKind) -> None:
    drawn = (
        sample.series("Ja", 60.0, None, role="scale"),
        sample.series("Nej", 40.0, None, role="scale"),
    )
    chart = sample.chart(kind, 1, "x", ("A", "B"), drawn)
    assert texts_of(chart).count("..") == 1
    assert [(a["text"], a["y"]) for a in annotations(chart)] == [("..", 1)]


def test_values_beside_points_are_the_same_in_both_drawings() -> None:
    chart = sample.dots()
    said = [str(a["text"]) for a in annotations(chart)]
    assert said == [p.text for s in chart.series for p in s.points]
    assert set(said) <= set(texts_of(chart))


def test_a_funnel_names_the_same_units_in_both_drawings() -> None:
    chart = sample.funnel()
    names = [t for t in texts_of(chart) if t in chart.categories]
    figure = chart_plotly(chart, NEUTRAL)
    named = [t for trace in figure["data"] for t in trace.get("text", ()) if t]
    assert sorted(named) == sorted(names)
    assert names


def test_a_negative_value_stands_at_its_bars_end() -> None:
    chart = sample.chart(
        ChartKind.BARS, 1, "Förändring", ("A", "B"), (sample.series("", -25.5, 12.0),),
        unit="number",
    )  # fmt: skip
    root = svg_root(chart)
    space = "{http://www.w3.org/2000/svg}"
    bar = next(r for r in root.iter(f"{space}rect") if r.get("data-c") == "0")
    text = next(t for t in root.iter(f"{space}text") if t.text == "\u221225,5")
    assert text.get("text-anchor") == "end"
    assert float(text.get("x", "")) < float(bar.get("x", ""))


def many_dots(count: int) -> ChartBlock:
    """Draw a share with its interval for so many units."""
    points = tuple(
        ChartPoint(Decimal(90 - k % 90), f"{90 - k % 90},0", Decimal(2), Decimal(98))
        for k in range(count)
    )
    names = tuple(f"Kommun {k}" for k in range(count))
    return sample.chart(ChartKind.DOTS, 4, "Alla", names, (ChartSeries("", points),))


@pytest.mark.parametrize("count", [30, 50, 51, 290, 420])
def test_a_printed_page_holds_a_dot_plot_of_any_number_of_units(count: int) -> None:
    """At full width: Typst makes a higher picture narrower, and what is written in it with it."""
    root = svg_root(many_dots(count))
    assert float(root.get("height", "0")) / float(root.get("width", "1")) < 1.5
    assert len(svg_marks(root)) == count
    named = [text for text in svg_texts(root) if text.startswith("Kommun")]
    assert len(named) == (count if count <= 50 else 0)
    middles = [float(element[0].get("cy")) for _, element in svg_marks(root)]
    assert all(above < below for above, below in pairwise(middles))


def test_names_of_a_dot_plot_do_not_touch() -> None:
    root = svg_root(many_dots(50))
    lines = [
        float(element.get("y"))
        for element in root.iter(SVG + "text")
        if (element.text or "").startswith("Kommun")
    ]
    assert all(below - above >= LABEL for above, below in pairwise(lines))
