"""All tables of a run counted in one call."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from evaluation.counting.plain import count_plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from evaluation.coding.data import CodedData
    from evaluation.counting.spec import CountRequest, Counts

KERNELS = ("auto", "plain", "packed", "compiled")


def count(
    data: CodedData,
    requests: Sequence[CountRequest],
    masks: Mapping[str, NDArray[np.bool_]] = MappingProxyType({}),
    *,
    kernel: str = "auto",
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
        ``auto`` chooses by the size of the work. Every kernel returns the same
        numbers: ``n`` because whole numbers add exactly, ``wn`` because the
        weights are split into parts that do (`exact_parts`).

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
    return count_plain(data, requests, masks)
