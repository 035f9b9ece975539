"""Tile grid map of Sweden's 21 counties.

The grid is data: ``charts/counties.csv`` of the theme, so that a theme can move
the tiles or lay out other areas. Its columns: code, number, name, three more
names by which an area is known (county, region, english), column, row.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from evaluation.rendering.charts import marks
from evaluation.rendering.charts.colour import label_ink, outline, tint
from evaluation.rendering.charts.layout import (
    LABEL,
    SMALL,
    VALUE,
    Drawing,
    Pen,
    point_data,
)

if TYPE_CHECKING:
    from pathlib import Path

    from evaluation.rendering.theme import Theme
    from evaluation.report.model import ChartBlock, ChartPoint

TILE = 58.0
SPACE = 4.0
_PITCH = 19.0
_NAMES = ("code", "number", "name", "county", "region", "english")


@dataclass(frozen=True, slots=True)
class Tile:
    """An area's place in the grid, column and row from 0."""

    code: str
    number: str
    name: str
    column: int
    row: int
    known_as: frozenset[str] = frozenset()
    """Code, number and names in lower case."""


@dataclass(frozen=True, slots=True)
class FilledTile:
    """A tile with the category that belongs to it, -1 and None where none does."""

    tile: Tile
    category: int
    point: ChartPoint | None
    share: float
    """How far its value lies between the smallest and the greatest, 0 to 1."""


def read_tiles(theme: Theme) -> tuple[Tile, ...]:
    """Read the theme's grid."""
    return _read(theme.file("charts/counties.csv"))


def unknown_areas(chart: ChartBlock, theme: Theme) -> tuple[str, ...]:
    """Return the categories that belong to no tile."""
    tiles = read_tiles(theme)
    return tuple(
        category
        for category in chart.categories
        if not any(_is_named(tile, category) for tile in tiles)
    )


def fill_tiles(chart: ChartBlock, theme: Theme) -> tuple[FilledTile, ...]:
    """Find each tile's category: by letter code, number or any of its names."""
    tiles = read_tiles(theme)
    found = {
        tile.code: index
        for index, category in enumerate(chart.categories)
        for tile in tiles
        if _is_named(tile, category)
    }
    points = chart.series[0].points
    values = [float(point.value) for point in points if point.value is not None]
    low, high = min(values, default=0.0), max(values, default=1.0)
    filled = []
    for tile in tiles:
        place = found.get(tile.code, -1)
        point = points[place] if place >= 0 else None
        value = point.value if point else None
        extent = high - low or 1.0
        share = 0.0 if value is None else (float(value) - low) / extent
        filled.append(FilledTile(tile, place, point, share))
    return tuple(filled)


def draw_tiles(chart: ChartBlock, pen: Pen) -> Drawing:
    """Draw the grid, darker for greater values, with the names of the areas beside it."""
    filled = fill_tiles(chart, pen.theme)
    columns = 1 + max(f.tile.column for f in filled)
    rows = 1 + max(f.tile.row for f in filled)
    drawn = [_tile(f, pen) for f in filled]
    width, height = (
        columns * (TILE + SPACE) - SPACE,
        rows * (TILE + SPACE) - SPACE,
    )
    left, top = (0.0, height + 20) if pen.is_narrow else (width + 44, SMALL)
    drawn.append(_key(chart, filled, left, top, pen))
    names, names_height = _names(chart, filled, (left, top + SMALL + 24), pen)
    return Drawing(pen.width, max(height, top + SMALL + 24 + names_height) + 2, (*drawn, names))


@lru_cache(maxsize=8)
def _read(path: Path) -> tuple[Tile, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Tile(
                row["code"],
                row["number"],
                row["name"],
                int(row["column"]),
                int(row["row"]),
                frozenset(row[name].casefold() for name in _NAMES),
            )
            for row in csv.DictReader(file)
        )


