"""Numbers as people write them: decimal comma, blanks between thousands, units."""

from __future__ import annotations

import re

_GROUP_BLANKS = re.compile(r"(?<=[0-9])[\s'](?=[0-9]{3}(?![0-9]))")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?P<sign>[.,])[0-9]{3}(?:(?P=sign)[0-9]{3})*")
_COMMON_UNITS = ("%", "kr", "sek", "st", "st.")


def parse_number(
    text: str, units: tuple[str, ...] = (), *, comma_groups: bool = False
) -> float | None:
    """Return the number that a cell holds, or None.

    Parameters
    ----------
    text
        ``1 341,5``, ``1.341,5``, ``1,341.5``, ``−3``, ``27 %``, ``40 timmar``.
    units
        Words that may follow the number, beside %, kr and st.
    comma_groups
        Whether ``1,341`` alone is one thousand (English) or one and a bit
        (Swedish, the default).
    """
    bare = text.strip().replace("\u2212", "-").replace("\u2013", "-")
    for unit in (*units, *_COMMON_UNITS):
        if unit and bare.casefold().endswith(unit.casefold()):
            bare = bare[: len(bare) - len(unit)].rstrip()
            break
    bare = _without_groups(_GROUP_BLANKS.sub("", bare), comma_groups=comma_groups)
    if not _NUMBER.fullmatch(bare):
        return None
    return float(bare.replace(",", "."))


def _without_groups(bare: str, *, comma_groups: bool) -> str:
    """Take out signs between thousands, where they can be told from the decimal sign."""
    if "," in bare and "." in bare:
        decimal = max(",.", key=bare.rfind)
        group = "." if decimal == "," else ","
        return bare.replace(group, "") if bare.count(decimal) == 1 else bare
    match = _GROUPED.fullmatch(bare)
    if match is None:
        return bare
    sign = match["sign"]
    several = bare.count(sign) > 1
    return bare.replace(sign, "") if several or (sign == "," and comma_groups) else bare
