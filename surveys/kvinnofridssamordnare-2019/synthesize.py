"""Draw the interviews' coding, the coordinators' answers and the municipalities' ways of working.

None of it was ever published. What the report prints is kept exactly: the number of interviews by
role and organisation, how many municipalities have a coordinator and of what kind, and every count
of municipalities or coordinators that the text states. Everything else is invented: which letter
a municipality has, who said what, and how often.

    python synthesize.py            writes data/ beside this file
    python synthesize.py FOLDER     writes there instead

The same seed gives the same bytes. The yearly series (data/serier.csv) is printed and not made here.
"""

from __future__ import annotations

import csv
import random
import sys
from pathlib import Path

SEED = 2019

OWN_FULL, OWN_PART, SHARED, NONE = "Egen på heltid", "Egen på deltid", "Delad", "Ingen"
KIND = dict(
    zip("ABCDEFGHIJ", [OWN_FULL] * 2 + [OWN_PART] * 3 + [SHARED] * 3 + [NONE] * 2, strict=True)
)

AREAS = [
    "Kunskapsbaserad verksamhet",
    "Självbestämmande och integritet (brukarfokus)",
    "Helhetssyn och samordning",
    "Trygghet och säkerhet",
    "Tillgänglighet",
    "Effektivitet",
]
NO_AREA = "Inget av områdena"
STRONG, PARTLY, WEAK, CANNOT = "Stärkt", "Delvis", "Inte tydligt", "."

# One letter per area, in the order of AREAS. Knowledge is strengthened in seven municipalities and
# legal security (safety) in six; in E and F the function works badly. These are printed; the rest is not.
JUDGED = {
    "A": "SSSSSS", "B": "SDSSDS", "C": "SSSSSS", "D": "SDSSSS",
    "E": "SIIIID", "F": "SIDDII", "G": "DIDSID", "H": "SDDSDD",
}  # fmt: skip
LEVEL = {"S": STRONG, "D": PARTLY, "I": WEAK}
CHANCE = {STRONG: 0.9, PARTLY: 0.55, WEAK: 0.1}
WITHOUT = [0.8, 0.2, 0.8, 0.6, 0.1, 0.3]
"""Chance that an interview in a municipality without coordinator describes an area as working."""

WAYS = {
    "Plan för kompetensutveckling": ("D", "ACD"),
    "Fråga om våld på rutin": ("B", "ABCD"),
    "Handbok eller rutiner": ("A", "ACDE"),
    "Handlingsplan mot våld": ("AF", "ABCDFGH"),
    "Team med experter": ("F", "ACF"),
    "Systematisk uppföljning (SUV)": ("", "AC"),
    "Lokal samverkansgrupp": ("B", "ABDE"),
}
"""Way of working -> municipalities that had it before the coordinator, and that have it after."""

COORDINATOR, HEAD, OTHER_HEAD = (
    "Kvinnofridssamordnare",
    "Chef för individ- och familjeomsorgen",
    "Annan chef",
)
WORKER, OUTPATIENT, EXTERNAL = (
    "Socialsekreterare",
    "Medarbetare i öppenvård",
    "Extern samverkanspart",
)
PARTNERS = [
    "Polisen",
    "Åklagarmyndigheten",
    "Kriminalvården",
    "Kvinnojour",
    "Kvinnojour",
    "Barnahus Västmanland",
    "Centrum mot våld – våldsutövare",
]
WELL_INFORMED = ("Kvinnojour", "Centrum mot våld – våldsutövare")

THEMES = {
    # theme -> chance by role group: coordinators, heads, workers, external
    "Närhet till socialsekreterarna": (0.6, 0.5, 0.8, 0.1),
    "Team med experter från olika enheter": (0.5, 0.4, 0.5, 0.0),
    "Stöd från chefer och plats i chefsgruppen": (0.8, 0.5, 0.2, 0.1),
    "Rätt person på rätt plats": (0.5, 0.6, 0.4, 0.3),
    "Någon håller frågan levande": (0.7, 0.9, 0.6, 0.4),
    "En utpekad kontaktpunkt": (0.3, 0.4, 0.3, 0.7),
    "Rutiner ger trygghet": (0.5, 0.7, 0.9, 0.1),
    "Tid saknas": (0.6, 0.4, 0.3, 0.0),
    "Otydlig roll": (0.5, 0.2, 0.4, 0.4),
    "Motstånd i organisationen": (0.6, 0.1, 0.1, 0.0),
    "Samordnaren är lite känd": (0.2, 0.1, 0.2, 0.6),
}
COMBINED = "Samordning och handläggning går inte ihop"
DIVIDED = "Tjänsten delas mellan kommuner"
"""Told in E only, and in the three municipalities that share a coordinator."""


def main(folder: Path) -> None:
    """Write the four files."""
    draw = random.Random(SEED)
    judged = judgements()
    write(folder / "kommuner.csv", ["Kommun", "Samordnare", "Fungerar", *AREAS], judged)
    write(folder / "arbetssatt.csv", ["Kommun", "Arbetssätt", "Tidpunkt", "På plats"], ways())
    head = [
        "Intervju",
        "Roll",
        "Organisation",
        "Kommun",
        "Har varit samordnare",
        "Kvalitetsområden",
        "Teman",
    ]
    write(folder / "intervjuer.csv", head, interviews(draw, {row[0]: row[3:] for row in judged}))
    write(folder / "samordnare.csv", *coordinators(draw))


