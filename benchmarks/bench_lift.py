"""How much of printed tables ``evaluation lift`` finds, against tables read by hand.

    python -m benchmarks.bench_lift            the five source reports
    python -m benchmarks.bench_lift --misses   and every cell that is missing or wrong

Per report: tables in the reference; found (most cells right); whole (every
label and every figure right, no row too many or too few); heads (the columns'
heads right too); cells right; tables lifted that the reference does not have.
A cell is right if its row label, column position and figure are. Line breaks,
hyphens at line ends and footnote marks do not count.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from evaluation.loading.texts import load_texts
from evaluation.pipeline.audit import load_print_words
from evaluation.published.lift.lines import read_source
from evaluation.published.lift.run import lift
from evaluation.published.strings import read_number
from evaluation.texts import Phrase

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
REPORTS = {
    "jamstalldhetsmyndigheten-2022-9-bilaga-1": "jamstalldhetsmyndigheten-2022-9-bilaga-1",
    "socialstyrelsen-utvecklingsmedel-2013": "socialstyrelsen-utvecklingsmedel-2013",
    "mia-vidare-alis-2022": "mia-vidare-alis-2022",
    "lansstyrelsen-vastmanland-kvinnofridssamordnare-2019": (
        "lansstyrelsen-vastmanland-kvinnofridssamordnare-2019"
    ),
    "jamstalldhetsmyndigheten-2022-9": "",
}
"""Text -> reference; the main report of Jämställdhetsmyndigheten has no table of figures."""

Rows = list[tuple[str, tuple[str | None, ...]]]
"""(label, figures) of each row."""


@dataclass(frozen=True)
class Plain:
    """A table as rows of figures, whatever form it came in."""

    id: str
    columns: tuple[str, ...]
    rows: Rows

    @property
    def cells(self) -> int:
        return sum(len(cells) for _, cells in self.rows)


@dataclass(frozen=True)
class Score:
    tables: int
    found: int
    whole: int
    heads: int
    cells: int
    right: int
    extra: int


def fold(text: str) -> str:
    """Letters and digits only: hyphens, quotation marks and blanks do not count."""
    return re.sub(r"[\W_]+", "", str(text).casefold())


def same_figure(a: str | None, b: str | None) -> bool:
    empty = {None, "", "-", "–", "—"}
    if a in empty or b in empty:
        return a in empty and b in empty
    x, y = read_number(str(a)), read_number(str(b))
    if x is None or y is None:
        return fold(str(a)) == fold(str(b))
    return x.value == y.value and x.decimals == y.decimals


# --- references ----------------------------------------------------------------


def reference_tables(name: str) -> list[Plain]:
    if not name:
        return []
    content = yaml.safe_load((SHARED / "reference" / f"{name}.yaml").read_text(encoding="utf-8"))
    tables = [_reference(t) for t in content.get("tables", [])]
    if "tabell_1" in content:
        tables.append(_stacked_reference(content["tabell_1"]))
    grants = content.get("bilaga_2", {})
    parts = ("kommuner", "ideella_foreningar")
    return tables + [_grants(part, grants[part]) for part in parts if part in grants]


def _reference(table: dict[str, Any]) -> Plain:
    if "options" in table:
        rows: Rows = [(o["label"], (str(o["n"]), o["percent"])) for o in table["options"]]
        return Plain(table["id"], ("n", "Procent"), rows)
    columns = tuple(str(c) for c in table["columns"])
    return Plain(table["id"], columns, [_reference_row(row) for row in table["rows"]])


def _reference_row(row: dict[str, Any]) -> tuple[str, tuple[str | None, ...]]:
    label = row.get("label", row.get("year"))
    if "question" in row:
        label = f"{row['label_lead']} {row['question']} {row.get('category_printed') or ''}"
    values = row.get("cells_printed", row.get("values"))
    if values is None:
        values = [row["cells"][c][s] for c in row["cells"] for s in row["cells"][c]]
    return str(label), tuple(None if v is None else str(v) for v in values)


def _stacked_reference(table: dict[str, Any]) -> Plain:
    rows: Rows = [
        (f"{row['row']} {key}", tuple(str(v) for v in row[key]))
        for row in table["rows"]
        for key in ("antal", "forvantat_antal", "procent_inom_kon")
    ]
    return Plain(table["id"], tuple(table["columns"]), rows)


def _grants(key: str, part: dict[str, Any]) -> Plain:
    rows: Rows = [(f"{r['lan']} {r['recipient']}", (str(r["amount_kr"]),)) for r in part["rows"]]
    rows.append((part["total_label"], (str(part["total_printed_kr"]),)))
    return Plain(key, ("Beviljat belopp (kr)",), rows)


# --- lifted --------------------------------------------------------------------

STATISTICS = {"n": "antal", "expected": "forvantat_antal", "percent": "procent_inom_kon"}


def plain_tables(published: Any) -> list[Plain]:
    return [_plain(t) for t in published]


def _plain(table: Any) -> Plain:
    rows: Rows = []
    columns = table.columns
    stacked = any(
        isinstance(c, dict) and "expected" in c for row in table.rows for c in row.cells.values()
    )
    for row in table.rows:
        if stacked:
            rows += [_statistic(row, key, name) for key, name in STATISTICS.items()]
            continue
        if row.cells:
            cells = tuple(
                text
                for content in row.cells.values()
                for text in (content.values() if isinstance(content, dict) else [content])
            )
        else:
            cells = tuple(v for v in (row.n, row.percent) if v is not None)
        code = row.group if row.group and len(row.group) <= 3 else ""
        rows.append((f"{code} {row.label}".strip(), cells))
    if not columns:
        pairs = (("n", "n"), ("Procent", "percent"))
        columns = tuple(c for c, f in pairs if any(getattr(r, f) for r in table.rows))
    return Plain(table.id, tuple(columns), rows)


def _statistic(row: Any, key: str, name: str) -> tuple[str, tuple[str | None, ...]]:
    cells = tuple(c.get(key) for c in row.cells.values() if isinstance(c, dict))
    return f"{row.label} {name}", cells


# --- comparison ----------------------------------------------------------------


def right_cells(reference: Plain, lifted: Plain) -> list[tuple[str, int]]:
    """Cells of the reference that the lifted table has in the same row and column."""
    rest = list(lifted.rows)
    right = []
    for label, cells in reference.rows:
        same = [r for r in rest if fold(r[0]) == fold(label)]
        best = max(same, key=lambda r: _equal(cells, r[1]), default=None)
        if best is None:
            continue
        rest.remove(best)
        pairs = zip(cells, best[1], strict=False)
        right += [(label, i) for i, (a, b) in enumerate(pairs) if same_figure(a, b)]
    return right


def _equal(a: tuple[str | None, ...], b: tuple[str | None, ...]) -> int:
    return sum(same_figure(x, y) for x, y in zip(a, b, strict=False))


def is_whole(reference: Plain, lifted: Plain) -> bool:
    return (
        len(reference.rows) == len(lifted.rows)
        and all(len(a[1]) == len(b[1]) for a, b in zip(reference.rows, lifted.rows, strict=True))
        and len(right_cells(reference, lifted)) == reference.cells
    )


def same_heads(reference: Plain, lifted: Plain) -> bool:
    return sorted(map(fold, reference.columns)) == sorted(
        {"antal": "n"}.get(fold(c), fold(c)) if reference.columns == ("n", "Procent") else fold(c)
        for c in _antal(reference, lifted)
    )


def _antal(reference: Plain, lifted: Plain) -> tuple[str, ...]:
    return (
        ("Antal",)
        if reference.columns == ("Antal",) and lifted.columns == ("n",)
        else lifted.columns
    )


def compare(reference: list[Plain], lifted: list[Plain], *, misses: bool) -> Score:
    taken: set[int] = set()
    found = whole = heads = right = 0
    for table in reference:
        scores = [
            (0 if i in taken else len(right_cells(table, one)), -i) for i, one in enumerate(lifted)
        ]
        best, at = max(scores, default=(0, 0))
        one = lifted[-at] if best else None
        right += best
        if one is None:
            if misses:
                print(f"  missing: {table.id}")
            continue
        taken.add(-at)
        complete, same = is_whole(table, one), same_heads(table, one)
        found += 2 * best > table.cells
        whole += complete
        heads += complete and same
        if misses and not (complete and same):
            _print_misses(table, one)
    extra = len(lifted) - len(taken)
    if misses:
        for i, one in enumerate(lifted):
            if i not in taken:
                print(f"  extra: {one.id}: {one.rows[:2]}")
    cells = sum(t.cells for t in reference)
    return Score(len(reference), found, whole, heads, cells, right, extra)


def _print_misses(table: Plain, one: Plain) -> None:
    right = set(right_cells(table, one))
    print(f"  {table.id} <- {one.id}: heads {one.columns} for {table.columns}")
    for label, cells in table.rows:
        wrong = [c for i, c in enumerate(cells) if (label, i) not in right]
        if wrong:
            print(f"      {label}: {wrong}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--misses", action="store_true", help="list what is missing or wrong")
    arguments = parser.parse_args()
    if not SHARED.is_dir():
        sys.exit("the shared folder with the source reports is absent")
    words = load_print_words()
    catalogue = tuple(Phrase(**e) for e in load_texts("sv").entries.get("phrases", ()))
    heads = ("report", "tables", "found", "whole", "heads", "cells", "right", "extra")
    print(("{:<54}" + "{:>8}" * 7).format(*heads))
    for text, name in REPORTS.items():
        source = read_source(
            (SHARED / "sources" / f"{text}.txt").read_text(encoding="utf-8"), words
        )
        lifted = lift(source, words, catalogue)
        tables = plain_tables([t.table for t in lifted.tables])
        s = compare(reference_tables(name), tables, misses=arguments.misses)
        values = (s.tables, s.found, s.whole, s.heads, s.cells, s.right, s.extra)
        print((f"{text:<54}" + "{:>8}" * 7).format(*values))


if __name__ == "__main__":
    main()
