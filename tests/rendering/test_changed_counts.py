"""Percents of changed counts miss 100; the bars are drawn as 100, and it is said."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest

from evaluation.pipeline.build import build_report
from evaluation.rendering.charts.plotly_figure import chart_plotly
from evaluation.rendering.charts.scale import Axis
from evaluation.rendering.charts.stacked import segment_axis, segment_spans
from evaluation.rendering.theme import load_theme
from evaluation.report.model import ChartBlock, ChartKind, ChartPoint, ChartSeries, TableBlock
from tests.pipeline.unit_study import loaded, replace_in, unit_study
from tests.rendering.sample import chart


def stacked(*values, **more):
    drawn = tuple(ChartSeries(f"s{i}", (ChartPoint(v, str(v)),)) for i, v in enumerate(values))
    return chart(ChartKind.STACKED, 1, "Q", ("A",), drawn, **more)


@pytest.mark.parametrize("values", [(60, 30, 20), (40, 30, 20), (50, 30, 20)])
def test_a_bar_to_the_whole_ends_at_100_with_its_segments_in_proportion(values):
    values = tuple(map(Decimal, values))
    drawn = stacked(*values, is_to_whole=True)
    (row,) = segment_spans(drawn)
    assert row[-1].end == pytest.approx(100)
    lengths = [span.end - span.start for span in row]
    assert [length / lengths[0] for length in lengths] == pytest.approx(
        [float(v / values[0]) for v in values]
    )
    figure = json.loads(json.dumps(chart_plotly(drawn, load_theme("neutral"))))
    assert [t["x"][0] for t in figure["data"]] == pytest.approx(lengths)
    assert [t["text"][0] for t in figure["data"]] == [str(v) for v in values]


def test_other_bars_and_bars_with_a_withheld_part_are_drawn_as_they_are():
    values = (Decimal(60), Decimal(30))
    assert segment_spans(stacked(*values))[0][-1].end == 90
    drawn = stacked(*values, None, is_to_whole=True)
    assert segment_spans(drawn)[0][1].end == 90


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("noise") / "s"
    unit_study(folder)
    replace_in(folder / "study.yaml", "method: suppress", "method: cell_key")
    (folder / "chapters").joinpath("1.md").write_text(
        '# A\n\n{{ table("besok.nojd", by="kommun") }}\n\n{{ chart("besok.nojd", by="kommun") }}\n\n'
        '{{ table("besok.bemotande") }}\n\n{{ chart("besok.vag") }}\n',
        encoding="utf-8",
    )
    return build_report(loaded(folder)).value.report


def test_no_bar_of_noisy_counts_passes_the_axis_and_the_note_says_why(built):
    charts = [b for b in built.blocks if isinstance(b, ChartBlock)]
    (drawn,) = [c for c in charts if c.kind is ChartKind.STACKED]
    shown = [
        sum(s.points[i].value for s in drawn.series)
        for i in range(len(drawn.categories))
        if all(s.points[i].value is not None for s in drawn.series)
    ]
    assert max(shown) > Decimal("100.5")  # else the test tests nothing
    spans = segment_spans(drawn)
    axis = segment_axis(drawn, spans)
    assert isinstance(axis, Axis)
    assert max(span.end for row in spans for span in row if span) <= axis.high + 1e-6
    assert any("ritade som 100 procent" in note for note in drawn.notes)
    others = [c for c in charts if c is not drawn]
    assert others
    assert not any("ritade som 100" in note for c in others for note in c.notes)


def test_every_table_of_noisy_counts_says_so(built):
    tables = [b for b in built.blocks if isinstance(b, TableBlock)]
    assert len(tables) == 2
    for table in tables:
        assert any(re.search("ändrade något", note) for note in table.notes), table.caption
