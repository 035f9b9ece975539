"""Numbers, dates and free text as categories, so that they can stand in a table."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical
from evaluation.model import Category

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from evaluation.coding.data import FreeText, Numeric

MAX_DISTINCT = 30
"""More distinct values than this are grouped into classes."""

MAX_DATES = 14
"""More distinct days than this are grouped into months or years."""

MAX_PERIODS = 24
"""More months than this are grouped into years, more years into decades."""

CLASSES = 8
"""About how many classes; the width is 1, 2 or 5 times a power of ten."""

FAR = 3.0
"""Values further from the quartiles than so many interquartile ranges get an end class of their own
(Tukey's outer fence), so that one slip of the pen does not decide the width of all classes."""

LEAST_PART = 1e-6
"""Values that lie closer together than this part of the whole range are not set apart."""

MAX_DECIMALS = 3
"""Values with more decimals than this have no next lower value that a class could end with."""

ANSWERED = "answered"
"""Code of the only category of a free-text question."""

MINUS = "\u2212"


def categorise(variable: Numeric) -> Categorical:
    """Turn a number into its distinct values, or into classes where they are many.

    Parameters
    ----------
    variable
        Values float64 with NaN where missing; dates as days since 1970.

    Returns
    -------
    Categorical
        Ordered. Codes are the values (``7``, ``7.5``, ``2024-03-01``), or
        ``low–high`` for classes. A class ends with its last value: ``20–29``
        for whole numbers, ``20–29.9`` for numbers with one decimal. Where the
        decimals have no end it says ``20–<30``. Many dates become months,
        years or decades.
    """
    answered = variable.state == 0
    values = variable.values[answered]
    codes = np.asarray(variable.state, dtype=np.int16).copy()
    ascending = np.sort(values)
    # np.unique would be the same, and import all of numpy.ma to ask it a question.
    distinct = ascending[np.concatenate([[True], ascending[1:] != ascending[:-1]])[: len(values)]]
    if variable.is_date:
        places, names = _periods(values, distinct)
    elif len(distinct) <= MAX_DISTINCT:
        places, names = np.searchsorted(distinct, values), [_plain(v) for v in distinct]
    else:
        edges = class_edges(float(distinct[0]), float(distinct[-1]), values)
        places = np.searchsorted(edges, values, side="right") - 1
        names = _class_names(edges, _decimals(distinct))
    codes[answered] = places
    categories = tuple(Category(name, _shown(name)) for name in names)
    return Categorical(variable.id, variable.question, categories, codes, ordered=True)


def presence(variable: FreeText) -> Categorical:
    """Turn free text into one category, "has answered"; the words stay behind."""
    codes = np.asarray(variable.state, dtype=np.int16)
    return Categorical(variable.id, variable.question, (Category(ANSWERED, ANSWERED),), codes)


# --- classes of numbers -----------------------------------------------------------


def class_edges(
    low: float, high: float, values: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return edges of about `CLASSES` classes of a round width that cover low to high.

    Parameters
    ----------
    low, high
        Least and greatest value.
    values
        1-D float64, all values: those far away are put together in a first and
        a last class of greater width.
    """
    near_low, near_high = low, high
    if values is not None and len(values):
        lower, upper = np.quantile(values, (0.25, 0.75))
        reach = FAR * (upper - lower)
        near = values[(values >= lower - reach) & (values <= upper + reach)]
        if near.max() - near.min() > LEAST_PART * (high - low):
            near_low, near_high = float(near.min()), float(near.max())
    rough = (near_high - near_low) / CLASSES
    power = 10.0 ** np.floor(np.log10(rough))
    width = next(step * power for step in (1, 2, 5, 10) if step * power >= rough)
    start = _start(near_low, width)
    count = int(np.floor(near_high / width) - start) + 1
    count += (start + count) * width <= near_high
    edges: NDArray[np.float64] = (start + np.arange(count + 1)) * width
    if low < edges[0]:
        edges = np.concatenate(([_start(low, width) * width], edges))
    if high >= edges[-1]:
        last = (np.floor(high / width) + 1) * width
        edges = np.append(edges, last if last > high else np.nextafter(high, np.inf))
    return edges


def _start(low: float, width: float) -> float:
    """Return how many widths the first edge lies from 0."""
    start = float(np.floor(low / width))
    return start - (start * width > low)


def _decimals(distinct: NDArray[np.float64]) -> int | None:
    """Return how many decimals the values have, or None where there is no end to them."""
    for decimals in range(MAX_DECIMALS + 1):
        if np.allclose(distinct, np.round(distinct, decimals), rtol=1e-12, atol=1e-9):
            return decimals
    return None


def _class_names(edges: NDArray[np.float64], decimals: int | None) -> list[str]:
    """Name classes by their first and last possible value."""
    step = None if decimals is None else 10.0**-decimals
    names = []
    for low, high in pairwise(edges):
        if step is None or round(high - low, MAX_DECIMALS) < step:
            names.append(f"{_plain(low)}\u2013<{_plain(high)}")
            continue
        last = high - step
        is_one = round(last - low, MAX_DECIMALS) <= 0
        names.append(_plain(low) if is_one else f"{_plain(low)}\u2013{_plain(last)}")
    return names


# --- dates ------------------------------------------------------------------------

EPOCH = 1970
_DECADE = 10


def _periods(
    values: NDArray[np.float64], distinct: NDArray[np.float64]
) -> tuple[NDArray[np.intp], list[str]]:
    """Group days into days, months, years or decades, whichever gives a table one can read."""
    if len(distinct) <= MAX_DATES:
        names = [str(np.datetime64(int(day), "D")) for day in distinct]
        return np.searchsorted(distinct, values), names
    days = np.floor(values).astype("int64").astype("datetime64[D]")
    months = days.astype("datetime64[M]").astype("int64")
    if months.max() - months.min() < MAX_PERIODS:
        return _run(months, lambda n: str(np.datetime64(n, "M")))
    years = days.astype("datetime64[Y]").astype("int64") + EPOCH
    if years.max() - years.min() < MAX_PERIODS:
        return _run(years, str)
    return _run(years // _DECADE, lambda n: f"{n * _DECADE}\u2013{n * _DECADE + _DECADE - 1}")


def _run(
    numbers: NDArray[np.int64], name: Callable[[int], str]
) -> tuple[NDArray[np.intp], list[str]]:
    """Return the place of each number in an unbroken run, and the names of the run."""
    low, high = int(numbers.min()), int(numbers.max())
    return (numbers - low).astype(np.intp), [name(n) for n in range(low, high + 1)]


# --- names ------------------------------------------------------------------------


def _plain(value: float) -> str:
    return f"{value + 0.0:.10g}"


def _shown(name: str) -> str:
    """Write a true minus sign, and air around the dash of a class where there is one."""
    parts = name.split("\u2013")
    if not any(part.lstrip("<").startswith("-") for part in parts):
        return name
    dash = " \u2013 " if len(parts) > 1 else ""
    return dash.join(part.replace("-", MINUS, 1) for part in parts)
