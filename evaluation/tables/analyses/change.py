"""Change between two waves, and series of waves, as tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.inference.intervals import interval
from evaluation.inference.sentences import outcome_sentence
from evaluation.tables.analyses.common import (
    count,
    number,
    p_value,
    percent,
    points,
    step_counts,
)
from evaluation.tables.analyses.spec import Analysis, AnalysisError
from evaluation.tables.analyses.waves import (
    broken,
    change_between,
    scores,
    shares,
    unmatched,
    value_of,
    waves_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from evaluation.inference.results import TestOutcome
    from evaluation.inference.waves import Change
    from evaluation.tables.analyses.common import View
    from evaluation.tables.analyses.spec import AnalysisCell
    from evaluation.tables.analyses.waves import Wave

    Floats = NDArray[np.float64]

TWO = 2


def change(view: View) -> Analysis:
    """A share in two waves, one row per question."""
    return _change(view, is_mean=False)


def mean_change(view: View) -> Analysis:
    """The mean of a number or a scale in two waves, one row per question."""
    return _change(view, is_mean=True)


def _change(view: View, *, is_mean: bool) -> Analysis:
    texts, spec = view.texts, view.spec
    rows, counts, said = [], [], []
    tests: list[TestOutcome] = []
    waves: list[Wave] = []
    base = 0
    several = len(view.items()) > 1
    for item in view.items():
        waves = _two(view, item)
        first, second = waves
        y1, y2 = (_answers(view, wave, item, is_mean=is_mean) for wave in waves)
        found = None
        if not second.is_break:
            found = change_between(first, second, y1, y2, is_mean=is_mean)
            tests.append(found.test)
        rows.append((view.name(item), _pair_cells(waves, (y1, y2), found, is_mean=is_mean)))
        notes = _notes(view, waves, item)
        if found is not None and not several:
            notes = [
                outcome_sentence(found.test, texts, about="change"),
                *_kind_note(view, found),
                *notes,
            ]
        label = view.name(item)
        said += (
            [texts.get("inference.sentences.by", by=label, sentence=n) for n in notes]
            if (several)
            else notes
        )
        for y in (y1, y2):
            counts += _counts(y, is_mean=is_mean)
            base = max(base, int((~np.isnan(y)).sum()))
    labels = [wave.label for wave in waves]
    measure = "mean_of" if is_mean else "share_of"
    head = [
        texts.get(f"analysis.{key}", group=label) for label in labels for key in (measure, "n_of")
    ]
    difference = "gain" if is_mean else "difference"
    head += [texts.get(f"analysis.{key}") for key in (difference, "low", "high", "p")]
    key = "mean_change_title" if is_mean else "change_title"
    return Analysis(
        spec,
        texts.get(f"analysis.{key}", option=spec.option("option").replace("|", ", ")),
        texts.get("table.stub_items"),
        tuple(head),
        tuple(rows),
        tuple(dict.fromkeys([*said, *_scale_note(view, is_mean=is_mean)])),
        tuple(counts),
        base,
        tuple(tests),
    )


def series(view: View) -> Analysis:
    """One question through all its waves: value, interval, and the change since before."""
    texts, spec = view.texts, view.spec
    if len(spec.questions) != 1 or len(view.items()) != 1:
        raise AnalysisError("analysis-series", ", ".join(spec.questions), "1")
    is_mean = not spec.option("option")
    item = view.items()[0]
    waves = waves_of(view, item)
    answers = [_answers(view, wave, item, is_mean=is_mean) for wave in waves]
    rows, counts = [], []
    tests: list[TestOutcome] = []
    for place, (wave, y) in enumerate(zip(waves, answers, strict=True)):
        found = None
        if place and not wave.is_break:
            found = change_between(waves[place - 1], wave, answers[place - 1], y, is_mean=is_mean)
            tests.append(found.test)
        label = texts.get("analysis.after_break", label=wave.label) if wave.is_break else wave.label
        rows.append((label, _wave_cells(wave, y, found, is_mean=is_mean)))
        counts += _counts(y, is_mean=is_mean)
    said = [*_notes(view, waves, item), *_scale_note(view, is_mean=is_mean)]
    keys = (
        "n", "mean" if is_mean else "percent", "low", "high",
        "gain" if is_mean else "difference", "gain_low", "gain_high", "p",
    )  # fmt: skip
    key = "mean_series_title" if is_mean else "series_title"
    option = spec.option("option").replace("|", ", ")
    return Analysis(
        spec,
        texts.get(f"analysis.{key}", name=view.name(item), option=option),
        texts.get("analysis.wave"),
        tuple(texts.get(f"analysis.{one}") for one in keys),
        tuple(rows),
        (*said, texts.get("analysis.series_note")),
        tuple(counts),
        min(int((~np.isnan(y)).sum()) for y in answers),
        tuple(tests),
    )


# --- parts ---------------------------------------------------------------------------------


def _two(view: View, item: str) -> list[Wave]:
    """Return the two waves that are compared; breaks between them are gathered."""
    waves = waves_of(view, item)
    if len(waves) < TWO or (len(waves) > TWO and view.spec.option("waves")):
        raise AnalysisError("analysis-waves", view.spec.by or view.spec.survey, "2")
    if view.spec.option("since"):
        between = waves[1:]
        said = " ".join(wave.what_changed for wave in between if wave.what_changed)
        is_break = any(wave.is_break for wave in between)
        return [waves[0], replace(waves[-1], is_break=is_break, what_changed=said)]
    return waves[-TWO:]


def _answers(view: View, wave: Wave, item: str, *, is_mean: bool) -> Floats:
    if is_mean:
        return scores(view, wave, item)
    return shares(view, wave, item, view.options(item, view.spec.option("option")))


def _value_cell(*, is_mean: bool) -> Callable[[float | None], AnalysisCell]:
    return number if is_mean else percent


def _gain_cells(found: Change | None, *, is_mean: bool) -> tuple[AnalysisCell, ...]:
    shown = number if is_mean else points
    if found is None:
        return (shown(None), shown(None), shown(None), p_value(None))
    ends = (shown(found.difference), shown(found.low), shown(found.high))
    return (*ends, p_value(found.test.p))


def _pair_cells(
    waves: list[Wave], answers: tuple[Floats, Floats], found: Change | None, *, is_mean: bool
) -> tuple[AnalysisCell, ...]:
    cells: list[AnalysisCell] = []
    for wave, y in zip(waves, answers, strict=True):
        value, n = value_of(wave, y)
        cells += [_value_cell(is_mean=is_mean)(value), count(n)]
    return (*cells, *_gain_cells(found, is_mean=is_mean))


def _wave_cells(
    wave: Wave, y: Floats, found: Change | None, *, is_mean: bool
) -> tuple[AnalysisCell, ...]:
    value, n = value_of(wave, y)
    low, high = _limits(wave, y, is_mean=is_mean)
    shown = _value_cell(is_mean=is_mean)
    return (count(n), shown(value), shown(low), shown(high), *_gain_cells(found, is_mean=is_mean))


def _limits(wave: Wave, y: Floats, *, is_mean: bool) -> tuple[float | None, float | None]:
    """Wilson for a simple share, logit by design, t for a mean; None where there is none."""
    from evaluation.inference.design import simple_design
    from evaluation.inference.estimation import means

    answered = ~np.isnan(y)
    n = int(answered.sum())
    if n == 0:
        return None, None
    design = wave.part.design
    if design is None and not is_mean:
        low, high = interval(float(y[answered].sum()), n)
        return float(low), float(high)
    found = means(design or simple_design(len(y)), y, wave.inside)
    limits = found.limits() if is_mean else found.share_limits()
    return (None, None) if limits is None else (float(limits[0][0]), float(limits[1][0]))


def _counts(y: Floats, *, is_mean: bool) -> list[int]:
    """Counts that the figures give away: of yes and no; a mean of few steps gives away each."""
    n = int((~np.isnan(y)).sum())
    if is_mean:
        return [n, *step_counts(y)]
    yes = int(np.nansum(y))
    return [yes, n - yes]


def _notes(view: View, waves: list[Wave], item: str) -> list[str]:
    """Say where the series is broken, and which options not all waves had."""
    texts = view.texts
    said = []
    for before, after in broken(waves):
        key = "break_said" if after.what_changed else "break"
        values = {"before": before.label, "after": after.label, "what": after.what_changed}
        said.append(texts.get(f"analysis.{key}", **values))
    for label, options in unmatched(view, waves, item):
        said.append(texts.get("analysis.unmatched", wave=label, options=options))
    return said


def _kind_note(view: View, found: Change) -> list[str]:
    """Say how many answered in both waves, where some did."""
    if not found.n_both:
        return []
    return [view.texts.get("analysis.in_both", n=view.texts.numbers.number(found.n_both))]


def _scale_note(view: View, *, is_mean: bool) -> list[str]:
    from evaluation.coding.data import Categorical

    items = [view.data.variables.get(item) for item in view.items()]
    if not is_mean or not any(isinstance(variable, Categorical) for variable in items):
        return []
    return [view.texts.get("analysis.score_note")]
