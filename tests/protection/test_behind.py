"""Statistics attacked: every table that agrees with the shown counts and gives what is printed.

Odds ratios, spreads of an index, tests and shares of an earlier survey are
functions of counts that no table may print. None may tell a small count to
less than the width that a hidden one is promised, where the tables do not.
"""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from evaluation.pipeline import beside
from evaluation.protection import emit
from evaluation.tables import design_limits
from evaluation.tables.analyses import model, scales
from tests.protection.behind import (
    agrees,
    chi_square,
    index_figures,
    logit_limits,
    narrowed,
    odds_ratios,
    tables_with,
)
from tests.protection.drawn import run
from tests.protection.pages import Printed, figure, printed_tables
from tests.protection.reader import read_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

LIMIT = WIDTH = 5
CODES = {
    "unit": ("u1", "u2", "u3"), "gender": ("w", "m"), "place": ("t", "l"),
    "q": ("1", "2"), "r": ("1", "2"),
}  # fmt: skip
CODEBOOK = """\
title: Enkät
questions:
  - {id: unit, text: Enhet, type: single, role: unit, options: {u1: Ett, u2: Två, u3: Tre}}
  - {id: gender, text: Kön, type: single, role: background, options: {w: Kvinna, m: Man}}
  - {id: place, text: Ort, type: single, role: background, options: {t: Stad, l: Land}}
  - {id: q, text: Har du utsatts?, type: single, ordered: true, options: {1: Ja, 2: Nej}}
  - {id: r, text: Är du rädd?, type: single, ordered: true, options: {1: Ja, 2: Nej}}
"""
CHAPTER = (
    '{{ table("b.q", by="gender") }}',
    '{{ table("b.q", by="unit", tests="pearson") }}',
    '{{ model_table("b.q", "Ja", ["gender", "place"]) }}',
    '{{ index_table(["b.q", "b.r"]) }}',
    '{{ index_table(["b.q", "b.r"], by="gender") }}',
)
Person = dict[str, str]


def draw(seed: int, n: int) -> list[Person]:
    """Return respondents: few men live in towns, and few who were exposed are not afraid."""
    rng = np.random.default_rng(seed)
    sizes, (women, town, exposed) = rng.dirichlet([2.0] * 3), rng.uniform(0.3, 0.7, 3)
    people = []
    for _ in range(n):
        is_woman, q = rng.random() < women, "1" if rng.random() < exposed else "2"
        people.append(
            {
                "unit": str(rng.choice(CODES["unit"], p=sizes)),
                "gender": "w" if is_woman else "m",
                "place": "t" if rng.random() < (town if is_woman else 0.15) else "l",
                "q": q,
                "r": "1" if rng.random() < (0.8 if q == "1" else 0.2) else "2",
            }
        )
    return people


def publish(
    folder: Path, chapter: Sequence[str], settings: str = "unit: unit", **surveys: list[Person]
) -> Path:
    """Write a study of some surveys and publish it; return the output folder."""
    study, said = folder / "study", []
    (study / "data").mkdir(parents=True)
    (study / "chapters").mkdir()
    for name, people in surveys.items():
        with (study / "data" / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*CODES], lineterminator="\n")
            writer.writeheader()
            writer.writerows(people)
        (study / f"{name}.yaml").write_text(CODEBOOK, encoding="utf-8")
        said.append(f"  {name}: {{title: {name}, data: data/{name}.csv, {settings}}}\n")
    (study / "study.yaml").write_text(
        f"title: Prov\npublisher: P\nyear: 2026\nlanguage: sv\nsurveys:\n{''.join(said)}"
        "protection: {method: suppress, time_limit: 2}\n",
        encoding="utf-8",
    )
    (study / "chapters" / "1.md").write_text("# R\n\n" + "\n\n".join(chapter), encoding="utf-8")
    run("report", study, "--to", "html,csv,json", "--out", folder / "out", "--quiet")
    return folder / "out"


def shown(rows: list[dict[str, str]], names: Sequence[str]) -> list[tuple[Any, int]]:
    """Return what the shown counts say of a table of some variables: mask and number."""
    found = []
    for row in rows:
        places = [(row["row_var"], row["row_code"]), (row["col_var"], row["col_code"])]
        places = [(name, code) for name, code in places if name and code != "total"]
        is_about = {row["row_var"], row["col_var"]} - {""} <= {*names} and not row["where"]
        if row["n"] and is_about and all(code in CODES[name] for name, code in places):
            at: list[Any] = [slice(None)] * len(names)
            for name, code in places:
                at[names.index(name)] = CODES[name].index(code)
            mask = np.zeros([len(CODES[name]) for name in names], dtype=bool)
            mask[tuple(at)] = True
            found.append((mask, int(row["n"])))
    return found


