"""What chapters ask for, found by name: questions, their words, and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evaluation.report.rules import rule_in_words
from evaluation.tables.request import local, make_spec, question_index, split_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from evaluation.codebook.schema import Question
    from evaluation.protection.release import ProtectedTable
    from evaluation.report.facts import StudyFacts
    from evaluation.tables.spec import TableSpec

    View = Callable[[ProtectedTable], ProtectedTable]


class Lookup:
    """Protected tables by specification; notes those that are wanted and not there yet.

    Parameters
    ----------
    facts
        The study without its answers.
    tables
        Protected tables so far.

    Attributes
    ----------
    missing
        Specifications that were wanted and lacking, in order.
    """

    def __init__(self, facts: StudyFacts, tables: Mapping[TableSpec, ProtectedTable]) -> None:
        self.facts = facts
        self.tables = tables
        self.missing: dict[TableSpec, None] = {}

    def spec(self, name: str, **request: Any) -> TableSpec:
        """Return a table's specification, the study's defaults filled in."""
        return make_spec(name, study=self.facts.study, codebooks=self.facts.codebooks, **request)

    def found(
        self, names: Sequence[str], view: View | None, **request: Any
    ) -> list[ProtectedTable]:
        """Return the tables that there are already, each as ``view`` shows it."""
        found = [self.find(self.spec(one, **request)) for one in names]
        return [view(table) if view else table for table in found if table]

    def find(self, spec: TableSpec) -> ProtectedTable | None:
        """Return a table that is there already, or note that it is wanted."""
        found = self.tables.get(spec)
        if found is None:
            self.missing[spec] = None
        return found

    def question(self, name: str) -> Question:
        """Return the question that a name belongs to."""
        survey, question = split_name(name, self.facts.codebooks)
        return question_index(self.facts.codebooks[survey])[question]

    def rule(self, table: ProtectedTable) -> str:
        """Say a table's filter in words; "" where it has none."""
        if not table.spec.where:
            return ""
        codebook = self.facts.codebooks[table.spec.survey]
        return rule_in_words(table.spec.where, codebook, self.facts.texts)

    def merged(self, table: ProtectedTable, asked: TableSpec) -> str:
        """Say which coarser groups stand in place of those asked for; "" where none do."""
        texts = self.facts.texts
        said = []
        for fine, coarse in zip(asked.by, table.spec.by, strict=False):
            if fine != coarse and fine not in table.spec.by:
                names = [self.short(f"{asked.survey}.{name}") for name in (fine, coarse)]
                said.append(texts.get("table.note_merged", fine=names[0], coarse=names[1]))
        return " ".join(said)

    def caption(self, table: ProtectedTable) -> str:
        """Return a crosstab's own caption, which names its groups; "" for other tables.

        Without it a table of everyone and the crosstab beside it would have the same.
        """
        texts = self.facts.texts
        names = [self.short(f"{table.spec.survey}.{name}") for name in table.spec.by]
        if not names:
            return ""
        is_asked = any(name.endswith("?") for name in names)
        by = f" {texts.get('and')} ".join(names if is_asked else map(_within, names))
        key = "table.caption_by_question" if is_asked else "table.caption_by"
        return texts.get(key, title=table.title, by=by)

    def groups(self, names: Sequence[str]) -> dict[str, str]:
        """Return the headings that the items of grids stand under."""
        language = self.facts.texts.language
        items = [item for name in names for item in self.question(name).items]
        return {item.id: local(item.group, language) for item in items if item.group is not None}

    def short(self, name: str, *, full: bool = False) -> str:
        """Return the short name of a question or item, or its wording."""
        survey, wanted = split_name(name, self.facts.codebooks)
        question = question_index(self.facts.codebooks[survey])[wanted]
        language = self.facts.texts.language
        item = next((i for i in question.items if i.id == wanted), None)
        source = item or question
        text = local(source.text, language)
        return text if full else local(source.short, language, text)


def _within(name: str) -> str:
    """Return a name as it stands within a sentence: its capital goes, an abbreviation's stays.

    A first word in -s may be the name of a place, "Stockholms stadsdelar".
    """
    first = name.split(maxsplit=1)[0] if name.strip() else ""
    is_common = first[1:].islower() and not first.endswith("s")
    return name[0].lower() + name[1:] if is_common else name
