"""The natural order of answer options: numbers, ranges, known scales, degrees of a word.

From least to most, so that a score by position rises with agreement, size or
frequency. Options off the scale ("Don't know") come last and are left out of
the judgement. Nothing is ordered by chance: where no rule takes all options,
there is no order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from evaluation.codebook.spelling import fold, trim

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from evaluation.codebook.words import Words


class OrderedBy(StrEnum):
    """What the order of options was read from."""

    NUMBERS = "numbers"
    RANGES = "ranges"
    KNOWN_SCALE = "known_scale"
    DEGREES = "degrees"
    LETTERS = "letters"
    YES_NO = "yes_no"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Order:
    """An order of options.

    Attributes
    ----------
    labels
        All labels: steps of the scale first, then what is off the scale.
    off_scale
        Labels that are no step.
    by
        What the order was read from; ``NOTHING`` keeps the given order.
    """

    labels: tuple[str, ...]
    off_scale: frozenset[str]
    by: OrderedBy

    @property
    def is_scale(self) -> bool:
        """Whether the labels form a scale (yes and no do not)."""
        return self.by not in {OrderedBy.NOTHING, OrderedBy.YES_NO}


LEAST_STEPS = 2
"""A scale has at least this many steps."""


def natural_order(labels: Sequence[str], words: Words) -> Order:
    """Put labels in their natural order.

    Parameters
    ----------
    labels
        Distinct labels in the order to keep where no other is found.
    words
        Word lists.
    """
    off = [label for label in labels if words.is_off_scale(label) and not _is_number(label)]
    steps = [label for label in labels if label not in off]
    last = [label for label in steps if words.is_other(label)]
    if len(steps) >= LEAST_STEPS:
        for by, rule in _RULES.items():
            keys = rule(steps, words)
            if keys is not None:
                ordered = [label for _, label in sorted(zip(keys, steps, strict=True), key=_first)]
                return Order((*ordered, *off), frozenset(off), by)
    others = [label for label in labels if label not in off and label not in last]
    # Numbers among other answers ("0", "2", "ca 10") stand first, in their order.
    others.sort(key=lambda label: (0, _value(label)) if _is_number(label) else (1, 0.0))
    return Order((*others, *last, *off), frozenset(off), OrderedBy.NOTHING)


def _first(pair: tuple[float, str]) -> float:
    return pair[0]


Keys = list[float] | None


def _distinct(keys: Sequence[float | None]) -> Keys:
    """Return keys where every label has one and no two are equal."""
    found = [key for key in keys if key is not None]
    return found if len(found) == len(keys) == len(set(found)) else None


# --- yes and no ----------------------------------------------------------------


def _yes_no(labels: Sequence[str], words: Words) -> Keys:
    """Put yes before no, and "partly" or "perhaps" between them only by other rules."""
    if len(labels) > 2:
        return None
    keys = [0.0 if words.among("yes", x) else 1.0 if words.among("no", x) else None for x in labels]
    return _distinct(keys)


# --- numbers -------------------------------------------------------------------

_NUMBER = re.compile(r"[-\u2212]?\d+(?:[.,]\d+)?")
_LEADING = re.compile(r"\A\(?([-\u2212]?\d+)\s*(?:[.):=\u2013-]|\Z|\(|\s+(?=\D))")
_TRAILING = re.compile(r"\((-?\d+)\)\s*\Z")
_LETTER = re.compile(r"\A([a-zA-Z])\s*[.)]\s")


def _is_number(label: str) -> bool:
    return bool(_NUMBER.fullmatch(label.strip()))


def _value(text: str) -> float:
    return float(text.replace(",", ".").replace("\u2212", "-"))


def _numbers(labels: Sequence[str], words: Words) -> Keys:
    """Read bare numbers, and numbers before or after a wording: ``1 (None)``, ``Good (3)``."""
    del words
    if all(_is_number(label) for label in labels):
        return _distinct([_value(label.strip()) for label in labels])
    trailing = [_TRAILING.search(label) for label in labels]
    if all(trailing):
        return _distinct([_value(match[1]) for match in trailing if match])
    leading = [_LEADING.match(label.strip()) for label in labels]
    if all(leading):
        keys = [_value(match[1]) for match in leading if match]
        n_bare = sum(_is_number(label) for label in labels)
        is_dense = max(keys) - min(keys) <= 2 * len(keys)
        if n_bare or is_dense:
            return _distinct(keys)
    return None


def _letters(labels: Sequence[str], words: Words) -> Keys:
    """Read letters before wordings: ``a. Poor``, ``b. Fair``."""
    del words
    found = [_LETTER.match(label) for label in labels]
    return (
        _distinct([float(ord(match[1].lower())) for match in found if match])
        if all(found)
        else None
    )


# --- ranges --------------------------------------------------------------------

BELOW_ALL = -1.0
"""Place of "Never used" and "None" below ranges that start at nought."""
_THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u202f,.](?=\d{3}(?:\D|\Z))")
_BETWEEN = re.compile(r"\d\s*(?:-|\u2013|\u2014|to|till|bis|och|and)\s*\D{0,3}\d", re.IGNORECASE)


def _ranges(labels: Sequence[str], words: Words) -> Keys:
    """Read ``18-29``, ``Under 18``, ``65+``, ``$0 to $9,999``, ``More than 3 years``."""
    keys: list[float | None] = []
    n_ranges = 0
    for label in labels:
        key, is_range = _range_key(label, words)
        keys.append(key)
        n_ranges += is_range
    return _distinct(keys) if n_ranges >= len(labels) / 2 else None


def _range_key(label: str, words: Words) -> tuple[float | None, bool]:
    """Return the lower bound of a range, nudged down for "under" and up for "over"."""
    folded = _THOUSANDS.sub("", fold(label))
    numbers = [_value(match) for match in re.findall(r"\d+(?:[.,]\d+)?", folded)]
    tokens = re.findall(r"[^\W\d_]+", folded)
    spelt = [words.numbers[t] for t in tokens if t in words.numbers]
    if not numbers and not spelt:
        is_nothing = any(token in words.lists["negations"] for token in tokens)
        return (BELOW_ALL if is_nothing else None), False
    value = (numbers or spelt)[0]
    units = [words.units[token] for token in tokens if token in words.units]
    padded = f" {' '.join(tokens)} "
    is_under = _has_phrase("range_under", padded, words) or folded.lstrip().startswith("<")
    over_mark = folded.lstrip().startswith((">", "\u2265")) or folded.rstrip().endswith("+")
    is_over = _has_phrase("range_over", padded, words) or over_mark or "+" in folded
    is_between = bool(_BETWEEN.search(folded)) or len(numbers) > 1
    if units and (is_under or is_over or is_between or len(numbers) == 1):
        value *= units[0]
    nudge = 0.0 if is_between else -0.5 if is_under and not is_over else 0.5 if is_over else 0.0
    return value + nudge, is_between or is_under or is_over or bool(units)


def _has_phrase(name: str, padded: str, words: Words) -> bool:
    return any(f" {phrase} " in padded for phrase in words.lists.get(name, ()))


# --- known scales --------------------------------------------------------------


def _known_scale(labels: Sequence[str], words: Words) -> Keys:
    """Find a scale of which every label is a step, explained or not: ``Rarely (once a year)``."""
    for read in (_bare, _unexplained):
        places = [words.steps.get(read(label), {}) for label in labels]
        for scale in places[0]:
            if all(scale in place for place in places):
                keys = _distinct([float(place[scale]) for place in places])
                if keys is not None:
                    return keys
    return None


_EDGES = re.compile(r"\A\d+\s*[.):=-]\s*|\s*\(-?\d+\)\s*\Z|\s*\((?:neutral)\)\s*\Z")


def _bare(label: str) -> str:
    """Return a label without its number: ``5 = Very good`` is ``very good``."""
    return _EDGES.sub("", fold(label)).rstrip(".!")


_EXPLAINED = re.compile(r"\s*(?:\(.*\)\.?|\s(?:--?|\u2013|\u2014)\s.*|:\s.*)\Z", re.DOTALL)


def _unexplained(label: str) -> str:
    """Return a label without what explains it: ``never -- i don't use it`` is ``never``."""
    return _bare(_EXPLAINED.sub("", fold(label)))


