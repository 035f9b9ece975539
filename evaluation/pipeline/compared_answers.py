"""Which answers a comparison is about: asked for, named by the study, or one to each question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.codebook.names import texts_of
from evaluation.codebook.roles import NO_SUBJECT
from evaluation.codebook.schema import QuestionType, Role
from evaluation.codebook.spelling import fold
from evaluation.tables.request import RequestError, local, nearest, question_index, split_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evaluation.codebook.schema import Codebook, Question, Study
    from evaluation.pipeline.pieces import Compared


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, or several taken together.

    Attributes
    ----------
    code
        Of its row: an option's code, or ``net:`` and the codes of a sum.
    label
        What it is called.
    parts
        Labels of the answers of a sum.
    """

    code: str
    label: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A question, or an item of a grid, with the answers to be compared, each by itself."""

    question: Question
    variable: str
    name: str
    answers: tuple[Answer, ...]


def is_comparable(question: Question, unit: str) -> bool:
    """Tell whether units can be compared on a question: not on what tells the unit itself."""
    is_level = unit in (question.recode, question.id)
    return bool(question.options) and not is_level and question.role not in NO_SUBJECT


def choices(
    study: Study,
    codebooks: Mapping[str, Codebook],
    compared: Compared,
    language: str,
) -> list[Choice]:
    """Return what is compared, in the order asked for, else that of the codebook.

    Questions: those asked for, else those that the study names for its survey
    (``compare``), else all that are neither background nor hidden. Answers: those
    asked for, else those that the study names, else `default_answers`. Answers
    that are asked for without a question are looked for in all questions.

    Raises
    ------
    RequestError
        If a question is unknown or has no options, or lacks an answer.
    """
    survey, unit = split_name(compared.by, codebooks)
    index = question_index(codebooks[survey])
    declared = study.surveys[survey].compare
    named = _named(compared, codebooks, survey, unit) or list(declared)
    if not named:
        questions = codebooks[survey].questions
        usual = [q for q in questions if is_comparable(q, unit) and not q.hidden]
        named = [q.id for q in usual if q.role is not Role.BACKGROUND]
    found: list[Choice] = []
    for name in named:
        question = index[name]
        wanted = compared.options or declared.get(name, ()) or declared.get(question.id, ())
        if compared.options and not compared.questions:
            wanted = tuple(w for w in wanted if find_answer(question, w, language))
            if not wanted:
                continue
        answers = tuple(_answers(question, wanted, language))
        found += [Choice(question, *item, answers) for item in _items(question, name, language)]
    if not found and compared.options:
        every = dict.fromkeys(a.label for n in named for a in every_answer(index[n], language))
        first = compared.options[0]
        raise RequestError("compare-option", first, nearest(first, every))
    return found


def _named(
    compared: Compared, codebooks: Mapping[str, Codebook], survey: str, unit: str
) -> list[str]:
    """Return the questions asked for, without their survey."""
    index = question_index(codebooks[survey])
    names = []
    for asked in compared.questions:
        other, name = split_name(asked if "." in asked else f"{survey}.{asked}", codebooks)
        if other != survey or not is_comparable(index[name], unit):
            known = [q.id for q in codebooks[survey].questions if is_comparable(q, unit)]
            raise RequestError("compare-question", asked, nearest(name, known))
        names.append(name)
    return list(dict.fromkeys(names))


def _items(question: Question, name: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield variable and words: of a grid its items, or the one that was named."""
    for part in question.items or (question,):
        if name in (question.id, part.id):
            words = local(part.short, language, local(part.text, language))
            # It begins a heading, and a colon and the answer follow.
            yield part.id, words[:1].upper() + words[1:].rstrip(" ?")


def _answers(question: Question, wanted: Sequence[str], language: str) -> Iterator[Answer]:
    if not wanted:
        yield from default_answers(question, language)
    for one in wanted:
        answer = find_answer(question, one, language)
        if answer is None:
            known = [a.label for a in every_answer(question, language)]
            raise RequestError("compare-option", f"{question.id}: {one}", nearest(one, known))
        yield answer


def default_answers(question: Question, language: str) -> list[Answer]:
    """Return the first sum of answers, else the first answer; of multiple answers, each."""
    options, sums = _options(question, language), _sums(question, language)
    if question.type is QuestionType.MULTIPLE:
        return options
    on_scale = {option.code for option in question.options if not option.off_scale}
    return [*sums, *(o for o in options if o.code in on_scale), *options][:1]


def every_answer(question: Question, language: str) -> list[Answer]:
    """Return all that can be compared of a question: sums first, as their names go before."""
    return [*_sums(question, language), *_options(question, language)]


def find_answer(question: Question, wanted: str, language: str) -> Answer | None:
    """Return the answer that is meant by the name of a sum, a code or a label in any language."""
    known = every_answer(question, language)
    labels = {o.code: texts_of(o.label) for o in question.options}
    for same in (str.strip, fold):
        for answer in known:
            spelt = (answer.code, answer.label, *labels.get(answer.code, ()))
            if same(wanted) in map(same, spelt):
                return answer
    return None


def _options(question: Question, language: str) -> list[Answer]:
    return [Answer(o.code, local(o.label, language)) for o in question.options if o.missing is None]


def _sums(question: Question, language: str) -> list[Answer]:
    """Return the sums of answers that a table has as rows; multiple answers have none."""
    if question.type is QuestionType.MULTIPLE:
        return []
    labels = {o.code: local(o.label, language) for o in question.options}
    return [
        Answer(f"net:{'+'.join(codes)}", name, tuple(labels.get(code, code) for code in codes))
        for name, codes in question.nets.items()
    ]
