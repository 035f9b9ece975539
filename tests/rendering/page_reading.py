"""Reads an HTML page into a small tree with the standard library's parser."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

VOID = {"br", "img", "meta", "link", "hr", "input", "col"}


@dataclass
class Node:
    """An element: its name, attributes and what it holds."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    def all(self, name: str = "", /, **wanted: str) -> list[Node]:
        """Return the elements beneath with that name and those attributes, in order."""
        return [node for node in self.walk() if node.fits(name, wanted)]

    def one(self, name: str = "", /, **wanted: str) -> Node:
        """Return the only such element."""
        (node,) = self.all(name, **wanted)
        return node

    def walk(self) -> Iterator[Node]:
        """Yield every element beneath, in order."""
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child.walk()

    def fits(self, name: str, wanted: dict[str, str]) -> bool:
        """Tell whether name and attributes are those; ``class_`` is one of the classes."""
        classes = self.attributes.get("class", "").split()
        return (not name or self.name == name) and all(
            value in classes if key == "class_" else self.attributes.get(key) == value
            for key, value in wanted.items()
        )

    @property
    def text(self) -> str:
        """The text, blanks run together."""
        return " ".join(self.raw.split())

    @property
    def raw(self) -> str:
        """The text as it stands."""
        return "".join(c if isinstance(c, str) else c.raw for c in self.children)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Node("#document")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {key: value or "" for key, value in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Node(tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        # Strict: what is opened is closed, in order.
        assert self.open[-1].name == tag, f"</{tag}> closes <{self.open[-1].name}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read_page(page: bytes | str) -> Node:
    """Parse a page; every element that is opened must be closed in order."""
    reader = _Reader()
    reader.feed(page.decode() if isinstance(page, bytes) else page)
    reader.close()
    assert len(reader.open) == 1, [node.name for node in reader.open]
    return reader.open[0]
