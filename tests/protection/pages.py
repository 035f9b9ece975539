"""What a reader of ``report.html`` finds beside ``tables.csv``: notes and analyses.

Imports nothing from ``evaluation``. What is read becomes rows like those of
``tables.csv``, for `reader.Attack`.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

from lxml import html

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LACKING = re.compile(r"(\d+) svarande saknar uppgift om (\w+)")


class Printed(NamedTuple):
    """A table of the page: caption, lines of cells, and the text that goes with it."""

    caption: str
    lines: list[list[str]]
    notes: str


def printed_tables(page: Path) -> list[Printed]:
    """Return the tables of a page, in order."""
    found = []
    for table in html.parse(str(page)).getroot().xpath("//table[caption]"):
        lines = [[_said(c) for c in r.xpath("./th|./td")] for r in table.xpath(".//tr")]
        blocks = table.xpath("ancestor::*[contains(@class, 'table-block')]") or [table]
        found.append(Printed(_said(table.xpath("./caption")[0]), lines, _said(blocks[0])))
    return found


def _said(node: html.HtmlElement) -> str:
    text = re.sub(r"\s+", " ", node.text_content().replace("\u00a0", " "))
    return text.replace("uppgiften visas inte", "").strip()


def figure(text: str) -> float:
    """Read a Swedish number; nan where there is none."""
    try:
        return float(text.replace(" ", "").replace(",", ".").replace("\u2212", "-"))
    except ValueError:
        return math.nan


def lacking_rows(page: Path, question: str, names: dict[str, str]) -> Iterator[dict[str, str]]:
    """Read "5 svarande saknar uppgift om Kön" under tables: an equation that no file holds."""
    seen = set()
    for table in printed_tables(page):
        for n, name in LACKING.findall(table.notes):
            if name in names and (n, name) not in seen:
                seen.add((n, name))
                yield count_row(question, "total", names[name], "item_nonresponse", "", int(n))


def count_row(row: str, code: str, by: str, column: str, where: str, n: int) -> dict[str, str]:
    """Return a row as of ``tables.csv``."""
    return {
        "table": "page", "row_var": row, "row_code": code, "col_var": by, "col_code": column,
        "where": where, "n": str(n), "percent": "", "base_n": "", "weight": "",
    }  # fmt: skip


def steps_behind(
    n: int, mean: float, deviation: float | None, scores: Sequence[float], decimals: int
) -> list[tuple[int, ...]]:
    """Return every way to spread ``n`` over the scores that gives the printed figures."""
    half = 0.5 * 10.0**-decimals + 1e-9
    found = []
    for ways in _spread(n, len(scores)):
        middle = sum(k * s for k, s in zip(ways, scores, strict=True)) / n
        if abs(middle - mean) > half:
            continue
        square = sum(k * (s - middle) ** 2 for k, s in zip(ways, scores, strict=True))
        if deviation is None or abs(math.sqrt(square / (n - 1)) - deviation) <= half:
            found.append(ways)
    return found


def _spread(n: int, parts: int) -> Iterator[tuple[int, ...]]:
    if parts == 1:
        yield (n,)
        return
    for first in range(n + 1):
        for rest in _spread(n - first, parts - 1):
            yield (first, *rest)
