"""A ``study.yaml`` against its codebooks: every name and filter that it uses."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from evaluation.codebook.names import check_expression, vocabulary
from evaluation.codebook.schema import QuestionType
from evaluation.codebook.similar import grouping
from evaluation.codebook.spelling import fold
from evaluation.codebook.yaml_positions import child_entry, locate
from evaluation.expressions import ExpressionError, parse
from evaluation.problems import Checked, Problem, Severity, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from evaluation.codebook.names import Known
    from evaluation.codebook.parse import ReadStudy
    from evaluation.codebook.schema import Codebook, Study, Survey

Path = tuple[str | int, ...]

RULES = ("test_if", "screened_out_if", "invalid_if", "complete_if")
UNKNOWN = frozenset(
    {"expression-unknown-name", "expression-unknown-value", "study-unknown-question"}
)
VARIABLES = ("unit", "similar", "occasion", "wave")
DESIGN = ("weight", "strata", "cluster", "fpc")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def check_study(
    read: ReadStudy,
    codebooks: Mapping[str, Codebook],
    file: str = "study.yaml",
    *,
    incomplete: frozenset[str] = frozenset(),
) -> Checked[Study]:
    """Check what a study says about its surveys.

    Parameters
    ----------
    read
        From ``parse_study``.
    codebooks
        Those that could be read; surveys without one are not looked into.
    file
        Name for problems.
    incomplete
        Surveys whose codebook has problems that stop: names that it lacks may
        belong to what was left out of it, and are not called unknown.

    Returns
    -------
    Checked
        The study without the filters and names that do not hold.
    """
    problems: list[Problem] = []
    surveys: dict[str, Survey] = {}
    for survey_id, survey in read.study.surveys.items():
        faulty = dict(_check_survey(survey_id, survey, codebooks.get(survey_id)))
        found = [one for of_key in faulty.values() for one in of_key]
        if survey_id in incomplete:
            found = [(path, p) for path, p in found if p.code not in UNKNOWN]
        problems += _placed(found, read, file)
        surveys[survey_id] = _without(survey, [path[2:] for path in faulty])
    whole = {s: book for s, book in codebooks.items() if s not in incomplete}
    problems += _placed(list(_check_protection(read, whole)), read, file)
    problems += _placed(list(_check_date(read.study)), read, file)
    problems += _placed(list(_check_population(read.study)), read, file)
    study = read.study.model_copy(update={"surveys": surveys})
    return Checked(study, tuple(sorted(problems, key=lambda p: p.row)))


_Found = tuple[Path, Problem]


def _placed(found: list[_Found], read: ReadStudy, file: str) -> list[Problem]:
    return [
        replace(
            problem,
            file=file,
            row=locate(read.root, path)[0],
            column=".".join(str(step) for step in path),
        )
        for path, problem in found
    ]


def _stop(code: str, value: str, expected: str = "") -> Problem:
    return Problem(code, Severity.STOP, value=value, expected=expected)


# --- surveys ------------------------------------------------------------------------


def _check_survey(
    survey_id: str, survey: Survey, codebook: Codebook | None
) -> Iterator[tuple[Path, list[_Found]]]:
    """Yield each faulty key of a survey with its findings."""
    known = None if codebook is None else vocabulary(codebook)
    base: Path = ("surveys", survey_id)
    expressions: list[tuple[Path, str | None]] = []
    expressions += [((*base, "intake", rule), getattr(survey.intake, rule)) for rule in RULES]
    expressions.append(((*base, "filter"), survey.filter))
    for path, text in expressions:
        found = [(path, p) for p in _check_rule(text, known, in_intake="intake" in path)]
        if found:
            yield path, found
    wanted: list[tuple[Path, str | None]] = []
    wanted += [((*base, key), getattr(survey, key)) for key in VARIABLES]
    if codebook is not None and survey.unit and isinstance(survey.similar, str):
        names = {q.id for q in codebook.questions}
        is_known = {survey.unit, survey.similar} <= names
        if is_known and grouping(codebook, survey.unit, survey.similar) is None:
            at = (*base, "similar")
            told = Problem(
                "similar-groups-no-units", Severity.WARN, value=survey.similar, expected=survey.unit
            )
            yield at, [(at, told)]
    wanted += [((*base, "design", key), getattr(survey.design, key)) for key in DESIGN]
    if codebook is not None:
        for path, problem in _check_compared(survey_id, survey, codebook):
            yield path, [(path, problem)]
    for path, name in wanted:
        if name is not None and known is not None:
            found = [(path, p) for p in _check_variable(str(path[-1]), name, known)]
            if found:
                yield path, found


def _check_compared(survey_id: str, survey: Survey, codebook: Codebook) -> Iterator[_Found]:
    """Yield questions to be compared that do not exist, and answers that they do not have."""
    known = vocabulary(codebook)
    questions = {q.id: q for q in codebook.questions}
    questions |= {item.id: q for q in codebook.questions for item in q.items}
    for name, wanted in survey.compare.items():
        path = ("surveys", survey_id, "compare", name)
        if name not in known:
            yield path, _stop("study-unknown-question", name, nearest(name, known))
        elif not known[name].options:
            yield path, _stop("study-needs-options", name, "single")
        else:
            spelt = [s for o in known[name].options if not o.is_missing for s in o.spellings]
            spelt += questions[name].nets
            folded = {fold(one) for one in spelt}
            for one in wanted:
                if fold(one) not in folded:
                    yield path, _stop("compare-option", one, nearest(one, spelt))


def _check_population(study: Study) -> Iterator[_Found]:
    """Yield populations that correct no interval: with strata or clusters the design needs fpc."""
    for survey_id, survey in study.surveys.items():
        design = survey.design
        parts = [key for key in ("strata", "cluster") if getattr(design, key)]
        if design.population and parts and not design.fpc:
            path = ("surveys", survey_id, "design", "population")
            value = str(design.population)
            yield (
                path,
                Problem(
                    "study-population-without-fpc", Severity.NOTE, value=value, expected=parts[0]
                ),
            )


def _check_rule(
    text: str | None, known: Mapping[str, Known] | None, *, in_intake: bool
) -> tuple[Problem, ...]:
    if text is None:
        return ()
    try:
        expression = parse(text)
    except ExpressionError as error:
        return (_stop(error.code, error.found, error.expected),)
    return () if known is None else check_expression(expression, known, allow_columns=in_intake)


def _check_variable(key: str, name: str, known: Mapping[str, Known]) -> Iterator[Problem]:
    if name not in known:
        yield _stop("study-unknown-question", name, nearest(name, known))
    elif key in {"weight", "fpc"} and known[name].type is not QuestionType.NUMBER:
        yield _stop("study-needs-number", name, "number")
    elif key in VARIABLES and not known[name].options:
        yield _stop("study-needs-options", name, "single")


def _without(survey: Survey, paths: list[Path]) -> Survey:
    """Take faulty keys away, so that the rest of the survey can be used."""
    for path in paths:
        if len(path) == 1:
            survey = survey.model_copy(update={str(path[0]): None})
        else:
            part: Any = getattr(survey, str(path[0]))
            if isinstance(part, dict):
                left = {key: value for key, value in part.items() if key != path[1]}
                survey = survey.model_copy(update={str(path[0]): left})
                continue
            mended = part.model_copy(update={str(path[1]): None})
            survey = survey.model_copy(update={str(path[0]): mended})
    return survey


# --- the study as a whole ----------------------------------------------------------------


def _check_protection(read: ReadStudy, codebooks: Mapping[str, Codebook]) -> Iterator[_Found]:
    protection = read.study.protection
    yield from _check_openness(read)
    lists: dict[str, tuple[str, ...]] = {"identifying": protection.identifying}
    if not isinstance(protection.sensitive, str):
        lists["sensitive"] = protection.sensitive
    names: list[tuple[Path, str]] = [
        (("protection", key, position), name)
        for key, members in lists.items()
        for position, name in enumerate(members)
    ]
    for variable, coarser in protection.merge.items():
        path: Path = ("protection", "merge", variable)
        names += [(path, variable), (path, coarser)]
    if not isinstance(protection.zeros, str):
        names += [(("protection", "zeros", name), name) for name in protection.zeros]
    known = [f"{s}.{name}" for s, codebook in codebooks.items() for name in vocabulary(codebook)]
    for variable, coarser in protection.merge.items():
        own = [name for name in known if name.partition(".")[0] == variable.partition(".")[0]]
        if variable in known and coarser in known and coarser not in own:
            path = ("protection", "merge", variable)
            yield path, _stop("study-unknown-variable", coarser, nearest(coarser, own))
    for path, name in names:
        survey = name.partition(".")[0]
        # What depends on a file that could not be read is not called unknown.
        unreadable = survey in read.left_out or (
            survey in read.study.surveys and survey not in codebooks
        )
        if name not in known and not unreadable:
            yield path, _stop("study-unknown-variable", name, nearest(name, known))


def _check_openness(read: ReadStudy) -> Iterator[_Found]:
    """Yield a policy that nobody has chosen, and one that hides nothing without a reason.

    Or one that anyone can undo: the seed that the program has by itself is no secret.
    """
    protection = read.study.protection
    if read.study.surveys and child_entry(read.root, "protection") is None:
        least = str(protection.minimum_count)
        yield ("protection",), Problem("protection-not-stated", Severity.WARN, expected=least)
    elif protection.method == "none" and not protection.reason:
        yield (
            ("protection", "method"),
            Problem("protection-none-without-reason", Severity.WARN, value=protection.method),
        )
    elif protection.method != "none" and protection.reason:
        place = ("protection", "reason")
        yield place, Problem("protection-reason-unused", Severity.WARN, value=protection.method)
    if protection.method in ("round", "cell_key") and "seed" not in protection.model_fields_set:
        place = ("protection", "method")
        yield place, Problem("protection-seed-known", Severity.WARN, value=protection.method)


def _check_date(study: Study) -> Iterator[_Found]:
    if study.date is None:
        return
    try:
        if not _DATE.fullmatch(study.date):
            raise ValueError
        date.fromisoformat((study.date + "-01-01")[:10])
    except ValueError:
        yield ("date",), _stop("study-bad-date", study.date, f"{study.year}-03-31")
