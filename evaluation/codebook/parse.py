"""Text of a codebook or a ``study.yaml`` in, model and every problem out. No files are read here.

What is returned beside problems is consistent in itself: questions that
cannot be read, and what depends on them, are left out; a filter that does not
hold is taken away. Any of that is a problem of severity ``stop``, so nothing
is published from it, but the answers can be checked in the same run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.codebook.checks import Finding, check_questions, missing_languages
from evaluation.codebook.relations import broken_by, check_relations
from evaluation.codebook.schema import Codebook, Study
from evaluation.codebook.shorthand import expand_codebook
from evaluation.codebook.validate import validate
from evaluation.codebook.yaml_positions import Node, locate, read_yaml
from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evaluation.codebook.schema import LocalText, Question


@dataclass(frozen=True, slots=True)
class ReadStudy:
    """A ``study.yaml`` with the tree that says where everything stands.

    Attributes
    ----------
    study
        The model.
    root
        Its tree, for the lines of later findings.
    left_out
        Surveys that could not be read.
    """

    study: Study
    root: Node
    left_out: frozenset[str]


def parse_codebook(
    text: str, file: str = "", *, languages: Sequence[str] = ()
) -> Checked[Codebook | None]:
    """Read a codebook and check it as a whole.

    Parameters
    ----------
    text
        Content of ``<survey>.yaml``.
    file
        Name for problems.
    languages
        Languages that every text which is given by language must have.

    Returns
    -------
    Checked
        The codebook, None where nothing could be read; problems in file order,
        ``row`` being the line.
    """
    read = read_yaml(text, file)
    if read.value is None:
        return Checked(None, read.problems)
    validated = validate(read.value, Codebook, file, ("questions",), expand_codebook)
    problems = [*read.problems, *validated.problems]
    if validated.model is None:
        return Checked(None, tuple(problems))
    codebook, findings = _consistent(validated.model, validated.left_out)
    findings += _check_languages(validated.model, languages)
    problems += [_placed(f, validated.model, validated.root, file) for f in findings]
    return Checked(codebook, tuple(sorted(problems, key=lambda p: p.row)))


def parse_study(text: str, file: str = "study.yaml") -> Checked[ReadStudy | None]:
    """Read a ``study.yaml``; references into codebooks are checked by ``check_study``."""
    read = read_yaml(text, file)
    if read.value is None:
        return Checked(None, read.problems)
    validated = validate(read.value, Study, file, ("surveys", "data_tables"))
    problems = (*read.problems, *validated.problems)
    if validated.model is None:
        return Checked(None, problems)
    return Checked(ReadStudy(validated.model, validated.root, validated.left_out), problems)


def check_codebook(codebook: Codebook) -> tuple[Problem, ...]:
    """Check a codebook that was not read from a file; problems have no line."""
    _, findings = _consistent(codebook, frozenset())
    return tuple(
        Problem(
            f.code,
            f.severity,
            column=_column(f, codebook),
            value=f.value,
            expected=f.expected,
        )
        for f in findings
    )


def _consistent(codebook: Codebook, left_out: frozenset[str]) -> tuple[Codebook, list[Finding]]:
    """Return the usable part of a codebook and all findings."""
    findings = list(check_questions(codebook)) if codebook.questions or not left_out else []
    bad = {f.question for f in findings if f.severity is Severity.STOP}
    gone = left_out | _names(q for i, q in enumerate(codebook.questions) if i in bad)
    # A duplicate leaves the first of its name standing.
    gone -= _names(q for i, q in enumerate(codebook.questions) if i not in bad)
    sound = [i for i in range(len(codebook.questions)) if i not in bad]
    usable = codebook.model_copy(update={"questions": tuple(codebook.questions[i] for i in sound)})
    relations = list(check_relations(usable, gone))
    findings += [
        Finding(f.code, sound[f.question], f.path, f.value, f.expected, f.severity)
        for f in relations
    ]
    faulty = {f.question for f in relations if f.severity is Severity.STOP}
    return _without(usable, faulty, gone), findings


def _without(codebook: Codebook, faulty: set[int], gone: frozenset[str]) -> Codebook:
    """Drop faulty derived questions and take away faulty filters, until nothing refers to them."""
    questions = dict(enumerate(codebook.questions))
    for position in faulty:
        if questions[position].recode:
            gone |= _names([questions.pop(position)])
        else:
            questions[position] = questions[position].model_copy(update={"asked_if": None})
    while broken := [i for i, q in questions.items() if broken_by(q, gone)]:
        for position in broken:
            if questions[position].recode in gone:
                gone |= _names([questions.pop(position)])
            else:
                questions[position] = questions[position].model_copy(update={"asked_if": None})
    return codebook.model_copy(update={"questions": tuple(questions.values())})


def _names(questions: Iterable[Question]) -> frozenset[str]:
    return frozenset(n for q in questions for n in (q.id, *(item.id for item in q.items)))


def _placed(finding: Finding, codebook: Codebook, root: Node, file: str) -> Problem:
    path = ("questions", finding.question, *finding.path) if finding.question >= 0 else ()
    row, _ = locate(root, path)
    return Problem(
        finding.code,
        finding.severity,
        file=file,
        row=row,
        column=_column(finding, codebook),
        value=finding.value,
        expected=finding.expected,
    )


def _column(finding: Finding, codebook: Codebook) -> str:
    """Write where a finding stands: ``questions.kon.asked_if``."""
    if finding.question < 0:
        return ""
    steps = [str(step + 1) if isinstance(step, int) else step for step in finding.path]
    return ".".join(["questions", codebook.questions[finding.question].id, *steps])


def _check_languages(codebook: Codebook, languages: Sequence[str]) -> list[Finding]:
    """Find texts that are given by language and lack one that the report is written in."""
    found: list[Finding] = []
    for position, question in enumerate(codebook.questions):
        texts: list[tuple[tuple[str | int, ...], LocalText | None]] = [
            (("text",), question.text),
            (("short",), question.short),
            (("title",), question.title),
            (("note",), question.note),
            (("unit",), question.unit),
        ]
        texts += [(("options", i, "label"), o.label) for i, o in enumerate(question.options)]
        texts += [(("items", i, "text"), item.text) for i, item in enumerate(question.items)]
        for path, text in texts:
            lacking = ", ".join(missing_languages(text, languages))
            if lacking:
                found.append(
                    Finding("text-not-in-language", position, path, lacking, severity=Severity.WARN)
                )
    return found
