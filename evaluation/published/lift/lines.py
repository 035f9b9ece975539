"""The text of a report as lines with their page; running heads and contents left out."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from evaluation.published.lift.tokens import read_trail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.published.words import Words

TAB = "    "
FORM_FEED = "\f"
EDGE = 3
"""So many lines at the top and bottom of a page can be running heads."""
MIN_REPEATS = 3
RUNNING = 0.4
"""Part of the pages that a running head stands on; the two pages of a spread have their own."""
MIN_RUNNING = 8
MIN_FULL = 40
"""Characters of the shortest line that can be a full one."""
MAX_MARKED = 0.1
"""Page marks (a single leading blank) are believed if no more than this share of lines has one."""
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl"}
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")
_LEADERS = re.compile(r"(?:\.\s?){4,}|…{2,}|_{4,}")
_OF_PAGES = re.compile(r"^(?:.{0,80}?\s)?(?P<page>\d{1,4})\s?\((?P<pages>\d{1,4})\)$")
_SAID_PAGE = re.compile(
    r"^(?:.{0,80}?\s)?(?:[Ss]ida|[Pp]age|[Ss]id\.?)\s(?P<page>\d{1,4})(?:\s\D+\s?\d+)?$"
)
_AT_EDGE = (
    re.compile(r"^(?P<page>\d{1,4})\s{2,}[^\W\d_].{5,90}$"),
    re.compile(r"^[^\W\d_].{5,90}\s{2,}(?P<page>\d{1,4})$"),
    re.compile(r"^(?P<page>\d{1,4})$"),
)


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


@dataclass(frozen=True)
class Source:
    """A report's lines, in order, without running heads, page numbers and contents."""

    lines: tuple[Line, ...]
    numbering: Numbering

    @cached_property
    def width(self) -> int:
        """Length of a full line of running text.

        Of the lines that go on in lower case on the next, three in four are no
        longer; short ones are left out, since they stand in narrow columns.
        """
        texts = [line.words for line in self.lines if line.text]
        full = sorted(
            len(text)
            for text, following in pairwise(texts)
            if len(text) >= MIN_FULL and following[:1].islower()
        )
        if len(full) < MIN_REPEATS:
            lengths = sorted(len(text) for text in texts)
            return max(MIN_FULL, lengths[len(lengths) * 19 // 20]) if lengths else MIN_FULL
        return full[len(full) * 3 // 4]


def read_source(text: str, words: Words) -> Source:
    """Read a report's text, such as a PDF reader or ``pdftotext`` gives it.

    Pages are told by form feeds; else by a single blank before the first line
    of each page, as some extractors leave it; else by printed page numbers.

    Parameters
    ----------
    text
        The whole text.
    words
        Heads of tables, which are no running heads wherever they stand.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if FORM_FEED in text:
        pages: list[list[NumberedLine]] = []
        before = 0
        for page in text.split(FORM_FEED):
            pages.append(_numbered(page, before))
            before += page.count("\n")
        return _source([p for p in pages if p], Numbering.COUNTED, words)
    lines = _numbered(text, 0)
    starts = _marked_starts(lines)
    numbering = Numbering.COUNTED if starts else Numbering.NONE
    count = _page_count([text for _, text in lines], len(starts))
    starts = sorted({0, *starts, *_numbered_starts(lines, starts, count)})
    cuts = [*starts[1:], len(lines)]
    made = [lines[a:b] for a, b in zip(starts, cuts, strict=True)]
    return _source(made, numbering, words)


def from_pages(pages: Sequence[str], words: Words) -> Source:
    """Read the pages of a PDF, each with its own line numbers."""
    return _source([_numbered(page, 0) for page in pages], Numbering.COUNTED, words)


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


def _numbered_starts(
    lines: Sequence[NumberedLine], starts: Sequence[int], count: int | None
) -> list[int]:
    """Return lines with a sure page number that begin a page without a mark."""
    if not starts:
        return []
    found = []
    for i, (_, text) in enumerate(lines):
        if _sure_number(text, count) is None:
            continue
        near = [s for s in starts if i - EDGE <= s <= i + EDGE]
        if not near:
            found.append(i)
    return found


def _sure_number(text: str, count: int | None) -> int | None:
    """Return the page number of a line that can be nothing else: "Sida 16 av 22", "34 (68)".

    ``count`` is the number that stands in parentheses on page numbers of this
    report; a table can have figures in parentheses too.
    """
    text = text.strip()
    said = _SAID_PAGE.match(text)
    if said:
        return int(said["page"])
    found = _OF_PAGES.match(text)
    is_number = found is not None and int(found["pages"]) == count
    return (
        int(found["page"]) if found and is_number and int(found["page"]) <= (count or 0) else None
    )


def _page_count(lines: Sequence[str], counted: int) -> int | None:
    """Return the number of pages that page numbers state, None where none do.

    It is the same on several pages, which each have another number; or it
    stands alone on its line and is about the number of pages that was counted.
    """
    found = [m for m in (_OF_PAGES.match(text.strip()) for text in lines) if m]
    pages: dict[int, set[int]] = {}
    for match in found:
        page, total = int(match["page"]), int(match["pages"])
        is_alone = match.start("page") == 0
        if page <= total and (is_alone or counted):
            pages.setdefault(total, set()).add(page)
    best = max(pages, key=lambda total: len(pages[total]), default=None)
    if best is None:
        return None
    is_near = counted > 1 and abs(best - counted) <= max(MIN_REPEATS, counted / 4)
    return best if len(pages[best]) >= MIN_REPEATS or is_near else None


def _source(pages: Sequence[Sequence[NumberedLine]], numbering: Numbering, words: Words) -> Source:
    """Number the pages, and leave out what is not content."""
    repeated = _running_heads(pages, words)
    count = _page_count([text for page in pages for _, text in page], len(pages))
    printed = [_printed_number(page, repeated, count) for page in pages]
    labels = _labels(printed) if numbering is not Numbering.NONE else [""] * len(pages)
    is_printed = numbering is not Numbering.NONE and any(p is not None for p in printed)
    lines = []
    for page, label in zip(pages, labels, strict=True):
        last = len(page) - 1
        for at, (number, text) in enumerate(page):
            at_edge = at < EDGE or at > last - EDGE
            is_head = at_edge and (_mask(text) in repeated or _edge_number(text) == label)
            if is_head or _LEADERS.search(text) or _sure_number(text, count) is not None:
                continue
            lines.append(Line(number, label, text))
    return Source(tuple(lines), Numbering.PRINTED if is_printed else numbering)


def _edge_number(text: str) -> str | None:
    """Return the page number that a line at the edge of a page may be."""
    found = (pattern.match(text.strip()) for pattern in _AT_EDGE)
    return next((str(int(m["page"])) for m in found if m), None)


def _mask(text: str) -> str:
    """A line without the number that it begins or ends with, which may be the page's."""
    folded = " ".join(text.split()).casefold()
    return re.sub(r"(?<=\s)\d+$", "#", re.sub(r"^\d+(?=\s)", "#", folded))


def _running_heads(pages: Sequence[Sequence[NumberedLine]], words: Words) -> set[str]:
    """Return lines (their page number masked) that stand at the edge of many pages.

    Heads and rows of tables can stand there too: known heads, totals and lines
    of several figures are let be, and so is what ends with the same number.
    """
    seen: dict[str, list[str]] = {}
    for page in pages:
        edges = {_mask(t): t for _, t in [*page[:EDGE], *page[-EDGE:]] if t.strip()}
        for mask, text in edges.items():
            if not _is_of_table(text, words):
                seen.setdefault(mask, []).append(" ".join(text.split()))
    least = max(MIN_REPEATS, RUNNING * len(pages))
    return {
        mask
        for mask, texts in seen.items()
        if len(texts) >= least and len(mask) >= MIN_RUNNING and _may_be_pages(mask, texts)
    }


def _may_be_pages(mask: str, texts: Sequence[str]) -> bool:
    """The masked number is another on nearly every page."""
    return "#" not in mask or len(set(texts)) * 5 >= len(texts) * 4


def _is_of_table(text: str, words: Words) -> bool:
    if words.trailing_heads(text)[0]:
        return True
    trail = read_trail(text)
    return trail is not None and (len(trail.pieces) > 1 or words.is_total(trail.label))


def _printed_number(
    page: Sequence[NumberedLine], repeated: set[str], count: int | None
) -> int | None:
    """Return the page number printed at the edge of a page."""
    edge = [text for _, text in [*page[:EDGE], *page[-EDGE:]] if text.strip()]
    for text in edge:
        number = _sure_number(text, count)
        if number is not None:
            return number
    for text in edge:
        found = re.search(r"(?:^|\s)(\d{1,4})$|^(\d{1,4})\s", text.strip())
        if found and _mask(text) in repeated:
            return int(found[1] or found[2])
    return next((int(n) for text in edge if (n := _edge_number(text))), None)


def _is_believed(offset: int | None, times: Counter[int], pages: int) -> bool:
    if offset is None:
        return False
    return times[offset] > 1 or (len(times) == 1 and abs(offset) <= pages)


def _labels(printed: Sequence[int | None]) -> list[str]:
    """Return page labels: counted, set to agree with printed numbers that run in step.

    A printed number is believed where it exceeds the count by as much as
    another one does, or is the only one; each is valid until the next.
    """
    offsets = [None if p is None else p - i for i, p in enumerate(printed, 1)]
    times = Counter(o for o in offsets if o is not None)
    believed = [o if _is_believed(o, times, len(printed)) else None for o in offsets]
    first = next((o for o in believed if o is not None), 0)
    current = first
    labels = []
    for i, offset in enumerate(believed, 1):
        current = offset if offset is not None else current
        labels.append(str(max(1, i + current)))
    return labels
