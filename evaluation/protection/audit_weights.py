"""What a stranger knows of weights: from elsewhere, or from the tables themselves.

Whoever reads a column of women, its count and its weighted count knows their
weight. Each shown cell of a class gives an interval for it; they are cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.protection.audit_cells import MISSING, TOTAL
from evaluation.protection.weight_classes import ANY_SIZE, WeightClasses

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.protection.audit_cells import Published, Reading

HALF = 0.5
"""Weighted counts are printed as whole numbers."""
EVIDENCE = 3
"""Cells in which a class is seen, on average, before a weight is taken to go by it."""


def weights_read(reading: Reading, structure: Mapping[str, Any]) -> list[WeightClasses]:
    """Find what weights go by, as far as tables tell.

    Parameters
    ----------
    reading
        Cells of a release, and of earlier ones.
    structure
        From the manifest: ``weights`` names the variables by which each goes.
    """
    cells = [c for c in reading.cells[: reading.n_own] if c.weight and c.n and c.wn is not None]
    found = []
    for survey, weight in dict.fromkeys((c.key[0], c.weight) for c in cells):
        own = [c for c in cells if (c.key[0], c.weight) == (survey, weight)]
        stated = structure.get("weights", {}).get(f"{survey}.{weight}", [])
        columns = dict.fromkeys([*stated, *(c.col_var for c in own if c.col_var)])
        for name in columns:
            classes = _by(name, own, reading.codes.get((survey, name), []))
            if classes is not None:
                found.append(classes)
    return found


def _by(name: str, cells: Sequence[Published], codes: Iterable[str]) -> WeightClasses | None:
    """Return classes by a variable, None where some of its groups has more than one weight."""
    low: list[float] = []
    high: list[float] = []
    seen = 0
    listed = list(codes)
    for code in listed:
        own = [c for c in cells if f"{name}={code}" in c.key[1] and c.n and c.wn is not None]
        seen += len(own)
        low.append(max((((c.wn or 0.0) - HALF) / (c.n or 1) for c in own), default=0.0))
        high.append(min((((c.wn or 0.0) + HALF) / (c.n or 1) for c in own), default=np.inf))
    if len(listed) < 2 or any(a > b for a, b in zip(low, high, strict=True)):
        return None
    if seen < EVIDENCE * len(listed) or max(low) <= min(high):
        return None
    most = max(value for value in high if np.isfinite(value))
    survey, weight = cells[0].key[0], cells[0].weight
    return WeightClasses(
        survey=survey,
        weight=weight,
        variables=(name,),
        codes=tuple((code,) for code in listed),
        low=np.maximum(low, 0.0),
        high=np.minimum(high, most),
        size=np.full(len(listed), ANY_SIZE),
        within={(name, code): np.arange(len(listed)) == k for k, code in enumerate(listed)},
    )


def masks(classes: WeightClasses) -> dict[str, dict[str, NDArray[np.bool_]]]:
    """Return of each variable which classes have somebody with which code."""
    found: dict[str, dict[str, NDArray[np.bool_]]] = {}
    for (name, code), inside in classes.within.items():
        found.setdefault(name, {})[code] = inside
    return found


def decided(found: Mapping[str, Mapping[str, NDArray[np.bool_]]]) -> set[str]:
    """Return the variables that a class decides: nobody in it differs in them."""
    return {
        name
        for name, codes in found.items()
        if np.sum([inside.astype(int) for inside in codes.values()], axis=0).max() <= 1
    }


def is_answered(code: str) -> bool:
    """Tell whether a code is an answer, not a margin or a kind of missing."""
    return code != TOTAL and code not in MISSING
