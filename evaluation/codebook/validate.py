"""From a YAML tree to a model, every fault with its line, what is sound kept.

Validation is repeated on a mended copy: a misspelt key is read as the nearest
known one, a faulty optional key is left out, and a question or survey that
cannot be read is left out whole. The problems stop publication all the same;
mending only lets the later checks say what else is wrong, in the same run.
"""

from __future__ import annotations

import re
import types
import typing
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from evaluation.codebook.yaml_positions import (
    Entry,
    ListNode,
    MappingNode,
    Node,
    Scalar,
    child_entry,
    locate,
    plain,
)
from evaluation.problems import Problem, Severity, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

M = TypeVar("M", bound=BaseModel)
Path = tuple[str | int, ...]

MAX_ROUNDS = 20
MAX_SHOWN = 60
"""Characters of a faulty value that a problem shows."""
SURE = 0.75
"""Likeness from which a misspelt key is read as the known one."""

PLACEHOLDERS: Mapping[str, str] = {"title": "-", "publisher": "-", "year": "0"}
"""What a missing key of ``study.yaml`` is read as, so that the rest can be checked."""


@dataclass(frozen=True, slots=True)
class Validated(Generic[M]):
    """A model, the tree that it was read from, and what was left out of it.

    Attributes
    ----------
    model
        None where nothing of it could be read.
    root
        The tree, mended; paths into the model lead into it.
    left_out
        Identifiers of questions or surveys that were left out, so that
        references to them are not called unknown.
    problems
        In file order.
    """

    model: M | None
    root: Node
    left_out: frozenset[str]
    problems: tuple[Problem, ...]


def validate(
    root: Node,
    model: type[M],
    file: str,
    units: tuple[str, ...],
    prepare: Callable[[Node], None] = lambda _: None,
) -> Validated[M]:
    """Validate a tree against a model.

    Parameters
    ----------
    root
        Mended in place.
    model
        `Codebook` or `Study`.
    file
        Name for problems.
    units
        Keys whose members are left out whole where they cannot be read
        (``questions``, ``surveys``, ``data_tables``).
    prepare
        Changes the tree before each round (short forms written out).
    """
    found: dict[tuple[str, int, str], Problem] = {}
    left_out: set[str] = set()
    for _ in range(MAX_ROUNDS):
        prepare(root)
        try:
            made = model.model_validate(plain(root))
        except ValidationError as error:
            faults = _first_things(_faults(error, root))
            for fault in faults:
                problem = _problem(fault, root, model, file)
                found.setdefault((problem.code, problem.row, problem.value), problem)
            if not _Mender(root, model, units, left_out).mend(faults):
                break
        else:
            return Validated(made, root, frozenset(left_out), _in_order(found.values()))
    return Validated(None, root, frozenset(left_out), _in_order(found.values()))


def _first_things(faults: list[_Fault]) -> list[_Fault]:
    """Return unknown keys alone where there are any: the others often follow from them."""
    return [f for f in faults if f.kinds[0] == "extra_forbidden"] or faults


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda p: p.row))


# --- faults: pydantic's errors, one per place -------------------------------------


@dataclass(frozen=True, slots=True)
class _Fault:
    """One faulty place: ``path`` leads into the tree, ``kinds`` are pydantic's error types."""

    path: Path
    kinds: tuple[str, ...]
    context: Mapping[str, Any]


def _faults(error: ValidationError, root: Node) -> list[_Fault]:
    """Merge the errors of a union (text or one text per language) into one per place."""
    merged: dict[Path, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False, include_input=False):
        merged.setdefault(_tree_path(detail, root), []).append(detail)
    return [
        _Fault(path, tuple(d["type"] for d in details), details[0].get("ctx", {}))
        for path, details in merged.items()
    ]


def _tree_path(detail: ErrorDetails, root: Node) -> Path:
    """Drop the steps that pydantic adds for the branches of a union."""
    is_missing = detail["type"] == "missing"
    location = detail["loc"]
    path: list[str | int] = []
    node: Node = root
    for position, step in enumerate(location):
        child = child_entry(node, step)
        if child is None:
            if is_missing and position == len(location) - 1:
                path.append(step)
            continue
        path.append(step)
        node = child.node if isinstance(child, Entry) else child
    return tuple(path)


