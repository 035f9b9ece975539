"""What ``check`` finds beyond reading: chapters, tables and the account of all rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.pipeline.build import build_report, study_facts
from evaluation.problems import stops
from evaluation.rendering.palette import check_theme
from evaluation.rendering.text import table_text
from evaluation.rendering.theme import load_theme
from evaluation.report.plain_tables import intake_block

if TYPE_CHECKING:
    from collections.abc import Callable

    from evaluation.pipeline.load import LoadedStudy
    from evaluation.problems import Problem
    from evaluation.report.model import TableBlock


def check_study(
    study: LoadedStudy, progress: Callable[[str], None] = lambda _: None
) -> tuple[Problem, ...]:
    """Run the chapters without writing anything and return their problems.

    Where answers are missing altogether there is nothing to run them on, and
    the problems of reading are enough.
    """
    if len(study.coded) < len(study.folder.study.surveys):
        return ()
    found = build_report(study, progress=progress).problems
    if stops(study.problems):
        return found
    theme = load_theme(study.folder.study.report.theme, (study.folder.path / "themes",))
    return (*found, *check_theme(theme, study.folder.texts.get("words.decimal_sign")))


def intake_of(study: LoadedStudy) -> TableBlock | None:
    """Return the account of all rows of all exports; None where no export could be read."""
    if not study.coded:
        return None
    return intake_block(study_facts(study), tuple(study.coded), "")


def intake_text(study: LoadedStudy) -> str:
    """Return the account of all rows of all exports as plain text."""
    block = intake_of(study)
    return table_text(block) if block else ""
