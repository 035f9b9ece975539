"""What differs between two populations that ``tables.csv`` cannot tell apart is a leak.

The strongest test of everything that is published beside the tables: charts,
prose, alternative texts, analyses, archives, the manifest. Some respondents of
a study answer otherwise; whatever count that changes is withheld, in the study
and in its twin alike, so that their tables are equal. Then every file must be
equal to the byte: what differs speaks of a withheld number.
"""

from __future__ import annotations

import csv
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from evaluation.pipeline import build
from evaluation.protection import emit, perturbed
from evaluation.protection import rounds as gate
from evaluation.protection.audit import Audited
from evaluation.protection.audit_cells import Reading
from evaluation.protection.catalogue import make_catalogue
from evaluation.protection.methods import cell_key, rounding
from evaluation.protection.methods import suppress as method
from evaluation.protection.rules import Rules, judge
from evaluation.protection.search import Outcome
from evaluation.protection.tasks import places_of
from evaluation.protection.weighted import NOTHING, Sums, withheld_sums
from tests.protection.drawn import Respondent, World, draw, run, write_study
from tests.protection.twins import differences, published

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from evaluation.codebook.schema import Protection
    from evaluation.protection.methods.interface import Surroundings
    from evaluation.tables.table import Table

    Publish = Callable[[Path, Path], None]

FORMATS = "html,pdf,docx,xlsx,csv,json,px,ddi,csvw"
WEIGHTS = {"u1": 1.0, "u2": 3.25, "u3": 7.5, "u4": 18.5}
KNOWN = {"unit", "gender", "assoc", "county"}
ASKED = '{"Enhet u1": 5000, "Enhet u2": 5000, "Enhet u3": 5000, "Enhet u4": 5000}'
CHAPTER = (
    '{{ table("s.q", by="unit", ci="wilson", tests="pearson", compare="holm") }}',
    '{{ table("s.q", by=["gender", "assoc"], percents="row") }}',
    '{{ table("s.q", by="gender", tests="fisher", percents="total") }}',
    '{{ table("s.q", by="county", rounding="sum100", decimals=0) }}',
    '{{ table("s.m", by="gender", compare="holm", ci="wilson") }}',
    '{{ table("s.q", by="unit", tests="trend", where=\'gender == "w"\') }}',
    '{{ table("s.f", by="unit") }}',
    '{{ table("s.years", by="gender") }}',
    '{{ table("s.gender", by="q") }}',
    '{{ chart("s.q", by="unit") }}',
    '{{ chart("s.q", by="assoc", sort=True) }}',
    '{{ chart("s.q", by="gender", kind="stacked") }}',
    '{{ chart("s.m", by="county") }}',
    '{{ chart("s.q", unit="count") }}',
    '{{ scale_table(["s.q"]) }}',
    '{{ index_table(["s.q"], by="gender") }}',
    '{{ index_table(["s.q"], by="unit") }}',
    '{{ nonresponse_table("s") }}',
    "{{ intake_table() }}",
    '{{ break_off_table("s") }}',
    '{{ break_off_chart("s") }}',
    f'{{{{ response_table("s", by="unit", asked={ASKED}) }}}}',
    '{{ population_table("s", by="gender", totals={"Kvinna": 9000, "Man": 7000}) }}',
    '{{ change_table("s.q", "Ofta", by="gender", waves=["w", "m"]) }}',
    '{{ mean_change_table("s.q", by="county", waves=["c1", "c2"]) }}',
    '{{ series_chart("s.q", "Ofta", by="county") }}',
    '{{ mean_change_table("s.years", by="gender", waves=["w", "m"]) }}',
    '{{ model_table("s.q", "Ofta", ["gender"]) }}',
    '{{ model_chart("s.q", "Ofta", ["gender"]) }}',
    '{{ all_tables("s") }}',
    "{{ method() }}",
    "{{ tests_note() }}",
    '{{ questionnaire("s") }}',
    (
        "{{ n('s.q', '1', where='gender == \"w\"') }} {{ pct('s.q', ['1', '2']) }} "
        "{{ pct('s.q', '1', where='gender == \"w\"') }} {{ largest('s.q') }} "
        "{{ largest('s.q', 2, where='unit == \"u1\"') }} {{ phrase('s.q', '1') }} "
        "{{ points('s.q', '1', 'gender == \"w\"', 'gender == \"m\"') }} "
        "{{ base('s.q', where='unit == \"u2\"') }} {{ words(n('s.q', 'Utsatt')) }} "
        "{% if n('s.q', '1', where='unit == \"u1\"') > n('s.q', '2', where='unit == \"u1\"') %}"
        "fler{% endif %} {% if not n('s.q', '1', where='unit == \"u3\"') %}inga{% endif %}"
    ),
)