# --- degrees -------------------------------------------------------------------

PLAIN = 3
"""Strength of a word without a degree: between "rather" (2) and "very" (4)."""


def _degrees(labels: Sequence[str], words: Words) -> Keys:
    """Weigh wordings by degree and direction: "not at all", "rather", "very" meaningful.

    Only where the labels share a word beside degrees and directions, or all
    have a direction: "very many" and "very old" are no scale.
    """
    if len(labels) < LEAST_STEPS + 1:
        return None
    weighed = _with_plain_step([_weigh(label, words) for label in labels], labels)
    if not all(weight is not None for weight in weighed):
        return None
    has_direction = any(w is not None and w.has_direction for w in weighed)
    rests = [w.rest for w in weighed if w is not None and w.rest]
    shares_words = bool(rests) and bool(frozenset.intersection(*rests))
    if not (has_direction or shares_words):
        return None
    return _distinct([w.value for w in weighed if w is not None])


def _with_plain_step(
    weighed: Sequence[_Weight | None], labels: Sequence[str]
) -> list[_Weight | None]:
    """Weigh the step that is the bare word of the others ("useful" beside "very useful")."""
    rests = [weight.rest for weight in weighed if weight is not None and weight.rest]
    shared = frozenset.intersection(*rests) if rests else frozenset()
    return [
        _Weight(float(PLAIN), has_direction=False, rest=shared)
        if weight is None and shared and shared == frozenset(_WORD.findall(_bare(label)))
        else weight
        for weight, label in zip(weighed, labels, strict=True)
    ]


