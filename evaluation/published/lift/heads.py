"""Heads of columns, taken out of the lines between a caption and the first row."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evaluation.published.lift.items import (
    Item,
    Kind,
    is_open,
    join,
    starts_inside,
)
from evaluation.published.words import MAX_PHRASE, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evaluation.published.words import Words

MAX_HEAD_LINES = 30
MAX_LOOSE_LINES = 4
"""So many lines can be heads where no caption shows where they begin."""
MAX_LOOSE_AFTER = 2
MAX_LOOSE_HEAD = 30
LOOSE_LENGTH = 0.8
"""Part of a full line that a head may fill where no caption shows where heads begin."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_BASE = re.compile(r"\s*\(?\b[nN]\s*=\s*(?P<base>\d[\d\u00a0 ]*)\)?")


@dataclass(frozen=True, slots=True)
class Heads:
    """Heads of a table.

    Attributes
    ----------
    stub
        Heads of the label (two where rows have a code and a label).
    groups
        Heads over several columns, () where there are none.
    columns
        Head of each column, or of each step under every group.
    used
        Positions (in the lines looked at) of those that are heads.
    is_guess
        The heads are divided where capitals stand, and nothing else shows it.
    text
        The lines as they stand.
    """

    stub: tuple[str, ...]
    groups: tuple[str, ...]
    columns: tuple[str, ...]
    used: range
    is_guess: bool
    text: str


def segment(lines: Sequence[str], words: Words) -> list[str]:
    """Divide lines of heads: a new one begins at a capital, a year, or a known head.

    Examples
    --------
    ``["Namn på åtgärd Helt", "I stor utsträck-", "ning Delvis"]`` gives four heads.
    """
    tokens = _tokens(lines, words)
    heads: list[list[str]] = []
    at = 0
    while at < len(tokens):
        size = _phrase_at(tokens, at, heads, words) or 1
        own = tokens[at : at + size]
        if not heads or size > 1 or _begins(tokens, at, heads, words):
            heads.append(own)
        else:
            heads[-1] += own
        at += size
    return [" ".join(h) for h in heads]


def _begins(tokens: Sequence[str], at: int, heads: Sequence[Sequence[str]], words: Words) -> bool:
    """Tell whether a word begins a head of its own."""
    before, token = " ".join(heads[-1]), tokens[at]
    # A word divided at a line's end goes on in lower case.
    is_beside = before.endswith("-") and token[:1].isupper()
    if before.count("(") > before.count(")") or (is_open(before, words) and not is_beside):
        return False
    if _YEAR.fullmatch(token):
        # A year alone is part of what is said before it: "under 2013".
        beside = [*tokens[max(0, at - 1) : at], *tokens[at + 1 : at + 2]]
        return any(_YEAR.fullmatch(b) or words.is_total(b) for b in beside)
    return token[:1].isupper() or _phrase_at(tokens, at, heads, words) == 1


def _phrase_at(tokens: Sequence[str], at: int, heads: Sequence[Sequence[str]], words: Words) -> int:
    """Return how many words from here are a known head, 0 where they are none.

    One in lower case counts only beside other known heads ("n procent"), or
    where it is a sign (n, %): "Beviljat belopp" is one head.
    """
    size = next((n for n in range(MAX_PHRASE, 0, -1) if _is_phrase(tokens, at, n, words)), 0)
    first = tokens[at]
    if not size or _YEAR.fullmatch(first):
        return 0
    if not first[:1].islower() or first == "n" or not heads:
        return size
    before = " ".join(heads[-1])
    return size if words.is_known_head(before) or plain(before) in words.stub else 0


def _tokens(lines: Sequence[str], words: Words) -> list[str]:
    """Return the words of lines, those divided at a line's end made whole."""
    tokens: list[str] = []
    for line in lines:
        own = line.split()
        if tokens and own and tokens[-1].endswith("-") and len(tokens[-1]) > 1:
            whole = join([tokens[-1], own[0]], words)
            if " " not in whole:
                tokens[-1:] = [whole]
                own = own[1:]
        tokens += own
    return tokens


