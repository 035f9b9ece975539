"""Weights that a reader can take from tables: those that go by the groups of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.model import TOTAL
from evaluation.protection.weight_classes import ANY_SIZE, WeightClasses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evaluation.protection.catalogue import Catalogue
    from evaluation.tables.spec import TableSpec
    from evaluation.tables.table import Table

SAME = 1e-6
"""Weights that differ by less, relatively, are one weight."""


def weights_in_tables(tables: Sequence[Table], catalogue: Catalogue) -> Iterator[WeightClasses]:
    """Yield the weights that go by the groups of a column: one in each, not all alike."""
    done = set()
    for table in tables:
        spec = table.spec
        space = catalogue.spaces[spec.survey]
        for by in spec.by if spec.weight else ():
            columns = [
                j for j, c in enumerate(table.columns) if c.variable == by and c.code != TOTAL
            ]
            found = {j: weights for j in columns if (weights := _weights(table, j))}
            is_constant = all(max(w) - min(w) <= SAME * max(w) for w in found.values())
            means = [w[0] for w in found.values()]
            if not is_constant or max(means) - min(means) <= SAME * max(means):
                continue
            literals = [space.column(table.columns[j]) for j in found]
            names = {literal[0] for literal in literals if literal}
            if len(names) == 1 and (spec.survey, spec.weight, *names) not in done:
                done.add((spec.survey, spec.weight, *names))
                codes = [sorted(literal[1]) for literal in literals if literal]
                yield _classes_of(spec, names.pop(), codes, means)


def _classes_of(
    spec: TableSpec, name: str, codes: Sequence[Sequence[str]], means: Sequence[float]
) -> WeightClasses:
    """Return a class for each code of a variable."""
    single = [(code, mean) for own, mean in zip(codes, means, strict=True) for code in own]
    weights = np.array([mean for _, mean in single])
    within = {(name, code): np.arange(len(single)) == k for k, (code, _) in enumerate(single)}
    return WeightClasses(
        survey=spec.survey,
        weight=spec.weight,
        variables=(name,),
        codes=tuple((code,) for code, _ in single),
        low=weights,
        high=weights,
        size=np.full(len(single), ANY_SIZE),
        within=within,
    )


def _weights(table: Table, column: int) -> list[float]:
    return [line[column].wn / line[column].n for line in table.cells if line[column].n]
