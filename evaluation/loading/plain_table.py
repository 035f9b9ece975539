"""A small table that is no survey answers: CSV or YAML, first row or keys as head."""

from __future__ import annotations

import csv
import io
from typing import Any

from evaluation.codebook.yaml_positions import ListNode, MappingNode, Node, plain, read_yaml
from evaluation.loading.sniff import decode, detect_separator
from evaluation.problems import Checked, Problem, Severity
from evaluation.report.facts import DataTableContent

MAX_ROWS = 100_000


def read_plain_table(data: bytes, file: str) -> Checked[DataTableContent | None]:
    """Read a table of study data, every cell as trimmed text.

    Parameters
    ----------
    data
        CSV in any encoding and with any separator that can be told, or YAML
        (by the file's name): a list of mappings, or ``header`` and ``rows``.
    file
        Name for problems.

    Returns
    -------
    Checked
        The table without title; None where it has no head or ragged rows.
    """
    text = decode(data).text.replace("\r\n", "\n").replace("\r", "\n")
    if file.lower().endswith((".yaml", ".yml")):
        return _read_yaml(text, file)
    rows = [
        (number, [cell.strip() for cell in row])
        for number, row in enumerate(
            csv.reader(io.StringIO(text), delimiter=detect_separator(text)), 1
        )
    ]
    rows = [(number, row) for number, row in rows if any(row)]
    return _checked(rows, file)


def _checked(rows: list[tuple[int, list[str]]], file: str) -> Checked[DataTableContent | None]:
    if not rows:
        return Checked(None, (_stop("data-table-empty", file, 0),))
    header = tuple(rows[0][1])
    width = len(header)
    problems = [
        _stop("data-table-ragged", file, number, str(len(row)), str(width))
        for number, row in rows[1:]
        if len(row) != width
    ]
    problems += [
        _stop("data-table-repeated-head", file, rows[0][0], name)
        for name in sorted({name for name in header if header.count(name) > 1})
    ]
    if len(rows) > MAX_ROWS:
        problems.append(_stop("data-table-too-long", file, 0, str(len(rows)), str(MAX_ROWS)))
    if problems:
        return Checked(None, tuple(problems))
    content = tuple(tuple(row) for _, row in rows[1:])
    lines = tuple(number for number, _ in rows[1:])
    return Checked(DataTableContent("", header, content, lines=lines))


def _read_yaml(text: str, file: str) -> Checked[DataTableContent | None]:
    read = read_yaml(text, file)
    if read.value is None or read.problems:
        return Checked(None, read.problems)
    rows = _yaml_rows(read.value)
    if rows is None:
        return Checked(None, (_stop("data-table-form", file, read.value.line),))
    return _checked(rows, file)


def _yaml_rows(root: Node) -> list[tuple[int, list[str]]] | None:
    """Return head and rows with their lines, or None where the form is another."""
    if isinstance(root, MappingNode) and set(root.entries) == {"header", "rows"}:
        head, body = root.entries["header"].node, root.entries["rows"].node
        if isinstance(head, ListNode) and isinstance(body, ListNode):
            lines = [head, *body.nodes]
            if all(isinstance(line, ListNode) for line in lines):
                return [(line.line, [_cell(v) for v in plain(line)]) for line in lines]
    if isinstance(root, ListNode) and all(isinstance(n, MappingNode) for n in root.nodes):
        records = [(n.line, plain(n)) for n in root.nodes]
        names = list(dict.fromkeys(key for _, record in records for key in record))
        body_rows = [(line, [_cell(record.get(k)) for k in names]) for line, record in records]
        return [(root.line, names), *body_rows]
    return None


def _cell(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _stop(code: str, file: str, row: int, value: str = "", expected: str = "") -> Problem:
    return Problem(code, Severity.STOP, file=file, row=row, value=value, expected=expected)
