"""Charts as PNG: size, sameness, nothing but the theme's fonts."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from evaluation.rendering.charts.png import svg_to_png, svgs_to_png
from evaluation.rendering.charts.svg import chart_svg
from evaluation.rendering.theme import Theme, load_theme
from tests.rendering.sample import bars, tiles


@pytest.fixture(scope="module")
def theme() -> Theme:
    return load_theme("neutral")


def test_picture_has_the_width_on_paper_and_is_the_same_each_time(theme: Theme) -> None:
    fonts = [theme.file("fonts/SourceSans3-Regular.ttf").parent]
    svg = chart_svg(bars(), theme)
    png = svg_to_png(svg, fonts, 220, width=154)
    with Image.open(BytesIO(png)) as picture:
        assert picture.width == pytest.approx(154 / 25.4 * 220, abs=1)
        assert picture.getpixel((2, picture.height - 2))[:3] == (255, 255, 255)
    assert svg_to_png(svg, fonts, 220, width=154) == png


def test_several_at_once_are_the_same_as_one_by_one(theme: Theme) -> None:
    fonts = [theme.file("fonts/SourceSans3-Regular.ttf").parent]
    drawn = [chart_svg(chart, theme) for chart in (bars(), tiles())]
    assert svgs_to_png(drawn, fonts) == [svg_to_png(svg, fonts) for svg in drawn]
    assert svgs_to_png([], fonts) == []
