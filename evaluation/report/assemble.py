"""The report out of filled chapters: numbering, contents, cross-references, footnotes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from evaluation.problems import Checked, Problem, Severity
from evaluation.report.apparatus import (
    DEFINITIONS,
    REFERENCES,
    apparatus_problems,
    definitions_block,
    entry_names,
    references_block,
)
from evaluation.report.appendices import LIST_OF_FIGURES, LIST_OF_TABLES
from evaluation.report.markdown import Notes, Placed, marker, parse_chapter, slug
from evaluation.report.model import (
    Box,
    ChartBlock,
    Contents,
    CrossReference,
    Emphasis,
    EntryKind,
    EntryList,
    Heading,
    Link,
    ListBlock,
    ListEntry,
    NoteReference,
    Paragraph,
    QuoteBlock,
    Report,
    ReportMeta,
    Strong,
    TableBlock,
    Text,
)
from evaluation.tables.request import local

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evaluation.report.chapters import Filled
    from evaluation.report.facts import StudyFacts
    from evaluation.report.model import Block, Footnote, Inline


LISTED: dict[str, type[TableBlock] | type[ChartBlock]] = {
    LIST_OF_TABLES: TableBlock,
    LIST_OF_FIGURES: ChartBlock,
}
LISTS = {marker("list", name): name for name in (*LISTED, REFERENCES, DEFINITIONS)}
"""What stands for a list until everything has its number."""


@dataclass
class _Numbering:
    """Running numbers of headings, tables and figures, and what anchors are called."""

    facts: StudyFacts
    headings: list[int] = field(default_factory=lambda: [0] * 6)
    tables: int = 0
    figures: int = 0
    names: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def anchor(self, wanted: str) -> str:
        """Return an anchor that no block has yet."""
        name, suffix = wanted, 2
        while name in self.taken:
            name, suffix = f"{wanted}-{suffix}", suffix + 1
        self.taken.add(name)
        return name

    def heading(self, heading: Heading) -> Heading:
        """Number a heading: ``1.``, ``1.2.``; unnumbered ones get none."""
        uppercase = heading.level in (self.facts.study.report.uppercase_headings or ())
        number = ""
        if heading.number != "-":
            self.headings[heading.level - 1] += 1
            self.headings[heading.level :] = [0] * (6 - heading.level)
            number = "".join(f"{part}." for part in self.headings[: heading.level])
        else:
            uppercase = uppercase and heading.level == 1
        anchor = self.anchor(heading.id or slug(heading.text))
        name = number.rstrip(".") or heading.text
        self.names[anchor] = self.facts.texts.get("reference.section", number=name)
        return replace(heading, number=number, id=anchor, uppercase=uppercase)

    def table(self, block: TableBlock) -> TableBlock:
        """Number a table."""
        self.tables += 1
        anchor = self.anchor(block.id or f"tabell-{self.tables}")
        if self.facts.study.report.number_tables is False:
            self.names[anchor] = block.caption
            return replace(block, id=anchor)
        texts = self.facts.texts
        self.names[anchor] = texts.get("reference.table", number=self.tables)
        label = texts.get("table.label", number=self.tables)
        return replace(block, id=anchor, number=self.tables, label=label)

    def chart(self, block: ChartBlock) -> ChartBlock:
        """Number a figure."""
        self.figures += 1
        anchor = self.anchor(block.id or f"figur-{self.figures}")
        data = replace(block.data_table, id=f"{anchor}-data")
        if self.facts.study.report.number_tables is False:
            self.names[anchor] = block.caption
            return replace(block, id=anchor, data_table=data)
        texts = self.facts.texts
        self.names[anchor] = texts.get("reference.figure", number=self.figures)
        label = texts.get("chart.label", number=self.figures)
        return replace(block, id=anchor, number=self.figures, label=label, data_table=data)


def assemble(filled: Sequence[Filled], facts: StudyFacts, study_name: str) -> Checked[Report]:
    """Build the report.

    Parameters
    ----------
    filled
        Chapters in order, nothing missing.
    facts
        The study.
    study_name
        Name of the study folder.

    Returns
    -------
    Checked of Report
        Problems: references to anchors that do not exist, headings that skip
        a level, footnotes without text.
    """
    notes = Notes()
    numbering = _Numbering(facts)
    problems: list[Problem] = []
    blocks: list[Block] = []
    for chapter in filled:
        parsed = parse_chapter(
            chapter.markdown,
            chapter.name,
            notes,
            lambda placed, chapter=chapter: _placed(chapter, placed),  # type: ignore[misc]
            lambda _: "",
        )
        problems += _skipped_levels(parsed, chapter)
        blocks += [_numbered(block, numbering) for block in parsed]
    placed = frozenset(mark for block in blocks if (mark := _mark_of(block)))
    blocks = [definitions_block(facts) if _mark_of(b) == DEFINITIONS else b for b in blocks]
    cited = tuple(dict.fromkeys(_targets(blocks, notes)))
    problems += apparatus_problems(facts, cited, placed)
    names = entry_names(facts, cited) | numbering.names
    resolved, unknown = _resolve(blocks, names)
    resolved = [_listed(block, resolved, facts, cited) for block in resolved]
    footnotes, unknown_too = _resolve_notes(notes.footnotes(), names)
    problems += [
        Problem("unknown-reference", Severity.STOP, file=file, row=row, value=target)
        for target in sorted(unknown | unknown_too)
        for file, row in _referring(filled, target)
    ]
    problems += [
        Problem("empty-footnote", Severity.STOP, file=chapter, value=label)
        for (chapter, label), number in notes.numbers.items()
        if not notes.texts.get(number)
    ]
    texts = facts.texts
    contents = Contents(texts.get("words.contents"), facts.study.report.contents_depth)
    report = Report(
        meta=report_meta(facts, study_name),
        blocks=_with_contents(resolved, contents),
        footnotes=footnotes,
        words={key: str(text) for key, text in texts.mapping("words").items()},
    )
    return Checked(report, tuple(problems))


def _referring(filled: Sequence[Filled], target: str) -> list[tuple[str, int]]:
    """Return the chapters that refer to an anchor, each with its line; none where nobody says."""
    found = [
        (chapter.context.chapter, chapter.context.references[target])
        for chapter in filled
        if target in chapter.context.references
    ]
    return found or [("", 0)]


def report_meta(facts: StudyFacts, study_name: str) -> ReportMeta:
    """Return what the cover, the running heads and the file properties say."""
    study, language = facts.study, facts.texts.language
    publisher, series = local(study.publisher, language), local(study.series, language)
    default_head = "  |  ".join(part for part in (publisher, series) if part)
    return ReportMeta(
        title=local(study.title, language),
        subtitle=facts.unit or local(study.subtitle, language),
        publisher=publisher,
        series=series,
        language=language,
        year=study.year,
        date=study.date or "",
        author=local(study.author, language),
        running_head=study.report.running_head or default_head,
        notice=local(study.synthetic, language),
        theme=study.report.theme,
        study=study_name,
    )


def _mark_of(block: Block) -> str:
    """Return the name of the list that a block stands for, "" for any other block."""
    if not isinstance(block, Paragraph) or len(block.children) != 1:
        return ""
    mark = block.children[0]
    return LISTS.get(mark.text, "") if isinstance(mark, Text) else ""


def _listed(
    block: Block, blocks: Sequence[Block], facts: StudyFacts, cited: Sequence[str]
) -> Block:
    """Put a list in place of its mark, now that everything has its number."""
    mark = _mark_of(block)
    if mark == REFERENCES:
        return references_block(facts, cited)
    wanted = LISTED.get(mark)
    if wanted is None:
        return block
    texts = facts.texts
    entries = [
        (b, texts.get("lists.entry", label=b.label, caption=b.caption) if b.label else b.caption)
        for b in _within(blocks)
        if isinstance(b, wanted)
    ]
    return EntryList(
        tuple(ListEntry(b.id, b.label, (CrossReference(b.id, text),)) for b, text in entries),
        EntryKind.LISTING,
    )


def _targets(blocks: Sequence[Block], notes: Notes) -> Iterator[str]:
    """Yield what is referred to, in reading order; a note is read where its mark stands."""
    for block in blocks:
        match block:
            case Paragraph():
                yield from _inline_targets(block.children, notes)
            case ListBlock():
                for item in block.items:
                    yield from _targets(item, notes)
            case QuoteBlock():
                yield from _targets(block.paragraphs, notes)
                yield from _inline_targets(block.attribution, notes)
            case Box():
                yield from _targets(block.blocks, notes)
            case EntryList():
                for entry in block.entries:
                    yield from _inline_targets(entry.children, notes)
            case TableBlock():
                marks = (block.caption_note, *(row.note for row in block.rows))
                for number in marks:
                    yield from _inline_targets(notes.texts.get(number, ()), notes)
            case _:
                pass


def _inline_targets(inlines: Sequence[Inline], notes: Notes) -> Iterator[str]:
    for inline in inlines:
        if isinstance(inline, CrossReference):
            yield inline.target
        elif isinstance(inline, NoteReference):
            yield from _inline_targets(notes.texts.get(inline.number, ()), notes)
        elif isinstance(inline, Strong | Emphasis | Link):
            yield from _inline_targets(inline.children, notes)


def _within(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield blocks in reading order, those in boxes too."""
    for block in blocks:
        yield block
        if isinstance(block, Box):
            yield from _within(block.blocks)


