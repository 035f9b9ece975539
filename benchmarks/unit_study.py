"""A study of many units, made anew: municipalities in associations in the 21 counties.

The answers are drawn with a fixed seed: a propensity per unit, small units and
large ones, a background that differs between them, a few questions left blank.
Nobody and no place in it is real but the counties' names.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.places import templates_root

if TYPE_CHECKING:
    from pathlib import Path

STUDY = """\
title: Mötet med verksamheten
subtitle: Påhittade svar, dragna för att prova jämförelser
publisher: Provmyndigheten
series: Rapport 2026:4
year: 2026
date: "2026-05-04"
language: sv
synthetic: Svaren är påhittade.
surveys:
  besok:
    title: Enkät till besökare
    respondents: besökare
    data: data/besok.csv
    unit: kommun
hierarchy: data/hierarki.csv
protection:
  method: suppress
  time_limit: {seconds}
  identifying: [besok.kommun, besok.kon, besok.alder]
"""

CHAPTER = """\
# Resultat

{{ table("besok.nojd") }}

{{ table("besok.nojd", by="kon") }}
"""

CODEBOOK = """\
title: Enkät till besökare
questions:
  - id: kommun
    text: Kommun
    type: single
    role: unit
    options:
%s
  - {id: kon, text: Kön, type: single, role: background, options: {kvinna: Kvinna, man: Man}}
  - id: alder
    text: Ålder
    type: single
    role: background
    ordered: true
    options: {a: 18–29 år, b: 30–49 år, c: 50–64 år, d: 65 år eller äldre}
  - id: nojd
    text: Hur nöjd är du med besöket i sin helhet?
    short: Nöjd med besöket
    type: single
    ordered: true
    options:
      - {code: 1, label: Mycket nöjd}
      - {code: 2, label: Ganska nöjd}
      - {code: 3, label: Varken nöjd eller missnöjd}
      - {code: 4, label: Ganska missnöjd}
      - {code: 5, label: Mycket missnöjd}
  - id: hjalp
    text: Fick du den hjälp som du behövde?
    short: Fick hjälp
    type: single
    options: {ja: Ja, delvis: Delvis, nej: Nej}
  - id: ater
    text: Skulle du vända dig hit igen?
    short: Kommer åter
    type: single
    options: {ja: Ja, nej: Nej, vet: Vet inte}
  - id: bemotande
    text: Hur väl stämmer påståendena?
    short: Bemötande
    type: grid
    ordered: true
    items:
      - {id: lyssnade, text: Personalen lyssnade på mig, short: Lyssnade}
      - {id: tydlig, text: Informationen var tydlig, short: Tydlig}
      - {id: tid, text: Det fanns tid för mina frågor, short: Tid}
    options: {1: Stämmer helt, 2: Stämmer delvis, 3: Stämmer inte}
  - id: vag
    text: Hur fick du veta att verksamheten finns?
    short: Vägen hit
    type: multiple
    separator: "|"
    options: {kommun: Genom kommunen, vard: Genom vården, van: Genom en vän, webb: På webben}
