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

    from evaluation.published.lift.aligned import Column
    from evaluation.published.words import Words

MAX_LABEL_LINES = 7
MAX_LABEL = 420
"""Characters of the longest label."""
FULL_LINE = 0.93
"""A line longer than this part of a full one leaves no room for figures beside it: running text."""
MAX_COLUMNS = 16
MAX_REPEATED = 16
"""Lines of the longest heads that are looked for again on a new page."""
CELLS = (Kind.ROW, Kind.BLANK)
_YEAR = re.compile(r"(?:19|20)\d\d")
_SENTENCE = re.compile(r"[.!]$|[.?!]\s+[A-ZÅÄÖ]")


@dataclass(slots=True)
class Row:
    """Figures with the label lines before them.

    Attributes
    ----------
    items
        Lines that hold the figures (one, or one for each cell).
    before
        Text lines between the row above and this one, in order.
    after
        Text lines after the figures that the label goes on in.
    """

    items: list[Item]
    before: list[Item] = field(default_factory=list)
    after: list[Item] = field(default_factory=list)

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
        return (self.after[-1] if self.after else self.items[-1]).line.number


@dataclass(slots=True)
class Run:
    """Rows that follow one another with as many figures each.

    Attributes
    ----------
    start, end
        Positions of its first and last item among all items.
    columns
        Where its columns stand, None where the text does not keep them apart.
    """

    rows: list[Row]
    start: int
    end: int
    columns: list[Column] | None = None

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
    finder = _Finder(items, words, width)
    at = 0
    while at < len(items):
        at += finder.take(at)
    return finder.runs


@dataclass(slots=True)
class _Finder:
    """Goes through the items once; ``pending`` are text lines since the last row."""

    items: Sequence[Item]
    words: Words
    width: int
    runs: list[Run] = field(default_factory=list)
    current: Run | None = None
    pending: list[Item] = field(default_factory=list)

    def take(self, at: int) -> int:
        """Take up the item at a position; return how many items were used."""
        item, run = self.items[at], self.current
        if run is not None and not self.pending:
            repeated = _repeated_heads(self.items, at, run)
            if repeated:
                return repeated
        if item.kind is Kind.ROW:
            self._take_row(at, item)
        elif run is not None and item.kind is Kind.BLANK:
            if _is_next_cell(self.items, at, run, self.pending):
                self._add_cell(run, at, item)
        elif run is not None and self._is_label(at, item):
            self.pending.append(item)
        else:
            self.current, self.pending = None, []
        return 1

    def _is_label(self, at: int, item: Item) -> bool:
        return item.kind is Kind.TEXT or _is_total_label(self.items, at, self.words)

    def _take_row(self, at: int, item: Item) -> None:
        run, row = self.current, Row([item])
        if run is None:
            self._begin(at, row)
        elif _is_next_cell(self.items, at, run, self.pending):
            self._add_cell(run, at, item)
        elif _is_next_row(run, row, self.pending, self.words, self.width):
            row.before, self.pending = self.pending, []
            run.rows.append(row)
            run.end = at
        elif _is_in_label(self.items, at, run, self.pending, self.words, self.width):
            self.pending.append(item)
        else:
            self._begin(at, row)

    def _begin(self, at: int, row: Row) -> None:
        self.current, self.pending = Run([row], at, at), []
        self.runs.append(self.current)

    def _add_cell(self, run: Run, at: int, item: Item) -> None:
        run.rows[-1].items.append(item)
        run.end = at


def _repeated_heads(items: Sequence[Item], at: int, run: Run) -> int:
    """Return how many lines from here repeat the heads above the run: it goes on on a new page."""
    if at == 0 or items[at].line.page == items[at - 1].line.page:
        return 0
    window = [item.text for item in items[max(0, run.start - MAX_REPEATED) : run.start]]
    for size in range(MAX_REPEATED, 0, -1):
        here = items[at : at + size]
        texts = [item.text for item in here]
        is_head = size > 1 or here[0].kind is Kind.HEAD
        if is_head and any(window[i : i + size] == texts for i in range(len(window) - size + 1)):
            return size
    return 0


def _is_in_label(
    items: Sequence[Item],
    at: int,
    run: Run,
    pending: Sequence[Item],
    words: Words,
    width: int,
) -> bool:
    """Tell whether a line that ends with figures is part of a label: a fitting row soon follows."""
    between = [*pending, items[at]]
    for item in items[at + 1 : at + 1 + MAX_LABEL_LINES]:
        if item.kind is Kind.ROW and item.trail is not None:
            following = Row([item])
            fits = run.widths[0] in following.sizes and len(run.rows) > 1
            return fits and _is_next_row(run, following, between, words, width)
        if item.kind is not Kind.TEXT:
            return False
        between.append(item)
    return False


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
    if current.end != at - 1 or before.kind not in CELLS or not _is_single(before):
        return False
    # Where the rows above are complete with one figure, a new one has lost its label.
    return len(current.rows) == 1 or current.widths[0] > 1 or len(current.rows[-1].items) > 1


def _is_next_row(run: Run, row: Row, pending: Sequence[Item], words: Words, width: int) -> bool:
    """Tell whether a row can belong to a run, with the lines between as its label or head."""
    if len(pending) > MAX_LABEL_LINES or sum(len(p.text) for p in pending) > MAX_LABEL:
        return False
    if any(len(p.text) > FULL_LINE * width for p in pending) and width:
        return False
    if _is_running_text(run, row, pending, words):
        return False
    width_now = run.widths[0]
    also = sum(max(row.sizes) in r.sizes for r in run.rows)
    if width_now in row.sizes or 2 * also >= len(run.rows) or _is_growing(run, row):
        return True
    if min(row.sizes) == width_now + 1 and row.label and len(run.rows) > 1:
        # One number too many: the label ends with it, or a footnote mark stands before the cells.
        return True
    return _has_blanks(row, max(row.sizes), width_now)


def _is_running_text(run: Run, row: Row, pending: Sequence[Item], words: Words) -> bool:
    """Tell whether a line that ends with a number is text after the table.

    Sentences stand before it that are no part of its label, or it ends with a
    year where the rows above have other figures.
    """
    above, _ = split_before(Row(row.items, list(pending)), has_groups=False, words=words)
    if any(_SENTENCE.search(line) for line in above):
        return True
    figures = [i.trail.pieces[-1].text for r in run.rows for i in r.items[-1:] if i.trail]
    years = sum(bool(_YEAR.fullmatch(f)) for f in figures)
    is_year = bool(row.label) and bool(_YEAR.fullmatch(row.items[-1].line.words.split()[-1]))
    return is_year and run.widths[0] == 1 and 2 * years < len(figures)


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
