"""All tables of a run counted in one call."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from evaluation.counting.chunks import chunks, countable, lowest_code, row_numbers
from evaluation.counting.kernels import KERNELS, Work, count_work
from evaluation.counting.spec import Counts
from evaluation.counting.weights import weights_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.coding.data import CodedData
    from evaluation.counting.chunks import Countable, Pair, Sums
    from evaluation.counting.spec import CountRequest


def count(
    data: CodedData,
    requests: Sequence[CountRequest],
    masks: Mapping[str, NDArray[np.bool_]] = MappingProxyType({}),
    *,
    kernel: str = "auto",
    threads: int | None = None,
) -> list[Counts]:
    """Count all requested tables of one survey.

    Parameters
    ----------
    data
        Coded answers; not modified.
    requests
        The tables, in any order; equal ones may repeat.
    masks
        Filter name -> 1-D bool, one per respondent.
    kernel
        ``plain`` (one histogram per table), ``packed`` (one per pair of
        composite keys, numpy), ``compiled`` (the same by numba, extra
        ``fast``), or ``auto``: the quickest by the size of the work. All give
        the same numbers to the last bit, see ``evaluation.counting.weights``.
    threads
        For the compiled kernel; None for all cores. Does not change a number.

    Returns
    -------
    list of Counts
        One per request, in the same order, in the shapes of `Counts`:
        categories and the three kinds of missing in both directions.

    Raises
    ------
    KeyError
        If a request names a variable, weight or mask that is not there.
    TypeError
        If a variable has no categories, or a weight is not a number.
    ValueError
        If a mask has the wrong length, a code is out of range, or the kernel
        is unknown.
    ImportError
        If the compiled kernel is asked for by name and numba is not installed.

    Notes
    -----
    A respondent whose weight is missing has weight 0, and still counts in
    ``n`` and ``base_n``. ``base_n[c]`` is the number of respondents in column
    ``c`` who answered the row question; in a multiple-answer column variable
    a respondent stands in every column that they chose.
    """
    if kernel not in KERNELS:
        msg = f"kernel must be one of {', '.join(KERNELS)}, got {kernel!r}"
        raise ValueError(msg)
    names = dict.fromkeys(name for r in requests for name in (r.rows, r.columns) if name)
    variables = {name: countable(data, name) for name in names}
    lowest = {name: lowest_code(variable) for name, variable in variables.items()}
    groups: dict[tuple[str, str], list[int]] = {}
    for i, request in enumerate(requests):
        groups.setdefault((request.weight, request.mask), []).append(i)
    rows = {mask: row_numbers(mask, masks, data.n) for mask in {key[1] for key in groups}}
    weights = {
        weight: weights_of(data.variables[weight]) if weight else None
        for weight in dict.fromkeys(request.weight for request in requests)
    }
    results: dict[int, Counts] = {}
    for (weight, mask), mine in groups.items():
        pairs = list(dict.fromkeys((requests[i].rows, requests[i].columns) for i in mine))
        kept = rows[mask]
        n = data.n if kept is None else len(kept)
        work = Work(n, variables, lowest, pairs, weighted=bool(weight))
        parts = chunks(data.n, kept, _only(variables, pairs), weights[weight])
        sums = count_work(work, parts, weights[weight], kernel, threads)
        for i in mine:
            found = sums[requests[i].rows, requests[i].columns]
            results[i] = finish(requests[i], found)
    return [results[i] for i in range(len(requests))]


def _only(variables: Mapping[str, Countable], pairs: Sequence[Pair]) -> dict[str, Countable]:
    return {name: variables[name] for pair in pairs for name in pair if name}


def finish(request: CountRequest, sums: Sums) -> Counts:
    """Part the base, the last row of what a kernel found, from the table."""
    n, base_n = sums.n[:-1].copy(), sums.n[-1].copy()
    if sums.wn is None or sums.w2 is None:
        wn, base_wn = n.astype(np.float64), base_n.astype(np.float64)
        return Counts(request, n, wn, base_n, base_wn, base_wn.copy())
    return Counts(request, n, sums.wn[:-1].copy(), base_n, sums.wn[-1].copy(), sums.w2.copy())
