"""The fit of a logistic regression: iteratively reweighted least squares, step by step as R's.

Own code instead of a library's so that the weighted fit, and with it the
standard errors of a sampling design, stop where R's ``glm`` stops and agree
with it in the last printed digits; the tests hold it against statsmodels too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

EPSILON: Final = 1e-8
MAX_ROUNDS: Final = 25
"""``glm.control(epsilon = 1e-8, maxit = 25)``."""


@dataclass(frozen=True, slots=True)
class LogitFit:
    """A fit.

    Attributes
    ----------
    coefficients
        1-D of length k.
    share
        1-D of length n: fitted probabilities.
    working_weights
        1-D of length n: ``w p (1 - p)`` of the last round, which R's standard
        errors rest on.
    inverse_information
        k × k: inverse of ``X' diag(working_weights) X``.
    is_converged
        Whether the deviance settled within the rounds.
    """

    coefficients: Floats
    share: Floats
    working_weights: Floats
    inverse_information: Floats
    is_converged: bool


def fit_logit(x: Floats, y: Floats, w: Floats) -> LogitFit:
    """Fit n × k columns (of full rank, not separated) to 0/1 with prior weights.

    R: ``glm.fit(x, y, weights = w, family = quasibinomial())``.
    """
    share = (w * y + 0.5) / (w + 1)
    eta = np.log(share / (1 - share))
    deviance = _deviance(y, share, w)
    for _ in range(MAX_ROUNDS):
        slope = share * (1 - share)
        working = w * slope
        target = eta + (y - share) / slope
        root = np.sqrt(working)
        q, r = np.linalg.qr(x * root[:, np.newaxis])
        beta = np.linalg.solve(r, q.T @ (target * root))
        eta = x @ beta
        share = _expit(eta)
        before, deviance = deviance, _deviance(y, share, w)
        if abs(deviance - before) / (abs(deviance) + 0.1) < EPSILON:
            is_converged = True
            break
    else:
        is_converged = False
    inverse = np.linalg.inv(r)
    return LogitFit(beta, share, working, inverse @ inverse.T, is_converged)


def _expit(eta: Floats) -> Floats:
    """Logistic function, kept off 0 and 1 as R keeps it."""
    tiny = np.finfo(np.float64).eps
    return np.clip(0.5 * (1 + np.tanh(eta / 2)), tiny, 1 - tiny)


def _deviance(y: Floats, share: Floats, w: Floats) -> float:
    return float(-2 * (w @ np.log(np.where(y == 1, share, 1 - share))))
