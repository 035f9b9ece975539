"""Draw the invented persons of this study so that every printed margin comes out exactly.

What comes in: the printed counts of ``published.yaml``, question by question. What goes out:
answers per person as option positions (a set of them for multiple answers, None where the
question was left unanswered). What depends on what within the margins is our guess, made so that
the answers of one person make sense together: who has met no exposed participant has as a rule
arranged no support. Used by ``synthesize.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

Answers = dict[str, list[Any]]
"""Question -> one entry per person: option position, set of positions, or None."""

FORMS = {"kvinna": 486, "man": 272}
"""First-occasion forms by gender. Not printed: the printed percents of women, men and all agree
with one another only where women are 470 to 500 of the 758."""

FORMS_PER_ASSOCIATION = (82, 96, 71, 44, 39, 58, 88, 61, 47, 35, 66, 43, 28)
"""First-occasion forms of each association in the codebook's order; invented, sum 758."""

ASKED_AGAIN = (0.45, 0.4)
"""Share of the participants asked a second time, and of these a third time; invented."""

CHANGED_MIND = {"ja": 0.12, "nej": 0.06}
"""Chance that an answer is another one at the next occasion; invented."""


class Dice:
    """Chance from ``Random.random`` alone, whose sequence Python guarantees between versions."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def share(self) -> float:
        """Return a number from 0 up to 1."""
        return self._random()

    def noise(self, spread: float = 1.0) -> float:
        """Return a nearly normal number with mean 0 and the given deviation."""
        return spread * (sum(self._random() for _ in range(12)) - 6)

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, both included."""
        return low + int(self._random() * (high - low + 1))

    def pick(self, values: Sequence[Any]) -> Any:
        """Return one of the values."""
        return values[self.whole(0, len(values) - 1)]

    def shuffled(self, values: Sequence[Any]) -> list[Any]:
        """Return the values in random order."""
        keys = [self._random() for _ in values]
        return [values[i] for i in sorted(range(len(values)), key=keys.__getitem__)]


# --- margins and how they are dealt out -------------------------------------------


@dataclass(frozen=True)
class Margins:
    """The printed tables by question (``personal.befattning``)."""

    tables: dict[str, dict[str, Any]]

    def counts(self, question: str) -> list[int]:
        """Return the printed counts in the order of the options."""
        return [int(row["n"]) for row in self.tables[question]["rows"]]

    def base(self, question: str) -> int:
        """Return how many answered."""
        return int(self.tables[question]["base"])


def read_margins(file: Path) -> Margins:
    """Read the printed tables of the surveys."""
    published = yaml.safe_load(file.read_text(encoding="utf-8"))
    return Margins({t["question"]: t for t in published["tables"] if "question" in t})


def deal(scores: Sequence[float], counts: Sequence[int]) -> list[int]:
    """Deal a single answer: the highest scores get the first option, and so on."""
    hand = [option for option, n in enumerate(counts) for _ in range(n)]
    order = sorted(range(len(scores)), key=lambda p: -scores[p])
    answers = [-1] * len(scores)
    for person, option in zip(order, hand, strict=True):
        answers[person] = option
    return answers


def choose(dice: Dice, counts: Sequence[int], wish: Callable[[int, int], float]) -> list[int]:
    """Deal a single answer by wish; scarce options first take those who wish most."""
    answers = [-1] * sum(counts)
    for option in sorted(range(len(counts)), key=lambda o: (counts[o], o)):
        wishes = {p: wish(p, option) + dice.noise(0.5) for p, a in enumerate(answers) if a < 0}
        for person in sorted(wishes, key=lambda p: -wishes[p])[: counts[option]]:
            answers[person] = option
    return answers


