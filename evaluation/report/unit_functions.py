"""The functions of a unit's own report: its figures beside the whole.

A unit's table is two columns out of the crosstab of the question by unit.
That crosstab is counted and protected once for all units together, so that
their reports cannot be played against each other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from evaluation.codebook.schema import QuestionType, Role
from evaluation.model import TOTAL
from evaluation.report.markdown import escape
from evaluation.tables.request import RequestError, local, nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from markupsafe import Markup

    from evaluation.protection.release import ProtectedTable
    from evaluation.report.facts import StudyFacts

NOT_PRINTED = (Role.IDENTITY, Role.ADMIN, Role.WEIGHT, Role.UNIT, Role.OCCASION, Role.WAVE)


class UnitFunctions:
    """Chapter functions that speak of the unit that the report is about.

    Parameters
    ----------
    facts
        The study; ``facts.unit`` is the unit's name, ``facts.unit_columns``
        its variable and code in each survey.
    table, chart, figure
        The chapter functions that put a table or a chart and give a figure;
        each takes ``view``, which is put onto the protected table.
    """

    def __init__(
        self, facts: StudyFacts, table: Callable[..., Markup], chart: Callable[..., Markup]
    ) -> None:
        self.facts = facts
        self.table = table
        self.chart = chart

    def unit_table(self, name: str, **options: Any) -> Markup:
        """Put a table with the unit's column and the whole's."""
        variable, code = self._column(name)
        return self.table(name, by=variable, view=lambda t: beside_whole(t, code), **options)

    def unit_chart(self, name: str, **options: Any) -> Markup:
        """Put a chart with the unit's bars and the whole's."""
        variable, code = self._column(name)
        whole = self.facts.texts.get("units.whole")

        def view(table: ProtectedTable) -> ProtectedTable:
            return beside_whole(table, code, whole)

        return self.chart(name, by=variable, view=view, **options)

    def unit_tables(self, survey: str) -> Markup:
        """Put a table for every question of a survey, under the question's short name."""
        from markupsafe import Markup as Text

        if survey not in self.facts.codebooks:
            raise RequestError("unknown-survey", survey, nearest(survey, self.facts.codebooks))
        language = self.facts.texts.language
        unit, _ = self.facts.unit_columns.get(survey, ("", ""))
        parts = []
        for question in self.facts.codebooks[survey].questions:
            skip = (
                question.role in NOT_PRINTED
                or question.hidden
                or unit in (question.id, question.recode)
            )
            if skip or question.type in (QuestionType.TEXT, QuestionType.DATE):
                continue
            title = local(question.short, language, local(question.text, language))
            parts.append(Text(f"\n\n## {escape(title)}\n\n"))  # noqa: S704
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


def beside_whole(table: ProtectedTable, code: str, whole: str = "") -> ProtectedTable:
    """Return the columns of one unit and of the whole, everything else left out.

    Parameters
    ----------
    table
        A question by unit.
    code
        The unit's column.
    whole
        Name of the whole where it is to be a column like others (charts);
        "" to keep it as the margin.
    """
    at = [i for i, c in enumerate(table.columns) if c.code in (code, TOTAL)]
    columns = [table.columns[i] for i in at]
    if whole:
        columns = [replace(c, code="whole", label=whole) if c.code == TOTAL else c for c in columns]
    return replace(
        table,
        columns=tuple(columns),
        cells=tuple(tuple(line[i] for i in at) for line in table.cells),
        effective_base=tuple(table.effective_base[i] for i in at) if table.effective_base else (),
        column_missing={},
        tests=(),
    )


def unit_chapter(facts: StudyFacts) -> str:
    """Return the chapter of a unit's report where the study has written none."""
    texts = facts.texts
    parts = [
        f"# {escape(texts.get('units.heading', unit=facts.unit))}\n",
        "{.lead}\n" + escape(texts.get("units.lead", unit=facts.unit)),
        escape(texts.get("units.reading")),
    ]
    if facts.study.protection.method != "none":
        parts[-1] += " " + escape(texts.get("units.protected"))
    for survey in facts.unit_columns:
        title = local(facts.study.surveys[survey].title, texts.language, survey)
        parts.append(f"# {escape(title)}\n\n{{{{ unit_tables({survey!r}) }}}}\n")
    parts.append(f"# {escape(texts.get('units.method'))} \n\n{{{{ method() }}}}\n")
    return "\n\n".join(parts)
