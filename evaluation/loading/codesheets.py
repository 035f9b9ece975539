"""Sheets of codes and labels beside the answers, and which sheet holds the answers.

A sheet of codes has heads that mean question, code and label, in whichever
spelling ``templates/tools/general.yaml`` lists under ``marks``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from evaluation.codebook.spelling import fold
from evaluation.loading.description import LabelSheet, read_descriptions
from evaluation.loading.heads import find_head
from evaluation.loading.templates import template_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.loading.grid import Grid

GENERAL = "general"
MAX_COLUMNS = 12
"""A wider sheet is no list of codes."""


@lru_cache(maxsize=1)
def general_marks() -> dict[str, tuple[str, ...]]:
    """Return the words that any tool's export may use: heads of code sheets, "not chosen"."""
    described = read_descriptions((template_folder("tools"),)).value
    return dict(described[GENERAL].marks) if GENERAL in described else {}


def as_label_sheet(grid: Grid) -> LabelSheet | None:
    """Return how a sheet lists codes and labels, or None where it does not."""
    if grid.n_columns > MAX_COLUMNS:
        return None
    marks = general_marks()
    heads = find_head(grid, header_rows=1).texts[0]
    wanted = {key: {fold(n) for n in marks.get(key, ())} for key in ("question", "code", "label")}
    wanted["text"] = {fold(name) for name in marks.get("text", ())}
    found = {
        key: next((text for text in heads if fold(text) in names), "")
        for key, names in wanted.items()
    }
    if not (found["question"] and found["code"] and found["label"]):
        return None
    return LabelSheet(
        sheet=grid.name,
        question=found["question"],
        code=found["code"],
        label=found["label"],
        text=found["text"] or None,
    )


def first_answers(grids: Sequence[Grid]) -> Grid:
    """Return the first sheet that is no list of codes; the first one where all are."""
    if len(grids) < 2:
        return grids[0]
    return next((grid for grid in grids if as_label_sheet(grid) is None), grids[0])


def find_label_sheet(grids: Sequence[Grid], answers: Grid) -> LabelSheet | None:
    """Return the sheet of codes beside the answers."""
    others = (as_label_sheet(grid) for grid in grids if grid.name != answers.name)
    return next((found for found in others if found is not None), None)
