"""What a draft put into a study for somebody to write over, and nobody has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.problems import Problem, Severity

if TYPE_CHECKING:
    from evaluation.loading.study import StudyFolder


def draft_problems(folder: StudyFolder) -> tuple[Problem, ...]:
    """Warn of the draft's own words that would be published.

    Parameters
    ----------
    folder
        The study, with the words of its language.
    """
    texts = folder.texts
    found = []
    if folder.study.publisher == texts.get("draft.publisher"):
        found.append(
            Problem(
                "draft-publisher-left",
                Severity.WARN,
                file="study.yaml",
                column="publisher",
                value=folder.study.publisher,
            )
        )
    sentences = (
        texts.get("draft.chapter_intro", survey="").partition(". ")[0] + ".",
        texts.get("draft.method_intro"),
    )
    for chapter in folder.chapters:
        for row, line in enumerate(chapter.text.splitlines(), start=1):
            found += [
                Problem("draft-text-left", Severity.WARN, file=chapter.path, row=row, value=said)
                for said in sentences
                if said in line
            ]
    return tuple(found)
