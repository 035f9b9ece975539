"""Change between two waves, and series of waves, as tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.inference.intervals import interval
from evaluation.inference.sentences import outcome_sentence
from evaluation.tables.analyses.common import (
    count,
    least,
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
    pair_counts,
    scores,
    shares,
    unmatched,
    value_of,
    waves_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
    lines = [_line(view, item, is_mean=is_mean) for item in view.items()]
    labels = [wave.label for line in lines[-1:] for wave in line.waves]
    measure = "mean_of" if is_mean else "share_of"
    head = [
        texts.get(f"analysis.{key}", group=label) for label in labels for key in (measure, "n_of")
    ]
    difference = "gain" if is_mean else "difference"
    head += [texts.get(f"analysis.{key}") for key in (difference, "low", "high", "p")]
    key = "mean_change_title" if is_mean else "change_title"
    scale = _scale_note(view, is_mean=is_mean)
    counts = [n for line in lines for y in line.answers for n in _counts(y, is_mean=is_mean)]
    pairs = [n for line in lines for n in line.pairs]
    made = Analysis(
        spec,
        texts.get(f"analysis.{key}", option=spec.option("option").replace("|", ", ")),
        texts.get("table.stub_items"),
        tuple(head),
        tuple((line.label, _pair_cells(line, is_mean=is_mean)) for line in lines),
        tuple(dict.fromkeys([*_said(view, lines), *scale])),
        (*counts, *pairs),
        least(line.base for line in lines),
        tuple(line.test for line in lines if line.test),
    )
    if not pairs:
        return made
    untested = [line.untested() for line in lines]
    said = [texts.get("analysis.untested"), *_said(view, untested), *scale]
    plain = replace(
        made,
        rows=tuple((line.label, _pair_cells(line, is_mean=is_mean)) for line in untested),
        sentences=tuple(dict.fromkeys(said)),
        counts=tuple(counts),
        tests=(),
    )
    return replace(made, plain=plain)


@dataclass(frozen=True, slots=True)
class _Line:
    """One question in two waves.

    ``found`` is None where no change may be computed; ``pairs`` are counts that
    its test and limits give away beyond those of each wave. ``is_tested`` is
    False where these are left out for that.
    """

    label: str
    item: str
    waves: tuple[Wave, Wave]
    answers: tuple[Floats, Floats]
    found: Change | None
    pairs: list[int]
    is_tested: bool = True

    @property
    def test(self) -> TestOutcome | None:
        """The test, None where none is told."""
        return self.found.test if self.found and self.is_tested else None

    @property
    def base(self) -> int:
        """Fewest who answered in a wave, of those in which somebody did."""
        return least(int((~np.isnan(y)).sum()) for y in self.answers)

    def untested(self) -> _Line:
        """Return the line with the difference alone: no test, no limits."""
        if self.found is None or not self.pairs:
            return self
        return replace(self, found=_without_test(self.found), is_tested=False)


def _line(view: View, item: str, *, is_mean: bool) -> _Line:
    first, second = _two(view, item)
    y1, y2 = (_answers(view, wave, item, is_mean=is_mean) for wave in (first, second))
    found, pairs = None, []
    if not second.is_break:
        found = change_between(first, second, y1, y2, is_mean=is_mean)
        pairs = pair_counts(first, second, y1, y2, is_mean=is_mean)
    return _Line(view.name(item), item, (first, second), (y1, y2), found, pairs)


def _said(view: View, lines: Sequence[_Line]) -> list[str]:
    """Say what was found, where the series is broken, which options a wave lacked."""
    texts = view.texts
    if len(lines) > 1:
        return [
            texts.get("inference.sentences.by", by=line.label, sentence=note)
            for line in lines
            for note in _notes(view, line.waves, line.item)
        ]
    said: list[str] = []
    for line in lines:
        if line.test and line.found:
            sentence = outcome_sentence(line.test, texts, about="change")
            said += [sentence, *_kind_note(view, line.found)]
        said += _notes(view, line.waves, line.item)
    return said


def series(view: View) -> Analysis:
    """One question through all its waves: value, interval, and the change since before.

    Raises
    ------
    AnalysisError
        If it is asked of several questions, or of a grid.
    """
    texts, spec = view.texts, view.spec
    if len(spec.questions) != 1 or len(view.items()) != 1:
        raise AnalysisError("analysis-series", ", ".join(spec.questions), "1")
    is_mean = not spec.option("option")
    item = view.items()[0]
    waves = waves_of(view, item)
    answers = [_answers(view, wave, item, is_mean=is_mean) for wave in waves]
    gains: list[Change | None] = [None]
    pairs: list[int] = []
    for place in range(1, len(waves)):
        gains.append(None)
        if not waves[place].is_break:
            both = waves[place - 1], waves[place], answers[place - 1], answers[place]
            gains[-1] = change_between(*both, is_mean=is_mean)
            pairs += pair_counts(*both, is_mean=is_mean)
    said = [*_notes(view, waves, item), *_scale_note(view, is_mean=is_mean)]
    keys = (
        "n", "mean" if is_mean else "percent", "low", "high",
        "gain" if is_mean else "difference", "gain_low", "gain_high", "p",
    )  # fmt: skip
    key = "mean_series_title" if is_mean else "series_title"
    option = spec.option("option").replace("|", ", ")
    counts = [n for y in answers for n in _counts(y, is_mean=is_mean)]
    made = Analysis(
        spec,
        texts.get(f"analysis.{key}", name=view.name(item), option=option),
        texts.get("analysis.wave"),
        tuple(texts.get(f"analysis.{one}") for one in keys),
        _wave_rows(view, waves, answers, gains, is_mean=is_mean),
        (*said, texts.get("analysis.series_note")),
        (*counts, *pairs),
        min(int((~np.isnan(y)).sum()) for y in answers),
        tuple(gain.test for gain in gains if gain),
    )
    if not pairs:
        return made
    rows = _wave_rows(view, waves, answers, gains, is_mean=is_mean, is_tested=False)
    said.insert(0, texts.get("analysis.untested"))
    sentences = (*said, texts.get("analysis.series_note"))
    return replace(
        made,
        plain=replace(made, rows=rows, sentences=sentences, counts=tuple(counts), tests=()),
    )


def _wave_rows(
    view: View,
    waves: Sequence[Wave],
    answers: Sequence[Floats],
    gains: Sequence[Change | None],
    *,
    is_mean: bool,
    is_tested: bool = True,
) -> tuple[tuple[str, tuple[AnalysisCell, ...]], ...]:
    """Return one row per wave, with the change since the one before."""
    rows = []
    for wave, y, gain in zip(waves, answers, gains, strict=True):
        label = wave.label
        if wave.is_break:
            label = view.texts.get("analysis.after_break", label=label)
        found = gain if gain is None or is_tested else _without_test(gain)
        cells = _gain_cells(found, is_mean=is_mean, is_tested=is_tested)
        rows.append((label, (*_wave_cells(wave, y, is_mean=is_mean), *cells)))
    return tuple(rows)


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


def _gain_cells(
    found: Change | None, *, is_mean: bool, is_tested: bool = True
) -> tuple[AnalysisCell, ...]:
    shown = number if is_mean else points
    if found is None:
        return (shown(None), shown(None), shown(None), p_value(None))
    ends = (shown(found.difference), shown(found.low), shown(found.high))
    return (*ends, p_value(found.test.p if is_tested else None))


def _without_test(found: Change) -> Change:
    """Return a change without its limits; whoever shows it leaves out the test too."""
    return replace(found, low=None, high=None)


def _pair_cells(line: _Line, *, is_mean: bool) -> tuple[AnalysisCell, ...]:
    cells: list[AnalysisCell] = []
    for wave, y in zip(line.waves, line.answers, strict=True):
        value, n = value_of(wave, y)
        cells += [_value_cell(is_mean=is_mean)(value), count(n)]
    return (*cells, *_gain_cells(line.found, is_tested=line.is_tested, is_mean=is_mean))


def _wave_cells(wave: Wave, y: Floats, *, is_mean: bool) -> tuple[AnalysisCell, ...]:
    value, n = value_of(wave, y)
    low, high = _limits(wave, y, is_mean=is_mean)
    shown = _value_cell(is_mean=is_mean)
    return (count(n), shown(value), shown(low), shown(high))


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


def _notes(view: View, waves: Sequence[Wave], item: str) -> list[str]:
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
