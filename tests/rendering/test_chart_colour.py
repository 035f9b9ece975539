"""Contrast as WCAG computes it, and colours that can be told apart without colour."""

from __future__ import annotations

from itertools import pairwise

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
from evaluation.rendering.theme import load_theme
from tests.rendering import sample

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
