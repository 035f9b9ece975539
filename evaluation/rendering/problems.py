"""The problem report: on the terminal, as CSV, and as a page to send to a colleague.

Wording lives in the texts catalogue under ``problems.<code>``: ``message`` and
``mend``; optionally ``message_bare`` for when the value is not shown, and
``hint``, put before the mend where something near is known (``expected``).
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import TYPE_CHECKING

from evaluation.places import templates_root
from evaluation.problems import MAX_ROWS_SAID, Problem, Severity, ranges
from evaluation.rendering.spreadsheet import without_formula

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from evaluation.report.model import TableBlock
    from evaluation.texts import Texts

FIELDS = tuple(f.name for f in fields(Problem))
"""Columns of ``problems.csv``."""
_ORDER = {severity: number for number, severity in enumerate(Severity)}


def worded(problem: Problem, texts: Texts) -> Problem:
    """Return the problem with message and mend in the language of the texts.

    What it already says is kept. A code without wording is named as it is, so
    that a report of problems never fails itself.
    """
    key = f"problems.{problem.code}"
    if not texts.has(f"{key}.message"):
        key = "problems.unworded"
    values = {name: getattr(problem, name) for name in FIELDS if name not in {"message", "mend"}}
    bare = f"{key}.message_bare"
    message_key = bare if not problem.value and texts.has(bare) else f"{key}.message"
    message = problem.message or _fill(texts.get(message_key), values)
    mend = problem.mend
    if not mend:
        hint = f"{key}.hint"
        parts = [_fill(texts.get(hint), values)] if problem.expected and texts.has(hint) else []
        if texts.has(f"{key}.mend"):
            parts.append(_fill(texts.get(f"{key}.mend"), values))
        mend = " ".join(parts)
    return replace(problem, message=message, mend=mend)


def _fill(text: str, values: dict[str, object]) -> str:
    return text.format(**values)


def problems_csv(problems: Iterable[Problem], texts: Texts) -> bytes:
    """Return all problems as CSV: UTF-8, comma, English heads, one problem a row.

    A text that a spreadsheet would take for a formula gets an apostrophe.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(FIELDS)
    for problem in problems:
        said = worded(problem, texts)
        cells = [str(getattr(said, name)) for name in FIELDS[:-1]]
        rows = " ".join(text for text, _ in ranges(said.rows))
        writer.writerow([without_formula(cell) for cell in [*cells, rows]])
    return buffer.getvalue().encode("utf-8")


# --- terminal ---------------------------------------------------------------------


def problems_text(problems: Iterable[Problem], texts: Texts, limit: int = 5) -> str:
    """Return a summary for a terminal: per kind its number and the first places.

    Parameters
    ----------
    problems
        In file order.
    texts
        Catalogue of the language.
    limit
        Places shown of each kind.
    """
    kinds = by_kind([worded(p, texts) for p in problems])
    lines = [summary(kinds, texts)] if kinds else []
    for kind in kinds:
        severity = texts.get(f"problem_report.severity.{kind.severity}")
        lines += ["", f"{severity.upper()}  {kind.code} ({kind.count})"]
        mend = ""
        for problem in kind.problems[:limit]:
            place = where(problem, texts)
            lines.append(f"  {place}: {problem.message}" if place else f"  {problem.message}")
            if problem.mend and problem.mend != mend:
                mend = problem.mend
                lines.append("    " + texts.get("problem_report.mend_line", mend=mend))
        rest = len(kind.problems) - limit
        if rest > 0:
            lines.append("  " + texts.get("problem_report.more", n=rest))
    return "\n".join(lines) + "\n" if lines else ""


@dataclass(frozen=True, slots=True)
class Kind:
    """All problems with one code and severity, worded, in file order."""

    code: str
    severity: Severity
    problems: tuple[Problem, ...]

    @property
    def count(self) -> int:
        """Number of rows or places concerned."""
        return sum(problem.count for problem in self.problems)


