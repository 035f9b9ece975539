"""The functions of a unit's own report: its figures beside the whole.

A unit's table is two columns out of the crosstab of the question by unit.
That crosstab is counted and protected once for all units together, so that
their reports cannot be played against each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from evaluation.codebook.roles import NO_SUBJECT
from evaluation.codebook.schema import QuestionType
from evaluation.codebook.similar import grouping
from evaluation.model import TOTAL, CellStatus
from evaluation.protection.release import ProtectedCell
from evaluation.report.markdown import escape
from evaluation.tables.request import RequestError, local, nearest, question_index

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from markupsafe import Markup

    from evaluation.protection.release import ProtectedTable
    from evaluation.report.facts import StudyFacts
    from evaluation.report.lookup import Lookup
    from evaluation.tables.spec import Column


class UnitFunctions:
    """Chapter functions that speak of the unit that the report is about.

    Parameters
    ----------
    facts
        The study; ``facts.unit`` is the unit's name, ``facts.unit_columns``
        its variable and code in each survey.
    lookup
        Finds protected tables.
    table, chart
        The chapter functions that put a table or a chart; each takes
        ``view``, which is put onto the protected table.
    """

    def __init__(
        self,
        facts: StudyFacts,
        lookup: Lookup,
        table: Callable[..., Markup],
        chart: Callable[..., Markup],
    ) -> None:
        self.facts = facts
        self.lookup = lookup
        self.table = table
        self.chart = chart

    def unit_intro(self, survey: str) -> Markup:
        """Say how many of the respondents belong to the unit, and what that means for it."""
        from markupsafe import Markup as Text

        variable, code = self._column(f"{survey}.")
        table = self.lookup.find(self.lookup.spec(f"{survey}.{variable}"))
        if table is None:
            return Text("")
        counts = {row.code: line[-1].n for row, line in zip(table.rows, table.cells, strict=True)}
        n, whole = counts.get(code), counts.get(TOTAL)
        texts, parts = self.facts.texts, []
        if n is not None and whole is not None:
            said = {"n": texts.numbers.number(n), "whole": texts.numbers.number(whole)}
            parts.append(texts.get("units.respondents", unit=self.facts.unit, **said))
        if n is None:
            parts.append(texts.get("units.hidden", unit=self.facts.unit))
        elif n < self.facts.study.protection.caution_base:
            parts.append(texts.get("units.few", unit=self.facts.unit))
        return Text(escape(" ".join(parts)))  # noqa: S704

    def unit_table(self, name: str, **options: Any) -> Markup:
        """Put a table with the unit's column, that of similar units and the whole's."""
        variable, code = self._column(name)
        beside = self._similar(name, code)
        whole = self.facts.texts.get("units.whole")

        def view(table: ProtectedTable) -> ProtectedTable:
            return beside_whole(table, code, whole, similar=beside)

        return self.table(name, by=variable, view=view, **options)

    def unit_chart(self, name: str, **options: Any) -> Markup:
        """Put a chart with the unit's bars, those of similar units and the whole's."""
        variable, code = self._column(name)
        beside = self._similar(name, code)
        whole = self.facts.texts.get("units.whole")

        def view(table: ProtectedTable) -> ProtectedTable:
            return beside_whole(table, code, whole, similar=beside)

        return self.chart(name, by=variable, view=view, **options)

    def _similar(self, name: str, code: str) -> Similar | None:
        """Return the column of the units like this one, where the study says which these are."""
        survey = name.partition(".")[0]
        variable = self.facts.study.surveys[survey].similar
        if not isinstance(variable, str):
            return None
        unit, _ = self.facts.unit_columns[survey]
        groups = grouping(self.facts.codebooks[survey], unit, variable) or {}
        table = self.lookup.find(self.lookup.spec(name, by=variable))
        if code not in groups or table is None:
            return None
        return Similar(table, groups[code])

    def unit_tables(self, survey: str, level: int = 2) -> Markup:
        """Put a table for every question of a survey, under the question's short name.

        Parameters
        ----------
        survey
            Its identifier.
        level
            Of the headings, 2 for those right under a chapter's.
        """
        from markupsafe import Markup as Text

        if survey not in self.facts.codebooks:
            raise RequestError("unknown-survey", survey, nearest(survey, self.facts.codebooks))
        language = self.facts.texts.language
        unit, _ = self.facts.unit_columns.get(survey, ("", ""))
        parts = []
        for question in self.facts.codebooks[survey].questions:
            skip = (
                question.role in NO_SUBJECT
                or question.hidden
                or unit in (question.id, question.recode)
            )
            if skip or question.type in (QuestionType.TEXT, QuestionType.DATE):
                continue
            title = local(question.short, language, local(question.text, language))
            parts.append(Text(f"\n\n{'#' * level} {escape(title)}\n\n"))  # noqa: S704
            parts.append(self.unit_table(f"{survey}.{question.id}"))
            if question.type is not QuestionType.NUMBER:
                parts.append(self.unit_chart(f"{survey}.{question.id}"))
        return Text("").join(parts)

    def _column(self, name: str) -> tuple[str, str]:
        survey = name.partition(".")[0]
        if survey not in self.facts.unit_columns:
            known = ", ".join(self.facts.unit_columns) or "surveys.<survey>.unit"
            raise RequestError("no-unit", name, known)
        return self.facts.unit_columns[survey]


@dataclass(frozen=True, slots=True)
class Similar:
    """A column of units that are alike: a question by their group, and the group's code."""

    table: ProtectedTable
    code: str

    def column(self) -> Column | None:
        """Return its head."""
        return next((c for c in self.table.columns if c.code == self.code), None)

    def cells(self) -> dict[tuple[str, str], ProtectedCell]:
        """Return its cells by variable and code of their rows."""
        at = next(i for i, c in enumerate(self.table.columns) if c.code == self.code)
        rows = zip(self.table.rows, self.table.cells, strict=True)
        return {(row.variable, row.code): line[at] for row, line in rows}


