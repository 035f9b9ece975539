"""Which runs of rows are tables, and what belongs to each: caption, heads, labels, notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evaluation.published.lift.aligned import (
    Column,
    columns_of,
    heads_over,
    settle_labels,
    settle_pages,
)
from evaluation.published.lift.captions import (
    MAX_DISTANCE,
    Caption,
    caption_after,
    caption_before,
    captions_below,
    notes_below,
    question_above,
)
from evaluation.published.lift.heads import Heads, find_heads, says_measure
from evaluation.published.lift.items import MAX_STUB, Item, Kind, join, starts_inside
from evaluation.published.lift.rows import FULL_LINE, Row, Run, find_runs, split_before
from evaluation.published.words import YEAR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.published.lift.lines import Source
    from evaluation.published.words import Words

MAX_ZONE = 45
"""Lines above the first row that are looked at."""
ENOUGH = 2
"""Evidence that makes rows a table; see `_evidence`."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that the draft is unsure of: key under ``lift.doubts`` and its values."""

    code: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class FoundRow:
    """A row: its label, the head of the group that it begins, its figures."""

    label: str
    group: str
    row: Row


@dataclass(slots=True)
class FoundTable:
    """A table as found in the text.

    Attributes
    ----------
    width
        Number of columns.
    heads
        None where they were not found.
    caption
        None where there is none.
    section
        Number of the section that it stands in, "" where unknown.
    at
        Where its columns stand, None where the text does not keep them apart.
    """

    rows: list[FoundRow]
    width: int
    heads: Heads | None
    caption: Caption | None
    notes: list[str]
    section: str
    page: str
    first: int
    last: int
    start: int
    end: int
    at: list[Column] | None = None
    doubts: list[Doubt] = field(default_factory=list)


def find_tables(source: Source, items: Sequence[Item], words: Words) -> list[FoundTable]:
    """Return the tables of a report in order."""
    width = source.width
    runs = find_runs(items, words, width)
    for run in runs:
        run.take_years_as_labels()
        run.columns = columns_of(run)
        if run.columns is not None:
            settle_labels(run, items, words)
        else:
            settle_pages(run, words)
    below = captions_below(items, runs)
    tables: list[FoundTable] = []
    floor = 0
    for run in runs:
        table = _read_run(items, run, floor, words, width, below=below)
        if table is None:
            continue
        if tables and _goes_on(tables[-1], table, items):
            _merge(tables[-1], table)
        else:
            tables.append(table)
        floor = max(run.end, table.end) + 1
    return tables


def _read_run(
    items: Sequence[Item], run: Run, floor: int, words: Words, line_width: int, *, below: bool
) -> FoundTable | None:
    """Read the surroundings of a run; None where it is no table."""
    at = run.columns
    floor = _zone_start(items, run, floor)
    under = _caption_under(items, run, words, line_width) if below else None
    caption = None if below else _caption_above(items, run, floor, words, line_width)
    start = caption.last + 1 if caption else floor
    zone = items[start : run.start]
    has_label = bool(run.rows[0].label)
    if at is not None:
        columns, heads = len(at), heads_over(zone, at, words, line_width)
    else:
        columns, heads = _columns(run, zone, caption, has_label, words, line_width)
    if heads is not None and caption is None and under is None:
        caption, heads = _question(items, start, heads, floor, words)
    caption = under or caption
    figure = _is_chart(items, run, floor, caption)
    if _evidence(run, columns, heads, caption, words, line_width, is_chart=figure) < ENOUGH:
        return None
    after_heads = (
        start + heads.used.stop if heads else (caption.last + 1 if caption and not under else None)
    )
    run.rows[0].before = _first_label(items, run, after_heads, has_label=has_label)
    rows = _found_rows(run, words)
    end = under.last if under else run.end
    return FoundTable(
        rows=rows,
        width=columns,
        heads=heads,
        caption=caption,
        notes=notes_below(items, end, words),
        section=_section(items, run.start),
        page=items[run.start].line.page,
        first=_first_line(items, run, caption, heads, start),
        last=run.rows[-1].last,
        start=run.start,
        end=end,
        at=at,
    )


