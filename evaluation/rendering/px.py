"""Tables as PX files (PC-Axis), for PxWeb and the tools that read Swedish statistics.

Format: "PX-file format specification, AXIS-VERSION 2013", Statistics Sweden,
with its recommended order of keywords. One file per table: the answers are the
stub; groups, measures (n, percent) and the year the heading. The measures are
the contents variable, with units and decimals of their own. Withheld cells are
``".."``, cells that cannot have a value ``"."``.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from evaluation.model import TOTAL
from evaluation.rendering.jsonstat import dataset
from evaluation.rounding import round_half_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evaluation.protection.release import ProtectedTable
    from evaluation.report.model import ReportMeta
    from evaluation.texts import Texts

MEASURES = ("n", "percent")
LINE = 120
"""PX lines are kept short: long texts continue on the next line in quotes."""
LONGEST = 256
"""Characters of a variable's name or a value, which must stand on one line."""


def px_files(tables: Iterable[ProtectedTable], texts: Texts, meta: ReportMeta) -> dict[str, bytes]:
    """Return one PX file per table, by file name; no two have the same name."""
    files: dict[str, bytes] = {}
    for table in tables:
        if table.is_withheld:
            continue
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", table.id).strip("-")
        name = f"px/{plain}.px"
        if name in files:
            name = f"px/{plain}-{_digest(table.id)}.px"
        files[name] = px_file(table, texts, meta)
    return files


def px_file(table: ProtectedTable, texts: Texts, meta: ReportMeta) -> bytes:
    """Return a table as a PX file: UTF-8, decimal point, one line of data per row."""
    content = dataset(table, texts)["dimension"]
    rows = content["row"]["category"]["label"]
    columns = content["column"]["category"]["label"]
    measures = {m: texts.get(f"table.{m}") for m in MEASURES}
    year = {str(meta.year): str(meta.year)}
    names = _distinct(
        [
            texts.get("px.row"),
            content["column"]["label"] if table.spec.by else texts.get("px.group"),
            texts.get("px.measure"),
            texts.get("px.year"),
        ]
    )
    variables = list(zip(names, (rows, columns, measures, year), strict=True))
    date = f"{(meta.date or f'{meta.year}-01-01').replace('-', '')} 12:00"
    lines = [
        *_head(table, texts, meta, date),
        _line("STUB", names[0]),
        f"HEADING={','.join(_one(name) for name in names[1:])};",
        _line("CONTVARIABLE", names[2]),
        *(_list("VALUES", name, _distinct(list(held.values()))) for name, held in variables),
        f"TIMEVAL({_one(names[3])})=TLIST(A1),{_one(str(meta.year))};",
        *(_list("CODES", name, list(held)) for name, held in variables),
        *_foot(table, texts, meta, names, measures, columns.get(TOTAL, ""), date),
        "DATA=",
        *_data(table),
    ]
    return ("\r\n".join(lines) + ";\r\n").encode("utf-8")


def _head(table: ProtectedTable, texts: Texts, meta: ReportMeta, date: str) -> list[str]:
    """Keywords before the variables."""
    return [
        _line("CHARSET", "ANSI"),
        _line("AXIS-VERSION", "2013"),
        _line("CODEPAGE", "utf-8"),
        _line("LANGUAGE", meta.language),
        _line("CREATION-DATE", date),
        f"DECIMALS={table.spec.decimals};",
        # Counts have no decimals; those of percents are given by PRECISION.
        "SHOWDECIMALS=0;",
        _line("MATRIX", _matrix(table.id)),
        "AGGREGALLOWED=NO;",
        _line("SUBJECT-CODE", "UTV"),
        _line("SUBJECT-AREA", meta.title),
        "COPYRIGHT=NO;",
        _line("DESCRIPTION", table.title),
        _line("TITLE", f"{table.title}, {meta.year}"),
        _line("CONTENTS", table.title),
        _line("UNITS", texts.get("px.units")),
    ]


def _foot(
    table: ProtectedTable,
    texts: Texts,
    meta: ReportMeta,
    names: Sequence[str],
    measures: Mapping[str, str],
    total: str,
    date: str,
) -> list[str]:
    """Keywords after the variables: units, decimals, dates, source and notes."""
    lines = [f"ELIMINATION({_one(names[1])})={_one(total)};"] if total else []
    if table.spec.decimals:
        percent = f"{_one(names[2])},{_one(measures['percent'])}"
        lines.append(f"PRECISION({percent})={table.spec.decimals};")
    lines += [_keyed("UNITS", measures[m], texts.get(f"px.unit_{m}")) for m in MEASURES]
    lines += [_keyed("LAST-UPDATED", label, date) for label in measures.values()]
    lines += [_keyed("REFPERIOD", label, str(meta.year)) for label in measures.values()]
    lines.append(_line("SOURCE", meta.publisher))
    if meta.notice:
        lines.append(_line("NOTEX", meta.notice))
    if any(not cell.is_shown for line in table.cells for cell in line):
        symbol = texts.get("symbols.withheld")
        lines.append(_line("NOTE", texts.get("table.note_withheld", symbol=symbol)))
    return lines


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
        # Lines of data end with a blank.
        lines.append(" ".join(values) + " ")
    return lines


def _matrix(table: str) -> str:
    """Return a short name that no other table has."""
    plain = re.sub(r"[^A-Za-z0-9]", "", table)
    return plain if plain == table and len(plain) <= 20 else f"{plain[:12]}{_digest(table)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:8]


def _distinct(names: Sequence[str]) -> list[str]:
    """Variables, and the values of one, must each have a name of its own."""
    made: list[str] = []
    for name in names:
        clean, number = _clean(name)[:LONGEST], 1
        shown = clean
        while shown in made:
            number += 1
            shown = f"{clean[: LONGEST - 5]} {number}"
        made.append(shown)
    return made


def _clean(text: str) -> str:
    """A text without line breaks; a quotation mark within becomes typographic."""
    return re.sub(r"\s+", " ", text.replace('"', "\u201d")).strip()


def _one(text: str) -> str:
    """Quote a name or value, which must stand on one line."""
    return f'"{_clean(text)[:LONGEST]}"'


def _quoted(text: str) -> str:
    """Quote a text; a long one is continued on the next line."""
    clean = _clean(text)
    parts = [clean[i : i + LINE] for i in range(0, len(clean), LINE)] or [""]
    return "\r\n".join(f'"{part}"' for part in parts)


def _line(key: str, value: str) -> str:
    return f"{key}={_quoted(value)};"


def _keyed(key: str, name: str, value: str) -> str:
    return f"{key}({_one(name)})={_quoted(value)};"


def _list(key: str, name: str, values: Iterable[str]) -> str:
    return f"{key}({_one(name)})=" + ",\r\n".join(_one(v) for v in values) + ";"