"""

SHORT_ANSWERS = {
    "nojd": ["Mycket nöjd", "Ganska nöjd", "Varken nöjd eller missnöjd", "Ganska missnöjd"],
    "hjalp": ["Ja", "Delvis", "Nej"],
    "ater": ["Ja", "Nej", "Vet inte"],
}
SCALE = ["Stämmer helt", "Stämmer delvis", "Stämmer inte"]
AGES = ["18–29 år", "30–49 år", "50–64 år", "65 år eller äldre"]
WAYS = ["Genom kommunen", "Genom vården", "Genom en vän", "På webben"]
HEADS = (
    "Kommun",
    "Kön",
    "Ålder",
    "Hur nöjd är du med besöket i sin helhet?",
    "Fick du den hjälp som du behövde?",
    "Skulle du vända dig hit igen?",
    "Personalen lyssnade på mig",
    "Informationen var tydlig",
    "Det fanns tid för mina frågor",
    "Hur fick du veta att verksamheten finns?",
)


@dataclass(frozen=True)
class Place:
    """A municipality: its names up to the county, and how many answered there."""

    name: str
    association: str
    county: str
    size: int


def write_unit_study(
    folder: Path,
    units: int = 290,
    *,
    smallest: int = 4,
    largest: int = 300,
    counties: int = 21,
    seed: int = 20260504,
    seconds: int = 20,
) -> Path:
    """Write a study with so many units into a folder and return it.

    Parameters
    ----------
    units
        Municipalities, dealt out over the counties.
    smallest, largest
        Fewest and most respondents of a unit; sizes are spread evenly on a log scale.
    counties
        How many of the 21 have any.
    seconds
        Time limit of the protection.
    """
    random = np.random.default_rng(seed)
    places = _places(units, smallest, largest, counties, random)
    (folder / "data").mkdir(parents=True)
    (folder / "chapters").mkdir()
    options = "\n".join(
        f"      - {{code: k{i:03d}, label: {p.name}}}" for i, p in enumerate(places, 1)
    )
    (folder / "study.yaml").write_text(STUDY.replace("{seconds}", str(seconds)), "utf-8")
    (folder / "besok.yaml").write_text(CODEBOOK % options, "utf-8")
    (folder / "chapters" / "1.md").write_text(CHAPTER, "utf-8")
    _write(
        folder / "data" / "hierarki.csv",
        [("kommun", "Samordningsförbund", "Län"), *map(_levels, places)],
    )
    rows = [row for place in places for row in _answers(place, random)]
    _write(folder / "data" / "besok.csv", [HEADS, *rows])
    return folder


def _places(
    units: int, smallest: int, largest: int, counties: int, random: np.random.Generator
) -> list[Place]:
    with (templates_root() / "neutral/charts/counties.csv").open(encoding="utf-8") as file:
        names = [row["county"] for row in csv.DictReader(file)][:counties]
    sizes = np.exp(np.linspace(np.log(smallest), np.log(largest), units)).round().astype(int)
    random.shuffle(sizes)
    places = []
    within = dict.fromkeys(names, 0)
    for i in range(units):
        county = names[i * counties // units]
        # Five municipalities at most make an association, within their county.
        within[county] += 1
        association = f"Samordningsförbund {-(-within[county] // 5)} i {county}"
        places.append(Place(f"Kommun {i + 1:03d}", association, county, int(sizes[i])))
    return places


def _levels(place: Place) -> tuple[str, str, str]:
    return place.name, place.association, place.county


def _answers(place: Place, random: np.random.Generator) -> list[tuple[str, ...]]:
    """Draw one unit's respondents: older and more satisfied ones where it so happens."""
    level, old = random.normal(0, 0.35), random.beta(4, 6)
    ages = random.choice(4, place.size, p=_mix(old))
    rows = []
    for age in ages:
        pleased = 1 / (1 + np.exp(-(0.4 + level + 0.35 * (age - 1.5))))
        row = [place.name, random.choice(["Kvinna", "Man"], p=[0.6, 0.4]), AGES[age]]
        row += [_one(SHORT_ANSWERS[name], pleased, random) for name in ("nojd", "hjalp", "ater")]
        row += [_one(SCALE, pleased, random) for _ in range(3)]
        ways = [
            way for way, p in zip(WAYS, (0.5, 0.3, 0.2, 0.25), strict=True) if p > random.random()
        ]
        rows.append((*row, "|".join(ways)))
    return rows


def _mix(old: float) -> list[float]:
    shares = np.array([1.2 * (1 - old), 1.6 * (1 - old), 1.2 * old, 1.0 * old]) + 0.05
    mixed: list[float] = (shares / shares.sum()).tolist()
    return mixed


def _one(options: list[str], pleased: float, random: np.random.Generator) -> str:
    """Draw an answer, the first ones for the pleased; one in twenty leaves it blank."""
    if random.random() < 0.05:
        return ""
    place = int(random.binomial(len(options) - 1, 1 - pleased))
    return options[place]


def _write(file: Path, rows: list[tuple[str, ...]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, delimiter=";").writerows(rows)