def _placed(chapter: Filled, placed: Placed) -> Block:
    """Return the block for a mark, its footnotes in place."""
    if placed.key in LISTS.values():
        return Paragraph((Text(marker("list", placed.key)),))
    block = chapter.context.blocks.get(placed.key)
    if block is None:
        return Paragraph(())
    rows = dict(zip(chapter.context.row_notes[placed.key], placed.notes, strict=True))
    if isinstance(block, TableBlock) and rows:
        body = tuple(replace(row, note=rows.get(row.label, 0)) for row in block.rows)
        return replace(block, rows=body, caption_note=rows.get("", 0))
    return block


def _numbered(block: Block, numbering: _Numbering) -> Block:
    if isinstance(block, Heading):
        return numbering.heading(block)
    if isinstance(block, TableBlock):
        return numbering.table(block)
    if isinstance(block, ChartBlock):
        return numbering.chart(block)
    if isinstance(block, Box):
        inner = tuple(_numbered(b, numbering) for b in block.blocks)
        return replace(block, id=numbering.anchor(block.id), blocks=inner)
    return block


def _with_contents(blocks: Sequence[Block], contents: Contents) -> tuple[Block, ...]:
    """Contents stand before the first numbered chapter, after a summary."""
    first = next(
        (i for i, b in enumerate(blocks) if isinstance(b, Heading) and b.level == 1 and b.number), 0
    )
    return (*blocks[:first], contents, *blocks[first:])


