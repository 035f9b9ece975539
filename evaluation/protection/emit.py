"""Protected tables from decisions: what is withheld with a hidden count, and what stays.

With a count go its weighted count, its percent and interval, the percents
that it is the base of, expected counts, comparison letters of its row, and
the tests and statistics of its columns. A weighted figure can be withheld
though its count is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evaluation.inference.results import WITHHELD, TestOutcome
from evaluation.model import TOTAL, CellStatus
from evaluation.protection.catalogue import IMPOSSIBLE
from evaluation.protection.display import displayed_percents
from evaluation.protection.events import MISSING_KINDS
from evaluation.protection.further import base_tells, limits_tell, test_tells
from evaluation.protection.methods.none import pass_cell
from evaluation.protection.release import ProtectedCell, ProtectedTable
from evaluation.protection.weighted import NOTHING, Sums
from evaluation.rounding import round_half_up
from evaluation.tables.spec import Statistic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from evaluation.codebook.schema import Protection
    from evaluation.protection.catalogue import Catalogue
    from evaluation.protection.rules import Rules
    from evaluation.tables.table import Table

EFFECTIVE, TESTS = 1, 4
"""Decimals of an effective base, and of a test of weighted figures."""
EXTREME_STATISTICS = frozenset({"min", "minimum", "max", "maximum", "range"})
"""Statistics that are one respondent's value."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What is hidden, table by table.

    Attributes
    ----------
    hidden
        Positions of hidden distinct counts.
    dropped
        (table, row) of rows that are left out.
    withheld
        Tables that are not published at all.
    sums
        Counts whose weighted figures are withheld.
    """

    hidden: frozenset[int]
    dropped: frozenset[tuple[int, int]]
    withheld: frozenset[int] = frozenset()
    sums: Sums = NOTHING


def emit_tables(
    tables: Sequence[Table], catalogue: Catalogue, decided: Decided, rules: Rules
) -> tuple[ProtectedTable, ...]:
    """Return the tables as they may be read by anyone."""
    return tuple(
        withheld_table(table)
        if number in decided.withheld
        else _Emitter(table, number, catalogue, decided, rules).emit()
        for number, table in enumerate(tables)
    )


def withheld_table(table: Table) -> ProtectedTable:
    """Return a table of which nothing is published but what it would have been about."""
    nothing = ProtectedCell(CellStatus.SECONDARY)
    return ProtectedTable(
        id=table.id,
        spec=table.spec,
        title=table.title,
        rows=table.rows,
        columns=table.columns,
        cells=tuple((nothing,) * len(table.columns) for _ in table.rows),
        is_multiple=table.is_multiple,
        is_grid=table.is_grid,
        item_labels=table.item_labels,
        column_labels=table.column_labels,
        n_hidden=len(table.rows) * len(table.columns),
        is_withheld=True,
    )


class _Emitter:
    """One table on its way out."""

    def __init__(
        self,
        table: Table,
        number: int,
        catalogue: Catalogue,
        decided: Decided,
        rules: Rules,
    ) -> None:
        self.table = table
        self.policy: Protection = rules.policy
        self.rules = rules
        cells, bases = catalogue.cells[number], catalogue.bases[number]
        places = [(i, j) for i in range(len(table.rows)) for j in range(len(table.columns))]
        self.dropped = {i for i in range(len(table.rows)) if (number, i) in decided.dropped}
        self.hidden = {
            (i, j) for i, j in places if i not in self.dropped and cells[i][j] in decided.hidden
        }
        self.baseless = {(i, j) for i, j in places if bases[i][j] in decided.hidden}
        near = catalogue.near
        if near is None or len(near.columns.get(number, ())) == len(table.columns):
            self.has_base = {(i, j) for i, j in places if bases[i][j] != IMPOSSIBLE}
        else:  # shows everything, and is not in the catalogue
            codes = [row.code for row in table.rows]
            self.has_base = {(i, j) for i, j in places if codes[i] not in MISSING_KINDS}
        self.catalogue, self.decided = catalogue, decided
        is_weighted = bool(table.spec.weight)
        sums = decided.sums if is_weighted else NOTHING
        self.sums = {(i, j) for i, j in places if cells[i][j] in sums.counts}
        self.base_sums = {(i, j) for i, j in places if bases[i][j] in sums.counts}
        self.shares = {(i, j) for i, j in places if cells[i][j] in sums.shares}
        self.left, self.places, self.bases = sums.left, cells, bases
        self.told = table.told or frozenset()
        self.has_errors = is_weighted or table.told is not None
        self.is_open = not (self.has_errors or self.hidden or self.baseless)

    def emit(self) -> ProtectedTable:
        table = self.table
        shown = displayed_percents(table, self.hidden)
        kept = [i for i in range(len(table.rows)) if i not in self.dropped]
        return ProtectedTable(
            id=table.id,
            spec=table.spec,
            title=table.title,
            rows=tuple(table.rows[i] for i in kept),
            columns=table.columns,
            cells=tuple(
                tuple(self._cell(i, j, shown[i][j]) for j in range(len(table.columns)))
                for i in kept
            ),
            is_multiple=table.is_multiple,
            is_grid=table.is_grid,
            statistics=tuple(self._statistic(statistic) for statistic in table.statistics),
            tests=tuple(self._test(test) for test in table.tests),
            effective_base=self._effective_bases(),
            item_labels=table.item_labels,
            column_labels=table.column_labels,
            ci_method=table.ci_method,
            population=table.population,
            column_missing={
                name: n
                for name, n in table.column_missing.items()
                if not self.rules.is_small(n) and self._may_subtract(name)
            },
            n_hidden=len(self.hidden),
            is_told=bool(self.told),
            dropped_rows=tuple(table.rows[i] for i in sorted(self.dropped)),
        )

    # --- cells --------------------------------------------------------------------

    def _cell(self, i: int, j: int, percent: Decimal | None) -> ProtectedCell:
        cell = self.table.cells[i][j]
        if self.is_open and not 0 < cell.base_n < self.policy.minimum_base:
            return pass_cell(cell, percent)
        if (i, j) in self.hidden:
            return ProtectedCell(CellStatus.SECONDARY)
        passed = pass_cell(cell, percent)
        if self.has_errors:
            passed = self._coarse(passed, percent)
        if j in self.told:
            passed = replace(passed, ci_low=None, ci_high=None, letters="")
        if self._near_hidden(i, j):
            passed = replace(passed, letters="", expected=None)
        if (i, j) in self.sums:
            passed = replace(passed, wn=None, expected=None)
        if (i, j) not in self.has_base:
            return passed
        if (i, j) in self.base_sums:
            passed = replace(passed, base_wn=None, expected=None)
        if self._limits_tell(i, j, passed):
            passed = replace(passed, ci_low=None, ci_high=None, letters="")
        is_low = 0 < cell.base_n < self.policy.minimum_base
        if (i, j) not in self.baseless and not is_low and (i, j) not in self.shares:
            return passed
        if (i, j) in self.baseless:
            passed = replace(passed, base_n=None, base_wn=None)
        return replace(
            passed,
            status=CellStatus.LOW_BASE,
            percent=None,
            shown_percent=None,
            ci_low=None,
            ci_high=None,
            letters="",
        )

    def _coarse(self, cell: ProtectedCell, percent: Decimal | None) -> ProtectedCell:
        """Round what rests on single answers: many decimals of a sum tell who is in it."""
        places = self.table.spec.decimals
        ends = [
            None if end is None else float(round_half_up(end, places))
            for end in (cell.ci_low, cell.ci_high)
        ]
        cell = replace(cell, ci_low=ends[0], ci_high=ends[1])
        if not self.table.spec.weight:
            return cell
        return replace(
            cell,
            wn=_whole(cell.wn),
            base_wn=_whole(cell.base_wn),
            percent=None if percent is None else float(percent),
            expected=_whole(cell.expected),
        )

    def _limits_tell(self, i: int, j: int, passed: ProtectedCell) -> bool:
        ends = (passed.percent, passed.ci_low, passed.ci_high)
        if not self.left or None in ends:
            return False
        shares = tuple(float(end) for end in ends if end is not None)
        places = (self.places[i][j], self.bases[i][j])
        half = 0.5 * 10.0**-self.table.spec.decimals
        base = self.table.cells[i][j].base_wn
        return limits_tell(self.left, places, (shares[0], shares[1], shares[2]), base, half)

    def _near_hidden(self, i: int, j: int) -> bool:
        """Tell whether something is hidden in the block of one question and column variable."""
        row, column = self.table.rows[i], self.table.columns[j]
        return any(
            self.table.rows[a].variable == row.variable
            and self.table.columns[b].variable == column.variable
            for a, b in self.hidden
        )

    # --- what goes with cells -------------------------------------------------------

    def _may_subtract(self, by: str) -> bool:
        """Tell whether it follows from shown counts how many lack a column variable.

        Otherwise the number would be one equation more: whoever answered the
        question, less those who lack the variable, is its margin.
        """
        if not self.decided.hidden:
            return True
        table = self.table
        own = [j for j, column in enumerate(table.columns) if column.variable == by]
        totals = [i for i, row in enumerate(table.rows) if row.code == TOTAL][:1]
        if not totals or any((i, j) in self.hidden for i in totals for j in own):
            return False
        space = self.catalogue.spaces[table.spec.survey]
        where = self.catalogue.readers[table.spec.survey].literals(table.spec.where)
        everybody = space.event([*where, space.row(table.rows[totals[0]])])
        if self.catalogue.near and everybody in self.catalogue.near.totals:
            return True
        at = None if everybody is None else self.catalogue.index.get(everybody)
        return at is not None and at not in self.decided.hidden

    def _hidden_columns(self) -> set[int]:
        return {j for _, j in self.hidden}

    def _statistic(self, statistic: Statistic) -> Statistic:
        """Withhold a statistic of a column where something is hidden, or of few persons."""
        columns = [
            j
            for j, column in enumerate(self.table.columns)
            if statistic.column in (column.code, f"{column.variable}:{column.code}")
        ]
        telling = self._hidden_columns() | {j for _, j in self.sums}
        is_hidden = not columns or bool(telling & set(columns))
        is_small = statistic.base_n < self.policy.minimum_base
        if is_hidden or is_small or statistic.code in EXTREME_STATISTICS:
            return Statistic(statistic.code, statistic.column, None, 0)
        return statistic

    def _test(self, test: TestOutcome) -> TestOutcome:
        """Withhold a test where something of its columns is hidden, or few answered."""
        columns = {
            j
            for j, column in enumerate(self.table.columns)
            if test.column_variable in ("", column.variable)
        }
        is_small = test.base_n < self.policy.minimum_base
        telling = self._hidden_columns() | {j for _, j in self.sums | self.shares} | self.told
        if not is_small and not telling & columns and not self._test_tells(test, columns):
            return _rounded(test) if self.has_errors else test
        return TestOutcome(
            test.method,
            None,
            None,
            None,
            0,
            warnings=(WITHHELD,),
            column_variable=test.column_variable,
            row_variable=test.row_variable,
        )

    def _test_tells(self, test: TestOutcome, columns: set[int]) -> bool:
        counts = (self.places[i][j] for i in range(len(self.table.rows)) for j in columns)
        return bool(self.left) and test_tells(
            self.left, counts, test.statistic or 0.0, 0.5 * 10.0**-TESTS
        )

    def _effective_bases(self) -> tuple[float | None, ...]:
        totals = [i for i, row in enumerate(self.table.rows) if row.code == TOTAL]
        is_hidden = {j for i, j in self.hidden if i in totals} | {j for _, j in self.sums}
        half = 0.5 * 10.0**-EFFECTIVE
        for i in totals:
            for j, base in enumerate(self.table.effective_base):
                wn = self.table.cells[i][j].wn
                if base_tells(self.left, self.places[i][j], wn, base, half):
                    is_hidden.add(j)
        return tuple(
            None if j in is_hidden else float(round_half_up(base, EFFECTIVE))
            for j, base in enumerate(self.table.effective_base)
        )


def _rounded(test: TestOutcome) -> TestOutcome:
    """Round a test of weighted figures: all its decimals would prove any guess of who is where."""

    def short(value: float | None) -> float | None:
        return None if value is None else float(round_half_up(value, TESTS))

    return replace(
        test,
        statistic=short(test.statistic),
        df=short(test.df),
        df2=short(test.df2),
        p=short(test.p),
        effect=short(test.effect),
        effect_low=short(test.effect_low),
        effect_high=short(test.effect_high),
    )


def _whole(value: float | None) -> float | None:
    return None if value is None else float(round_half_up(value, 0))
