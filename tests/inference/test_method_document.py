"""docs/method.md is true: its examples are run, and it names everything that there is."""

from __future__ import annotations

import doctest
import re
from math import comb, sqrt

import pytest

from evaluation.inference import intervals, multiple, waves
from evaluation.inference.design import LonelyPsu
from evaluation.tables.request import TESTS
from tests.paths import REPOSITORY

PATH = REPOSITORY / "docs" / "method.md"
TEXT = PATH.read_text(encoding="utf-8")
NOT_STATISTICS = {
    "Bases", "Tests of crosstabs", "Intervals for proportions", "Weighting", "References",
    "Method: how every figure is computed",
}  # fmt: skip


def test_the_examples_give_what_the_page_says():
    # the fences of Markdown would be read as output
    page = re.sub(r"^```.*$", "", TEXT, flags=re.M)
    examples = doctest.DocTestParser().get_doctest(page, {}, PATH.name, str(PATH), 0)
    outcome = doctest.DocTestRunner().run(examples)
    assert outcome.failed == 0
    assert outcome.attempted > 80


def sections():
    parts = re.split(r"^#{1,3} (.+)$", TEXT, flags=re.M)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize("title", sorted(set(sections()) - NOT_STATISTICS))
def test_every_statistic_has_a_worked_example(title):
    assert ">>> " in sections()[title]


def named(text):
    """Words in code marks, and headings, without case and dashes."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


@pytest.mark.parametrize(
    "key",
    [*intervals.METHODS, *TESTS, *multiple.ADJUSTMENTS, *waves.INTERVALS,
     *LonelyPsu, "bowker", "post-stratification", "raking", "calibration", "trimming"],
)  # fmt: skip
def test_every_method_is_on_the_page(key):
    words = {"lr": "likelihood ratio", "pearson": "Pearson's chi-square"}.get(key, str(key))
    assert named(words) in named(TEXT)


def test_links_within_the_page_lead_somewhere():
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in sections()}
    for link in re.findall(r"\]\(#([^)]+)\)", TEXT):
        assert link in anchors, link


def test_the_numbers_worked_by_hand_are_those_of_the_examples():
    z2, p, n = 3.841459, 25 / 90, 90
    root = sqrt(p * (1 - p) / n + z2 / (4 * n**2))
    for number in (f"{z2 / (2 * n):.6f}", f"{root:.6f}", f"{1.959964 * root:.6f}",
                   f"{p + z2 / (2 * n):.6f}", f"{1 + z2 / n:.6f}"):  # fmt: skip
        assert number in sections()["Wilson"]
    for k in range(3):
        assert (
            f"{comb(10, k) * comb(10, 4 - k) / comb(20, 4):.4f}"
            in sections()["Fisher's exact test"]
        )
