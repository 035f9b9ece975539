"""A printed table as numbers: cells with their measure, and series of percents of one base."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from evaluation.model import TOTAL
from evaluation.published.schema import PrintedRow
from evaluation.published.strings import read_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evaluation.published.schema import PrintedTable
    from evaluation.published.words import Words

PERCENT_UNITS = ("procent", "percent", "%")
EMPTY = frozenset({"", "-", "–", "—", "\u2212", ".", "x", "*"})
"""Printed where there is nothing: counts as 0 in a sum."""
UNKNOWN = frozenset({"..", "...", "…", "•"})
"""Printed where there is something that is not told."""
MEASURES = ("n", "percent", "expected")
_PARENTHESES = re.compile(r"^[(\[](.*)[)\]]$")


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed figure.

    Attributes
    ----------
    index
        Row of the table, from 0.
    row, group, column, step
        Where it stands; ``column`` is "" in a table of n and percent.
    measure
        ``n``, ``percent``, ``expected``, or ``amount`` for anything else.
    text
        As printed.
    value, decimals
        Read from it; ``value`` is None where it is no number.
    is_sum
        It stands in a row that is a total.
    """

    index: int
    row: str
    group: str
    column: str
    step: str
    measure: str
    text: str
    value: Decimal | None
    decimals: int
    is_sum: bool

    @property
    def count(self) -> int | None:
        """A whole count of 0 or more, None where it is none."""
        if self.value is None or self.decimals or self.value < 0:
            return None
        return int(self.value)

    @property
    def is_empty(self) -> bool:
        """Nothing stands there."""
        return self.text.strip() in EMPTY

    @property
    def place(self) -> str:
        """Column and step, for a finding."""
        return ": ".join(p for p in (self.column, self.step) if p) or self.measure


@dataclass(frozen=True, slots=True)
class Share:
    """A percent of a series: ``units`` of its last decimal, and its count where printed."""

    figure: Figure
    units: int
    scale: int
    n: int | None

    @property
    def exact(self) -> Fraction:
        """The printed percent."""
        return Fraction(self.units, self.scale)

    @property
    def half_unit(self) -> Fraction:
        """How far rounding may have moved it."""
        return Fraction(1, 2 * self.scale)


@dataclass(frozen=True, slots=True)
class Series:
    """Percents of one base.

    Attributes
    ----------
    row, column
        Which it is: the row, the column, or both; "" for a whole table.
    shares
        The percents, totals left out.
    base
        As printed or as the counts' sum; None where unknown.
    base_is_printed
        It is printed, and not summed up.
    is_exclusive
        Whether everyone has one answer; None where that is not known.
    is_complete
        No figure of it is withheld.
    total_n, total_percent
        Printed totals.
    """

    table: str
    row: str
    column: str
    shares: tuple[Share, ...]
    base: int | None
    base_is_printed: bool
    is_exclusive: bool | None
    is_complete: bool = True
    total_n: Figure | None = None
    total_percent: Figure | None = None

    @property
    def place(self) -> str:
        """Row and column in one."""
        return ": ".join(p for p in (self.row, self.column) if p)

    @property
    def total(self) -> Fraction:
        """Sum of the printed percents."""
        return sum((s.exact for s in self.shares), Fraction(0))

    @property
    def tolerance(self) -> Fraction:
        """How far rounding alone can take the sum from 100."""
        return sum((s.half_unit for s in self.shares), Fraction(0))

    @property
    def sums_to_100(self) -> bool:
        """The printed percents add to exactly 100."""
        return self.total == 100

    @property
    def counts(self) -> tuple[int, ...] | None:
        """All counts, None where any is unknown."""
        found = tuple(s.n for s in self.shares if s.n is not None)
        return found if len(found) == len(self.shares) else None


def figures(table: PrintedTable, words: Words) -> tuple[Figure, ...]:
    """Return every printed figure of a table with its measure."""
    found = []
    for index, row in enumerate(table.rows):
        is_sum = row.is_sum or words.is_total(row.label) or words.is_base(row.label)
        for column, step, text in _cells(row):
            found.append(_figure(table, words, row, index, is_sum, (column, step, text)))
    if table.sum:
        total = PrintedRow(label=TOTAL, cells=dict(table.sum), is_sum=True)
        for measure, text in table.sum.items():
            place = ("", measure, text) if measure in MEASURES else (measure, "", text)
            found.append(_figure(table, words, total, len(table.rows), True, place))
    return tuple(found)


def _cells(row: PrintedRow) -> Iterator[tuple[str, str, str]]:
    for step, text in (("n", row.n), ("percent", row.percent)):
        if text is not None:
            yield "", step, text
    for column, content in row.cells.items():
        if isinstance(content, dict):
            for step, text in content.items():
                yield column, step, text or ""
        else:
            yield column, "", content or ""


def _figure(
    table: PrintedTable,
    words: Words,
    row: PrintedRow,
    index: int,
    is_sum: bool,
    cell: tuple[str, str, str],
) -> Figure:
    column, step, text = cell
    inner = _PARENTHESES.sub(r"\1", text.strip())
    number = read_number(inner)
    measure = _measure(table, words, column, step, number is not None and number.is_percent)
    return Figure(
        index=index,
        row=row.label,
        group=row.group or "",
        column="" if column == "total" and step else column,
        step="" if step in MEASURES else step,
        measure=measure,
        text=text,
        value=None if number is None else number.value,
        decimals=0 if number is None else number.decimals,
        is_sum=is_sum,
    )


