"""The same question in two surveys of a study: which it was, which options answer to which.

What the codebook of the later survey says under ``earlier`` goes first; then
the same identifier, the same wording, and options of the same label. Two
options are never taken for one because they share a code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from evaluation.codebook.compare import ALIKE_OPTION
from evaluation.codebook.names import texts_of
from evaluation.codebook.schema import Earlier
from evaluation.codebook.spelling import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evaluation.codebook.schema import Codebook, LocalText, Option, Question


@dataclass(frozen=True, slots=True)
class Link:
    """A question (or grid item) of a later survey in an earlier one.

    Attributes
    ----------
    name
        Identifier in the earlier survey; "" where it was not asked.
    options
        Code there -> code here; several codes there may have one here (merged).
    unmatched_before, unmatched_now
        Codes there and here without a counterpart.
    is_break
        Answers cannot be compared.
    what_changed
        The evaluator's words for it, None where nobody has described it.
    """

    name: str
    options: Mapping[str, str] = field(default_factory=dict)
    unmatched_before: tuple[str, ...] = ()
    unmatched_now: tuple[str, ...] = ()
    is_break: bool = False
    what_changed: LocalText | None = None


def link(name: str, here: Codebook, survey: str, there: Codebook) -> Link:
    """Find a question or grid item of one codebook in an earlier one.

    Parameters
    ----------
    name
        Question or item of the later survey.
    here
        The later survey's codebook.
    survey, there
        The earlier survey and its codebook.
    """
    question = _owner(name, here)
    said = question.earlier.get(survey, Earlier())
    wording = _wording(name, question)
    found = _counterpart(name, wording, said, there)
    if found is None:
        return Link("")
    earlier_name, earlier = found
    options = dict(_option_pairs(question.options, said.options, earlier.options))
    is_reworded = not _folded(wording) & _folded(_wording(earlier_name, earlier))
    is_break = is_reworded if said.break_ is None else said.break_ is not False
    return Link(
        earlier_name,
        options,
        tuple(o.code for o in earlier.options if o.code not in options),
        tuple(o.code for o in question.options if o.code not in options.values()),
        is_break,
        None if said.break_ is False else said.break_,
    )


def joined(later: Link, earlier: Link) -> Link:
    """Return the link over two steps: from the latest survey by way of a middle one."""
    if not later.name or not earlier.name:
        return Link("")
    through = {
        before: later.options[middle]
        for before, middle in earlier.options.items()
        if middle in later.options
    }
    lost = [before for before in earlier.options if before not in through]
    return Link(
        earlier.name,
        through,
        (*earlier.unmatched_before, *lost),
        tuple(dict.fromkeys(c for c in later.options.values() if c not in through.values())),
        earlier.is_break,
        earlier.what_changed,
    )


def faults(codebooks: Mapping[str, Codebook]) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield what ``earlier`` names and does not exist: survey, question, code, value, expected."""
    for survey, codebook in codebooks.items():
        for question in codebook.questions:
            own = {option.code for option in question.options}
            for before, said in question.earlier.items():
                there = codebooks.get(before)
                if there is None or before == survey:
                    others = ", ".join(s for s in codebooks if s != survey)
                    yield survey, question.id, "earlier-unknown-survey", before, others
                    continue
                yield from (
                    (survey, question.id, code, value, expected)
                    for code, value, expected in _faults(said, own, there, question)
                )


def _faults(
    said: Earlier, own: set[str], there: Codebook, question: Question
) -> Iterator[tuple[str, str, str]]:
    names = {name: q for q in there.questions for name in (q.id, *(i.id for i in q.items))}
    if said.question is not None and said.question not in names:
        yield "earlier-unknown-question", said.question, ", ".join(list(names)[:12])
        return
    found = _counterpart(question.id, question.text, said, there)
    known = {o.code for o in found[1].options} if found else set()
    for code, codes in said.options.items():
        if code not in own:
            yield "earlier-unknown-option", code, ", ".join(sorted(own))
        for one in codes:
            if found and one not in known:
                yield "earlier-unknown-option", one, ", ".join(sorted(known))


def _owner(name: str, codebook: Codebook) -> Question:
    return next(q for q in codebook.questions if name == q.id or any(i.id == name for i in q.items))


def _wording(name: str, question: Question) -> LocalText:
    return next((item.text for item in question.items if item.id == name), question.text)


def _folded(text: LocalText) -> set[str]:
    return {fold(one) for one in texts_of(text)}


def _counterpart(
    name: str, wording: LocalText, said: Earlier, there: Codebook
) -> tuple[str, Question] | None:
    """Return identifier and question: as declared, of one wording, or of one identifier."""
    known = {
        one: question
        for question in there.questions
        for one in (question.id, *(item.id for item in question.items))
    }
    if said.question is not None:
        declared = known.get(said.question)
        if declared is None:
            return None
        if not declared.items or said.question != declared.id:
            return said.question, declared
        known = {item.id: declared for item in declared.items}
    same = [one for one, q in known.items() if _folded(_wording(one, q)) & _folded(wording)]
    if name in known and (name in same or not same):
        return name, known[name]
    return (same[0], known[same[0]]) if same else None


def _option_pairs(
    now: Sequence[Option], declared: Mapping[str, tuple[str, ...]], before: Sequence[Option]
) -> Iterator[tuple[str, str]]:
    """Yield code there and code here."""
    taken = {code for codes in declared.values() for code in codes}
    yield from ((code, here) for here, codes in declared.items() for code in codes)
    free = [option for option in before if option.code not in taken]
    rest = [option for option in now if option.code not in declared]
    for option in rest:
        spellings = {fold(t) for t in (*texts_of(option.label), *option.values)}
        for other in list(free):
            if {fold(t) for t in (*texts_of(other.label), *other.values)} & spellings:
                yield other.code, option.code
                free.remove(other)
    for option in rest:
        for other in free:
            if other.code == option.code and _likeness(other, option) >= ALIKE_OPTION:
                yield other.code, option.code


def _likeness(one: Option, other: Option) -> float:
    first, second = (fold(texts_of(o.label)[0]) for o in (one, other))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()
