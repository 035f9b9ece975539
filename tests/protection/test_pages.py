"""The pages attacked: notes, means with deviations, shares with bases, groups left out.

Beside what stands in ``tables.csv`` a reader has the HTML. Every figure found
there goes into the same integer program.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from evaluation.pipeline import build as pipeline
from evaluation.protection import emit
from evaluation.tables.analyses import change, scales
from tests.protection.drawn import Respondent, World, draw, release, run
from tests.protection.pages import (
    count_row,
    figure,
    lacking_rows,
    printed_tables,
    steps_behind,
)
from tests.protection.reader import MISSING, Found, Kinds, Questionnaire, read_rows, strongest
from tests.protection.test_attack import KINDS, LIMIT, QUICK, WIDTH, small_shown, true_counts

if TYPE_CHECKING:
    from pathlib import Path

CROSSED = ('{{ table("s.q", by="gender") }}', '{{ table("s.q", by="unit") }}')
ANALYSES = (
    '{{ index_table(["s.q"], by="unit") }}',
    '{{ mean_change_table("s.q", by="gender", waves=["w", "m"], where=\'unit == "u1"\') }}',
    '{{ change_table("s.q", "Ofta", by="gender", waves=["w", "m"], where=\'unit != "u1"\') }}',
    '{{ change_table("s.q", "Ofta", by="gender", waves=["w", "m"]) }}',
)


def told(rows: list[dict[str, str]], people: list[Respondent]) -> list[Found]:
    """Return what can be known of answers of units and genders, printed in a table or not."""
    attack = strongest(KINDS, rows, n=len(people))
    truth = true_counts(people)
    found = []
    for by, codes in (("unit", ("u1", "u2", "u3", "u4")), ("gender", ("w", "m"))):
        for code in codes:
            for answer in ("1", "2", "3"):
                vector = attack.vector(count_row("q", answer, by, code, "", 0))
                n = int(truth[vector].sum())
                if 0 < n < LIMIT:
                    found.append(Found(by, code, answer, *attack.interval(vector, WIDTH), n))
    return [one for one in found if one.width < WIDTH]


# --- notes under tables ---------------------------------------------------------------------


def lacking_tells_more(folder: Path, people: list[Respondent]) -> list[tuple[int, int]]:
    """Return what is known without the notes of the numbers that they print, where it is less."""
    out = release(folder, people, World(tables=CROSSED, policy=QUICK), to="html,csv")
    rows = read_rows(out)
    notes = list(lacking_rows(out / "report.html", "q", {"Kön": "gender"}))
    attack = strongest(KINDS, rows, n=len(people))
    known = [attack.interval(attack.vector(note)) for note in notes]
    return [(low, high) for low, high in known if low < high]


@pytest.mark.parametrize("seed", [3, 4])
def test_the_number_that_lack_a_column_variable_is_no_equation_more(tmp_path, seed):
    assert not lacking_tells_more(tmp_path, draw(seed, 60, missing=0.12))


def test_that_number_would_have_been_printed(tmp_path, monkeypatch):
    world = World(tables=CROSSED, policy=QUICK)
    people = draw(1, 40, missing=0.2)
    guarded = release(tmp_path / "a", people, world, to="html,csv")
    monkeypatch.setattr(emit._Emitter, "_may_subtract", lambda *_: True)
    open_ = release(tmp_path / "b", people, world, to="html,csv")
    told = [list(lacking_rows(o / "report.html", "q", {"Kön": "gender"})) for o in (guarded, open_)]
    assert len(told[1]) > len(told[0])


# --- analyses -------------------------------------------------------------------------------


def lopsided() -> list[Respondent]:
    """Two women of the first unit answered often; no other count is small."""
    found: list[Respondent] = []

    def add(unit: str, gender: str, q: str, n: int) -> None:
        one = {"unit": unit, "gender": gender, "q": q, "f": "f1" if q == "1" else "", "m": "m1"}
        found.extend(dict(one) for _ in range(n))

    add("u1", "w", "1", 2)
    add("u1", "w", "2", 11)
    add("u1", "m", "3", 9)
    for unit in ("u2", "u3", "u4"):
        for gender in ("w", "m"):
            for q in "123":
                add(unit, gender, q, 9)
    return found


def analysed_rows(page: Path) -> list[dict[str, str]]:
    """Turn means with deviations, and percents with bases, back into counts."""
    index, mean, left_out, everybody = printed_tables(page)
    rows = []
    for line in index.lines[1:]:
        if line[0].startswith("Enhet u") and len(line) == len(index.lines[0]):
            middle, spread, n = (
                figure(line[index.lines[0].index(head)])
                for head in ("Medelvärde", "Standardavvikelse", "n")
            )
            rows += _steps(n, middle, spread, (100, 50, 0), 1, "unit", line[0][-2:], "")
    for line in mean.lines[1:]:
        if len(line) > 5:
            for gender, at in (("w", 1), ("m", 3)):
                n, middle = figure(line[at + 1]), figure(line[at])
                rows += _steps(n, middle, None, (3, 2, 1), 2, "gender", gender, 'unit == "u1"')
    for table, where in ((left_out, 'unit != "u1"'), (everybody, "")):
        for line in table.lines[1:]:
            if len(line) > 5:
                for gender, at in (("w", 1), ("m", 3)):
                    share, n = figure(line[at]), figure(line[at + 1])
                    if not math.isnan(share * n):
                        yes = round(share * n / 100)
                        rows.append(count_row("q", "1", "gender", gender, where, yes))
    return rows


def _steps(
    n: float,
    mean: float,
    spread: float | None,
    scores: tuple[int, ...],
    decimals: int,
    by: str,
    code: str,
    where: str,
) -> list[dict[str, str]]:
    """Return the counts of the steps where the figures leave only one possibility."""
    if math.isnan(n * mean):
        return []
    ways = steps_behind(int(n), mean, spread, scores, decimals)
    sure = [i for i in range(3) if len({way[i] for way in ways}) == 1]
    return [count_row("q", "123"[i], by, code, where, ways[0][i]) for i in sure]


def test_means_and_shares_of_analyses_give_no_small_count(tmp_path):
    people = lopsided()
    out = release(tmp_path, people, World(tables=ANALYSES, policy=QUICK), to="html,csv")
    rows = read_rows(out)
    assert not small_shown(rows)
    assert not told([*rows, *analysed_rows(out / "report.html")], people)


def test_unguarded_analyses_would_have_given_it(tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "tables_of", lambda *_: [])
    for module in (change, scales):
        monkeypatch.setattr(module, "step_counts", lambda _: [])
    people = lopsided()
    out = release(tmp_path, people, World(tables=ANALYSES, policy=QUICK), to="html,csv")
    found = told([*read_rows(out), *analysed_rows(out / "report.html")], people)
    assert any(one.low == one.high == 2 for one in found)


@pytest.mark.parametrize("method", ["round", "cell_key"])
def test_analyses_do_not_undo_changed_counts(tmp_path, method):
    world = World(tables=ANALYSES, policy={"method": method})
    out = release(tmp_path, lopsided(), world, to="html,csv")
    assert analysed_rows(out / "report.html") == []


def test_a_group_left_out_by_a_filter_alone_is_not_told_by_difference(tmp_path):
    people = lopsided()
    world = World(tables=('{{ table("s.q", where=\'unit != "u1"\') }}',), policy=QUICK)
    out = release(tmp_path / "a", people, world, to="html,csv")
    assert not told(read_rows(out), people)
    run("audit-release", out)


# --- what a drafted study does ----------------------------------------------------------------


def export(path: Path) -> list[dict[str, str]]:
    """Write the export of a survey of four associations, two of them with four respondents."""
    rng = np.random.default_rng(5)
    people = [
        {
            "forbund": name,
            "kon": str(rng.choice(["Kvinna", "Man"])),
            "mobbad": str(rng.choice(["Ja", "Nej"], p=[0.3, 0.7])),
            "stod": str(rng.choice(["Ofta", "Ibland", "Aldrig"])),
        }
        for name, n in (("Norr", 30), ("Väst", 12), ("Söder", 4), ("Öst", 4))
        for _ in range(n)
    ]
    heads = ("Förbund", "Kön", "Har du blivit mobbad?", "Får du stöd?")
    lines = [";".join(heads), *(";".join(person.values()) for person in people)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return people


def test_a_drafted_study_shows_nothing_of_units_with_four(tmp_path):
    people = export(tmp_path / "svar.csv")
    study, out = tmp_path / "study", tmp_path / "out"
    run("init", "--study", study, tmp_path / "svar.csv", "--quiet")
    text = (study / "study.yaml").read_text(encoding="utf-8")
    assert "method: suppress" in text
    assert "minimum_count: 5" in text
    declared = text.replace("    data: data/svar.csv", "    data: data/svar.csv\n    unit: forbund")
    (study / "study.yaml").write_text(declared, encoding="utf-8")
    run("report", study, "--to", "html,csv", "--out", out, "--quiet")
    run("report", study, "--each-unit", "--out", out, "--quiet")
    rows = read_rows(out)
    assert {r["col_var"] for r in rows} >= {"forbund"}
    assert not small_shown(rows)
    names = dict.fromkeys(r["row_var"] for r in rows)
    labels = {r["row_label"]: (r["row_var"], r["row_code"]) for r in rows}
    codes: dict[str, list[str]] = {name: [] for name in names}
    for variable, code in labels.values():
        if code not in (*MISSING, "total"):
            codes[variable].append(code)
    kinds = Kinds(Questionnaire(single={name: tuple(found) for name, found in codes.items()}))
    counted = Counter(
        tuple(sorted(labels[value] for value in person.values())) for person in people
    )
    truth = np.array([counted[tuple(sorted(kind.items()))] for kind in kinds.kinds])
    assert truth.sum() == 50
    attack = strongest(kinds, rows, n=50)
    small = [f for f in attack.attack(truth, enough=WIDTH) if 0 < f.truth < LIMIT]
    assert small
    assert not [f for f in small if f.width < WIDTH]
    for unit in ("soder", "ost"):
        page = out / "units" / unit / "report.html"
        own = [line[1] for t in printed_tables(page) for line in t.lines if len(line) == 5]
        assert own
        assert {cell for cell in own if not cell.endswith("n")} <= {"..", "0", "", "–", "n"}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"1": 3, "2": 4, "3": 60}, "Aldrig"),  # nobody hidden can be more
        ({"1": 3, "2": 40, "3": 30}, ".."),  # what hides the three may be more
    ],
)
def test_the_largest_option_is_named_only_where_no_hidden_one_can_be_larger(
    tmp_path, answers, said
):
    people = [
        {"unit": "u1", "gender": "w", "q": q, "f": "f1" if q == "1" else "", "m": "m1"}
        for q, n in answers.items()
        for _ in range(n)
    ]
    tables = ('Flest: {{ largest("s.q") }}!', '{{ table("s.q") }}')
    out = release(tmp_path, people, World(tables=tables, policy=QUICK), to="html,csv")
    shown = {r["row_code"]: r["n"] for r in read_rows(out) if r["row_var"] == "q"}
    assert "" in (shown["1"], shown["2"])
    text = (out / "report.html").read_text(encoding="utf-8")
    assert f"Flest: {said}!" in text
