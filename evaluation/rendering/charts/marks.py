"""The few SVG elements that charts consist of, as strings with steady formatting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.rendering.clean import clean
from evaluation.rendering.markup import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LINE_HEIGHT = 1.22
"""Distance of base lines in font sizes."""
CAP_HEIGHT = 0.66
"""Height of a capital in font sizes (Source Sans 3)."""


def number(value: float) -> str:
    """Write a coordinate with at most two decimals and no trailing noughts."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def element(name: str, content: str = "", /, **attributes: str | float | None) -> str:
    """Write an element; ``_`` in an attribute name stands for ``-``, None leaves it out."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}={_value(value)}"
        for key, value in attributes.items()
        if value is not None and value != ""
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def group(marks: Iterable[str], /, **attributes: str | float | None) -> str:
    """Write a group of marks."""
    return element("g", "".join(marks), **attributes)


def rect(
    x: float, y: float, width: float, height: float, fill: str, /, **more: str | float | None
) -> str:
    """Write a rectangle."""
    return element("rect", x=x, y=y, width=max(width, 0.0), height=height, fill=fill, **more)


def line(
    x1: float, y1: float, x2: float, y2: float, stroke: str, /, **more: str | float | None
) -> str:
    """Write a straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, **more)


def polyline(
    points: Sequence[tuple[float, float]], stroke: str, /, **more: str | float | None
) -> str:
    """Write an open line through points."""
    return element(
        "polyline",
        points=" ".join(f"{number(x)},{number(y)}" for x, y in points),
        fill="none",
        stroke=stroke,
        **more,
    )


def polygon(points: Sequence[tuple[float, float]], fill: str, /, **more: str | float | None) -> str:
    """Write a closed surface."""
    return element(
        "polygon", points=" ".join(f"{number(x)},{number(y)}" for x, y in points), fill=fill, **more
    )


def text(x: float, y: float, content: str, /, **more: str | float | None) -> str:
    """Write one line of text; ``y`` is its base line."""
    return element("text", escape(clean(content)), x=x, y=y, **more)


def halo(ground: str) -> dict[str, str | float | None]:
    """Return the edge that keeps a text readable where it crosses a line."""
    return {
        "stroke": ground,
        "stroke_width": 3.0,
        "stroke_linejoin": "round",
        "paint_order": "stroke",
    }


def lines(
    x: float, y: float, content: Sequence[str], size: float, /, **more: str | float | None
) -> str:
    """Write lines of text beneath each other; ``y`` is the base line of the first."""
    return "".join(
        text(x, y + index * size * LINE_HEIGHT, part, font_size=size, **more)
        for index, part in enumerate(content)
        if part
    )


def block_height(count: int, size: float) -> float:
    """Return the height of that many lines of text."""
    return count * size * LINE_HEIGHT


def middle_baseline(middle: float, size: float, count: int = 1) -> float:
    """Return the base line of the first of ``count`` lines centred on ``middle``."""
    return middle + size * CAP_HEIGHT / 2 - (count - 1) * size * LINE_HEIGHT / 2


def series_shape(index: int) -> int:
    """Return the shape of a series' points, such that six colours make 24 different marks."""
    return (index + index // 12) % 4


def marker(shape: int, x: float, y: float, radius: float, fill: str, ground: str, /) -> str:
    """Write a point: circle, square, diamond or triangle, told apart without colour."""
    edge: dict[str, str | float | None] = {"stroke": ground, "stroke_width": 1.0}
    r = radius
    if shape % 4 == 0:
        return element("circle", cx=x, cy=y, r=r, fill=fill, **edge)
    if shape % 4 == 1:
        return rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8, fill, **edge)
    if shape % 4 == 2:
        corners = [(x, y - r * 1.25), (x + r * 1.25, y), (x, y + r * 1.25), (x - r * 1.25, y)]
        return polygon(corners, fill, **edge)
    corners = [(x, y - r * 1.2), (x + r * 1.15, y + r * 0.9), (x - r * 1.15, y + r * 0.9)]
    return polygon(corners, fill, **edge)


def _value(value: str | float | None) -> str:
    return quoteattr(value) if isinstance(value, str) else f'"{number(float(value or 0))}"'
