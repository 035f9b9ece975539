"""Recompute every printed figure of an earlier publication and say what differs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from evaluation.model import TOTAL
from evaluation.pipeline.build import release_tables, study_facts
from evaluation.problems import Checked, Problem, Severity
from evaluation.published.approximate import fits_bound
from evaluation.published.compare import (
    Difference,
    Reason,
    TableComparison,
    compare_data,
    compare_table,
)
from evaluation.published.rates import rate_facts, rate_remarks
from evaluation.published.schema import Published
from evaluation.published.strings import read_number
from evaluation.published.tested import Remark, with_tests
from evaluation.report.cells import GROUP_MARK, bare_label
from evaluation.report.chapters import fill_chapters
from evaluation.report.facts import ChapterText
from evaluation.report.phrases import fits
from evaluation.tables.request import RequestError, make_spec

if TYPE_CHECKING:
    from evaluation.pipeline.load import LoadedStudy
    from evaluation.published.compare import DataRows
    from evaluation.published.schema import PrintedFact, PrintedPhrase, PrintedTable
    from evaluation.report.facts import DataTableContent
    from evaluation.tables.spec import TableSpec
    from evaluation.texts import Phrase, Texts

BASE = "base"
"""Column of a difference in the base of a whole table."""


@dataclass(frozen=True, slots=True)
class PhraseCheck:
    """A printed phrase that does not fit its figure, by the catalogue's ranges."""

    id: str
    phrase: str
    percent: str
    as_marked: bool
    """The reference marks the misfit too."""


@dataclass(frozen=True, slots=True)
class Verification:
    """Outcome of a whole comparison."""

    report: str
    tables: tuple[TableComparison, ...]
    facts: tuple[Difference, ...]
    n_facts: int
    phrases: tuple[PhraseCheck, ...]
    n_phrases: int
    problems: tuple[Problem, ...]
    published: Published
    remarks: tuple[Remark, ...] = ()
    """What explains printed figures, found by rule: bases other than those stated."""

    @property
    def is_explained(self) -> bool:
        """Whether every printed figure is reproduced, or its misprint shown by rule."""
        return not self.problems and not self.facts and not any(t.unexplained for t in self.tables)

    @property
    def has_other_bases(self) -> bool:
        """Whether some table rests on another base than the printed one."""
        reasons = (d.reason for t in self.tables for d in t.differences)
        return any(reason is Reason.OTHER_BASE for reason in reasons)


def read_published(study: LoadedStudy) -> Checked[Published | None]:
    """Read the study's ``published.yaml``; None where it is absent or faulty."""
    from pydantic import ValidationError

    content = study.folder.published
    if content is None:
        missing = Problem("missing-published", Severity.STOP, file="published.yaml")
        return Checked(None, (missing,))
    try:
        return Checked(Published.model_validate(content))
    except ValidationError as error:
        problems = tuple(
            Problem(
                "bad-published",
                Severity.STOP,
                file="published.yaml",
                value=".".join(str(part) for part in finding["loc"]),
                expected=finding["msg"],
            )
            for finding in error.errors()
        )
        return Checked(None, problems)


