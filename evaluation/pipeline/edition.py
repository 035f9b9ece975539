"""A study's report in another of its languages: its chapters, and what has no translation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from evaluation.loading.texts import languages
from evaluation.pipeline.translation import translated
from evaluation.problems import Problem, Severity
from evaluation.report.facts import ChapterText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evaluation.codebook.schema import Codebook
    from evaluation.loading.study import StudyFolder

_STUDY_TEXTS = ("title", "subtitle", "series", "synthetic")


def in_language(folder: StudyFolder, language: str) -> tuple[StudyFolder, tuple[Problem, ...]]:
    """Return a study with the chapters and words of another language.

    A chapter ``chapters/<name>`` is replaced by ``chapters/<language>/<name>``
    where there is one.

    Returns
    -------
    The study, unchanged where the language is unknown, with a problem per
    chapter, title and codebook that has no text in the language: a page that
    says to be English and is Swedish is read aloud wrongly.
    """
    if language not in languages():
        known = ", ".join(languages())
        problem = Problem("unknown-language", Severity.STOP, value=language, expected=known)
        return folder, (problem,)
    chapters, problems = [], []
    for chapter in folder.chapters:
        inside = chapter.path.rpartition("/")
        name = f"{inside[0]}/{language}/{inside[2]}" if inside[0] else f"{language}/{inside[2]}"
        file = folder.path / name
        if not file.is_file():
            chapters.append(chapter)
            problems.append(
                Problem(
                    "chapter-untranslated", Severity.WARN, file=chapter.path, value=language,
                    expected=name,
                )
            )  # fmt: skip
            continue
        try:
            text = file.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            problems.append(Problem("study-file-not-utf8", Severity.STOP, file=name))
            continue
        chapters.append(ChapterText(chapter.name, name, text.replace("\r\n", "\n")))
    problems += _untranslated(folder, language)
    said, found = translated(replace(folder, chapters=tuple(chapters)), language)
    return said, (*problems, *found)


def _untranslated(folder: StudyFolder, language: str) -> Iterator[Problem]:
    """Yield what of the study's own texts is given in one language only."""
    for key in _STUDY_TEXTS:
        text = getattr(folder.study, key)
        if text and (isinstance(text, str) or language not in text):
            yield Problem(
                "text-untranslated", Severity.WARN, file="study.yaml", column=key, value=language
            )
    for survey, codebook in folder.codebooks.items():
        lacking = sum(_lacks(text, language) for text in _asked(codebook))
        if lacking:
            name = folder.study.surveys[survey].codebook or f"{survey}.yaml"
            yield Problem(
                "text-untranslated", Severity.WARN, file=name, value=language, count=lacking
            )


def _asked(codebook: Codebook) -> Iterator[object]:
    for question in codebook.questions:
        yield question.text
        for part in (*(question.options or ()), *(question.items or ())):
            yield getattr(part, "label", None) or getattr(part, "text", None)


def _lacks(text: object, language: str) -> bool:
    if isinstance(text, dict):
        return language not in text
    return any(letter.isalpha() for letter in str(text or ""))
