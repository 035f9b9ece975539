"""How the cells of weighted tables are composed of classes of weights, counted for the gate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Numeric
from evaluation.pipeline.filters import filtered
from evaluation.pipeline.tabulate import tabulate
from evaluation.pipeline.weight_groups import weight_classes
from evaluation.protection.mixes import groups_of
from evaluation.protection.weighted import Weighing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from evaluation.coding.data import CodedData
    from evaluation.pipeline.load import LoadedStudy
    from evaluation.protection.mixes import Group
    from evaluation.protection.weight_classes import WeightClasses
    from evaluation.tables.table import Table

KEY = "~groups"
EXACT = 2**52
"""Whole numbers below it are exact as weights and as their sums."""


def weighed(
    study: LoadedStudy, tables: Sequence[Table], known: Collection[str]
) -> tuple[Weighing, ...]:
    """Find by what the weights of some tables go, and count the classes in every cell.

    Parameters
    ----------
    study
        For its answers.
    tables
        Everything that is published together.
    known
        Variables (``survey.variable``) that tell who somebody is.
    """
    found = []
    for classes, of in weight_classes(study.coded, tables, known, filtered(study)):
        groups = groups_of(classes)
        counts = _counts(study, tables, classes, groups, of)
        found.append(Weighing(classes, groups, counts))
    return tuple(found)


def _counts(
    study: LoadedStudy,
    tables: Sequence[Table],
    classes: WeightClasses,
    groups: Sequence[Group],
    of: NDArray[np.int64],
) -> dict[int, NDArray[np.int64]]:
    """Count groups of classes in all cells: several at a time, as digits of one weighted sum."""
    if study.engine != "memory":
        return {}
    about = (classes.survey, classes.weight)
    numbers = [k for k, t in enumerate(tables) if (t.spec.survey, t.spec.weight) == about]
    specs = [replace(tables[k].spec, weight=KEY, ci="", tests=(), compare="") for k in numbers]
    data = study.coded[classes.survey]
    base = data.n + 1
    at_once = max(1, int(np.log(EXACT) / np.log(base)))
    counts = {
        k: np.zeros((len(tables[k].rows), len(tables[k].columns), len(groups)), dtype=np.int64)
        for k in numbers
    }
    for start in range(0, len(groups), at_once):
        some = groups[start : start + at_once]
        digits = sum(group.inside[of] * base**place for place, group in enumerate(some))
        coded = {**study.coded, classes.survey: _with(data, np.asarray(digits, dtype=float))}
        for number, table in zip(
            numbers, tabulate(replace(study, coded=coded), specs), strict=True
        ):
            sums = np.array([[round(cell.wn) for cell in line] for line in table.cells])
            for place in range(len(some)):
                counts[number][:, :, start + place] = sums // base**place % base
    return counts


def _with(data: CodedData, values: NDArray[np.float64]) -> CodedData:
    variable = Numeric(KEY, KEY, values, np.zeros(data.n, dtype=np.int8))
    return replace(data, variables={**data.variables, KEY: variable})