def spread(
    dice: Dice, counts: Sequence[int], alone: Sequence[float], doubt: Sequence[float], unsure: int
) -> list[set[int]]:
    """Spread a multiple answer over persons who all choose something.

    Parameters
    ----------
    dice
        Chance.
    counts
        Printed counts; the last option ("Jag har inte …") stands alone.
    alone
        How readily each person takes the last option.
    doubt
        How readily each person takes the option ``unsure``.
    unsure
        Position of "Vet inte", which goes with others only where the margins
        force it; -1 for none.
    """
    answers: list[set[int]] = [set() for _ in alone]
    refusal = [alone[p] + dice.noise(0.05) for p in range(len(alone))]
    order = sorted(range(len(alone)), key=lambda p: -refusal[p])
    for person in order[: counts[-1]]:
        answers[person].add(len(counts) - 1)
    left = order[counts[-1] :]
    zeal = {p: dice.noise(0.6) for p in left}
    for option in sorted(range(len(counts) - 1), key=lambda o: o != unsure):
        if option == unsure:
            wishes = {p: doubt[p] + dice.noise(0.2) for p in left}
        else:
            wishes = {p: zeal[p] + dice.noise(0.8) - 9 * (unsure in answers[p]) for p in left}
        for person in sorted(left, key=lambda p, w=wishes: -w[p])[: counts[option]]:
            answers[person].add(option)
    give_everyone_one(answers, unsure)
    return answers


def give_everyone_one(answers: list[set[int]], unsure: int) -> None:
    """Move choices from those with most to those with none; the margins stay."""
    for bare in [p for p, chosen in enumerate(answers) if not chosen]:
        donor = max(range(len(answers)), key=lambda p: (len(answers[p] - {unsure}), -p))
        option = max(answers[donor] - {unsure})
        answers[donor].remove(option)
        answers[bare].add(option)


# --- the staff survey -----------------------------------------------------------------


def draw_staff(dice: Dice, margins: Margins) -> Answers:
    """Draw the staff who answered."""
    people = range(margins.base("personal.befattning"))

    def dealt(question: str, scores: Sequence[float], noise: float) -> list[int]:
        return deal([s + dice.noise(noise) for s in scores], margins.counts(f"personal.{question}"))

    a = draw_positions(dice, margins)
    far = {6: -2.0, 7: -0.2, 8: -0.7}  # heads of associations, coordinators, project managers
    contact = [far.get(a["befattning"][p], 0.5) + dice.noise(0.7) for p in people]
    skill = [dice.noise() for _ in people]
    for question in ("vkv_mojlighet", "vill_inte_svara", "trygg_miljo", "stod_utsatta"):
        a[question] = dealt(question, contact, 0.6)
    for question in ("utbildning_utsatta", "utbildning_utovare", "samordning", "org_utveckling"):
        a[question] = dealt(question, skill, 0.8)
    a["barn_kannedom"] = dealt("barn_kannedom", contact, 0.9)
    a["funktion_enrum"] = dealt("funktion_enrum", contact, 0.6)
    met = [-float(a["stod_utsatta"][p]) for p in people]
    knew = [-2.0 * a["barn_kannedom"][p] + dice.noise(0.3) for p in people]
    alone = [-float(a["funktion_enrum"][p]) + 0.3 * met[p] for p in people]
    a["stod_utovare"] = dealt("stod_utovare", met, 0.8)
    a["stod_missbruk"] = dealt("stod_missbruk", met, 1.0)
    a["stod_funktion"] = dealt("stod_funktion", alone, 0.3)
    a["barn_anmalan"] = dealt("barn_anmalan", knew, 0.1)
    a["stod_barn"] = dealt("stod_barn", knew, 0.3)
    a["barn_utovat"] = deal([k + dice.noise(0.5) for k in knew], (2, len(people) - 2))
    for group, never in (("utsatta", (3, 4)), ("utovare", (3, 4)), ("barn", (1, 2))):
        said = a[f"stod_{group}"]
        alone = [said[p] + 9.0 * (said[p] in never) for p in people]
        doubt = [float(said[p] in never) for p in people]
        for question in (f"verksamhet_{group}", f"insats_{group}"):
            counts = margins.counts(f"personal.{question}")
            a[question] = spread(dice, counts, alone, doubt, len(counts) - 2)
    return a


def draw_positions(dice: Dice, margins: Margins) -> Answers:
    """Draw gender, position and employer; employment officers work at the employment agency."""
    counts = margins.counts("personal.befattning")
    position = dice.shuffled([option for option, n in enumerate(counts) for _ in range(n)])
    likely = {(6, 3): 9.0, (1, 2): 9.0, (3, 0): 9.0, (0, 1): 1.5}
    employer = choose(
        dice,
        margins.counts("personal.arbetsgivare"),
        lambda p, o: likely.get((position[p], o), 0.0),
    )
    gender = dice.shuffled([0] * 79 + [1] * 11)
    return {"kon": gender, "befattning": position, "arbetsgivare": employer}


# --- the participants' survey -----------------------------------------------------------