def counted(people: list[Person], names: Sequence[str]) -> NDArray[np.float64]:
    truth = np.zeros([len(CODES[name]) for name in names])
    for person in people:
        truth[tuple(CODES[name].index(person[name]) for name in names)] += 1
    return truth


def told_by_pages(out: Path, people: list[Person]) -> list[tuple[str, Any]]:
    """Return the small counts that models and indexes of a page tell."""
    rows, found = read_rows(out), []
    for table in printed_tables(out / "report.html"):
        if table.caption.partition(". ")[2].startswith("Oddskvoter") and len(table.lines) > 2:
            found += [("model", one) for one in told_by_model(table, rows, people)]
        elif "Index" in table.caption and len(table.lines[0]) > 2:
            for line in table.lines[1:]:
                found += [(line[0], one) for one in told_by_index(line, rows, people)]
    return found


def told_by_model(
    table: Printed, rows: list[dict[str, str]], people: list[Person]
) -> list[tuple[Any, ...]]:
    """The page says how many were women, and lived in towns, and prints two odds ratios."""
    names = ("q", "gender", "place")
    tables = tables_with((2, 2, 2), shown(rows, names))
    ratios, keeps = odds_ratios(tables), np.ones(len(tables), dtype=bool)
    for predictor, line in enumerate((table.lines[2], table.lines[4])):
        for k in range(3):
            keeps &= agrees(ratios[:, predictor, k], figure(line[2 + k]), 2)
    truth = counted(people, names).sum(axis=0)
    return list(narrowed(tables.sum(axis=1), keeps, truth, LIMIT, WIDTH))


def told_by_index(
    line: list[str], rows: list[dict[str, str]], people: list[Person]
) -> list[tuple[Any, ...]]:
    group = {"Kvinna": 0, "Man": 1}.get(line[0])
    known = shown(rows, ("q", "r"))
    if group is not None:
        own = [(mask, n) for mask, n in shown(rows, ("q", "r", "gender"))]
        known = [(m[..., group], n) for m, n in own if not m[..., 1 - group].any()]
        people = [p for p in people if p["gender"] == CODES["gender"][group]]
    tables = tables_with((2, 2), known)
    figures = index_figures(tables)
    keeps = agrees(figures[:, 0], figure(line[1]), 1) & agrees(figures[:, 1], figure(line[4]), 1)
    return list(narrowed(tables, keeps, counted(people, ("q", "r")), LIMIT, WIDTH))


DRAWS = ((1, 60), (2, 80), (4, 80), (12, 60), (25, 120), (34, 80))


@pytest.mark.parametrize(("seed", "n"), DRAWS)
def test_no_model_or_index_tells_who_was_in_a_small_combination(tmp_path, seed, n):
    people = draw(seed, n)
    assert not told_by_pages(publish(tmp_path, CHAPTER, b=people), people)


def test_unguarded_they_would(tmp_path, monkeypatch):
    for module in (model, scales):
        monkeypatch.setattr(module, "_combined", lambda *_, **__: [])
    monkeypatch.setattr(beside, "TWO", -1)
    exact = set()
    for seed, n in DRAWS:
        people = draw(seed, n)
        told = told_by_pages(publish(tmp_path / str(seed), CHAPTER, b=people), people)
        exact |= {who for who, (_, low, high) in told if low == high}
    assert exact == {"model", "Kvinna", "Man", "Totalt"}


def test_large_combinations_are_shown(tmp_path):
    people = draw(8, 400)
    out = publish(tmp_path, CHAPTER, b=people)
    assert not [t for t in printed_tables(out / "report.html") if "Analysen visas inte" in t.notes]


# --- shares before and after, and tests of tables with holes ---------------------------------

SINCE = ('{{ change_table("b.q", "Ja", since=["a"], where=\'unit != "u1"\') }}',)


