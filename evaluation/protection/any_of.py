"""What ties "any of these" to the answers that it stands for.

Who chose a group of a multiple-answer question chose at least one of its
options: they are no fewer than those who chose any of them, and no more than
all these together. The same holds of one group within another.
"""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

from evaluation.protection.events import ANSWERED, OPTION_MARK, YES, is_option

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from evaluation.protection.events import Codes, Event, Space

    Terms = dict[int, int]
    Sets = dict[Codes, int]
    Chosen = dict[tuple[Event, str], dict[str, int]]

NOTHING = "~nothing"
"""In place of an option: that none was chosen."""
SLACK = "~any "
"""Begins the name of what one side of an inequality has more than the other."""


def chosen_options(events: Sequence[Event]) -> Chosen:
    """Return (everything else that is stated, question) -> option -> position."""
    found: Chosen = {}
    for at, event in enumerate(events):
        for variable, codes in event.literals:
            if is_option(variable) and codes == YES:
                question, _, option = variable.partition(OPTION_MARK)
                found.setdefault((event.without((variable, codes)), question), {})[option] = at
    return found


def any_of_equations(
    chosen: Chosen,
    spaces: Mapping[str, Space],
    told: tuple[Mapping[str, tuple[str, ...]], Collection[str]],
    position: Callable[[Event], int],
) -> Iterator[tuple[Terms, int]]:
    """Yield equations, each with how many times the respondents its last term can be at most.

    Parameters
    ----------
    chosen
        See `chosen_options`.
    spaces
        Survey -> its variables.
    told
        ``survey.question`` -> options that exclude all others; and those questions that
        who chose nothing can have answered.
    position
        Gives the position of an event, a new one where need be.
    """
    for context, source in dict.fromkeys(_places(chosen, spaces)):
        space = spaces[context.survey]
        single: Sets = {frozenset({c}): at for c, at in chosen.get((context, source), {}).items()}
        sets = dict(single)
        answered = context.with_((source, frozenset({ANSWERED})))
        for name, (of, members) in space.any_of.items():
            groups = chosen.get((context, name), {}) if of == source else {}
            for code, at in groups.items():
                if members.get(code):
                    other = sets.setdefault(members[code], at)
                    if other != at:
                        yield {at: 1, other: -1}, 1
            if groups and single:
                own = position(context.with_((name, frozenset({ANSWERED}))))
                is_all = frozenset(space.domains[source].options) <= frozenset().union(
                    *members.values()
                )
                rest = {} if is_all else {position(_slack(context, f"{name} {source}")): -1}
                yield {position(answered): 1, own: -1, **rest}, 1
        alone = told[0].get(f"{context.survey}.{source}", ())
        slack = _Slack(context, source, position)
        yield from _nested(sets, single, slack)
        if single:
            listed = frozenset(space.domains[source].options)
            if f"{context.survey}.{source}" in told[1]:
                listed |= {NOTHING}
            yield from _beside_alone(sets, listed, alone, (position(answered), slack))


def _places(chosen: Chosen, spaces: Mapping[str, Space]) -> Iterator[tuple[Event, str]]:
    for context, question in chosen:
        grouping = spaces[context.survey].any_of.get(question)
        if grouping:
            yield context, grouping[0]


def _slack(context: Event, what: str) -> Event:
    return context.with_((f"{SLACK}{what}", YES))


class _Slack:
    """Names what is left of an inequality about one question."""

    def __init__(self, context: Event, source: str, position: Callable[[Event], int]) -> None:
        self.context, self.source, self.position = context, source, position

    def of(self, *sets: Codes) -> int:
        told = " ".join("+".join(sorted(codes)) for codes in sets)
        return self.position(_slack(self.context, f"{self.source} {told}"))


def _nested(sets: Sets, single: Sets, slack: _Slack) -> Iterator[tuple[Terms, int]]:
    """A group is no less than a part of it, and no more than all parts together."""
    for whole, part in permutations(sets, 2):
        if not part < whole:
            continue
        yield {sets[whole]: 1, sets[part]: -1, slack.of(whole, part): -1}, 1
        rest = [frozenset({code}) for code in sorted(whole - part)]
        if (len(part) > 1 or part == min(single, key=sorted, default=None)) and all(
            one in single for one in rest
        ):
            terms = {sets[part]: 1, **{single[one]: 1 for one in rest}}
            yield {**terms, sets[whole]: -1, slack.of(part, *rest, whole): -1}, len(whole)


def _beside_alone(
    sets: Sets, listed: Codes, alone: Sequence[str], place: tuple[int, _Slack]
) -> Iterator[tuple[Terms, int]]:
    """Nobody chose an exclusive option and one of a group; all groups and these are everybody."""
    answered, slack = place
    only = [frozenset({code}) for code in alone if frozenset({code}) in sets]
    for codes, at in sets.items():
        if not only or len(codes) < 2 or codes & frozenset(alone):
            continue
        is_all = listed <= codes | frozenset().union(*only)
        rest = {} if is_all else {slack.of(codes, *only): -1}
        yield {answered: 1, at: -1, **{sets[one]: -1 for one in only}, **rest}, 1
