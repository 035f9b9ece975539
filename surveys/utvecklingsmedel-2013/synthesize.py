"""Write the synthetic answers of this study as the exports that its survey tools would give.

Run ``python surveys/utvecklingsmedel-2013/synthesize.py [folder]``; without a folder the files go to
``data/`` beside this one. The same seed writes the same files. What comes in: the printed figures of
``published.yaml`` and the codebooks. What goes out: 138 kommuner and 127 associations whose answers
give every printed count, and every printed percent that some whole count gives. What depends on what
within these margins is invented. Beside the answers that count, the exports hold a test, a double
submission and the one report that came in too late.
"""

from __future__ import annotations

import csv
import io
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
SEED = 20140901
ACTIVE = ("pagar", "genomfort")

SINGLES = {
    "kommuner": {
        "gemensamt": [38, 100],
        "utbildning": [134, 4],
        "kartlaggning_externa": [56, 15],
        "handlingsplan_uppfoljning": [6, 45, 2],
        "barn_foraldrar": [31, 7],
        "boende_typ": [3, 3],
    },
    "foreningar": {
        "utbildning": [98, 29],
        "kvinnor_utbildade": [45, 27],
        "kvinnor_metoder": [29, 43],
        "utovare_metoder": [6, 1],
        "utovare_barn": [6, 1],
    },
}
"""Counts in the order of the options: those of running text, and the rest of their bases."""

MULTIPLES = {
    "kommuner": {
        "rutiner_for": ([57, 41, 27], 65),
        "rutiner_sarskilda": ([16, 9, 11, 4, 14, 33], 65),
    },
    "foreningar": {},
}
"""Counts and base of the multiple answers of running text; the unprinted counts are invented."""


class Dice:
    """Chance from ``Random.random`` alone, whose sequence Python guarantees between versions."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, both included."""
        return low + int(self._random() * (high - low + 1))

    def noise(self) -> float:
        """Return a number from 0 up to 1."""
        return self._random()

    def shuffled(self, values: Any) -> list[Any]:
        """Return the values in random order."""
        values = list(values)
        keys = [self._random() for _ in values]
        return [values[i] for i in sorted(range(len(values)), key=keys.__getitem__)]


@dataclass
class Survey:
    """One survey while it is drawn: respondents are numbers from 0.

    ``areas`` is area -> respondent -> stage; ``answers`` is question or item
    -> respondent -> code, or set of codes.
    """

    name: str
    size: int
    questions: list[dict[str, Any]]
    tables: dict[str, dict[str, Any]]
    areas: dict[str, dict[int, str]] = field(default_factory=dict)
    answers: dict[str, dict[int, Any]] = field(default_factory=dict)

    def codes(self, question: str) -> list[str]:
        """Return the codes of a question that count as answers."""
        found = next(q for q in self.questions if q["id"] == question)
        return [str(o["code"]) for o in found["options"] if "missing" not in o]

    def active(self, area: str) -> list[int]:
        """Return who worked within an area during the year."""
        return [p for p, stage in self.areas[area].items() if stage in ACTIVE]


def read_survey(name: str, size: int) -> Survey:
    """Read a survey's codebook and the printed tables that its answers must give."""
    book = yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    published = yaml.safe_load((HERE / "published.yaml").read_text(encoding="utf-8"))
    tables: dict[str, dict[str, Any]] = {}
    for table in published["tables"]:
        if str(table.get("question", "")).startswith(f"{name}."):
            tables[table["question"].partition(".")[2]] = table
        for row in table["rows"]:
            if str(row.get("question", "")).startswith(f"{name}."):
                tables[row["question"].partition(".")[2]] = row
    return Survey(name, size, book["questions"], tables)


# --- areas: who had money for what, and how far the work had come -------------------------


def draw_areas(dice: Dice, survey: Survey) -> None:
    """Deal the areas so that everyone has at least one, and the stages within each."""
    rows = {r["item"]: r["cells"]["total"] for r in survey.tables["omraden"]["rows"]}
    slots = dice.shuffled(a for a, cells in rows.items() for _ in range(int(cells["total"])))
    holders: dict[str, set[int]] = {area: set() for area in rows}
    for person in range(survey.size):
        holders[slots[person]].add(person)
    for area in slots[survey.size :]:
        free = [p for p in range(survey.size) if p not in holders[area]]
        holders[area].add(free[dice.whole(0, len(free) - 1)])
    for area, cells in rows.items():
        n = int(cells["total"])
        known = {stage: int(cells[stage]) for stage in ACTIVE}
        stages = [s for s, count in known.items() for _ in range(count)]
        stages += ["ej_genomfort"] * (n - len(stages))
        people = sorted(holders[area])
        survey.areas[area] = dict(zip(people, dice.shuffled(stages), strict=True))


# --- answers within their margins -----------------------------------------------------------


