"""Many large tables, few small counts: the search looks near these alone, and is as safe."""

from __future__ import annotations

import pytest

from benchmarks.bench_tables import write_study
from benchmarks.make_data import Shape, make
from evaluation.codebook.schema import Protection
from evaluation.pipeline.load import load_study
from evaluation.pipeline.tabulate import tabulate
from evaluation.protection import narrow
from evaluation.protection.attack import Attacker
from evaluation.protection.cuts import Demand
from evaluation.protection.links import links_from_codebooks
from evaluation.protection.methods import suppress as method
from evaluation.protection.protect import protect
from evaluation.tables.request import make_spec


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Tables of some questions by some backgrounds, two of them with categories of few."""
    shape = Shape(6000, singles=12, multiples=2, options=4, backgrounds=4)
    folder = tmp_path_factory.mktemp("narrow") / "study"
    write_study(make(shape), folder)
    loaded, _ = load_study(folder)
    assert loaded is not None
    books = loaded.folder.codebooks
    specs = [
        make_spec(f"s.{row}", study=loaded.folder.study, codebooks=books, by=(column,))
        for row in shape.questions
        for column in shape.background
    ]
    return tabulate(loaded, specs), links_from_codebooks(books, {})


def test_what_is_hidden_near_by_is_safe_in_the_whole(given, monkeypatch):
    tables, links = given
    seen = []
    real = narrow.narrowed

    def kept(task, tables_of):
        near = real(task, tables_of)
        seen.append((task, near, tables_of))
        return near

    monkeypatch.setattr(narrow, "WORTH_NARROWING", 0)
    monkeypatch.setattr(method, "narrowed", kept)
    release = protect(tables, Protection(method="suppress", time_limit=2), links=links)
    assert not release.leaks
    task, near, tables_of = seen[0]
    assert near is not None
    assert len(near.columns) < len(task.system.events) / 2
    assert 0 < task.forced.sum() < release.n_hidden
    found = method._sought(task, tables_of)
    asked = Demand(task.required, task.forced)
    assert Attacker(task.system, task.knowledge).is_safe(found.hidden, asked)
    assert not Attacker(task.system, task.knowledge).is_safe(task.forced, asked)


def test_where_everything_is_small_everything_is_searched(given, monkeypatch):
    tables, links = given
    monkeypatch.setattr(narrow, "WORTH_NARROWING", 0)
    tasks = []

    class EnoughError(Exception):
        """The task is stated; what follows is tested elsewhere."""

    def kept(task, tables_of):
        tasks.append((task, tables_of))
        raise EnoughError

    monkeypatch.setattr(method, "narrowed", kept)
    with pytest.raises(EnoughError):
        protect(tables, Protection(method="suppress", minimum_count=900), links=links)
    assert narrow.narrowed(*tasks[0]) is None