_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class _Weight:
    value: float
    has_direction: bool
    rest: frozenset[str]


def _weigh(label: str, words: Words) -> _Weight | None:
    """Return strength times direction of a label, or None where it says neither."""
    lists = words.lists
    start, comma, after = _bare(label).partition(",")
    is_verdict = bool(comma) and start in lists["yes"] | lists["no"]  # "No, not rude at all"
    tokens = _WORD.findall(after if is_verdict else _bare(label))
    if any(token in lists["neutral"] for token in tokens):
        return _Weight(0.0, has_direction=True, rest=frozenset())
    degrees = [words.degrees[token] for token in tokens if token in words.degrees]
    negations = sum(token in lists["negations"] for token in tokens)
    negative = sum(token in lists["negative"] for token in tokens)
    positive = sum(token in lists["positive"] for token in tokens)
    known = (*lists["negations"], *lists["negative"], *lists["positive"], *words.degrees)
    rest = frozenset(tokens) - frozenset(known)
    if not (degrees or negations or negative or positive):
        return None
    sign = -1 if (negations + negative) % 2 else 1
    strength = float(degrees[0]) if degrees else float(PLAIN)
    if negations and not negative and degrees and strength < PLAIN + 1:
        strength = PLAIN - strength / 10
    if negations and strength == PLAIN + 1:  # "not very" is milder than "not"
        strength = 1.0
    return _Weight(sign * strength, bool(negative or positive), rest)


_RULES: dict[OrderedBy, Callable[[Sequence[str], Words], Keys]] = {
    OrderedBy.YES_NO: _yes_no,
    OrderedBy.NUMBERS: _numbers,
    OrderedBy.KNOWN_SCALE: _known_scale,
    OrderedBy.LETTERS: _letters,
    OrderedBy.RANGES: _ranges,
    OrderedBy.DEGREES: _degrees,
}
"""Rules in the order in which they are tried."""


def same_step(first: str, second: str, words: Words) -> bool:
    """Tell whether two labels in different languages are the same step ("Ja" and "Yes")."""
    a, b = fold(trim(first)), fold(trim(second))
    if a == b:
        return False
    return any(words.among(name, a) and words.among(name, b) for name in ("yes", "no"))