def _columns(
    run: Run,
    zone: Sequence[Item],
    caption: Caption | None,
    has_label: bool,
    words: Words,
    line_width: int,
) -> tuple[int, Heads | None]:
    """Return how many columns a run has, and their heads: the likeliest number that has some."""
    for columns in run.widths:
        heads = find_heads(
            zone,
            columns,
            words,
            has_caption=caption is not None,
            labels_after=not has_label,
            line_width=line_width,
        )
        if heads is not None:
            return columns, heads
    return run.widths[0], None


# --- surroundings --------------------------------------------------------------


def _zone_start(items: Sequence[Item], run: Run, floor: int) -> int:
    """Return where to begin looking: after the table before, or the last section's head."""
    low = max(floor, run.start - MAX_ZONE)
    sections = [i for i in range(low, run.start) if items[i].kind is Kind.SECTION]
    return sections[-1] + 1 if sections else low


def _caption_above(
    items: Sequence[Item], run: Run, floor: int, words: Words, width: int
) -> Caption | None:
    low = max(floor, run.start - MAX_DISTANCE)
    found = [i for i in range(low, run.start) if items[i].kind is Kind.CAPTION]
    return caption_before(items, found[-1], run.start, words, width) if found else None


def _caption_under(items: Sequence[Item], run: Run, words: Words, width: int) -> Caption | None:
    at = run.end + 1
    if at < len(items) and items[at].kind is Kind.CAPTION:
        return caption_after(items, at, words, width)
    return None


def _question(
    items: Sequence[Item], start: int, heads: Heads, floor: int, words: Words
) -> tuple[Caption | None, Heads]:
    """Find the question above the heads; it may end on their line."""
    stub = " ".join(heads.stub)
    at = start + heads.used.start
    if len(stub.split()) <= MAX_STUB:
        return question_above(items, at, floor, words), heads
    heads = Heads((), heads.groups, heads.columns, heads.used, heads.is_guess, heads.text)
    above = question_above(items, at, floor, words) if starts_inside(stub) else None
    if above is None:
        return Caption(stub, at, at, is_marked=False), heads
    return Caption(join([above.text, stub], words), above.first, at, is_marked=False), heads


def _is_chart(items: Sequence[Item], run: Run, floor: int, caption: Caption | None) -> bool:
    """The caption nearest above is that of a figure."""
    low = max(floor, run.start - MAX_DISTANCE)
    figures = [i for i in range(low, run.start) if items[i].kind is Kind.FIGURE]
    return bool(figures) and (
        caption is None or not caption.is_marked or caption.first < figures[-1]
    )


def _section(items: Sequence[Item], at: int) -> str:
    return next((i.rest for i in reversed(items[:at]) if i.kind is Kind.SECTION), "")


def _first_line(
    items: Sequence[Item], run: Run, caption: Caption | None, heads: Heads | None, start: int
) -> int:
    places = [run.start]
    if caption and caption.first < run.start:
        places.append(caption.first)
    if heads:
        places.append(start + heads.used.start)
    first = min(places)
    return (
        min(items[first].line.number, run.rows[0].first)
        if first == run.start
        else items[first].line.number
    )


# --- evidence ------------------------------------------------------------------