_WANTED: Sequence[tuple[str, str]] = (
    ("bool_", "yaml-expected-boolean"),
    ("int_", "yaml-expected-number"),
    ("float_", "yaml-expected-number"),
    ("finite_", "yaml-expected-number"),
    ("tuple_", "yaml-expected-list"),
    ("list_", "yaml-expected-list"),
    ("model_", "yaml-expected-mapping"),
    ("dict_", "yaml-expected-mapping"),
    ("string_type", "yaml-expected-text"),
)
_BOUNDS = {"greater_than_equal": "ge", "greater_than": "gt", "less_than_equal": "le"}
_SIGNS = {"ge": "≥", "gt": ">", "le": "≤"}


def _problem(fault: _Fault, root: Node, model: type[BaseModel], file: str) -> Problem:
    code, value, expected = _describe(fault, root, model)
    row, _ = locate(root, fault.path)
    where = _shown_path(fault.path, root)
    return Problem(
        code, Severity.STOP, file=file, row=row, column=where, value=value, expected=expected
    )


def _describe(fault: _Fault, root: Node, model: type[BaseModel]) -> tuple[str, str, str]:
    """Return problem code, value and what was expected."""
    kind, last = fault.kinds[0], str(fault.path[-1]) if fault.path else ""
    shown = _shown(root, fault.path)
    if kind == "extra_forbidden":
        known = list(keys_of(model_at(model, fault.path[:-1])))
        return "unknown-key", last, nearest(last, known) or ", ".join(known)
    if kind == "missing":
        return "missing-key", last, last
    if kind in {"enum", "literal_error"}:
        allowed = re.findall(r"'([^']*)'", str(fault.context.get("expected", "")))
        return "yaml-unknown-word", shown, nearest(shown, allowed) or ", ".join(allowed)
    if kind == "string_pattern_mismatch":
        return "bad-identifier", shown or last, identifier(shown or last)
    if kind in _BOUNDS:
        bound = _BOUNDS[kind]
        return "setting-out-of-range", shown, f"{_SIGNS[bound]} {fault.context[bound]}"
    for wanted in fault.kinds:
        for start, code in _WANTED:
            if wanted.startswith(start):
                return code, shown, ""
    return "yaml-bad-value", shown, ""


def _shown(root: Node, path: Path) -> str:
    """Return a scalar as written; lists and mappings are named by nothing."""
    node = node_at(root, path)
    return node.text[:MAX_SHOWN] if isinstance(node, Scalar) else ""


def node_at(root: Node, path: Path) -> Node | None:
    """Return the node that a path leads to, or None."""
    node: Node | None = root
    for step in path:
        child = child_entry(node, step) if node is not None else None
        node = child.node if isinstance(child, Entry) else child
    return node


def _shown_path(path: Path, root: Node) -> str:
    """Write a path with identifiers in place of positions: ``questions.kon.options.2``."""
    return ".".join(
        _shown_step(step, node_at(root, path[: position + 1])) for position, step in enumerate(path)
    )


def _shown_step(step: str | int, inner: Node | None) -> str:
    if isinstance(step, str):
        return step
    entries = inner.entries if isinstance(inner, MappingNode) else {}
    name = entries.get("id") or entries.get("code")
    return name.node.text if name and isinstance(name.node, Scalar) else str(step + 1)


def identifier(text: str) -> str:
    """Return an identifier made of a text: ``Kön 2`` gives ``kon_2``."""
    bare = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    made = re.sub(r"[^a-z0-9]+", "_", bare).strip("_")
    return made if made[:1].isalpha() else f"q_{made}".rstrip("_")


# --- models along a path ------------------------------------------------------------