def _measure(table: PrintedTable, words: Words, column: str, step: str, has_sign: bool) -> str:
    """Tell what a figure is: by its name, its sign, the heads, the unit of the table."""
    if step in MEASURES:
        return step
    if has_sign:
        return "percent"
    for name in (step, column):
        if name and words.is_count(name):
            return "n"
        if name and words.is_percent(name):
            return "percent"
    if (table.unit or "").casefold() in PERCENT_UNITS or words.mentions_percent(column):
        return "percent"
    if table.kind == "data" and not words.is_count(table.unit or ""):
        return "amount"
    return "n"


# --- series of percents --------------------------------------------------------


def series_of(table: PrintedTable, found: Sequence[Figure]) -> tuple[Series, ...]:
    """Return the series of percents of a table, each with its base where one is known."""
    percents = [f for f in found if f.measure == "percent"]
    shares = [f for f in percents if f.value is not None]
    withheld = {(f.index, f.column) for f in percents if f.value is None and not f.is_empty}
    made = _all_series(table, shares, found)
    return tuple(_marked(series, withheld, table) for series in made)


def _marked(series: Series, withheld: set[tuple[int, str]], table: PrintedTable) -> Series:
    """Mark a series as incomplete where a figure of its row or column is withheld."""
    rows = {s.figure.index for s in series.shares}
    columns = {s.figure.column for s in series.shares}
    along_rows = len(rows) == 1 and len(table.rows) > 1
    if any((i in rows) if along_rows else (c in columns) for i, c in withheld):
        return replace(series, is_complete=False)
    return series


def _all_series(
    table: PrintedTable, shares: Sequence[Figure], found: Sequence[Figure]
) -> tuple[Series, ...]:
    counts = {(f.index, f.column, f.step): f for f in found if f.measure == "n"}
    has_steps = any(f.step for f in shares)
    if has_steps or table.percents == "row" or table.kind in ("grid", "battery"):
        return tuple(_row_series(table, shares, counts))
    if table.percents == "total":
        inner = [f for f in shares if not f.is_sum]
        return (_series(table, ("", ""), inner, counts, table.base),) if inner else ()
    return tuple(_column_series(table, shares, counts))


def _row_series(
    table: PrintedTable, shares: Sequence[Figure], counts: dict[tuple[int, str, str], Figure]
) -> Iterator[Series]:
    """Series along the rows: of the steps of each column, or of the columns."""
    has_steps = any(f.step for f in shares)
    keys = dict.fromkeys((f.index, f.column if has_steps else "") for f in shares)
    for index, column in keys:
        own = [f for f in shares if f.index == index and (not has_steps or f.column == column)]
        row = table.rows[index]
        base = read_count(row.base) if row.base else read_count(table.bases.get(column or "total"))
        totals = [f for f in own if f.value == 100 and len(own) > 1 and _is_last_total(f, own)]
        rest = [f for f in own if f not in totals]
        yield _series(table, (row.label, column), rest, counts, base)


def _is_last_total(figure: Figure, own: Sequence[Figure]) -> bool:
    """A 100 in the last place beside others that add up to about 100: the row's total."""
    others = [f for f in own if f is not figure]
    total = sum((f.value for f in others if f.value is not None), Decimal(0))
    return own[-1] is figure and abs(total - 100) <= len(others)


def _column_series(
    table: PrintedTable, shares: Sequence[Figure], counts: dict[tuple[int, str, str], Figure]
) -> Iterator[Series]:
    """Series down the columns, one for each block of rows that has a total of its own."""
    blocks = _blocks(table, shares)
    for column in dict.fromkeys(f.column for f in shares):
        for block in blocks:
            own = [f for f in shares if f.column == column and f.index in block]
            inner = [f for f in own if not f.is_sum]
            if not inner:
                continue
            sums = [f for f in own if f.is_sum]
            total_n = next(
                (f for (i, c, _), f in counts.items() if i in block and c == column and f.is_sum),
                None,
            )
            base = read_count(table.bases.get(column)) or (table.base if not column else None)
            if base is None and len(blocks) == 1:
                base = table.base if len({f.column for f in shares}) == 1 else None
            made = _series(table, ("", column), inner, counts, base)
            yield _with_totals(made, total_n, sums[0] if sums else None)


def _blocks(table: PrintedTable, shares: Sequence[Figure]) -> list[set[int]]:
    """Rows that belong together: by group where every group has several rows, else all."""
    groups: dict[str, set[int]] = {}
    for figure in shares:
        groups.setdefault(figure.group, set()).add(figure.index)
    if len(groups) > 1 and all(len(rows) > 1 for rows in groups.values()):
        return list(groups.values())
    return [set(range(len(table.rows)))]


def _with_totals(series: Series, total_n: Figure | None, total_percent: Figure | None) -> Series:
    made = replace(series, total_n=total_n, total_percent=total_percent)
    if not made.base_is_printed and total_n is not None and total_n.count:
        return replace(made, base=total_n.count, base_is_printed=True)
    return made


def _series(
    table: PrintedTable,
    place: tuple[str, str],
    own: Sequence[Figure],
    counts: dict[tuple[int, str, str], Figure],
    base: int | None,
) -> Series:
    shares = []
    for figure in own:
        found = counts.get((figure.index, figure.column, figure.step))
        scale = 10**figure.decimals
        units = int((figure.value or Decimal(0)) * scale)
        shares.append(Share(figure, units, scale, None if found is None else found.count))
    exclusive = {"single": True, "grid": True, "multiple": False}.get(table.kind)
    made = Series(table.id, *place, tuple(shares), base, base is not None, exclusive)
    if made.base is None and exclusive and made.counts:
        return replace(made, base=sum(made.counts))
    return made


def read_count(text: object) -> int | None:
    """Read a printed whole number above 0, None where it is none."""
    if text is None:
        return None
    number = read_number(str(text))
    if number is None or number.decimals or number.value <= 0:
        return None
    return int(number.value)