def by_kind(problems: Sequence[Problem]) -> list[Kind]:
    """Group problems by severity and code: most severe first, then by first appearance."""
    groups: dict[tuple[Severity, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.severity, problem.code), []).append(problem)
    ordered = sorted(groups.items(), key=lambda item: _ORDER[item[0][0]])
    return [Kind(code, severity, tuple(found)) for (severity, code), found in ordered]


def summary(kinds: Sequence[Kind], texts: Texts) -> str:
    """Return one sentence: how many problems stop, warn and inform."""
    parts = []
    for severity in Severity:
        n = sum(len(kind.problems) for kind in kinds if kind.severity is severity)
        if n:
            form = "one" if n == 1 else "many"
            parts.append(texts.get(f"problem_report.count.{severity}.{form}", n=n))
    return texts.get("problem_report.summary", parts=", ".join(parts))


def where(problem: Problem, texts: Texts) -> str:
    """Return the place of a problem in words: ``data/a.csv, rad 214, kolumn F (q7)``."""
    parts = [problem.file]
    if problem.sheet:
        parts.append(texts.get("problem_report.at_sheet", sheet=problem.sheet))
    if problem.row:
        key = "at_rows" if problem.rows else "at_row"
        parts.append(texts.get(f"problem_report.{key}", row=rows_said(problem, texts)))
    if problem.column:
        parts.append(texts.get(f"problem_report.{_column_key(problem)}", column=problem.column))
    return ", ".join(part for part in parts if part)


def rows_said(problem: Problem, texts: Texts) -> str:
    """Return the rows of a problem in short, such as ``4, 9, 12\u201315``; "" where it has none.

    Of very many the first are named and the rest counted.
    """
    if not problem.rows:
        return str(problem.row or "")
    said = ranges(problem.rows)
    named = [text for text, _ in said[:MAX_ROWS_SAID]]
    rest = sum(n for _, n in said[MAX_ROWS_SAID:]) + problem.count - len(problem.rows)
    if rest:
        named.append(texts.get("problem_report.more_rows", n=texts.numbers.number(rest)))
    return ", ".join(named)


def _column_key(problem: Problem) -> str:
    """Tell a spreadsheet column from a key of a YAML file."""
    return "at_key" if problem.file.endswith((".yaml", ".yml")) else "at_column"


# --- page -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FileProblems:
    """Problems of one file, in order."""

    file: str
    problems: tuple[Problem, ...]


def problems_html(
    problems: Iterable[Problem], texts: Texts, title: str, intake: TableBlock | None = None
) -> bytes:
    """Return the problems as one self-contained page.

    Counts per kind come first, then what became of every row, then every
    problem file by file. Works without scripts, on paper and in dark
    surroundings.

    Parameters
    ----------
    problems
        In file order.
    texts
        Catalogue of the language.
    title
        Of the study.
    intake
        Rows in the files and what became of each; None where nothing was read.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    said = [worded(p, texts) for p in problems]
    kinds = by_kind(said)
    environment = Environment(
        loader=FileSystemLoader(templates_root() / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("problems.html.j2").render(
        title=title,
        language=texts.language,
        summary=summary(kinds, texts) if kinds else texts.get("problem_report.none"),
        kinds=kinds,
        files=_by_file(said),
        intake=intake,
        texts=texts.mapping("problem_report"),
        number=texts.numbers.number,
        rows=_rows_text(texts),
        place=partial(rows_said, texts=texts),
    )
    return page.encode("utf-8")


def _rows_text(texts: Texts) -> Callable[[Problem], str]:
    """Return a function that says how many rows a problem is about."""

    def said(problem: Problem) -> str:
        if problem.count <= 1:
            return ""
        return texts.get("problem_report.rows", n=texts.numbers.number(problem.count))

    return said


def _by_file(problems: Sequence[Problem]) -> list[FileProblems]:
    groups: dict[str, list[Problem]] = {}
    for problem in problems:
        groups.setdefault(problem.file, []).append(problem)
    return [FileProblems(file, tuple(found)) for file, found in groups.items()]
