"""Where the head of a sheet stands, how many rows it has, and one unique name per column."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.model import column_letter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.loading.grid import Grid, Texts

SCAN_ROWS = 40
"""Rows at the top among which the head is looked for."""

PREAMBLE_SHARE = 0.34
"""A row with a smaller share of filled cells than this, above a fuller one, is a note."""

SAMPLE_ROWS = 300
"""Data rows that a second head row is compared with."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a sheet.

    Attributes
    ----------
    rows
        0-based rows of the grid that make up the head, top to bottom.
    first_data
        0-based row where answers begin.
    texts
        Per head row its cells, cleaned of line breaks and surplus blanks.
    """

    rows: tuple[int, ...]
    first_data: int
    texts: tuple[Texts, ...]


def clean_head(text: str) -> str:
    """Return a head on one line: line breaks, tabs and no-break spaces as one blank."""
    return " ".join(text.replace("\u200b", "").replace("\ufeff", "").split())


def find_head(grid: Grid, *, header_rows: int | None = None, skip_rows: int | None = None) -> Head:
    """Find the head of a sheet.

    Parameters
    ----------
    grid
        A sheet.
    header_rows, skip_rows
        Number of head rows and of rows above them, where they are known.
    """
    top = skip_rows if skip_rows is not None else _first_head_row(grid)
    top = min(top, max(0, grid.n_rows - 1))
    n = header_rows or _count_head_rows(grid, top)
    rows = tuple(range(top, min(top + n, grid.n_rows)))
    texts = tuple(tuple(clean_head(cell) for cell in grid.row(row)) for row in rows)
    return Head(rows, top + n, texts)


def _first_head_row(grid: Grid) -> int:
    """Skip blank rows and note lines: the first row that is about as full as the sheet is wide."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in grid.rows(0, SCAN_ROWS)]
    if not any(filled):
        return 0
    enough = max(1, PREAMBLE_SHARE * max(filled))
    top = next(row for row, n in enumerate(filled) if n >= enough)
    top = top - 1 if top and _is_sparse_stem_row(grid, top - 1) else top
    return top + 1 if _is_block_row(grid, top) else top


def _is_block_row(grid: Grid, row: int) -> bool:
    """Tell names of blocks, merged over questions that are themselves merged over options."""
    if row + 3 > grid.n_rows - 1:
        return False
    above, below = (
        [(c0, c1) for r0, c0, _, c1 in grid.merged if r0 == r and c1 > c0] for r in (row, row + 1)
    )
    if not above or not all(any(a0 <= b0 and b1 <= a1 for a0, a1 in above) for b0, b1 in below):
        return False
    cells = [[clean_head(cell) for cell in grid.row(r)] for r in range(row, row + 3)]
    starts = {start for start, _ in above}
    is_blocks = all(not cell or position in starts for position, cell in enumerate(cells[0]))
    return is_blocks and bool(below) and _is_under_merged(grid, row + 1, cells[1], cells[2])


def _is_sparse_stem_row(grid: Grid, row: int) -> bool:
    """Tell a row of a few question heads, each over many columns, from a note line.

    Notes stand in the first cells; question heads are spread over the width.
    """
    cells = [clean_head(cell) for cell in grid.row(row)]
    filled = [position for position, cell in enumerate(cells) if cell]
    if not filled or row + 2 > grid.n_rows - 1:
        return False
    width = grid.n_columns
    spans = [c1 - c0 + 1 for r0, c0, _, c1 in grid.merged if r0 == row]
    is_spread = filled[-1] >= width / 3 and (len(filled) > 1 or filled[0] > 0)
    has_spans = bool(spans) and max(spans) < 0.8 * width
    if not (is_spread or has_spans):
        return False
    below = [clean_head(cell) for cell in grid.row(row + 1)]
    return _is_under_merged(grid, row, cells, below)


