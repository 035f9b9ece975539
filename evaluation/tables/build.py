"""Tables out of counts: bases, percents, margins; no rounding, no protection."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evaluation.coding.data import Categorical, FreeText, Numeric
from evaluation.counting.spec import CountRequest
from evaluation.model import TOTAL, RowKind
from evaluation.tables.expected import with_expected
from evaluation.tables.plan import combined_filter, countable, row_variables
from evaluation.tables.spec import Column, Margin, Percents, Row
from evaluation.tables.table import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from evaluation.coding.data import CodedData, MultiResponse, Variable
    from evaluation.counting.spec import Counts
    from evaluation.tables.spec import TableSpec

MISSING_ROWS = (RowKind.ITEM_NONRESPONSE, RowKind.NOT_ASKED, RowKind.INVALID)
"""Order of the three extra rows of `Counts`."""


@dataclass(frozen=True, slots=True)
class Labels:
    """Words that a table needs and that the coded data do not hold.

    Attributes
    ----------
    title
        Wording of the question.
    items
        Grid item -> its wording.
    columns
        Column variable -> its short name.
    nets
        Label -> codes of the options that it adds up.
    rows
        Label of each kind of row that is no option, by `RowKind`.
    answered
        Label of "has answered" for free text.
    """

    title: str
    items: Mapping[str, str]
    columns: Mapping[str, str]
    nets: Mapping[str, tuple[str, ...]]
    rows: Mapping[RowKind, str]
    answered: str = ""
    decimal: str = "."
    """Decimal mark in labels that are numbers."""


@dataclass(frozen=True, slots=True)
class _Block:
    """Counts of one row variable under one column heading, ready to be read by cell.

    ``n`` and ``wn`` have the row categories first and the three missing kinds
    after; the base is who answered the row question.
    """

    column: Column
    n: NDArray[np.int64]
    wn: NDArray[np.float64]
    base_n: int
    base_wn: float
    base_w2: float


def build_table(
    spec: TableSpec,
    *,
    data: CodedData,
    survey_filter: str | None,
    counts: Mapping[CountRequest, Counts],
    labels: Labels,
) -> Table:
    """Put one table together.

    Parameters
    ----------
    spec
        What is wanted.
    data
        Coded answers of the survey, for categories only: nothing is counted here.
    survey_filter
        The survey's own filter, as given to ``requests_for``.
    counts
        Result of counting, by request.
    labels
        Wording.

    Returns
    -------
    Table
        Unrounded, unprotected, without intervals and tests.
    """
    mask = combined_filter(survey_filter, spec.where)
    rows: list[Row] = []
    cells: list[tuple[Cell, ...]] = []
    blocks: list[_Block] = []
    column_missing: dict[str, int] = {}
    bases: dict[str, tuple[float, ...]] = {}
    variables = row_variables(spec, data)
    for name in variables:
        variable = _labelled(countable(data.variables[name]), data.variables[name], labels)
        one_way = counts[CountRequest(name, "", mask, spec.weight)]
        crossed = {by: counts[CountRequest(name, by, mask, spec.weight)] for by in spec.by}
        blocks = _blocks(data, one_way, crossed, labels, spec.margin)
        if spec.weight:
            bases[name] = tuple(_kish(block) for block in blocks)
        is_multiple = hasattr(variable, "selected")
        for row, values in _option_rows(name, variable, blocks, spec.percents):
            rows.append(row)
            cells.append(values)
        if not is_multiple:
            for row, values in _net_rows(name, variable, labels, blocks, spec.percents):
                rows.append(row)
                cells.append(values)
        for row, values in _closing_rows(name, len(variable.categories), labels, blocks, spec):
            rows.append(row)
            cells.append(values)
        if not column_missing:
            column_missing = {by: _lacking(count) for by, count in crossed.items()}
    table = Table(
        id="",
        spec=spec,
        title=labels.title,
        rows=tuple(rows),
        columns=tuple(block.column for block in blocks),
        cells=tuple(cells),
        is_multiple=len(variables) == 1 and hasattr(data.variables[variables[0]], "selected"),
        is_grid=spec.question in data.grids,
        item_bases=bases,
        effective_base=() if spec.question in data.grids else bases.get(spec.question, ()),
        item_labels={name: labels.items.get(name, name) for name in variables},
        column_labels={by: labels.columns.get(by, by) for by in spec.by},
        column_missing=column_missing,
    )
    exclusive = [by for by in spec.by if not hasattr(data.variables[by], "selected")]
    return with_expected(table, exclusive)


def _labelled(
    countable_form: Categorical | MultiResponse, variable: Variable, labels: Labels
) -> Categorical | MultiResponse:
    """Put words to categories that the codebook has none for: numbers and free text."""
    if isinstance(variable, Numeric) and isinstance(countable_form, Categorical):
        named = tuple(
            replace(c, label=c.label.replace(".", labels.decimal))
            for c in countable_form.categories
        )
        return replace(countable_form, categories=named)
    if isinstance(variable, FreeText) and isinstance(countable_form, Categorical):
        named = tuple(replace(c, label=labels.answered) for c in countable_form.categories)
        return replace(countable_form, categories=named)
    return countable_form


def _blocks(
    data: CodedData,
    one_way: Counts,
    crossed: Mapping[str, Counts],
    labels: Labels,
    margin: Margin,
) -> list[_Block]:
    """One block per column; each column variable ends with its own margin."""
    if not crossed:
        return [_block(Column("", TOTAL, ""), one_way, 0)]
    blocks = []
    for by, count in crossed.items():
        variable = data.variables[by]
        categories = _labelled(countable(variable), variable, labels).categories
        blocks += [
            _block(Column(by, category.code, category.label), count, position)
            for position, category in enumerate(categories)
        ]
        if margin is Margin.EVERYONE:
            blocks.append(_block(Column(by, TOTAL, ""), one_way, 0))
        else:
            blocks.append(_margin(by, len(categories), one_way, count))
    return blocks


def _block(column: Column, count: Counts, position: int) -> _Block:
    return _Block(
        column,
        count.n[:, position],
        count.wn[:, position],
        int(count.base_n[position]),
        float(count.base_wn[position]),
        float(count.base_w2[position]),
    )


def _margin(by: str, size: int, one_way: Counts, count: Counts) -> _Block:
    """Everyone who has a value of the column variable: all, less those who lack it."""
    return _Block(
        Column(by, TOTAL, ""),
        one_way.n[:, 0] - count.n[:, size:].sum(axis=1),
        one_way.wn[:, 0] - count.wn[:, size:].sum(axis=1),
        int(one_way.base_n[0] - count.base_n[size:].sum()),
        float(one_way.base_wn[0] - count.base_wn[size:].sum()),
        float(one_way.base_w2[0] - count.base_w2[size:].sum()),
    )


def _lacking(count: Counts) -> int:
    """Respondents in the base of the row question without a value of the column variable."""
    return int(count.base_n[-3:].sum())


def _kish(block: _Block) -> float:
    """Kish's effective base, (sum w)^2 / sum w^2; 0 where there is no weight."""
    return block.base_wn**2 / block.base_w2 if block.base_w2 > 0 else 0.0


