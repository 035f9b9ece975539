"""A comparison of units as blocks: dot plot, funnel, tile map and table."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from evaluation.report.analysis_blocks import analysis_cell
from evaluation.report.model import (
    MOST_NAMED_DOTS,
    BodyCell,
    BodyKind,
    BodyRow,
    ChartBlock,
    ChartKind,
    ChartPoint,
    ChartSeries,
    HeadCell,
    Picker,
    TableBlock,
)
from evaluation.report.regions import funnel_limits
from evaluation.rounding import round_half_up
from evaluation.tables.analyses import AnalysisCell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.report.model import Picked
    from evaluation.report.regions import Comparison, UnitFigure
    from evaluation.texts import Texts

FUNNEL_FROM = 5
"""Fewer units than this make no funnel."""
NAMED_WITHHELD = 40
"""A chart's note names at most so many withheld units; the table's note names them all."""
CLEAR = Decimal("0.05")
"""A unit with a lesser p, as printed, differs from the others."""


def comparison_table(found: Comparison, texts: Texts) -> TableBlock:
    """Every unit shown with base, percent, interval, difference, adjusted p and open places.

    Units whose percent is withheld are named in a note, all in the same words and in the
    codebook's order, so that nothing tells the small ones from those that guard them.
    """
    standardised = any(u.standardised is not None for u in found.units)
    shrunk = any(u.shrunk is not None for u in found.units)
    keys = ["n", "percent", "interval", "difference", "p", "rank"]
    keys += (["standardised"] if standardised else []) + (["shrunk"] if shrunk else [])
    rows = [
        BodyRow(u.label, _cells(u, texts, standardised=standardised, shrunk=shrunk))
        for u in _shown(found)
    ]
    whole = _cells(found.whole, texts, standardised=standardised, shrunk=shrunk)
    rows.append(BodyRow(texts.get("units.whole"), whole, BodyKind.TOTAL))
    together = ", ".join(found.parts)
    notes = [texts.get("compare.note_sum", option=found.option, parts=together)] * bool(together)
    notes += [texts.get("compare.note_changed")] * found.is_changed
    notes += [
        texts.get("compare.note_interval"),
        texts.get("compare.note_p"),
        texts.get("compare.note_rank"),
    ]
    if withheld_units(found):
        shown = texts.numbers.number(len(_shown(found)))
        notes.append(texts.get("compare.note_rank_shown", n=shown))
        notes += _withheld_notes(found, texts, len(found.units))
    notes += [texts.get("compare.note_standardised")] if standardised else []
    notes += [texts.get("compare.note_shrunk")] if shrunk else []
    if found.whole.percent is None:
        notes.append(texts.get("table.note_withheld", symbol=texts.get("symbols.withheld")))
    return TableBlock(
        id="",
        caption=texts.get("compare.caption", name=found.name, option=found.option),
        stub=texts.get("compare.unit"),
        head=(tuple(HeadCell(texts.get(f"compare.{key}")) for key in keys),),
        rows=tuple(rows),
        notes=tuple(notes),
    )


def overview_table(comparisons: Sequence[Comparison], texts: Texts) -> TableBlock:
    """Which units differ from the others on each answer, by the p that their tables print."""
    rows = []
    for found in comparisons:
        clear = [u for u in _shown(found) if _is_clear(u)]
        above = [u.label for u in clear if (u.difference or 0) > 0]
        below = [u.label for u in clear if (u.difference or 0) < 0]
        said = (", ".join(side) or texts.get("compare.overview_none") for side in (above, below))
        cells = tuple(BodyCell(text, unit="text") for text in said)
        rows.append(BodyRow(f"{found.name}: {found.option}", cells))
    heads = (texts.get("compare.overview_above"), texts.get("compare.overview_below"))
    return TableBlock(
        id="",
        caption=texts.get("compare.overview_caption"),
        stub=texts.get("compare.picker.question"),
        head=(tuple(HeadCell(head, is_number=False) for head in heads),),
        rows=tuple(rows),
        notes=(texts.get("compare.overview_note"),),
    )


def _is_clear(u: UnitFigure) -> bool:
    return u.adjusted_p is not None and round_half_up(u.adjusted_p, 3) < CLEAR


def dot_chart(found: Comparison, texts: Texts) -> ChartBlock | None:
    """Percent with interval for every unit shown, highest first, and a line for the whole.

    Withheld units are named in a note; None where no unit is shown.
    """
    units = _shown(found)
    if not units:
        return None
    drawn = _chart(
        ChartKind.DOTS,
        found,
        texts,
        tuple(u.label for u in units),
        tuple(_point(u, texts) for u in units),
    )
    crowded = [texts.get("compare.note_crowded")] * (len(units) > MOST_NAMED_DOTS)
    return replace(drawn, notes=(*crowded, *_withheld_notes(found, texts, NAMED_WITHHELD)))


def funnel_chart(found: Comparison, texts: Texts) -> ChartBlock | None:
    """Percent against base with control limits; None for fewer than five units."""
    units = [u for u in found.units if u.percent is not None and u.base]
    if len(units) < FUNNEL_FROM or found.whole.percent is None:
        return None
    points = []
    for u in units:
        low, high = funnel_limits(found.whole.percent, u.base or 1)
        shown = _point(u, texts)
        points.append(ChartPoint(shown.value, shown.text, low, high, Decimal(u.base or 0)))
    labels = tuple(u.label for u in units)
    drawn = _chart(ChartKind.FUNNEL, found, texts, labels, tuple(points))
    return replace(drawn, notes=tuple(_withheld_notes(found, texts, 0)))


def tile_chart(found: Comparison, texts: Texts) -> ChartBlock:
    """The units on a tile map of the counties; the caller knows that they are counties."""
    return _chart(
        ChartKind.TILES,
        found,
        texts,
        tuple(u.label for u in found.units),
        tuple(_point(u, texts, interval=False) for u in found.units),
    )


def unit_picker(
    units: Sequence[str], rows: Sequence[Picked], charts: Sequence[ChartBlock], texts: Texts
) -> Picker:
    """Return what lets a reader pick a unit and see it beside the whole."""
    places = {unit: place for place, unit in enumerate(units)}
    keys = ("n", "picked", "interval", "whole", "difference")
    words = {key: str(text) for key, text in texts.mapping("compare.picker").items()}
    words["nothing"] = texts.get("symbols.nothing")
    words["note"] = texts.get("table.note_withheld", symbol=texts.get("symbols.withheld"))
    return Picker(
        units=tuple(units),
        rows=tuple(rows),
        charts={c.id: tuple(places[label] for label in c.categories) for c in charts},
        words=words,
        heads=tuple(texts.get(f"compare.{key}") for key in keys),
    )


def _chart(
    kind: ChartKind,
    found: Comparison,
    texts: Texts,
    categories: tuple[str, ...],
    points: tuple[ChartPoint, ...],
) -> ChartBlock:
    whole = found.whole.percent
    unit = texts.numbers.percent
    shown = "; ".join(
        f"{label}: {p.text}{unit if p.value is not None else ''}"
        for label, p in zip(categories, points, strict=True)
    )
    reference = None if whole is None else round_half_up(whole, 1)
    return ChartBlock(
        id="",
        kind=kind,
        caption=texts.get(f"compare.chart_{kind.value}", name=found.name, option=found.option),
        categories=categories,
        series=(ChartSeries(found.option, points),),
        unit="percent",
        axis_title=texts.get("chart.percent_axis"),
        alt=texts.get("chart.alt_other", values=shown),
        data_table=comparison_table(found, texts),
        reference=None if kind is ChartKind.TILES else reference,
        reference_text=texts.get("units.whole"),
        x_title=texts.get("chart.count_axis") if kind is ChartKind.FUNNEL else "",
        interval_text=_interval_text(kind, texts),
    )


def _interval_text(kind: ChartKind, texts: Texts) -> str:
    if kind is ChartKind.DOTS:
        return texts.get("table.ci")
    return texts.get("compare.funnel_limits") if kind is ChartKind.FUNNEL else ""


def _point(u: UnitFigure, texts: Texts, *, interval: bool = True) -> ChartPoint:
    if u.percent is None:
        return ChartPoint(None, texts.get("symbols.withheld"), status="primary")
    value = round_half_up(u.percent, 1)
    ends = [
        None if end is None or not interval else round_half_up(end, 1) for end in (u.low, u.high)
    ]
    return ChartPoint(value, texts.numbers.number(value, 1), ends[0], ends[1])


def _shown(found: Comparison) -> list[UnitFigure]:
    """Return the units that are not withheld, highest first; ties in the codebook's order."""
    shown = [u for u in found.units if u.percent is not None]
    return sorted(shown, key=lambda u: -(u.percent or 0.0))


