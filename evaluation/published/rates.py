"""Printed response rates: a count, its base and the percent, each recomputed.

A rate is three figures, so it becomes three facts for `verify`. Beside that the percent is held
against its base by rule: where it follows from the base that is printed but not from all who
were asked, the reader is told so, and how large it would be of all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.published.rules import RoundingRule, rules_that_give
from evaluation.published.schema import PrintedFact
from evaluation.published.strings import in_style_of, read_number
from evaluation.published.tested import Remark
from evaluation.rounding import percent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evaluation.published.schema import PrintedRate

PLAIN = (RoundingRule.HALF_UP, RoundingRule.HALF_EVEN, RoundingRule.CUT)


def rate_facts(rates: Iterable[PrintedRate]) -> tuple[PrintedFact, ...]:
    """Return count, base and percent of every rate as stated figures with expressions."""
    facts = []
    for rate in rates:
        parts = {"n": (rate.answered, rate.expression), "base": (rate.base, rate.of)}
        if rate.percent is not None:
            number = read_number(rate.percent)
            decimals = number.decimals if number else 0
            share = f"share({rate.expression}, {rate.of}, decimals={decimals})"
            parts["percent"] = (rate.percent, share)
        facts += [
            PrintedFact(
                id=f"{rate.id}: {name}",
                what=rate.what,
                printed=printed,
                value=printed,
                expression=expression,
            )
            for name, (printed, expression) in parts.items()
        ]
    return tuple(facts)


def rate_remarks(rates: Iterable[PrintedRate]) -> tuple[Remark, ...]:
    """Say which of two bases a printed percent follows from, and where it follows from none."""
    remarks = []
    for rate in rates:
        number = None if rate.percent is None else read_number(rate.percent)
        counts = [read_number(text) for text in (rate.answered, rate.base, rate.asked or rate.base)]
        if number is None or any(count is None for count in counts):
            continue
        n, base, asked = (int(count.value) for count in counts if count)
        fits = [
            b
            for b in dict.fromkeys((base, asked))
            if set(rules_that_give(number.value, number.decimals, n, b)) & set(PLAIN)
        ]
        values = {"n": str(n), "base": str(base), "asked": str(asked), "percent": number.text}
        if not fits:
            remarks.append(Remark("rate_of_none", rate.id, values))
        elif base != asked and fits == [base]:
            of_all = percent(n, asked, number.decimals)
            shown = "" if of_all is None else in_style_of(number.text, of_all)
            remarks.append(Remark("rate_base", rate.id, {**values, "of_asked": shown}))
        elif base != asked and fits == [asked]:
            remarks.append(Remark("rate_of_asked", rate.id, values))
    return tuple(remarks)