def _option_rows(
    name: str,
    variable: Categorical | MultiResponse,
    blocks: list[_Block],
    percents: Percents,
) -> list[tuple[Row, tuple[Cell, ...]]]:
    result = []
    for position, category in enumerate(variable.categories):
        row = Row(name, category.code, category.label, RowKind.OPTION)
        n = [int(block.n[position]) for block in blocks]
        wn = [float(block.wn[position]) for block in blocks]
        result.append((row, _row_cells(n, wn, blocks, percents)))
    return result


def _net_rows(
    name: str,
    variable: Categorical | MultiResponse,
    labels: Labels,
    blocks: list[_Block],
    percents: Percents,
) -> list[tuple[Row, tuple[Cell, ...]]]:
    """Sums of options; only for single answers, where options exclude each other."""
    place = {category.code: i for i, category in enumerate(variable.categories)}
    result = []
    for label, codes in labels.nets.items():
        positions = [place[code] for code in codes if code in place]
        row = Row(name, f"net:{'+'.join(codes)}", label, RowKind.NET)
        n = [int(block.n[positions].sum()) for block in blocks]
        wn = [float(block.wn[positions].sum()) for block in blocks]
        result.append((row, _row_cells(n, wn, blocks, percents)))
    return result


def _closing_rows(
    name: str, size: int, labels: Labels, blocks: list[_Block], spec: TableSpec
) -> list[tuple[Row, tuple[Cell, ...]]]:
    """The total, and the kinds of missing beneath it, which have no percent."""
    total = Row(name, TOTAL, labels.rows[RowKind.TOTAL], RowKind.TOTAL)
    n = [block.base_n for block in blocks]
    wn = [block.base_wn for block in blocks]
    result = [(total, _row_cells(n, wn, blocks, spec.percents))]
    for offset, kind in enumerate(MISSING_ROWS):
        row = Row(name, kind.value, labels.rows[kind], kind)
        values = tuple(
            Cell(int(b.n[size + offset]), float(b.wn[size + offset]), 0, 0.0, None) for b in blocks
        )
        result.append((row, values))
    return result


def _row_cells(
    n: list[int], wn: list[float], blocks: list[_Block], percents: Percents
) -> tuple[Cell, ...]:
    cells = []
    for i, block in enumerate(blocks):
        margin = _margin_position(blocks, i)
        base_n, base_wn = _base(percents, block, blocks[margin], n[margin], wn[margin])
        share = 100 * wn[i] / base_wn if base_wn > 0 else None
        cells.append(Cell(n[i], wn[i], base_n, base_wn, share))
    return tuple(cells)


def _margin_position(blocks: list[_Block], i: int) -> int:
    """Position of the margin that belongs to the column variable of block ``i``."""
    variable = blocks[i].column.variable
    return next(
        j
        for j in range(i, len(blocks))
        if blocks[j].column.code == TOTAL and blocks[j].column.variable == variable
    )


def _base(
    percents: Percents, block: _Block, margin: _Block, row_n: int, row_wn: float
) -> tuple[int, float]:
    if percents is Percents.ROW:
        return row_n, row_wn
    if percents is Percents.TOTAL:
        return margin.base_n, margin.base_wn
    return block.base_n, block.base_wn
