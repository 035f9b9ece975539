"""The figures at the end of a line, and how blanks within may group thousands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

MAX_PARTITIONS = 200
_PIECE = re.compile(
    r"[<>~≈±]?[-+\u2212\u2013]?\d+(?:[.,]\d+)*%?\*{0,3}|\(\d+(?:[.,]\d+)?%?\)|\[\d+(?:[.,]\d+)?%?\]"
)
_EMPTY = re.compile(r"[-\u2013\u2014\u2212]|\.{1,3}|…|\*")
_UNIT = re.compile(r"%|procent|percent|kr|kronor|tkr|mkr|mnkr|st|SEK", re.IGNORECASE)
_OPEN_PERCENT = re.compile(r"\(\s*(\d+(?:[.,]\d+)?)\s*(%?)\s*\)")
_THREE = re.compile(r"\d{3}(?:[.,]\d+)?%?\*{0,3}")
_LEAD = re.compile(r"[-+\u2212\u2013]?\d{1,3}")
_NARROW = "\u00a0\u2009\u202f"
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters that is a number, part of one, or a sign for none.

    Attributes
    ----------
    text
        As printed, a detached percent sign joined to it.
    start, end
        Columns in the line.
    gap
        Blanks before it.
    is_narrow
        The blank before it is one that does not break (so that it groups digits).
    """

    text: str
    start: int
    end: int
    gap: int
    is_narrow: bool

    @property
    def is_number(self) -> bool:
        """It is not a sign for an empty cell."""
        return any(ch.isdigit() for ch in self.text)


@dataclass(frozen=True)
class Trail:
    """A line cut into its label and the figures that end it.

    Attributes
    ----------
    label
        What stands before the figures, single blanks; "" where nothing does.
    pieces
        The figures, in parts.
    """

    label: str
    pieces: tuple[Piece, ...]

    @cached_property
    def partitions(self) -> tuple[tuple[str, ...], ...]:
        """Every way to put the pieces together to numbers, fewest numbers last."""
        return tuple(partitions(self.pieces))

    @cached_property
    def sizes(self) -> frozenset[int]:
        """How many numbers the line may have."""
        return frozenset(len(p) for p in self.partitions)

    @property
    def is_years(self) -> bool:
        """Its figures are rising years and nothing else: a head."""
        years = [p.text for p in self.pieces]
        rising = all(a < b for a, b in pairwise(years))
        return len(years) > 1 and rising and all(_YEAR.fullmatch(y) for y in years)


def read_trail(text: str) -> Trail | None:
    """Return a line's label and trailing figures, None where it ends with no number."""
    text = _OPEN_PERCENT.sub(lambda m: f"({m[1]}{m[2]})", text)
    words = [(m.group(), m.start(), m.end()) for m in re.finditer(r"\S+", text)]
    pieces: list[Piece] = []
    at = len(words)
    unit = ""
    while at:
        word, start, end = words[at - 1]
        if not unit and at > 1 and _UNIT.fullmatch(word) and _is_piece(words[at - 2][0]):
            unit = word
            at -= 1
            continue
        if not _is_piece(word):
            break
        before = words[at - 2][2] if at > 1 else 0
        blank = text[before:start]
        sign = unit if unit == "%" and not word.endswith("%") else ""
        is_percent = unit.casefold() in ("%", "procent", "percent")
        shown = word + (" %" if is_percent and (sign or unit != "%") and word[-1] != "%" else "")
        narrow = bool(blank) and all(ch in _NARROW for ch in blank)
        pieces.insert(0, Piece(shown, start, end, len(blank), narrow))
        unit = ""
        at -= 1
    if unit or not any(p.is_number for p in pieces):
        return None
    label = " ".join(w for w, _, _ in words[:at])
    return Trail(label, tuple(pieces))


def read_blank(text: str) -> Trail | None:
    """Return a line that is a sign for an empty cell and nothing else, None for any other."""
    word = text.strip()
    if not _EMPTY.fullmatch(word):
        return None
    start = text.index(word)
    return Trail("", (Piece(word, start, start + len(word), start, is_narrow=False),))


def _is_piece(word: str) -> bool:
    return bool(_PIECE.fullmatch(word) or _EMPTY.fullmatch(word))


def partitions(pieces: tuple[Piece, ...]) -> list[tuple[str, ...]]:
    """Return every reading of the pieces as numbers.

    A blank groups thousands where one to three digits stand before it and
    exactly three after it. A piece such as ``000`` can begin no number. Where
    some blanks in the line do not break, only those group.
    """
    narrow = any(p.is_narrow for p in pieces[1:])
    found: list[tuple[str, ...]] = []

    def grow(at: int, cells: tuple[str, ...]) -> None:
        if len(found) >= MAX_PARTITIONS:
            return
        if at == len(pieces):
            found.append(cells)
            return
        text = pieces[at].text
        if text[0] in "([" and cells and cells[-1][-1] not in ")]":
            # "12 (34 %)" is one cell: a count with its percent.
            grow(at + 1, (*cells[:-1], f"{cells[-1]} {text}"))
            return
        if _begins(text):
            grow(at + 1, (*cells, text))
        end = at
        while end + 1 < len(pieces) and _may_join(pieces[at : end + 2], narrow=narrow):
            end += 1
            text = f"{text} {pieces[end].text}"
            if _begins(pieces[at].text):
                grow(end + 1, (*cells, text))

    grow(0, ())
    forced = [cells for cells in found if not narrow or _keeps_narrow(cells, pieces)]
    return sorted(forced or found, key=len, reverse=True)


def _begins(text: str) -> bool:
    """A whole number of several digits does not begin with 0."""
    return not re.fullmatch(r"0\d+%?", text)


def _may_join(own: tuple[Piece, ...], *, narrow: bool) -> bool:
    """Tell whether the last piece may be thousands of the number that the others are."""
    *head, last = own
    if last.gap != 1 or (narrow and not last.is_narrow) or not _THREE.fullmatch(last.text):
        return False
    if not _LEAD.fullmatch(head[0].text):
        return False
    return all(re.fullmatch(r"\d{3}", p.text) for p in head[1:])


def _keeps_narrow(cells: tuple[str, ...], pieces: tuple[Piece, ...]) -> bool:
    """Every blank that does not break lies within a number."""
    return len(cells) == len(pieces) - sum(p.is_narrow for p in pieces[1:])
