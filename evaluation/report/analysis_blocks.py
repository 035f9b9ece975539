"""Analyses as printed: tables, a forest plot, a curve of break-off, a series of waves."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from evaluation.report.model import (
    BodyCell,
    BodyKind,
    BodyRow,
    ChartBlock,
    ChartKind,
    ChartPoint,
    ChartSeries,
    HeadCell,
    TableBlock,
)
from evaluation.report.plain_tables import symbol_notes
from evaluation.rounding import round_half_up
from evaluation.tables.analyses.spec import AnalysisCell

if TYPE_CHECKING:
    from evaluation.protection.analyses import ProtectedAnalysis
    from evaluation.texts import Texts


MANY = 15
"""Questions from which a curve of break-off has figures at its end only."""


def analysis_block(
    found: ProtectedAnalysis,
    texts: Texts,
    *,
    id: str = "",  # noqa: A002
    caption: str = "",
    note: str = "",
) -> TableBlock:
    """Lay out an analysis; one that is withheld says so in place of its rows."""
    total = texts.get("table.total")
    rows = tuple(
        BodyRow(
            label,
            tuple(analysis_cell(cell, texts) for cell in cells),
            BodyKind.TOTAL if label == total else BodyKind.NORMAL,
        )
        for label, cells in found.rows
    )
    head: tuple[tuple[HeadCell, ...], ...] = (tuple(HeadCell(text) for text in found.head),)
    explained = symbol_notes(rows, texts)
    if not found.is_shown:
        symbol = BodyCell(texts.get("symbols.withheld"), status="primary")
        head = ((HeadCell(texts.get("table.n")),),)
        rows = (BodyRow(texts.get("analysis.withheld"), (symbol,)),)
    return TableBlock(
        id=id,
        caption=caption or found.title,
        stub=found.stub,
        head=head,
        rows=rows,
        notes=((note,) if note else ()) + explained,
        tests=found.sentences,
    )


def analysis_cell(cell: AnalysisCell, texts: Texts) -> BodyCell:
    """Write one figure of an analysis."""
    if cell.is_withheld:
        return BodyCell(texts.get("symbols.withheld"), status="secondary")
    if cell.value is None:
        return BodyCell(texts.get("symbols.nothing"), None, 0, "number", "none")
    if cell.unit == "p":
        return _p_cell(cell.value, texts)
    value = round_half_up(cell.value, cell.decimals)
    unit = {"points": "number"}.get(cell.unit, cell.unit)
    return BodyCell(texts.numbers.number(value, cell.decimals), value, cell.decimals, unit)


def _p_cell(value: float, texts: Texts) -> BodyCell:
    smallest = Decimal("0.001")
    exact = Decimal(repr(value))
    if exact < smallest:
        return BodyCell(f"< {texts.numbers.number(smallest, 3)}", None, 3, "number")
    rounded = round_half_up(exact, 3)
    return BodyCell(texts.numbers.number(rounded, 3), rounded, 3, "number")


def forest_block(
    found: ProtectedAnalysis,
    texts: Texts,
    id: str,  # noqa: A002
    caption: str,
) -> ChartBlock:
    """Odds ratios with their limits, one row per term; the reference line is 1."""
    points, categories = [], []
    for label, cells in found.rows:
        _, ratio, low, high, _ = cells
        if ratio.value is None:
            continue
        categories.append(label)
        shown = round_half_up(ratio.value, 2)
        ends = [None if end.value is None else round_half_up(end.value, 2) for end in (low, high)]
        points.append(ChartPoint(shown, texts.numbers.number(shown, 2), ends[0], ends[1]))
    title = texts.get("analysis.odds_ratio")
    values = "; ".join(f"{c}: {p.text}" for c, p in zip(categories, points, strict=True))
    return ChartBlock(
        id=id,
        kind=ChartKind.FOREST,
        caption=caption or found.title,
        categories=tuple(categories),
        series=(ChartSeries(title, tuple(points)),),
        unit="ratio",
        axis_title=title,
        alt=texts.get("chart.alt_other", values=values),
        data_table=analysis_block(found, texts),
        notes=found.sentences,
        reference=Decimal(1),
        decimals=2,
    )


def series_block(
    found: ProtectedAnalysis,
    texts: Texts,
    id: str,  # noqa: A002
    caption: str,
) -> ChartBlock:
    """A share or a mean through its waves, with intervals; a line for each unbroken stretch.

    The cells of a series are n, value, low, high and the change since the wave before.
    """
    stretches: list[list[int]] = [[]]
    for place, (_, cells) in enumerate(found.rows):
        if place and cells[4].value is None:
            stretches.append([])
        stretches[-1].append(place)
    labels = [label for label, _ in found.rows]
    is_percent = found.rows[0][1][1].unit == "percent"
    series = tuple(_stretch(found, texts, places) for places in stretches)
    title = found.head[1]
    alt = "; ".join(f"{label}: {_text(cells[1], texts)}" for label, cells in found.rows)
    return ChartBlock(
        id=id,
        kind=ChartKind.LINE,
        caption=caption or found.title,
        categories=tuple(labels),
        series=series,
        unit="percent" if is_percent else "number",
        axis_title=title,
        alt=texts.get("chart.alt_other", values=alt),
        data_table=analysis_block(found, texts),
        notes=tuple(s for s in found.sentences if s != texts.get("analysis.series_note")),
        decimals=found.rows[0][1][1].decimals,
        axis_max=Decimal(100) if is_percent else None,
        x_title=found.stub,
        interval_text=texts.get("table.ci"),
    )


def break_off_block(
    found: ProtectedAnalysis,
    texts: Texts,
    id: str,  # noqa: A002
    caption: str,
) -> ChartBlock:
    """Percent still answering, question by question; the questions are numbered."""
    points = []
    before = _text(AnalysisCell(100.0, "percent", 1), texts)
    for place, (_, (_, still)) in enumerate(found.rows, 1):
        value = None if still.value is None else round_half_up(still.value, still.decimals)
        text = _text(still, texts)
        is_last = place == len(found.rows)
        # a label where the curve falls, and none over each other
        written = text if is_last or (text != before and len(found.rows) <= MANY) else ""
        points.append(ChartPoint(value, written))
        before = text
    labels = tuple(str(place) for place in range(1, len(points) + 1))
    values = "; ".join(f"{label}: {_text(cells[1], texts)}" for label, cells in found.rows)
    return ChartBlock(
        id=id,
        kind=ChartKind.LINE,
        caption=caption or found.title,
        categories=labels,
        series=(ChartSeries(found.head[1], tuple(points)),),
        unit="percent",
        axis_title=found.head[1],
        alt=texts.get("chart.alt_other", values=values),
        data_table=analysis_block(found, texts),
        notes=found.sentences,
        axis_max=Decimal(100),
        x_title=texts.get("analysis.question_number"),
    )


def _stretch(found: ProtectedAnalysis, texts: Texts, places: list[int]) -> ChartSeries:
    """Return one series with points at its own waves alone, named by its first and last."""
    points = []
    for place, (_, cells) in enumerate(found.rows):
        if place not in places or cells[1].value is None:
            points.append(ChartPoint(None, "", status="none"))
            continue
        value, low, high = (
            None if c.value is None else round_half_up(c.value, c.decimals) for c in cells[1:4]
        )
        points.append(ChartPoint(value, _text(cells[1], texts), low, high))
    first, last = (_plain_label(found, texts, places[i]) for i in (0, -1))
    name = first if first == last else f"{first}\u2013{last}"
    return ChartSeries(name, tuple(points))


def _plain_label(found: ProtectedAnalysis, texts: Texts, place: int) -> str:
    """Return the name of a wave without the mark of a break."""
    mark = texts.get("analysis.after_break", label="")
    return found.rows[place][0].removesuffix(mark)


def _text(cell: AnalysisCell, texts: Texts) -> str:
    return analysis_cell(cell, texts).text
