"""The functions of chapters that put an analysis: occasions, change, scales, response, models."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from evaluation.report.model import (
    BodyCell,
    BodyKind,
    BodyRow,
    ChartBlock,
    ChartKind,
    ChartPoint,
    ChartSeries,
    HeadCell,
    TableBlock,
)
from evaluation.rounding import round_half_up
from evaluation.tables.analyses import AnalysisSpec
from evaluation.tables.request import RequestError, nearest, split_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from markupsafe import Markup

    from evaluation.protection.analyses import ProtectedAnalysis
    from evaluation.report.facts import StudyFacts
    from evaluation.tables.analyses.spec import AnalysisCell
    from evaluation.texts import Texts

    Place = Callable[[TableBlock | ChartBlock | None, str, str, Mapping[str, str]], Markup]
    Find = Callable[[AnalysisSpec], ProtectedAnalysis | None]


class AnalysisFunctions:
    """Chapter functions for analyses.

    Parameters
    ----------
    facts
        The study without its answers.
    place
        Leaves the mark of a block in the chapter.
    find
        Returns an analysis that has been made, or notes that it is wanted.
    """

    def __init__(self, facts: StudyFacts, place: Place, find: Find) -> None:
        self.facts = facts
        self.place = place
        self.find = find

    def occasions_table(self, survey: str, by: str = "", **said: Any) -> Markup:
        """How many were asked once, twice, three times."""
        return self._table("occasions", [], survey=survey, by=by, **said)

    def transitions_table(self, name: str | Sequence[str], option: str, **said: Any) -> Markup:
        """Answers of the same persons at two occasions, with McNemar's exact test."""
        return self._table("transitions", _names(name), option=option, **said)

    def ever_table(self, name: str | Sequence[str], option: str, **said: Any) -> Markup:
        """Yes at the first occasion beside yes at any."""
        return self._table("ever", _names(name), option=option, **said)

    def change_table(
        self,
        name: str | Sequence[str],
        option: str,
        by: str,
        waves: Sequence[str] = (),
        **said: Any,
    ) -> Markup:
        """Change of a share between two waves, with interval and test."""
        chosen = "|".join(str(w) for w in waves)
        return self._table("change", _names(name), by=by, option=option, waves=chosen, **said)

    def scale_table(self, name: str | Sequence[str], **said: Any) -> Markup:
        """Nets, balance, mean and median of questions on an ordered scale."""
        return self._table("scales", _names(name), **said)

    def index_table(self, name: str | Sequence[str], by: str = "", **said: Any) -> Markup:
        """Index 0 to 100 over several items, with Cronbach's alpha."""
        return self._table("index", _names(name), by=by, **said)

    def response_table(
        self, survey: str, by: str, asked: Mapping[str, int] | str, **said: Any
    ) -> Markup:
        """Response rate by group; ``asked`` maps groups to persons asked, or names a data table."""
        people = asked if isinstance(asked, dict) else self._asked(str(asked))
        listed = "|".join(f"{group}={n}" for group, n in people.items())
        return self._table("response", [], survey=survey, by=by, asked=listed, **said)

    def population_table(
        self, survey: str, by: str, totals: Mapping[str, int] | str, **said: Any
    ) -> Markup:
        """Respondents beside the population; ``totals`` as ``asked`` in `response_table`."""
        people = totals if isinstance(totals, dict) else self._asked(str(totals))
        listed = "|".join(f"{group}={n}" for group, n in people.items())
        return self._table("population", [], survey=survey, by=by, asked=listed, **said)

    def break_off_table(self, survey: str, **said: Any) -> Markup:
        """Where respondents stopped answering."""
        return self._table("break_off", [], survey=survey, **said)

    def model_table(self, name: str, option: str, predictors: Sequence[str], **said: Any) -> Markup:
        """Odds ratios of choosing an option (logistic regression)."""
        return self._table("model", [name, *predictors], option=option, **said)

    def model_chart(
        self,
        name: str,
        option: str,
        predictors: Sequence[str],
        *,
        id: str = "",  # noqa: A002
        caption: str = "",
        **said: Any,
    ) -> Markup:
        """The odds ratios of a model as a forest plot."""
        found = self.find(self._spec("model", [name, *predictors], option=option, **said))
        block: TableBlock | ChartBlock | None = None
        if found is not None and found.is_shown:
            block = _forest(found, self.facts.texts, id, caption)
        elif found is not None:
            block = analysis_block(found, self.facts.texts, id=id, caption=caption)
        return self.place(block, id, "", {})

    def _table(
        self,
        kind: str,
        names: Sequence[str],
        *,
        id: str = "",  # noqa: A002
        caption: str = "",
        note: str = "",
        footnote: str = "",
        **said: Any,
    ) -> Markup:
        found = self.find(self._spec(kind, names, **said))
        block = None
        if found is not None:
            block = analysis_block(found, self.facts.texts, id=id, caption=caption, note=note)
        return self.place(block, id, footnote, {})

    def _spec(
        self,
        kind: str,
        names: Sequence[str],
        *,
        survey: str = "",
        by: str = "",
        where: str = "",
        **options: Any,
    ) -> AnalysisSpec:
        codebooks = self.facts.codebooks
        questions = [split_name(name, codebooks) for name in names]
        surveys = {s for s, _ in questions} or {survey}
        if len(surveys) > 1:
            raise RequestError("column-of-other-survey", ", ".join(names), min(surveys))
        chosen = surveys.pop()
        if chosen not in codebooks:
            raise RequestError("unknown-survey", chosen, nearest(chosen, codebooks))
        known = {"option", "waves", "asked", "first", "second", "cluster", "reference"}
        for key in options:
            if key not in known:
                raise RequestError("chapter-call", key, nearest(key, known))
        settings = tuple(sorted((k, str(v)) for k, v in options.items() if v))
        column = split_name(f"{chosen}.{by.rpartition('.')[2]}", codebooks)[1] if by else ""
        return AnalysisSpec(
            kind, chosen, tuple(question for _, question in questions), column, where, settings
        )

    def _asked(self, name: str) -> dict[str, int]:
        content = self.facts.data_tables.get(name)
        if content is None:
            raise RequestError("unknown-data-table", name, nearest(name, self.facts.data_tables))
        return {row[0]: int(row[1].replace("\u00a0", "").replace(" ", "")) for row in content.rows}


