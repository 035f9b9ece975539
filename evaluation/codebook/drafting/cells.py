"""Several answers in one cell: which sign separates them, and which options hold that sign."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from evaluation.codebook.spelling import fold, trim

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CANDIDATES = (";", "|", "\n", ", ", ",")
"""Separators in the order of how seldom a single answer holds them."""
LEAST_CELLS = 2
"""Cells with several answers that there must be."""
LEAST_SHARED = 0.6
"""Share of recurring pieces that must stand in different company."""
LEAST_KNOWN = 0.6
"""Share of all pieces that must recur: free text does not."""
MAX_PIECE = 80
"""Mean characters of a piece; longer ones are sentences."""


@dataclass(frozen=True, slots=True)
class Split:
    """Cells taken apart.

    Attributes
    ----------
    separator
        The sign.
    counts
        Piece -> number of rows, in order of first appearance.
    rejoined
        Pieces that hold the separator themselves.
    n_cells
        Rows with an answer.
    """

    separator: str
    counts: Mapping[str, int]
    rejoined: tuple[str, ...]
    n_cells: int


def split_cells(cells: Sequence[tuple[str, int]], separator: str) -> Split:
    """Take cells apart at a known separator.

    Parameters
    ----------
    cells
        Distinct cell text and its number of rows.

    A sign within parentheses does not separate, and pieces that always stand
    side by side are put together again: they are one option that holds the
    separator.
    """
    lists = [(pieces_of(text, separator), n) for text, n in cells]
    joints = _joints(lists)
    counts: Counter[str] = Counter()
    spellings: dict[str, Counter[str]] = {}
    wholes = [(dict.fromkeys(_rejoin(pieces, joints, separator)), n) for pieces, n in lists]
    for whole, n in wholes:
        for piece in whole:
            spellings.setdefault(fold(piece), Counter())[piece] += n
    label = {
        folded: min(found, key=lambda text: (-found[text], text))
        for folded, found in spellings.items()
    }
    rejoined: dict[str, None] = {}
    for whole, n in wholes:
        for folded in dict.fromkeys(map(fold, whole)):
            text = label[folded]
            counts[text] += n
            if separator.strip() and separator.strip() in text:
                rejoined[text] = None
    return Split(separator, counts, tuple(rejoined), sum(n for _, n in cells))


def pieces_of(text: str, separator: str) -> list[str]:
    """Cut a cell at a separator, not within balanced parentheses; blank pieces are dropped."""
    if text.count("(") != text.count(")"):
        return [p for p in map(trim, text.split(separator)) if p]
    pieces: list[str] = []
    for part in text.split(separator):
        if pieces and pieces[-1].count("(") > pieces[-1].count(")"):
            pieces[-1] += separator + part
        else:
            pieces.append(part)
    return [piece for piece in map(trim, pieces) if piece]


Joints = frozenset[tuple[str, str]]


def _joints(lists: Sequence[tuple[list[str], int]]) -> Joints:
    """Find pieces that never stand without each other, side by side: one option cut in two."""
    alone: Counter[str] = Counter()
    together: Counter[tuple[str, str]] = Counter()
    for pieces, n in lists:
        folded = [fold(piece) for piece in pieces]
        alone.update(dict.fromkeys(folded, n))
        for pair in pairwise(pieces):
            together[pair] += n
    return frozenset(
        (fold(a), fold(b))
        for (a, b), n in together.items()
        if n == alone[fold(a)] == alone[fold(b)] and n >= _enough(a, b)
    )


SURE_TOGETHER = 5
"""Rows in which two pieces that both look like options must never be apart."""
LIKELY_TOGETHER = 2
"""The same where the second begins with a small letter, as the middle of a sentence does."""


def _enough(first: str, second: str) -> int:
    """Return in how many rows two pieces must be together to be taken for one."""
    del first
    return LIKELY_TOGETHER if second[:1].islower() else SURE_TOGETHER


def _rejoin(pieces: Sequence[str], joints: Joints, separator: str) -> list[str]:
    """Put pieces together that belong together."""
    whole: list[str] = []
    last = ""
    for piece in pieces:
        if whole and (fold(last), fold(piece)) in joints:
            whole[-1] = f"{whole[-1]}{separator}{piece}"
        else:
            whole.append(piece)
        last = piece
    return whole


def find_split(cells: Sequence[tuple[str, int]]) -> Split | None:
    """Find out whether cells hold several answers, and take them apart.

    They do where a separator leaves pieces of which most recur, and recur in
    different company: the commas of a sentence, and of an option that is
    always chosen alone, do not.
    """
    for separator in CANDIDATES:
        if sum(n for text, n in cells if separator in text.strip()) < LEAST_CELLS:
            continue
        if separator == "," and not _are_code_lists([text for text, _ in cells]):
            continue
        if is_split(cells, separator):
            return split_cells(cells, separator)
    return None


def is_split(cells: Sequence[tuple[str, int]], separator: str) -> bool:
    """Tell whether a sign separates several answers, judged by how the pieces recur."""
    first = cells[:SAMPLE]
    return _is_convincing(first, split_cells(first, separator))


SAMPLE = 300
"""Distinct cells on which a separator is tried: free text, which is long, fails there."""


_CODES = re.compile(r"-?\d{1,3}(?:,-?\d{1,3})*")


def _are_code_lists(texts: Sequence[str]) -> bool:
    """Tell lists of codes (``1,4,5``) from numbers with a decimal comma."""
    return all(_CODES.fullmatch(t) for t in texts) and any(t.count(",") > 1 for t in texts)


def _is_convincing(cells: Sequence[tuple[str, int]], found: Split) -> bool:
    """Judge pieces by how they recur."""
    company: dict[str, set[str]] = {}
    for text, _ in cells:
        for piece in pieces_of(text, found.separator):
            company.setdefault(fold(piece), set()).add(text)
    recurring = [piece for piece, n in found.counts.items() if n > 1]
    if len(recurring) < 2:
        return False
    total = sum(found.counts.values())
    known = sum(found.counts[piece] for piece in recurring)
    shared = sum(_n_company(piece, company, found.separator) > 1 for piece in recurring)
    mean = sum(len(piece) * n for piece, n in found.counts.items()) / total
    is_several = total > found.n_cells
    return (
        is_several
        and known >= LEAST_KNOWN * total
        and shared >= LEAST_SHARED * len(recurring)
        and mean <= MAX_PIECE
    )


def _n_company(piece: str, company: Mapping[str, set[str]], separator: str) -> int:
    """Return in how many different cells a piece (or its first part, if rejoined) stands."""
    first = piece.partition(separator)[0] if fold(piece) not in company else piece
    return len(company.get(fold(trim(first)), ()))
