"""The report: headings, prose, tables, charts, quotes and notes, ready to be drawn.

Strings are resolved and in the report's language; numbers have passed the
protection gate. Renderers (HTML, PDF, Word, spreadsheets) read this and
compute nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

# --- running text -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    """Important text."""

    children: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Emphasis:
    """Stressed text."""

    children: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A link to an address outside the report."""

    href: str
    children: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class CrossReference:
    """A link to a table, figure or heading of the report; ``text`` is "tabell 12"."""

    target: str
    text: str


@dataclass(frozen=True, slots=True)
class NoteReference:
    """The mark of a footnote; ``number`` runs through the report from 1."""

    number: int


@dataclass(frozen=True, slots=True)
class LineBreak:
    """A forced line break."""


Inline = Text | Strong | Emphasis | Link | CrossReference | NoteReference | LineBreak


@dataclass(frozen=True, slots=True)
class Footnote:
    """A footnote's number and text."""

    number: int
    children: tuple[Inline, ...]


# --- blocks -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading.

    Attributes
    ----------
    level
        1 to 4; levels are never skipped.
    number
        As printed before the text, "1.2.1." or "" where unnumbered.
    id
        Anchor, unique in the report, stable from run to run.
    in_contents
        Whether the contents list it.
    uppercase
        Set in capitals by the theme (``text`` is in ordinary case).
    """

    level: int
    text: str
    id: str
    number: str = ""
    in_contents: bool = True
    uppercase: bool = False

    @property
    def shown_text(self) -> str:
        """The text in the case that it is printed in."""
        return self.text.upper() if self.uppercase else self.text


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``lead`` marks a chapter's introduction."""

    children: tuple[Inline, ...]
    lead: bool = False

    @property
    def is_head(self) -> bool:
        """Whether it is all important: then it heads what follows and stays with it."""
        return len(self.children) == 1 and isinstance(self.children[0], Strong)


@dataclass(frozen=True, slots=True)
class ListBlock:
    """A bulleted or numbered list; each item holds blocks."""

    items: tuple[tuple[Block, ...], ...]
    ordered: bool = False


class EntryKind(StrEnum):
    """What the entries of a list are."""

    DEFINITIONS = "definitions"
    """Words and what they mean."""
    REFERENCES = "references"
    """Works that the report cites."""
    NUMBERED_REFERENCES = "numbered-references"
    LISTING = "listing"
    """Tables or figures of the report; print adds the page of each."""


@dataclass(frozen=True, slots=True)
class ListEntry:
    """An entry that can be referred to: its label ("Bas", "1", may be "") and its text.

    ``id`` is its anchor; in a listing the block that it lists, whose anchor it is.
    """

    id: str
    label: str
    children: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class EntryList:
    """Definitions, references, or a list of tables or figures."""

    entries: tuple[ListEntry, ...]
    kind: EntryKind

    @property
    def anchors(self) -> tuple[str, ...]:
        """Ids of the entries; those of a listing belong to the blocks listed."""
        if self.kind is EntryKind.LISTING:
            return ()
        return tuple(entry.id for entry in self.entries)


