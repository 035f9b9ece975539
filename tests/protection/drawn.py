"""Small studies on disk with everything that links tables, drawn from a seed.

Units of one to a dozen respondents in associations and counties, a question
with a net, a follow-up with a filter, multiple answers with an exclusive
option, item non-response, tables with filters and banners.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from click.testing import CliRunner

from evaluation.cli import main

if TYPE_CHECKING:
    from pathlib import Path

UNITS = {"u1": ("a1", "c1"), "u2": ("a1", "c1"), "u3": ("a2", "c1"), "u4": ("a3", "c2")}
"""Unit -> association and county."""
CHOICES = ("m1", "m2", "none")
ANSWERS = ("1", "2", "3")
FOLLOW = ("f1", "f2")
Respondent = dict[str, Any]


@dataclass
class World:
    """What everybody knows: the questionnaire and the map."""

    tables: tuple[str, ...] = (
        '{{ table("s.q", by="unit") }}',
        '{{ table("s.q", by="gender") }}',
        '{{ table("s.m", by="unit") }}',
        '{{ table("s.f", by="gender") }}',
        '{{ table("s.q", by="assoc") }}',
        '{{ table("s.q", by="county") }}',
        '{{ table("s.gender", by="unit") }}',
        '{{ table("s.q", by="unit", where=\'gender == "w"\') }}',
        '{{ table("s.q", where=\'unit != "u1"\') }}',
    )
    policy: dict[str, Any] = field(default_factory=dict)
    weights: bool = False


def draw(seed: int, n: int, *, missing: float = 0.05) -> list[Respondent]:
    """Return respondents; units differ in size, answers in how common they are."""
    rng = np.random.default_rng(seed)
    units = list(UNITS)
    sizes = rng.dirichlet([1.0] * len(units))
    people = []
    answers = rng.dirichlet([0.7] * len(ANSWERS))
    for _ in range(n):
        person: Respondent = {
            "unit": str(rng.choice(units, p=sizes)),
            "gender": str(rng.choice(["w", "m"], p=[0.7, 0.3])),
            "q": str(rng.choice(ANSWERS, p=answers)) if rng.random() > missing else "",
        }
        asked = person["q"] == "1"
        person["f"] = str(rng.choice(FOLLOW)) if asked and rng.random() > missing else ""
        chosen = [c for c in CHOICES[:-1] if rng.random() < 0.5] or [CHOICES[-1]]
        person["m"] = ";".join(chosen) if rng.random() > missing else ""
        if rng.random() < missing:
            person["gender"] = ""
        people.append(person)
    return people


CODEBOOK = """\
title: Enkät
questions:
  - {id: unit, text: Enhet, type: single, role: unit, options: {UNITS}}
  - {id: county, text: Län, type: single, role: background, options: {c1: Norr, c2: Söder}}
  - id: assoc
    text: Förbund
    type: single
    recode: unit
    options:
      - {code: a1, label: Ett, values: [u1, u2]}
      - {code: a2, label: Två, values: [u3]}
      - {code: a3, label: Tre, values: [u4]}
  - {id: gender, text: Kön, type: single, role: background, options: {w: Kvinna, m: Man}}
  - id: q
    text: Har du utsatts?
    type: single
    ordered: true
    options: {1: Ofta, 2: Sällan, 3: Aldrig}
    nets: {Utsatt: [1, 2]}
  - id: f
    text: Sökte du hjälp?
    type: single
    asked_if: q == 1
    options: {f1: Sökte, f2: Sökte inte}
  - id: m
    text: Av vem?
    type: multiple
    separator: ";"
    options:
      - {code: m1, label: Chef}
      - {code: m2, label: Kollega}
      - {code: none, label: Ingen, exclusive: true}
"""


def write_study(folder: Path, people: list[Respondent], world: World) -> Path:
    """Write a study."""
    (folder / "data").mkdir(parents=True)
    (folder / "chapters").mkdir()
    options = "{" + ", ".join(f"{u}: Enhet {u}" for u in UNITS) + "}"
    policy = {"method": "suppress", **world.policy}
    study = (
        (
            "title: Prov\npublisher: P\nyear: 2026\nlanguage: sv\nhierarchy: data/units.csv\n"
            "surveys:\n  s: {title: Enkät, data: data/s.csv, unit: unit, "
            f"intake: {{minimum_answered: 1, complete_share: 0}}}}\nprotection: {policy!r}\n"
        )
        .replace("True", "true")
        .replace("False", "false")
        .replace("'", '"')
    )
    (folder / "study.yaml").write_text(study, encoding="utf-8")
    (folder / "s.yaml").write_text(CODEBOOK.replace("{UNITS}", options), encoding="utf-8")
    hierarchy = "unit,assoc,county\n" + "".join(f"{u},{UNITS[u][0]},{UNITS[u][1]}\n" for u in UNITS)
    (folder / "data" / "units.csv").write_text(hierarchy, encoding="utf-8")
    stream = io.StringIO()
    names = ["unit", "county", "gender", "q", "f", "m"]
    writer = csv.DictWriter(stream, names, lineterminator="\n")
    writer.writeheader()
    for person in people:
        writer.writerow({**person, "county": UNITS[person["unit"]][1]})
    (folder / "data" / "s.csv").write_text(stream.getvalue(), encoding="utf-8")
    chapter = "# Resultat\n\n" + "\n\n".join(world.tables) + "\n"
    (folder / "chapters" / "1.md").write_text(chapter, encoding="utf-8")
    return folder


def release(
    folder: Path, people: list[Respondent], world: World, *options: str, to: str = "csv,json"
) -> Path:
    """Write a study and publish it; return the output folder."""
    study = write_study(folder / "study", people, world)
    out = folder / "out"
    run("report", study, "--to", to, "--out", out, "--quiet", *options)
    return out


def run(*arguments: object) -> str:
    """Run the program; it must succeed."""
    made = CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)
    assert made.exit_code == 0, made.output
    return made.output
