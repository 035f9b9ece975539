"""Read one export of any survey tool into `RawResponses`, every cell as text.

Open the container, find the questionnaire beside it, ask every tool whether
the export is its own, and let the surest one cut out the answers. Nothing
here raises for bad input: what is wrong with a file comes back as problems.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from evaluation.codebook.schema import ReadOptions
from evaluation.loading.book import Book
from evaluation.loading.limits import MAX_COLUMNS, MAX_FILE_BYTES, MAX_WORKBOOK_BYTES
from evaluation.loading.parquet import read_parquet
from evaluation.loading.sidecars.find import find_form, form_in, read_any_form
from evaluation.loading.sniff import FileKind, detect_kind
from evaluation.loading.textfile import read_text_file
from evaluation.loading.tools import Context, all_tools, load_descriptions, tool_names
from evaluation.loading.vocabulary import load_vocabulary
from evaluation.loading.workbook import read_workbook, zip_kind
from evaluation.problems import Checked, Problem, Severity, nearest, stops

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from evaluation.loading.book import Recognition
    from evaluation.loading.grid import Grid
    from evaluation.loading.tools import Tool
    from evaluation.model import RawResponses

HEAD_BYTES = 8192
DEFAULT_OPTIONS = ReadOptions()
WORKBOOKS = frozenset({FileKind.XLSX, FileKind.XLS, FileKind.ODS})
STATISTICS = frozenset({FileKind.SAV, FileKind.POR, FileKind.DTA, FileKind.SAS7BDAT, FileKind.XPT})
STATISTICS_TOOLS = frozenset({"statistics"})
"""Tools that take variables with labels; all others take sheets."""
_REFUSED = {
    FileKind.EMPTY: "empty-file",
    FileKind.ENCRYPTED: "encrypted-file",
    FileKind.ZIP: "zip-archive",
}


def read_export(
    path: Path,
    options: ReadOptions = DEFAULT_OPTIONS,
    *,
    display: str = "",
    tool_folders: Sequence[Path] = (),
) -> Checked[RawResponses | None]:
    """Read an export.

    Parameters
    ----------
    path
        CSV or other separated text, XLSX, XLS, ODS, Parquet, SPSS (``.sav``,
        ``.zsav``, ``.por``), Stata (``.dta``) or SAS (``.sas7bdat``, ``.xpt``).
    options
        What detection should not decide: tool, sheet, encoding, separator,
        number of head rows and of rows above the head.
    display
        Name of the file in problems and in the source; default: its name.
    tool_folders
        Folders with further tool descriptions. Folders named ``tools`` beside
        the export and one level up (a study's own) are always looked at.

    Returns
    -------
    The answers, or None where a problem of severity ``stop`` came first.
    """
    file = display or path.name
    opened = open_book(path, options, file)
    if opened.value is None:
        return Checked(None, opened.problems)
    chosen = choose_tool(opened.value, options, folders_of_tools(path, tool_folders))
    problems = (*opened.problems, *chosen.problems)
    if chosen.value is None:
        return Checked(None, problems)
    tool, context = chosen.value
    if bool(opened.value.variables) != (tool.name in STATISTICS_TOOLS):
        kind = opened.value.kind.value
        wrong = Problem("wrong-tool", Severity.STOP, file, value=tool.name, expected=kind)
        return Checked(None, (*problems, wrong))
    read = tool.interpret(opened.value, context)
    problems = (*problems, *read.problems)
    return Checked(None if stops(problems) else read.value, problems)


def folders_of_tools(path: Path, further: Sequence[Path]) -> tuple[Path, ...]:
    """Return where descriptions of tools are looked for."""
    return (path.parent / "tools", path.parent.parent / "tools", *further)


# --- opening ------------------------------------------------------------------


def open_book(path: Path, options: ReadOptions, file: str) -> Checked[Book | None]:
    """Open the container of an export and find the questionnaire beside it."""
    if path.is_dir():
        return _stop(Problem("folder-not-file", Severity.STOP, file, value=file))
    if not path.is_file():
        return _stop(Problem("missing-file", Severity.STOP, file, value=file))
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        return _stop(_too_large(file, size, MAX_FILE_BYTES))
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    kind = detect_kind(head, path.suffix.lower())
    if kind is FileKind.ZIP:
        kind = zip_kind(path)
    if kind is FileKind.XLS and path.suffix.lower() != ".xls" and _is_encrypted(path):
        kind = FileKind.ENCRYPTED
    if kind in WORKBOOKS and size > MAX_WORKBOOK_BYTES:
        return _stop(_too_large(file, size, MAX_WORKBOOK_BYTES))
    book = Book(path, file, kind, sha256_of(path))
    return with_form(_fill(book, options))


def with_form(filled: Checked[Book | None]) -> Checked[Book | None]:
    """Find the questionnaire beside an opened export; one that is itself a form is refused."""
    if filled.value is None:
        return filled
    file = filled.value.file
    own = form_in(filled.value)
    if own is not None:
        problem = Problem("form-not-answers", Severity.STOP, file, value=own.kind)
        return Checked(None, (*filled.problems, problem))
    form = find_form(filled.value)
    book = replace(filled.value, form=form.value)
    return Checked(book, (*filled.problems, *form.problems))


def _stop(problem: Problem) -> Checked[Book | None]:
    return Checked(None, (problem,))


def _too_large(file: str, size: int, limit: int) -> Problem:
    mega = 1024**2
    found, expected = f"{size // mega} MB", f"{limit // mega} MB"
    return Problem("file-too-large", Severity.STOP, file, value=found, expected=expected)


def _is_encrypted(path: Path) -> bool:
    """Tell an encrypted XLSX from an old XLS; both are OLE containers."""
    mark = "EncryptedPackage".encode("utf-16-le")
    return mark in path.read_bytes()


def sha256_of(path: Path) -> str:
    """Return the hash of a file's bytes, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _fill(book: Book, options: ReadOptions) -> Checked[Book | None]:
    """Read the contents of a container."""
    if book.kind is FileKind.TEXT:
        return _fill_text(book, options)
    if book.kind in WORKBOOKS:
        return _fill_workbook(book, options)
    if book.kind in STATISTICS:
        from evaluation.loading.statfiles import read_statistics_file

        read = read_statistics_file(book.path, book.kind, book.file, options.encoding)
        if read.value is None:
            return Checked(None, read.problems)
        return Checked(replace(book, variables=read.value), read.problems)
    if book.kind is FileKind.PARQUET:
        table = read_parquet(book.path, book.file)
        return with_grids(book, () if table.value is None else (table.value,), table.problems)
    if book.kind in {FileKind.XML, FileKind.JSON} and (form := read_any_form(book.path)):
        return _stop(Problem("form-not-answers", Severity.STOP, book.file, value=form.kind))
    code = _REFUSED.get(book.kind, "not-a-table")
    return _stop(Problem(code, Severity.STOP, book.file, value=book.kind.value))


def _fill_text(book: Book, options: ReadOptions) -> Checked[Book | None]:
    """Read a separated text file."""
    read = read_text_file(book.path.read_bytes(), options, book.file)
    if read.value is None:
        return Checked(None, read.problems)
    found = read.value
    book = replace(book, encoding=found.encoding, separator=found.separator)
    return with_grids(book, (found.grid,), read.problems)


def _fill_workbook(book: Book, options: ReadOptions) -> Checked[Book | None]:
    """Read a workbook."""
    read = read_workbook(book.path, book.kind, book.file, options.sheet)
    return with_grids(book, read.value, read.problems)


def with_grids(
    book: Book, grids: Sequence[Grid], problems: tuple[Problem, ...]
) -> Checked[Book | None]:
    """Keep the sheets that hold anything; a file without any is empty."""
    if stops(problems):
        return Checked(None, problems)
    filled = tuple(g for g in grids if g.n_columns and not g.is_blank_row().all())
    if not filled:
        return Checked(None, (*problems, Problem("empty-file", Severity.STOP, book.file)))
    widest = max(grid.n_columns for grid in filled)
    if widest > MAX_COLUMNS:
        found, limit = str(widest), str(MAX_COLUMNS)
        problem = Problem("too-many-columns", Severity.STOP, book.file, value=found, expected=limit)
        return Checked(None, (*problems, problem))
    return Checked(replace(book, grids=filled), problems)


# --- choosing a tool ----------------------------------------------------------


def choose_tool(
    book: Book, options: ReadOptions, folders: Sequence[Path] = ()
) -> Checked[tuple[Tool, Context] | None]:
    """Return the tool asked for, or the one that is surest that the export is its own."""
    descriptions = load_descriptions(folders)
    problems = list(descriptions.problems)
    tools = all_tools(descriptions.value, options.tool)
    if not tools:
        names = tool_names(descriptions.value)
        wanted = options.tool or ""
        expected = nearest(wanted, names) or ", ".join(names)
        problems.append(
            Problem("unknown-tool", Severity.STOP, book.file, value=wanted, expected=expected)
        )
        return Checked(None, tuple(problems))
    vocabulary = load_vocabulary()
    contexts = [Context(t.name, options, vocabulary, t.description) for t in tools]
    found = [t.recognise(book, c) for t, c in zip(tools, contexts, strict=True)]
    best = max(range(len(tools)), key=lambda n: (found[n].confidence, -n))
    if options.tool is None:
        problems.append(_told(book, tools[best], found[best]))
    return Checked((tools[best], contexts[best]), tuple(problems))


def _told(book: Book, tool: Tool, found: Recognition) -> Problem:
    """Say which tool the file was read as, and by what it was known."""
    title = tool.description.title or tool.name
    evidence = ", ".join(found.evidence[:6])
    code = "tool-recognised" if evidence else "tool-unknown"
    return Problem(code, Severity.NOTE, book.file, value=title, expected=evidence)
