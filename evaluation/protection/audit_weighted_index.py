"""Where in a release a question is spoken of: its cells, and the sums that name it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from evaluation.protection.audit_cells import Key, Published
    from evaluation.protection.audit_equations import Equation, Equations


@dataclass(slots=True)
class Index:
    """Cells and equations of a survey, by what they are about.

    Attributes
    ----------
    cells
        Variable in the rows -> cells.
    keys
        Counts that stand in some cell.
    places
        Table -> decimals of its percents.
    bare
        Count without what it states of classes -> cells; filled by who knows the classes.
    """

    cells: dict[str, list[Published]] = field(default_factory=lambda: defaultdict(list))
    keys: set[Key] = field(default_factory=set)
    places: dict[str, int] = field(default_factory=dict)
    bare: dict[Key, list[Published]] = field(default_factory=lambda: defaultdict(list))
    _equations: list[Equation] = field(default_factory=list)
    _naming: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _at: dict[Key, set[int]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, cells: Iterable[Published], equations: Equations) -> Index:
        """Read the cells of one survey."""
        index = cls(_equations=equations.equations)
        for cell in cells:
            index.cells[cell.row_var].append(cell)
            index.keys.add(cell.key)
            if cell.percent is not None:
                places = len(f"{cell.percent:.6g}".partition(".")[2])
                index.places[cell.table] = max(places, index.places.get(cell.table, 0))
        for number, equation in enumerate(index._equations):
            for key in equation:
                index._at[key].add(number)
                for text in key[1]:
                    name = text.removeprefix("not ").partition("=")[0].rstrip("!")
                    index._naming[name].add(number)
                    index._naming[text.rpartition(" ")[2]].add(number)
        return index

    def equations(self, names: Collection[str], keys: Iterable[Key]) -> list[Equation]:
        """Return the equations that name a question or a count, in their order."""
        numbers = set[int]().union(
            *(self._naming.get(name, ()) for name in names),
            *(self._at.get(key, ()) for key in keys),
        )
        return [self._equations[number] for number in sorted(numbers)]
