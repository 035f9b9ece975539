"""The same persons asked again, and the same question in another wave."""

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
from evaluation.inference.waves import wave_change
from evaluation.tables.analyses.common import count, p_value, percent, points
from evaluation.tables.analyses.spec import Analysis, AnalysisError

if TYPE_CHECKING:
    from evaluation.tables.analyses.common import View


def occasions(view: View) -> Analysis:
    """How many persons were asked once, twice, three times, by group where wanted."""
    texts, when, who = view.texts, view.occasions(), view.persons()
    total = occasions_per_person(who, when)
    most = len(total.times)
    head = tuple(texts.get("analysis.times", n=k + 1) for k in range(most))
    rows = []
    counts: list[int] = [int(n) for n in total.times]
    if view.spec.by:
        group = view.categorical(view.spec.by)
        codes = view.codes(view.spec.by)
        table = occasions_by_group(who, codes, len(group.categories), when)
        for category, line in zip(group.categories, table, strict=True):
            padded = [*line.tolist(), *[0] * (most - len(line))]
            counts += padded
            rows.append((category.label, tuple(count(n) for n in [*padded, sum(padded)])))
    times = [int(n) for n in total.times]
    rows.append((texts.get("table.total"), tuple(count(n) for n in [*times, total.n_persons])))
    return Analysis(
        view.spec,
        texts.get("analysis.occasions_title"),
        view.name(view.spec.by) if view.spec.by else texts.get("analysis.persons"),
        (*head, texts.get("analysis.persons")),
        tuple(rows),
        counts=tuple(counts),
        base_n=total.n_persons,
    )


def answer_changes(view: View) -> Analysis:
    """Answers at the first and second occasion by the same persons, with McNemar's test."""
    texts = view.texts
    first, second = (int(view.spec.option(k, d)) for k, d in (("first", "1"), ("second", "2")))
    yes_label = view.spec.option("option")
    rows, sentences, counts = [], [], []
    base = 0
    for item in view.items():
        variable = view.categorical(item)
        yes = view.option(item, yes_label)
        codes = view.codes(item)
        binary = np.where(codes < 0, -1, np.where(codes == yes, 0, 1))
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
        base = max(base, found.n_pairs)
        if len(view.items()) == 1:
            sentences.append(outcome_sentence(found.test, texts))
        del variable
    head = tuple(
        texts.get(f"analysis.{key}") for key in ("both", "gained", "lost", "neither", "pairs", "p")
    )
    return Analysis(
        view.spec,
        texts.get("analysis.transitions_title", option=yes_label),
        texts.get("table.stub_items"),
        head,
        tuple(rows),
        tuple(sentences),
        tuple(counts),
        base,
    )


def ever_yes(view: View) -> Analysis:
    """What the first forms say beside what all forms say."""
    texts = view.texts
    rows, counts = [], []
    base = 0
    for item in view.items():
        yes = view.option(item, view.spec.option("option"))
        found = first_and_ever(view.persons(), view.occasions(), view.codes(item), yes=yes)
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
        base = max(base, found.n_persons)
    keys = ("n_first", "first", "n_ever", "ever", "n_gained", "asked_again", "persons")
    return Analysis(
        view.spec,
        texts.get("analysis.ever_title", option=view.spec.option("option")),
        texts.get("table.stub_items"),
        tuple(texts.get(f"analysis.{key}") for key in keys),
        tuple(rows),
        counts=tuple(counts),
        base_n=base,
    )


def change(view: View) -> Analysis:
    """A share in two waves: pairs where persons match, independent samples where not."""
    texts, spec = view.texts, view.spec
    wave = view.categorical(spec.by)
    wanted = spec.option("waves").split("|") if spec.option("waves") else []
    places = [view.option(spec.by, w) for w in wanted] or list(range(len(wave.categories)))[-2:]
    if len(places) != 2:
        raise AnalysisError("analysis-waves", spec.by, "2")
    first, second = places
    in_wave = view.codes(spec.by)
    who = view.data.person if view.data.person is not None else np.full(view.data.n, -1)
    rows, sentences, counts = [], [], []
    base = 0
    for item in view.items():
        yes = view.option(item, spec.option("option"))
        codes = view.codes(item)
        answer = np.where(codes < 0, np.nan, (codes == yes).astype(float))
        one, two = in_wave == first, in_wave == second
        found = wave_change(answer[one], answer[two], who[one], who[two])
        rows.append(
            (
                view.name(item),
                (
                    percent(found.first),
                    count(found.n_first),
                    percent(found.second),
                    count(found.n_second),
                    points(found.difference),
                    points(found.low),
                    points(found.high),
                    p_value(found.test.p),
                ),
            )
        )
        if len(view.items()) == 1:
            sentences.append(outcome_sentence(found.test, texts))
        for share, n in ((found.first, found.n_first), (found.second, found.n_second)):
            yes_n = round((share or 0.0) * n)
            counts += [yes_n, n - yes_n]
        base = max(base, found.n_first, found.n_second)
    one_label, two_label = (wave.categories[i].label for i in (first, second))
    head = (
        texts.get("analysis.share_of", group=one_label),
        texts.get("analysis.n_of", group=one_label),
        texts.get("analysis.share_of", group=two_label),
        texts.get("analysis.n_of", group=two_label),
        *(texts.get(f"analysis.{key}") for key in ("difference", "low", "high", "p")),
    )
    return Analysis(
        spec,
        texts.get("analysis.change_title", option=spec.option("option")),
        texts.get("table.stub_items"),
        head,
        tuple(rows),
        tuple(sentences),
        tuple(counts),
        base,
    )
