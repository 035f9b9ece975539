"""Words that print uses for totals, bases, counts, percents: both languages at once.

A report is read without knowing its language; the lists lie in the texts
catalogues under ``lift.words``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Words:
    """Words of print, lower case, in every language of the catalogue.

    Attributes
    ----------
    total, base, count, percent, money, multiple
        Words for a total, for a base, for a count, for a percent, for money,
        and for several answers being allowed.
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
    columns: tuple[tuple[str, frozenset[str]], ...] = ()

    def is_total(self, label: str) -> bool:
        """Tell whether a row or column is a total."""
        return plain(label) in self.total

    def is_base(self, label: str) -> bool:
        """Tell whether a row gives the base and no answer."""
        return plain(label) in self.base

    def is_count(self, head: str) -> bool:
        """Tell whether a head or unit says that figures are counts."""
        return plain(head) in self.count

    def is_percent(self, head: str) -> bool:
        """Tell whether a head or unit says that figures are percents."""
        return plain(head) in self.percent


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
    return Words(
        total=frozenset(lists.get("total", ())),
        base=frozenset(lists.get("base", ())),
        count=frozenset(lists.get("count", ())),
        percent=frozenset(lists.get("percent", ())),
        money=frozenset(lists.get("money", ())),
        multiple=tuple(dict.fromkeys(lists.get("multiple", ()))),
        rounded=tuple(dict.fromkeys(lists.get("rounded", ()))),
        columns=tuple((name, frozenset(heads)) for name, heads in columns.items()),
    )
