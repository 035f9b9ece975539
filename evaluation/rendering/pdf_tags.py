"""What Typst leaves to be done in a tagged PDF: above all row heads of tables.

Typst tags the heads of columns but has no head cells for rows. This pass turns
the first cell of every body row into ``TH`` with scope ``Row`` and names it in
the ``Headers`` of the cells beside it (ISO 32000-1, 14.8.5.7). A group row,
one cell as wide as the table, heads the rows below it: scope ``Column``.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

_AMBIGUOUS_END = re.compile(rb"\r\nendstream")
_DICTIONARY = b" obj\n<< /"
_DATA = b">>\nstream\n"
_WHOLES = frozenset({"/Table", "/TOCI", "/Figure", "/Note", "/H1", "/H2", "/H3", "/H4"})
_LENGTH = re.compile(rb"/Length (\d+)")

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    import pikepdf


def mark_row_heads(pdf: bytes) -> bytes:
    """Return the PDF with its row heads tagged; the same input gives the same bytes."""
    import pikepdf

    with pikepdf.open(BytesIO(pdf)) as document:
        root = document.Root.get("/StructTreeRoot")
        if root is not None:
            identifiers: dict[bytes, Any] = {}
            number = 0
            for element in elements(root, whole=_WHOLES):
                if element.S == "/TOCI":
                    _flatten(element)
                elif element.S == "/Table":
                    number += 1
                    _mark_table(element, number, identifiers)
            _register(document, root, identifiers)
        out = BytesIO()
        document.save(
            out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate
        )
    return settle_stream_ends(out.getvalue())


def _numbers(document: pikepdf.Pdf) -> dict[Any, int]:
    return {page.objgen: number for number, page in enumerate(document.pages, start=1)}


def _named(document: pikepdf.Pdf, numbers: dict[Any, int]) -> dict[str, int]:
    import pikepdf

    names = document.Root.get("/Names", pikepdf.Dictionary())
    if "/Dests" not in names:
        return {}
    found = {}
    for name, held in pikepdf.NameTree(names.Dests).items():
        place = held.D if isinstance(held, pikepdf.Dictionary) else held
        found[str(name)] = numbers[place[0].objgen]
    return found


def block_pages(pdf: bytes, tables: Sequence[str], figures: Sequence[str]) -> dict[str, int]:
    """Return the page of every named destination, and of tables and figures by their tags.

    Parameters
    ----------
    pdf
        A tagged PDF.
    tables, figures
        Ids in reading order. A cover may have a picture before the figures.
    """
    import pikepdf

    with pikepdf.open(BytesIO(pdf)) as document:
        numbers = _numbers(document)
        found = _named(document, numbers)
        root = document.Root.get("/StructTreeRoot")
        if root is None:
            return found
        pages: dict[str, list[int]] = {"/Table": [], "/Figure": []}
        for element in elements(root, whole=_WHOLES):
            if (kind := str(element.S)) in pages:
                pages[kind].append(numbers.get(_page_of(element), 0))
        for tagged, names in zip(pages.values(), (tables, figures), strict=True):
            if len(tagged) >= len(names):
                placed = zip(names, tagged[len(tagged) - len(names) :], strict=True)
                found |= {name: page for name, page in placed if page}
    return found


def _page_of(element: Any) -> tuple[int, int]:
    """Return the object number of the page on which a structure element begins."""
    import pikepdf

    if "/Pg" in element:
        return tuple(element.Pg.objgen)
    kids = element.get("/K")
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and (found := _page_of(kid)) != (0, 0):
            return found
    return (0, 0)


def settle_stream_ends(pdf: bytes) -> bytes:
    r"""End every stream so that its length cannot be misread.

    Where the last byte of a stream is a carriage return, the line feed before
    ``endstream`` makes ``\r\n`` of it, readers take both for the line break,
    and find the stream a byte shorter than it says (PDF/A-2, 6.1.7.1). Such a
    stream gets ``\r\n`` of its own; the byte is saved on a blank of its
    dictionary, so that no object moves.
    """
    parts, done = [], 0
    for found in _AMBIGUOUS_END.finditer(pdf):
        end = found.start() + 1
        start = pdf.rfind(_DICTIONARY, done, end)
        data = pdf.find(_DATA, start) + len(_DATA)
        length = _LENGTH.search(pdf, start, data)
        if start < 0 or length is None or data + int(length.group(1)) != end:
            continue
        blank = start + len(_DICTIONARY) - 2
        parts += [pdf[done:blank], pdf[blank + 1 : end], b"\r"]
        done = end
    return b"".join([*parts, pdf[done:]])


def children(element: Any) -> list[Any]:
    """Return the kids of a structure element that are structure elements themselves."""
    import pikepdf

    kids = element.get("/K")
    if kids is None or isinstance(kids, int):  # marked content: the leaves of the tree
        return []
    listed = list(kids) if isinstance(kids, pikepdf.Array) else [kids]
    return [kid for kid in listed if not isinstance(kid, int) and "/S" in kid]


def elements(element: Any, kind: str = "", whole: Container[str] = ()) -> Iterator[Any]:
    """Yield the structure elements below one, in reading order.

    Parameters
    ----------
    element
        The root of the tree, or an element of it.
    kind
        Such as ``/TR``; all if not given.
    whole
        Kinds of which no element holds another, nor anything else that is asked for:
        what lies in them, most of a report, is passed by.
    """
    waiting = children(element)[::-1]
    while waiting:
        kid = waiting.pop()
        found = str(kid.S)
        if not kind or kind == found:
            yield kid
        if found not in whole:
            waiting += children(kid)[::-1]


def table_attributes(cell: Any) -> Any:
    """Return a cell's attribute dictionary owned by ``Table``, made if it has none."""
    import pikepdf

    held = cell.get("/A")
    listed = list(held) if isinstance(held, pikepdf.Array) else [] if held is None else [held]
    for attributes in listed:
        if isinstance(attributes, pikepdf.Dictionary) and attributes.get("/O") == "/Table":
            return attributes
    cell.A = pikepdf.Array([*listed, pikepdf.Dictionary(O=pikepdf.Name.Table)])
    return cell.A[len(listed)]


