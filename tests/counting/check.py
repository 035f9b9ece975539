"""An independent count by plain Python loops, and a comparison."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from evaluation.coding.data import Categorical


def places(variable, i: int) -> list[int]:
    """Positions of respondent i: categories, then item non-response, not asked, invalid."""
    size = len(variable.categories)
    if isinstance(variable, Categorical):
        code = int(variable.codes[i])
        return [code] if code >= 0 else [size - 1 - code]
    state = int(variable.state[i])
    if state < 0:
        return [size - 1 - state]
    return [o for o in range(size) if variable.selected[i, o]]


def answered(variable, i: int) -> bool:
    state = variable.codes if isinstance(variable, Categorical) else variable.state
    return bool(state[i] >= 0)


def naive(data, request, mask=None):
    """Return n, wn, base_n, base_wn, base_w2, summed as exact fractions."""
    row = data.variables[request.rows]
    column = data.variables[request.columns] if request.columns else None
    shape = (len(row.categories) + 3, len(column.categories) + 3 if column else 1)
    n, wn = np.zeros(shape, np.int64), np.full(shape, Fraction(0), object)
    base_n, base_wn = np.zeros(shape[1], np.int64), np.full(shape[1], Fraction(0), object)
    base_w2 = base_wn.copy()
    for i in range(data.n):
        if mask is not None and not mask[i]:
            continue
        weight = Fraction(1)
        if request.weight:
            w = data.variables[request.weight]
            weight = Fraction(0) if w.state[i] < 0 else Fraction(float(w.values[i]))
        for c in places(column, i) if column else [0]:
            for r in places(row, i):
                n[r, c] += 1
                wn[r, c] += weight
            if answered(row, i):
                base_n[c] += 1
                base_wn[c] += weight
                base_w2[c] += weight * weight
    floats = [a.astype(float) for a in (wn, base_wn, base_w2)]
    return n, floats[0], base_n, floats[1], floats[2]


def assert_equal(found, expected, rtol: float = 1e-12) -> None:
    """Compare two lists of Counts: n to the last bit, weighted to rtol (0: to the last bit)."""
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        assert a.request == b.request
        for name in ("n", "base_n"):
            x, y = getattr(a, name), getattr(b, name)
            assert x.dtype == y.dtype == np.int64
            np.testing.assert_array_equal(x, y, err_msg=f"{name} {a.request}")
        for name in ("wn", "base_wn", "base_w2"):
            x, y = getattr(a, name), getattr(b, name)
            assert x.dtype == y.dtype == np.float64
            np.testing.assert_allclose(x, y, rtol=rtol, atol=0, err_msg=f"{name} {a.request}")
