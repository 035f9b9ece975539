"""Ordered scales: nets, balance, mean, median; an index of several items with its reliability."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.inference.design import Design
from evaluation.inference.likert import cronbach_alpha, index_scores, scale_summary
from evaluation.inference.scales_by_design import mean_by_design, weighted_alpha, weighted_median
from evaluation.tables.analyses.common import (
    count,
    least,
    number,
    percent,
    points,
    step_counts,
)
from evaluation.tables.analyses.spec import Analysis
from evaluation.tables.told import joint_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evaluation.tables.analyses.common import View
    from evaluation.tables.analyses.spec import AnalysisCell

INDEX = (0.0, 100.0)
"""Ends of an index."""


def scales(view: View) -> Analysis:
    """One row per question: top two, bottom two, balance, mean with limits, median, base.

    Scores as in `View.scores`; the top is the steps with the highest. With
    weights, strata or clusters the figures are those of the design.
    """
    texts = view.texts
    rows, counts, bases = [], [], []
    for item in view.items():
        scores = view.scores(item)
        ascending = sorted(scores, key=lambda step: scores[step])
        steps = _step_counts(view, item, ascending)
        n = int(steps.sum())
        levels = [scores[i] for i in ascending]
        rows.append((view.name(item), (*_scale_cells(view, item, steps, levels), count(n))))
        counts += [int(k) for k in steps]
        bases.append(n)
    ends = _ends(view)
    keys = (
        f"top{ends}",
        f"bottom{ends}",
        "balance",
        "mean",
        "mean_low",
        "mean_high",
        "median",
        "n",
    )
    return Analysis(
        view.spec,
        texts.get("analysis.scales_title"),
        texts.get("table.stub_items"),
        tuple(texts.get(f"analysis.{key}") for key in keys),
        tuple(rows),
        (
            texts.get(_note(view)),
            *([texts.get("analysis.scales_ends")] if ends == "_some" else []),
            *_said_of_means(view),
        ),
        tuple(counts),
        least(bases),
    )


def _n_ends(n_steps: int) -> int:
    """Return how many steps at each end are added up: two, or one of few."""
    return min(2, n_steps // 2)


def _ends(view: View) -> str:
    """Return the ending of the keys of the heads: by how many steps at the ends the items have."""
    found = {_n_ends(len(view.scores(item))) for item in view.items()}
    return "" if found == {2} else "_one" if found == {1} else "_some"


def _scale_cells(
    view: View, item: str, steps: NDArray[np.int64], levels: Sequence[float]
) -> tuple[AnalysisCell, ...]:
    """Top, bottom, balance, mean, its limits, median."""
    nets = _n_ends(len(steps))
    design = view.level_design
    if design is None:
        found = scale_summary(steps, levels, top=nets, bottom=nets)
        mean = found.mean
        return (
            percent(found.top),
            percent(found.bottom),
            points(found.balance.value),
            *(number(value) for value in (mean.value, mean.low, mean.high)),
            number(found.median, 1),
        )
    scores = _scores(view, item)
    ends = (levels[0], levels[-1]) if levels else (0.0, 0.0)
    estimate = mean_by_design(design, scores, bounds=ends)
    shares = [
        mean_by_design(design, np.where(np.isnan(scores), np.nan, np.isin(scores, part))).value
        for part in (levels[len(levels) - nets :], levels[:nets])
    ]
    balance = None if shares[0] is None or shares[1] is None else shares[0] - shares[1]
    return (
        *(percent(share) for share in shares),
        points(balance),
        *(number(value) for value in (estimate.value, estimate.low, estimate.high)),
        number(weighted_median(scores, design.weights), 1),
    )


def index(view: View) -> Analysis:
    """An index 0 to 100 over items on one scale, with Cronbach's alpha, by group where wanted."""
    texts = view.texts
    items = view.items()
    values = np.column_stack([_scores(view, item) for item in items])
    ends = [score for item in items for score in view.scores(item).values()]
    scores = index_scores(values, low=min(ends), high=max(ends))
    rows, bases = [], []
    counts = step_counts(np.where(view.inside, scores, np.nan)) + _combined(view, view.inside)
    rest: list[int] = []
    if view.spec.by:
        labels, codes = view.groups(view.spec.by, view.spec.option("period"))
        for position, label in enumerate(labels):
            own = np.where(codes == position, scores, np.nan)
            cells, n = _mean_cells(view, own)
            bases.append(n)
            counts += step_counts(own) + _combined(view, codes == position)
            rows.append((label, cells))
        lacking = np.where(view.inside & (codes < 0), scores, np.nan)
        rest = [int((~np.isnan(lacking)).sum()), *step_counts(lacking)]
    cells, n = _mean_cells(view, np.where(view.inside, scores, np.nan))
    rows.append((texts.get("table.total"), cells))
    keys = ("mean", "mean_low", "mean_high", "deviation", "n")
    made = Analysis(
        view.spec,
        texts.get("analysis.index_title"),
        view.name(view.spec.by) if view.spec.by else texts.get("analysis.group"),
        tuple(texts.get(f"analysis.{key}") for key in keys),
        tuple(rows),
        (*_said_of_alpha(view, values), *_said_of_means(view)),
        (*bases, *counts, n),
        least((*bases, n)),
    )
    if not any(rest):
        return made
    plain = replace(made, rows=made.rows[:-1], sentences=_said_of_means(view))
    return replace(made, counts=(*made.counts, *rest), plain=plain)


def _combined(view: View, inside: NDArray[np.bool_]) -> list[int]:
    """Return how many gave each combination of answers to the items, where the spread tells it."""
    return joint_counts([np.where(inside, view.codes(item), -1) for item in view.items()], 1)


def _said_of_alpha(view: View, values: NDArray[np.float64]) -> tuple[str, ...]:
    """Cronbach's alpha in words; from weighted variances where there are weights."""
    reliability = cronbach_alpha(values[view.inside])
    alpha = reliability.alpha
    if view.design is not None:
        alpha = weighted_alpha(values[view.inside], view.design.weights[view.inside])
    if alpha is None:
        return ()
    numbers = view.texts.numbers
    n, k = numbers.number(reliability.n_used), values.shape[1]
    return (view.texts.get("analysis.alpha", alpha=numbers.number(alpha, 2), k=k, n=n),)


def _said_of_means(view: View) -> tuple[str, ...]:
    """What the limits are, and that figures are weighted, or the answers of a finite population."""
    keys = ["means_limits"]
    if view.design is not None:
        keys = ["means_design"] if not view.is_weighted else ["means_weighted"]
    said = [view.texts.get(f"analysis.{key}") for key in keys]
    if view.is_corrected:
        whole = view.texts.numbers.number(view.population)
        said.append(view.texts.get("analysis.means_population", population=whole))
    return tuple(said)


def _note(view: View) -> str:
    said = any(o.score is not None for item in view.items() for o in view.question(item).options)
    return "analysis.scales_note_scores" if said else "analysis.scales_note"


def _mean_cells(view: View, values: NDArray[np.float64]) -> tuple[tuple[AnalysisCell, ...], int]:
    """Mean, its limits, spread and base of an index, NaN outside the group."""
    design = view.level_design or Design(np.ones(len(values)))
    found = mean_by_design(design, values, bounds=INDEX)
    figures = (found.value, found.low, found.high, found.standard_deviation)
    return (*(number(value, 1) for value in figures), count(found.n)), found.n


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
