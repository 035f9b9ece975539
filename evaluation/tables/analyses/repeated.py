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
    from evaluation.tables.analyses.common import View


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
    tests = []
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
    )


def ever_yes(view: View) -> Analysis:
    """What the first forms say beside what all forms say."""
    texts = view.texts
    rows, counts, bases = [], [], []
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
    )
