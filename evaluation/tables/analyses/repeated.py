"""The same persons asked again: how often, and what they then answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.inference.occasions import (
    first_and_ever,
    occasions_by_group,
    occasions_per_person,
    transitions,
)
from evaluation.inference.sentences import outcome_sentence
from evaluation.tables.analyses.common import count, least, p_value, percent
from evaluation.tables.analyses.spec import Analysis

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evaluation.inference.results import TestOutcome
    from evaluation.tables.analyses.common import View

ALL = 0
"""In place of an occasion: the forms of all occasions together."""


def occasions(view: View) -> Analysis:
    """How many persons were asked once, twice, three times, by group where wanted."""
    texts, when, who = view.texts, view.occasions(), view.persons()
    total = occasions_per_person(who, when)
    most = len(total.times)
    head = tuple(
        texts.get("analysis.times", n=k + 1) if k else texts.get("analysis.times_one")
        for k in range(most)
    )
    rows = []
    counts: list[int] = [int(n) for n in total.times]
    if view.spec.by:
        labels, codes = view.groups(view.spec.by, view.spec.option("period"))
        table = occasions_by_group(who, codes, len(labels), when)
        for label, line in zip(labels, table, strict=True):
            padded = [*line.tolist(), *[0] * (most - len(line))]
            counts += padded
            rows.append((label, tuple(count(n) for n in [*padded, sum(padded)])))
    times = [int(n) for n in total.times]
    rows.append((texts.get("table.total"), tuple(count(n) for n in [*times, total.n_persons])))
    return Analysis(
        view.spec,
        texts.get("analysis.occasions_title"),
        view.name(view.spec.by) if view.spec.by else texts.get("analysis.persons"),
        (*head, texts.get("analysis.persons")),
        tuple(rows),
        _unweighted(view),
        counts=tuple(counts),
        base_n=total.n_persons,
    )


def _unweighted(view: View) -> tuple[str, ...]:
    """Say that persons are counted where the answers have weights that are not used.

    A weight belongs to a form and makes the forms of one occasion resemble the
    population; persons followed over several forms have no weight of their own.
    """
    return (view.texts.get("analysis.unweighted"),) if view.is_weighted else ()


def answer_changes(view: View) -> Analysis:
    """Answers at the first and second occasion by the same persons, with McNemar's test."""
    texts = view.texts
    first, second = (int(view.spec.option(k, d)) for k, d in (("first", "1"), ("second", "2")))
    wanted = view.spec.option("option")
    rows, sentences, counts, bases = [], [], [], []
    tests: list[TestOutcome] = []
    rests: list[tuple[int, tuple[int, ...]]] = []
    for item in view.items():
        codes = view.codes(item)
        yes = np.isin(codes, view.options(item, wanted))
        binary = np.where(codes < 0, -1, np.where(yes, 0, 1))
        found = transitions(view.persons(), view.occasions(), binary, 2, first=first, second=second)
        cells = found.table
        rows.append(
            (
                view.name(item),
                (
                    *(count(int(n)) for n in (cells[0, 0], cells[1, 0], cells[0, 1], cells[1, 1])),
                    count(found.n_pairs),
                    p_value(found.test.p),
                ),
            )
        )
        counts += [int(n) for n in cells.ravel()]
        alone = [_alone(view, binary, *both) for both in ((first, second), (second, first))]
        rests += [(first, alone[0]), (second, alone[1])]
        rests.append((ALL, _others(view, binary, found.table)))
        bases.append(found.n_pairs)
        tests.append(found.test)
        if len(view.items()) == 1:
            sentences.append(outcome_sentence(found.test, texts))
    head = tuple(
        texts.get(f"analysis.{key}") for key in ("both", "gained", "lost", "neither", "pairs", "p")
    )
    return Analysis(
        view.spec,
        texts.get("analysis.transitions_title", option=wanted.replace("|", ", ")),
        texts.get("table.stub_items"),
        head,
        tuple(rows),
        (*sentences, *_unweighted(view)),
        tuple(counts),
        least(bases),
        tuple(tests),
        rests=tuple(rests),
    )


def _alone(view: View, binary: NDArray[np.int64], one: int, other: int) -> tuple[int, ...]:
    """Count, by answer, the forms of one occasion that a table of changes leaves out.

    Their persons did not answer at the other occasion, or nobody knows who they are.
    """
    who, when = view.persons(), view.occasions()
    answered = view.inside & (binary >= 0)
    both = np.unique(who[answered & (when == other) & (who >= 0)])
    alone = answered & (when == one) & ~np.isin(who, both)
    return tuple(int(n) for n in np.bincount(binary[alone], minlength=2))


def _others(view: View, binary: NDArray[np.int64], pairs: NDArray[np.int64]) -> tuple[int, ...]:
    """Count, by answer, the forms of all occasions that are in no pair."""
    answered = binary[view.inside & (binary >= 0)]
    left = np.bincount(answered, minlength=2) - pairs.sum(axis=0) - pairs.sum(axis=1)
    return tuple(int(n) for n in left)


def _nobodys(view: View, binary: NDArray[np.int64], occasion: int) -> tuple[int, ...]:
    """Count, by answer, the forms of one occasion of which nobody knows whose they are."""
    alone = view.inside & (binary >= 0) & (view.occasions() == occasion) & (view.persons() < 0)
    return tuple(int(n) for n in np.bincount(binary[alone], minlength=2))


def _later(view: View, binary: NDArray[np.int64]) -> list[tuple[int, tuple[int, ...]]]:
    """Count changes from the first to each later occasion.

    With the answers of a later occasion it follows from those who said yes at
    any how many took it back.
    """
    when = view.occasions()
    later = [int(k) for k in np.unique(when[view.inside & (binary >= 0)]) if k > 1]
    pairs = [transitions(view.persons(), when, binary, 2, first=1, second=k).table for k in later]
    rests = [
        (k, tuple(int(n) for n in table.ravel())) for k, table in zip(later, pairs, strict=True)
    ]
    rests += [(k, _alone(view, binary, k, 1)) for k in later]
    return [*rests, *((ALL, counts) for _, counts in rests)]


def ever_yes(view: View) -> Analysis:
    """What the first forms say beside what all forms say."""
    texts = view.texts
    rows, counts, bases = [], [], []
    rests: list[tuple[int, tuple[int, ...]]] = []
    for item in view.items():
        codes = view.codes(item)
        chosen = np.isin(codes, view.options(item, view.spec.option("option")))
        binary = np.where(codes < 0, -1, np.where(chosen, 0, 1))
        found = first_and_ever(view.persons(), view.occasions(), binary, yes=0)
        rows.append(
            (
                view.name(item),
                (
                    count(found.n_first),
                    percent(found.first.value),
                    count(found.n_ever),
                    percent(found.ever.value),
                    count(found.n_gained),
                    count(found.n_asked_again),
                    count(found.n_persons),
                ),
            )
        )
        counts += [
            found.n_first,
            found.n_ever,
            found.n_gained,
            found.n_persons - found.n_ever,
            found.n_asked_again,
        ]
        rests.append((1, _nobodys(view, binary, 1)))
        rests += _later(view, binary)
        bases.append(found.n_persons)
    keys = ("n_first", "first", "n_ever", "ever", "n_gained", "asked_again", "persons")
    return Analysis(
        view.spec,
        texts.get("analysis.ever_title", option=view.spec.option("option").replace("|", ", ")),
        texts.get("table.stub_items"),
        tuple(texts.get(f"analysis.{key}") for key in keys),
        tuple(rows),
        _unweighted(view),
        counts=tuple(counts),
        base_n=least(bases),
        rests=tuple(rests),
    )
