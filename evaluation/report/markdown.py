"""Chapters in Markdown, after their expressions have been filled in, become blocks.

Beside CommonMark: footnotes ``[^a]``, fact boxes ``::: box Title``, a lead
paragraph (``{.lead}`` on the line above its text), and headings with
``{.unnumbered #anchor}``. Raw HTML is text, never markup.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evaluation.report.model import (
    Box,
    CrossReference,
    Emphasis,
    Footnote,
    Heading,
    LineBreak,
    Link,
    ListBlock,
    NoteReference,
    Paragraph,
    QuoteBlock,
    Strong,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markdown_it.token import Token
    from markupsafe import Markup

    from evaluation.report.model import Block, Inline

OPEN, CLOSE, WORDS = "\ue000", "\ue001", "\ue002"
"""Private-use characters around what a chapter's functions leave in the text, and
between a reference's target and its words where it has its own."""

MARKER = re.compile(f"{OPEN}(block|ref):([^{CLOSE}]*){CLOSE}")
HEADING_ATTRIBUTES = re.compile(r"\s*\{([^{}]*)\}\s*$")
SPECIAL = re.compile(r"([\\`*_\[\]<>#~|{}&])")
ATTRIBUTION = "\u2014 "
LEAD = "{.lead}"


def marker(kind: str, value: str) -> str:
    """Return the text that stands for a block or a cross-reference until it is put in."""
    return f"{OPEN}{kind}:{value}{CLOSE}"


def reference_marker(target: str, words: str = "") -> Markup:
    """Return the mark of a cross-reference; without words it reads as its target is called."""
    from markupsafe import Markup

    clean = re.sub(f"[{OPEN}{CLOSE}{WORDS}]", "", words)
    value = f"{escape(target)}{WORDS}{escape(clean)}" if clean else escape(target)
    return Markup(marker("ref", value))  # noqa: S704


def escape(text: str) -> str:
    """Escape a text so that Markdown shows it as it is."""
    return SPECIAL.sub(r"\\\1", text).replace("\n", " ")


@dataclass
class Notes:
    """Footnotes numbered through the whole report, in the order that they are met."""

    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    texts: dict[int, tuple[Inline, ...]] = field(default_factory=dict)

    def number(self, chapter: str, label: str) -> int:
        """Return the number of a footnote, giving it the next one at first sight."""
        return self.numbers.setdefault((chapter, label), len(self.numbers) + 1)

    def footnotes(self) -> tuple[Footnote, ...]:
        """Return all footnotes in order."""
        return tuple(Footnote(n, self.texts.get(n, ())) for n in sorted(self.numbers.values()))


@dataclass(frozen=True, slots=True)
class Placed:
    """A marked block with the numbers of the footnotes written after its mark."""

    key: str
    notes: tuple[int, ...]


def parse_chapter(
    markdown: str,
    chapter: str,
    notes: Notes,
    place: Callable[[Placed], Block],
    reference: Callable[[str], str],
) -> tuple[Block, ...]:
    """Turn one chapter into blocks.

    Parameters
    ----------
    markdown
        The chapter, every expression filled in.
    chapter
        Its file name; footnote labels belong to it.
    notes
        Footnotes so far; this chapter's are added.
    place
        Returns the block for a mark.
    reference
        Returns the printed text of a cross-reference to an anchor.

    Returns
    -------
    tuple of Block
        Headings without numbers; see ``assemble``.
    """
    from markdown_it import MarkdownIt
    from mdit_py_plugins.container import container_plugin
    from mdit_py_plugins.footnote import footnote_plugin

    parser = MarkdownIt("commonmark", {"html": False}).disable(["html_block", "html_inline"])
    parser.use(footnote_plugin).use(container_plugin, "box")
    reader = _Reader(parser.parse(markdown), chapter, notes, place, reference)
    blocks = reader.blocks_until("")
    return tuple(blocks)