def _is_phrase(tokens: Sequence[str], at: int, size: int, words: Words) -> bool:
    text = " ".join(tokens[at : at + size])
    if len(tokens) < at + size or not words.is_known_head(text):
        return False
    # "Antal som haft medel" goes on: what follows in lower case belongs to the head.
    following = tokens[at + size] if at + size < len(tokens) else ""
    goes_on = following[:1].islower() and not words.is_known_head(following)
    return not goes_on or size == len(tokens)


def find_heads(
    lines: Sequence[Item],
    width: int,
    words: Words,
    *,
    has_caption: bool,
    labels_after: bool,
    line_width: int,
) -> Heads | None:
    """Find the lines that are the heads of a table of so many columns.

    Parameters
    ----------
    lines
        Lines after the caption, or before the rows where there is none; the
        last of them may be the first row's label or a group's head.
    width
        Number of columns.
    words
        Known heads.
    has_caption
        The lines begin where a caption ends.
    labels_after
        The first row has its label on the lines before its figures, so that
        at least one of the lines is no head.
    line_width
        Length of a full line.
    """
    texts = [item.text for item in lines[-MAX_HEAD_LINES:]]
    offset = len(lines) - len(texts)
    kinds = [item.kind for item in lines[-MAX_HEAD_LINES:]]
    known = max((i for i, kind in enumerate(kinds) if kind is Kind.HEAD), default=None)
    best: tuple[float, Heads] | None = None
    for start, end in _spans(len(texts) - labels_after, known):
        own = texts[start:end]
        after = len(texts) - end
        if is_open(own[-1], words):
            continue
        if not has_caption and not _may_be_loose(own, words, line_width):
            continue
        made = _heads(own, width, words, may_interleave=after == 0)
        if made is None:
            continue
        score, found = made
        is_stub = any(plain(s) in words.stub for s in found.stub)
        is_sure = has_caption or known is not None or found.groups or is_stub
        if not is_sure and (after > MAX_LOOSE_AFTER or not _is_short(found)):
            continue
        score += 2.0 if has_caption and start == 0 else 0.0
        score -= 0.5 * after + (0 if has_caption else 0.5 * (end - start - 1))
        if best is None or score > best[0]:
            best = (score, replace(found, used=range(offset + start, offset + end)))
    return best[1] if best else None


def _spans(count: int, known: int | None) -> Iterator[tuple[int, int]]:
    """Return (start, end) of lines that may be heads, with the last known head among them."""
    for end in range(count, 0, -1):
        for start in range(end):
            if known is None or start <= known < end:
                yield start, end


def _may_be_loose(texts: Sequence[str], words: Words, line_width: int) -> bool:
    """Tell whether lines can be heads though no caption shows where heads begin."""
    is_known = words.is_known_head(texts[0].split()[0])
    if len(texts) > MAX_LOOSE_LINES or (starts_inside(texts[0]) and not is_known):
        return False
    limit = line_width if plain(texts[0].split()[0]) in words.stub else LOOSE_LENGTH * line_width
    return all(len(t) <= limit and not t.endswith(".") for t in texts)


def _is_short(heads: Heads) -> bool:
    """Heads found by capitals alone, with no caption: short ones only."""
    own = (*heads.stub, *heads.groups, *heads.columns)
    return all(len(h) <= MAX_LOOSE_HEAD for h in own)


