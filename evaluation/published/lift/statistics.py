"""Crosstabs with several statistics stacked in each cell, as statistical programs print them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.published.words import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.published.lift.cells import Cells, PlacedRow
    from evaluation.published.words import Words

MAX_WORDS = 5
Stacked = list[tuple[str, str, dict[str, "Cells"], "PlacedRow"]]
"""(label, group, statistic -> cells, first of its rows) of each row variable's value."""


def statistic_of(text: str, words: Words) -> str | None:
    """Return n, expected or percent where a text is the name of such a statistic."""
    folded = plain(text)
    if folded in words.expected:
        return "expected"
    if folded in words.count:
        return "n"
    if folded in words.percent or folded.startswith(words.within):
        return "percent"
    return None


def split_statistic(label: str, words: Words) -> tuple[str, str] | None:
    """Part a label into the value and the statistic that ends it: "Nej Antal"."""
    parts = label.split()
    for size in range(min(len(parts), MAX_WORDS), 0, -1):
        found = statistic_of(" ".join(parts[-size:]), words)
        if found:
            return " ".join(parts[:-size]), found
    return None


def stack(rows: Sequence[PlacedRow], words: Words) -> Stacked | None:
    """Put the statistics of one value together.

    Returns
    -------
    None where the rows are not stacked: not all end with a statistic, or there
    is only one kind of it.
    """
    parts = [split_statistic(row.label, words) for row in rows]
    if any(p is None for p in parts) or len({p[1] for p in parts if p}) < 2:
        return None
    made: Stacked = []
    for row, part in zip(rows, parts, strict=True):
        value, statistic = part or ("", "")
        if not made or value or statistic in made[-1][2]:
            made.append((value or row.group, row.group if value else "", {}, row))
        made[-1][2][statistic] = row.cells
    return made if len(made) < len(rows) else None