class Dictated:
    """Withholds every count in which a study and its twin differ; decides nothing else anew.

    Both are first published to learn what their counts are. From then on
    what the policy asks of either, and what differs, is withheld in both;
    changed counts are those that came out first.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.is_learning = True
        self.known: dict[tuple[object, ...], list[list[int]]] = {}
        self.small: dict[tuple[object, ...], set[int]] = {}
        self.dropped: dict[tuple[object, ...], set[tuple[int, int]]] = {}
        self.noise: list[int] = []
        self.turn = 0
        self.rounded: dict[int, Any] = {}
        self.real_noise, self.real_rounds = cell_key._noisy, rounding.rounded_counts
        self.weighted: dict[tuple[object, ...], list[dict[int, Any]]] = {}
        self.sums: dict[tuple[object, ...], list[Sums]] = {}
        patch.setattr(method, "choose", self.choose)
        patch.setattr(gate, "audit_gate", lambda *_: Audited([], [], Reading()))
        patch.setattr(cell_key, "_noisy", self.noisy)
        patch.setattr(rounding, "rounded_counts", self.rounds)

    def choose(
        self, tables: Sequence[Table], policy: Protection, around: Surroundings, *_: object
    ) -> method.Chosen:
        """Stand in for the search."""
        rules = Rules(policy, around.links)
        catalogue = make_catalogue(tables, around.links)
        verdicts = judge(tables, catalogue, rules)
        key = tuple((table.id, table.spec) for table in tables)
        if self.is_learning:
            self.known.setdefault(key, []).append(list(catalogue.counts))
            self.small.setdefault(key, set()).update(verdicts.reasons)
            self.dropped.setdefault(key, set()).update(verdicts.dropped)
        counts = self.known[key]
        differing = {
            at for at in range(len(catalogue.counts)) if len({found[at] for found in counts}) > 1
        }
        verdicts.dropped = set(self.dropped[key])
        hidden = np.zeros(len(catalogue.counts), dtype=bool)
        hidden[sorted(self.small[key] | differing)] = True
        places = places_of(tables, catalogue, verdicts)
        outcome = Outcome(hidden, 0.0, 0.0, True, {}, {}, 0)
        chosen = method.Chosen(
            tables, rules, catalogue, verdicts, outcome, places, frozenset(), NOTHING
        )
        sums = self.sums_of(key, chosen, around)
        return replace(chosen, sums=sums, weighings=around.weighings)

    def sums_of(self, key: tuple[object, ...], chosen: method.Chosen, around: Surroundings) -> Sums:
        """Return the weighted figures that differ, or that are withheld in either."""
        tables, catalogue = chosen.tables, chosen.catalogue
        if self.is_learning:
            figures: dict[int, Any] = {}
            for number, table in enumerate(tables):
                for places, line in zip(catalogue.cells[number], table.cells, strict=True):
                    for at, cell in zip(places, line, strict=True):
                        if table.spec.weight:
                            figures.setdefault(at, []).append((cell.wn, cell.percent, cell.ci_low))
            self.weighted.setdefault(key, []).append(figures)
            self.sums.setdefault(key, []).append(
                withheld_sums(tables, catalogue, chosen.hidden, chosen.rules, around.weighings)
            )
        found = self.weighted[key]
        differing = {at for at in found[0] if any(one[at] != found[0][at] for one in found)}
        counts = differing.union(*(one.counts for one in self.sums[key]))
        return Sums(
            frozenset(counts), frozenset(differing.union(*(one.shares for one in self.sums[key])))
        )

    def noisy(self, n: int, key: float, threshold: int) -> int:
        """Return the noise of the first of the two."""
        if self.is_learning:
            self.noise.append(self.real_noise(n, key, threshold))
            return self.noise[-1]
        self.turn += 1
        return self.noise[(self.turn - 1) % len(self.noise)]

    def rounds(self, catalogue: Any, *given: Any) -> Any:
        """Return the rounded counts of the first of the two."""
        size = len(catalogue.counts)
        if size not in self.rounded:
            self.rounded[size] = self.real_rounds(catalogue, *given)
        return self.rounded[size]


def study_at(
    folder: Path, people: list[Respondent], world: World, *, is_weighted: bool = False
) -> Path:
    """Write a study with a number (years in service) and perhaps weights that go by unit."""
    study = write_study(folder, people, world)
    with (study / "data" / "s.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (study / "data" / "s.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], "years", "w"], lineterminator="\n")
        writer.writeheader()
        for number, row in enumerate(rows):
            writer.writerow({**row, "years": number * 7 % 41, "w": WEIGHTS[row["unit"]]})
    with (study / "s.yaml").open("a", encoding="utf-8") as file:
        file.write("  - {id: years, text: Antal år, type: number}\n")
        file.write("  - {id: w, text: Vikt, type: number, role: weight}\n")
    if is_weighted:
        said = (study / "study.yaml").read_text(encoding="utf-8")
        said = said.replace("unit: unit,", "unit: unit, design: {weight: w},")
        (study / "study.yaml").write_text(said, encoding="utf-8")
    return study


def answering_otherwise(people: list[Respondent], seed: int, n: int) -> list[Respondent]:
    """Return the respondents, some of whom gave other answers; some of those none, or any."""
    rng = np.random.default_rng(seed)
    found = [dict(person) for person in people]
    for at in rng.choice(len(people), n, replace=False):
        q = str(rng.choice([c for c in ("1", "2", "3", "") if c != people[at]["q"]]))
        f = str(rng.choice(["f1", "f2"])) if q == "1" else ""
        found[at] |= {"q": q, "f": f, "m": str(rng.choice(["m1", "m2", "m1;m2", "none"]))}
    return found


def told_apart(
    folder: Path,
    pair: Sequence[list[Respondent]],
    world: World,
    publish: Publish,
    dictated: Dictated,
    **written: bool,
) -> list[str]:
    """Publish two studies with the same counts withheld; return what differs."""
    studies = [
        study_at(folder / str(i) / "study", people, world, **written)
        for i, people in enumerate(pair)
    ]
    is_changed = world.policy["method"] != "suppress"
    for i, study in enumerate(studies[: 1 if is_changed else 2]):
        publish(study, folder / f"learnt {i}" / "out", "csv")
    dictated.is_learning = False
    found = []
    for i, study in enumerate(studies):
        dictated.turn = 0
        publish(study, folder / str(i) / "out", "")
        found.append(published(folder / str(i) / "out"))
    told = differences(*found)
    assert is_changed or b'"secondary"' in found[0]["manifest.json"]
    assert found[0].get("tables.csv") == found[1].get("tables.csv"), told
    return told


def report(formats: str) -> Publish:
    """Return how to publish a report in some formats."""

    def publish(study: Path, out: Path, to: str) -> None:
        run("report", study, "--to", to or formats, "--out", out, "--quiet")

    return publish


def everything(study: Path, out: Path, to: str) -> None:
    """Publish report, units' reports and two comparisons into one folder."""
    run("report", study, "--to", to or "html,csv,json", "--out", out, "--quiet")
    which = ("--unit", "u1") if to else ("--each-unit", "--to", "html,docx")
    run("report", study, *which, "--out", out, "--quiet")
    run("compare", study, "--by", "s.county", "--out", out)
    run("compare", study, "--by", "s.unit", "--shrink", "--standardise", "gender", "--out", out)