def beside_whole(
    table: ProtectedTable, code: str, whole: str, similar: Similar | None = None
) -> ProtectedTable:
    """Return the columns of one unit, of units like it and of the whole, no others.

    Parameters
    ----------
    table
        A question by unit.
    code
        The unit's column.
    whole
        Name of the whole, which is a column like others here and no margin.
    similar
        The column that comes between, None for none.
    """
    at = [i for i, c in enumerate(table.columns) if c.code in (code, TOTAL)]
    columns = [table.columns[i] for i in at]
    columns = [replace(c, code="whole", label=whole) if c.code == TOTAL else c for c in columns]
    cells = [[line[i] for i in at] for line in table.cells]
    bases = [table.effective_base[i] for i in at] if table.effective_base else []
    head = similar.column() if similar else None
    if similar and head and columns:
        # A name of its own beside the unit's: a group may be called as a unit is.
        columns.insert(-1, replace(head, variable=columns[0].variable, code=f"like:{head.code}"))
        found = similar.cells()
        none = ProtectedCell(CellStatus.SECONDARY)
        for row, line in zip(table.rows, cells, strict=True):
            line.insert(-1, found.get((row.variable, row.code), none))
        bases = []
    return replace(
        table,
        columns=tuple(columns),
        cells=tuple(map(tuple, cells)),
        effective_base=tuple(bases),
        column_missing={},
        tests=(),
        is_side_by_side=True,
    )


def group_beside(
    facts: StudyFacts, columns: Mapping[str, tuple[str, str]]
) -> tuple[int, str] | None:
    """Return the group of like units that a unit stands beside.

    Parameters
    ----------
    facts
        The study.
    columns
        Survey -> (unit variable, code) of the unit.

    Returns
    -------
    tuple or None
        Place in the codebook and label; None where no survey names a group, or two name different.
    """
    found = set()
    for survey, (unit, code) in columns.items():
        variable = facts.study.surveys[survey].similar
        if isinstance(variable, str):
            codebook = facts.codebooks[survey]
            group = (grouping(codebook, unit, variable) or {}).get(code)
            options = enumerate(question_index(codebook)[variable].options)
            language = facts.texts.language
            found |= {(at, local(o.label, language)) for at, o in options if o.code == group}
    return found.pop() if len(found) == 1 else None


def unit_chapter(facts: StudyFacts) -> str:
    """Return the chapter of a unit's report where the study has written none.

    The figures begin under the introduction, which would be alone on a printed page; the
    surveys are sections of the chapter where they are several.
    """
    texts = facts.texts
    beside = group_beside(facts, facts.unit_columns)
    if beside is None:
        lead = texts.get("units.lead", unit=facts.unit)
    else:
        lead = texts.get("units.lead_similar", unit=facts.unit, similar=beside[1])
    parts = [
        f"# {escape(texts.get('units.heading', unit=facts.unit))}\n",
        "{.lead}\n" + escape(lead),
        *(f"{{{{ unit_intro({survey!r}) }}}}" for survey in facts.unit_columns),
        escape(texts.get("units.reading")),
    ]
    method = facts.study.protection.method
    if method != "none":
        key = "units.protected" if method == "suppress" else "units.perturbed"
        parts[-1] += " " + escape(texts.get(key))
    is_one = len(facts.unit_columns) == 1
    for survey in facts.unit_columns:
        title = local(facts.study.surveys[survey].title, texts.language, survey)
        head = "" if is_one else f"## {escape(title)}\n\n"
        parts.append(f"{head}{{{{ unit_tables({survey!r}, {2 if is_one else 3}) }}}}\n")
    parts.append(f"# {escape(texts.get('units.method'))} \n\n{{{{ method() }}}}\n")
    return "\n\n".join(parts)
