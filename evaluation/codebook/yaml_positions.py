"""YAML with the line of everything: text in, a tree of nodes and problems out.

Read as YAML 1.2 (core schema), which a questionnaire needs: ``Nej``, ``no``,
``on`` and ``2022-03-01`` are texts; only ``true``, ``false``, ``null`` and
numbers are anything else. A number with a leading zero (``01``, a county code)
stays a text. Every key is a text, as written. Repeated keys are refused, and
so are files that are nested or repeat themselves beyond reason; anchors and
aliases (one list of options for many questions) work.

The tree is built from the parser's events without recursion, so that no file
can exhaust the stack.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_DEPTH = 40
MAX_NODES = 500_000
"""Nodes of one file, aliases counted as often as they are used."""
MAX_CHARACTERS = 20_000_000

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Scalar:
    """A text, number, truth value or null; ``text`` is as written."""

    line: int
    column: int
    text: str
    plain: bool = True
    size: int = 1
    height: int = 0


@dataclass(slots=True)
class Entry:
    """A key of a mapping with its own place, and what it maps to."""

    line: int
    column: int
    node: Node


@dataclass(slots=True)
class MappingNode:
    """A mapping; keys as written, in file order."""

    line: int
    column: int
    entries: dict[str, Entry] = field(default_factory=dict)
    size: int = 1
    height: int = 1


@dataclass(slots=True)
class ListNode:
    """A list."""

    line: int
    column: int
    nodes: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 1


Node = Scalar | MappingNode | ListNode


def read_yaml(text: str, file: str) -> Checked[Node | None]:
    """Read one YAML document.

    Parameters
    ----------
    text
        The file's content.
    file
        Name for problems.

    Returns
    -------
    Checked
        The root node; None where the syntax is broken (one problem, since what
        follows cannot be trusted) or the file is empty.
    """
    if len(text) > MAX_CHARACTERS:
        return Checked(None, (_stop("yaml-too-large", file, 0, ""),))
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=LOADER):
            builder.take(event)
            if builder.failed:
                break
    except yaml.reader.ReaderError as error:
        builder.refuse("yaml-character", text.count("\n", 0, error.position) + 1, "")
    except yaml.MarkedYAMLError as error:
        builder.refuse(*_syntax(error, text))
    if not builder.failed and builder.root is None:
        builder.refuse("yaml-empty", 0, "")
    return Checked(None if builder.failed else builder.root, tuple(builder.problems))


def plain(node: Node) -> Any:
    """Return the node as Python dicts, lists, texts, numbers, bools and None."""
    match node:
        case Scalar():
            return scalar_value(node)
        case MappingNode(entries=entries):
            return {key: plain(entry.node) for key, entry in entries.items()}
        case ListNode(nodes=nodes):
            return [plain(child) for child in nodes]


def locate(node: Node, path: Sequence[str | int]) -> tuple[int, int]:
    """Return line and column (1-based) of a path, as far as it leads."""
    place = (node.line, node.column)
    for step in path:
        child = child_entry(node, step)
        if child is None:
            break
        place = (child.line, child.column)
        node = child.node if isinstance(child, Entry) else child
    return place


def child_entry(node: Node, step: str | int) -> Entry | Node | None:
    """Return the entry or list node that one step of a path leads to, or None."""
    if isinstance(node, MappingNode):
        return node.entries.get(str(step))
    if isinstance(node, ListNode) and isinstance(step, int) and step < len(node.nodes):
        return node.nodes[step]
    return None


_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")


def scalar_value(scalar: Scalar) -> str | int | float | bool | None:
    """Return what a scalar means; anything in quotation marks is a text."""
    text = scalar.text
    if not scalar.plain:
        return text
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text) if repr(float(text)) == text else WrittenFloat(text)
    return text


class WrittenFloat(float):
    """A number whose text is as the file has it (``1.50``), not as Python would write it."""

    written: str

    def __new__(cls, written: str) -> WrittenFloat:
        """Read the number and remember how it was written."""
        number = super().__new__(cls, written)
        number.written = written
        return number

    def __str__(self) -> str:
        return self.written


# --- building -------------------------------------------------------------------


class _Builder:
    """Builds nodes from events; open collections lie on a stack."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self.failed = False
        self._open: list[MappingNode | ListNode] = []
        self._keys: list[Scalar | None] = []
        self._anchors: dict[str, Node] = {}

    def refuse(self, code: str, line: int, value: str, expected: str = "") -> None:
        self.problems.append(_stop(code, self.file, line, value, expected))
        self.failed = True

    def take(self, event: yaml.Event) -> None:
        mark = event.start_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        match event:
            case yaml.ScalarEvent():
                # A tag "!!str" or "!" asks for a text; others are read as plain.
                is_plain = event.implicit[0]
                self._add(Scalar(line, column, event.value, is_plain), event.anchor)
            case yaml.AliasEvent():
                self._alias(str(event.anchor), line)
            case yaml.MappingStartEvent():
                self._start(MappingNode(line, column), event.anchor)
            case yaml.SequenceStartEvent():
                self._start(ListNode(line, column), event.anchor)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._end()
            case yaml.DocumentStartEvent() if self.root is not None:
                self.refuse("yaml-several-documents", line, "---")

    def _start(self, node: MappingNode | ListNode, anchor: str | None) -> None:
        if len(self._open) >= MAX_DEPTH:
            self.refuse("yaml-too-deep", node.line, str(MAX_DEPTH))
            return
        if self._is_key():
            self.refuse("yaml-key-not-text", node.line, "")
            return
        self._add(node, anchor)
        self._open.append(node)
        self._keys.append(None)

    def _end(self) -> None:
        closed = self._open.pop()
        self._keys.pop()
        if self._open:
            self._grow(closed)
        if closed.size > MAX_NODES:
            self.refuse("yaml-too-large", closed.line, "")

    def _alias(self, anchor: str, line: int) -> None:
        node = self._anchors.get(anchor)
        if node is None or any(node is parent for parent in self._open):
            self.refuse("yaml-unknown-anchor", line, f"*{anchor}")
            return
        if len(self._open) + node.height > MAX_DEPTH:
            self.refuse("yaml-too-deep", line, str(MAX_DEPTH))
            return
        self._add(node, None)
        if self._open:
            self._grow(node)

    def _grow(self, child: Node) -> None:
        """Add what hangs below a finished child to its parent's measures."""
        self._open[-1].size += child.size - 1
        self._open[-1].height = max(self._open[-1].height, child.height + 1)

    def _is_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1], MappingNode) and not self._keys[-1]

    def _add(self, node: Node, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = node
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        parent.size += 1
        if isinstance(parent, ListNode):
            parent.nodes.append(node)
        elif self._keys[-1] is None:
            self._key(node)
        else:
            key = self._keys[-1]
            self._keys[-1] = None
            if key.text in parent.entries:
                first = parent.entries[key.text].line
                self.problems.append(
                    _stop("yaml-duplicate-key", self.file, key.line, key.text, str(first))
                )
            else:
                parent.entries[key.text] = Entry(key.line, key.column, node)

    def _key(self, node: Node) -> None:
        if isinstance(node, Scalar):
            self._keys[-1] = node
        else:
            self.refuse("yaml-key-not-text", node.line, "")


def _stop(code: str, file: str, line: int, value: str, expected: str = "") -> Problem:
    return Problem(code, Severity.STOP, file=file, row=line, value=value, expected=expected)


def _syntax(error: yaml.MarkedYAMLError, text: str) -> tuple[str, int, str]:
    """Name the common typos; everything else is ``yaml-syntax`` with its line."""
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 0
    start = error.context_mark.line + 1 if error.context_mark else line
    lines = text.splitlines()
    written = lines[line - 1] if 0 < line <= len(lines) else ""
    shown = written.strip()[:60]
    said = f"{error.context or ''} {error.problem or ''}"
    if "\t" in written[: len(written) - len(written.lstrip())]:
        return "yaml-tab", line, ""
    if "unexpected end of stream" in said:
        return "yaml-unclosed-quote", start, ""
    if "expected ',' or" in said:
        return "yaml-unclosed-bracket", start, ""
    if "parsing a flow node" in said:
        opened = [n for n, at in enumerate(lines[:line], 1) if "[" in at or "{" in at]
        return "yaml-unclosed-bracket", opened[-1] if opened else line, ""
    has_quote = any(sign in written for sign in "\"'")
    for words, code in _TYPOS.items():
        if words in said and not (code == "yaml-indentation" and has_quote):
            return code, line, shown
    return "yaml-syntax", line, shown


_TYPOS = {
    "mapping values are not allowed": "yaml-colon",
    "undefined alias": "yaml-unknown-anchor",
    "cannot start any token": "yaml-needs-quotes",
    "did not find expected '-' indicator": "yaml-indentation",
    "did not find expected key": "yaml-indentation",
    "expected <block end>": "yaml-indentation",
}


def walk(
    node: Node, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Node]]:
    """Yield every node with its path, parents first (depth is limited on reading)."""
    yield path, node
    if isinstance(node, MappingNode):
        for key, entry in node.entries.items():
            yield from walk(entry.node, (*path, key))
    elif isinstance(node, ListNode):
        for position, child in enumerate(node.nodes):
            yield from walk(child, (*path, position))
