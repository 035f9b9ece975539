"""The functions of chapters that show and quote study data: tables, charts, single figures."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from evaluation.report.cells import bare_label, cell_decimals, cell_number, is_marked
from evaluation.report.data_charts import DataChartOptions, data_chart_block
from evaluation.report.figures import Figure
from evaluation.report.plain_tables import data_block
from evaluation.rounding import round_half_up
from evaluation.tables.request import RequestError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from markupsafe import Markup

    from evaluation.report.facts import DataTableContent, StudyFacts
    from evaluation.report.model import ChartBlock, TableBlock

    Place = Callable[[TableBlock | ChartBlock | None, str, str, Mapping[str, str]], Markup]
    MakeFigure = Callable[[Decimal | None, int, str], Figure]


class DataFunctions:
    """Chapter functions on study data.

    Parameters
    ----------
    facts
        The study without its answers.
    place
        Leaves the mark of a block in the chapter: block, anchor, footnote, row footnotes.
    figure
        Makes a figure of value, decimals and unit.
    """

    def __init__(self, facts: StudyFacts, place: Place, figure: MakeFigure) -> None:
        self.facts = facts
        self.place = place
        self.figure = figure

    def data_table(
        self,
        name: str,
        *,
        id: str = "",  # noqa: A002
        caption: str = "",
        note: str = "",
        footnote: str = "",
        row_footnotes: Mapping[str, str] | None = None,
    ) -> Markup:
        """Put a table of study data here."""
        content = self._content(name)
        block = data_block(content, self.facts.texts, id=id, caption=caption, note=note)
        return self.place(block, id, footnote, row_footnotes or {})

    def data_chart(
        self,
        name: str,
        *,
        value: str | Sequence[str] = (),
        id: str = "",  # noqa: A002
        footnote: str = "",
        **options: Any,
    ) -> Markup:
        """Put a chart of study data here; ``options`` as in `DataChartOptions`."""
        values = (value,) if isinstance(value, str) else tuple(value)
        wanted = DataChartOptions(id=id, values=values, **options)
        block = data_chart_block(self._content(name), self.facts.texts, wanted)
        return self.place(block, id, footnote, {})

    def data(self, name: str, row: str, column: str) -> Any:
        """Return one cell of a table of study data, by row head and column head."""
        content = self._content(name)
        if column not in content.header:
            raise RequestError("unknown-data-column", column, nearest(column, content.header))
        place = content.header.index(column)
        lines = {bare_label(line[0]): line for line in reversed(content.rows)}
        if bare_label(row) not in lines:
            raise RequestError("unknown-data-row", row, nearest(row, lines))
        cell = lines[bare_label(row)][place]
        number = cell_number(cell)
        return cell if number is None else self.figure(number, cell_decimals(number), "number")

    def data_largest(self, name: str, column: str, rank: int = 1) -> str:
        """Row head with the largest value of a column, or with the one in place ``rank``."""
        content = self._content(name)
        if column not in content.header:
            raise RequestError("unknown-data-column", column, nearest(column, content.header))
        place = content.header.index(column)
        rows = [row for row in content.rows if not is_marked(row[0])]
        numbers = [(n, row[0]) for row in rows if (n := cell_number(row[place])) is not None]
        numbers.sort(key=lambda pair: -pair[0])
        if not 1 <= rank <= len(numbers):
            raise RequestError("unknown-data-row", str(rank), f"1\u2013{len(numbers)}")
        return numbers[rank - 1][1]

    def share(self, part: Any, whole: Any, decimals: int | None = None) -> Figure:
        """Percent that one figure is of another."""
        first, second = _value(part), _value(whole)
        places = self.facts.study.report.decimals if decimals is None else decimals
        if first is None or not second:
            return self._nothing(part, whole)
        return self.figure(round_half_up(100 * first / second, places), places, "percent")

    def rounded(self, value: Any, decimals: int = 0, per: Any = 1) -> Figure:
        """Round a figure, half up, perhaps divided: ``per=1000000`` gives it in millions."""
        number, divisor = _value(value), _value(per)
        if number is None or not divisor:
            return self._nothing(value, per)
        unit = value.unit if isinstance(value, Figure) and divisor == 1 else "number"
        return self.figure(round_half_up(number / divisor, decimals), decimals, unit)

    def _content(self, name: str) -> DataTableContent:
        content = self.facts.data_tables.get(name)
        if content is None:
            raise RequestError("unknown-data-table", name, nearest(name, self.facts.data_tables))
        return content

    def _nothing(self, *operands: Any) -> Figure:
        pending = any(isinstance(o, Figure) and o.pending for o in operands)
        return Figure(None, 0, "number", self.facts.texts, pending)


def _value(operand: Any) -> Decimal | None:
    return operand.value if isinstance(operand, Figure) else Decimal(str(operand))
