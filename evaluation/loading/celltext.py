"""One cell of a workbook or statistics file as text, exactly and always in the same way.

``1.0`` becomes ``"1"``, ``0.1`` becomes ``"0.1"`` (shortest decimal that reads
back to the same number), dates become ISO 8601 and truth values ``TRUE`` and
``FALSE``, so that a workbook and the CSV made of it give the same texts.
"""

from __future__ import annotations

import datetime as dt
import math

EXACT_INTEGER = 1e16
"""Above this neighbouring floats are more than 1 apart; digits would be invented."""


def cell_text(value: object) -> str:
    """Return the text of one cell; nothing and not-a-number become ``""``."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, dt.datetime):
        return _datetime_text(value)
    if isinstance(value, dt.timedelta):
        return _duration_text(value)
    if isinstance(value, dt.time):
        return value.replace(microsecond=0, tzinfo=None).isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def float_text(value: float) -> str:
    """Return a float as text: whole numbers without a point, others at shortest exact length."""
    if math.isnan(value) or math.isinf(value):
        return ""
    if value.is_integer() and abs(value) < EXACT_INTEGER:
        return str(int(value))
    return repr(value)


def _datetime_text(value: dt.datetime) -> str:
    """ISO date and time to the second; Excel keeps times as fractions of a day, not exactly."""
    half_second = 500_000
    rounded = value.replace(microsecond=0)
    if value.microsecond >= half_second:
        rounded += dt.timedelta(seconds=1)
    return rounded.isoformat(sep=" ")


def _duration_text(value: dt.timedelta) -> str:
    """Hours, minutes and seconds, hours beyond 24 kept."""
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{sign}{hours:02}:{minute:02}:{second:02}"
