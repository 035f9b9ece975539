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


@dataclass(frozen=True, slots=True)
class OrderFound:
    """What a column says about its order.

    Attributes
    ----------
    order
        To read it with.
    is_ambiguous
        No value decides, and some value means two different days.
    is_mixed
        Some values can only be day first and others only month first.
    """

    order: DateOrder
    is_ambiguous: bool
    is_mixed: bool


def find_order(texts: Iterable[str]) -> OrderFound:
    """Tell the order of day and month from all values of a column."""
    day_first = month_first = doubtful = False
    for text in texts:
        match = _YEAR_LAST.match(text.strip())
        if match is None or _YEAR_FIRST.match(text.strip()):
            continue
        first, second = int(match[1]), int(match[2])
        day_first |= first > _NOON >= second
        month_first |= second > _NOON >= first
        doubtful |= first != second and max(first, second) <= _NOON
    order = DateOrder.MONTH_FIRST if month_first and not day_first else DateOrder.DAY_FIRST
    decided = day_first or month_first
    return OrderFound(order, doubtful and not decided, day_first and month_first)


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
