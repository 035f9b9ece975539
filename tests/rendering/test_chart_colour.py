"""Contrast as WCAG computes it, and colours that can be told apart without colour."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.rendering.charts.colour import (
    contrast,
    label_ink,
    luminance,
    mix,
    outline,
    ramp,
    readable,
    series_colours,
)
from evaluation.rendering.charts.plotly_figure import chart_plotly
from evaluation.rendering.charts.svg import chart_svg
from evaluation.rendering.theme import load_theme
from tests.rendering import sample

if TYPE_CHECKING:
    from evaluation.report.model import ChartBlock

COLOURS = st.builds(lambda n: f"#{n:06x}", st.integers(0, 0xFFFFFF))
NEUTRAL = load_theme("neutral")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        # Computed by the WebAIM contrast checker (two decimals, cut).
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.47),
        ("#767676", "#ffffff", 4.54),
        ("#ff0000", "#ffffff", 3.99),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.011)
    assert contrast(other, one) == contrast(one, other)


@given(COLOURS)
def test_labels_can_be_read_on_any_fill(fill: str) -> None:
    assert contrast(label_ink(fill, NEUTRAL), fill) >= 4.5


@given(COLOURS, COLOURS)
def test_readable_reaches_the_contrast(colour: str, ground: str) -> None:
    assert contrast(readable(colour, ground), ground) >= 4.5


@given(COLOURS)
def test_pale_fills_get_an_edge_that_is_seen(fill: str) -> None:
    edge = outline(fill, "#ffffff")
    assert contrast(edge or fill, "#ffffff") >= 3.0


@given(st.integers(1, 9))
def test_a_ramp_has_its_ends_and_its_length(steps: int) -> None:
    drawn = ramp(NEUTRAL.scale, steps)
    assert len(drawn) == steps
    assert drawn[0] == NEUTRAL.scale[0]
    assert steps == 1 or drawn[-1] == NEUTRAL.scale[-1]


@pytest.mark.parametrize("name", ["neutral", "agency-example"])
@pytest.mark.parametrize("steps", range(2, 8))
def test_neighbours_on_a_scale_differ_in_grey(name: str, steps: int) -> None:
    greys = [luminance(colour) for colour in ramp(load_theme(name).scale, steps)]
    apart = [max(p) + 0.05 - 1.15 * (min(p) + 0.05) for p in pairwise(greys)]
    assert min(apart) > 0 or steps > 5


def test_roles_pick_the_colours() -> None:
    chart = sample.diverging()
    colours = series_colours(chart, NEUTRAL)
    assert colours[-1] == NEUTRAL.missing
    assert colours[:-1] == ramp(NEUTRAL.scale, 5)
    assert series_colours(sample.bars(), NEUTRAL) == (NEUTRAL.primary,)
    assert series_colours(sample.grouped(), NEUTRAL) == NEUTRAL.categorical[:2]


def test_the_highlighted_line_alone_has_colour() -> None:
    colours = series_colours(sample.slope(), NEUTRAL)
    assert colours[2] == NEUTRAL.accent
    assert len({*colours}) == 2


def test_mixing() -> None:
    assert mix("#000000", "#ffffff", 0.5) == "#808080"
    with pytest.raises(ValueError, match="red"):
        mix("red", "#ffffff", 0.5)


@pytest.mark.parametrize("name", ["neutral", "agency-example"])
@pytest.mark.parametrize("chart", [sample.stacked(), sample.diverging()])
def test_segments_side_by_side_differ_or_are_parted(name: str, chart: ChartBlock) -> None:
    """Colours whose contrast is below 3 to 1 have an edge of the ground's colour between them."""
    theme = load_theme(name)
    colours = series_colours(chart, theme)
    close = {c for pair in pairwise(colours) if contrast(*pair) < 3 for c in pair}
    assert close, "the sample has no such neighbours, and the test would say nothing"
    drawn = [e for e in ET.fromstring(chart_svg(chart, theme)).iter() if e.get("fill") in close]  # noqa: S314
    segments = [e for e in drawn if e.get("data-s") is not None]
    assert len(segments) >= len(close)
    for segment in segments:
        assert segment.get("stroke") == theme.background
        assert float(segment.get("stroke-width", "0")) >= 1
    bars = [t for t in chart_plotly(chart, theme)["data"] if t["type"] == "bar"]
    filled = [t["marker"] for t in bars if t["marker"].get("color") in close]
    assert len(filled) >= len(close)
    assert all(m["line"] == {"color": theme.background, "width": 1} for m in filled)


DEUTERANOPIA = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
                (-0.011820, 0.042940, 0.968881))  # fmt: skip
PROTANOPIA = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
              (-0.003882, -0.048116, 1.051998))  # fmt: skip
"""Machado, Oliveira and Fernandes (2009), severity 1, on linear light."""


def seen(colour: str, by: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    """A colour in linear light as it is seen without one kind of cone."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    light = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return tuple(sum(w * v for w, v in zip(row, light, strict=True)) for row in by)


@pytest.mark.parametrize("name", ["neutral", "agency-example"])
@pytest.mark.parametrize("by", [DEUTERANOPIA, PROTANOPIA])
def test_the_two_ends_of_a_scale_are_told_apart_without_red_or_green(
    name: str, by: tuple[tuple[float, ...], ...]
) -> None:
    for steps in (2, 3, 4, 5):
        drawn = [seen(c, by) for c in ramp(load_theme(name).scale, steps)]
        for one, other in pairwise(drawn):
            assert max(abs(a - b) for a, b in zip(one, other, strict=True)) > 0.06, (steps, drawn)
