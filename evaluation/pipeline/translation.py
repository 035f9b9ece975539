"""A study's ``translations/<language>.yaml``: its own words and data tables in another language.

``texts`` goes over the product's catalogue, as ``texts`` in ``study.yaml``
does; ``words`` says for heads, cells, titles and notes of data tables what
stands there instead, text by text.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import yaml

from evaluation.loading.texts import dotted, load_texts, unknown_keys
from evaluation.problems import Problem, Severity, nearest
from evaluation.report.cells import bare_label
from evaluation.tables.request import local

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evaluation.loading.study import StudyFolder
    from evaluation.report.facts import DataTableContent

_SHOWN = re.compile(r"""\bdata(?:_table|_chart|_largest)?\(\s*["'](\w+)["']""")
"""A data table that a chapter shows or quotes."""


def translated(folder: StudyFolder, language: str) -> tuple[StudyFolder, tuple[Problem, ...]]:
    """Return a study with the texts and data tables of another language.

    Returns
    -------
    The study, and a problem for a file that cannot be followed, and one for
    words of data tables that have no translation.
    """
    name = f"translations/{language}.yaml"
    said, problems = _read(folder, name)
    plain = load_texts(language)
    overrides = said.get("texts") or {}
    known = dotted(plain.entries)
    unknown = unknown_keys(overrides, plain)
    for key in unknown:
        near = nearest(key, known)
        found = Problem("unknown-text-key", Severity.STOP, file=name, value=key, expected=near)
        problems.append(found)
    texts = plain if unknown or not overrides else load_texts(language, overrides)
    words = {str(own): str(other) for own, other in (said.get("words") or {}).items()}
    tables = {
        key: _table(table, folder, key, language, words)
        for key, table in folder.data_tables.items()
    }
    written = " ".join(chapter.text for chapter in folder.chapters)
    named = set(_SHOWN.findall(written))
    shown = [table for key, table in folder.data_tables.items() if key in named]
    lacking = _lacking(shown, words)
    if lacking:
        problems.append(
            Problem(
                "text-untranslated", Severity.WARN, file=name, column="words",
                value=language, count=len(lacking),
            )
        )  # fmt: skip
    return replace(folder, texts=texts, data_tables=tables), tuple(problems)


def _read(folder: StudyFolder, name: str) -> tuple[dict[str, Any], list[Problem]]:
    """Read the file as texts; one that is no mapping of two mappings is a problem and left out."""
    file = folder.path / name
    if not file.is_file():
        return {}, []
    try:
        read = yaml.load(file.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader)  # noqa: S506
    except UnicodeDecodeError:
        return {}, [Problem("study-file-not-utf8", Severity.STOP, file=name)]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        row = mark.line + 1 if mark else 0
        return {}, [Problem("yaml-syntax", Severity.STOP, file=name, row=row)]
    wrong = _wrong(read)
    return ({}, [_misshapen(name, key) for key in wrong]) if wrong else (read or {}, [])


def _wrong(read: Any) -> list[str]:
    """Name what has the wrong form; "" stands for the file itself."""
    if not isinstance(read, dict):
        return [""] if read else []
    return [
        key
        for key, value in read.items()
        if key not in ("texts", "words")
        or not isinstance(value, dict)
        or (key == "words" and not all(isinstance(text, str) for text in value.values()))
    ]


def _misshapen(name: str, key: str) -> Problem:
    return Problem("translation-form", Severity.STOP, file=name, column=key, value=key)


def _table(
    table: DataTableContent,
    folder: StudyFolder,
    name: str,
    language: str,
    words: Mapping[str, str],
) -> DataTableContent:
    declared = folder.study.data_tables.get(name)

    def sentence(own: str, given: Any) -> str:
        return words.get(own) or (local(given, language) if isinstance(given, dict) else own)

    return replace(
        table,
        title=sentence(table.title, declared.title if declared else None),
        note=sentence(table.note, declared.note if declared else None),
        source=sentence(table.source, declared.source if declared else None),
        header=tuple(words.get(head, head) for head in table.header),
        rows=tuple(tuple(_cell(cell, words) for cell in row) for row in table.rows),
    )


def _cell(cell: str, words: Mapping[str, str]) -> str:
    """Translate a cell; the mark of a heading or a sum stays."""
    bare = bare_label(cell)
    return cell[: len(cell) - len(bare)] + words.get(bare, bare)


def _lacking(tables: Iterable[DataTableContent], words: Mapping[str, str]) -> set[str]:
    """Return the words of data tables that have no translation; figures need none."""
    said = {
        bare_label(text) for table in tables for row in (table.header, *table.rows) for text in row
    }
    return {text for text in said if text not in words and any(c.isalpha() for c in text)}
