"""What a chapter may know beside the protected tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evaluation.codebook.apparatus import Source, Term
    from evaluation.codebook.schema import Codebook, Study
    from evaluation.texts import Phrase, Texts


@dataclass(frozen=True, slots=True)
class IntakeCounts:
    """Rows of a survey's exports by what became of them.

    Attributes
    ----------
    rows
        Data rows in the files.
    by_status
        Status -> rows; adds up to ``rows``.
    kept
        Rows that are counted.
    respondents
        Rows that the tables are about: kept, and within the survey's filter.
    """

    rows: int
    by_status: Mapping[str, int]
    kept: int
    respondents: int


@dataclass(frozen=True, slots=True)
class DataTableContent:
    """A table that is study data: cells as text, the first column the row heads."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    source: str = ""
    lines: tuple[int, ...] = ()
    """Line of the file that each row stands on, where it was read from one."""


@dataclass(frozen=True, slots=True)
class ChapterText:
    """A chapter as written.

    Attributes
    ----------
    name
        File name without folder, such as ``03-genomforande.md``.
    path
        As shown in problems.
    text
        Markdown with expressions.
    """

    name: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Apparatus:
    """The works that a report cites and the words that it defines, by key.

    Attributes
    ----------
    numbered
        Sources are cited by number instead of by author and year.
    sources_file, terms_file
        For problems.
    """

    sources: Mapping[str, Source] = field(default_factory=dict)
    terms: Mapping[str, Term] = field(default_factory=dict)
    numbered: bool = False
    sources_file: str = ""
    terms_file: str = ""


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """Everything about a study that is no answer."""

    study: Study
    codebooks: Mapping[str, Codebook]
    texts: Texts
    intake: Mapping[str, IntakeCounts]
    data_tables: Mapping[str, DataTableContent] = field(default_factory=dict)
    phrases: tuple[Phrase, ...] = ()
    unit: str = ""
    """The unit that the report is about, "" for the whole."""
    unit_columns: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Survey -> its unit variable and this unit's code."""
    apparatus: Apparatus = field(default_factory=Apparatus)
