"""The method of a study in sentences: rows, bases, rounding, weights, intervals, protection.

Every sentence is about what this study does; what it does not do is not said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.report.rules import rule_in_words
from evaluation.tables.request import local

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evaluation.codebook.schema import Protection, Survey
    from evaluation.protection.release import ProtectedTable
    from evaluation.report.facts import StudyFacts
    from evaluation.texts import Texts

RULES = ("test_if", "screened_out_if", "invalid_if")


def method_paragraphs(
    facts: StudyFacts, tables: Sequence[ProtectedTable], tally: str = ""
) -> list[str]:
    """Return the paragraphs of the method, as plain text.

    Parameters
    ----------
    facts
        The study.
    tables
        Those of the report, for what was used in them.
    tally
        How many tests the report makes and how many chance would make
        significant; said where tables hold tests.
    """
    texts, study = facts.texts, facts.study
    parts = [texts.get("method.rows")] if facts.intake else []
    parts += [" ".join(_survey(facts, survey)) for survey in facts.intake]
    parts += [texts.get("method.bases"), texts.get("method.rounding")]
    if "sum100" in study.report.rounding.values():
        parts.append(texts.get("method.sum100"))
    if any(s.design.weight or s.weights for s in study.surveys.values()):
        parts.append(texts.get("method.weights"))
    parts += _intervals(tables, texts)
    parts += _tests(tables, texts, tally)
    return [*parts, *_protection(study.protection, texts)]


def _survey(facts: StudyFacts, survey: str) -> list[str]:
    """What became of a survey's rows, and by which rules."""
    texts, said = facts.texts, facts.study.surveys[survey]
    intake, numbers = facts.intake[survey], facts.texts.numbers
    title = local(said.title, texts.language, survey)
    parts = [
        texts.get(
            "method.intake",
            survey=title,
            rows=numbers.number(intake.rows),
            kept=numbers.number(intake.kept),
        ),
        *_rules(facts, survey, said),
    ]
    if intake.respondents != intake.kept and said.filter:
        parts.append(
            texts.get(
                "method.filter",
                rule=_words(facts, survey, said.filter),
                n=numbers.number(intake.respondents),
            )
        )
    return parts


def _rules(facts: StudyFacts, survey: str, said: Survey) -> list[str]:
    texts, intake = facts.texts, said.intake
    if intake.complete_if:
        rule = _words(facts, survey, intake.complete_if)
        parts = [texts.get("method.complete_if", rule=rule)]
    else:
        share = texts.numbers.percentage(intake.complete_share * 100, 0)
        parts = [texts.get("method.complete_share", share=share)]
    parts.append(texts.get(f"method.partial_{'kept' if intake.include_partial else 'left_out'}"))
    parts += [
        texts.get(f"method.{name}", rule=_words(facts, survey, rule))
        for name in RULES
        if (rule := getattr(intake, name))
    ]
    if intake.person:
        parts.append(texts.get(f"method.duplicates_{intake.duplicates}"))
    return parts


def _words(facts: StudyFacts, survey: str, rule: str) -> str:
    codebook = facts.codebooks.get(survey)
    return rule_in_words(rule, codebook, facts.texts) if codebook else rule


def _intervals(tables: Iterable[ProtectedTable], texts: Texts) -> list[str]:
    methods = dict.fromkeys(table.ci_method for table in tables if table.ci_method)
    if not methods:
        return []
    named = [texts.get(f"inference.intervals.{method}") for method in methods]
    return [texts.get("method.intervals", methods=_and(named, texts))]


def _tests(tables: Iterable[ProtectedTable], texts: Texts, tally: str) -> list[str]:
    # Tests whose results are all withheld are none to count.
    tally = "" if tally == texts.get("inference.tally.none") else tally
    methods = dict.fromkeys(test.method for table in tables for test in table.tests)
    known = [m for m in methods if texts.has(f"inference.methods.{m}")]
    if not known:
        return [tally] if tally else []
    named = [texts.get(f"inference.methods.{method}") for method in known]
    said = texts.get("method.tests", methods=_and(named, texts))
    return [f"{said} {tally}".strip()]


def _protection(policy: Protection, texts: Texts) -> list[str]:
    if policy.method == "none":
        reason = local(policy.reason, texts.language)
        return [f"{texts.get('method.protection_none')} {reason}".strip()]
    said = texts.get(
        f"method.protection_{policy.method}",
        minimum=texts.numbers.number(policy.minimum_count),
        base=texts.numbers.number(policy.minimum_base),
        rounding=texts.numbers.number(policy.rounding_base),
    )
    return [said]


def _and(names: Sequence[str], texts: Texts) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {texts.get('and')} {names[-1]}"
