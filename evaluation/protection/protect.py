"""The gate: all tables of a release go in together, protected tables come out.

Everything that is published at once must pass here at once, because linked
tables give each other away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.protection.methods.none import pass_table
from evaluation.protection.release import ProtectedTable, Release

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.codebook.schema import Protection
    from evaluation.tables.table import Table


def protect(
    tables: Sequence[Table], policy: Protection, *, previous: Sequence[ProtectedTable] = ()
) -> Release:
    """Protect the tables of one release together.

    Parameters
    ----------
    tables
        Everything that is going to be published at once.
    policy
        From ``study.yaml``.
    previous
        Tables of earlier releases that a reader may hold beside this one.

    Returns
    -------
    Release
        Tables in the order given.
    """
    del previous  # no method uses it yet
    protected = tuple(pass_table(table) for table in tables)
    return Release(
        tables=protected,
        method=policy.method,
        settings=policy.model_dump(mode="json"),
        n_cells=sum(len(row) for table in protected for row in table.cells),
    )


def raw(tables: Sequence[Table]) -> Release:
    """Let everything through for the evaluator's own eyes, marked as raw."""
    protected = tuple(pass_table(table, is_raw=True) for table in tables)
    n_cells = sum(len(row) for table in protected for row in table.cells)
    return Release(tables=protected, method="raw", n_cells=n_cells)
