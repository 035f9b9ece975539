"""Cells of study data: what is a number, a heading, a sum, a symbol."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NUMBER = re.compile(
    r"^[-\u2212]?\d{1,3}(?:[ \u00a0]?\d{3})*(?:[.,]\d+)?$|^[-\u2212]?\d+(?:[.,]\d+)?$"
)
YEAR = re.compile(r"^(?:19|20)\d\d$")
GROUP_MARK = "# "
TOTAL_MARK = "= "
REST_MARK = "+ "
"""How a data table's first column says that a row is a heading, a sum, or all that is left."""
MARKS = (GROUP_MARK, TOTAL_MARK, REST_MARK)


def is_marked(label: str) -> bool:
    """Tell whether a row is a heading, a sum or a rest, that is no row of data."""
    return label.startswith(MARKS)


def bare_label(label: str) -> str:
    """Return a row head without its mark."""
    return label[2:] if is_marked(label) else label


def cell_number(text: str) -> Decimal | None:
    """Return the number in a cell, None where it is blank or no number.

    Grouped thousands, a decimal comma or point and a true minus sign are read.
    """
    if not NUMBER.match(text):
        return None
    plain = text.replace("\u00a0", "").replace(" ", "").replace(",", ".").replace("\u2212", "-")
    return Decimal(plain)


def is_symbol(cell: str) -> bool:
    """Tell whether a cell holds a sign in place of a figure: ``..``, ``.`` or a dash."""
    return bool(cell) and not any(character.isalnum() for character in cell)


def are_years(cells: Iterable[str]) -> bool:
    """Tell whether a column holds years, which are written without thousands separator."""
    numbers = [cell for cell in cells if cell_number(cell) is not None]
    return bool(numbers) and all(YEAR.match(cell) for cell in numbers)


def cell_decimals(value: Decimal) -> int:
    """Return how many decimals a number is written with."""
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0
