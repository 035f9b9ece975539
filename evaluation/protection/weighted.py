"""Weighted sums over hidden counts: one equation more for a reader who knows the weights.

Weights that bring groups to known sizes (units, ages) are no secret: whoever
knows how many a group is and how many of it answered knows its weight. The
weighted count of all groups together is then the sum of weight times count,
and says of two hidden counts which is which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.model import TOTAL
from evaluation.protection.events import parent_variable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from evaluation.protection.catalogue import Catalogue
    from evaluation.protection.events import Event, Literal
    from evaluation.protection.links import Links
    from evaluation.tables.table import Table

Part = tuple[str, tuple[str, frozenset[str]], frozenset[tuple[str, frozenset[str]]]]
"""Survey, group, and who of the group: a hidden count."""
SAME = 1e-6
"""Weights that differ by less, relatively, are one weight."""


def sums_over_hidden(
    tables: Sequence[Table], catalogue: Catalogue, hidden: Collection[int], links: Links
) -> frozenset[int]:
    """Return the counts whose weighted figures add up groups of which some is hidden.

    Their parts too, where a part tells nothing of the groups: women and men
    who answered yes add up to all who did. And the questions that only they
    were asked.

    Parameters
    ----------
    tables
        The release.
    catalogue
        Its distinct counts.
    hidden
        Positions of hidden counts.
    links
        Who was asked what.
    """
    weighing = {(t.spec.survey, name) for t in tables for name in _weighing(t, catalogue)}
    if not weighing:
        return frozenset()
    parts: set[Part] = set()
    for at in hidden:
        if at < len(catalogue.events):
            survey, literals = catalogue.events[at]
            parts |= {
                (survey, literal, literals - {literal})
                for literal in literals
                if (survey, literal[0]) in weighing
            }
    events = [_with_filters(event, catalogue, links) for event in catalogue.events]
    return frozenset(
        at for at, event in enumerate(events) if any(_adds_up(event, part) for part in parts)
    )


def _with_filters(event: Event, catalogue: Catalogue, links: Links) -> Event:
    """Put in place of a question that not all were asked who was asked it."""
    found: set[Literal] = set()
    for variable, codes in event.literals:
        asked = links.asked_if.get(f"{event.survey}.{parent_variable(variable)}")
        if asked:
            found.update(catalogue.readers[event.survey].literals(asked))
        else:
            found.add((variable, codes))
    return catalogue.spaces[event.survey].event(found) or event


def _adds_up(event: Event, part: Part) -> bool:
    """Tell whether an event is, over the groups of a hidden part, a sum or a part of one."""
    survey, (name, codes), rest = part
    if event.survey != survey:
        return False
    own = dict(event.literals)
    if name in own and not codes < own[name]:
        return False
    return all(variable in own and own[variable] <= allowed for variable, allowed in rest)


def _weighing(table: Table, catalogue: Catalogue) -> set[str]:
    """Return the variables by whose groups the weight goes: one weight in each, not all alike."""
    if not table.spec.weight:
        return set()
    space = catalogue.spaces[table.spec.survey]
    found = set()
    for by in table.spec.by:
        columns = [j for j, c in enumerate(table.columns) if c.variable == by and c.code != TOTAL]
        weights = [_weights(table, j) for j in columns]
        filled = [w for w in weights if w]
        is_constant = all(max(w) - min(w) <= SAME * max(w) for w in filled)
        means = [w[0] for w in filled]
        if is_constant and means and max(means) - min(means) > SAME * max(means):
            literal = space.column(table.columns[columns[0]])
            event = space.event([literal]) if literal else None
            found |= {name for name, _ in event.literals} if event else set()
    return found


def _weights(table: Table, column: int) -> list[float]:
    return [line[column].wn / line[column].n for line in table.cells if line[column].n]
