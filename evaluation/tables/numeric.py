"""Numbers and free text as categories, so that they can stand in a table."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical
from evaluation.model import Category

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evaluation.coding.data import FreeText, Numeric

MAX_DISTINCT = 30
"""More distinct values than this are grouped into classes."""

CLASSES = 8
"""About how many classes; the width is 1, 2 or 5 times a power of ten."""

ANSWERED = "answered"
"""Code of the only category of a free-text question."""


def categorise(variable: Numeric) -> Categorical:
    """Turn a number into its distinct values, or into classes where they are many.

    Parameters
    ----------
    variable
        Values float64 with NaN where missing.

    Returns
    -------
    Categorical
        Ordered. Codes are the values (``7``, ``7.5``), or ``low-high`` for
        classes that include ``low`` and exclude ``high``.
    """
    answered = variable.state == 0
    values = variable.values[answered]
    distinct = np.unique(values)
    codes = np.asarray(variable.state, dtype=np.int16).copy()
    if len(distinct) <= MAX_DISTINCT:
        codes[answered] = np.searchsorted(distinct, values)
        names = [_date(v) if variable.is_date else _plain(v) for v in distinct]
    else:
        edges = class_edges(float(distinct[0]), float(distinct[-1]))
        codes[answered] = np.searchsorted(edges, values, side="right") - 1
        pairs = pairwise(edges)
        show = _date if variable.is_date else _plain
        names = [f"{show(low)}\u2013{show(high)}" for low, high in pairs]
    categories = tuple(Category(name, name) for name in names)
    return Categorical(variable.id, variable.question, categories, codes, ordered=True)


def presence(variable: FreeText) -> Categorical:
    """Turn free text into one category, "has answered"; the words stay behind."""
    codes = np.asarray(variable.state, dtype=np.int16)
    return Categorical(variable.id, variable.question, (Category(ANSWERED, ANSWERED),), codes)


def class_edges(low: float, high: float) -> NDArray[np.float64]:
    """Return edges of about `CLASSES` classes of a round width that cover low to high."""
    rough = (high - low) / CLASSES
    power = 10.0 ** np.floor(np.log10(rough))
    width = next(step * power for step in (1, 2, 5, 10) if step * power >= rough)
    start = np.floor(low / width)
    start -= start * width > low
    count = int(np.floor(high / width) - start) + 1
    count += (start + count) * width <= high
    edges: NDArray[np.float64] = (start + np.arange(count + 1)) * width
    return edges


def _plain(value: float) -> str:
    return f"{value:.10g}"


def _date(days: float) -> str:
    return str(np.datetime64(int(days), "D"))
