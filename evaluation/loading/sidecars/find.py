"""Find the questionnaire that belongs to an export, among the files beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.codebook.spelling import fold
from evaluation.loading.heads import find_head
from evaluation.loading.sidecars import ddi, lss, qsf, redcap_dictionary, xlsform
from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from evaluation.loading.book import Book
    from evaluation.loading.sidecars import Form

READERS: tuple[ModuleType, ...] = (lss, qsf, redcap_dictionary, xlsform, ddi)
HEAD_BYTES = 4096
"""Beginning of a file in which a form must show its mark."""
MAX_SIDECAR_BYTES = 32 * 1024**2
MAX_SIDECARS = 60
"""A folder with more candidate files is somebody's archive, not a study's data."""
LEAST_FIT = 0.5
"""Share of the form's questions, or of the export's heads, that must be found in the other."""


def find_form(book: Book) -> Checked[Form | None]:
    """Return the questionnaire beside the export that fits its heads best, if one fits.

    The name of the file does not matter: a folder often holds several exports
    and one form. A form fits where at least half of its questions are heads of
    the export or at least half of the heads are its questions.
    """
    heads = _heads(book)
    if not heads:
        return Checked(None)
    best: Form | None = None
    best_fit = LEAST_FIT
    for path in _candidates(book.path):
        form = read_any_form(path)
        if form is not None and (fit := fit_of(form, heads)) >= best_fit:
            best, best_fit = form, fit
    if best is None:
        return Checked(None)
    note = Problem("form-used", Severity.NOTE, book.file, value=best.file)
    return Checked(best, (note,))


def _candidates(path: Path) -> list[Path]:
    """List the files beside an export that could be a form, in order of name."""
    suffixes = {suffix for reader in READERS for suffix in reader.SUFFIXES}
    found = sorted(
        other
        for other in path.parent.iterdir()
        if other.suffix.lower() in suffixes and other.name != path.name and other.is_file()
    )
    return found if len(found) <= MAX_SIDECARS else []


def read_any_form(path: Path) -> Form | None:
    """Read a file as a questionnaire, by whichever reader takes it; None where none does."""
    if path.stat().st_size > MAX_SIDECAR_BYTES:
        return None
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    for reader in READERS:
        fits = path.suffix.lower() in reader.SUFFIXES
        if fits and any(mark in head for mark in reader.MARKS):
            form: Form | None = reader.read_form(path, path.read_bytes())
            if form is not None:
                return form
    return None


def form_in(book: Book) -> Form | None:
    """Return the questionnaire that the export itself is, where somebody gave it as answers."""
    if book.has_sheets("survey", "choices"):
        grids = {grid.name.casefold(): grid for grid in book.grids}
        return xlsform.form_of_sheets(book.file, grids)
    is_small = book.path.stat().st_size <= MAX_SIDECAR_BYTES
    if book.separator and is_small and book.grids[0].n_columns >= redcap_dictionary.LEAST_COLUMNS:
        head = " ".join(book.grids[0].row(0))
        if any(mark.decode() in head for mark in redcap_dictionary.MARKS):
            return redcap_dictionary.read_form(book.path, book.path.read_bytes())
    return None


def fit_of(form: Form, heads: frozenset[str]) -> float:
    """Return how well a form fits: the larger share, of its questions or of the heads."""
    names = {fold(name) for name in form.questions}
    texts = {fold(question.text) for question in form.questions.values() if question.text}
    by_name, by_text = len(names & heads) / len(names), 0.0
    if texts:
        by_text = len(texts & heads) / len(texts)
    explained = max(len(names & heads), len(texts & heads)) / len(heads)
    return max(by_name, by_text, explained)


def _heads(book: Book) -> frozenset[str]:
    """Return what the heads say, folded: whole, before a bracket, and their leading code."""
    texts = [column.header for column in book.variables]
    if book.grids:
        for row in find_head(book.grids[0]).texts:
            texts += [text for text in row if text]
    parts: set[str] = set()
    for text in texts:
        parts.add(fold(text))
        parts.add(fold(text.rpartition(" [")[0]))
        parts.add(fold(text.partition("[")[0]))
        parts.add(fold(text.rpartition("/")[2]))
        parts.update(fold(code) for code in _leading_codes(text))
    return frozenset(part for part in parts if part)


def _leading_codes(text: str) -> list[str]:
    """Return what may be the code of a question at the start of a head: ``q3`` in ``q3_1_TEXT``."""
    word = text.partition(". ")[0].partition("[")[0]
    if " " in word:
        return []
    pieces = word.split("_")
    return ["_".join(pieces[:n]) for n in range(1, len(pieces) + 1)]
