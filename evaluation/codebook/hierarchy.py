"""The hierarchy of units: municipality ← association ← county ← country.

In come the rows of the study's CSV, one column per level with the finest
first; out go the codebooks with a question for each level that they lack,
derived from the finest that they have, and every fault of the file at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from evaluation.codebook.drafting.slugs import plain_words
from evaluation.codebook.schema import Codebook, Option, Question, QuestionType, Role
from evaluation.problems import Problem, Severity, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Area:
    """A known area, such as a county: its code, its name, and what else it is called."""

    code: str
    name: str
    known_as: frozenset[str]
    """In lower case: number, letters, names."""


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The file as read.

    Attributes
    ----------
    file
        Name for problems.
    heads
        As written, the finest level first.
    rows, lines
        Cells, and the line of the file that each row stands on.
    areas
        Known areas; a level all of whose cells are such takes their codes and names.
    """

    file: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    areas: tuple[Area, ...] = ()

    @property
    def levels(self) -> tuple[str, ...]:
        """Names of the variables: the heads, made into identifiers where need be."""
        return tuple(_level(head) for head in self.heads)


def named_rows(hierarchy: Hierarchy) -> tuple[dict[str, str], ...]:
    """Return each row as level -> name, areas under their full name."""
    return tuple(dict(zip(hierarchy.levels, row, strict=True)) for row in _named(hierarchy))


def with_levels(
    codebooks: Mapping[str, Codebook], hierarchy: Hierarchy, language: str
) -> dict[str, Codebook]:
    """Add a derived question for each level above the finest that a codebook has.

    Call it only for a hierarchy without faults.
    """
    return {
        name: codebook.model_copy(
            update={
                "questions": (*codebook.questions, *derived_levels(codebook, hierarchy, language)),
            }
        )
        for name, codebook in codebooks.items()
    }


def check_hierarchy(
    codebooks: Mapping[str, Codebook],
    hierarchy: Hierarchy,
    language: str,
    *,
    is_complete: bool = True,
) -> tuple[Problem, ...]:
    """Return everything that is wrong with the file, in the order of its lines.

    Where ``is_complete`` is false some codebook could not be read whole, and a
    level that no codebook has may belong to what was left out.
    """
    known = [q.id for book in codebooks.values() for q in book.questions if q.options]
    if not hierarchy.rows:
        return (_problem("hierarchy-empty", hierarchy, 0),)
    found = []
    if is_complete and not set(hierarchy.levels) & set(known):
        near = nearest(hierarchy.levels[0], known) or ", ".join(known[:8])
        found.append(_problem("hierarchy-unknown-variable", hierarchy, 0, hierarchy.heads[0], near))
    found += [
        *_blanks(hierarchy),
        *_repeats(hierarchy),
        *_cycles(hierarchy),
        *_unknown(codebooks, hierarchy, language),
    ]
    return tuple(sorted(found, key=lambda p: (p.row, p.column)))


# --- levels -----------------------------------------------------------------------


def _named(hierarchy: Hierarchy) -> tuple[tuple[str, ...], ...]:
    """Return the rows with areas under their full name, however the file calls them."""
    areas = [_areas_of(hierarchy, at) for at in range(len(hierarchy.heads))]
    return tuple(
        tuple(
            known[cell.casefold()].name if known and cell else cell
            for cell, known in zip(row, areas, strict=True)
        )
        for row in hierarchy.rows
    )


def _level(head: str) -> str:
    return head if _IDENTIFIER.fullmatch(head) else "_".join(plain_words(head)) or "level"


def derived_levels(codebook: Codebook, hierarchy: Hierarchy, language: str) -> Iterator[Question]:
    """Yield a question for each level that a codebook lacks, derived from the finest it has."""
    has = {q.id: q for q in codebook.questions}
    base = next((i for i, level in enumerate(hierarchy.levels) if level in has), None)
    if base is None:
        return
    source = has[hierarchy.levels[base]]
    codes = {name: o.code for o in source.options for name in _names(o, language)}
    taken = {o.code for o in source.options}
    for at in range(base + 1, len(hierarchy.heads)):
        level = hierarchy.levels[at]
        if level in has:
            continue
        members: dict[str, list[str]] = {}
        for row in _named(hierarchy):
            code = codes.get(row[base].casefold())
            if code is not None:
                members.setdefault(row[at], []).append(code)
        known = _areas_of(hierarchy, at)
        options = []
        for name, values in members.items():
            code, label = _code_and_label(name, known, taken)
            taken.add(code)
            options.append(Option(code=code, label=label, values=tuple(dict.fromkeys(values))))
        head = hierarchy.heads[at]
        yield Question(
            id=level,
            text=head[:1].upper() + head[1:],
            type=QuestionType.SINGLE,
            role=Role.UNIT,
            recode=source.id,
            options=tuple(sorted(options, key=lambda o: o.code) if known else options),
        )


