"""A small study on disk, made anew for each test: two surveys, every type of question."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

UNSTATED = """\
title: En liten studie
publisher: Provmyndigheten
series: Rapport 2026:1
year: 2026
date: 2026-03-01
language: sv
surveys:
  staff:
    title: Enkät till personal
    data: data/staff.csv
    design: {population: 20}
facts:
  interviews: 7
"""
"""A study that says nothing of protection."""

OPEN = "protection: {method: none, reason: Svaren är påhittade.}\n"
STUDY = UNSTATED + OPEN

CODEBOOK = """\
title: Personal
questions:
  - {id: gender, text: Kön, type: single, role: background, options: {w: Kvinna, m: Man}}
  - id: trained
    text: Har du fått utbildning?
    type: single
    options: {1: Ja, 2: Nej, 3: Vet inte}
  - id: useful
    text: Var utbildningen användbar?
    type: single
    ordered: true
    asked_if: trained == 1
    options: {1: Mycket, 2: Ganska, 3: Inte alls}
  - id: contacts
    text: Vilka har du kontakt med?
    type: multiple
    separator: ";"
    options:
      - {code: police, label: Polisen}
      - {code: care, label: Vården}
      - {code: none, label: Ingen, exclusive: true}
  - {id: years, text: Antal år i yrket, type: number, minimum: 0, maximum: 60}
"""

ANSWERS = """\
Kön;Har du fått utbildning?;Var utbildningen användbar?;Vilka har du kontakt med?;Antal år i yrket
Kvinna;Ja;Mycket;Polisen;3
Kvinna;Ja;Ganska;Polisen;Vården;4,5
Kvinna;Ja;;Vården;10
Kvinna;Nej;;Ingen;1
Kvinna;Vet inte;;;2
Man;Ja;Mycket;Polisen;3
Man;Nej;;Ingen;7
Man;Nej;;Vården;
Man;Ja;Inte alls;Polisen;12
Kvinna;Ja;Mycket;Ingen;30
"""

CHAPTER = """\
# Inledning

{.lead}
Så här gick det: {{ answered("staff") }} av {{ asked("staff") }} svarade, {{ rate("staff") }}.

Av dem har {{ n("staff.trained", "Ja") }} ({{ pct("staff.trained", "Ja") }}) fått utbildning[^a], se
{{ ref("tab-trained") }}. Det gäller {{ words(n("staff.trained", "Ja", where='gender == "w"')) }} kvinnor.
{% if n("staff.trained", "Ja") > n("staff.trained", "Nej") %}De flesta är utbildade.{% endif %}

{{ table("staff.trained", id="tab-trained", by="gender") }}

## Kontakter

{{ table("staff.contacts") }}

{{ chart("staff.contacts") }}

> Det fungerar.
> — Anställd (fiktivt citat)

{{ intake_table() }}

[^a]: Utbildningen hölls på distans.
"""


def quoted(answers: str = ANSWERS) -> str:
    """Quote the multiple answers, whose separator is also the file's."""
    lines = []
    for line in answers.splitlines():
        cells = line.split(";")
        if len(cells) > 5:
            cells[3:-1] = [";".join(cells[3:-1])]
        lines.append(";".join(f'"{c}"' if ";" in c else c for c in cells))
    return "\n".join(lines) + "\n"


def small_study(folder: Path, **replaced: str) -> Path:
    """Write the study into a folder; keywords replace study, codebook, answers or chapter."""
    (folder / "data").mkdir(parents=True)
    (folder / "chapters").mkdir()
    write = {
        "study.yaml": replaced.get("study", STUDY),
        "staff.yaml": replaced.get("codebook", CODEBOOK),
        "data/staff.csv": replaced.get("answers", quoted()),
        "chapters/1.md": replaced.get("chapter", CHAPTER),
    }
    for name, text in write.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
