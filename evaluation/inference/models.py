"""Logistic regression from a short declaration: odds ratios with intervals, and what spoils them.

Maximum likelihood, weighted where there are weights; standard errors are the
model's own, robust for clusters, or those of the sampling design, as R's
``glm`` and ``survey::svyglm`` give them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from evaluation.inference.design import Design, covariance, degrees_of_freedom
from evaluation.inference.distributions import t_quantile, t_two_sided
from evaluation.inference.logit import LogitFit, fit_logit
from evaluation.inference.separation import collinear_columns, separated_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

SMALL_CELL: Final = 5
"""A category with fewer respondents on either side of the outcome than this is flagged."""

EVENTS_PER_TERM: Final = 10
"""Fewer events (or non-events) per coefficient than this is flagged (Peduzzi et al. 1996)."""

INTERCEPT: Final = "(intercept)"


@dataclass(frozen=True, slots=True)
class Predictor:
    """An explanatory variable.

    Attributes
    ----------
    name
        Identifier.
    values
        1-D, one per respondent: a category 0, 1, 2 … (negative where missing)
        or, where ``levels`` is empty, a number (NaN where missing).
    levels
        Codes of the categories; empty for a number.
    reference
        Position of the category that the others are compared with.
    """

    name: str
    values: NDArray[np.generic]
    levels: tuple[str, ...] = ()
    reference: int = 0


@dataclass(frozen=True, slots=True)
class Term:
    """One row of the table of odds ratios.

    Attributes
    ----------
    name, level
        Predictor, and category ("" for a number and the intercept).
    n, n_events
        Respondents in the category, and those with the outcome; all used for a number.
    is_reference
        The category compared with: odds ratio 1, no error.
    coefficient, se, statistic, p
        On the logit scale; z where ``df`` is infinite, else t. None for the
        reference, and where nothing could be fitted.
    odds_ratio, low, high
        ``exp`` of the coefficient and of its Wald limits.
    """

    name: str
    level: str
    n: int
    n_events: int
    is_reference: bool = False
    coefficient: float | None = None
    se: float | None = None
    statistic: float | None = None
    p: float | None = None
    odds_ratio: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class LogisticModel:
    """A fitted model, or why there is none.

    Attributes
    ----------
    terms
        Intercept first, then the predictors' terms in order, references included.
    n_used, n_dropped, n_events
        Respondents in the model, left out for a missing value, with the outcome.
    dropped_by
        Variable -> respondents who lack it (one may lack several).
    errors
        ``model``, ``cluster`` or ``survey``: what the standard errors are.
    df
        Degrees of freedom of the t statistics; infinite for ``model``.
    log_likelihood, null_log_likelihood
        Of the model and of the intercept alone; pseudo (weighted) with weights.
    warnings
        Keys: ``separation``, ``collinear``, ``small-cells``, ``few-events``,
        ``empty-category``, ``no-variation``, ``no-answers``, ``not-converged``,
        ``few-clusters``.
    culprits
        Terms (``name`` or ``name=level``) that separation, collinearity or
        small cells are about.
    """

    terms: tuple[Term, ...]
    n_used: int
    n_dropped: int
    n_events: int
    dropped_by: dict[str, int]
    errors: str
    df: float
    log_likelihood: float | None = None
    null_log_likelihood: float | None = None
    warnings: tuple[str, ...] = ()
    culprits: tuple[str, ...] = ()

    @property
    def is_fitted(self) -> bool:
        """Whether there are coefficients."""
        return self.log_likelihood is not None

    @property
    def pseudo_r2(self) -> float | None:
        """McFadden's pseudo R²; None where nothing was fitted."""
        if self.log_likelihood is None or not self.null_log_likelihood:
            return None
        return 1 - self.log_likelihood / self.null_log_likelihood


