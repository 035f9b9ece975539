"""Figures in running text: values that have passed the gate, written in the report's language."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evaluation.texts import Texts


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A number in prose; prints itself, and can be compared, added and subtracted.

    Attributes
    ----------
    value
        The number that is printed, or None where it is withheld or not there.
    decimals
        Decimals printed.
    unit
        ``count``, ``percent``, ``points`` or ``number``.
    texts
        For writing it.
    pending
        Not counted yet: the first passes over a chapter only collect what is
        needed; every comparison with a pending figure is false.
    """

    value: Decimal | None
    decimals: int
    unit: str
    texts: Texts
    pending: bool = False

    @property
    def is_shown(self) -> bool:
        """Whether there is a figure to print; a shown 0 is one."""
        return self.value is not None

    def __str__(self) -> str:
        if self.value is None:
            return self.texts.get("symbols.withheld")
        if self.unit == "percent":
            return self.texts.numbers.percentage(self.value, self.decimals)
        return self.texts.numbers.number(self.value, self.decimals)

    def _operand(self, other: object) -> Decimal | None:
        if isinstance(other, Figure):
            return other.value
        if isinstance(other, int | float | Decimal) and not isinstance(other, bool):
            return Decimal(str(other))
        raise TypeError(f"a figure cannot be combined with {type(other).__name__}")

    def _combine(self, other: object, sign: int) -> Figure:
        operand = self._operand(other)
        decimals = max(self.decimals, other.decimals if isinstance(other, Figure) else 0)
        if self.value is None or operand is None:
            return Figure(None, decimals, self.unit, self.texts, self.pending)
        unit = "points" if self.unit == "percent" and sign < 0 else self.unit
        return Figure(self.value + sign * operand, decimals, unit, self.texts)

    def __add__(self, other: object) -> Figure:
        return self._combine(other, 1)

    __radd__ = __add__

    def __sub__(self, other: object) -> Figure:
        return self._combine(other, -1)

    def __rsub__(self, other: object) -> Figure:
        operand = self._operand(other)
        return Figure(operand, self.decimals, self.unit, self.texts)._combine(self, -1)

    def __abs__(self) -> Figure:
        value = None if self.value is None else abs(self.value)
        return Figure(value, self.decimals, self.unit, self.texts, self.pending)

    def _pair(self, other: object) -> tuple[Decimal, Decimal] | None:
        operand = self._operand(other)
        return None if self.value is None or operand is None else (self.value, operand)

    def __lt__(self, other: object) -> bool:
        pair = self._pair(other)
        return pair is not None and pair[0] < pair[1]

    def __le__(self, other: object) -> bool:
        pair = self._pair(other)
        return pair is not None and pair[0] <= pair[1]

    def __gt__(self, other: object) -> bool:
        pair = self._pair(other)
        return pair is not None and pair[0] > pair[1]

    def __ge__(self, other: object) -> bool:
        pair = self._pair(other)
        return pair is not None and pair[0] >= pair[1]

    def __eq__(self, other: object) -> bool:
        pair = self._pair(other)
        return pair is not None and pair[0] == pair[1]

    def __hash__(self) -> int:
        return hash((self.value, self.decimals, self.unit))

    def __bool__(self) -> bool:
        return self.value is not None and self.value != 0
