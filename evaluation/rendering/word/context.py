"""What is known while a Word document is written: styles, numbering, bookmarks, notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evaluation.report.model import (
    Box,
    ChartBlock,
    EntryKind,
    EntryList,
    Heading,
    ListBlock,
    ListEntry,
    TableBlock,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from evaluation.rendering.theme import Theme
    from evaluation.rendering.word.notes import Footnotes
    from evaluation.rendering.word.numbering import Numbering
    from evaluation.report.model import Block, Report

Target = Heading | TableBlock | ChartBlock | Box | ListEntry


@dataclass(slots=True)
class Context:
    """One document being written.

    Attributes
    ----------
    part
        The main part of the python-docx document: relationships and pictures.
    styles
        Style ids by the names of `evaluation.rendering.word.styles.SPECS`.
    font
        Family of the tables, "" where an agency's template has its own.
    width, turned_width
        Of the text on an upright page and on one turned sideways, in mm.
    pages
        Page number of each heading, for the contents as first shown.
    heading_number
        Id of the headings' numbering, 0 where numbers are set as text.
    made
        Elements that are copied rather than made again.
    """

    part: Any
    report: Report
    theme: Theme
    styles: Mapping[str, str]
    numbering: Numbering
    footnotes: Footnotes
    font: str
    width: float
    turned_width: float
    pages: Mapping[str, int]
    pictures: Mapping[str, bytes]
    heading_number: int = 0
    targets: dict[str, Target] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    bookmarks: int = 0
    drawings: int = 0
    placed: set[str] = field(default_factory=set)
    made: dict[Hashable, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for target in targets(self.report.blocks):
            self.targets.setdefault(target.id, target)

    def anchor(self, target: str) -> str:
        """Return the name of a target's bookmark: Word allows 40 letters, digits and lines."""
        order = list(self.targets).index(target) + 1
        kind = "Toc" if isinstance(self.targets[target], Heading) else "Ref"
        return f"_{kind}{order:09d}"

    def next_bookmark(self) -> int:
        """Return a number for a bookmark, unique in the document."""
        self.bookmarks += 1
        return self.bookmarks

    def next_drawing(self) -> int:
        """Return a number for a drawing, unique in the document."""
        self.drawings += 1
        return self.drawings

    def is_first(self, target: str) -> bool:
        """Whether this is the first block of that id; only it carries the bookmark."""
        known = target in self.placed
        self.placed.add(target)
        return not known


def targets(blocks: Iterable[Block]) -> Iterator[Target]:
    """Yield the blocks that a reference may lead to, in reading order."""
    for block in blocks:
        match block:
            case Heading() | TableBlock() | ChartBlock():
                yield block
            case EntryList() if block.kind is not EntryKind.LISTING:
                yield from block.entries
            case Box():
                yield block
                yield from targets(block.blocks)
            case ListBlock():
                for item in block.items:
                    yield from targets(item)
            case _:
                pass
