"""A lifted report as ``published.yaml``, with comments where it is unsure.

Written by hand and not by a YAML library, for the sake of the comments.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evaluation.published.lift.lines import Numbering

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.published.lift.run import Lifted
    from evaluation.published.lift.shape import LiftedTable
    from evaluation.published.lift.tables import Doubt
    from evaluation.published.schema import PrintedPhrase, PrintedRow
    from evaluation.texts import Texts

WIDTH = 96
_PAGES = {
    Numbering.NONE: "lift.pages_none",
    Numbering.COUNTED: "lift.pages_counted",
    Numbering.PRINTED: "lift.pages_printed",
}


def draft_yaml(lifted: Lifted, texts: Texts, *, file: str) -> str:
    """Write what was lifted, for a person to check against the original.

    Parameters
    ----------
    lifted
        From `lift`.
    texts
        Wording of the comments.
    file
        Name of the report.
    """
    header = texts.get("lift.header", file=file, tables=len(lifted.tables), cells=lifted.cells)
    lines = [*_comment(header), *_comment(texts.get(_PAGES[lifted.numbering]))]
    lines.append(f"report: {quoted(file)}")
    if not lifted.tables:
        return "\n".join([*lines, "tables: []", ""])
    lines.append("tables:")
    for table in lifted.tables:
        lines += [*_table(table, texts), ""]
    if lifted.phrases:
        lines.append("phrases:")
        for phrase in lifted.phrases:
            lines += _phrase(phrase, texts)
    return "\n".join(lines).rstrip() + "\n"


def quoted(text: str) -> str:
    """Write a text so that every YAML reader gives it back as text."""
    return json.dumps(text, ensure_ascii=False)


def _comment(text: str, indent: str = "") -> list[str]:
    lines: list[str] = []
    line = f"{indent}#"
    for word in text.split():
        if len(line) + 1 + len(word) > WIDTH and line != f"{indent}#":
            lines.append(line)
            line = f"{indent}#"
        line += f" {word}"
    return [*lines, line]


def _unsure(doubt: Doubt, texts: Texts, indent: str) -> list[str]:
    what = texts.get(f"lift.doubts.{doubt.code}", **dict(doubt.values))
    return _comment(texts.get("lift.unsure", what=what), indent)


def _table(lifted: LiftedTable, texts: Texts) -> list[str]:
    table = lifted.table
    places = {"page": table.page or "", "first": lifted.first, "last": lifted.last}
    key = "lift.place" if table.page else "lift.place_line"
    lines = _comment(texts.get(key, **places), "  ")
    for doubt in lifted.doubts:
        lines += _unsure(doubt, texts, "  ")
    lines.append(f"  - id: {quoted(table.id)}")
    for name in ("heading", "head", "caption", "page", "unit"):
        value = getattr(table, name)
        if value:
            lines.append(f"    {name}: {quoted(str(value))}")
    lines.append(f"    line: {table.line}")
    lines.append(f"    kind: {table.kind}")
    if table.percents != "column":
        lines.append(f"    percents: {table.percents}")
    if table.base is not None:
        lines += [f"    base: {table.base}", "    base_printed: true"]
    if table.bases:
        lines.append(f"    bases: {_flow(table.bases)}")
    lines.append(f"    decimals: {min(table.decimals, 2)}")
    if table.columns:
        lines.append(f"    columns: [{', '.join(map(quoted, table.columns))}]")
    lines.append("    rows:")
    for row, doubts in zip(table.rows, lifted.row_doubts, strict=True):
        for doubt in doubts:
            lines += _unsure(doubt, texts, "      ")
        lines.append(f"      - {_row(row)}")
    return lines


def _row(row: PrintedRow) -> str:
    pairs = []
    if row.group:
        pairs.append(f"group: {quoted(row.group)}")
    pairs.append(f"label: {quoted(row.label)}")
    pairs += [
        f"{name}: {quoted(value)}"
        for name, value in (("base", row.base), ("n", row.n), ("percent", row.percent))
        if value is not None
    ]
    if row.cells:
        cells = ", ".join(
            f"{quoted(column)}: {_flow(content) if isinstance(content, dict) else _scalar(content)}"
            for column, content in row.cells.items()
        )
        pairs.append(f"cells: {{{cells}}}")
    if row.is_sum:
        pairs.append("is_sum: true")
    return "{" + ", ".join(pairs) + "}"


def _flow(content: Mapping[str, str | None]) -> str:
    return "{" + ", ".join(f"{quoted(k)}: {_scalar(v)}" for k, v in content.items()) + "}"


def _scalar(text: str | None) -> str:
    return "null" if text is None else quoted(text)


def _phrase(phrase: PrintedPhrase, texts: Texts) -> Sequence[str]:
    lines = []
    if phrase.note:
        what = texts.get("lift.doubts.phrase_row")
        lines += _comment(texts.get("lift.unsure", what=what), "  ")
    lines.append(f"  - id: {quoted(phrase.id)}")
    for name in ("table", "phrase", "words", "row", "n", "percent"):
        value = getattr(phrase, name)
        if value:
            lines.append(f"    {name}: {quoted(str(value))}")
    return lines
