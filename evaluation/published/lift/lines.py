"""The text of a report as lines with their page; running heads and contents left out."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

TAB = "    "
FORM_FEED = "\f"
EDGE = 3
"""So many lines at the top and bottom of a page can be running heads."""
MIN_REPEATS = 3
MAX_MARKED = 0.1
"""Page marks (a single leading blank) are believed if no more than this share of lines has one."""
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl"}
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")
_LEADERS = re.compile(r"(?:\.\s?){4,}|…{2,}|_{4,}")
_PAGE_NUMBERS = (
    re.compile(r"^(?:.{0,80}?\s)?(?P<page>\d{1,4})\s?\(\d{1,4}\)$"),
    re.compile(
        r"^(?:.{0,80}?\s)?(?:[Ss]ida|[Pp]age|[Ss]id\.?|s\.)\s(?P<page>\d{1,4})(?:\s\D+\s?\d+)?$"
    ),
    re.compile(r"^(?P<page>\d{1,4})\s{2,}[^\W\d_].{5,90}$"),
    re.compile(r"^[^\W\d_].{5,90}\s{2,}(?P<page>\d{1,4})$"),
    re.compile(r"^(?P<page>\d{1,4})$"),
)
SURE_PATTERNS = 2
"""The first of the patterns above can be nothing but page numbers."""


NumberedLine = tuple[int, str]


class Numbering(StrEnum):
    """How pages are known."""

    NONE = "none"
    COUNTED = "counted"
    PRINTED = "printed"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a report.

    Attributes
    ----------
    number
        From 1: of the file, in a PDF of the page.
    page
        Page as printed where that is known, else counted; "" where unknown.
    text
        Without blanks at its end. Blanks within are kept.
    """

    number: int
    page: str
    text: str

    @property
    def words(self) -> str:
        """The text with single blanks."""
        return " ".join(self.text.split())


