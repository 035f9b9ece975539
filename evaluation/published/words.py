"""Words that print uses for totals, bases, counts, percents: both languages at once.

A report is read without knowing its language; the lists lie in the texts
catalogues under ``lift.words``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


YEAR = re.compile(r"(?:19|20)\d\d")
MAX_PHRASE = 4
"""Words in the longest known head, such as "Andel i procent"."""
MAX_TOTAL = 4
"""Words of the longest label that is a total by one of them."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words of print, lower case, in every language of the catalogue.

    Attributes
    ----------
    total, base, count, percent, money, expected
        Heads and labels for a total, a base, a count, a percent, money, an
        expected count.
    sum
        Words that make a short label a total where they begin or end it.
    multiple, rounded, within
        Parts of a text that say that several answers were allowed, that
        amounts are rounded, that a percent is within a group.
    caption, figure, note
        What the caption of a table, that of a figure, and a note begin with.
    open, stub
        Words that no line of a head or label ends with; heads of labels.
    columns
        Column of a CSV file -> its heads.
    """

    total: frozenset[str] = frozenset()
    base: frozenset[str] = frozenset()
    count: frozenset[str] = frozenset()
    percent: frozenset[str] = frozenset()
    money: frozenset[str] = frozenset()
    multiple: tuple[str, ...] = ()
    rounded: tuple[str, ...] = ()
    caption: frozenset[str] = frozenset()
    figure: frozenset[str] = frozenset()
    expected: frozenset[str] = frozenset()
    within: tuple[str, ...] = ()
    sum: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    stub: frozenset[str] = frozenset()
    note: frozenset[str] = frozenset()
    columns: tuple[tuple[str, frozenset[str]], ...] = ()

    def is_total(self, label: str) -> bool:
        """Tell whether a row or column is a total: by its name, or its first or last word."""
        folded = plain(label)
        if folded in self.total:
            return True
        parts = folded.split()
        is_short = 0 < len(parts) <= MAX_TOTAL and not self.is_base(label)
        return is_short and (parts[0] in self.sum or parts[-1] in self.sum)

    def is_base(self, label: str) -> bool:
        """Tell whether a row gives the base and no answer."""
        return plain(label) in self.base

    def is_known_head(self, text: str) -> bool:
        """Tell whether a text is a head without any context: n, procent, Totalt, 2019, kr."""
        if YEAR.fullmatch(text):
            return True
        folded = plain(text)
        known = (self.count, self.percent, self.total, self.money)
        return any(folded in words for words in known)

    def trailing_heads(self, text: str) -> tuple[list[str], str]:
        """Return the known heads that end a text, and the text before them."""
        tokens = text.split()
        heads: list[str] = []
        at = len(tokens)
        while at:
            sizes = range(min(MAX_PHRASE, at), 0, -1)
            size = next((n for n in sizes if self.is_known_head(" ".join(tokens[at - n : at]))), 0)
            if not size:
                break
            heads.insert(0, " ".join(tokens[at - size : at]))
            at -= size
        return heads, " ".join(tokens[:at])

    def is_count(self, head: str) -> bool:
        """Tell whether a head or unit says that figures are counts."""
        return plain(head) in self.count

    def is_percent(self, head: str) -> bool:
        """Tell whether a head or unit says that figures are percents."""
        return plain(head) in self.percent

    def mentions_percent(self, head: str) -> bool:
        """Tell whether a head has a word for percents in it: "Förändring (%)"."""
        parts = {part.strip("(),") for part in plain(head).split()}
        return bool(parts & self.percent)


_SETS = (
    "total", "sum", "base", "count", "percent", "money", "caption", "figure", "expected", "open",
    "stub", "note",
)  # fmt: skip
_LISTS = ("multiple", "rounded", "within")


def plain(text: str) -> str:
    """Fold a head for comparison: lower case, single blanks, no closing mark."""
    return " ".join(text.casefold().split()).rstrip(":.*")


def make_words(sections: Iterable[Mapping[str, object]]) -> Words:
    """Gather the word lists of several languages (``lift.words`` of each catalogue)."""
    lists: dict[str, list[str]] = {}
    columns: dict[str, set[str]] = {}
    for section in sections:
        for key, value in section.items():
            if isinstance(value, dict):
                for name, heads in value.items():
                    columns.setdefault(name, set()).update(plain(str(h)) for h in heads)
            elif isinstance(value, list):
                lists.setdefault(key, []).extend(plain(str(w)) for w in value)
    known: dict[str, Any] = {name: frozenset(lists.get(name, ())) for name in _SETS}
    known |= {name: tuple(dict.fromkeys(lists.get(name, ()))) for name in _LISTS}
    fields = tuple((name, frozenset(heads)) for name, heads in columns.items())
    return Words(**known, columns=fields)
