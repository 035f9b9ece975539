"""Personal data in answers: what can be recognised by its form.

E-mail addresses, Swedish personal identity numbers (personnummer and
samordningsnummer, with their check digit), telephone numbers, IP addresses
and positions have a form. Names and street addresses do not: nothing here
finds them in running text, and a text in which nothing was found may still
say who a person is.
"""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class PersonalKind(StrEnum):
    """Kinds of personal data that have a form of their own."""

    EMAIL = "email"
    PERSONAL_NUMBER = "personal_number"
    PHONE = "phone"
    IP = "ip"
    POSITION = "position"


_EMAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}\b")
_PERSONAL_NUMBER = re.compile(
    r"(?<![\d-])(?P<century>18|19|20)?(?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})"
    r"[-+ ]?(?P<serial>\d{3})(?P<check>\d)(?![\d-])"
)
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_PHONE = re.compile(
    r"(?<![\w.,-])(?:(?:\+|00)\d{2}[ -]?(?:\(0\))?[ -]?\d{1,3}|\(?0\d{1,3}\)?)"
    r"(?:[ /-]{0,3}\d{2,3}){2,4}(?![\w.,]\d)"
)
_POSITION = re.compile(
    r"(?<![\d.])-?\d{1,2}\.\d{4,}\s*[,; ]\s*-?\d{1,3}\.\d{4,}"
    r"(?:\s+-?\d{1,5}(?:\.\d+)?){0,2}(?![\d.]*\d)"
)
"""Latitude and longitude; ODK and KoboToolbox add altitude and accuracy."""
PHONE_DIGITS = range(7, 14)
"""Digits of a telephone number, country code included."""
COORDINATION_DAY = 60
"""Added to the day of birth in a coordination number (samordningsnummer)."""


def kinds_in(text: str) -> tuple[PersonalKind, ...]:
    """Return the kinds of personal data that a text holds.

    A run of digits is reported once, as the most telling kind that it fits.
    """
    found: list[PersonalKind] = []
    if "@" in text and _EMAIL.search(text):
        found.append(PersonalKind.EMAIL)
    if not any(character.isdigit() for character in text):
        return tuple(found)
    rest = text
    for kind, pattern, is_such in _FORMS:
        matches = [m for m in pattern.finditer(rest) if is_such(m)]
        if matches:
            found.append(kind)
            for match in reversed(matches):
                rest = rest[: match.start()] + " " + rest[match.end() :]
    return tuple(found)


def luhn_is_valid(digits: str) -> bool:
    """Check the last digit by the Luhn algorithm (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _is_personal_number(match: re.Match[str]) -> bool:
    """Check the date and, over the last ten digits, the check digit."""
    day = int(match["day"])
    day -= COORDINATION_DAY if day > COORDINATION_DAY else 0
    if not 1 <= int(match["month"]) <= 12 or not 1 <= day <= 31:
        return False
    ten = match["year"] + match["month"] + match["day"] + match["serial"] + match["check"]
    return luhn_is_valid(ten)


def _is_ipv4(match: re.Match[str]) -> bool:
    try:
        IPv4Address(match.group())
    except AddressValueError:
        return False
    return True


def _is_ipv6(match: re.Match[str]) -> bool:
    text = match.group()
    if text.count(":") < 3 and "::" not in text:
        return False  # a time of day
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return len(text) > len("::1")


def _is_phone(match: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", match.group())
    return len(digits) in PHONE_DIGITS


def _always(match: re.Match[str]) -> bool:
    del match
    return True


_FORMS = (
    (PersonalKind.PERSONAL_NUMBER, _PERSONAL_NUMBER, _is_personal_number),
    (PersonalKind.IP, _IPV4, _is_ipv4),
    (PersonalKind.IP, _IPV6, _is_ipv6),
    (PersonalKind.POSITION, _POSITION, _always),
    (PersonalKind.PHONE, _PHONE, _is_phone),
)
"""Forms in the order of what they tell most."""

MOSTLY = 0.6
"""A column is of a kind where this share of its answers is."""


def kind_of_column(texts: Sequence[str]) -> PersonalKind | None:
    """Return the kind of personal data that most of a column's answers consist of.

    Only answers that are such a thing through and through count: a comment
    that mentions an address does not make its column an address column.
    """
    if not texts:
        return None
    counts: Counter[PersonalKind] = Counter()
    for text in texts:
        bare = text.strip()
        for kind, pattern, is_such in ((PersonalKind.EMAIL, _EMAIL, _always), *_FORMS):
            match = pattern.fullmatch(bare)
            if match is not None and is_such(match):
                counts[kind] += 1
                break
    if not counts:
        return None
    commonest, n = counts.most_common(1)[0]
    return commonest if n >= MOSTLY * len(texts) else None
