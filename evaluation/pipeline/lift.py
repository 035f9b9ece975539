"""Draft a ``published.yaml`` from an existing report: a PDF or its text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from evaluation.loading.report_pages import is_pdf, read_pdf_pages
from evaluation.pipeline.audit import load_print_words, read_text
from evaluation.problems import Checked, Problem, Severity
from evaluation.published.lift.draft import draft_yaml
from evaluation.published.lift.lines import from_pages, read_source
from evaluation.published.lift.run import lift
from evaluation.texts import Phrase

if TYPE_CHECKING:
    from pathlib import Path

    from evaluation.published.lift.lines import Source
    from evaluation.published.lift.run import Lifted
    from evaluation.texts import Texts


@dataclass(frozen=True, slots=True)
class LiftedFile:
    """A lifted report and its draft as text."""

    lifted: Lifted
    yaml: str


def lift_file(path: Path, texts: Texts) -> Checked[LiftedFile | None]:
    """Lift the tables of a report.

    Parameters
    ----------
    path
        A PDF, or the text of a report.
    texts
        Catalogue with the phrases to look for, and wording of the comments.

    Returns
    -------
    Checked
        None where the file cannot be read. A report without tables gives an
        empty draft, and a problem that says so.
    """
    read = read_report(path)
    if read.value is None:
        return Checked(None, read.problems)
    catalogue = tuple(Phrase(**entry) for entry in texts.entries.get("phrases", ()))
    lifted = lift(read.value, load_print_words(), catalogue)
    problems = list(read.problems)
    if not lifted.tables:
        problems.append(Problem("lift-nothing", Severity.WARN, file=path.name))
    draft = draft_yaml(lifted, texts, file=PurePath(path).name)
    return Checked(LiftedFile(lifted, draft), tuple(problems))


def read_report(path: Path) -> Checked[Source | None]:
    """Read a report's lines."""
    if not path.is_file():
        return Checked(None, (Problem("lift-missing", Severity.STOP, file=path.name),))
    if is_pdf(path):
        pages = read_pdf_pages(path)
        if pages.value is None:
            return Checked(None, pages.problems)
        return Checked(from_pages(pages.value, load_print_words()), pages.problems)
    text = read_text(path)
    if text.value is None:
        return Checked(None, text.problems)
    return Checked(read_source(text.value, load_print_words()), text.problems)


def lift_summary(lifted: Lifted, texts: Texts) -> str:
    """Say in one line what was found."""
    doubts = sum(len(t.doubts) + sum(map(len, t.row_doubts)) for t in lifted.tables)
    return texts.get(
        "lift.summary",
        tables=len(lifted.tables),
        rows=sum(len(t.table.rows) for t in lifted.tables),
        cells=lifted.cells,
        phrases=len(lifted.phrases),
        doubts=doubts,
    )
