"""Tables as PX files (PC-Axis), for PxWeb and the tools that read Swedish statistics.

Format: "PC-Axis file format", Statistics Sweden, version 2013. One file per
table; row and column variables are stub and heading, the measures (n,
percent) a further heading. Withheld cells are ``".."``, cells that cannot
have a value ``"."``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evaluation.rendering.jsonstat import dataset
from evaluation.rounding import round_half_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evaluation.protection.release import ProtectedTable
    from evaluation.report.model import ReportMeta
    from evaluation.texts import Texts

MEASURES = ("n", "percent")
LINE = 120
"""PX lines are kept short: long texts continue on the next line in quotes."""


def px_files(tables: Iterable[ProtectedTable], texts: Texts, meta: ReportMeta) -> dict[str, bytes]:
    """Return one PX file per table, by file name."""
    return {
        f"px/{re.sub(r'[^A-Za-z0-9._-]+', '-', table.id).strip('-')}.px": px_file(
            table, texts, meta
        )
        for table in tables
    }


def px_file(table: ProtectedTable, texts: Texts, meta: ReportMeta) -> bytes:
    """Return a table as a PX file: UTF-8, decimal point, one line of data per row."""
    content = dataset(table, texts)
    rows = content["dimension"]["row"]["category"]["label"]
    columns = content["dimension"]["column"]["category"]["label"]
    names = _distinct_names(
        [
            texts.get("px.row"),
            content["dimension"]["column"]["label"] if table.spec.by else texts.get("px.group"),
            texts.get("px.measure"),
        ]
    )
    measures = {m: texts.get(f"table.{m}") for m in MEASURES}
    date = (meta.date or f"{meta.year}-01-01").replace("-", "")
    lines = [
        _line("CHARSET", "ANSI"),
        _line("AXIS-VERSION", "2013"),
        _line("CODEPAGE", "utf-8"),
        _line("LANGUAGE", meta.language),
        _line("CREATION-DATE", f"{date} 12:00"),
        f"DECIMALS={table.spec.decimals};",
        f"SHOWDECIMALS={table.spec.decimals};",
        _line("MATRIX", re.sub(r"[^A-Za-z0-9]", "", table.id)[:20] or "T1"),
        _line("SUBJECT-CODE", "UTV"),
        _line("SUBJECT-AREA", meta.title),
        "COPYRIGHT=NO;",
        _line("DESCRIPTION", table.title),
        _line("TITLE", f"{table.title}, {meta.year}"),
        _line("CONTENTS", table.title),
        _line("UNITS", texts.get("px.units")),
        _line("STUB", names[0]),
        f"HEADING={_quoted(names[1])},{_quoted(names[2])};",
    ]
    for name, labels in zip(names, (rows, columns, measures), strict=True):
        lines.append(_list("VALUES", name, labels.values()))
        lines.append(_list("CODES", name, labels.keys()))
    lines += [
        f"PRECISION({_quoted(names[2])},{_quoted(measures['percent'])})={table.spec.decimals};",
        _line("SOURCE", meta.publisher),
        _line("INFO", meta.notice or meta.title),
        "DATA=",
        *_data(table),
    ]
    return ("\r\n".join(lines) + ";\r\n").encode("utf-8")


def _data(table: ProtectedTable) -> list[str]:
    lines = []
    for cells in table.cells:
        values: list[str] = []
        for cell in cells:
            values.append('".."' if cell.n is None else str(cell.n))
            if cell.shown_percent is not None:
                values.append(str(round_half_up(cell.shown_percent, table.spec.decimals)))
            else:
                values.append('"."' if cell.is_shown else '".."')
        lines.append(" ".join(values))
    return lines


def _distinct_names(names: Sequence[str]) -> list[str]:
    """A PX variable must have a name of its own."""
    return [name if name not in names[:i] else f"{name} {i + 1}" for i, name in enumerate(names)]


def _quoted(text: str) -> str:
    """Quote a text; a quotation mark within becomes typographic, a long text is continued."""
    clean = re.sub(r"\s+", " ", text.replace('"', "\u201d")).strip()
    parts = [clean[i : i + LINE] for i in range(0, len(clean), LINE)] or [""]
    return "\r\n".join(f'"{part}"' for part in parts)


def _line(key: str, value: str) -> str:
    return f"{key}={_quoted(value)};"


def _list(key: str, name: str, values: Iterable[str]) -> str:
    return f"{key}({_quoted(name)})=" + ",\r\n".join(_quoted(v) for v in values) + ";"
