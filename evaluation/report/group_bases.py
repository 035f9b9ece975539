"""Base notes of tables whose columns are groups beside each other: every group has its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.model import RowKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.protection.release import ProtectedTable
    from evaluation.texts import Texts

MISSING = (RowKind.ITEM_NONRESPONSE, RowKind.NOT_ASKED, RowKind.INVALID)


def group_base_notes(
    tables: Sequence[ProtectedTable], texts: Texts, *, missing: bool = True
) -> list[str]:
    """Return one sentence with the base of each column, and one for each kind of missing.

    A base that differs between rows (items of a grid) is given as a range; one
    that is withheld in any of them as withheld.

    Parameters
    ----------
    tables
        With the same columns.
    missing
        With item non-response, not asked and invalid answers, where there are any.
    """
    said = _groups(tables, RowKind.TOTAL, texts)
    parts = [texts.get("units.note_base", groups=said)] if said else []
    for kind in MISSING if missing and len(tables) == 1 and not tables[0].is_grid else ():
        counts = [n for _, n in _counts(tables, kind)]
        if any(n is None or n > 0 for group in counts for n in group):
            groups = _groups(tables, kind, texts)
            parts.append(texts.get(f"units.note_{kind.value}", groups=groups))
    return [" ".join(parts)] if parts else []


def _counts(tables: Sequence[ProtectedTable], kind: RowKind) -> list[tuple[str, list[int | None]]]:
    """Return the label of each column with its counts in all rows of a kind."""
    return [
        (
            column.label,
            [
                line[at].n
                for table in tables
                for row, line in zip(table.rows, table.cells, strict=True)
                if row.kind is kind
            ],
        )
        for at, column in enumerate(tables[0].columns)
    ]


def _groups(tables: Sequence[ProtectedTable], kind: RowKind, texts: Texts) -> str:
    return ", ".join(
        texts.get("table.label_with_base", label=label, n=_range(counts, texts))
        for label, counts in _counts(tables, kind)
        if counts
    )


def _range(counts: Sequence[int | None], texts: Texts) -> str:
    known = [n for n in counts if n is not None]
    if len(known) < len(counts):
        return texts.get("symbols.withheld")
    low, high = texts.numbers.number(min(known)), texts.numbers.number(max(known))
    return low if low == high else f"{low}\u2013{high}"