def gentle() -> list[Respondent]:
    """Some 900, of whom three men of the first unit answered often: nearly all is shown."""
    sizes = {"u1": (12, 30, 40), "u2": (20, 30, 25), "u3": (30, 20, 40), "u4": (20, 24, 30)}
    choices = ("m1", "m2", "m1;m2", "none")
    found: list[Respondent] = []
    for (unit, counts), (gender, times) in itertools.product(sizes.items(), (("w", 2), ("m", 1))):
        for q, n in zip("123", counts, strict=True):
            is_small = (unit, gender, q) == ("u1", "m", "1")
            for i in range(3 if is_small else n * times):
                f = ("f1", "f2")[i % 2] if q == "1" else ""
                m = choices[i % len(choices)]
                found.append({"unit": unit, "gender": gender, "q": q, "f": f, "m": m})
    return found


SUPPRESSED = World(tables=CHAPTER, policy={"method": "suppress"})
PAIRS = {
    "few": (gentle(), answering_otherwise(gentle(), 1, 2)),
    "many": (gentle(), answering_otherwise(gentle(), 2, 40)),
    "small": (draw(4, 60), answering_otherwise(draw(4, 60), 3, 5)),
}
QUICK_FORMATS = report("html,xlsx,csv,json,px,ddi")


@pytest.mark.parametrize(("name", "how"), [("few", report(FORMATS)), ("small", QUICK_FORMATS)])
def test_no_file_of_a_report_tells_twins_apart(tmp_path, monkeypatch, name, how):
    assert not told_apart(tmp_path, PAIRS[name], SUPPRESSED, how, Dictated(monkeypatch))


