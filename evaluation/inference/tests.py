"""Tests of a crosstab by name: the one door that tables and the command line use.

In: counts with the answers in the rows and the groups in the columns, without
margins. What a table cannot tell (weights, clusters) takes the respondents:
`evaluation.inference.raoscott.rao_scott`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from evaluation.inference.crosstabs import base_of, likelihood_ratio, pearson
from evaluation.inference.fisher import fisher
from evaluation.inference.ordinal import kruskal_wallis, mann_whitney, trend
from evaluation.inference.paired import bowker, mcnemar
from evaluation.inference.results import TestOutcome, as_table, not_made

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

METHODS: Final = (
    "pearson",
    "lr",
    "fisher",
    "rao-scott",
    "trend",
    "mann-whitney",
    "kruskal",
    "mcnemar",
)
"""Names that ``--test`` takes; all but ``rao-scott`` are tests of a table."""

ORDINAL: Final = frozenset({"trend", "mann-whitney", "kruskal"})
"""Tests that take the order of the rows for a scale."""


def crosstab_test(method: str, table: ArrayLike) -> TestOutcome:
    """Make one test of a table of counts.

    ``mcnemar`` takes a square table of the same answers given twice, with
    Bowker's test for more than two. Rows and columns without answers are left
    out by the tests that can; what cannot be made is an outcome with its
    reason, not an error.

    Raises
    ------
    ValueError
        If the method is unknown, or is ``rao-scott``.
    """
    if method == "rao-scott":
        msg = "rao-scott needs the respondents, not a table: see raoscott.rao_scott"
        raise ValueError(msg)
    if method not in _BY_NAME:
        msg = f"unknown test {method!r}; known: {', '.join(METHODS)}"
        raise ValueError(msg)
    return _BY_NAME[method](table)


def _paired(table: ArrayLike) -> TestOutcome:
    counts = as_table(table)
    if counts.shape[0] != counts.shape[1]:
        return not_made("mcnemar", base_of(counts), "needs-square-table")
    return mcnemar(counts) if len(counts) == 2 else bowker(counts)


_BY_NAME: Final[dict[str, Callable[[ArrayLike], TestOutcome]]] = {
    "pearson": pearson,
    "lr": likelihood_ratio,
    "fisher": fisher,
    "trend": trend,
    "mann-whitney": mann_whitney,
    "kruskal": kruskal_wallis,
    "mcnemar": _paired,
}
