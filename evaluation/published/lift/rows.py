"""Rows of figures, and runs of rows that may be one table."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING

from evaluation.published.lift.items import Item, Kind, is_open, starts_inside
from evaluation.published.lift.tokens import Trail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.published.words import Words

MAX_LABEL_LINES = 7
MAX_LABEL = 420
"""Characters of the longest label."""
FULL_LINE = 0.93
"""A line longer than this part of a full one leaves no room for figures beside it: running text."""
MAX_COLUMNS = 16
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(slots=True)
class Row:
    """Figures with the label lines before them.

    Attributes
    ----------
    items
        Lines that hold the figures (one, or one for each cell).
    before
        Text lines between the row above and this one, in order.
    """

    items: list[Item]
    before: list[Item] = field(default_factory=list)

    @property
    def label(self) -> str:
        """What stands before the figures on their own line."""
        return self.items[0].trail.label if self.items[0].trail else ""

    @property
    def readings(self) -> tuple[tuple[str, ...], ...]:
        """Every way to read the figures as numbers, most numbers first."""
        parts = [item.trail.partitions for item in self.items if item.trail]
        if len(parts) == 1:
            return parts[0]
        made = {tuple(c for cells in one for c in cells) for one in product(*parts[:MAX_COLUMNS])}
        return tuple(sorted(made, key=len, reverse=True))

    def take_first_as_label(self) -> None:
        """Make the first figure the label: a year."""
        item = self.items[0]
        if item.trail is not None:
            first, *rest = item.trail.pieces
            self.items[0] = replace(item, trail=Trail(first.text, tuple(rest)))

    @property
    def sizes(self) -> frozenset[int]:
        """How many numbers there may be."""
        return frozenset(len(r) for r in self.readings)

    @property
    def raw(self) -> str:
        """The lines that hold the figures, as they stand."""
        return " / ".join(item.line.text for item in self.items)

    @property
    def first(self) -> int:
        """Number of its first line."""
        return (self.before[0] if self.before else self.items[0]).line.number

    @property
    def last(self) -> int:
        """Number of its last line."""
        return self.items[-1].line.number


@dataclass(slots=True)
class Run:
    """Rows that follow one another with as many figures each.

    Attributes
    ----------
    start, end
        Positions of its first and last item among all items.
    """

    rows: list[Row]
    start: int
    end: int

    @property
    def widths(self) -> list[int]:
        """How many columns it may have, likeliest first.

        A number counts whole for a row that has so many figures when blanks
        group no more thousands than they must, half where they can group more.
        """
        votes: dict[int, float] = {}
        for row in self.rows:
            natural = max(row.sizes)
            for n in row.sizes:
                votes[n] = votes.get(n, 0.0) + (1.0 if n == natural else 0.5)
        return sorted(votes, key=lambda n: (-votes[n], -n))

    def take_years_as_labels(self) -> None:
        """Where every row is a year and figures, make the year its label."""
        pieces = [row.items[0].trail.pieces for row in self.rows if row.items[0].trail]
        is_stub = all(len(p) > 1 and _YEAR.fullmatch(p[0].text) for p in pieces)
        if is_stub and not any(row.label for row in self.rows):
            for row in self.rows:
                row.take_first_as_label()


def find_runs(items: Sequence[Item], words: Words, width: int) -> list[Run]:
    """Return runs of rows in order; heads, captions and running text end a run.

    Parameters
    ----------
    items
        Lines of the report.
    words
        Words that leave a line open.
    width
        Length of a full line.
    """
    runs: list[Run] = []
    current: Run | None = None
    pending: list[Item] = []
    for at, item in enumerate(items):
        if item.kind is Kind.ROW:
            if current is not None and _is_next_cell(items, at, current, pending):
                current.rows[-1].items.append(item)
                current.end = at
                continue
            row = Row([item])
            if current is not None and _is_next_row(current, row, pending, width):
                row.before = pending
                current.rows.append(row)
                current.end = at
            else:
                current = Run([row], at, at)
                runs.append(current)
            pending = []
        elif current is not None and (item.kind is Kind.TEXT or _is_total_label(items, at, words)):
            pending.append(item)
        else:
            current = None
            pending = []
    return runs


def _is_total_label(items: Sequence[Item], at: int, words: Words) -> bool:
    """A word for a total alone on its line, and a row with a label after it."""
    item = items[at]
    after = items[at + 1] if at + 1 < len(items) else None
    is_row = after is not None and after.trail is not None and after.kind is Kind.ROW
    return item.kind is Kind.HEAD and is_row and words.is_total(item.text)


def _is_single(item: Item) -> bool:
    return item.trail is not None and 1 in item.trail.sizes


def _is_next_cell(items: Sequence[Item], at: int, current: Run, pending: Sequence[Item]) -> bool:
    """Tell whether a line is one more cell of the row above: a single number without a label."""
    item, before = items[at], items[at - 1]
    if pending or item.trail is None or item.trail.label or not _is_single(item):
        return False
    if current.end != at - 1 or before.kind is not Kind.ROW or not _is_single(before):
        return False
    # Where the rows above are complete with one figure, a new one has lost its label.
    return len(current.rows) == 1 or current.widths[0] > 1 or len(current.rows[-1].items) > 1


def _is_next_row(run: Run, row: Row, pending: Sequence[Item], width: int) -> bool:
    """Tell whether a row can belong to a run, with the lines between as its label or head."""
    if len(pending) > MAX_LABEL_LINES or sum(len(p.text) for p in pending) > MAX_LABEL:
        return False
    if any(len(p.text) > FULL_LINE * width for p in pending) and width:
        return False
    width_now = run.widths[0]
    also = sum(max(row.sizes) in r.sizes for r in run.rows)
    if width_now in row.sizes or 2 * also >= len(run.rows) or _is_growing(run, row):
        return True
    if min(row.sizes) == width_now + 1 and row.label and len(run.rows) > 1:
        # One number too many: the label ends with it, or a footnote mark stands before the cells.
        return True
    return _has_blanks(row, max(row.sizes), width_now)


def _is_growing(run: Run, row: Row) -> bool:
    """A first cell of a row whose cells stand on a line each."""
    return len(run.rows[-1].items) > 1 and row.sizes == {1}


def _has_blanks(row: Row, most: int, widest: int) -> bool:
    """Fewer figures than columns, with wider gaps that show where cells are empty."""
    if most >= widest or widest < 2:
        return False
    text = row.items[-1].line.text
    trail = row.items[-1].trail
    gaps = sum(p.gap - 1 for p in trail.pieces if p.gap > 1) if trail else 0
    if trail and not trail.label:
        gaps = (
            sum(p.gap - 1 for p in trail.pieces[1:] if p.gap > 1) + len(text) - len(text.lstrip())
        )
    return gaps >= 1 and (most >= widest / 2 or gaps >= widest - most)


# --- labels --------------------------------------------------------------------


def split_before(row: Row, *, has_groups: bool, words: Words) -> tuple[list[str], list[str]]:
    """Part the lines before a row's figures into a head of a group and the row's label.

    Parameters
    ----------
    row
        With its lines.
    has_groups
        Other rows of the table have a head of a group before them.
    words
        Words that leave a line open.

    Returns
    -------
    (lines of the group's head, lines of the label)
    """
    lines = [item.text for item in row.before]
    if not lines:
        return [], [row.label] if row.label else []
    if row.label:
        at = len(lines)
        following = row.label
        while at and (starts_inside(following) or is_open(lines[at - 1], words)):
            at -= 1
            following = lines[at]
        return lines[:at], [*lines[at:], row.label]
    if not has_groups:
        return [], lines
    at = len(lines) - 1
    while at and (starts_inside(lines[at]) or is_open(lines[at - 1], words)):
        at -= 1
    return lines[:at], lines[at:]
