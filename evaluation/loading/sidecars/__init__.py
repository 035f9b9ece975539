"""Questionnaires that lie beside an export: LimeSurvey, Qualtrics, REDCap, XLSForm, DDI.

Each module has ``SUFFIXES``, ``MARKS`` (bytes of which one must stand at the
beginning) and ``read_form(path, data) -> Form | None``; all give the same
`Form`, and `find_form` takes the one that fits the heads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Form", "FormQuestion"]


@dataclass(frozen=True, slots=True)
class FormQuestion:
    """One question as the form defines it.

    Attributes
    ----------
    name
        Code of the question in the tool.
    text
        Wording in the form's first language.
    kind
        As `ColumnHints.kind`; "" where the form does not tell.
    options
        Code -> label, in the order of the form.
    items
        Code -> wording of sub-questions: rows of a grid, or options of a
        multiple answer that has one column each.
    other_labels
        Code -> labels in the form's further languages.
    separator, role, ordered
        As in `ColumnHints`.
    has_other
        There is a free text beside the options ("other, namely").
    exclusive
        Codes of options that cannot stand beside others.
    missing
        Code -> ``item_nonresponse`` or ``not_asked``.
    asked_if
        The form's own filter, word for word; for the reader, not for coding.
    section
        Form, page or repeat that the question belongs to.
    alias
        Further code of the question (Qualtrics' ``QID7``).
    matrix
        Name of the group of questions that share one scale.
    """

    name: str
    text: str
    kind: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)
    other_labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    separator: str = ""
    role: str = ""
    ordered: bool = False
    has_other: bool = False
    exclusive: tuple[str, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    asked_if: str = ""
    section: str = ""
    alias: str = ""
    matrix: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A questionnaire read from a sidecar.

    Attributes
    ----------
    file
        Name of the sidecar.
    kind
        ``lss``, ``qsf``, ``redcap``, ``xlsform`` or ``ddi``.
    title
        Title of the questionnaire.
    questions
        Code -> question, in the order of the form.
    """

    file: str
    kind: str
    title: str
    questions: Mapping[str, FormQuestion]