def _heads(
    texts: Sequence[str], width: int, words: Words, *, may_interleave: bool
) -> tuple[float, Heads] | None:
    """Read lines as heads of so many columns; with a score, None where they do not fit."""
    text = " ".join(texts)
    two = two_levels(texts, width, words)
    if two is not None:
        return 6.0 + len(two.stub), two
    if len(texts) == 2 and may_interleave:
        beside = _interleaved(texts, width, words)
        if beside is not None:
            return beside
    found = segment(texts, words)
    known = sum(says_measure(h, words) for h in found)
    extra = len(found) - width
    if extra not in (0, 1, 2) or (extra == 2 and width > 2):
        return None
    if width == 1 and not known and extra != 1:
        return None
    score = {1: 3.0, 0: 2.0, 2: 1.0}[extra] + min(known, 2)
    score += 1.5 if len(texts) == 1 and width > 1 and extra < 2 else 0.0
    guess = known < width and len(texts) > 1
    return score, Heads(tuple(found[:extra]), (), tuple(found[extra:]), range(0), guess, text)


def says_measure(head: str, words: Words) -> bool:
    """Tell whether a head is known, or has a word for a count, a percent, or money in it."""
    if words.is_known_head(head):
        return True
    parts = {plain(part.strip("()")) for part in head.split()}
    return bool(parts & (words.count | words.percent | words.money))


def two_levels(texts: Sequence[str], width: int, words: Words) -> Heads | None:
    """Heads over heads: the last line repeats its heads under each of those above."""
    if len(texts) < 2 or width < 4:
        return None
    lower = segment(texts[-1:], words)
    stub = tuple(lower[: len(lower) - width])
    steps = lower[len(stub) :]
    if len(steps) != width or len(stub) > 1:
        return None
    period = next((p for p in range(2, width // 2 + 1) if _repeats(steps, p)), 0)
    if not period:
        return None
    upper = segment(texts[:-1], words)
    count = width // period
    if len(upper) == count + 1 and not stub:
        stub, upper = (upper[0],), upper[1:]
    if len(upper) != count:
        return None
    columns = tuple(steps[:period])
    return Heads(stub, tuple(upper), columns, range(0), is_guess=False, text=" ".join(texts))


def _repeats(steps: Sequence[str], period: int) -> bool:
    if len(steps) % period or len(set(steps[:period])) < period:
        return False
    return all(step == steps[i % period] for i, step in enumerate(steps))


def _interleaved(texts: Sequence[str], width: int, words: Words) -> tuple[float, Heads] | None:
    """Two lines of heads printed side by side: the second goes on under each of the first.

    The second line is divided so that its parts are about as long as the
    heads above them.
    """
    upper = segment(texts[:1], words)
    lower = texts[1].split()
    extra = len(upper) - width
    if extra not in (0, 1) or len(lower) < width or texts[1][:1].isupper() or width < 2:
        return None
    over = upper[extra:]
    if any(len(h) > MAX_LOOSE_HEAD for h in upper):
        return None
    parts = _divide(lower, [len(h) for h in over])
    columns = tuple(join([a, b], words) for a, b in zip(over, parts, strict=True))
    stub = tuple(upper[:extra])
    return 3.0 + extra, Heads(stub, (), columns, range(0), is_guess=True, text=" ".join(texts))


def _divide(tokens: Sequence[str], lengths: Sequence[int]) -> list[str]:
    """Divide words into as many parts as lengths, each part as near its length as can be."""
    best: dict[tuple[int, int], tuple[int, tuple[str, ...]]] = {(0, 0): (0, ())}
    for part, length in enumerate(lengths):
        for start in range(len(tokens)):
            if (part, start) not in best:
                continue
            cost, parts = best[part, start]
            left = len(lengths) - part - 1
            for end in range(start + 1, len(tokens) - left + 1):
                text = " ".join(tokens[start:end])
                made = (cost + abs(len(text) - length), (*parts, text))
                key = (part + 1, end)
                if key not in best or made[0] < best[key][0]:
                    best[key] = made
    return list(best[len(lengths), len(tokens)][1])


def take_base(head: str) -> tuple[str, str | None]:
    """Return a head or label without the base printed in it, and that base: "(n=71)"."""
    found = _BASE.search(head)
    if not found:
        return head, None
    rest = (head[: found.start()] + head[found.end() :]).strip()
    return (rest or head), found["base"].strip()
