"""What a tagged PDF says of itself, held against the report it was made from."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import page
import pikepdf

from evaluation.rendering.pdf_tags import children, elements, table_attributes
from evaluation.rendering.table_parts import readable_parts
from evaluation.report.model import (
    BodyKind,
    Box,
    ChartBlock,
    Contents,
    EntryList,
    Heading,
    ListBlock,
    Report,
    TableBlock,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PROFILES = ("ua1", "pdfa-2a")


def validation_faults(pdf: bytes, profiles: tuple[str, ...] = PROFILES) -> list[str]:
    """Return what the outside validator finds, by profile."""
    return [
        f"{profile}: {failure.rule_id} {failure.message}"
        for profile in profiles
        for failure in page.validate_pdf_bytes(pdf, profile=profile).failures
    ]


def blocks_of(report: Report, kind: type) -> list[Any]:
    """Return the blocks of a kind in reading order, those in boxes and lists too."""

    def walk(blocks: Any) -> Iterator[Any]:
        for block in blocks:
            if isinstance(block, kind):
                yield block
            if isinstance(block, Box):
                yield from walk(block.blocks)
            if isinstance(block, ListBlock):
                for item in block.items:
                    yield from walk(item)

    return list(walk(report.blocks))


def printed_tables(report: Report) -> list[TableBlock]:
    """Return the tables as they stand on paper: one too wide for a page is several."""
    upright = {id(b) for b in blocks_of(report, TableBlock)} - {id(b) for b in report.blocks}
    return [
        part
        for block in blocks_of(report, TableBlock)
        for part, _ in readable_parts(block, may_turn=id(block) not in upright)
    ]


def structure_faults(pdf: bytes, report: Report) -> list[str]:
    """Compare the structure tree with the report; an empty list is a perfect match."""
    with pikepdf.open(BytesIO(pdf)) as document:
        root = document.Root.StructTreeRoot
        return [
            *_document_faults(document, report),
            *_bookmark_faults(document, report),
            *_heading_faults(root, report),
            *_figure_faults(root, report),
            *_note_faults(root, report),
            *_table_faults(root, report),
            *_list_faults(root, report),
        ]


def bookmarks(pdf: bytes) -> list[tuple[int, str]]:
    """Return level and title of every bookmark."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return _bookmarks(document)


def _bookmarks(document: pikepdf.Pdf) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []

    def walk(items: Any, level: int) -> None:
        for item in items:
            found.append((level, item.title))
            walk(item.children, level + 1)

    with document.open_outline() as outline:
        walk(outline.root, 1)
    return found


def _document_faults(document: pikepdf.Pdf, report: Report) -> list[str]:
    faults = []
    language = str(document.Root.get("/Lang", ""))
    if not language.startswith(report.meta.language):
        faults.append(f"language {language!r}")
    with document.open_metadata() as metadata:
        if metadata.get("dc:title") != report.meta.title:
            faults.append(f"title {metadata.get('dc:title')!r}")
    if not document.Root.get("/ViewerPreferences", {}).get("/DisplayDocTitle"):
        faults.append("the title is not displayed")
    return faults


def _heading_faults(root: Any, report: Report) -> list[str]:
    tags = [str(e.S) for e in elements(root) if str(e.S) in {f"/H{n}" for n in range(1, 7)}]
    levels = [1 if isinstance(b, Contents) else b.level for b in _heads(report)]
    expected = [f"/H{level}" for level in levels]
    return [] if tags == expected else [f"headings {tags} instead of {expected}"]


def _heads(report: Report) -> list[Any]:
    # The contents have a heading of their own.
    return [b for b in report.blocks if isinstance(b, Heading | Contents)]


def _bookmark_faults(document: pikepdf.Pdf, report: Report) -> list[str]:
    found = _bookmarks(document)
    expected = [
        (1, b.title) if isinstance(b, Contents) else (b.level, f"{b.number} {b.shown_text}".strip())
        for b in _heads(report)
    ]
    return [] if found == expected else [f"bookmarks {found} instead of {expected}"]


def _list_faults(root: Any, report: Report) -> list[str]:
    found = len(list(elements(root, "/LI")))
    entries = sum(len(block.entries) for block in blocks_of(report, EntryList))
    expected = entries + sum(len(block.items) for block in blocks_of(report, ListBlock))
    return [] if found == expected else [f"{found} items of lists instead of {expected}"]


def _figure_faults(root: Any, report: Report) -> list[str]:
    found = [str(e.get("/Alt", "")) for e in elements(root, "/Figure")]
    expected = [chart.alt for chart in blocks_of(report, ChartBlock)]
    return [] if found == expected else [f"alternative texts {found} instead of {expected}"]


def _note_faults(root: Any, report: Report) -> list[str]:
    notes = list(elements(root, "/Note"))
    faults = []
    if len(notes) != len(report.footnotes):
        faults.append(f"{len(notes)} notes instead of {len(report.footnotes)}")
    identifiers = [str(note.get("/ID", "")) for note in notes]
    if len(set(identifiers)) != len(notes) or "" in identifiers:
        faults.append(f"notes without an id of their own: {identifiers}")
    return faults


def _table_faults(root: Any, report: Report) -> list[str]:
    tables = list(elements(root, "/Table"))
    expected = printed_tables(report)
    if len(tables) != len(expected):
        return [f"{len(tables)} tables instead of {len(expected)}"]
    return [
        f"table {block.id}: {fault}"
        for table, block in zip(tables, expected, strict=True)
        for fault in _one_table(table, block)
    ]


def _one_table(table: Any, block: TableBlock) -> Iterator[str]:
    heads = [cell for row in _rows(table, "/THead") for cell in children(row)]
    n_heads = sum(len(row) for row in block.head) + 1
    if [str(cell.S) for cell in heads] != ["/TH"] * n_heads:
        yield f"{len(heads)} head cells instead of {n_heads}"
    body = _rows(table, "/TBody")
    if len(body) != len(block.rows):
        yield f"{len(body)} rows instead of {len(block.rows)}"
    for row, modelled in zip(body, block.rows, strict=False):
        yield from _one_row(children(row), modelled.kind is BodyKind.GROUP, len(modelled.cells))


def _one_row(cells: list[Any], is_group: bool, n_cells: int) -> Iterator[str]:
    kinds = [str(cell.S) for cell in cells]
    if kinds != ["/TH"] + ["/TD"] * (0 if is_group else n_cells):
        yield f"row of {kinds}"
    wanted = "/Column" if is_group else "/Row"
    if not cells or str(table_attributes(cells[0]).get("/Scope", "")) != wanted:
        yield f"row head without scope {wanted}"
        return
    own = str(cells[0].get("/ID", ""))
    for cell in cells[1:]:
        if own not in [str(name) for name in table_attributes(cell).get("/Headers", [])]:
            yield f"cell that does not name its row head {own}"


def _rows(table: Any, part: str) -> list[Any]:
    return [row for section in elements(table, part) for row in children(section)]
