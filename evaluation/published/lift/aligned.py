"""Tables in text that keeps its columns apart, as ``pdftotext -layout`` writes it.

Here figures are told apart by wide gaps, a cell is empty where nothing stands
under its head, and a label goes on on the lines around its figures.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from evaluation.published.lift.heads import Heads, two_levels
from evaluation.published.lift.items import Item, Kind, is_open, join, starts_inside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.published.lift.rows import Row, Run
    from evaluation.published.lift.tokens import Piece
    from evaluation.published.words import Words

WIDE = 2
"""So many blanks keep columns apart; one can stand within a number."""
MOST = 0.6
"""Part of the rows whose last figure must end in the same column, give or take `SHIFT`."""
SHIFT = 2
MAX_AFTER = 4
_CHUNK = re.compile(r"\S+(?: \S+)*")


@dataclass(frozen=True, slots=True)
class Column:
    """Where a column stands, from the leftmost to the rightmost character of its figures."""

    start: int
    end: int

    def distance(self, start: int, end: int) -> float:
        """How far a piece of text stands from the column; negative where they overlap."""
        overlap = min(self.end, end) - max(self.start, start)
        return (
            -overlap if overlap > 0 else min(abs(self.end - end), abs(self.start - start), -overlap)
        )


@dataclass(frozen=True, slots=True)
class Chunk:
    """Words with single blanks between them, and where they stand."""

    text: str
    start: int
    end: int


def chunks(text: str) -> list[Chunk]:
    """Cut a line at wide gaps."""
    return [Chunk(m.group(), m.start(), m.end()) for m in _CHUNK.finditer(text)]


def grouped(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Put pieces with single blanks between them together to numbers."""
    groups: list[list[Piece]] = []
    for piece in pieces:
        is_inside = bool(groups) and piece.text[0] in "([" and piece.gap <= WIDE
        if is_inside or (groups and piece.gap < WIDE and _is_part(piece, groups[-1])):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return groups


def _is_part(piece: Piece, group: Sequence[Piece]) -> bool:
    lead = re.fullmatch(r"[-+\u2212\u2013]?\d{1,3}", group[0].text)
    return bool(lead) and bool(re.fullmatch(r"\d{3}(?:[.,]\d+)?%?", piece.text))


def columns_of(run: Run) -> list[Column] | None:
    """Return where the columns of a run stand, None where its text is not kept in columns."""
    rows = [_groups(row) for row in run.rows]
    width, times = Counter(len(groups) for groups in rows).most_common(1)[0]
    full = [groups for groups in rows if len(groups) == width]
    if times < MOST * len(rows) or not _is_apart(run, full):
        return None
    ends = Counter(groups[-1][-1].end for groups in full)
    usual = ends.most_common(1)[0][0]
    near = sum(n for end, n in ends.items() if abs(end - usual) <= SHIFT)
    if near < MOST * len(full):
        return None
    return [
        Column(min(g[i][0].start for g in full), max(g[i][-1].end for g in full))
        for i in range(width)
    ]


def _groups(row: Row) -> list[list[Piece]]:
    trail = row.items[0].trail
    return grouped(trail.pieces) if trail else []


def _is_apart(run: Run, full: Sequence[Sequence[Sequence[Piece]]]) -> bool:
    """Labels and figures, and figures among themselves, stand wide apart in most rows."""
    labelled = [row for row in run.rows if row.label]
    wide = [row for row in labelled if _groups(row)[0][0].gap >= WIDE]
    inner = [g for groups in full for g in groups[1:]]
    apart = [g for g in inner if g[0].gap >= WIDE]
    if any(len(row.items) > 1 for row in run.rows):
        return False
    return bool(wide) and len(wide) >= MOST * len(labelled) and len(apart) >= MOST * len(inner)


def cells_in(row: Row, columns: Sequence[Column]) -> tuple[str, list[str | None]]:
    """Put a row's figures into the columns that they stand under.

    Returns
    -------
    (what is part of the label though it is a number, a cell for each column)
    """
    cells: list[str | None] = [None] * len(columns)
    groups = _groups(row)
    inside: list[str] = []
    while len(groups) > len(columns) and row.label and groups[0][0].gap < WIDE:
        inside += [p.text for p in groups.pop(0)]
    if len(groups) == len(columns):
        return " ".join(inside), [" ".join(p.text for p in g) for g in groups]
    for group in groups:
        start, end = group[0].start, group[-1].end
        at = min(range(len(columns)), key=lambda i: columns[i].distance(start, end))
        text = " ".join(p.text for p in group)
        cells[at] = text if cells[at] is None else f"{cells[at]} {text}"
    return " ".join(inside), cells


# --- labels --------------------------------------------------------------------