def draw_participants(dice: Dice, margins: Margins) -> Answers:
    """Draw the participants who answered; follow-up questions were left out by many."""
    people = range(margins.base("deltagare.alder"))
    trust = [dice.noise() for _ in people]
    a: Answers = {"kon": dice.shuffled([0] * 21 + [1] * 23 + [2])}
    for question, noise in (
        ("alder", 9.0),
        ("forklarat", 0.5),
        ("bemotande", 0.6),
        ("kunnig", 0.8),
        ("bra_fragor", 0.8),
        ("erbjuden", 9.0),
    ):
        scores = [t + dice.noise(noise) for t in trust]
        a[question] = deal(scores, margins.counts(f"deltagare.{question}"))
    for question, follows, unsure in (
        ("valdstyper", "forklarat", -1),
        ("verksamhet", "erbjuden", 9),
        ("insats", "erbjuden", 8),
    ):
        # Who was never exposed mostly skips the question; two just forgot the list of kinds.
        pull = [(unsure >= 0) * (a[follows][p] < 2) + dice.share() for p in people]
        base = margins.base(f"deltagare.{question}")
        asked = sorted(sorted(people, key=lambda p, s=pull: -s[p])[:base])
        alone = [float(a[follows][p]) for p in asked]
        counts = margins.counts(f"deltagare.{question}")
        drawn = dict(zip(asked, spread(dice, counts, alone, [0.0] * base, unsure), strict=True))
        a[question] = [drawn.get(p) for p in people]
    return a


# --- the FOV forms ------------------------------------------------------------------------


@dataclass(frozen=True)
class Participant:
    """One participant's forms: answers ("ja", "nej") to the seven questions per occasion."""

    association: int
    gender: str
    occasions: tuple[tuple[str, ...], ...]


def yes_counts(row: dict[str, Any]) -> dict[str, int]:
    """Find counts of yes that give the printed whole percents of women, men and all.

    Among all that do, the middle one is taken. Percents are rounded half up, yes and no each.
    """

    def fits(n: int, base: int, cell: dict[str, str]) -> bool:
        yes = (200 * n + base) // (2 * base)
        no = (200 * (base - n) + base) // (2 * base)
        return (f"{yes}%", f"{no}%") == (cell["ja"], cell["nej"])

    cells = row["cells"]
    women, men = FORMS["kvinna"], FORMS["man"]
    pairs = [
        (w, m)
        for w in range(women + 1)
        if fits(w, women, cells["kvinna"])
        for m in range(men + 1)
        if fits(m, men, cells["man"]) and fits(w + m, women + men, cells["total"])
    ]
    woman, man = pairs[len(pairs) // 2]
    return {"kvinna": woman, "man": man}


def draw_forms(dice: Dice, margins: Margins) -> list[Participant]:
    """Draw the participants with their first forms, and later ones for part of them."""
    rows = margins.tables["fov.fragor"]["rows"]
    wanted = [yes_counts(row) for row in rows]
    answers: dict[tuple[str, int], tuple[str, ...]] = {}
    for gender, size in FORMS.items():
        harm = [dice.noise() for _ in range(size)]
        childhood = [0.5 * h + dice.noise(0.8) for h in harm]
        columns = []
        for item, wish in enumerate(wanted):
            trait = childhood if item >= 5 else harm
            scores = [t + dice.noise(0.7 if item < 4 else 1.2) for t in trait]
            columns.append(deal(scores, (wish[gender], size - wish[gender])))
        for i, chosen in enumerate(zip(*columns, strict=True)):
            answers[gender, i] = tuple(("ja", "nej")[c] for c in chosen)
    homes = [a for a, n in enumerate(FORMS_PER_ASSOCIATION) for _ in range(n)]
    people = zip(dice.shuffled(sorted(answers)), homes, strict=True)
    return [
        Participant(home, key[0], ask_again(dice, answers[key]))
        for key, home in sorted(people, key=lambda pair: pair[1])
    ]


def ask_again(dice: Dice, first: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the answers of the first occasion and of those that followed."""
    occasions = [first]
    for chance in ASKED_AGAIN:
        if dice.share() >= chance:
            break
        turned = {"ja": "nej", "nej": "ja"}
        occasions.append(
            tuple(turned[a] if dice.share() < CHANGED_MIND[a] else a for a in occasions[-1])
        )
    return tuple(occasions)
