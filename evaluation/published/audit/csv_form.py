"""Printed tables as CSV: label, n, percent, base and a few more, columns in any order."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from evaluation.problems import Checked, Problem, Severity
from evaluation.published.audit.reading import read_count
from evaluation.published.kinds import guess_kind
from evaluation.published.schema import PrintedRow, PrintedTable, Published
from evaluation.published.words import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.published.words import Words

DELIMITERS = ";\t,|"
KINDS = ("single", "multiple", "grid", "battery", "data")

Line = dict[str, str]
"""Cell texts of a line by field: label, n, percent, base, table, …"""


def read_csv_tables(text: str, words: Words, *, name: str, file: str) -> Checked[Published | None]:
    """Read printed tables from CSV text.

    Parameters
    ----------
    text
        The file's content.
    words
        Heads of the columns, and what a total is called.
    name
        Name of a table where there is no column for it.
    file
        Name for problems.

    Returns
    -------
    Checked
        None where there is no column for labels or none for figures.
    """
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    cells = [row for row in csv.reader(lines, delimiter=delimiter) if any(c.strip() for c in row)]
    if not cells:
        return Checked(None, (Problem("empty-file", Severity.STOP, file=file),))
    fields = _fields(cells[0], words)
    known = {field for field in fields if field}
    if "label" not in known or not known & {"n", "percent"}:
        heads = ", ".join(f"{field}: {'/'.join(sorted(h))}" for field, h in words.columns)
        missing = Problem(
            "audit-heads",
            Severity.STOP,
            file=file,
            row=1,
            value=", ".join(cells[0]),
            expected=heads,
        )
        return Checked(None, (missing,))
    tables: dict[str, list[Line]] = {}
    for row in cells[1:]:
        line = {f: c.strip() for f, c in zip(fields, row, strict=False) if f}
        tables.setdefault(line.get("table") or name, []).append(line)
    made = tuple(_table(key, own, words) for key, own in tables.items())
    return Checked(Published(report=file, tables=made), _unknown(cells[0], fields, file))


def _fields(head: Sequence[str], words: Words) -> list[str]:
    """Return the field of each column, "" where unknown; the first of a field is taken.

    ``N`` beside ``n`` is the base.
    """
    fields: list[str] = []
    has_small = any(h.strip() == "n" for h in head)
    for text in head:
        field = next((f for f, heads in words.columns if plain(text) in heads), "")
        if text.strip() == "N" and has_small:
            field = "base"
        fields.append("" if field in fields else field)
    return fields


def _unknown(head: Sequence[str], fields: Sequence[str], file: str) -> tuple[Problem, ...]:
    return tuple(
        Problem("audit-unknown-head", Severity.NOTE, file=file, row=1, value=text)
        for text, field in zip(head, fields, strict=True)
        if not field and text.strip()
    )


def _table(name: str, lines: Sequence[Line], words: Words) -> PrintedTable:
    bases = [read_count(line.get("base")) for line in lines]
    stated = {base for base in bases if base is not None}
    shared = next(iter(stated)) if len(stated) == 1 else None
    rows = _crossed(lines, words) if any(line.get("column") for line in lines) else None
    own_bases = len(stated) > 1
    if rows is None:
        rows = [_row(line, words, own_base=own_bases) for line in lines]
    answers = [r for r in rows if not r.is_sum]
    total = next((read_count(r.n) for r in rows if r.is_sum and r.n), None)
    kind = _kind(lines, answers, shared or total, own_bases=own_bases)
    group = next((line["group"] for line in lines if line.get("group")), "")
    return PrintedTable(
        id=name,
        question=f"{plain(group).replace('.', ' ')}.{name}" if group else None,
        caption=next((line["caption"] for line in lines if line.get("caption")), None),
        page=next((line["page"] for line in lines if line.get("page")), None),
        kind=kind,
        base=shared,
        base_printed=shared is not None,
        rows=tuple(rows),
    )


def _row(line: Line, words: Words, *, own_base: bool) -> PrintedRow:
    label = line.get("label", "")
    return PrintedRow(
        label=label,
        n=line.get("n") or None,
        percent=line.get("percent") or None,
        base=line.get("base") or None if own_base else None,
        is_sum=words.is_total(label) or words.is_base(label),
    )


def _crossed(lines: Sequence[Line], words: Words) -> list[PrintedRow]:
    """Rows of a table by columns: one line of the file for each cell."""
    cells: dict[str, dict[str, dict[str, str | None]]] = {}
    for line in lines:
        own = {m: line[m] for m in ("n", "percent") if line.get(m)}
        cells.setdefault(line.get("label", ""), {})[line.get("column", "")] = dict(own)
    return [
        PrintedRow(
            label=label,
            cells=_cells(columns),
            is_sum=words.is_total(label) or words.is_base(label),
        )
        for label, columns in cells.items()
    ]


def _cells(
    columns: Mapping[str, dict[str, str | None]],
) -> dict[str, str | dict[str, str | None] | None]:
    return dict(columns)


def _kind(
    lines: Sequence[Line],
    answers: Sequence[PrintedRow],
    base: int | None,
    *,
    own_bases: bool,
) -> str:
    """Return the kind that the file states, or one guessed from the figures."""
    stated = next((plain(line["kind"]) for line in lines if line.get("kind")), "")
    if stated in KINDS:
        return stated
    if own_bases:
        return "multiple"
    if any(row.cells for row in answers):
        return "single"
    counts = [row.n for row in answers]
    return guess_kind(counts, [row.percent for row in answers], base).kind
