"""Write the synthetic answers of this study as the exports that its systems would give.

Run ``python surveys/mia-vidare-alis-2022/synthesize.py [folder]``; without a folder the files go
to ``data/`` beside this one. The same seed writes the same files. Every count that the report
prints, or that follows from what it prints, stands in the tables below and comes out exactly;
all other counts are ours, as ``data/README.md`` says.
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).resolve().parent
SEED = 20220228

GENDERS = ("Kvinna", "Man", "")
"""Blank: gender not stated."""

PARTICIPANTS: dict[str, tuple[tuple[int, int], ...]] = {
    # Unit: (participants, of whom have got the questions) for women, men, gender not stated.
    # Sums over MIA Vidare are printed (tabell 1), so are the percents of MIA Södertälje.
    "MIA Södertälje": ((150, 95), (100, 48), (3, 2)),
    "MIA, delprojekt 2": ((120, 37), (85, 21), (8, 3)),
    "MIA, delprojekt 3": ((105, 48), (74, 28), (7, 3)),
    "MIA, delprojekt 4": ((95, 36), (68, 22), (6, 2)),
    "MIA, delprojekt 5": ((88, 31), (62, 18), (6, 2)),
    "MIA, delprojekt 6": ((80, 38), (57, 24), (5, 2)),
    "MIA, delprojekt 7": ((70, 23), (50, 14), (4, 1)),
    "MIA, delprojekt 8": ((56, 22), (39, 13), (3, 1)),
    "Alis": ((68, 59), (55, 46), (4, 3)),
}

ASKED_BEFORE = ((150, 87), (102, 74), (5, 3))
"""Asked about earlier questions, of whom never got any: women, men, not stated. The printed
percents (58, 73 and 64) and 257 in all leave little choice."""

EARLIER = {
    "Kommunen": 34,
    "Vården": 44,
    "Arbetsförmedlingen": 2,
    "Försäkringskassan": 5,
    "Någon annan": 20,
}
"""Who had asked before; "Någon annan" is not printed."""

GOT = "Har fått frågor om våld i nära relation"
EVER = "Har tidigare fått frågor om våld"
BEFORE = "Har tillfrågats om tidigare frågor om våld"
BY = "Vem har tidigare ställt frågor om våld till deltagaren?"
NEVER = "Har aldrig fått frågor om våld"

AGREEMENT = ("Helt och hållet", "Till stor del", "Delvis", "Till liten del", "Inte alls")
FREQUENCY = ("Ofta", "Ibland", "Sällan", "Aldrig")
NOT_PUT = "Har ej ställt frågor om våld"

READIER = (22, 24, 10, 3, 2)
"""Question 1, not printed; two of the 63 left it unanswered."""
DEEPER = (9, 17, 19, 8, 3)
"""Question 2: 9 + 17 = 26 of 56 is printed, and that "Delvis" is the most common."""
REFERRED_EXPOSED = (8, 20, 14, 16)
"""Question 3: 16 of 58 is what the printed 28 percent gives."""
REFERRED_EXPOSING = (0, 3, 9, 46)
"""Question 4: 46 of 58 is what the printed 79 percent gives."""

STAFF_MIA, STAFF_ALIS = 70, 4
PUT_QUESTIONS, NEVER_PUT, ONLY_FIRST = 58, 4, 1
"""Of the 63 who answered some question on violence: have put the questions to participants, have
not, and answered the first question only."""

FREE_TEXT = {
    "Hur upplever du att deltagare reagerar på frågor om våld?": (
        "De flesta tycker att det är bra att någon frågar.",
        "Lite förvånade först, sedan lättade.",
        "Olika. Några vill vänta tills vi har träffats fler gånger.",
        "Lugnt, om jag har förklarat varför jag frågar.",
    ),
    "Hur upplever du själv uppdraget att ställa frågor om våld?": (
        "Viktigt, men jag var nervös i början.",
        "Det har blivit en naturlig del av kartläggningen.",
        "Svårt på distans.",
    ),
    "Vad skulle du behöva i din roll när det kommer till att ställa frågor om våld i nära "
    "relation?": (
        "En aktuell lista över vart jag kan hänvisa.",
        "Regelbunden handledning.",
        "Mer kunskap om hur man talar med den som utövar våld.",
    ),
}
"""Invented answers in free text."""

QUESTIONS = (
    (
        "Om du jämför med sedan projektstart, hur väl stämmer detta påstående: "
        "Jag känner mig mer redo att ställa frågor kring våld i nära relationer."
    ),
    (
        "I vilken utsträckning har frågor om våld bidragit till att fördjupa kartläggningen av "
        "deltagares behov?"
    ),
    (
        "I vilken utsträckning har du hänvisat deltagare vidare till stöd pga. pågående eller "
        "tidigare våldsutsatthet?"
    ),
    (
        "I vilken utsträckning har du hänvisat deltagare vidare till stöd pga. att de själva "
        "utövat eller utövar våld?"
    ),
)

Row = dict[str, Any]


class Dice:
    """Chance from ``Random.random`` alone, whose sequence Python guarantees between versions."""

    def __init__(self, seed: int) -> None:
        self.share = Random(seed).random

    def noise(self, spread: float) -> float:
        """Return a nearly normal number with mean 0 and the given deviation."""
        return spread * (sum(self.share() for _ in range(12)) - 6)

    def shuffled(self, values: Sequence[Any]) -> list[Any]:
        """Return the values in random order."""
        keys = [self.share() for _ in values]
        return [values[i] for i in sorted(range(len(values)), key=keys.__getitem__)]

    def pick(self, values: Sequence[Any]) -> Any:
        """Return one of the values."""
        return values[int(self.share() * len(values))]


# --- participants -----------------------------------------------------------------------


def participant_rows(dice: Dice) -> list[Row]:
    """Return one row per participant, in random order."""
    rows: list[Row] = []
    for unit, groups in PARTICIPANTS.items():
        project = "Alis" if unit == "Alis" else "MIA Vidare"
        for gender, (size, got) in zip(GENDERS, groups, strict=True):
            for number in range(size):
                answer = "Ja" if number < got else "Nej"
                row = {"Projekt": project, "Delprojekt": unit, "Kön": gender, GOT: answer}
                rows.append(
                    {**row, BEFORE: "Nej" if project == "MIA Vidare" else "", EVER: "", BY: ""}
                )
    rows = dice.shuffled(rows)
    earlier = earlier_answers(dice)
    for gender, (asked, never) in zip(GENDERS, ASKED_BEFORE, strict=True):
        got_them = [r for r in rows if r["Kön"] == gender and r[GOT] == "Ja" and r[BEFORE]]
        for number, row in enumerate(got_them[:asked]):
            row[BEFORE] = "Ja"
            row[EVER] = "Nej" if number < never else "Ja"
            row[BY] = NEVER if number < never else earlier.pop()
    rows = dice.shuffled(rows)
    return [{"Deltagarnummer": f"D{n:04d}", **row} for n, row in enumerate(rows, start=1)]


def earlier_answers(dice: Dice) -> list[str]:
    """Return who had asked those who had been asked: one or two answers each."""
    people = sum(asked - never for asked, never in ASKED_BEFORE)
    mentions = dice.shuffled([who for who, n in EARLIER.items() for _ in range(n)])
    answers = [[who] for who in mentions[:people]]
    for who in mentions[people:]:
        free = next(a for a in answers if len(a) == 1 and who not in a)
        free.append(who)
    order = list(EARLIER)
    return dice.shuffled(["|".join(sorted(a, key=order.index)) for a in answers])


# --- staff --------------------------------------------------------------------------------


def dealt(options: Sequence[str], counts: Sequence[int], keys: Sequence[float]) -> list[str]:
    """Deal out options in their printed numbers, the first to those with the lowest keys."""
    pool = [option for option, n in zip(options, counts, strict=True) for _ in range(n)]
    answers = [""] * len(keys)
    for option, place in zip(pool, sorted(range(len(keys)), key=keys.__getitem__), strict=False):
        answers[place] = option
    return answers


def staff_rows(dice: Dice) -> tuple[list[Row], list[Row]]:
    """Return the rows of MIA Vidare and of Alis.

    Who finds that the questions deepen the inquiry also refers more often, as the report says;
    how much more is our guess.
    """
    leaning = [dice.noise(1) for _ in range(PUT_QUESTIONS)]
    deeper_keys = [x + dice.noise(0.8) for x in leaning]
    deeper_keys[-2:] = [99.0, 99.0]  # the two who left question 2 unanswered
    columns = [
        dealt(AGREEMENT, DEEPER, deeper_keys),
        dealt(FREQUENCY, REFERRED_EXPOSED, [x + dice.noise(0.7) for x in leaning]),
        dealt(FREQUENCY, REFERRED_EXPOSING, [x + dice.noise(1.5) for x in leaning]),
    ]
    first = readier_answers(dice, leaning)
    rest = first[PUT_QUESTIONS:]
    people = [
        dict(zip(QUESTIONS, answers, strict=True))
        for answers in zip(first[:PUT_QUESTIONS], *columns, strict=True)
    ]
    people += [
        {QUESTIONS[0]: answer, **dict.fromkeys(QUESTIONS[1:], NOT_PUT)}
        for answer in rest[:NEVER_PUT]
    ]
    people.append({QUESTIONS[0]: rest[NEVER_PUT]})
    for person in people:
        for head, texts in FREE_TEXT.items():
            person[head] = dice.pick(texts) if dice.share() < 0.55 else ""
    return split_staff(dice, people)


def readier_answers(dice: Dice, leaning: Sequence[float]) -> list[str]:
    """Answer question 1 for all 63; two who have put the questions left it blank."""
    blank = 2
    keys = [x + dice.noise(1.2) for x in leaning]
    keys += [dice.noise(1.5) for _ in range(NEVER_PUT + ONLY_FIRST)]
    return dealt(AGREEMENT, READIER, [99.0 if n < blank else key for n, key in enumerate(keys)])


def split_staff(dice: Dice, people: list[Row]) -> tuple[list[Row], list[Row]]:
    """Give four who answered everything to Alis, and MIA Vidare those without an answer here."""
    whole = [p for p in people[:PUT_QUESTIONS] if all(p[q] for q in QUESTIONS)]
    alis = [p for p in whole if p[QUESTIONS[1]] != AGREEMENT[4]][10 : 10 + STAFF_ALIS]
    for person in alis:
        person.update({head: dice.pick(texts) for head, texts in FREE_TEXT.items()})
    mia = [p for p in people if p not in alis]
    mia += [{} for _ in range(STAFF_MIA - len(mia))]
    mia = dice.shuffled(mia)
    test = {**mia[0], "Status": "Test"}
    numbered = [test, *mia]
    return (
        [
            {"Status": "Klar", **p, "Svarsnummer": f"M{n:03d}", "Projekt": "MIA Vidare"}
            for n, p in enumerate(numbered, start=1)
        ],
        [
            {"Status": "Klar", **p, "Svarsnummer": f"A{n:03d}", "Projekt": "Alis"}
            for n, p in enumerate(dice.shuffled(alis), start=1)
        ],
    )


# --- files --------------------------------------------------------------------------------

STAFF_HEADS = ("Svarsnummer", "Status", "Projekt", *QUESTIONS, *FREE_TEXT)


def write_csv(file: Path, heads: Sequence[str], rows: list[Row]) -> None:
    """Write a CSV in UTF-8 with a byte order mark, as spreadsheet programs want it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([row.get(head, "") for head in heads] for row in rows)
    file.write_bytes(text.getvalue().encode("utf-8-sig"))


def main(folder: Path) -> None:
    """Draw the answers and write the exports."""
    folder.mkdir(parents=True, exist_ok=True)
    people = participant_rows(Dice(SEED))
    write_csv(folder / "deltagare.csv", list(people[0]), people)
    mia, alis = staff_rows(Dice(SEED + 1))
    write_csv(folder / "mia-vidare.csv", STAFF_HEADS, mia)
    write_csv(folder / "alis.csv", STAFF_HEADS, alis)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "data")
