"""Short ways to write options and items, made long before validation.

=============================  ==================================================
written                        read as
=============================  ==================================================
``options: {1: Ja, 2: Nej}``   codes 1 and 2 with these labels
``options: [Ja, Nej]``         codes 1 and 2 (the numbers of the options)
``options: [0, 1, 2]``         whole numbers are their own codes
``options: {9: {label: …}}``   code 9 with further keys
``items: {a: Text}``           item a
``items: [Text, Text]``        items ``<question>_1`` and ``<question>_2``
=============================  ==================================================

Works on the tree of `yaml_positions`, in place, so that every part keeps its line.
"""

from __future__ import annotations

import re

from evaluation.codebook.yaml_positions import Entry, ListNode, MappingNode, Node, Scalar

_WHOLE = re.compile(r"-?[0-9]{1,4}")


def expand_codebook(root: Node) -> None:
    """Write out the short forms of every question of a codebook."""
    questions = root.entries.get("questions") if isinstance(root, MappingNode) else None
    if questions is None or not isinstance(questions.node, ListNode):
        return
    for question in questions.node.nodes:
        if isinstance(question, MappingNode):
            _expand(question, "options", "code", "label")
            _expand(question, "items", "id", "text")


def _expand(question: MappingNode, key: str, name: str, text: str) -> None:
    entry = question.entries.get(key)
    if entry is None:
        return
    if isinstance(entry.node, MappingNode):
        entry.node = _from_mapping(entry.node, name, text)
    elif isinstance(entry.node, ListNode) and any(_is_label(n) for n in entry.node.nodes):
        entry.node = _from_list(entry.node, name, text, _prefix(question, key))


def _prefix(question: MappingNode, key: str) -> str:
    identifier = question.entries.get("id")
    is_item = key == "items" and identifier and isinstance(identifier.node, Scalar)
    return f"{identifier.node.text}_" if is_item else ""  # type: ignore[union-attr]


def _is_label(node: Node) -> bool:
    return isinstance(node, Scalar)


def _pair(place: Entry | Node, name: str, code: Scalar, text: str, label: Node) -> MappingNode:
    made = MappingNode(place.line, place.column, height=label.height + 1)
    made.entries[name] = Entry(code.line, code.column, code)
    made.entries[text] = Entry(label.line, label.column, label)
    return made


def _from_mapping(node: MappingNode, name: str, text: str) -> ListNode:
    made = ListNode(node.line, node.column)
    for key, entry in node.entries.items():
        code = Scalar(entry.line, entry.column, key, plain=False)
        inner = entry.node
        if isinstance(inner, MappingNode) and text in inner.entries:
            full = MappingNode(entry.line, entry.column, height=inner.height)
            full.entries = {name: Entry(code.line, code.column, code), **inner.entries}
            made.nodes.append(full)
        else:
            made.nodes.append(_pair(entry, name, code, text, inner))
    return made


def _from_list(node: ListNode, name: str, text: str, prefix: str) -> ListNode:
    labels = [n.text for n in node.nodes if isinstance(n, Scalar)]
    own_codes = not prefix and len(set(labels)) == len(node.nodes)
    own_codes = own_codes and all(_WHOLE.fullmatch(label) for label in labels)
    made = ListNode(node.line, node.column)
    for number, child in enumerate(node.nodes, start=1):
        if isinstance(child, Scalar):
            code = child.text if own_codes else f"{prefix}{number}"
            scalar = Scalar(child.line, child.column, code, plain=False)
            made.nodes.append(_pair(child, name, scalar, text, child))
        else:
            made.nodes.append(child)
    return made
