"""Which columns belong together: a question's stem, and the option or item of each column."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Stem:
    """What a head says: question (or group) and, within it, option or item."""

    group: str
    option: str


MIN_SHARED = 2
"""A stem counts as shared from this number of columns side by side."""

_BRACKETS = re.compile(
    r"\A(?P<group>.*\S)\s*\[\s*(?P<option>[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\]\s*\Z", re.DOTALL
)


_PARENS = re.compile(r"(?P<group>.*\S)\s*\((?P<option>[^()]+)\)\s*\Z", re.DOTALL)


def split_brackets(head: str) -> Stem | None:
    """Split ``Question [option]``."""
    match = _BRACKETS.match(head)
    return Stem(match["group"].strip(), match["option"].strip()) if match else None


def splitter(separator: str) -> Callable[[str], list[Stem]]:
    """Return a function that gives every way to cut a head at a separator, longest stem first."""

    def split(head: str) -> list[Stem]:
        parts = head.split(separator)
        return [
            Stem(separator.join(parts[:n]).strip(), separator.join(parts[n:]).strip())
            for n in range(len(parts) - 1, 0, -1)
            if separator.join(parts[:n]).strip() and separator.join(parts[n:]).strip()
        ]

    return split


def shared_stems(heads: Sequence[str], split: Callable[[str], Sequence[Stem]]) -> list[Stem | None]:
    """Split each head at the stem that it shares with its neighbours.

    Parameters
    ----------
    heads
        In file order.
    split
        Every way to cut one head.

    Returns
    -------
    Per head the cut whose stem most neighbours share (the longest stem among
    equals), or None where no neighbour shares any.
    """
    candidates = [list(split(head)) for head in heads]
    runs = _runs(candidates)
    result: list[Stem | None] = []
    for position, cuts in enumerate(candidates):
        best = max(cuts, key=lambda cut: (runs[position, cut.group], len(cut.group)), default=None)
        is_shared = best is not None and runs[position, best.group] >= MIN_SHARED
        result.append(best if is_shared else None)
    return result


def _runs(candidates: Sequence[Sequence[Stem]]) -> Counter[tuple[int, str]]:
    """Count, per column and stem, the columns side by side that share the stem."""
    runs: Counter[tuple[int, str]] = Counter()
    open_runs: dict[str, list[int]] = {}
    for position, cuts in enumerate([*candidates, []]):
        stems = {cut.group for cut in cuts}
        for stem in [s for s in open_runs if s not in stems]:
            members = open_runs.pop(stem)
            for member in members:
                runs[member, stem] = len(members)
        for stem in stems:
            open_runs.setdefault(stem, []).append(position)
    return runs


def bracket_stems(heads: Sequence[str]) -> list[Stem | None]:
    """Split ``Question [option]`` wherever it stands."""
    return [split_brackets(head) for head in heads]


def dash_stems(heads: Sequence[str]) -> list[Stem | None]:
    """Split ``Question - option`` where neighbours share the question.

    A single question with an "other" column beside it (``Question`` and
    ``Question - Other``) shares its stem with the whole head before.
    """
    stems = shared_stems(heads, splitter(" - "))
    for position in range(1, len(heads)):
        before = heads[position - 1]
        if stems[position] is None and before and heads[position].startswith(before + " - "):
            option = heads[position].removeprefix(before + " - ").strip()
            stems[position] = Stem(before, option)
    return stems


def colon_stems(heads: Sequence[str]) -> list[Stem | None]:
    """Split ``Question: option`` where neighbours share the question."""
    return shared_stems(heads, splitter(": "))


def slash_stems(heads: Sequence[str]) -> list[Stem | None]:
    """Split ``question/option`` where neighbours share the question."""
    return shared_stems(heads, splitter("/"))


def paren_stems(heads: Sequence[str]) -> list[Stem | None]:
    """Split ``Question (option)`` where neighbours share the question."""

    def split(head: str) -> list[Stem]:
        match = _PARENS.match(head)
        return [Stem(match["group"].strip(), match["option"].strip())] if match else []

    return shared_stems(heads, split)


def option_first_stems(heads: Sequence[str]) -> list[Stem | None]:
    """Split ``Option:Question`` where neighbours share the question, or one is the question."""

    def split(head: str) -> list[Stem]:
        parts = head.split(":")
        cuts = []
        for n in range(1, len(parts)):
            option, group = ":".join(parts[:n]).strip(), ":".join(parts[n:]).strip()
            if option and group:
                cuts.append(Stem(group, option))
        return cuts

    stems = shared_stems(heads, split)
    for position in range(1, len(heads)):
        before = heads[position - 1].strip()
        if stems[position] is None and before and heads[position].strip().endswith(":" + before):
            stems[position] = Stem(
                before, heads[position].strip().removesuffix(":" + before).strip()
            )
    return stems


STYLES: dict[str, Callable[[Sequence[str]], list[Stem | None]]] = {
    "brackets": bracket_stems,
    "dash": dash_stems,
    "colon": colon_stems,
    "slash": slash_stems,
    "parens": paren_stems,
    "option_first": option_first_stems,
}
"""Style -> function; in the order that ``auto`` tries them."""

AUTO_STYLES = ("brackets", "dash", "colon", "slash", "parens")


def find_stems(heads: Sequence[str], style: str) -> list[Stem | None]:
    """Split heads in one style, or with ``auto`` each head in the first style that fits it."""
    if style in STYLES:
        return STYLES[style](heads)
    if style != "auto":
        return [None] * len(heads)
    found: list[Stem | None] = [None] * len(heads)
    for name in AUTO_STYLES:
        remaining = [head if stem is None else "" for head, stem in zip(heads, found, strict=True)]
        for position, stem in enumerate(STYLES[name](remaining)):
            if stem is not None and found[position] is None:
                found[position] = stem
    return found
