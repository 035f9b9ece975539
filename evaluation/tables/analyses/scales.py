"""Ordered scales: nets, balance, mean, median; an index of several items with its reliability."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.inference.likert import cronbach_alpha, index_scores, scale_summary
from evaluation.tables.analyses.common import count, number, percent, points
from evaluation.tables.analyses.spec import Analysis, AnalysisError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evaluation.tables.analyses.common import View


def scales(view: View) -> Analysis:
    """One row per question: top two, bottom two, balance, mean, median, base.

    The first option of a scale is its best, as in the published reports
    ("Stämmer helt" first), so scores run from the number of steps down to 1.
    """
    texts = view.texts
    rows, counts = [], []
    base = 0
    for item in view.items():
        steps = _step_counts(view, item)
        ascending = steps[::-1]
        nets = min(2, len(steps) // 2)
        found = scale_summary(ascending, top=nets, bottom=nets)
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
        base = max(base, n)
    keys = ("top", "bottom", "balance", "mean", "median", "n")
    return Analysis(
        view.spec,
        texts.get("analysis.scales_title"),
        texts.get("table.stub_items"),
        tuple(texts.get(f"analysis.{key}") for key in keys),
        tuple(rows),
        (texts.get("analysis.scales_note"),),
        tuple(counts),
        base,
    )


def index(view: View) -> Analysis:
    """An index 0 to 100 over items on one scale, with Cronbach's alpha, by group where wanted."""
    texts = view.texts
    items = view.items()
    values = np.column_stack([_scores(view, item) for item in items])
    high = max(len(_steps(view, item)) for item in items)
    scores = index_scores(values, low=1, high=high)
    reliability = cronbach_alpha(values[view.inside])
    rows, counts = [], []
    if view.spec.by:
        codes = view.codes(view.spec.by)
        for position, category in enumerate(view.categorical(view.spec.by).categories):
            inside = scores[(codes == position) & ~np.isnan(scores)]
            counts.append(len(inside))
            rows.append((category.label, _mean_cells(inside)))
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
        len(whole),
    )


def _mean_cells(values: NDArray[np.float64]):  # type: ignore[no-untyped-def]
    some = len(values) > 0
    spread = float(values.std(ddof=1)) if len(values) > 1 else None
    mean = float(values.mean()) if some else None
    return (number(mean, 1), number(spread, 1), count(len(values)))


def _steps(view: View, item: str) -> list[int]:
    """Positions of the options that are steps of the scale."""
    variable = view.categorical(item)
    if not variable.ordered:
        raise AnalysisError("analysis-scale", item, "ordered: true")
    return [i for i in range(len(variable.categories)) if i not in variable.off_scale]


def _step_counts(view: View, item: str) -> NDArray[np.int64]:
    codes = view.codes(item)
    return np.array([int((codes == i).sum()) for i in _steps(view, item)], dtype=np.int64)


def _scores(view: View, item: str) -> NDArray[np.float64]:
    """Score per respondent: the number of steps for the first option, 1 for the last."""
    steps = _steps(view, item)
    codes = view.codes(item)
    scores = np.full(view.data.n, np.nan)
    for rank, position in enumerate(steps):
        scores[codes == position] = len(steps) - rank
    return scores
