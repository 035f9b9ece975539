"""The study's table of units that are alike becomes a question of the survey's codebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.codebook.schema import Similar
from evaluation.codebook.similar import UnitTable, similar_question
from evaluation.loading.plain_table import read_plain_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from evaluation.codebook.schema import Codebook, Study
    from evaluation.problems import Problem
    from evaluation.texts import Texts


def with_similar(
    study: Study,
    codebooks: Mapping[str, Codebook],
    content: Callable[[str, tuple[str, ...]], bytes | None],
    texts: Texts,
) -> tuple[Study, dict[str, Codebook], tuple[Problem, ...]]:
    """Return study and codebooks with the groups of units under a question's name.

    Parameters
    ----------
    study, codebooks
        As read; levels of the hierarchy are in the codebooks already.
    content
        Returns the bytes of a file of the study that is named at a key, or tells a problem.
    texts
        Words for classes of size.

    Returns
    -------
    tuple
        The study, in which ``similar`` is a name or None, the codebooks, and what is wrong
        with the files.
    """
    books, surveys = dict(codebooks), dict(study.surveys)
    problems: list[Problem] = []
    for name, survey in study.surveys.items():
        said = survey.similar
        if not isinstance(said, Similar):
            continue
        question = None
        data = content(said.file, ("surveys", name, "similar", "file"))
        read = read_plain_table(data, said.file) if data is not None else None
        problems += read.problems if read else ()
        book = books.get(name)
        if read and read.value and book and survey.unit:
            table = UnitTable(said.file, read.value.header, read.value.rows, read.value.lines)
            made = similar_question(said, survey.unit, table, book, texts)
            problems += made.problems
            question = made.value
            if question:
                update = {"questions": (*book.questions, question)}
                books[name] = book.model_copy(update=update)
        update_survey = {"similar": question.id if question else None}
        surveys[name] = survey.model_copy(update=update_survey)
    if surveys == study.surveys:
        return study, books, ()
    return study.model_copy(update={"surveys": surveys}), books, tuple(problems)
