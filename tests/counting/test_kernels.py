"""The kernels against each other, to the last bit, and the choice between them."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.counting import chunks, kernels
from evaluation.counting.composites import COLUMN_VALUES, ROW_VALUES, WIDEST, Plan
from evaluation.counting.count import count
from evaluation.counting.kernels import Work, cheapest, plain_cost
from evaluation.counting.spec import CountRequest
from tests.counting.check import assert_equal
from tests.counting.make import (
    multiple,
    number,
    random_survey,
    single,
    survey,
    surveys,
    variable_names,
)
from tests.counting.test_count import FAST, every_request


@pytest.mark.parametrize("kernel", FAST)
@given(surveys(max_n=300), st.integers(1, 400))
@settings(max_examples=8, deadline=None)
def test_equal_to_the_plain_kernel_to_the_last_bit(kernel, data, size):
    """Also where respondents come in chunks of any size."""
    mask = np.random.default_rng(size).random(data.n) < 0.5
    requests = every_request(data, ("", "half"))
    plain = count(data, requests, {"half": mask}, kernel="plain")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "CHUNK", size)
        for one in (kernel, "plain"):
            assert_equal(count(data, requests, {"half": mask}, kernel=one), plain, rtol=0)


@pytest.mark.parametrize("kernel", FAST)
def test_many_variables_and_wide_ones(kernel):
    """Composites fill up; some variables stand alone, others are too wide to pack."""
    rng = np.random.default_rng(6)
    n = 2000
    sizes = [1, 2, 347, 348, 63, 64, WIDEST - 3, WIDEST + 40, *range(2, 30)]
    wide = [single(f"s{i}", rng.integers(-3, size, n), size) for i, size in enumerate(sizes)]
    many = [
        multiple(f"m{size}", rng.random((n, size)) < 0.3, np.zeros(n)) for size in (1, 7, 8, 9, 24)
    ]
    data = survey(n, *wide, *many, number("w", rng.random(n) * 1e3 - 200))
    names = variable_names(data)
    pairs = [(a, b) for a in names for b in ["", *names[:12], *names[-5:]]][::4]
    pairs += [("s6", "s7"), ("s7", "s6"), ("s6", "s5"), ("m24", "m24"), ("m9", "s6")]
    requests = [CountRequest(a, b, weight="w") for a, b in pairs]
    assert_equal(
        count(data, requests, kernel=kernel), count(data, requests, kernel="plain"), rtol=0
    )


def test_composites_stay_small():
    data = random_survey(7, 100, singles=(5,) * 30, multiples=(8,) * 4)
    names = variable_names(data)
    variables = {name: data.variables[name] for name in names}
    lowest = {name: chunks.lowest_code(v) for name, v in variables.items()}
    pairs = [(a, b) for a in names for b in names]
    plan = Plan(variables, lowest, pairs, weighted=True)
    assert max(c.size for c in plan.rows) <= ROW_VALUES
    assert max(c.size for c in plan.columns) <= COLUMN_VALUES
    assert len(plan.passes) < len(pairs) / 2


@pytest.mark.parametrize("kernel", FAST)
def test_the_number_of_threads_changes_nothing(kernel):
    data = random_survey(8, 5000, singles=(5,) * 12)
    requests = every_request(data, weights=("w",))
    first = count(data, requests, kernel=kernel, threads=1)
    for threads in (2, 3, 16):
        assert_equal(count(data, requests, kernel=kernel, threads=threads), first, rtol=0)


def test_weights_of_every_size_and_sign():
    rng = np.random.default_rng(9)
    n = 1000
    odd = [0.0, -0.0, 1e-300, 1e300, np.inf, np.nan, 5e-324, -7.25]
    for scale in (1e-200, 1e-9, 1.0, 1e9, 1e90):
        values = rng.normal(size=n) * scale
        for extra in ([], odd[:3], odd):
            values[: len(extra)] = extra
            data = survey(n, single("s", rng.integers(-1, 3, n), 3), number("w", values))
            request = [CountRequest("s", "s", weight="w")]
            (a,), (b,) = (count(data, request, kernel=k) for k in ("plain", "packed"))
            assert_equal([a], [b], rtol=0)
            assert np.isfinite(a.wn).all()


def work(n: int, n_pairs: int) -> Work:
    data = random_survey(10, 30, singles=(5,) * 60)
    names = [f"s{i}" for i in range(60)]
    variables = {name: data.variables[name] for name in names}
    pairs = [(a, b) for a in names for b in names if a != b][:n_pairs]
    return Work(n, variables, dict.fromkeys(names, -3), pairs, weighted=True)


def choice(of: Work) -> str:
    return cheapest(of, of.pairs, Plan(of.variables, of.lowest, of.pairs, weighted=True))


def test_the_choice_follows_the_work(monkeypatch):
    monkeypatch.setattr(kernels.importlib.util, "find_spec", lambda _: None)
    assert plain_cost(work(758, 40), work(758, 40).pairs) < kernels.NO_QUESTION
    assert choice(work(758, 1)) == "plain"
    assert choice(work(100_000, 3000)) == "packed"
    monkeypatch.setattr(kernels.importlib.util, "find_spec", lambda _: object())
    monkeypatch.setattr(kernels, "COMPILED_START", 1.2)
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    assert choice(work(2000, 100)) != "compiled"
    assert choice(work(10_000_000, 3000)) == "compiled"


def test_small_work_imports_no_numba():
    code = """
import sys
from tests.counting.make import random_survey
from evaluation.counting.count import count
from evaluation.counting.spec import CountRequest
data = random_survey(1, 758)
count(data, [CountRequest("s1", "s2", weight="w")] * 40)
heavy = {"numba", "pandas", "scipy", "pyarrow"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif("numba" in sys.modules, reason="numba is loaded")
def test_the_compiled_kernel_without_numba(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.delitem(sys.modules, "evaluation.counting.compiled", raising=False)
    data = random_survey(1, 20)
    with pytest.raises(ImportError):
        count(data, [CountRequest("s0")], kernel="compiled")
    assert count(data, [CountRequest("s0")])
