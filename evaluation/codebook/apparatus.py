"""What a study's list of references and its glossary may say.

Files of their own in the study folder, named by ``report.references`` and
``report.glossary``; like the codebook's models, unknown keys are refused.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from evaluation.codebook.schema import LocalText, Strict, Text

Key = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
"""Name by which chapters refer to a source or a term."""


class Citation(StrEnum):
    """How a source is cited in running text."""

    AUTHOR_YEAR = "author-year"
    NUMBERED = "numbered"


class Source(Strict):
    """One work that the report builds on."""

    id: Key
    title: LocalText
    author: tuple[Text, ...] = ()
    """Persons as "Andersson, Anna", institutions by their name; may be empty."""
    short: LocalText | None = None
    """What stands for the authors in running text, where their names are long ("NCK")."""
    year: Text | None = None
    """Year of publication; a work without one is said to have none."""
    series: LocalText | None = None
    """Series and number ("SOU 2014:49", "Rapport 2022:9")."""
    edition: LocalText | None = None
    container: LocalText | None = None
    """Journal, newspaper or book that the work is a part of."""
    editor: tuple[Text, ...] = ()
    """Editors of the book that the work is a part of."""
    volume: Text | None = None
    issue: Text | None = None
    pages: Text | None = None
    """First and last page ("12-19")."""
    publisher: LocalText | None = None
    place: LocalText | None = None
    url: Text | None = None
    accessed: Text | None = None
    """Date on which the address was read, ISO."""
    doi: Text | None = None
    isbn: Text | None = None
    note: LocalText | None = None


class Sources(Strict):
    """The study's list of references."""

    style: Citation = Citation.AUTHOR_YEAR
    """``author-year``: "(Socialstyrelsen 2014)"; ``numbered``: "[1]", in order of first mention."""
    references: tuple[Source, ...]


class Term(Strict):
    """A word of the report with what it means there."""

    id: Key
    term: LocalText
    text: LocalText
    see: tuple[Key, ...] = ()
    """Other terms to look at."""
    source: Key | None = None
    """Reference that the definition is taken from."""


class Glossary(Strict):
    """The study's glossary."""

    terms: tuple[Term, ...]