def judgements() -> list[list[str]]:
    """Return one row per municipality: how each area of quality has been strengthened."""
    rows = []
    for place, kind in KIND.items():
        works = "" if kind == NONE else "Dåligt" if place in "EF" else "Bra"
        levels = [LEVEL[c] for c in JUDGED[place]] if place in JUDGED else [CANNOT] * len(AREAS)
        rows.append([place, kind, works, *levels])
    return rows


def ways() -> list[list[str]]:
    """Return municipality, way of working, time and whether it was there (1) or not (0)."""
    return [
        [place, way, when, str(int(place in had))]
        for place in JUDGED
        for way, (before, after) in WAYS.items()
        for when, had in (("Före", before), ("Efter", after))
    ]


def interviews(draw: random.Random, judged: dict[str, list[str]]) -> list[list[str]]:
    """Return 36 interviews: 6 coordinators, 10 heads, 13 workers and 7 external partners."""
    people = []
    for place in KIND:
        head = OTHER_HEAD if place in "EI" else HEAD
        staff = [head, WORKER, *{"A": [OUTPATIENT], "E": [WORKER], "F": [WORKER]}.get(place, [])]
        # The shared coordinator has her desk in F.
        people += [(role, "Kommun", place) for role in [COORDINATOR] * (place in "ABCDEF") + staff]
    people += [(EXTERNAL, partner, "") for partner in PARTNERS]
    rows = []
    for number, (role, organisation, place) in enumerate(people, start=1):
        areas = [
            a
            for a, chance in zip(AREAS, chances(organisation, place, judged), strict=True)
            if draw.random() < chance
        ]
        was = was_coordinator(role, place, rows)
        cells = [areas or [NO_AREA], themes(draw, role, place)]
        rows.append(
            [f"I{number:02}", role, organisation, place, was, *("; ".join(cell) for cell in cells)]
        )
    return rows


def chances(organisation: str, place: str, judged: dict[str, list[str]]) -> list[float]:
    """Return for each area the chance that the interview describes it as working well."""
    if not place:
        known = organisation in WELL_INFORMED
        return [0.1, 0.1, 0.7, 0.2, 0.7, 0.6] if known else [0.0, 0.0, 0.15, 0.0, 0.1, 0.0]
    if KIND[place] == NONE:
        return WITHOUT
    return [CHANCE[level] for level in judged[place]]


def was_coordinator(role: str, place: str, rows: list[list[str]]) -> str:
    """Two of the workers have been coordinators before, in B and E."""
    if role != WORKER:
        return ""
    is_first = not any(row[1] == WORKER and row[3] == place for row in rows)
    return "Ja" if place in "BE" and is_first else "Nej"


def themes(draw: random.Random, role: str, place: str) -> list[str]:
    """Draw what an interview brings up; at least one theme."""
    group = {COORDINATOR: 0, HEAD: 1, OTHER_HEAD: 1, EXTERNAL: 3}.get(role, 2)
    found = [theme for theme, chance in THEMES.items() if draw.random() < chance[group]]
    if place == "E":
        found.append(COMBINED)
    if place and KIND[place] == SHARED:
        found.append(DIVIDED)
    return found or ["Någon håller frågan levande"]


def coordinators(draw: random.Random) -> tuple[list[str], list[list[str]]]:
    """Return the six answers to the questionnaire, and what was coded from the interviews.

    Two work full time, four part time (50 to 75 percent), the shared one 75. Two have a purely
    strategic role, three work close to the social workers, one combines with casework.
    """
    head = [
        "Svar", "Kommun", "Andel av tjänsten", "Strategisk nivå", "Individnivå", "Direktarbete", "Annat",
        "Placering", "Fördelar", "Nackdelar", "Viktigast", "Roll", "Uppgifter",
    ]  # fmt: skip
    near, strategic, combined = (
        "Nära socialsekreterarna",
        "Rent strategisk",
        "Kombinerad med handläggning",
    )
    plan, followed, group = (
        "Plan för kompetensutveckling",
        "Har startat SUV",
        "Lokal samverkansgrupp",
    )
    web, talks, moves = "Information på webbplatsen", "Stödsamtal", "Flyttas till socialchefen 2019"
    one_unit, across = (
        "På en enhet inom individ- och familjeomsorgen",
        "Övergripande inom individ- och familjeomsorgen",
    )
    rows = [
        ("A", 100, near, across, [plan, followed, group, web, talks]),
        ("B", 100, strategic, across, [group, moves]),
        ("C", 50, near, across, [plan, followed, web]),
        ("D", 60, near, across, [plan, group, web]),
        ("E", 50, combined, one_unit, [group]),
        ("F, G och H", 75, strategic, across, ["Inget av detta"]),
    ]
    answers = []
    for number, (place, share, role, where, tasks) in enumerate(rows, start=1):
        direct = {combined: 40, near: 10}.get(role, 0)
        single = {combined: 30, near: 25}.get(role, 0)
        other = draw.choice([5, 10])
        parts = [str(100 - direct - single - other), str(single), str(direct), str(other)]
        said = ["(påhittat svar)"] * 3
        answers.append(
            [f"S{number}", place, str(share), *parts, where, *said, role, "; ".join(tasks)]
        )
    return head, answers


def write(path: Path, head: list[str], rows: list[list[str]]) -> None:
    """Write a CSV with semicolons, as the coding tool exports it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";", lineterminator="\n").writerows([head, *rows])


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "data")
