"""The text of a published report: of a text file, or of a PDF page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from pathlib import Path

PDF_MARK = b"%PDF-"
MAX_PAGES = 2000


def is_pdf(path: Path) -> bool:
    """Tell whether a file is a PDF, by its first bytes and not by its name."""
    with path.open("rb") as file:
        return PDF_MARK in file.read(1024)


def read_pdf_pages(path: Path) -> Checked[tuple[str, ...] | None]:
    """Return the text of each page, in the order in which the page was written.

    That order keeps the lines of a cell together, which a reading across the
    page does not.

    Returns
    -------
    Checked
        None where the file is damaged, locked, or holds no text.
    """
    name = path.name
    try:
        import pypdf
    except ModuleNotFoundError:
        return Checked(None, (Problem("lift-needs-pypdf", Severity.STOP, file=name),))
    try:
        reader = pypdf.PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            return Checked(None, (Problem("lift-encrypted", Severity.STOP, file=name),))
        pages = tuple(page.extract_text() for page in reader.pages[:MAX_PAGES])
    except (pypdf.errors.PyPdfError, ValueError, KeyError, TypeError, OSError):
        return Checked(None, (Problem("lift-damaged", Severity.STOP, file=name),))
    if not any(page.strip() for page in pages):
        return Checked(None, (Problem("lift-no-text", Severity.STOP, file=name),))
    return Checked(pages)
