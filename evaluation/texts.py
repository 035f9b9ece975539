"""Every word that the product itself puts into a report, and how numbers are written.

The catalogue is a folder of YAML files per language (``templates/texts/sv``) overlaid
by a study's own. Code holds keys only; a missing key is an error, not a blank.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluation.rounding import round_half_up

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
AFTER_Z = {"\u00e5": "{", "\u00e4": "|", "\u00e6": "|", "\u00f6": "}", "\u00f8": "}"}
"""Letters that Swedish sorts after z; the signs stand there in ASCII."""


def alphabetical(text: str) -> str:
    """Return the key by which Swedish sorts a text: å, ä and ö last, other accents ignored."""
    letters = (AFTER_Z.get(c) or unicodedata.normalize("NFD", c)[0] for c in text.casefold())
    return "".join(letters)


class MissingTextError(KeyError):
    """A text key that the catalogue lacks: a programming error."""


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How a language writes numbers."""

    decimal: str = ","
    thousands: str = NO_BREAK_SPACE
    percent: str = NO_BREAK_SPACE + "%"
    minus: str = MINUS

    def number(self, value: int | float | Decimal, decimals: int = 0) -> str:
        """Write a number: grouped thousands, half up, true minus sign.

        Four figures and more are grouped (``1 341``), as in the printed reports.
        """
        rounded = round_half_up(value, decimals)
        sign = self.minus if rounded < 0 else ""
        whole, _, fraction = f"{abs(rounded):f}".partition(".")
        groups: list[str] = []
        while len(whole) > 3:
            whole, group = whole[:-3], whole[-3:]
            groups.insert(0, group)
        text = sign + self.thousands.join([whole, *groups])
        return text + self.decimal + fraction if fraction else text

    def percentage(self, value: float | Decimal, decimals: int = 1) -> str:
        """Write a percent (0 to 100) with its sign: ``27,8 %``."""
        return self.number(value, decimals) + self.percent


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words for a share, with the range (in percent, half open) that they fit."""

    text: str
    low: float
    high: float
    group: str = "share"


@dataclass(frozen=True, slots=True)
class Texts:
    """A catalogue in one language.

    Attributes
    ----------
    language
        BCP 47 tag, such as ``sv``.
    entries
        Nested mapping of keys to texts; looked up with dotted keys.
    numbers
        Number format of the language.
    """

    language: str
    entries: Mapping[str, Any]
    numbers: NumberFormat = NumberFormat()

    def get(self, key: str, /, **values: object) -> str:
        """Return the text under a dotted key, with ``{name}`` filled in.

        Raises
        ------
        MissingTextError
            If the key is not in the catalogue or is not a text.
        """
        node: Any = self.entries
        for part in key.split("."):
            if not isinstance(node, dict) or part not in node:
                raise MissingTextError(f"{self.language}: {key}")
            node = node[part]
        if not isinstance(node, str):
            raise MissingTextError(f"{self.language}: {key} is not a text")
        return node.format(**values) if values else node

    def has(self, key: str) -> bool:
        """Tell whether the catalogue holds a text under the dotted key."""
        try:
            self.get(key)
        except MissingTextError:
            return False
        return True

    def mapping(self, key: str) -> Mapping[str, Any]:
        """Return a section of the catalogue, empty where there is none."""
        node: Any = self.entries
        for part in key.split("."):
            node = node.get(part, {}) if isinstance(node, dict) else {}
        return node if isinstance(node, dict) else {}


def merge_entries(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Overlay one catalogue's entries with another's, section by section."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        both = isinstance(below, dict) and isinstance(value, dict)
        merged[key] = merge_entries(below, value) if both else value  # type: ignore[arg-type]
    return merged


def number_format(entries: Mapping[str, Any]) -> NumberFormat:
    """Read the number format out of a catalogue's ``numbers`` section."""
    section = entries.get("numbers", {})
    default = NumberFormat()
    return NumberFormat(
        decimal=section.get("decimal", default.decimal),
        thousands=section.get("thousands", default.thousands),
        percent=section.get("percent", default.percent),
        minus=section.get("minus", default.minus),
    )
