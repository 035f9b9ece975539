"""Many large tables, few small counts: the search looks near these alone, and is as safe."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.bench_tables import write_study
from benchmarks.make_data import Shape, make
from evaluation.codebook.schema import Protection
from evaluation.pipeline.load import load_study
from evaluation.pipeline.tabulate import tabulate
from evaluation.protection import apart, audit_screen, narrow, near, rounds
from evaluation.protection.attack import Attacker
from evaluation.protection.cuts import Demand
from evaluation.protection.links import links_from_codebooks
from evaluation.protection.methods import suppress as method
from evaluation.protection.methods.interface import Surroundings
from evaluation.protection.protect import protect
from evaluation.protection.rules import Rules
from evaluation.protection.search import _Search, search
from evaluation.tables.request import make_spec
from evaluation.tables.spec import Margin
from tests.protection.drawn import World, draw
from tests.protection.drawn import release as drawn_release
from tests.protection.reader import read_rows
from tests.protection.test_attack import QUICK, small_shown
from tests.protection.test_attack import narrow as too_narrow

SHAPE = Shape(6000, singles=12, multiples=2, options=4, backgrounds=4)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("narrow") / "study"
    write_study(make(SHAPE), folder)
    found, _ = load_study(folder)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def given(loaded):
    """Tables of some questions by some backgrounds, two of them with categories of few."""
    shape, books = SHAPE, loaded.folder.codebooks
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

    def kept(task, tables_of, **more):
        found = real(task, tables_of, **more)
        seen.append((task, found, tables_of))
        return found

    monkeypatch.setattr(narrow, "WORTH_NARROWING", 0)
    monkeypatch.setattr(method, "narrowed", kept)
    release = protect(tables, Protection(method="suppress", time_limit=2), links=links)
    assert not release.leaks
    task, close, tables_of = seen[0]
    assert close is not None
    assert len(close.columns) < len(task.system.events) / 2
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

    def kept(task, tables_of, **_):
        tasks.append((task, tables_of))
        raise EnoughError

    monkeypatch.setattr(method, "narrowed", kept)
    with pytest.raises(EnoughError):
        protect(tables, Protection(method="suppress", minimum_count=900), links=links)
    assert narrow.narrowed(*tasks[0]) is None


def test_little_of_a_large_release_is_looked_at_and_it_is_as_safe(given, monkeypatch):
    tables, links = given
    policy = Protection(method="suppress", time_limit=2)
    monkeypatch.setattr(narrow, "WORTH_NARROWING", 0)
    whole = protect(tables, policy, links=links)
    monkeypatch.setattr(near, "WORTH_CHOOSING", 0)
    monkeypatch.setattr(near, "LARGEST_SHARE", 1.0)
    monkeypatch.setattr(audit_screen, "WORTH_SCREENING", 10**9)  # every table is attacked
    monkeypatch.setattr(rounds._Rounds, "run", lambda _: pytest.fail("not safe"))
    looked_at = []
    real = method.near_tables

    def kept(*given):
        looked_at.append(real(*given))
        return looked_at[-1]

    monkeypatch.setattr(method, "near_tables", kept)
    release = protect(tables, policy, links=links)
    assert not release.leaks
    columns = looked_at[0].columns
    n_whole = sum(len(own) == len(tables[number].columns) for number, own in columns.items())
    assert n_whole < len(tables) / 4
    hiding = {n for n, table in enumerate(tables) if near.may_hide(table, Rules(policy, links))}
    told = {tables[n].spec.by for n, own in columns.items() if n not in hiding and len(own) > 1}
    assert told == {tables[n].spec.by for n in hiding}  # how many there are in each column
    assert release.n_cells == whole.n_cells
    assert 0 < release.n_hidden <= whole.n_hidden
    assert {d.table for d in release.internal_log if d.reason == "small"} == {
        d.table for d in whole.internal_log if d.reason == "small"
    }
    pairs = list(zip(release.tables, whole.tables, strict=True))
    assert sum(one == other for one, other in pairs) > len(tables) / 2
    assert all(one == other for one, other in pairs if not one.n_hidden and not other.n_hidden)


def test_where_looking_at_little_is_not_enough_the_whole_is_searched(given, monkeypatch):
    tables, links = given
    monkeypatch.setattr(near, "WORTH_CHOOSING", 0)
    monkeypatch.setattr(near, "LARGEST_SHARE", 1.0)
    monkeypatch.setattr(narrow, "WORTH_NARROWING", 0)
    real, found = rounds.method.suppress_near, []

    def of_forced_alone(task):
        return _Search(task).outcome(task.forced, 0.0)

    def careless(*given):
        with monkeypatch.context() as context:
            context.setattr(method, "search_apart", of_forced_alone)
            found.append(real(*given))
        return found[-1]

    monkeypatch.setattr(rounds.method, "suppress_near", careless)
    release = protect(tables, Protection(method="suppress", time_limit=2), links=links)
    assert rounds.audit_gate(found[0], Surroundings()).leaks
    assert not release.leaks
    assert release.n_hidden > found[0].n_hidden


@pytest.mark.parametrize("seed", [0])
def test_filters_margins_and_banners_near_what_must_be_hidden_are_looked_at(
    loaded, monkeypatch, seed
):
    rng, books = np.random.default_rng(seed), loaded.folder.codebooks
    background = list(SHAPE.background)
    specs = []
    for _ in range(60):
        row = str(rng.choice(list(SHAPE.questions) if rng.random() < 0.85 else background))
        others = [name for name in background if name != row]
        by = tuple(rng.choice(others, int(rng.choice([0, 1, 1, 1, 2])), replace=False).tolist())
        name = str(rng.choice([other for other in (*others, "q01") if other not in (row, *by)]))
        sign = str(rng.choice(["==", "!="]))
        where = f'{name} {sign} "1"' if rng.random() < 0.15 else ""
        spec = make_spec(f"s.{row}", study=loaded.folder.study, codebooks=books, by=by, where=where)
        specs.append(replace(spec, margin=Margin.EVERYONE) if rng.random() < 0.3 else spec)
    tables = tabulate(loaded, list(dict.fromkeys(specs)))
    policy, links = Protection(method="suppress", time_limit=2), links_from_codebooks(books, {})
    monkeypatch.setattr(audit_screen, "WORTH_SCREENING", 10**9)  # every table is attacked
    whole = protect(tables, policy, links=links)
    monkeypatch.setattr(near, "WORTH_CHOOSING", 0)
    monkeypatch.setattr(near, "LARGEST_SHARE", 1.0)
    monkeypatch.setattr(rounds._Rounds, "run", lambda _: pytest.fail("not safe"))
    release = protect(tables, policy, links=links)
    assert not release.leaks
    assert release.n_cells == whole.n_cells
    assert 0 < release.cost <= 1.1 * whole.cost


@pytest.mark.parametrize("seed", [7, 11])
def test_what_is_sought_apart_withstands_the_attacker(tmp_path, monkeypatch, seed):
    monkeypatch.setattr(near, "WORTH_CHOOSING", 0)
    monkeypatch.setattr(near, "LARGEST_SHARE", 1.0)
    outcomes = []

    def kept(task):
        outcomes.append((task, apart.search_apart(task), search(task)))
        return outcomes[-1][1]

    monkeypatch.setattr(method, "search_apart", kept)
    people = draw(seed, 120)
    rows = read_rows(drawn_release(tmp_path, people, World(policy=QUICK)))
    assert any(row["n"] for row in rows)
    assert not small_shown(rows)
    assert not too_narrow(rows, people)
    task, found, sought = outcomes[0]
    required = {k: width for k, width in task.required.items() if k not in found.limited}
    asked = Demand(required, task.forced)
    assert Attacker(task.system, task.knowledge).is_safe(found.hidden, asked)
    assert found.cost <= sought.cost
    assert found.limited or found.bound <= min(found.cost, sought.cost)