def _is_named(tile: Tile, category: str) -> bool:
    return category.strip().casefold() in tile.known_as


def _tile(filled: FilledTile, pen: Pen) -> str:
    tile, point = filled.tile, filled.point
    x, y = tile.column * (TILE + SPACE), tile.row * (TILE + SPACE)
    theme = pen.theme
    if point is None or point.value is None:
        fill, ink = theme.background, theme.muted
        edge: dict[str, str | float | None] = {
            "stroke": theme.rule if point else pen.grid,
            "stroke_dasharray": "3 3" if point else None,
        }
    else:
        fill = tint(filled.share, theme)
        ink = label_ink(fill, theme)
        edge = {"stroke": outline(fill, theme.background)}
    data = point_data(0, filled.category, point) if point and point.value is not None else {}
    drawn = [
        marks.rect(x + 0.5, y + 0.5, TILE - 1, TILE - 1, fill, rx=3, **edge, **data),
        marks.text(x + TILE / 2, y + 22, tile.code, font_size=SMALL, font_weight="600", fill=ink),
    ]
    if point is not None:
        drawn.append(marks.text(x + TILE / 2, y + 42, point.text, font_size=LABEL + 1, fill=ink))
    return marks.group(drawn, text_anchor="middle")


def _key(chart: ChartBlock, filled: tuple[FilledTile, ...], x: float, y: float, pen: Pen) -> str:
    """Draw what light and dark mean, with the smallest and the greatest value."""
    shown = [f for f in filled if f.point is not None and f.point.value is not None]
    if not shown:
        return ""
    low = min(shown, key=lambda f: (f.share, f.tile.code)).point
    high = max(shown, key=lambda f: (f.share, f.tile.code)).point
    steps, step = 5, 24.0
    low_text, high_text = low.text if low else "", high.text if high else ""
    start = x + pen.text_width(low_text, SMALL) + 6
    drawn = [marks.text(x, y + 10, low_text)]
    drawn.extend(
        marks.rect(start + i * step, y, step, 12, tint(i / (steps - 1), pen.theme))
        for i in range(steps)
    )
    drawn.append(
        marks.rect(start, y, steps * step, 12, "none", stroke=pen.theme.rule, stroke_width=0.75)
    )
    end = start + steps * step + 6
    drawn.append(marks.text(end, y + 10, high_text))
    if chart.axis_title:
        drawn.append(
            marks.text(
                end + pen.text_width(high_text, SMALL) + 10, y + 10, chart.axis_title,
                fill=pen.theme.muted,
            )
        )  # fmt: skip
    return marks.group(drawn, font_size=SMALL, fill=pen.theme.ink)


def _names(
    chart: ChartBlock, filled: tuple[FilledTile, ...], corner: tuple[float, float], pen: Pen
) -> tuple[str, float]:
    """List the areas with code and value in the order of the chart; return height too.

    A narrow picture has two columns of names; the values stand in the tiles.
    """
    left, top = corner
    listed = sorted((f for f in filled if f.category >= 0), key=lambda f: f.category)
    columns = 2 if pen.is_narrow else 1
    per_column = -(-len(listed) // columns)
    names = [f.tile.name if pen.is_narrow else chart.categories[f.category] for f in listed]
    value_x = left + 28 + max((pen.text_width(name, VALUE) for name in names), default=0.0) + 56
    drawn = []
    for place, (item, name) in enumerate(zip(listed, names, strict=True)):
        x = left + (place // per_column) * (pen.width - left) / columns
        y = top + (place % per_column) * _PITCH + VALUE
        drawn.append(marks.text(x, y, item.tile.code, font_weight="600"))
        drawn.append(marks.text(x + 28, y, name))
        if not pen.is_narrow and item.point is not None:
            drawn.append(marks.text(value_x, y, item.point.text, text_anchor="end"))
    return marks.group(drawn, font_size=VALUE, fill=pen.theme.ink), per_column * _PITCH + 8