def verify(study: LoadedStudy, published: Published) -> Verification:
    """Compare a study's figures with those printed earlier.

    Unprotected figures are compared: the result is for the evaluator, and
    holds no figure that was not printed or computed for print.
    """
    problems: list[Problem] = []
    specs: dict[tuple[str, str], TableSpec] = {}
    for printed in published.tables:
        for question in _questions(printed):
            try:
                specs[printed.id, question] = _spec(study, printed, question)
            except RequestError as error:
                problems.append(
                    Problem(
                        error.code,
                        Severity.STOP,
                        file="published.yaml",
                        value=error.value,
                        expected=error.expected,
                    )
                )
    wanted = list(dict.fromkeys(specs.values()))
    release = release_tables(study, wanted, unprotected=True) if wanted else None
    made = dict(zip(wanted, release.tables, strict=True)) if release else {}
    found = {place: made[spec] for place, spec in specs.items()}
    facts = study_facts(study)
    comparisons = []
    remarks: list[Remark] = []
    for printed in published.tables:
        tables = {q: found[printed.id, q] for q in _questions(printed) if (printed.id, q) in found}
        if tables:
            own = tables.get(printed.question or "")
            comparison = compare_table(printed, own, tables)
            comparison, said = with_tests(comparison, printed, own)
            comparisons.append(comparison)
            remarks += said
        elif printed.data and printed.data in facts.data_tables:
            rows = _data_rows(facts.data_tables[printed.data])
            comparisons.append(compare_data(printed, rows))
        elif printed.data:
            problems.append(
                Problem(
                    "unknown-data-table",
                    Severity.STOP,
                    file="published.yaml",
                    value=printed.data,
                    expected=", ".join(facts.data_tables),
                )
            )
    stated = (*published.facts, *rate_facts(published.rates))
    misfits, n_phrases = _phrases(published.phrases, facts.phrases)
    return Verification(
        report=published.report,
        tables=tuple(comparisons),
        facts=tuple(_facts(study, stated)),
        n_facts=len(stated),
        phrases=misfits,
        n_phrases=n_phrases,
        problems=tuple(problems),
        published=published,
        remarks=(*remarks, *rate_remarks(published.rates)),
    )


def verification_text(result: Verification, texts: Texts) -> str:
    """Write a verification out for a terminal, in the language of the study."""
    lines = [result.report, ""]
    cells = sum(t.cells for t in result.tables)
    equal = sum(t.equal for t in result.tables)
    lines.append(
        texts.get(
            "verify.summary",
            tables=len(result.tables),
            cells=cells,
            equal=equal,
            different=cells - equal,
        )
    )
    lines.append(
        texts.get("verify.facts", n=result.n_facts, equal=result.n_facts - len(result.facts))
    )
    # What a table rests on comes before the figures that follow from it.
    differences = [
        (t, d) for t in result.tables for d in sorted(t.differences, key=lambda d: d.column != BASE)
    ]
    kinds = {printed.id: printed.kind for printed in result.published.tables}
    if differences or result.facts:
        lines += ["", texts.get("verify.differences")]
        lines += [_difference_line(d, t, texts, kinds[t.id]) for t, d in differences]
        lines += [_difference_line(d, None, texts) for d in result.facts]
    if result.remarks:
        lines += ["", texts.get("verify.remarks")]
        lines += [
            f"  {r.place}: " + texts.get(f"verify.remark_{r.code}", **r.values)
            for r in result.remarks
        ]
    if result.phrases:
        title = texts.get("verify.phrases", n=len(result.phrases), of=result.n_phrases)
        lines += ["", title]
        for check in result.phrases:
            key = "verify.phrase_known" if check.as_marked else "verify.phrase_new"
            lines.append(
                "  " + texts.get(key, id=check.id, phrase=check.phrase, percent=check.percent)
            )
    if result.published.oddities:
        lines += ["", texts.get("verify.oddities", n=len(result.published.oddities))]
        for oddity in result.published.oddities:
            said = " → ".join(part for part in (oddity.printed, oddity.expected) if part)
            parts = (oddity.where, said, oddity.note)
            lines.append("  " + ": ".join(part for part in parts if part))
    if result.published.contradictions:
        lines += ["", texts.get("verify.contradictions")]
        lines += [f"  {c.id}: {c.note}" for c in result.published.contradictions]
    key = "verify.all_explained" if result.is_explained else "verify.not_explained"
    return "\n".join([*lines, "", texts.get(key)]) + "\n"


def _questions(printed: PrintedTable) -> list[str]:
    """Return the questions that give a printed table: its own, or one for each row."""
    named = [printed.question, *(row.question for row in printed.rows)]
    return list(dict.fromkeys(q for q in named if q))


def _spec(study: LoadedStudy, printed: PrintedTable, question: str) -> TableSpec:
    return make_spec(
        question,
        study=study.folder.study,
        codebooks=study.folder.codebooks,
        by=printed.by,
        where=printed.where,
        weight=printed.weight,
        percents=printed.percents,
        rounding=printed.rounding,
        decimals=printed.decimals,
        ci="",
        tests=tuple(test["method"] for test in printed.tests if "method" in test),
        margin=printed.margin,
    )