def withheld_units(found: Comparison) -> list[str]:
    """Return the names of the units whose percent is not shown, in the codebook's order."""
    return [u.label for u in found.units if u.percent is None]


def _withheld_notes(found: Comparison, texts: Texts, most: int) -> list[str]:
    """Say how many units are withheld, and which where they are not more than ``most``."""
    names = withheld_units(found)
    if not names:
        return []
    said = {"n": texts.numbers.number(len(names)), "all": texts.numbers.number(len(found.units))}
    if len(names) > most:
        return [texts.get("compare.note_withheld_short", **said)]
    return [texts.get("compare.note_withheld", units=", ".join(names), **said)]


def _cells(
    u: UnitFigure, texts: Texts, *, standardised: bool, shrunk: bool
) -> tuple[BodyCell, ...]:
    hidden = BodyCell(texts.get("symbols.withheld"), status="primary")
    nothing = BodyCell(texts.get("symbols.nothing"), status="none")
    base = hidden if u.base is None else BodyCell(texts.numbers.number(u.base), Decimal(u.base))
    if u.percent is None:
        rest = (hidden, nothing, nothing, nothing, nothing)
        return (base, *rest, *([nothing] * (standardised + shrunk)))
    interval = nothing
    if u.low is not None and u.high is not None:
        ends = (texts.numbers.number(end, 1) for end in (u.low, u.high))
        interval = BodyCell("\u2013".join(ends), unit="range")
    rank = nothing
    if u.best_rank is not None and u.worst_rank is not None:
        one = u.best_rank == u.worst_rank
        places = f"{u.best_rank}" if one else f"{u.best_rank}\u2013{u.worst_rank}"
        rank = BodyCell(places, unit="range")
    cells = [
        base,
        analysis_cell(AnalysisCell(u.percent, "percent", 1), texts),
        interval,
        analysis_cell(AnalysisCell(u.difference, "points", 1), texts),
        analysis_cell(AnalysisCell(u.adjusted_p, "p", 3), texts),
        rank,
    ]
    if standardised:
        cells.append(analysis_cell(AnalysisCell(u.standardised, "percent", 1), texts))
    if shrunk:
        cells.append(analysis_cell(AnalysisCell(u.shrunk, "percent", 1), texts))
    return tuple(cells)
