"""What several tool modules share: hints out of a form, kinds out of cells."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.spelling import fold
from evaluation.loading.engine import MISSING_KINDS
from evaluation.loading.responses import ColumnPlan

if TYPE_CHECKING:
    from evaluation.loading.grid import Grid
    from evaluation.loading.heads import Head
    from evaluation.loading.sidecars import FormQuestion
    from evaluation.model import ColumnHints

KNOWN_KINDS = frozenset({"single", "multiple", "grid", "number", "date", "text"})


def value_labels(question: FormQuestion) -> dict[str, str]:
    """Return value -> label: codes first, then labels in every language, so that both are read."""
    seen: dict[str, str] = {}
    labels: dict[str, str] = {}
    for code, label in question.options.items():
        distinct = label if label not in seen.values() else f"{label} ({code})"
        seen[code] = labels[code] = distinct
    for code, label in seen.items():
        labels.setdefault(label, label)
        for other in question.other_labels.get(code, ()):
            labels.setdefault(other, label)
    if set(seen) == {"0", "1"}:  # R writes such a column as logical
        labels.setdefault("FALSE", seen["0"])
        labels.setdefault("TRUE", seen["1"])
    return labels


def with_form(hints: ColumnHints, question: FormQuestion, item: str = "") -> ColumnHints:
    """Return hints with what the form says about the question.

    Parameters
    ----------
    item
        Code or wording of the sub-question that the column stands for.
    """
    kind = question.kind if question.kind in KNOWN_KINDS else hints.kind
    option = item_text(question, item)
    is_part = bool(question.items) and bool(option)
    return replace(
        hints,
        question=question.name,
        text=question.text or hints.text,
        kind=kind,
        group=question.text if is_part else hints.group,
        option=option if is_part else hints.option,
        value_labels=value_labels(question),
        missing={**hints.missing, **{v: MISSING_KINDS[k] for v, k in question.missing.items()}},
        role=question.role or hints.role,
        ordered=question.ordered,
    )


def item_text(question: FormQuestion, item: str) -> str:
    """Return the wording of a sub-question by its code or by its wording."""
    if item in question.items:
        return question.items[item]
    folded = fold(item)
    return next((text for text in question.items.values() if fold(text) == folded), "")


def distinct_cells(grid: Grid, position: int, head: Head) -> list[str]:
    """Return the distinct texts of a column's answers, blanks left out, ends trimmed."""
    column = grid.columns[position]
    texts = (column.values[i].strip() for i in column.used(head.first_data))
    return list(dict.fromkeys(text for text in texts if text))


def distinct_cells_counted(grid: Grid, position: int, head: Head) -> list[tuple[str, int]]:
    """Return the distinct texts of a column's answers with their number of rows."""
    column = grid.columns[position]
    index = column.index[head.first_data :]
    used, first, n = np.unique(index, return_index=True, return_counts=True)
    order = np.argsort(first)
    pairs = zip(used[order].tolist(), n[order].tolist(), strict=True)
    return [(text, count) for i, count in pairs if (text := column.values[i].strip())]


def replace_hints(plan: ColumnPlan, **changes: object) -> ColumnPlan:
    """Return a plan with some of its hints changed."""
    return ColumnPlan(plan.header, replace(plan.hints, **changes))  # type: ignore[arg-type]