def _skipped_levels(blocks: Sequence[Block], chapter: Filled) -> list[Problem]:
    problems = []
    above = 0
    for block in blocks:
        if isinstance(block, Heading):
            if block.level > above + 1:
                problems.append(
                    Problem(
                        "skipped-heading",
                        Severity.STOP,
                        file=chapter.context.chapter,
                        value=block.text,
                        expected="#" * (above + 1),
                    )
                )
            above = block.level
    return problems


def _resolve(blocks: Sequence[Block], names: dict[str, str]) -> tuple[list[Block], set[str]]:
    """Fill in the printed text of cross-references, now that everything has its number."""
    unknown: set[str] = set()
    return [_resolve_block(block, names, unknown) for block in blocks], unknown


def _resolve_notes(
    footnotes: Sequence[Footnote], names: dict[str, str]
) -> tuple[tuple[Footnote, ...], set[str]]:
    unknown: set[str] = set()
    resolved = tuple(
        replace(note, children=_resolve_inlines(note.children, names, unknown))
        for note in footnotes
    )
    return resolved, unknown


def _resolve_block(block: Block, names: dict[str, str], unknown: set[str]) -> Block:
    if isinstance(block, Paragraph):
        return replace(block, children=_resolve_inlines(block.children, names, unknown))
    if isinstance(block, ListBlock):
        items = tuple(
            tuple(_resolve_block(b, names, unknown) for b in item) for item in block.items
        )
        return replace(block, items=items)
    if isinstance(block, EntryList):
        entries = tuple(
            replace(entry, children=_resolve_inlines(entry.children, names, unknown))
            for entry in block.entries
        )
        return replace(block, entries=entries)
    if isinstance(block, QuoteBlock):
        paragraphs = tuple(
            replace(p, children=_resolve_inlines(p.children, names, unknown))
            for p in block.paragraphs
        )
        return replace(block, paragraphs=paragraphs)
    if isinstance(block, Box):
        inner = tuple(_resolve_block(b, names, unknown) for b in block.blocks)
        return replace(block, blocks=inner)
    return block


def _resolve_inlines(
    inlines: tuple[Inline, ...], names: dict[str, str], unknown: set[str]
) -> tuple[Inline, ...]:
    result: list[Inline] = []
    for inline in inlines:
        if isinstance(inline, CrossReference):
            if inline.target not in names:
                unknown.add(inline.target)
            text = inline.text or names.get(inline.target, inline.target)
            result.append(replace(inline, text=text))
        elif isinstance(inline, Strong | Emphasis | Link):
            children = _resolve_inlines(inline.children, names, unknown)
            result.append(replace(inline, children=children))
        else:
            result.append(inline)
    return tuple(result)