def with_unknown_answer(n: int) -> list[Respondent]:
    """Return respondents of whom ``n`` gave an answer that the codebook lacks."""
    found = gentle()
    own = [p for p in found if p["q"] == "3"][:n]
    for person in own:
        person["q"] = "Kanske"
    return found


def test_nor_answers_that_the_codebook_lacks(tmp_path, monkeypatch):
    pair = (with_unknown_answer(3), with_unknown_answer(2))
    assert not told_apart(tmp_path, pair, SUPPRESSED, report("html,csv"), Dictated(monkeypatch))


@pytest.mark.parametrize("name", ["many", "small"])
def test_nor_do_weighted_figures(tmp_path, monkeypatch, name):
    told = told_apart(
        tmp_path, PAIRS[name], SUPPRESSED, QUICK_FORMATS, Dictated(monkeypatch), is_weighted=True
    )
    assert not told


@pytest.mark.parametrize("name", ["few", "small"])
def test_nor_does_all_that_one_folder_holds(tmp_path, monkeypatch, name):
    world = World(tables=CHAPTER[:1], policy={"method": "suppress"})
    assert not told_apart(tmp_path, PAIRS[name], world, everything, Dictated(monkeypatch))


@pytest.mark.parametrize("kind", ["round", "cell_key"])
def test_of_changed_counts_nothing_else_is_told(tmp_path, monkeypatch, kind):
    world = World(tables=CHAPTER, policy={"method": kind})
    assert not told_apart(tmp_path, PAIRS["many"], world, QUICK_FORMATS, Dictated(monkeypatch))


GUARDS = {
    "the log tells which are small": (method, "for_anyone", lambda decision: decision),
    "tests of a table with holes": (emit._Emitter, "_test", lambda _, test: test),
    "analyses of what is hidden": (build, "beside_tables", lambda _, analyses, __: analyses),
    "counts of who was not asked": (perturbed, "is_missing", lambda _: False),
}


@pytest.mark.parametrize("name", GUARDS)
def test_without_a_guard_they_are_told_apart(tmp_path, monkeypatch, name):
    where, what, instead = GUARDS[name]
    monkeypatch.setattr(where, what, instead)
    kind = "cell_key" if where is perturbed else "suppress"
    world = World(tables=CHAPTER, policy={"method": kind})
    pair = (draw(1, 300), answering_otherwise(draw(1, 300), 1, 25))
    assert told_apart(tmp_path, pair, world, report("html"), Dictated(monkeypatch))