def _code_and_label(name: str, known: Mapping[str, Area], taken: set[str]) -> tuple[str, str]:
    if known:
        area = known[name.casefold()]
        return area.code, area.name
    wanted = "_".join(plain_words(name)) or "x"
    code, suffix = wanted, 2
    while code in taken:
        code, suffix = f"{wanted}_{suffix}", suffix + 1
    return code, name


def _areas_of(hierarchy: Hierarchy, at: int) -> dict[str, Area]:
    """Return name -> area where every cell of a level is a known area, else nothing."""
    known = {name: area for area in hierarchy.areas for name in area.known_as}
    cells = {row[at].casefold() for row in hierarchy.rows if row[at]}
    # The finest level is the codebook's own; it names its units itself.
    return known if at and cells and cells <= known.keys() else {}


def _names(option: Option, language: str) -> tuple[str, ...]:
    return (option.code.casefold(), _label(option, language).casefold())


# --- faults -----------------------------------------------------------------------


def _blanks(hierarchy: Hierarchy) -> Iterator[Problem]:
    for row, line in zip(hierarchy.rows, hierarchy.lines, strict=True):
        for head, cell in zip(hierarchy.heads, row, strict=True):
            if not cell:
                unit = next((c for c in row if c), "")
                yield _problem("hierarchy-missing-parent", hierarchy, line, unit, head, head)


def _repeats(hierarchy: Hierarchy) -> Iterator[Problem]:
    """Yield units that stand there twice, and levels whose units have two parents."""
    seen: dict[str, int] = {}
    for row, line in zip(hierarchy.rows, hierarchy.lines, strict=True):
        first = seen.setdefault(row[0].casefold(), line)
        if row[0] and first != line:
            yield _problem(
                "hierarchy-duplicate", hierarchy, line, row[0], str(first), hierarchy.heads[0]
            )
    for at in range(1, len(hierarchy.heads) - 1):
        parents: dict[str, str] = {}
        for row, line in zip(_named(hierarchy), hierarchy.lines, strict=True):
            child, parent = row[at], row[at + 1]
            if not child or not parent:
                continue
            first_parent = parents.setdefault(child.casefold(), parent)
            if first_parent.casefold() != parent.casefold():
                yield _problem(
                    "hierarchy-two-parents", hierarchy, line, child,
                    f"{first_parent}, {parent}", hierarchy.heads[at],
                )  # fmt: skip


def _cycles(hierarchy: Hierarchy) -> Iterator[Problem]:
    """Yield units that belong to themselves by way of others.

    A unit may carry the name of what it belongs to (a county with one
    municipality); it may not be both above and below another.
    """
    above: dict[str, set[str]] = {}
    for row in hierarchy.rows:
        for child, parent in pairwise(row):
            if child and parent and child.casefold() != parent.casefold():
                above.setdefault(child.casefold(), set()).add(parent.casefold())
    told: set[str] = set()
    for row, line in zip(hierarchy.rows, hierarchy.lines, strict=True):
        start = row[0].casefold()
        if start and start not in told and _reaches(start, above):
            told.add(start)
            yield _problem("hierarchy-cycle", hierarchy, line, row[0], "", hierarchy.heads[0])


def _reaches(start: str, above: Mapping[str, set[str]]) -> bool:
    """Tell whether a walk upwards comes back to where it began."""
    waiting, seen = list(above.get(start, ())), set()
    while waiting:
        at = waiting.pop()
        if at == start:
            return True
        if at not in seen:
            seen.add(at)
            waiting += above.get(at, ())
    return False


def _unknown(
    codebooks: Mapping[str, Codebook], hierarchy: Hierarchy, language: str
) -> Iterator[Problem]:
    """Yield cells that are no unit of the codebook, and units that the file lacks."""
    for at, (level, head) in enumerate(zip(hierarchy.levels, hierarchy.heads, strict=True)):
        questions = [
            q for book in codebooks.values() for q in book.questions if q.id == level and q.options
        ]
        options = [o for q in questions for o in q.options if o.missing is None]
        if not options:
            continue
        names = {name for o in options for name in _names(o, language)}
        for row, line in zip(hierarchy.rows, hierarchy.lines, strict=True):
            if row[at] and row[at].casefold() not in names:
                labels = [_label(o, language) for o in options]
                near = nearest(row[at], labels)
                yield _problem("hierarchy-unknown-unit", hierarchy, line, row[at], near, head)
        if at == 0:
            listed = {row[at].casefold() for row in hierarchy.rows}
            for option in options:
                if not listed & set(_names(option, language)):
                    name = _label(option, language)
                    yield _problem("hierarchy-missing-unit", hierarchy, 0, name, "", head)


def _label(option: Option, language: str) -> str:
    label = option.label
    return label if isinstance(label, str) else label.get(language, next(iter(label.values()), ""))


def _problem(
    code: str,
    hierarchy: Hierarchy,
    row: int,
    value: str = "",
    expected: str = "",
    column: str = "",
) -> Problem:
    return Problem(
        code,
        Severity.STOP,
        file=hierarchy.file,
        row=row,
        column=column,
        value=value,
        expected=expected,
    )