@dataclass(frozen=True, slots=True)
class Source:
    """A report's lines, in order, without running heads, page numbers and contents."""

    lines: tuple[Line, ...]
    numbering: Numbering

    @property
    def width(self) -> int:
        """Length of a full line of running text (90th percentile)."""
        lengths = sorted(len(line.words) for line in self.lines if line.text)
        return lengths[len(lengths) * 9 // 10] if lengths else 0


def read_source(text: str) -> Source:
    """Read a report's text, such as a PDF reader or ``pdftotext`` gives it.

    Pages are told by form feeds; else by a single blank before the first line
    of each page, as some extractors leave it; else by printed page numbers.

    Parameters
    ----------
    text
        The whole text.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if FORM_FEED in text:
        pages: list[list[NumberedLine]] = []
        before = 0
        for page in text.split(FORM_FEED):
            pages.append(_numbered(page, before))
            before += page.count("\n")
        return _source([p for p in pages if p], Numbering.COUNTED)
    lines = _numbered(text, 0)
    starts = _marked_starts(lines)
    numbering = Numbering.COUNTED if starts else Numbering.NONE
    starts = sorted({0, *starts, *_numbered_starts(lines, starts)})
    cuts = [*starts[1:], len(lines)]
    made = [lines[a:b] for a, b in zip(starts, cuts, strict=True)]
    return _source(made, numbering)


def from_pages(pages: Sequence[str]) -> Source:
    """Read the pages of a PDF, each with its own line numbers."""
    return _source([_numbered(page, 0) for page in pages], Numbering.COUNTED)


def _numbered(text: str, before: int) -> list[NumberedLine]:
    return [(before + i, clean(line)) for i, line in enumerate(text.split("\n"), 1)]


def clean(text: str) -> str:
    """Write out tabs and ligatures, drop invisible marks and blanks at the end."""
    text = _INVISIBLE.sub("", text.replace("\t", TAB)).replace("\u00ad", "-")
    for ligature, letters in _LIGATURES.items():
        text = text.replace(ligature, letters)
    return text.rstrip()


# --- pages ---------------------------------------------------------------------


def _marked_starts(lines: Sequence[NumberedLine]) -> list[int]:
    """Return the lines that begin with exactly one blank, where few do."""
    filled = [text for _, text in lines if text]
    marked = [i for i, (_, text) in enumerate(lines) if re.match(r" \S", text)]
    return marked if 1 < len(marked) <= MAX_MARKED * len(filled) else []


def _numbered_starts(lines: Sequence[NumberedLine], starts: Sequence[int]) -> list[int]:
    """Return lines with a sure page number that begin a page without a mark."""
    if not starts:
        return []
    found = []
    for i, (_, text) in enumerate(lines):
        if page_number(text, sure=True) is None:
            continue
        near = [s for s in starts if i - EDGE <= s <= i + EDGE]
        if not near:
            found.append(i)
    return found


def page_number(text: str, *, sure: bool = False) -> int | None:
    """Return the page number that a line is, None where it is none."""
    patterns = _PAGE_NUMBERS[:SURE_PATTERNS] if sure else _PAGE_NUMBERS
    for pattern in patterns:
        found = pattern.match(text.strip())
        if found:
            return int(found["page"])
    return None


def _source(pages: Sequence[Sequence[NumberedLine]], numbering: Numbering) -> Source:
    """Number the pages, and leave out what is not content."""
    repeated = _running_heads(pages)
    printed = [_printed_number(page) for page in pages]
    labels = _labels(printed) if numbering is not Numbering.NONE else [""] * len(pages)
    is_printed = numbering is not Numbering.NONE and any(p is not None for p in printed)
    lines = []
    for page, label in zip(pages, labels, strict=True):
        last = len(page) - 1
        for at, (number, text) in enumerate(page):
            at_edge = at < EDGE or at > last - EDGE
            is_head = at_edge and (_mask(text) in repeated or _is_number_line(text, label))
            if is_head or _is_noise(text):
                continue
            lines.append(Line(number, label, text))
    return Source(tuple(lines), Numbering.PRINTED if is_printed else numbering)


def _is_noise(text: str) -> bool:
    """Contents with leaders, and page numbers that can be nothing else."""
    return bool(_LEADERS.search(text)) or page_number(text, sure=True) is not None


def _is_number_line(text: str, label: str) -> bool:
    return bool(label) and page_number(text) == int(label)


def _mask(text: str) -> str:
    return re.sub(r"\d+", "#", " ".join(text.split())).casefold()


def _running_heads(pages: Sequence[Sequence[NumberedLine]]) -> set[str]:
    """Return lines (numbers masked) that stand at the edge of several pages.

    A head of a table can stand there too, so that short ones of figures or
    of one word are let be.
    """
    seen: Counter[str] = Counter()
    for page in pages:
        edges = {_mask(text) for _, text in [*page[:EDGE], *page[-EDGE:]] if text.strip()}
        seen.update(edges)
    return {
        text
        for text, times in seen.items()
        if times >= MIN_REPEATS and len(text) >= 12 and text.count("#") <= 2
    }


def _printed_number(page: Sequence[NumberedLine]) -> int | None:
    """Return the page number printed at the edge of a page."""
    edge = [text for _, text in [*page[:EDGE], *page[-EDGE:]]]
    for sure in (True, False):
        for text in edge:
            number = page_number(text, sure=sure)
            if number is not None:
                return number
    return None


def _labels(printed: Sequence[int | None]) -> list[str]:
    """Return page labels: counted, set to agree with printed numbers that run in step.

    A printed number is believed where it exceeds the count by as much as
    another one does, or is the only one; each is valid until the next.
    """
    offsets = [None if p is None else p - i for i, p in enumerate(printed, 1)]
    times = Counter(o for o in offsets if o is not None)
    believed = [
        o
        if o is not None and abs(o) <= len(printed) and (times[o] > 1 or len(times) == 1)
        else None
        for o in offsets
    ]
    first = next((o for o in believed if o is not None), 0)
    current = first
    labels = []
    for i, offset in enumerate(believed, 1):
        current = offset if offset is not None else current
        labels.append(str(max(1, i + current)))
    return labels