def _count_head_rows(grid: Grid, top: int) -> int:
    """Tell one head row from two."""
    if top + 2 > grid.n_rows - 1:
        return 1
    first = [clean_head(cell) for cell in grid.row(top)]
    second = [clean_head(cell) for cell in grid.row(top + 1)]
    if _is_under_merged(grid, top, first, second) or _is_wording_row(grid, top, first, second):
        return 2
    return 1


def _is_under_merged(grid: Grid, top: int, first: Sequence[str], second: Sequence[str]) -> bool:
    """Tell a question head over several columns with one option under each."""
    span_starts = {c0 for r0, c0, _, c1 in grid.merged if r0 == top and c1 > c0}
    gaps = [
        position
        for position in range(1, len(first))
        if not first[position] and second[position] and any(first[:position])
    ]
    labels = [second[p] for p in gaps]
    if not labels or any(_is_number(label) for label in labels):
        return False
    if span_starts:
        return True
    # Below a single head the answer of one person repeats further down; an option's name
    # repeats only where the tool writes the name itself into the cells that were chosen.
    texts = [_data_texts(grid, p, top + 2) for p in gaps]
    pairs = list(zip(texts, labels, strict=True))
    rest = [(t, label) for t, label in pairs if not set(t) <= {"", label}]
    repeats = sum(label in t for t, label in rest)
    return len(gaps) > 1 and repeats <= len(rest) / 4


def _is_wording_row(grid: Grid, top: int, first: Sequence[str], second: Sequence[str]) -> bool:
    """Tell a row of wordings under a row of codes (q1, q2 … above full questions)."""
    both = [(a, b) for a, b in zip(first, second, strict=True) if a and b]
    width = sum(map(bool, first))
    if len(both) < max(3, 0.8 * width):
        return False
    codes = sum(" " not in a and len(a) <= 40 for a, _ in both)
    wordings = sum(" " in b and len(b) > 12 for _, b in both)
    if codes < 0.9 * len(both) or wordings < 0.4 * len(both):
        return False
    positions = [p for p, b in enumerate(second) if b]
    repeats = sum(second[p] in _data_texts(grid, p, top + 2) for p in positions)
    return repeats <= 0.1 * len(positions)


def _data_texts(grid: Grid, position: int, start: int) -> list[str]:
    """Return the cells of one column in the first data rows, cleaned."""
    column = grid.columns[position]
    return [clean_head(column.values[i]) for i in column.used(start, start + SAMPLE_ROWS)]


def _is_number(text: str) -> bool:
    """Tell a bare number."""
    return text.replace(".", "", 1).replace(",", "", 1).lstrip("-").isdigit()


# --- names -------------------------------------------------------------------


def fill_stems(stems: Sequence[str], labels: Sequence[str]) -> list[str]:
    """Carry a question head to the right over the columns that only have a label under it."""
    filled: list[str] = []
    current = ""
    for stem, label in zip(stems, labels, strict=True):
        current = stem or (current if label else "")
        filled.append(current)
    return filled


def join_heads(parts: Sequence[str]) -> str:
    """Join the head rows of one column: ``question [option]``; repeated parts once."""
    distinct = list(dict.fromkeys(part for part in parts if part))
    if len(distinct) < 2:
        return "".join(distinct)
    return f"{distinct[0]} [{' – '.join(distinct[1:])}]"


def unique_heads(heads: Sequence[str]) -> tuple[str, ...]:
    """Name every column once: a repeated head gets `` (2)``, a blank one its letter.

    The result depends on the heads and their order only, so that the same
    form gives the same names next year.
    """
    taken = {head for head in heads if head}
    seen: Counter[str] = Counter()
    names: list[str] = []
    for position, head in enumerate(heads):
        name = head or f"[{column_letter(position)}]"
        seen[name] += 1
        if seen[name] > 1:
            number = seen[name]
            while f"{name} ({number})" in taken:
                number += 1
            seen[name] = number
            name = f"{name} ({number})"
            taken.add(name)
        names.append(name)
    return tuple(names)