class _Reader:
    """Walks through markdown-it's flat list of tokens."""

    def __init__(
        self,
        tokens: Sequence[Token],
        chapter: str,
        notes: Notes,
        place: Callable[[Placed], Block],
        reference: Callable[[str], str],
    ) -> None:
        self.tokens = tokens
        self.at = 0
        self.chapter = chapter
        self.notes = notes
        self.place = place
        self.reference = reference

    def blocks_until(self, closing: str) -> list[Block]:
        """Read blocks up to the token of type ``closing`` and step over it."""
        blocks: list[Block] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.type == closing:
                break
            blocks += self._block(token)
        return blocks

    def _block(self, token: Token) -> list[Block]:
        if token.type == "heading_open":
            return [self._heading(int(token.tag[1:]))]
        if token.type == "paragraph_open":
            return self._paragraph()
        if token.type in ("bullet_list_open", "ordered_list_open"):
            return [self._list(token.type.replace("_open", "_close"))]
        if token.type == "blockquote_open":
            return [self._quote()]
        if token.type == "container_box_open":
            title = token.info.strip().removeprefix("box").strip()
            inner = tuple(self.blocks_until("container_box_close"))
            return [Box(title, slug(title), inner)]
        if token.type == "footnote_block_open":
            self._footnotes()
        if token.type in ("fence", "code_block"):
            return [Paragraph((Text(token.content.strip()),))]
        return []

    def _heading(self, level: int) -> Heading:
        inline = self.tokens[self.at]
        self.at += 2
        text, attributes = split_heading(inline.content)
        anchor = next((a[1:] for a in attributes if a.startswith("#")), "")
        unnumbered = ".unnumbered" in attributes
        text = re.sub(r"\\(.)", r"\1", text)
        return Heading(
            level=level,
            text=text,
            id=anchor,
            number="-" if unnumbered else "",
            in_contents=not (unnumbered and level > 1),
        )

    def _paragraph(self) -> list[Block]:
        inline = self.tokens[self.at]
        self.at += 2
        children = list(inline.children or [])
        lead = bool(children) and children[0].content.strip() == LEAD
        if lead:
            children = children[2:]
        found = MARKER.search(inline.content)
        if found and found.group(1) == "block":
            labels = [c.meta["label"] for c in children if c.type == "footnote_ref"]
            numbers = tuple(self.notes.number(self.chapter, label) for label in labels)
            return [self.place(Placed(found.group(2), numbers))]
        inlines = self._inlines(children)
        return [Paragraph(inlines, lead=lead)] if inlines else []

    def _list(self, closing: str) -> ListBlock:
        items = []
        while self.tokens[self.at].type != closing:
            self.at += 1
            items.append(tuple(self.blocks_until("list_item_close")))
        self.at += 1
        return ListBlock(tuple(items), ordered=closing.startswith("ordered"))

    def _quote(self) -> QuoteBlock:
        """A quotation; its last line is the attribution where it starts with a dash."""
        paragraphs = [
            block for block in self.blocks_until("blockquote_close") if isinstance(block, Paragraph)
        ]
        attribution: tuple[Inline, ...] = ()
        if paragraphs:
            children = paragraphs[-1].children
            start = next((i for i, c in enumerate(children) if _starts_attribution(c)), None)
            if start is not None:
                first = children[start]
                head = first.text.removeprefix(ATTRIBUTION) if isinstance(first, Text) else ""
                attribution = (Text(head), *children[start + 1 :])
                body = _trimmed(children[:start])
                paragraphs[-1:] = [Paragraph(body)] if body else []
        return QuoteBlock(tuple(paragraphs), attribution)

    def _footnotes(self) -> None:
        """Read the definitions that markdown-it collects at the end of the chapter."""
        while self.tokens[self.at].type != "footnote_block_close":
            token = self.tokens[self.at]
            self.at += 1
            if token.type == "footnote_open":
                label = token.meta.get("label", "")
                blocks = self.blocks_until("footnote_close")
                inlines: list[Inline] = []
                for block in blocks:
                    if isinstance(block, Paragraph):
                        inlines += [Text(" "), *block.children] if inlines else block.children
                self.notes.texts[self.notes.number(self.chapter, label)] = tuple(inlines)
        self.at += 1

    def _inlines(self, tokens: Sequence[Token]) -> tuple[Inline, ...]:
        """Read running text; nested marks are paired by their open and close tokens."""
        result: list[Inline] = []
        stack: list[tuple[str, str, list[Inline]]] = []
        for token in tokens:
            if token.type in ("strong_open", "em_open", "link_open"):
                stack.append((token.type, str(token.attrGet("href") or ""), result))
                result = []
            elif token.type in ("strong_close", "em_close", "link_close"):
                kind, href, outer = stack.pop()
                outer.append(_wrapped(kind, href, tuple(result)))
                result = outer
            else:
                result += self._leaf(token)
        return tuple(result)

    def _leaf(self, token: Token) -> list[Inline]:
        if token.type == "softbreak":
            return [Text(" ")]
        if token.type == "hardbreak":
            return [LineBreak()]
        if token.type == "footnote_ref":
            return [NoteReference(self.notes.number(self.chapter, token.meta["label"]))]
        if token.type == "footnote_anchor":
            return []
        return self._with_references(token.content)

    def _with_references(self, text: str) -> list[Inline]:
        result: list[Inline] = []
        end = 0
        for found in MARKER.finditer(text):
            if found.start() > end:
                result.append(Text(text[end : found.start()]))
            target, _, words = found.group(2).partition(WORDS)
            result.append(CrossReference(target, words or self.reference(target)))
            end = found.end()
        if end < len(text):
            result.append(Text(text[end:]))
        return result


def split_heading(text: str) -> tuple[str, tuple[str, ...]]:
    """Split ``Title {.unnumbered #anchor}`` into the title and its attributes."""
    found = HEADING_ATTRIBUTES.search(text)
    if not found:
        return text, ()
    return text[: found.start()], tuple(found.group(1).split())


def slug(text: str) -> str:
    """Return an anchor made of a text's letters and digits, ASCII only."""
    plain = text.casefold().translate(str.maketrans("\u00e5\u00e4\u00f6\u00e9\u00fc", "aaoeu"))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "del"


def _wrapped(kind: str, href: str, children: tuple[Inline, ...]) -> Inline:
    if kind == "strong_open":
        return Strong(children)
    if kind == "em_open":
        return Emphasis(children)
    return Link(href, children)


def _starts_attribution(inline: Inline) -> bool:
    return isinstance(inline, Text) and inline.text.startswith(ATTRIBUTION)


def _trimmed(children: tuple[Inline, ...]) -> tuple[Inline, ...]:
    """Drop the break before an attribution."""
    while children and (
        isinstance(children[-1], LineBreak)
        or (isinstance(children[-1], Text) and not children[-1].text.strip())
    ):
        children = children[:-1]
    return children
