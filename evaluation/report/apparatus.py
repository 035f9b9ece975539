"""Chapter functions for works cited and words defined, and the lists of both.

What a chapter writes is a reference to an entry; the lists are put in place
by `assemble`, when it is known what has been referred to, and in what order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from evaluation.problems import Problem, Severity
from evaluation.report.citations import (
    author_names,
    entry,
    in_order,
    labels,
    years,
)
from evaluation.report.markdown import escape, marker, reference_marker
from evaluation.report.model import CrossReference, EntryKind, EntryList, ListEntry, Text
from evaluation.tables.request import RequestError, local, nearest
from evaluation.texts import alphabetical

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.codebook.apparatus import Term
    from evaluation.report.facts import StudyFacts
    from evaluation.report.model import Inline
    from evaluation.texts import Texts

REFERENCES = "list-of-references"
DEFINITIONS = "list-of-definitions"
"""Marks that `assemble` replaces by the lists."""
SOURCE, TERM = "kalla-", "ord-"
"""What the anchors of entries begin with."""


class ApparatusFunctions:
    """Chapter functions ``cite``, ``term``, ``references`` and ``definitions``.

    Parameters
    ----------
    facts
        The study without its answers.
    """

    def __init__(self, facts: StudyFacts) -> None:
        self.facts = facts
        self.held = facts.apparatus

    def cite(self, *keys: str, pages: str = "", text: bool = False) -> Markup:
        """Cite works: "(Andersson 2014, s. 12)", or with ``text`` "Andersson (2014)"."""
        if not keys:
            raise RequestError("unknown-source", "", nearest("", self.held.sources))
        for key in keys:
            if key not in self.held.sources:
                raise RequestError("unknown-source", key, nearest(key, self.held.sources))
        texts = self.facts.texts
        place = f", {texts.get('apparatus.pages', pages=pages)}" if pages else ""
        if text:
            and_ = _plain(f" {texts.get('and')} ")
            return and_.join(self._named(key, place) for key in keys)
        if self.held.numbered:
            return _plain("[") + _joined(", ", keys) + _plain(f"{place}]")
        return _plain("(") + _joined("; ", keys) + _plain(f"{place})")

    def term(self, key: str, words: str = "") -> Markup:
        """Write a word of the glossary, in the form that the sentence wants, with a link."""
        if key not in self.held.terms:
            raise RequestError("unknown-term", key, nearest(key, self.held.terms))
        shown = words or local(self.held.terms[key].term, self.facts.texts.language)
        return reference_marker(TERM + key, shown)

    def references(self) -> Markup:
        """Put the list of references here."""
        if not self.held.sources_file:
            raise RequestError("no-references", "references", "report.references")
        return _block(REFERENCES)

    def definitions(self) -> Markup:
        """Put the glossary here."""
        if not self.held.terms_file:
            raise RequestError("no-glossary", "definitions", "report.glossary")
        return _block(DEFINITIONS)

    def _named(self, key: str, place: str) -> Markup:
        """A work as a part of the sentence: "Andersson (2014, s. 12)", "Andersson [1]"."""
        texts, source = self.facts.texts, self.held.sources[key]
        names = author_names(source, texts)
        if self.held.numbered:
            return _plain(f"{names} [") + reference_marker(SOURCE + key) + _plain(f"{place}]")
        year = years(self.held.sources.values(), texts)[key]
        inner = f"{year}{place}" if year else place.removeprefix(", ")
        return reference_marker(SOURCE + key, f"{names} ({inner})" if inner else names)


def _plain(text: str) -> Markup:
    return Markup(escape(text))  # noqa: S704


def _joined(between: str, keys: Sequence[str]) -> Markup:
    return Markup(between).join(reference_marker(SOURCE + key) for key in keys)  # noqa: S704


def _block(name: str) -> Markup:
    return Markup(f"\n\n{marker('block', name)}\n\n")  # noqa: S704


# --- the lists, when all is known ----------------------------------------------------


def entry_names(facts: StudyFacts, cited: Sequence[str]) -> dict[str, str]:
    """Return anchor -> what a reference to it reads, for every work and word.

    Parameters
    ----------
    facts
        The study.
    cited
        Anchors referred to, in order of first mention.
    """
    held, texts = facts.apparatus, facts.texts
    names = {TERM + key: local(term.term, texts.language) for key, term in held.terms.items()}
    if held.numbered:
        return names | {anchor: str(number) for anchor, number in _numbers(facts, cited).items()}
    return names | {SOURCE + key: label for key, label in labels(held.sources, texts).items()}


def references_block(facts: StudyFacts, cited: Sequence[str]) -> EntryList:
    """Return the list of references: alphabetical, or in the order of first mention."""
    held, texts = facts.apparatus, facts.texts
    if held.numbered:
        numbered = tuple(
            ListEntry(anchor, str(n), entry(held.sources[anchor.removeprefix(SOURCE)], "", texts))
            for anchor, n in _numbers(facts, cited).items()
        )
        return EntryList(numbered, EntryKind.NUMBERED_REFERENCES)
    dated = years(held.sources.values(), texts)
    return EntryList(
        tuple(
            ListEntry(SOURCE + source.id, "", entry(source, dated[source.id], texts))
            for source in in_order(held.sources.values(), texts)
        ),
        EntryKind.REFERENCES,
    )


def definitions_block(facts: StudyFacts) -> EntryList:
    """Return the glossary in alphabetical order, references still to be resolved."""
    language = facts.texts.language
    terms = sorted(
        facts.apparatus.terms.values(), key=lambda term: alphabetical(local(term.term, language))
    )
    return EntryList(
        tuple(
            ListEntry(TERM + t.id, local(t.term, language), _meaning(t, facts.texts)) for t in terms
        ),
        EntryKind.DEFINITIONS,
    )


def apparatus_problems(
    facts: StudyFacts, cited: Sequence[str], placed: frozenset[str]
) -> list[Problem]:
    """Return works that nothing cites, and lists that are referred to and lacking."""
    held = facts.apparatus
    unused = [key for key in held.sources if SOURCE + key not in cited]
    problems = [
        Problem("uncited-source", Severity.WARN, file=held.sources_file, value=key)
        for key in unused
    ]
    lists = ((SOURCE, REFERENCES, "references"), (TERM, DEFINITIONS, "definitions"))
    for prefix, mark, function in lists:
        first = next((a for a in cited if a.startswith(prefix) and _is_entry(facts, a)), "")
        if first and mark not in placed:
            value = first.removeprefix(prefix)
            problems.append(
                Problem("list-not-placed", Severity.WARN, value=value, expected=f"{function}()")
            )
    return problems


def _is_entry(facts: StudyFacts, anchor: str) -> bool:
    held = facts.apparatus
    return anchor.removeprefix(SOURCE) in held.sources or anchor.removeprefix(TERM) in held.terms


def _numbers(facts: StudyFacts, cited: Sequence[str]) -> dict[str, int]:
    """Number the works in order of first mention, those that nothing mentions last."""
    sources = facts.apparatus.sources
    anchors = [SOURCE + key for key in sources]
    order = [*(anchor for anchor in cited if anchor in anchors), *anchors]
    return {anchor: number for number, anchor in enumerate(dict.fromkeys(order), start=1)}


def _meaning(term: Term, texts: Texts) -> tuple[Inline, ...]:
    parts: list[Inline] = [Text(local(term.text, texts.language))]
    if term.source:
        parts += [Text(" ("), CrossReference(SOURCE + term.source, ""), Text(").")]
        parts[0] = Text(local(term.text, texts.language).removesuffix("."))
    if term.see:
        # A pattern "Se även {terms}." is cut where the links go in.
        before, _, after = texts.get("apparatus.see").partition("{terms}")
        links = [CrossReference(TERM + key, "") for key in term.see]
        parts += [Text(f" {before}"), *_with_commas(links), Text(after)]
    return tuple(parts)


def _with_commas(links: Sequence[Inline]) -> list[Inline]:
    spaced = [part for link in links for part in (Text(", "), link)]
    return list(spaced[1:])
