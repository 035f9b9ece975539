"""Numbers as printed: read from print, and written the way the print does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

BLANKS = " \u00a0\u2009\u202f"
NUMBER = re.compile(
    rf"^(?P<sign>[-\u2212\u2013]?)(?P<whole>\d+|\d{{1,3}}(?:[{BLANKS}.]\d{{3}})+)"
    rf"(?:[,.](?P<fraction>\d+))?(?P<unit>[{BLANKS}]*(?:%|procent)?)$"
)


@dataclass(frozen=True, slots=True)
class PrintedNumber:
    """A printed number.

    Attributes
    ----------
    value
        What it says.
    decimals
        Decimals printed.
    is_percent
        It has a percent sign or the word.
    text
        As printed.
    """

    value: Decimal
    decimals: int
    is_percent: bool
    text: str


def read_number(text: str) -> PrintedNumber | None:
    """Read a printed number, Swedish or English style, or None if it is none."""
    found = NUMBER.match(text.strip())
    if not found:
        return None
    whole = re.sub(rf"[{BLANKS}.]", "", found["whole"])
    fraction = found["fraction"] or ""
    value = Decimal(f"{whole}.{fraction}" if fraction else whole)
    signed = -value if found["sign"] else value
    return PrintedNumber(signed, len(fraction), bool(found["unit"].strip()), text)


def in_style_of(printed: str, value: Decimal | int) -> str:
    """Write a value as the print wrote another: separators, decimals, percent sign.

    A value that is not as exact as the print asks for is not padded out: the
    caller gives it with the decimals that are to be compared.
    """
    style = read_number(printed)
    text = f"{Decimal(value):f}"
    whole, _, fraction = text.partition(".")
    sign = ""
    if whole.startswith("-"):
        sign, whole = "\u2212", whole[1:]
    blank = next((ch for ch in printed if ch in BLANKS), " ")
    grouped_style = re.search(rf"\d[{BLANKS}]\d", printed) is not None
    if len(whole) > 3 and (grouped_style or style is None):
        groups: list[str] = []
        while len(whole) > 3:
            whole, group = whole[:-3], whole[-3:]
            groups.insert(0, group)
        whole = blank.join([whole, *groups])
    decimal = "." if re.search(r"\d\.\d{1,2}(?!\d)", printed) else ","
    unit = re.search(rf"[{BLANKS}]*(?:%|procent)$", printed.strip())
    return sign + whole + (decimal + fraction if fraction else "") + (unit.group() if unit else "")