def logistic(
    outcome: ArrayLike,
    predictors: Sequence[Predictor],
    *,
    clusters: NDArray[np.generic] | None = None,
    design: Design | None = None,
    level: float = 0.95,
) -> LogisticModel:
    """Fit a logistic regression.

    Parameters
    ----------
    outcome
        1-D: 1 for the event, 0 for not, NaN where missing.
    predictors
        In the order of the table.
    clusters
        Units that respondents belong to: cluster-robust errors, those of
        ``svyglm`` with ``id = ~cluster`` and equal weights, that is the
        sandwich with ``G / (G - 1)`` (``sandwich::vcovCL`` of a glm; Stata's
        ``vce(cluster)``), with t on ``G - k`` degrees of freedom.
    design
        Weights, strata and clusters: errors of
        ``svyglm(…, family = quasibinomial)``. Not together with ``clusters``.
    level
        Confidence.

    Raises
    ------
    ValueError
        If both clusters and a design are given.

    Notes
    -----
    Without either: R's ``glm(…, family = binomial)`` with Wald limits,
    ``confint.default``. Where the outcome is separated (a combination of
    predictors tells it perfectly for some respondents) the likelihood has no
    maximum; nothing is fitted then, and ``culprits`` names the terms.
    """
    if clusters is not None and design is not None:
        msg = "give clusters or a design, not both"
        raise ValueError(msg)
    y = np.asarray(outcome, dtype=np.float64)
    errors = "survey" if design is not None else "cluster" if clusters is not None else "model"
    sample = design or Design(np.ones(len(y)), clusters=clusters)
    missing = _missing(y, predictors)
    used = ~np.logical_or.reduce(list(missing.values())) & (sample.weights > 0)
    rows = _Rows(y, used, tuple(predictors))
    setup = _Setup(
        rows, sample, errors, level,
        {name: int(flag.sum()) for name, flag in missing.items() if flag.any()},
    )  # fmt: skip
    return setup.fit()


def _missing(y: Floats, predictors: Sequence[Predictor]) -> dict[str, Bools]:
    flags = {"": np.isnan(y)}
    for predictor in predictors:
        values = np.asarray(predictor.values)
        flags[predictor.name] = values < 0 if predictor.levels else np.isnan(values.astype(float))
    if not np.isin(y[~flags[""]], (0.0, 1.0)).all():
        msg = "the outcome must be 0, 1 or NaN"
        raise ValueError(msg)
    return flags