def _mark_table(table: Any, number: int, identifiers: dict[bytes, Any]) -> None:
    import pikepdf

    rows = [
        (children(row), part.S == "/TBody")
        for part in children(table)
        for row in ([part] if part.S == "/TR" else elements(part, "/TR", whole={"/TR"}))
    ]
    columns = max((sum(map(_span, cells)) for cells, _ in rows), default=0)
    group: bytes | None = None
    for y, cells in enumerate(cells for cells, is_body in rows if is_body):
        if not cells:
            continue
        first, identifier = cells[0], f"row-{number}-{y}".encode()
        identifiers[identifier] = first
        spans_all = len(cells) == 1 and columns > 1
        _make_head(first, identifier, "/Column" if spans_all else "/Row")
        if spans_all:
            group = identifier
            # It stands above the columns' cells, not under their heads.
            table_attributes(first).Headers = pikepdf.Array()
        else:
            _name_heads(cells, [identifier] if group is None else [group, identifier])


def _flatten(entry: Any) -> None:
    """Make the columns of an entry of the contents inline: a link holds words, not blocks."""
    import pikepdf

    for element in elements(entry, "/Div"):
        element.S = pikepdf.Name.Span


def _span(cell: Any) -> int:
    return int(table_attributes(cell).get("/ColSpan", 1))


def _make_head(cell: Any, identifier: bytes, scope: str) -> None:
    import pikepdf

    cell.S = pikepdf.Name.TH
    cell.ID = pikepdf.String(identifier)
    table_attributes(cell).Scope = pikepdf.Name(scope)


def _name_heads(cells: list[Any], heads: list[bytes]) -> None:
    import pikepdf

    for position, cell in enumerate(cells):
        attributes = table_attributes(cell)
        named = list(attributes.get("/Headers", []))
        # A row's own head is not a head of itself, the group above it is.
        added = heads if position else heads[:-1]
        attributes.Headers = pikepdf.Array([*named, *map(pikepdf.String, added)])


def _register(document: pikepdf.Pdf, root: Any, identifiers: dict[bytes, Any]) -> None:
    """Add the new ids to the structure tree's ``IDTree``, which must hold every id."""
    import pikepdf

    if not identifiers:
        return
    if "/IDTree" not in root:
        root.IDTree = document.make_indirect(pikepdf.Dictionary(Names=pikepdf.Array()))
    tree = pikepdf.NameTree(root.IDTree)
    for identifier, cell in identifiers.items():
        tree[identifier.decode()] = cell
