"""Ordered scales: nets, balance, mean, median; an index of several items with its reliability."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.inference.likert import cronbach_alpha, index_scores, scale_summary
from evaluation.tables.analyses.common import count, least, number, percent, points
from evaluation.tables.analyses.spec import Analysis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evaluation.tables.analyses.common import View


def scales(view: View) -> Analysis:
    """One row per question: top two, bottom two, balance, mean, median, base.

    Scores as in `View.scores`; the top is the steps with the highest.
    """
    texts = view.texts
    rows, counts, bases = [], [], []
    for item in view.items():
        scores = view.scores(item)
        ascending = sorted(scores, key=lambda step: scores[step])
        steps = _step_counts(view, item, ascending)
        nets = min(2, len(steps) // 2)
        found = scale_summary(steps, [scores[i] for i in ascending], top=nets, bottom=nets)
        n = int(steps.sum())
        rows.append(
            (
                view.name(item),
                (
                    percent(found.top),
                    percent(found.bottom),
                    points(found.balance.value),
                    number(found.mean.value),
                    number(found.median, 1),
                    count(n),
                ),
            )
        )
        counts += [int(k) for k in steps]
        bases.append(n)
    keys = ("top", "bottom", "balance", "mean", "median", "n")
    return Analysis(
        view.spec,
        texts.get("analysis.scales_title"),
        texts.get("table.stub_items"),
        tuple(texts.get(f"analysis.{key}") for key in keys),
        tuple(rows),
        (texts.get(_note(view)),),
        tuple(counts),
        least(bases),
    )


def index(view: View) -> Analysis:
    """An index 0 to 100 over items on one scale, with Cronbach's alpha, by group where wanted."""
    texts = view.texts
    items = view.items()
    values = np.column_stack([_scores(view, item) for item in items])
    ends = [score for item in items for score in view.scores(item).values()]
    scores = index_scores(values, low=min(ends), high=max(ends))
    reliability = cronbach_alpha(values[view.inside])
    rows, counts = [], []
    if view.spec.by:
        labels, codes = view.groups(view.spec.by, view.spec.option("period"))
        for position, label in enumerate(labels):
            inside = scores[(codes == position) & ~np.isnan(scores)]
            counts.append(len(inside))
            rows.append((label, _mean_cells(inside)))
    whole = scores[~np.isnan(scores) & view.inside]
    rows.append((texts.get("table.total"), _mean_cells(whole)))
    said = []
    if reliability.alpha is not None:
        alpha = texts.numbers.number(reliability.alpha, 2)
        n = texts.numbers.number(reliability.n_used)
        said.append(texts.get("analysis.alpha", alpha=alpha, k=len(items), n=n))
    return Analysis(
        view.spec,
        texts.get("analysis.index_title"),
        view.name(view.spec.by) if view.spec.by else texts.get("analysis.group"),
        (texts.get("analysis.mean"), texts.get("analysis.deviation"), texts.get("analysis.n")),
        tuple(rows),
        tuple(said),
        (*counts, len(whole)),
        least((*counts, len(whole))),
    )


def _note(view: View) -> str:
    said = any(o.score is not None for item in view.items() for o in view.question(item).options)
    return "analysis.scales_note_scores" if said else "analysis.scales_note"


def _mean_cells(values: NDArray[np.float64]):  # type: ignore[no-untyped-def]
    some = len(values) > 0
    spread = float(values.std(ddof=1)) if len(values) > 1 else None
    mean = float(values.mean()) if some else None
    return (number(mean, 1), number(spread, 1), count(len(values)))


def _step_counts(view: View, item: str, steps: Sequence[int]) -> NDArray[np.int64]:
    codes = view.codes(item)
    return np.array([int((codes == i).sum()) for i in steps], dtype=np.int64)


def _scores(view: View, item: str) -> NDArray[np.float64]:
    """Score per respondent, see `View.scores`."""
    codes = view.codes(item)
    scores = np.full(view.data.n, np.nan)
    for position, score in view.scores(item).items():
        scores[codes == position] = score
    return scores