def keys_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the keys that a model reads, as they are written in the file, with their fields."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def model_at(model: type[BaseModel], path: Path) -> type[BaseModel]:
    """Return the model whose key the next step of a path would be."""
    current = model
    for step in path:
        fields = keys_of(current)
        if isinstance(step, str) and step in fields:
            inner = _models_in(fields[step].annotation)
            current = inner[0] if inner else current
    return current


def _models_in(annotation: object) -> list[type[BaseModel]]:
    """Find models inside ``tuple[X, ...]``, ``dict[str, X]``, ``X | None`` and so on."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [found for part in typing.get_args(annotation) for found in _models_in(part)]


# --- mending ------------------------------------------------------------------------


class _Mender:
    """Changes the tree so that the next validation gets further."""

    def __init__(
        self, root: Node, model: type[BaseModel], units: tuple[str, ...], left_out: set[str]
    ) -> None:
        self.root = root
        self.model = model
        self.units = units
        self.left_out = left_out

    def mend(self, faults: Sequence[_Fault]) -> bool:
        """Mend every fault; return whether anything changed."""
        removals: dict[Path, None] = {}
        changed = False
        for fault in faults:
            if fault.kinds[0] == "extra_forbidden":
                changed |= self._rename(fault.path)
            elif fault.kinds[0] == "missing" and self._placeholder(fault.path):
                changed = True
            else:
                removals[self._removable(fault.path)] = None
        # From the end, so that positions in lists stay true.
        for path in sorted(removals, key=_removal_order, reverse=True):
            changed |= self._remove(path)
        return changed

    def _rename(self, path: Path) -> bool:
        parent = node_at(self.root, path[:-1])
        if not isinstance(parent, MappingNode) or str(path[-1]) not in parent.entries:
            return False
        fields = keys_of(model_at(self.model, path[:-1]))
        near = nearest(str(path[-1]), fields, cutoff=SURE)
        entry = parent.entries.pop(str(path[-1]))
        if near and near not in parent.entries:
            parent.entries[near] = entry
        return True

    def _placeholder(self, path: Path) -> bool:
        """Stand in for a missing or faulty key that a study must have."""
        name = str(path[-1]) if len(path) == 1 else ""
        if name not in PLACEHOLDERS or not isinstance(self.root, MappingNode):
            return False
        self.root.entries[name] = Entry(1, 1, Scalar(1, 1, PLACEHOLDERS[name]))
        return True

    def _removable(self, path: Path) -> Path:
        """Return the smallest part around a fault that can be left out.

        A question is left out whole: without one of its keys it would mean
        something else.
        """
        unit = path[:2] if path[:1] and path[0] in self.units else ()
        if path[:1] != ("questions",):
            for end in range(len(path), len(unit), -1):
                if not self._is_required(path[:end]):
                    return path[:end]
        return unit or path[:1]

    def _is_required(self, path: Path) -> bool:
        owner = model_at(self.model, path[:-1])
        field = keys_of(owner).get(str(path[-1]))
        return field is None or field.is_required()

    def _remove(self, path: Path) -> bool:
        if not path:
            return False
        if len(path) == 1 and self._is_required(path):
            return self._placeholder(path)
        parent = node_at(self.root, path[:-1])
        if isinstance(parent, MappingNode):
            if path[:-1] in {(unit,) for unit in self.units}:
                self.left_out.add(str(path[-1]))
            return parent.entries.pop(str(path[-1]), None) is not None
        if isinstance(parent, ListNode) and isinstance(path[-1], int):
            self.left_out.update(_identifiers(parent.nodes[path[-1]]))
            del parent.nodes[path[-1]]
            return True
        return False


def _removal_order(path: Path) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (-1, step) for step in path]


def _identifiers(node: Node) -> list[str]:
    """Return a question's identifier and those of its items, as far as they can be read."""
    if not isinstance(node, MappingNode):
        return []
    found = [node.entries.get("id")]
    items = node.entries.get("items")
    if items and isinstance(items.node, ListNode):
        found += [n.entries.get("id") for n in items.node.nodes if isinstance(n, MappingNode)]
    return [e.node.text for e in found if e and isinstance(e.node, Scalar)]