def waves() -> dict[str, list[Person]]:
    """Two surveys; of the first unit two said yes in the first."""
    sizes = {"a": {"u1": (2, 12), "u2": (15, 14), "u3": (13, 17)}, "b": {"u2": (14, 15)}}
    sizes["b"] |= {"u1": (11, 12), "u3": (16, 12)}
    return {
        survey: [
            {"unit": unit, "gender": "wm"[i % 2], "place": "tl"[i // 2 % 2], "q": q, "r": "1"}
            for unit, counts in units.items()
            for q, n in zip("12", counts, strict=True)
            for i in range(n)
        ]
        for survey, units in sizes.items()
    }


def yes_of_the_first_unit(out: Path) -> list[float]:
    """Return how many of it said yes in the first survey: all, less those of the other units."""
    rows = [r["n"] for r in read_rows(out) if (r["table"], r["row_code"]) == ("a.q", "1")]
    everybody = [int(n) for n in rows if n]
    changes = [t.lines[1] for t in printed_tables(out / "report.html") if t.lines[0][0] == "Fråga"]
    others = [round(figure(line[1]) * figure(line[2]) / 100) for line in changes if len(line) > 4]
    return [all_ - one for all_ in everybody for one in others]


def test_an_earlier_survey_is_protected_with_what_a_change_says_of_it(tmp_path, monkeypatch):
    assert yes_of_the_first_unit(publish(tmp_path / "a", SINCE, **waves())) == []
    monkeypatch.setattr(beside, "_earlier", lambda *_: iter(()))
    assert yes_of_the_first_unit(publish(tmp_path / "b", SINCE, **waves())) == [2]


def told_by_test(out: Path, people: list[Person]) -> list[tuple[Any, ...]]:
    """Try every table of the question by unit that has the shown counts and the printed figure."""
    names, rows = ("q", "unit"), read_rows(out)
    content = json.loads((out / "tables.json").read_text(encoding="utf-8"))
    tests = [
        test
        for item in content["link"]["item"]
        for test in item["extension"]["tests"]
        if test["column_variable"] == "unit" and test["statistic"] is not None
    ]
    tables = tables_with((2, 3), [(np.ones((2, 3), dtype=bool), len(people)), *shown(rows, names)])
    keeps = np.ones(len(tables), dtype=bool)
    for test in tests:
        keeps &= agrees(chi_square(tables), test["statistic"], 3)
    return list(narrowed(tables, keeps, counted(people, names), LIMIT, WIDTH))


def test_a_test_of_a_table_with_holes_is_not_told(tmp_path, monkeypatch):
    people = waves()["a"]
    assert not told_by_test(publish(tmp_path / "a", CHAPTER, b=people), people)
    monkeypatch.setattr(emit._Emitter, "_test", lambda _, test: test)
    assert told_by_test(publish(tmp_path / "b", CHAPTER, b=people), people)


@pytest.mark.parametrize("lacking", [0, 2])
def test_the_index_of_who_lacks_a_group_does_not_follow(tmp_path, lacking):
    """All less the women and the men: the total is left out, not the groups."""
    people = draw(8, 400)
    for person in people[:lacking]:
        person["gender"] = ""
    out = publish(tmp_path, CHAPTER[-1:], b=people)
    index = next(t for t in printed_tables(out / "report.html") if "Index" in t.caption)
    groups = ["Kvinna", "Man"] if lacking else ["Kvinna", "Man", "Totalt"]
    assert [line[0] for line in index.lines[1:]] == groups


# --- errors by clusters ------------------------------------------------------------------------

CLUSTERED = (
    '{{ table("b.q", by="unit") }}',
    '{{ table("b.q", by="gender", ci="logit", tests="rao-scott") }}',
    '{{ scale_table(["b.q"]) }}',
)
CLUSTER = "unit: unit, design: {cluster: unit}"


def told_by_errors(out: Path, people: list[Person]) -> list[tuple[Any, ...]]:
    """Units are clusters: the limits of a share say how much it differs between them."""
    names, rows = ("q", "unit"), read_rows(out)
    tables = tables_with((2, 3), shown(rows, names))
    keeps = np.ones(len(tables), dtype=bool)
    for row in rows:
        if row["ci_low"] and (row["row_code"], row["col_code"]) == ("1", "total"):
            low, high = logit_limits(tables)
            decimals = len(row["ci_low"].partition(".")[2])
            keeps &= agrees(low, float(row["ci_low"]), decimals)
            keeps &= agrees(high, float(row["ci_high"]), decimals)
    return list(narrowed(tables, keeps, counted(people, names), LIMIT, WIDTH))


@pytest.mark.parametrize("guard", [None, frozenset()], ids=["all decimals", "as printed"])
def test_errors_by_clusters_do_not_tell_the_answers_of_one(tmp_path, monkeypatch, guard):
    people = waves()["a"]
    out = publish(tmp_path / "a", CLUSTERED, CLUSTER, b=people)
    assert not told_by_errors(out, people)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "visas inte där de skulle röja" in page
    assert "Nedre gräns" not in page
    monkeypatch.setattr(design_limits, "told_columns", lambda *_: guard)
    out = publish(tmp_path / "b", CLUSTERED, CLUSTER, b=people)
    assert any(low == high for _, low, high in told_by_errors(out, people))
