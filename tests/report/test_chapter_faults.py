"""Every faulty expression of a chapter comes out at once, each with its line."""

from __future__ import annotations

import pytest
from jinja2 import Environment

from evaluation.report.chapter_faults import without_faults

KNOWN = ("n", "pct", "table")


def found(text):
    mended, faults = without_faults(text, Environment(autoescape=True), KNOWN)
    assert mended.count("\n") == text.count("\n")
    return mended, [(f.code, f.row) for f in faults]


def test_all_faults_come_out_in_order():
    text = 'A\n\n{{ n("a" }}\n{{ pct("b") }}\n{{ nn("c") }}\n\n{{ table("d"\n\nslut {{ n("e") }}\n'
    mended, faults = found(text)
    assert faults == [("chapter-syntax", 3), ("chapter-name", 5), ("chapter-syntax", 7)]
    assert '{{ pct("b") }}' in mended
    assert '{{ n("e") }}' in mended
    Environment(autoescape=True).parse(mended)


def test_the_nearest_name_is_offered():
    _, faults = without_faults("{{ tabel('a') }}", Environment(autoescape=True), KNOWN)
    assert faults[0].expected == "table"


def test_names_that_the_chapter_sets_itself_are_known():
    text = "{% set x = n('a') %}{{ x }}{% for y in (1, 2) %}{{ y }}{{ loop.index }}{% endfor %}"
    assert found(text)[1] == []


@pytest.mark.parametrize("text", ["", "no expression", "{{ n('a') }} { } }} text"])
def test_sound_chapters_are_left_as_they_are(text):
    mended, faults = found(text)
    assert mended == text
    assert faults == []
