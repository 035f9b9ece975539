"""Audit a file of printed tables: read it, find what cannot be right, write it out."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import TYPE_CHECKING

from evaluation.codebook.validate import validate
from evaluation.codebook.yaml_positions import read_yaml
from evaluation.loading.texts import languages, load_texts
from evaluation.problems import Checked, Problem, Severity
from evaluation.published.audit.csv_form import read_csv_tables
from evaluation.published.audit.model import Certainty
from evaluation.published.audit.run import audit
from evaluation.published.schema import Published
from evaluation.published.words import Words, make_words
from evaluation.rendering.spreadsheet import guarded
from evaluation.texts import Phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from evaluation.published.audit.model import Audit, Finding, Reading
    from evaluation.texts import Texts

MAX_BYTES = 20_000_000
CSV_COLUMNS = (
    "certainty", "code", "table", "page", "line", "row", "column", "printed", "why", "fits",
)  # fmt: skip


def load_print_words() -> Words:
    """Return the words that print uses, of every language that has a catalogue."""
    return make_words(load_texts(one).mapping("lift.words") for one in languages())


def read_printed(path: Path) -> Checked[Published | None]:
    """Read printed tables: ``published.yaml`` form, or CSV.

    Returns
    -------
    Checked
        None where the file cannot be read at all. A table that cannot be
        read is left out, with a problem.
    """
    if path.is_dir():
        path = path / "published.yaml"
    name = path.name
    read = read_text(path)
    if read.value is None:
        return Checked(None, read.problems)
    if path.suffix.lower() in (".yaml", ".yml"):
        tree = read_yaml(read.value, name)
        if tree.value is None:
            return Checked(None, tree.problems)
        made = validate(tree.value, Published, name, ("tables",))
        return Checked(made.model, (*tree.problems, *made.problems))
    return read_csv_tables(read.value, load_print_words(), name=path.stem, file=name)


def read_text(path: Path) -> Checked[str | None]:
    """Read a text file as UTF-8, or as Windows-1252 where it is none."""
    name = path.name
    if not path.is_file():
        return Checked(None, (Problem("audit-missing", Severity.STOP, file=name),))
    if path.stat().st_size > MAX_BYTES:
        size = f"{path.stat().st_size // 1_000_000} MB"
        limit = f"{MAX_BYTES // 1_000_000} MB"
        problem = Problem("file-too-large", Severity.STOP, file=name, value=size, expected=limit)
        return Checked(None, (problem,))
    content = path.read_bytes()
    try:
        return Checked(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Checked(content.decode("cp1252", errors="replace"))


def audit_file(path: Path, texts: Texts, *, limit: int) -> Checked[Audit | None]:
    """Audit a file of printed tables.

    Parameters
    ----------
    path
        ``published.yaml`` form or CSV; a study folder stands for its
        ``published.yaml``.
    texts
        Catalogue with the phrases that figures are held against.
    limit
        Largest base to try where none is printed.
    """
    read = read_printed(path)
    if read.value is None:
        return Checked(None, read.problems)
    catalogue = tuple(Phrase(**entry) for entry in texts.entries.get("phrases", ()))
    return Checked(audit(read.value, load_print_words(), catalogue, limit=limit), read.problems)


# --- written out ---------------------------------------------------------------


def audit_text(result: Audit, findings: Iterable[Finding], texts: Texts) -> str:
    """Write an audit out for a terminal: findings by table, then bases that were inferred."""
    shown = list(findings)
    lines = [result.report, ""]
    counts = {c: sum(f.certainty is c for f in shown) for c in Certainty}
    lines.append(
        texts.get(
            "audit.summary",
            tables=result.tables,
            figures=result.figures,
            phrases=result.phrases,
            **{c.value: n for c, n in counts.items()},
        )
    )
    table = None
    for finding in shown:
        if finding.table != table:
            table = finding.table
            lines += ["", _heading(finding, texts)]
        lines += _finding_lines(finding, texts)
    inferred = [line for r in result.readings if (line := _reading_line(r, texts))]
    if inferred:
        lines += ["", texts.get("audit.bases_title"), *inferred]
    key = "audit.none" if not shown else "audit.some"
    return "\n".join([*lines, "", texts.get(key)]) + "\n"


def _heading(finding: Finding, texts: Texts) -> str:
    place = [finding.table] if finding.table else []
    if finding.page:
        place.append(texts.get("audit.page", page=finding.page))
    if finding.line:
        place.append(texts.get("audit.line", line=finding.line))
    return ", ".join(place)


def _finding_lines(finding: Finding, texts: Texts) -> list[str]:
    place = ", ".join(p for p in (finding.row, _column_name(finding.column, texts)) if p)
    printed = texts.get("audit.printed", printed=finding.printed) if finding.printed else ""
    certainty = texts.get(f"audit.certainty.{finding.certainty.value}")
    head = ": ".join(p for p in (place, printed) if p)
    lines = [f"  {certainty}  {head}", f"    {why(finding, texts)}"]
    fits = what_fits(finding, texts)
    return [*lines, f"    {fits}"] if fits else lines


def _column_name(column: str, texts: Texts) -> str:
    key = f"audit.measure.{column}"
    return texts.get(key) if column and texts.has(key) else column


def why(finding: Finding, texts: Texts) -> str:
    """Return the sentence that says what is wrong."""
    return texts.get(f"audit.findings.{finding.code}", **_values(finding.values or {}, texts))


def what_fits(finding: Finding, texts: Texts) -> str:
    """Return what would fit, "" where nothing can be said."""
    parts = [texts.get(f"audit.fits.{key}", **_values(v, texts)) for key, v in finding.fits]
    separator = texts.get("audit.fits_separator")
    return texts.get("audit.fits_title", fits=separator.join(parts)) if parts else ""


def _values(values: Mapping[str, object], texts: Texts) -> dict[str, str]:
    """Write values in the language: ``number:1341``, ``percent:27.8``, ``rule:half_up``."""
    return {key: _value(value, texts) for key, value in values.items()}


def _value(value: object, texts: Texts) -> str:
    if isinstance(value, int):
        return texts.numbers.number(value)
    text = str(value)
    form, _, rest = text.partition(":")
    if form in ("number", "percent") and rest:
        decimals = len(rest.partition(".")[2])
        number = float(rest)
        write = texts.numbers.number if form == "number" else texts.numbers.percentage
        return write(number, decimals)
    if form == "rule" and rest:
        return texts.get(f"audit.rule.{rest}")
    return text


def _reading_line(reading: Reading, texts: Texts) -> str:
    """Say which bases fit a series that has none printed; "" where most of all do."""
    bases = reading.bases
    if bases is None or not bases.is_telling:
        return ""
    place = ", ".join(p for p in (reading.table, reading.place) if p)
    first = ", ".join(texts.numbers.number(b) for b in bases.first)
    if bases.count <= len(bases.first):
        key = "audit.base_one" if bases.count == 1 else "audit.base_few"
    else:
        key = "audit.base_many"
    values = {
        "bases": first,
        "count": texts.numbers.number(bases.count),
        "limit": texts.numbers.number(bases.limit),
    }
    return f"  {place}: {texts.get(key, **values)}"


def audit_csv(findings: Iterable[Finding], texts: Texts) -> str:
    """Write findings as CSV, one row each."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for finding in findings:
        record = _record(finding, texts).values()
        writer.writerow([guarded(text) if isinstance(text, str) else text for text in record])
    return out.getvalue()


def audit_json(result: Audit, findings: Iterable[Finding], texts: Texts) -> str:
    """Write an audit as JSON: what was read, the findings, the bases that fit."""
    bases = [
        {"table": r.table, "place": r.place, "first": list(r.bases.first), "count": r.bases.count}
        for r in result.readings
        if r.bases is not None
    ]
    content = {
        "report": result.report,
        "tables": result.tables,
        "figures": result.figures,
        "phrases": result.phrases,
        "findings": [_record(finding, texts) for finding in findings],
        "bases": bases,
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _record(finding: Finding, texts: Texts) -> dict[str, object]:
    values = (
        finding.certainty.value,
        finding.code,
        finding.table,
        finding.page,
        finding.line or "",
        finding.row,
        finding.column,
        finding.printed,
        why(finding, texts),
        what_fits(finding, texts),
    )
    return dict(zip(CSV_COLUMNS, values, strict=True))