def settle_labels(run: Run, items: Sequence[Item], words: Words) -> None:
    """Give every line between two rows to the label that it is part of.

    A line that goes on in lower case, or after a label that is left open,
    belongs to the row above; the lines below the last row likewise.
    """
    for above, row in pairwise(run.rows):
        if not row.before:
            continue
        taken = _belonging(above, row.before, words)
        above.after += row.before[:taken]
        row.before = row.before[taken:]
    last = run.rows[-1]
    label = last.before[0] if last.before and not last.label else last.items[-1]
    below = _next_lines(items, run.end, _indent(label))
    last.after += below[: _belonging(last, below, words)]
    run.end += len(last.after)


def settle_pages(run: Run, words: Words) -> None:
    """Give the first lines of a page to the label above, where a page break cut it in two."""
    for above, row in pairwise(run.rows):
        if row.before and row.before[0].line.page != above.items[-1].line.page:
            taken = _belonging(above, row.before, words)
            above.after += row.before[:taken]
            row.before = row.before[taken:]


def _next_lines(items: Sequence[Item], end: int, indent: int) -> list[Item]:
    """Return the lines right below the last row that begin where its label does."""
    found = []
    previous = items[end]
    for item in items[end + 1 : end + 1 + MAX_AFTER]:
        is_next = item.line.number == previous.line.number + 1
        is_narrow = len(chunks(item.line.text)) == 1 and _indent(item) == indent
        if item.kind is not Kind.TEXT or not is_next or not is_narrow:
            break
        found.append(item)
        previous = item
    return found


def _indent(item: Item) -> int:
    return len(item.line.text) - len(item.line.text.lstrip())


def _belonging(row: Row, lines: Sequence[Item], words: Words) -> int:
    """Return how many of the lines go on from a row's label."""
    previous = row.label or (row.before[-1].text if row.before else "")
    taken = 0
    for item in lines:
        if not (starts_inside(item.text) or is_open(previous, words)):
            break
        previous = item.text
        taken += 1
    return taken


# --- heads ---------------------------------------------------------------------


def heads_over(
    lines: Sequence[Item], columns: Sequence[Column], words: Words, width: int
) -> Heads | None:
    """Read the heads that stand over columns, from the rows upwards.

    Parameters
    ----------
    lines
        Lines between the caption, or the table before, and the first row.
    columns
        Where the columns stand.
    words
        Words that leave a line open.
    width
        Length of a full line.
    """
    left = columns[0].start
    first = last = len(lines)
    while first and _is_head_line(lines[first - 1], left, width):
        first -= 1
    while first < last and _is_beside(lines[first], left):
        first += 1
    while last > first and _is_beside(lines[last - 1], left):
        last -= 1
    own = lines[first:last]
    texts = [item.text for item in own]
    used = range(first, last)
    two = two_levels(texts, len(columns), words)
    if two is not None:
        return replace(two, used=used)
    stub, heads = _by_place(own, columns, words)
    if not any(heads):
        return None
    named = tuple(head or str(i + 1) for i, head in enumerate(heads))
    is_guess = not all(heads)
    return Heads((stub,) if stub else (), (), named, used, is_guess, " ".join(texts))


def _by_place(
    lines: Sequence[Item], columns: Sequence[Column], words: Words
) -> tuple[str, list[str]]:
    """Return the stub's head, and what stands over each column."""
    left = columns[0].start
    stub: list[str] = []
    over: list[list[Chunk]] = []
    for item in lines:
        own = chunks(item.line.text)
        beside = [c for c in own if c.end < left and c.start < left / 2]
        stub += [c.text for c in beside]
        over.append(own[len(beside) :])
    # Where a line has a head for every column, those of other lines stand under or over them.
    full = next((line for line in reversed(over) if len(line) == len(columns)), None)
    places = [Column(c.start, c.end) for c in full] if full else list(columns)
    parts: list[list[str]] = [[] for _ in columns]
    for line in over:
        for at, chunk in enumerate(line):
            distances = [place.distance(chunk.start, chunk.end) for place in places]
            nearest = distances.index(min(distances))
            parts[at if len(line) == len(columns) else nearest].append(chunk.text)
    return join(stub, words), [join(p, words) for p in parts]


def _is_beside(item: Item, left: int) -> bool:
    """Nothing of the line stands over the figures."""
    return all(chunk.end < left for chunk in chunks(item.line.text))


def _is_head_line(item: Item, left: int, width: int) -> bool:
    """Tell whether a line may be heads: no caption, no running text."""
    if item.kind in (Kind.CAPTION, Kind.FIGURE, Kind.SECTION):
        return False
    own = chunks(item.line.text)
    if len(own) == 1 and own[0].start < left / 2 and own[0].end > left:
        return False
    return len(item.text) <= width and not item.text.endswith(".")
