"""What a theme says of a report's form, where its study says nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from evaluation.rendering.theme import HEAD_PARTS
from evaluation.tables.request import local

if TYPE_CHECKING:
    from evaluation.loading.study import StudyFolder
    from evaluation.rendering.theme import Theme


def dressed(folder: StudyFolder, theme: Theme) -> StudyFolder:
    """Return a study with the running head, numbering and capitals of its theme.

    What ``study.yaml`` says itself stands.
    """
    said = folder.study.report
    chosen = {
        "running_head": _running_head(folder, theme) or None,
        "number_tables": theme.number_tables,
        "uppercase_headings": theme.uppercase_headings,
    }
    lacking = {key: value for key, value in chosen.items() if getattr(said, key) is None}
    report = said.model_copy(update=lacking)
    return replace(folder, study=folder.study.model_copy(update={"report": report}))


def _running_head(folder: StudyFolder, theme: Theme) -> str:
    """Fill in the theme's pattern; lines and spaces round a part that is empty go too."""
    language = folder.texts.language
    parts = {key: local(getattr(folder.study, key), language) for key in HEAD_PARTS}
    return theme.running_head.format(**parts).strip(" |–—·/,")
