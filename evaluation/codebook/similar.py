"""Units that are alike: a table of the study puts each unit into a group, or gives it a size.

The size is a figure that is known of the unit without the answers (invited, inhabitants):
classes by the number of respondents would tell the size of units whose number is withheld.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from evaluation.codebook.drafting.slugs import plain_words
from evaluation.codebook.hierarchy import Hierarchy, check_hierarchy, derived_levels
from evaluation.problems import Checked, Problem, Severity, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.codebook.schema import Codebook, Question, Similar
    from evaluation.texts import Texts

_NUMBER = re.compile(r"-?\d+([.,]\d+)?")


@dataclass(frozen=True, slots=True)
class UnitTable:
    """The file as read: a row per unit, the unit first; ``lines`` of the file per row."""

    file: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]


def similar_question(
    said: Similar, unit: str, table: UnitTable, codebook: Codebook, texts: Texts
) -> Checked[Question | None]:
    """Return a question that groups the units, derived from the question that holds them.

    Parameters
    ----------
    said
        Which column, and the lower bounds of the classes where it holds a size.
    unit
        Question that holds the units.
    table
        The file.
    codebook
        Of the survey.
    texts
        Words for classes.

    Returns
    -------
    Checked
        None where anything is wrong with the file.
    """
    column = said.column or (table.head[1] if len(table.head) > 1 else "")
    heads = {head.casefold(): at for at, head in enumerate(table.head) if at}
    at = heads.get(column.casefold())
    if at is None:
        known = nearest(column, table.head[1:]) or ", ".join(table.head[1:])
        return Checked(None, (_problem("similar-unknown-column", table, 1, column, known),))
    head = table.head[at]
    pairs = tuple((row[0], row[at]) for row in table.rows)
    if said.classes:
        sizes = [_size(cell) for _, cell in pairs]
        faults = [
            _problem("similar-needs-number", table, line, cell, head)
            for (_, cell), size, line in zip(pairs, sizes, table.lines, strict=True)
            if size is None and cell
        ]
        if faults:
            return Checked(None, tuple(faults))
        bounds = sorted(set(said.classes))
        names = class_names(bounds, head, texts)
        pairs = tuple(
            (name, "" if size is None else names[bisect_right(bounds, size)])
            for (name, _), size in zip(pairs, sizes, strict=True)
        )
    name = "_".join(plain_words(head))
    if name in {q.id for q in codebook.questions}:
        return Checked(None, (_problem("similar-column-taken", table, 1, head),))
    hierarchy = Hierarchy(table.file, (unit, head), pairs, table.lines)
    problems = check_hierarchy({"": codebook}, hierarchy, texts.language)
    if problems:
        return Checked(None, problems)
    found = next(derived_levels(codebook, hierarchy, texts.language), None)
    if said.classes and found:
        order = {name: place for place, name in enumerate(names)}
        options = sorted(found.options, key=lambda option: order[str(option.label)])
        found = found.model_copy(update={"options": tuple(options)})
    return Checked(found)


def class_names(bounds: Sequence[float], name: str, texts: Texts) -> list[str]:
    """Return what classes of size are called, from the smallest; ``bounds`` begin the next ones.

    Examples
    --------
    Bounds 50 and 200 give "Inbjudna under 50", "Inbjudna 50–199", "Inbjudna 200 eller fler".
    """

    def number(value: float) -> str:
        return texts.numbers.number(int(value)) if value == int(value) else str(value)

    first = texts.get("units.class_below", name=name, high=number(bounds[0]))
    between = [
        texts.get("units.class_between", name=name, low=number(low), high=number(high - 1))
        for low, high in pairwise(bounds)
    ]
    return [first, *between, texts.get("units.class_from", name=name, low=number(bounds[-1]))]


def grouping(codebook: Codebook, unit: str, similar: str) -> dict[str, str] | None:
    """Return unit code -> group code; None where the second question does not group the first.

    It does where it is derived from it, or both from the same question with every unit
    inside one group.
    """
    questions = {q.id: q for q in codebook.questions}
    own, group = questions.get(unit), questions.get(similar)
    if own is None or group is None or group.recode is None:
        return None
    if group.recode == own.id:
        return {code: o.code for o in group.options for code in o.values}
    if group.recode != own.recode:
        return None
    found = {}
    for option in own.options:
        inside = [g.code for g in group.options if set(option.values) <= set(g.values)]
        if len(inside) != 1:
            return None
        found[option.code] = inside[0]
    return found


def _size(cell: str) -> float | None:
    bare = re.sub(r"\s", "", cell)
    return float(bare.replace(",", ".")) if _NUMBER.fullmatch(bare) else None


def _problem(code: str, table: UnitTable, row: int, value: str, expected: str = "") -> Problem:
    return Problem(code, Severity.STOP, file=table.file, row=row, value=value, expected=expected)