@dataclass(frozen=True, slots=True)
class _Rows:
    """The outcome, who is used, and the columns of the model."""

    y: Floats
    used: Bools
    predictors: tuple[Predictor, ...]

    def terms(self) -> list[Term]:
        """All terms with their counts, nothing fitted."""
        y = self.y[self.used]
        terms = [Term(INTERCEPT, "", len(y), int(y.sum()))]
        for predictor in self.predictors:
            if not predictor.levels:
                terms.append(Term(predictor.name, "", len(y), int(y.sum())))
                continue
            codes = np.asarray(predictor.values)[self.used]
            for position, level in enumerate(predictor.levels):
                chosen = codes == position
                is_reference = position == predictor.reference
                n, events = int(chosen.sum()), int(y[chosen].sum())
                terms.append(Term(predictor.name, level, n, events, is_reference))
        return terms

    def column(self, term: Term) -> Floats:
        """The column of a term, one entry per respondent used."""
        if term.name == INTERCEPT:
            return np.ones(int(self.used.sum()))
        predictor = next(p for p in self.predictors if p.name == term.name)
        values = np.asarray(predictor.values)[self.used]
        if not predictor.levels:
            return values.astype(np.float64)
        return np.asarray(values == predictor.levels.index(term.level), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Setup:
    rows: _Rows
    design: Design
    errors: str
    level: float
    dropped_by: dict[str, int]

    def fit(self) -> LogisticModel:
        terms = self.rows.terms()
        y = self.rows.y[self.rows.used]
        if len(y) == 0 or y.min() == y.max():
            return self._model(terms, ("no-answers" if len(y) == 0 else "no-variation",))
        keys, culprits = _cautions(terms, len(y), int(y.sum()))
        active = [i for i, t in enumerate(terms) if not t.is_reference and t.n > 0]
        x = np.column_stack([self.rows.column(terms[i]) for i in active])
        names = [_label(terms[i]) for i in active]
        tied = collinear_columns(x)
        if tied:
            return self._model(terms, (*keys, "collinear"), tuple(names[j] for j in tied))
        apart = separated_columns(x, y)
        if apart:
            return self._model(terms, (*keys, "separation"), tuple(names[j] for j in apart))
        return self._fitted(terms, active, x, y, keys, culprits)

    def _fitted(
        self,
        terms: list[Term],
        active: list[int],
        x: Floats,
        y: Floats,
        keys: tuple[str, ...],
        culprits: tuple[str, ...],
    ) -> LogisticModel:
        w = self.design.weights[self.rows.used]
        w = w / w.mean()
        fit = fit_logit(x, y, w)
        beta = fit.coefficients
        spread = self._covariance(x, y, fit)
        df = math.inf
        if self.errors != "model":
            df = degrees_of_freedom(self.design, self.rows.used) + 1 - x.shape[1]
        if not fit.is_converged:
            keys = (*keys, "not-converged")
        if spread is None or df <= 0:
            keys, spread = (*keys, "few-clusters"), None
        for j, i in enumerate(active):
            variance = None if spread is None else float(spread[j, j])
            terms[i] = _with_estimate(terms[i], float(beta[j]), variance, df, self.level)
        for i, term in enumerate(terms):
            if term.is_reference:
                terms[i] = _reference(term)
        share = float(w @ y / w.sum())
        null = float(w.sum() * (share * math.log(share) + (1 - share) * math.log(1 - share)))
        likelihood = _log_likelihood(x @ beta, y, w)
        return self._model(terms, keys, culprits, df, likelihood, null)

    def _covariance(self, x: Floats, y: Floats, fit: LogitFit) -> Floats | None:
        """Inverse information, or the sandwich of the design's linearised scores."""
        if self.errors == "model":
            return fit.inverse_information
        residuals = (y - fit.share) / (fit.share * (1 - fit.share))
        scores = np.zeros((self.design.n, x.shape[1]))
        scores[self.rows.used] = (
            x * (residuals * fit.working_weights)[:, np.newaxis]
        ) @ fit.inverse_information
        return covariance(self.design, scores)

    def _model(
        self,
        terms: list[Term],
        keys: tuple[str, ...],
        culprits: tuple[str, ...] = (),
        df: float = math.inf,
        likelihood: float | None = None,
        null: float | None = None,
    ) -> LogisticModel:
        used = self.rows.used
        return LogisticModel(
            tuple(terms), int(used.sum()), int((~used).sum()), int(self.rows.y[used].sum()),
            self.dropped_by, self.errors, df, likelihood, null, keys, culprits,
        )  # fmt: skip


# --- parts ---------------------------------------------------------------------------------


def _log_likelihood(eta: Floats, y: Floats, w: Floats) -> float:
    return float(w @ (y * eta - np.logaddexp(0.0, eta)))


def _label(term: Term) -> str:
    return f"{term.name}={term.level}" if term.level else term.name


def terms_behind(model: LogisticModel, warning: str) -> tuple[str, ...]:
    """Return the terms that one warning of a model is about, never the intercept."""
    levels = [t for t in model.terms if t.level]
    if warning == "empty-category":
        return tuple(_label(t) for t in levels if t.n == 0)
    if warning == "small-cells":
        return tuple(_label(t) for t in levels if _is_small(t))
    return tuple(term for term in model.culprits if term != INTERCEPT)


def _is_small(term: Term) -> bool:
    return term.n > 0 and min(term.n_events, term.n - term.n_events) < SMALL_CELL


def _cautions(terms: list[Term], n: int, n_events: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a reader must know of the counts behind the coefficients."""
    levels = [t for t in terms if t.level]
    empty = [t for t in levels if t.n == 0]
    small = [t for t in levels if _is_small(t)]
    n_slopes = sum(not t.is_reference and t.n > 0 for t in terms) - 1
    keys = []
    if empty:
        keys.append("empty-category")
    if small:
        keys.append("small-cells")
    if n_slopes and min(n_events, n - n_events) < EVENTS_PER_TERM * n_slopes:
        keys.append("few-events")
    return tuple(keys), tuple(_label(t) for t in (*empty, *small))


def _with_estimate(
    term: Term, beta: float, variance: float | None, df: float, level: float
) -> Term:
    odds_ratio = math.exp(beta)
    counts = (term.name, term.level, term.n, term.n_events, False)
    if variance is None or variance <= 0:
        return Term(*counts, coefficient=beta, odds_ratio=odds_ratio)
    se = math.sqrt(variance)
    half = float(t_quantile(0.5 + level / 2, df)) * se
    return Term(
        *counts, beta, se, beta / se, float(t_two_sided(beta / se, df)),
        odds_ratio, math.exp(beta - half), math.exp(beta + half),
    )  # fmt: skip


def _reference(term: Term) -> Term:
    return Term(term.name, term.level, term.n, term.n_events, True, coefficient=0.0, odds_ratio=1.0)
