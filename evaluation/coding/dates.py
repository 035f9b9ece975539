"""Dates as survey tools and people write them, as days since 1970-01-01.

Year first is never in doubt. Day and month of ``3/4/2022`` are told apart by
the whole column: one value above 12 decides for all. Where none does, the
column is ambiguous; it is then read day first, the Swedish order, and said so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_YEAR_FIRST = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|(\d{2})(\d{2}))(?!\d)")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?!\d)")
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s*([ap]\.?m\.?)?", re.IGNORECASE)
_EPOCH = date(1970, 1, 1).toordinal()
_CENTURY = 2000
_NOON = 12


class DateOrder(StrEnum):
    """Order of day and month where the year comes last."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


@dataclass(slots=True)
class OrderFound:
    """What the values of a column say about its order; more can be added.

    Attributes
    ----------
    day_first, month_first
        Some value can only be read so.
    doubtful
        Some value means two different days.
    """

    day_first: bool = False
    month_first: bool = False
    doubtful: bool = False

    def add(self, texts: Iterable[str]) -> None:
        """Take note of more values."""
        for text in texts:
            match = _YEAR_LAST.match(text.strip())
            if match is None or _YEAR_FIRST.match(text.strip()):
                continue
            first, second = int(match[1]), int(match[2])
            self.day_first |= first > _NOON >= second
            self.month_first |= second > _NOON >= first
            self.doubtful |= first != second and max(first, second) <= _NOON

    @property
    def order(self) -> DateOrder:
        """Order to read the column with."""
        if self.month_first and not self.day_first:
            return DateOrder.MONTH_FIRST
        return DateOrder.DAY_FIRST

    @property
    def is_ambiguous(self) -> bool:
        """Whether no value decides, and some value means two different days."""
        return self.doubtful and not (self.day_first or self.month_first)

    @property
    def is_mixed(self) -> bool:
        """Whether some values can only be day first and others only month first."""
        return self.day_first and self.month_first


def parse_date(text: str, order: DateOrder = DateOrder.DAY_FIRST) -> float | None:
    """Return days since 1970-01-01, or None where the text holds no date.

    A time of day after the date is allowed and not counted.
    """
    bare = text.strip()
    match = _YEAR_FIRST.match(bare)
    if match:
        return _days(int(match[1]), int(match[3] or match[5]), int(match[4] or match[6]))
    match = _YEAR_LAST.match(bare)
    if match is None:
        return None
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    year += _CENTURY if len(match[3]) == 2 else 0
    if order is DateOrder.DAY_FIRST:
        first, second = second, first
    return _days(year, first, second)


def parse_moment(text: str, order: DateOrder = DateOrder.DAY_FIRST) -> float | None:
    """Return a date with its time of day as days and fractions since 1970-01-01."""
    days = parse_date(text, order)
    if days is None:
        return None
    bare = text.strip()
    found = _YEAR_FIRST.match(bare) or _YEAR_LAST.match(bare)
    time = _TIME.search(bare, found.end()) if found else None
    if time is None:
        return days
    hour, half = int(time[1]), (time[4] or "").lower()
    if half.startswith("p") and hour < _NOON:
        hour += _NOON
    elif half.startswith("a") and hour == _NOON:
        hour = 0
    return days + (hour * 3600 + int(time[2]) * 60 + int(time[3] or 0)) / 86400


def _days(year: int, month: int, day: int) -> float | None:
    try:
        return float(date(year, month, day).toordinal() - _EPOCH)
    except ValueError:
        return None