def analysis_block(
    found: ProtectedAnalysis,
    texts: Texts,
    *,
    id: str = "",  # noqa: A002
    caption: str = "",
    note: str = "",
) -> TableBlock:
    """Lay out an analysis; one that is withheld says so in place of its rows."""
    total = texts.get("table.total")
    rows = tuple(
        BodyRow(
            label,
            tuple(analysis_cell(cell, texts) for cell in cells),
            BodyKind.TOTAL if label == total else BodyKind.NORMAL,
        )
        for label, cells in found.rows
    )
    head: tuple[tuple[HeadCell, ...], ...] = (tuple(HeadCell(text) for text in found.head),)
    if not found.is_shown:
        symbol = BodyCell(texts.get("symbols.withheld"), status="primary")
        head = ((HeadCell(texts.get("table.n")),),)
        rows = (BodyRow(texts.get("analysis.withheld"), (symbol,)),)
    return TableBlock(
        id=id,
        caption=caption or found.title,
        stub=found.stub,
        head=head,
        rows=rows,
        notes=(note,) if note else (),
        tests=found.sentences,
    )


def analysis_cell(cell: AnalysisCell, texts: Texts) -> BodyCell:
    """Write one figure of an analysis."""
    if cell.value is None:
        return BodyCell(texts.get("symbols.nothing"), None, 0, "number", "none")
    if cell.unit == "p":
        return _p_cell(cell.value, texts)
    value = round_half_up(cell.value, cell.decimals)
    unit = {"points": "number"}.get(cell.unit, cell.unit)
    return BodyCell(texts.numbers.number(value, cell.decimals), value, cell.decimals, unit)


def _p_cell(value: float, texts: Texts) -> BodyCell:
    smallest = Decimal("0.001")
    exact = Decimal(repr(value))
    if exact < smallest:
        return BodyCell(f"< {texts.numbers.number(smallest, 3)}", None, 3, "text")
    rounded = round_half_up(exact, 3)
    return BodyCell(texts.numbers.number(rounded, 3), rounded, 3, "number")


def _forest(
    found: ProtectedAnalysis,
    texts: Texts,
    id: str,  # noqa: A002
    caption: str,
) -> ChartBlock:
    """Odds ratios with their limits, one row per term; the reference line is 1."""
    points, categories = [], []
    for label, cells in found.rows:
        _, ratio, low, high, _ = cells
        if ratio.value is None:
            continue
        categories.append(label)
        shown = round_half_up(ratio.value, 2)
        ends = [None if end.value is None else round_half_up(end.value, 2) for end in (low, high)]
        points.append(ChartPoint(shown, texts.numbers.number(shown, 2), ends[0], ends[1]))
    title = texts.get("analysis.odds_ratio")
    values = "; ".join(f"{c}: {p.text}" for c, p in zip(categories, points, strict=True))
    return ChartBlock(
        id=id,
        kind=ChartKind.FOREST,
        caption=caption or found.title,
        categories=tuple(categories),
        series=(ChartSeries(title, tuple(points)),),
        unit="ratio",
        axis_title=title,
        alt=texts.get("chart.alt_other", values=values),
        data_table=analysis_block(found, texts),
        notes=found.sentences[:1],
        reference=Decimal(1),
        decimals=2,
    )


def _names(name: str | Sequence[str]) -> list[str]:
    return [name] if isinstance(name, str) else list(name)