@dataclass(frozen=True, slots=True)
class QuoteBlock:
    """A quotation set apart, with who said it (may be empty)."""

    paragraphs: tuple[Paragraph, ...]
    attribution: tuple[Inline, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A fact box with a title and blocks."""

    title: str
    id: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class HeadCell:
    """A cell of a table's head.

    ``span`` columns wide, ``rows`` rows high; ``is_number`` aligns it as the
    numbers below.
    """

    text: str
    span: int = 1
    rows: int = 1
    is_number: bool = True


class BodyKind(StrEnum):
    """How a body row is set."""

    NORMAL = "normal"
    GROUP = "group"
    """A heading within the table: label only, spanning all columns."""
    TOTAL = "total"
    NET = "net"
    MISSING = "missing"
    """Kinds of missing, beneath the total, set apart."""


@dataclass(frozen=True, slots=True)
class BodyCell:
    """One cell as printed, with its value for machines.

    Attributes
    ----------
    text
        As printed: ``27,8``, ``1 341``, ``..``.
    value
        The number printed (never more exact than ``text``), or None.
    decimals
        Decimals of ``value``; for spreadsheets.
    unit
        ``count``, ``percent``, ``number``, ``range`` (two numbers in ``text``, set as
        numbers are) or ``text``.
    status
        ``shown`` or why not, see `CellStatus`.
    """

    text: str
    value: Decimal | None = None
    decimals: int = 0
    unit: str = "count"
    status: str = "shown"
    note: int = 0
    """Number of a footnote whose mark stands in the cell, 0 for none."""


@dataclass(frozen=True, slots=True)
class BodyRow:
    """A row: its head and its cells."""

    label: str
    cells: tuple[BodyCell, ...]
    kind: BodyKind = BodyKind.NORMAL
    note: int = 0
    """Number of a footnote whose mark stands after the label, 0 for none."""


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table as printed.

    Attributes
    ----------
    id
        Anchor, such as ``tabell-12`` or the id the chapter gave.
    number
        Running number, 0 where tables are not numbered.
    caption
        Title, without "Tabell 12".
    label
        "Tabell 12", or "".
    stub
        Head of the row-head column (the question, "Frågor"), may be "".
    head
        Rows of head cells right of the stub; spans add up to the columns.
    rows
        Body, in order; totals and missing kinds last.
    notes
        Sentences beneath: base, missing, symbols, source.
    source_table
        Id of the `ProtectedTable` behind it, "" for a data table.
    tests
        One sentence per test.
    caption_note
        Footnote number at the caption, 0 for none.
    """

    id: str
    caption: str
    stub: str
    head: tuple[tuple[HeadCell, ...], ...]
    rows: tuple[BodyRow, ...]
    number: int = 0
    label: str = ""
    notes: tuple[str, ...] = ()
    source_table: str = ""
    tests: tuple[str, ...] = ()
    caption_note: int = 0


class ChartKind(StrEnum):
    """How a chart is drawn."""

    BARS = "bars"
    """Horizontal bars, one series."""
    GROUPED = "grouped"
    """Horizontal bars, several series side by side."""
    STACKED = "stacked"
    """Horizontal bars stacked to 100 percent (Likert)."""
    DIVERGING = "diverging"
    """Stacked bars around the middle of the scale."""
    DOTS = "dots"
    """Dot plot with intervals."""
    SLOPE = "slope"
    LINE = "line"
    FUNNEL = "funnel"
    TILES = "tiles"
    """Tile grid of Sweden's counties."""
    FOREST = "forest"
    COLUMNS = "columns"
    """Vertical bars."""


MOST_NAMED_DOTS = 50
"""A static dot plot with more rows than a page has room for names none of them."""


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One value of a series.

    ``value`` is the rounded number printed, None where withheld or missing;
    ``text`` its label; ``low`` and ``high`` an interval; ``x`` a position
    (line, funnel) where the category is not enough.
    """

    value: Decimal | None
    text: str
    low: Decimal | None = None
    high: Decimal | None = None
    x: Decimal | None = None
    status: str = "shown"


@dataclass(frozen=True, slots=True)
class ChartSeries:
    """A series: one point per category; ``role`` picks the colour.

    ``role`` is ``categorical``, ``scale`` (ordered steps), ``missing`` ("vet
    inte") or ``highlight``.
    """

    name: str
    points: tuple[ChartPoint, ...]
    role: str = "categorical"


@dataclass(frozen=True, slots=True)
class ChartBlock:
    """A chart, drawn twice: static (SVG) and interactive (plotly).

    Attributes
    ----------
    categories
        Labels along the axis, in drawing order from the top (or left).
    unit
        ``percent`` or ``count`` or ``number``; sets axis and labels.
    axis_title
        Such as "Procent".
    alt
        Text alternative that states the figures.
    data_table
        The same figures as a table.
    neutral
        Diverging: index of the middle series, -1 for none.
    reference
        Value of a reference line, with ``reference_text``.
    x_title
        Title of the other axis (line: "Mätomgång"; funnel: "Antal svar").
    interval_text
        What ``low`` and ``high`` are, such as "95-procentiga konfidensintervall".
    is_to_whole
        Stacked percents that do not add up to 100, because counts were changed to protect
        the respondents: each bar is drawn as 100 with its segments in proportion.
    """

    id: str
    kind: ChartKind
    caption: str
    categories: tuple[str, ...]
    series: tuple[ChartSeries, ...]
    unit: str
    axis_title: str
    alt: str
    data_table: TableBlock
    number: int = 0
    label: str = ""
    notes: tuple[str, ...] = ()
    neutral: int = -1
    reference: Decimal | None = None
    reference_text: str = ""
    decimals: int = 1
    axis_max: Decimal | None = None
    x_title: str = ""
    interval_text: str = ""
    is_to_whole: bool = False


@dataclass(frozen=True, slots=True)
class Contents:
    """Where the table of contents stands (depth from the report's meta)."""

    title: str
    depth: int


@dataclass(frozen=True, slots=True)
class PageBreak:
    """A new page in print."""


Block = (
    Heading
    | Paragraph
    | ListBlock
    | EntryList
    | QuoteBlock
    | Box
    | TableBlock
    | ChartBlock
    | Contents
    | PageBreak
)


@dataclass(frozen=True, slots=True)
class ReportMeta:
    """What the cover, the running head and the file properties say."""

    title: str
    publisher: str
    language: str
    year: int
    subtitle: str = ""
    series: str = ""
    date: str = ""
    """ISO date, "" where the study gives none."""
    author: str = ""
    running_head: str = ""
    notice: str = ""
    """Said on the cover: synthetic answers, or raw figures not for publication."""
    theme: str = "neutral"
    study: str = ""
    """Folder name of the study."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Picked:
    """A row that a reader sees of the unit picked: where it stands in the report.

    ``table`` is the id of a comparison table, with a row per unit shown and the
    whole last; ``anchor`` leads to its section; ``withheld`` are the units that
    have no row there because they are withheld.
    """

    table: str
    name: str
    anchor: str
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picker:
    """Lets a reader of the page pick a unit and see it beside the whole.

    It holds no figures: the page takes them out of its own tables.

    Attributes
    ----------
    units
        Names, as in the rows of the tables.
    rows
        What is shown of the unit picked.
    charts
        Id of a chart -> its categories, as positions in ``units``.
    words
        ``title``, ``lead``, ``label``, ``choose``, ``caption`` and ``said``
        (both with ``{unit}``), ``question``, ``bar``, ``without_script``,
        ``nothing``, ``note`` (said where something is withheld).
    heads
        Of the columns: base, percent, interval, the whole, difference.
    """

    units: tuple[str, ...]
    rows: tuple[Picked, ...]
    charts: dict[str, tuple[int, ...]]
    words: dict[str, str]
    heads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report.

    Attributes
    ----------
    blocks
        In reading order, the contents block included.
    footnotes
        In order of number; ``footnotes[i].number == i + 1``.
    words
        The product's own words that renderers need (skip link, "Innehåll",
        "Sida {page} av {pages}"), resolved in the report's language.
    picker
        At the head of the web page, None for none; other formats have no use for it.
    """

    meta: ReportMeta
    blocks: tuple[Block, ...]
    footnotes: tuple[Footnote, ...] = ()
    words: dict[str, str] = field(default_factory=dict)
    picker: Picker | None = None
