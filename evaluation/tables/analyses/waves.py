"""The same question in two waves or more: shares, means and their change.

Waves are the categories of a variable of one survey (``by``), or surveys of
their own (option ``since``: the earlier ones, oldest first). Options that were
renamed or merged are mapped as the codebook says; across a change of wording
no change is computed, and the analysis says that the series is broken there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.waves import Link, joined, link
from evaluation.coding.data import Categorical, MultiResponse, Numeric
from evaluation.inference.design import Design
from evaluation.inference.estimation import means
from evaluation.inference.wave_means import design_change, estimate_change, wave_mean_change
from evaluation.inference.waves import overlap, wave_change
from evaluation.tables.analyses.common import step_counts
from evaluation.tables.analyses.spec import AnalysisError
from evaluation.tables.request import local

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evaluation.inference.waves import Change
    from evaluation.tables.analyses.common import SurveyPart, View

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Wave:
    """One wave of one question.

    Attributes
    ----------
    label
        What the wave is called.
    part
        The survey.
    inside
        1-D bool: its respondents of this wave.
    name
        The question's identifier in that survey.
    link
        How its options answer to those of the question asked about; None
        where it is that question itself.
    is_break, what_changed
        Whether answers cannot be compared with those of the wave before, and
        why, "" where nobody has said.
    """

    label: str
    part: SurveyPart
    inside: Bools
    name: str
    link: Link | None = None
    is_break: bool = False
    what_changed: str = ""


def waves_of(view: View, item: str) -> list[Wave]:
    """Return the waves of a question, in order.

    Raises
    ------
    AnalysisError
        If they cannot be told, or a wave lacks the question.
    """
    earlier = [one for one in view.spec.option("since").split("|") if one]
    return _by_survey(view, item, earlier) if earlier else _by_variable(view, item)


def _by_variable(view: View, item: str) -> list[Wave]:
    spec = view.spec
    wave = view.categorical(spec.by)
    wanted = [one for one in spec.option("waves").split("|") if one]
    places = [view.option(spec.by, one) for one in wanted] or list(range(len(wave.categories)))
    codes = view.codes(spec.by)
    part = view.surveys[spec.survey]
    language = view.texts.language
    breaks = {code: local(text, language) for code, text in view.question(item).breaks.items()}
    found: list[Wave] = []
    before = -1
    for place in places:
        between = range(min(before, place) + 1, max(before, place) + 1) if found else range(0)
        said = [breaks[c] for i in between if (c := wave.categories[i].code) in breaks]
        label = wave.categories[place].label
        changed = " ".join(said)
        found.append(Wave(label, part, codes == place, item, None, bool(said), changed))
        before = place
    return found


def _by_survey(view: View, item: str, earlier: Sequence[str]) -> list[Wave]:
    """Waves that are surveys; each codebook need only say what changed since the one before."""
    own = view.surveys[view.spec.survey]
    language = view.texts.language
    waves = [Wave(own.title, own, own.inside, item)]
    whole: Link | None = None
    here, name = own, item
    for survey in reversed(earlier):
        part = view.surveys[survey]
        step = link(name, here.codebook, survey, part.codebook)
        direct = view.question(item).earlier.get(survey)
        if whole is not None and direct is not None:
            whole = link(item, own.codebook, survey, part.codebook)
        else:
            whole = step if whole is None else joined(whole, step)
        if not whole.name:
            raise AnalysisError("analysis-wave-question", item, f"earlier: {survey}: question:")
        changed = local(step.what_changed, language)
        waves[0] = replace(waves[0], is_break=step.is_break, what_changed=changed)
        waves.insert(0, Wave(part.title, part, part.inside, whole.name, whole))
        here, name = part, whole.name
    return waves


# --- answers ---------------------------------------------------------------------------------


def shares(view: View, wave: Wave, item: str, wanted: Sequence[int]) -> Floats:
    """Return 1 for those who chose one of the options, 0 for others who answered, else NaN.

    Raises
    ------
    AnalysisError
        If the wave had no such option.
    """
    codes = {view.chosen(item).categories[i].code for i in wanted}
    variable = wave.part.data.variables[wave.name]
    if not isinstance(variable, Categorical | MultiResponse):
        raise AnalysisError("analysis-single", wave.name, item)
    if wave.link is not None:
        codes = {before for before, now in wave.link.options.items() if now in codes}
        if not codes:
            label = view.chosen(item).categories[wanted[0]].label
            raise AnalysisError("analysis-wave-option", label, wave.label)
    places = [i for i, c in enumerate(variable.categories) if c.code in codes]
    if isinstance(variable, MultiResponse):
        yes, answered = (variable.selected[:, places] > 0).any(axis=1), variable.state == 0
    else:
        yes, answered = np.isin(variable.codes, places), variable.codes >= 0
    return np.where(answered & wave.inside, yes.astype(np.float64), np.nan)


def scores(view: View, wave: Wave, item: str) -> Floats:
    """Return numbers, or the scores of a scale's steps; NaN elsewhere.

    Raises
    ------
    AnalysisError
        If the question is neither a number nor a scale.
    """
    variable = wave.part.data.variables[wave.name]
    if isinstance(variable, Numeric):
        return np.where(wave.inside & (variable.state == 0), variable.values, np.nan)
    if not isinstance(variable, Categorical):
        raise AnalysisError("analysis-scale", item, "ordered: true")
    own = view.categorical(item)
    by_code = {own.categories[place].code: score for place, score in view.scores(item).items()}
    if wave.link is not None:
        by_code = {
            before: by_code[now] for before, now in wave.link.options.items() if now in by_code
        }
    table = np.array([by_code.get(c.code, np.nan) for c in variable.categories] + [np.nan])
    codes = np.where(wave.inside, variable.codes, -1)
    return np.asarray(np.where(codes >= 0, table[codes], np.nan))


# --- change --------------------------------------------------------------------------------


def change_between(first: Wave, second: Wave, y1: Floats, y2: Floats, *, is_mean: bool) -> Change:
    """Compare two waves: pairs where persons match, by design where there are weights."""
    one, two = first.part, second.part
    if one.design is not None or two.design is not None:
        return _by_design(first, second, y1, y2)
    persons = [_persons(part) for part in (one, two)]
    compare = wave_mean_change if is_mean else wave_change
    in1, in2 = first.inside, second.inside
    return compare(y1[in1], y2[in2], persons[0][in1], persons[1][in2])


def pair_counts(first: Wave, second: Wave, y1: Floats, y2: Floats, *, is_mean: bool) -> list[int]:
    """Return how many of those in both waves changed their answer, and how; none without pairs.

    The test and the limits of a change give it away: with the shares of both
    waves McNemar's p-value belongs to one number of changes alone. Where some
    answered in one wave only, it is their answers too.
    """
    ids = [_persons(wave.part)[wave.inside] for wave in (first, second)]
    found = overlap(y1[first.inside], y2[second.inside], *ids)
    if not len(found.before):
        return []
    gains, alone = found.after - found.before, (found.first_alone, found.second_alone)
    if is_mean:
        return [n for steps in (gains, *alone) for n in step_counts(steps)]
    cells = np.bincount((2 * found.before + found.after).astype(np.int64), minlength=4)
    rests = [np.bincount(answers.astype(np.int64), minlength=2) for answers in alone]
    return [int(n) for n in np.concatenate([cells, *rests])]


def _persons(part: SurveyPart) -> NDArray[np.int64]:
    person = part.data.person
    return np.full(part.data.n, -1, dtype=np.int64) if person is None else person


def _by_design(first: Wave, second: Wave, y1: Floats, y2: Floats) -> Change:
    one, two = (_design(part) for part in (first.part, second.part))
    if first.part is second.part:
        values = np.where(first.inside, y1, np.where(second.inside, y2, np.nan))
        return design_change(one, values, first.inside, second.inside)
    found = [means(one, y1, first.inside), means(two, y2, second.inside)]
    estimates = []
    for estimate in found:
        value = 0.0 if estimate.value is None else float(estimate.value[0])
        se = 0.0 if estimate.se is None else float(estimate.se[0])
        estimates.append((value, se, 0.0 if estimate.value is None else estimate.df))
    return estimate_change(estimates[0], estimates[1], (found[0].n, found[1].n))


def _design(part: SurveyPart) -> Design:
    """Return the design; persons who answer twice are clusters where nothing else is."""
    design = part.design or Design(np.ones(part.data.n))
    if design.clusters is None and design.strata is None and part.data.person is not None:
        nobody = part.data.person < 0
        alone = -1 - np.arange(part.data.n)
        return replace(design, clusters=np.where(nobody, alone, part.data.person))
    return design


def value_of(wave: Wave, y: Floats) -> tuple[float | None, int]:
    """Return the (weighted) mean of a wave and its unweighted base."""
    answered = ~np.isnan(y)
    n = int(answered.sum())
    design = wave.part.design
    weights = np.ones(len(y)) if design is None else design.weights
    total = float(weights[answered].sum())
    return (float(weights[answered] @ y[answered] / total) if total > 0 else None), n


def unmatched(view: View, waves: Sequence[Wave], item: str) -> list[tuple[str, str]]:
    """Return (wave, options) for options that another wave than the last lacks or has alone."""
    found = []
    for wave in waves:
        if wave.link is None:
            continue
        variable = wave.part.data.variables[wave.name]
        gone = _labels(variable, wave.link.unmatched_before)
        if gone:
            found.append((wave.label, gone))
        new = _labels(view.data.variables[item], wave.link.unmatched_now)
        if new:
            found.append((waves[-1].label, new))
    return list(dict.fromkeys(found))


def _labels(variable: object, codes: Sequence[str]) -> str:
    if not isinstance(variable, Categorical | MultiResponse):
        return ""
    return ", ".join(c.label for c in variable.categories if c.code in codes)


def broken(waves: Sequence[Wave]) -> list[tuple[Wave, Wave]]:
    """Return the pairs of neighbouring waves with a break between them."""
    return [(one, two) for one, two in pairwise(waves) if two.is_break]
