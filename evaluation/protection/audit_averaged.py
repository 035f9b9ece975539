"""How near the best estimate from all changed counts together comes to the true ones.

A group that is cut in many ways is counted many times, each time with another
change, and the mean of the counts is nearer the truth than any of them. The
best such mean is a least squares estimate over everything that must add up;
its error is that of one count, divided by the root of how many readings of
the count the release gives in effect. Every print is taken for a reading of its
own. Prints of the same persons are not, they carry the same change; so the error
is the least that can be, and the chance to hit the truth the greatest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.protection.audit_changed import ROUND, loosened, systems

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evaluation.protection.audit import AuditPolicy
    from evaluation.protection.audit_cells import Key, Published, Reading
    from evaluation.protection.audit_changed import Loosened
    from evaluation.protection.audit_equations import Equations

    Floats = NDArray[np.float64]

LARGEST = 3000
"""Sums, or counts, of a part above which it is not looked at."""
UNKNOWN = 1e4
"""Variance of what is not printed, in variances of a change: as good as nothing is known of it."""
SLIGHT = 1e-7
"""Slack of sums, in variances of a change, so that those that follow from others do no harm."""


@dataclass(frozen=True, slots=True)
class Averaged:
    """What averaging tells of the count that it tells most of, among those that look small.

    Attributes
    ----------
    cell
        Where it stands.
    readings
        How many printed counts the best estimate is as good as.
    error
        Its standard error.
    chance
        That the whole number nearest to the estimate is the true count.
    n_looked
        Counts that look small.
    is_whole
        Whether all of the release was looked at.
    """

    cell: Published | None
    readings: float = 1.0
    error: float = math.inf
    chance: float = 0.0
    n_looked: int = 0
    is_whole: bool = True


def variance(policy: AuditPolicy) -> float:
    """Return the variance of a change: of noise as documented, of rounding by all remainders."""
    if policy.method == ROUND:
        return (policy.rounding_base**2 - 1) / 6
    return policy.threshold / 2


def averaged(reading: Reading, policy: AuditPolicy) -> Averaged:
    """Find the small count that comes nearest by averaging.

    Parameters
    ----------
    reading
        A release of changed counts, as read by ``audit_changed``.
    policy
        Its rules.
    """
    known = loosened(reading, policy)
    prints = {cell.key: cell.n for cell in reading.cells if cell.n is not None}
    shares: dict[Key, float] = {}
    cells: dict[Key, Published] = {}
    is_whole = True
    for equations in systems(known, policy):
        keys = [key for key in equations.hidden if key in known.ends]
        found = _shares(equations, known, prints)
        is_whole = is_whole and found is not None
        for key in keys if found is not None else ():
            share, estimate = found[key] if found and key in found else (1.0, 0.0)
            cell = equations.hidden[key]
            if not cell.is_missing and policy.minds(cell) and 0.5 < estimate < policy.threshold:
                shares[key] = min(share, shares.get(key, 1.0))
                cells[key] = cell
    if not shares:
        return Averaged(None, is_whole=is_whole)
    least = min(shares, key=lambda key: (shares[key], key[0], sorted(key[1])))
    share = max(shares[least], 1e-9)
    error = math.sqrt(variance(policy) * share)
    chance = math.erf(0.5 / error / math.sqrt(2))
    return Averaged(cells[least], 1 / share, error, chance, len(shares), is_whole)


def _shares(
    equations: Equations, known: Loosened, prints: dict[Key, int]
) -> dict[Key, tuple[float, float]] | None:
    """Return for each print what share of its variance is left, and the best estimate.

    With variances D and sums E x = 0, that of the estimate is D - D E'(E D E')^-1 E D.
    """
    from scipy.linalg import cho_factor, cho_solve
    from scipy.sparse import csc_matrix

    place: dict[Key, int] = {}
    listed = equations.equations
    entries = [
        (number, place.setdefault(key, len(place)), by)
        for number, equation in enumerate(listed)
        for key, by in equation.items()
    ]
    if not entries or len(listed) > LARGEST:
        return None if entries else {}
    rows, columns, values = zip(*entries, strict=True)
    sums = csc_matrix((values, (rows, columns)), shape=(len(listed), len(place)))
    spread = np.array(
        [0.0 if k in equations.values else 1.0 if k in known.ends else UNKNOWN for k in place]
    )
    first = np.array([float(equations.values.get(k, prints.get(k, 0))) for k in place])
    first[[i for k, i in place.items() if k not in equations.values and k not in known.ends]] = 0.0
    scaled = sums.multiply(spread).tocsc()
    within = (scaled @ sums.T).toarray()
    within[np.diag_indices_from(within)] += SLIGHT * max(1.0, float(within.max()))
    factor = cho_factor(within)
    moved: Floats = first - scaled.T @ cho_solve(factor, sums @ first)
    own = [(key, place[key]) for key in known.ends if key in place]
    block = scaled[:, [i for _, i in own]].toarray()
    told = np.einsum("ij,ij->j", block, cho_solve(factor, block))
    return {
        key: (float(max(0.0, 1.0 - less)), float(moved[i]))
        for (key, i), less in zip(own, told, strict=True)
    }