def _evidence(
    run: Run,
    columns: int,
    heads: Heads | None,
    caption: Caption | None,
    words: Words,
    line_width: int,
    *,
    is_chart: bool,
) -> int:
    """Weigh what speaks for a table.

    A marked caption 3, known heads 2, other heads 1, percents or decimals in
    most rows 1, three columns of three rows 1, four rows of two columns 1.
    Against it: a single row 3, a figure's caption 3, and most rows in lines
    of full width (running text that happens to end with numbers) 4. One
    column alone is no table without a caption or known heads.
    """
    known = sum(says_measure(h, words) for h in heads.columns) if heads else 0
    marked = caption is not None and caption.is_marked
    rows = len(run.rows)
    score = 3 if marked else 0
    score += (2 if known else 1) if heads else 0
    if columns > 1:
        score += 1 if 5 * sum(_has_percent(r) for r in run.rows) >= 4 * rows else 0
        score += 1 if columns > 2 and rows > 2 else 0
        score += 1 if rows > 3 else 0
    elif rows < (2 if known else 3) or not (marked or known) or _are_years(run, heads):
        return 0
    # Running text that ends with numbers: sentences stand where heads of groups would.
    score -= 2 * sum(
        r.label != "" and any(_is_sentence(b.text) for b in r.before) for r in run.rows
    )
    full = sum(len(r.items[-1].text) > FULL_LINE * line_width for r in run.rows)
    score -= 4 if 2 * full > rows else 0
    score -= 3 if rows == 1 else 0
    return score - (3 if is_chart else 0)


def _are_years(run: Run, heads: Heads | None) -> bool:
    """Every figure is a year and nothing stands over them: references."""
    figures = [i.trail.pieces[-1].text for r in run.rows for i in r.items if i.trail]
    return heads is None and all(YEAR.fullmatch(f) for f in figures)


def _is_sentence(text: str) -> bool:
    return text.endswith((".", "!")) and len(text.split()) > MAX_STUB


def _has_percent(row: Row) -> bool:
    return any("%" in p.text or "," in p.text for i in row.items if i.trail for p in i.trail.pieces)


# --- rows ----------------------------------------------------------------------


def _first_label(
    items: Sequence[Item], run: Run, after_heads: int | None, *, has_label: bool
) -> list[Item]:
    """Return the lines between heads and first row: its label, or a group's head."""
    if after_heads is not None:
        return list(items[after_heads : run.start])
    if has_label:
        return []
    at = run.start - 1
    while at > 0 and items[at].kind is Kind.TEXT and starts_inside(items[at].text):
        at -= 1
    return [i for i in items[at : run.start] if i.kind is Kind.TEXT]


def _found_rows(run: Run, words: Words) -> list[FoundRow]:
    """Part labels from heads of groups, and carry a head to the rows after it."""
    with_own = [r for r in run.rows if r.label and r.before]
    has_groups = any(split_before(r, has_groups=False, words=words)[0] for r in with_own)
    found = []
    group = ""
    for row in run.rows:
        above, label = split_before(row, has_groups=has_groups, words=words)
        group = join(above, words) if above else group
        label += [item.text for item in row.after]
        found.append(FoundRow(join(label, words), group, row))
    return found


# --- tables in parts -----------------------------------------------------------


def _goes_on(before: FoundTable, table: FoundTable, items: Sequence[Item]) -> bool:
    """Tell whether a table goes on from the one before: the same heads, and nothing between."""
    if table.heads is None or before.heads is None or before.width != table.width:
        return False
    if table.heads.columns != before.heads.columns or table.heads.groups != before.heads.groups:
        return False
    if table.caption is not None and table.caption.first > before.end:
        return False
    between = items[before.end + 1 : table.start]
    used = len(table.heads.used)
    labels = len(table.rows[0].row.before)
    return len(between) <= used + labels


def _merge(before: FoundTable, table: FoundTable) -> None:
    """Add the rows of a table's second part, under the heads of their labels as groups."""
    first = " ".join(before.heads.stub) if before.heads else ""
    second = " ".join(table.heads.stub) if table.heads else ""
    if first != second:
        for rows, name in ((before.rows, first), (table.rows, second)):
            for row in rows:
                row.group = row.group or name
    before.rows += table.rows
    before.notes = table.notes
    before.last, before.end = table.last, table.end
    before.doubts.append(Doubt("merged"))
