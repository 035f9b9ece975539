"""Metadata for ``tables.csv``: CSV on the Web (W3C Recommendation, 2015)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from evaluation.rendering.tidy import COLUMNS

if TYPE_CHECKING:
    from evaluation.report.model import ReportMeta
    from evaluation.texts import Texts

NUMBERS = {
    "n": "integer",
    "base_n": "integer",
    "wn": "number",
    "base_wn": "number",
    "percent": "number",
    "ci_low": "number",
    "ci_high": "number",
}


def csvw_json(texts: Texts, meta: ReportMeta) -> bytes:
    """Return ``tables.csv-metadata.json``: what each column of ``tables.csv`` holds."""
    columns: list[dict[str, Any]] = [
        {
            "name": name,
            "titles": name,
            "dc:description": texts.get(f"csvw.{name}"),
            "datatype": NUMBERS.get(name, "string"),
            "null": "",
        }
        for name in COLUMNS
    ]
    content: dict[str, Any] = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": meta.language}],
        "url": "tables.csv",
        "dc:title": meta.title,
        "dc:publisher": meta.publisher,
        "dialect": {"encoding": "utf-8", "header": True, "delimiter": ","},
        "tableSchema": {"columns": columns},
    }
    if meta.date:
        content["dc:issued"] = meta.date
    if meta.notice:
        content["dc:description"] = meta.notice
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