def _difference_line(
    difference: Difference, table: TableComparison | None, texts: Texts, kind: str = ""
) -> str:
    row = texts.get("table.total") if difference.row == TOTAL else difference.row
    places = (difference.table, row, _column_in_words(difference.column, texts, kind))
    return "  " + texts.get(
        "verify.difference",
        place=", ".join(place for place in places if place),
        printed=difference.printed or "–",
        computed=difference.computed or "–",
        why=_why(difference, table, texts),
    )


def _column_in_words(column: str, texts: Texts, kind: str) -> str:
    """Say a place such as ``total: percent`` in the report's words; codes of options stay."""
    known = texts.mapping("verify.measures")
    head, _, measure = column.rpartition(": ")
    is_step = bool(head) and kind in ("grid", "battery")
    said = measure if is_step else str(known.get(measure, measure))
    return f"{known.get(head, head)}: {said}" if head else said


def _why(difference: Difference, table: TableComparison | None, texts: Texts) -> str:
    """Say in a parenthesis how a printed figure could have come about, or why it could not."""
    explanation = difference.explanation
    if table is not None and table.other_rule and explanation:
        return texts.get("verify.why_rule", rule=texts.get(f"verify.rule_{table.other_rule.value}"))
    if difference.reason:
        cut = explanation.cut_counts if explanation else ()
        if difference.reason is Reason.NOT_PLAIN and cut:
            return texts.get("verify.why_cut", counts=", ".join(str(n) for n in cut))
        return texts.get(f"verify.why_{difference.reason.value}")
    if explanation:
        counts = ", ".join(str(n) for n in explanation.counts)
        return texts.get("verify.why_counts", counts=counts)
    return ""


def _data_rows(content: DataTableContent) -> DataRows:
    rows: dict[tuple[str, str], dict[str, str]] = {}
    group = ""
    for line in content.rows:
        if line[0].startswith(GROUP_MARK):
            group = line[0].removeprefix(GROUP_MARK)
            continue
        rows[group, bare_label(line[0])] = dict(zip(content.header[1:], line[1:], strict=True))
    return rows


def _facts(study: LoadedStudy, facts: tuple[PrintedFact, ...]) -> list[Difference]:
    """Evaluate each stated figure's expression as a chapter would, unprotected."""
    chapters = [ChapterText(f.id, "published.yaml", "{{ " + f.expression + " }}") for f in facts]
    known = study_facts(study)
    filled = fill_chapters(chapters, known, {})
    specs = list(dict.fromkeys(s for one in filled for s in one.context.missing))
    tables = release_tables(study, specs, unprotected=True).tables if specs else ()
    filled = fill_chapters(chapters, known, {t.spec: t for t in tables})
    differences = []
    bounds = known.texts.entries.get("verify", {}).get("bounds", {})
    for fact, one in zip(facts, filled, strict=True):
        problem = next(iter(one.context.problems), None)
        computed = f"{problem.code}: {problem.value}" if problem else one.markdown.strip()
        got, wanted = read_number(computed), read_number(fact.value)
        same = got.value == wanted.value if got and wanted else computed == fact.value
        if got and not wanted:
            same = fits_bound(fact.value, got.value, bounds)
        if not same:
            differences.append(Difference(fact.id, fact.what, "", fact.printed, computed))
    return differences


def _phrases(
    phrases: tuple[PrintedPhrase, ...], catalogue: tuple[Phrase, ...]
) -> tuple[tuple[PhraseCheck, ...], int]:
    """Check the words put to shares against the catalogue's ranges."""
    misfits = []
    checked = 0
    for phrase in phrases:
        if not phrase.words or not isinstance(phrase.percent, str):
            continue
        number = read_number(phrase.percent)
        if number is None:
            continue
        checked += 1
        if not fits(phrase.words, Decimal(number.value), catalogue):
            marked = phrase.wording_fits is False
            misfits.append(PhraseCheck(phrase.id, phrase.phrase, phrase.percent, marked))
    return tuple(misfits), checked
