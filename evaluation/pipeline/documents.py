"""The units of a study, and what each one's report is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical
from evaluation.pipeline.build import Document, study_facts
from evaluation.pipeline.filters import filter_text, respondents
from evaluation.report.facts import ChapterText
from evaluation.report.markdown import slug
from evaluation.report.unit_functions import unit_chapter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.pipeline.load import LoadedStudy

UNIT_CHAPTERS = "units"
"""Folder under ``chapters/`` with the chapters of a unit's report; without it one is made."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that gets a report.

    Attributes
    ----------
    label
        Its name.
    folder
        Name of its folder among the outputs, no other unit's.
    columns
        Survey -> (unit variable, code).
    """

    label: str
    folder: str
    columns: dict[str, tuple[str, str]]

    @property
    def codes(self) -> list[str]:
        """Its codes in the surveys."""
        return [code for _, code in self.columns.values()]


def study_units(study: LoadedStudy) -> list[Unit]:
    """Return the units with at least one respondent, in codebook order.

    The unit variable of each survey is declared as ``surveys.<survey>.unit``;
    the same label in two surveys is the same unit.
    """
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for survey, config in study.folder.study.surveys.items():
        data = study.coded.get(survey)
        if data is None or not config.unit:
            continue
        variable = data.variables.get(config.unit)
        if not isinstance(variable, Categorical):
            continue
        inside = respondents(study, survey, filter_text(study, survey))
        present = set(np.unique(variable.codes[inside]).tolist())
        for position, category in enumerate(variable.categories):
            if position in present:
                found.setdefault(category.label, {})[survey] = (config.unit, category.code)
    units: list[Unit] = []
    taken: set[str] = set()
    for label, columns in found.items():
        # Two names can differ by an accent only.
        name, suffix = slug(label), 2
        while name in taken:
            name, suffix = f"{slug(label)}-{suffix}", suffix + 1
        taken.add(name)
        units.append(Unit(label, name, columns))
    return units


def unit_documents(study: LoadedStudy, units: Sequence[Unit]) -> list[Document]:
    """Return the report of each unit before it is filled in."""
    facts = study_facts(study)
    own = tuple(
        ChapterText(f"units-{path.name}", f"chapters/{UNIT_CHAPTERS}/{path.name}", text)
        for path in sorted((study.folder.path / "chapters" / UNIT_CHAPTERS).glob("*.md"))
        if (text := path.read_text(encoding="utf-8"))
    )
    documents = []
    for unit in units:
        known = replace(facts, unit=unit.label, unit_columns=unit.columns)
        made = (ChapterText("unit.md", "unit.md", unit_chapter(known)),)
        documents.append(Document(study.folder.name, known, own or made))
    return documents