def counts_of(percents: list[int], base: int) -> list[int]:
    """Return the whole counts nearest to printed percents."""
    return [(2 * p * base + 100) // 200 for p in percents]


def draw_results(dice: Dice, survey: Survey) -> None:
    """Grade the results; work that is finished tends to be graded higher."""
    for row in survey.tables["resultat"]["rows"]:
        area = row["item"].replace("res_", "omr_")
        base = int(row["base"])
        counts = counts_of([int(p) for p in row["cells"]["total"].values()], base)
        if sum(counts) != base:
            raise ValueError(f"{survey.name}, {row['label']}: {counts} of {base}")
        answered = dice.shuffled(survey.active(area))[:base]
        wish = {p: dice.noise() + 0.4 * (survey.areas[area][p] == "genomfort") for p in answered}
        best_first = sorted(answered, key=lambda p: -wish[p])
        grades = [code for code, n in enumerate(counts, 1) for _ in range(n)]
        survey.answers[row["item"]] = {
            p: str(grade) for p, grade in zip(best_first, grades, strict=True)
        }


def draw_partners(dice: Dice, survey: Survey) -> None:
    """Choose partners; those with money answer, first those who did the work."""
    for name, row in survey.tables.items():
        if not name.startswith("partner_"):
            continue
        area = name.replace("partner_", "omr_")
        base = int(row["base"])
        counts = counts_of([int(p) for p in row["cells"]["total"].values()], base)
        idle = [p for p, s in survey.areas[area].items() if s not in ACTIVE]
        people = [*dice.shuffled(survey.active(area)), *dice.shuffled(idle)][:base]
        survey.answers[name] = spread(dice, survey.codes(name), counts, people, alone="nej")


def draw_multiples(dice: Dice, survey: Survey) -> None:
    """Draw the other multiple answers among those who worked within the area."""
    for question in survey.questions:
        name = question["id"]
        if question["type"] != "multiple" or name.startswith("partner_"):
            continue
        codes = survey.codes(name)
        alone = next((str(o["code"]) for o in question["options"] if o.get("exclusive")), "")
        if name in survey.tables:
            table = survey.tables[name]
            by_code = {str(r["code"]): int(r["n"]) for r in table["rows"]}
            counts, base = [by_code[c] for c in codes], int(table["base"])
        else:
            counts, base = MULTIPLES[survey.name][name]
        # Tabell 5: 28 answers of a base of 29. Someone in the base marked nothing.
        base = min(base, sum(counts))
        area = question["asked_if"].split(" ")[0]
        people = dice.shuffled(survey.active(area))[:base]
        survey.answers[name] = spread(dice, codes, counts, people, alone=alone)


def draw_singles(dice: Dice, survey: Survey) -> None:
    """Draw the single answers of running text."""
    for name, counts in SINGLES[survey.name].items():
        question = next(q for q in survey.questions if q["id"] == name)
        asked = question.get("asked_if", "").split(" ")[0]
        everyone = survey.active(asked) if asked else range(survey.size)
        codes = [c for c, n in zip(survey.codes(name), counts, strict=True) for _ in range(n)]
        people = dice.shuffled(everyone)[: len(codes)]
        survey.answers[name] = dict(zip(people, codes, strict=True))


def spread(
    dice: Dice, codes: list[str], counts: list[int], people: list[int], *, alone: str
) -> dict[int, set[str]]:
    """Spread a multiple answer so that everyone marks something.

    The first people mark the option that stands alone. The others take the
    rest in turn, so that nobody gets an option twice and nobody goes without.
    """
    n_alone = counts[codes.index(alone)] if alone else 0
    others = dice.shuffled(people[n_alone:])
    chosen: dict[int, set[str]] = {p: {alone} for p in people[:n_alone]}
    marks = [c for c, n in zip(codes, counts, strict=True) if c != alone for _ in range(n)]
    if len(marks) < len(others) or any(marks.count(c) > len(others) for c in set(marks)):
        raise ValueError(f"{counts} cannot be spread over {len(people)}")
    for turn, code in enumerate(marks):
        chosen.setdefault(others[turn % len(others)], set()).add(code)
    return chosen


def draw(name: str, size: int, seed: int) -> Survey:
    """Draw all answers of a survey."""
    dice = Dice(seed)
    survey = read_survey(name, size)
    draw_areas(dice, survey)
    draw_results(dice, survey)
    draw_partners(dice, survey)
    draw_multiples(dice, survey)
    draw_singles(dice, survey)
    return survey


# --- answers as cells -------------------------------------------------------------------------


def heads(questions: list[dict[str, Any]]) -> list[str]:
    """List the heads of the answer columns in the order asked."""
    found = []
    for question in questions:
        text = question["text"]
        parts = [item["text"] for item in question.get("items", [])]
        if question["type"] == "multiple" and "separator" not in question:
            parts = [option["label"] for option in question["options"]]
        found += [f"{text} [{part}]" for part in parts] or [text]
    return found


def cells_of(survey: Survey, person: int) -> dict[str, str]:
    """Write one respondent's answers as the cells of a row."""
    cells: dict[str, str] = {}
    for question in survey.questions:
        label = {str(o["code"]): o["label"] for o in question["options"]}
        text = question["text"]
        for item in question.get("items", []):
            cells[f"{text} [{item['text']}]"] = label.get(
                grid_answer(survey, item["id"], person), ""
            )
        given = survey.answers.get(question["id"], {}).get(person)
        if question["type"] == "single" and given is not None:
            cells[text] = label[given]
        elif question["type"] == "multiple" and given is not None:
            marked = [label[c] for c in label if c in given]
            if "separator" in question:
                cells[text] = question["separator"].join(marked)
            else:
                cells |= {f"{text} [{x}]": "Ja" if x in marked else "Nej" for x in label.values()}
    return cells


def grid_answer(survey: Survey, item: str, person: int) -> str:
    """Return the code that stands in a grid's cell, "" where nothing was answered."""
    if item in survey.areas:
        return survey.areas[item].get(person, "utan_medel")
    area = item.replace("res_", "omr_")
    is_active = survey.areas[area].get(person) in ACTIVE
    return survey.answers[item].get(person, "" if is_active else "ej_aktuellt")


def kommun_rows(survey: Survey, dice: Dice) -> tuple[list[str], list[dict[str, str]]]:
    """Return heads and rows of the kommuner's export, in order of arrival."""
    codes = dice.shuffled([f"K{number:03d}" for number in range(1, 140)])
    rows = [{"Status": "Inkommen", "Mottagarkod": codes[p], **cells_of(survey, p)}
            for p in range(survey.size)]  # fmt: skip
    training = next(q["text"] for q in survey.questions if q["id"] == "utbildning")
    double = {**rows[57], training: "Nej" if rows[57][training] == "Ja" else "Ja"}
    late = {**rows[90], "Status": "För sent inkommen", "Mottagarkod": codes[138]}
    test = {**rows[3], "Status": "Test", "Mottagarkod": "K000"}
    ordered = [test, *rows[:40], double, *rows[40:], late]
    day = datetime(2014, 1, 20, 9, 0)  # noqa: DTZ001 (a tool's local time)
    for number, row in enumerate(ordered, 1):
        day += timedelta(minutes=dice.whole(5, 380))
        if row is late:
            day = datetime(2014, 6, 16, 10, 12)  # noqa: DTZ001
        row.update({"Ärendenummer": f"{5400 + number}/2014", "Inkom": f"{day:%Y-%m-%d %H:%M}"})
    return ["Ärendenummer", "Inkom", "Status", "Mottagarkod", *heads(survey.questions)], ordered


def association_rows(survey: Survey, dice: Dice) -> tuple[list[str], list[dict[str, str]]]:
    """Return heads and rows of the associations' export, in order of registration."""
    codes = dice.shuffled([f"F{number:03d}" for number in range(1, 128)])
    rows = [{"Förening": codes[p], **cells_of(survey, p)} for p in range(survey.size)]
    training = next(q["text"] for q in survey.questions if q["id"] == "utbildning")
    double = {**rows[101], training: ""}
    tests = [{**rows[p], "Förening": f"TEST{p}", "Anmärkning": "Test"} for p in (8, 9)]
    ordered = [*tests, *rows[:88], double, *rows[88:]]
    day = datetime(2014, 1, 22, 8, 30)  # noqa: DTZ001 (a tool's local time)
    for number, row in enumerate(ordered, 1):
        day += timedelta(minutes=dice.whole(5, 400))
        row.update({"Löpnummer": str(number), "Registrerad": f"{day:%Y-%m-%d %H:%M}"})
        row.setdefault("Anmärkning", "")
    return ["Löpnummer", "Registrerad", "Förening", *heads(survey.questions), "Anmärkning"], ordered


def write_csv(
    file: Path, names: list[str], rows: list[dict[str, str]], encoding: str, separator: str
) -> None:
    """Write a CSV with line ends as Windows programs write them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    file.write_bytes(text.getvalue().encode(encoding))


def main(folder: Path) -> None:
    """Draw the answers and write the two exports."""
    folder.mkdir(parents=True, exist_ok=True)
    kommuner, foreningar = draw("kommuner", 138, SEED), draw("foreningar", 127, SEED + 1)
    names, rows = kommun_rows(kommuner, Dice(SEED + 2))
    write_csv(folder / "kommuner.csv", names, rows, "utf-8-sig", ",")
    names, rows = association_rows(foreningar, Dice(SEED + 3))
    write_csv(folder / "foreningar.csv", names, rows, "cp1252", ";")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "data")
