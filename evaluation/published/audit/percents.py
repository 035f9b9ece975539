"""Percents that no count gives, that disagree with their count, or that do not add to 100."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from evaluation.published.audit.bases import (
    PLAIN_RULES,
    all_given,
    best_base,
    counts,
    fitting_bases,
    gives,
    is_apportioned,
)
from evaluation.published.audit.model import Certainty, Finding, Reading
from evaluation.published.rules import RoundingRule
from evaluation.rounding import percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evaluation.published.audit.reading import Series, Share
    from evaluation.published.schema import PrintedTable

Found = tuple[list[Finding], list[Reading]]


def check_percents(table: PrintedTable, series: Sequence[Series], limit: int) -> Found:
    """Check every series of percents of a table.

    A table is taken to follow one rule throughout: the one that gives most of
    its series. A percent that only another rule gives is *likely* wrong, one
    that no rule gives is *certainly* so.

    Parameters
    ----------
    table
        As printed.
    series
        Its percents, from `series_of`.
    limit
        Largest base to try where none is printed.
    """
    family = _family(series)
    findings: list[Finding] = []
    readings: list[Reading] = []
    for one in series:
        if table.kind == "data" and one.base is None and not any(s.n for s in one.shares):
            continue
        found = _over_100(one) or [*_sum(one), *_total(one)]
        if one.base is None:
            more, reading = _without_base(one, limit, is_explained=bool(found))
        else:
            more, reading = _with_base(one, one.base, family, limit)
        # Percents that do not add up are one matter, not one more for each of them.
        findings += [*found, *more] if not _is_same(found, more) else more
        readings.append(reading)
    return findings, readings


def _is_same(sums: Sequence[Finding], cells: Sequence[Finding]) -> bool:
    """A sum that is off because of cells that are found by themselves."""
    return any(f.code == "percents_sum" for f in sums) and any(
        f.certainty is Certainty.CERTAIN for f in cells
    )


def _family(series: Sequence[Series]) -> RoundingRule:
    """Return the rule that gives most series of a table, half up among equals."""
    known = [s for s in series if s.base]
    return max(PLAIN_RULES, key=lambda rule: sum(_is_given(s, s.base or 0, rule) for s in known))


def _may_sum100(series: Series) -> bool:
    return series.sums_to_100 and series.is_exclusive is not False and len(series.shares) > 1


def _is_exclusive(series: Series) -> bool:
    """Everyone has one answer and all answers are printed: the counts add to the base."""
    return bool(series.is_exclusive) and series.is_complete


def _is_given(series: Series, base: int, rule: RoundingRule) -> bool:
    # Where all counts are printed their sum is looked at elsewhere, and said of the counts.
    joint = _is_exclusive(series) and series.counts is None
    if all_given(series.shares, base, rule, is_exclusive=joint):
        return True
    return _may_sum100(series) and is_apportioned(series.shares, base)


# --- with a base ---------------------------------------------------------------


def _with_base(
    series: Series, base: int, family: RoundingRule, limit: int
) -> tuple[list[Finding], Reading]:
    rules = (family, *(rule for rule in PLAIN_RULES if rule is not family))
    rule = next((r for r in rules if _is_given(series, base, r)), None)
    reading = Reading(series.table, series.place, base, None, _shown_rule(series, base, rule))
    if rule is family:
        return [], reading
    failing = [s for s in series.shares if not gives(s, base, family)]
    if not failing:
        return [_no_split(series, base)], reading
    other = _other_base(series, base, failing, limit)
    if other is None:
        return [_cell(series, s, base, family) for s in failing], reading
    findings = [_base_mismatch(series, base, other)]
    still = [s for s in failing if not gives(s, other, family)]
    return [*findings, *(_cell(series, s, other, family) for s in still)], reading


def _shown_rule(series: Series, base: int, rule: RoundingRule | None) -> RoundingRule | None:
    """The rule found; largest remainder where rounding by itself does not give all."""
    if rule is None or all_given(series.shares, base, rule, is_exclusive=False):
        return rule
    return RoundingRule.SUM100


def _no_split(series: Series, base: int) -> Finding:
    """Every percent has counts, but no counts add to the base."""
    adjusted = _may_sum100(series) and all_given(
        series.shares, base, RoundingRule.SUM100, is_exclusive=True
    )
    return Finding(
        "adjusted_series" if adjusted else "no_split",
        Certainty.LIKELY if adjusted else Certainty.CERTAIN,
        series.table,
        series.row,
        series.column,
        printed=_printed(series),
        values={"base": base},
    )


def _other_base(series: Series, base: int, failing: Sequence[Share], limit: int) -> int | None:
    """Return the base that fits most percents, where the one at hand fits few of them."""
    known = [s for s in series.shares if s.n and s.units]
    if len(failing) < 2 or 2 * len(failing) < len(known):
        return None
    found, given = best_base(series.shares, limit)
    fitted = sum(gives(s, base, RoundingRule.HALF_UP) for s in known)
    is_better = given > fitted and given >= 2 and 5 * given >= 3 * len(known)
    return found if is_better and found != base else None


def _base_mismatch(series: Series, base: int, other: int) -> Finding:
    return Finding(
        "base_mismatch" if series.base_is_printed else "sum_mismatch",
        Certainty.CERTAIN,
        series.table,
        series.row,
        series.column,
        printed=str(base),
        values={"base": base, "other": other},
        fits=(("base", {"base": other}),),
    )


def _cell(series: Series, share: Share, base: int, family: RoundingRule) -> Finding:
    """Say what is wrong with one percent."""
    others = [r for r in PLAIN_RULES if r is not family and gives(share, base, r)]
    near = _may_sum100(series) and gives(share, base, RoundingRule.SUM100)
    figure = share.figure
    values: dict[str, object] = {
        "base": base,
        "printed": figure.text,
        "rule": f"rule:{family.value}",
    }
    if others:
        code, certainty = "other_rounding", Certainty.LIKELY
        values |= {"other": f"rule:{others[0].value}"}
    elif near:
        code, certainty = "adjusted", Certainty.LIKELY
    elif share.n is not None:
        code, certainty = "n_percent", Certainty.CERTAIN
        values |= {"n": share.n}
    else:
        code, certainty = "impossible_percent", Certainty.CERTAIN
    return Finding(
        code,
        certainty,
        series.table,
        figure.row,
        figure.place,
        figure.text,
        values,
        tuple(_fits(share, base)),
    )


def _fits(share: Share, base: int) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Say which percents and counts would fit."""
    decimals = share.figure.decimals
    if share.n is not None and 0 <= share.n <= base:
        shown = percent(share.n, base, decimals)
        yield "percent", {"n": share.n, "base": base, "percent": f"percent:{shown}"}
    possible = counts(share.units, share.scale, base, RoundingRule.HALF_UP)
    if possible:
        named = str(possible[0]) if len(possible) == 1 else f"{possible[0]}–{possible[-1]}"
        if share.n is not None:
            yield "count", {"counts": named, "percent": share.figure.text}
        return
    below = share.units * base // (100 * share.scale)
    for n in (below, below + 1):
        if share.n is None and 0 <= n <= base:
            shown = percent(n, base, decimals)
            yield "percent", {"n": n, "base": base, "percent": f"percent:{shown}"}


# --- without a base ------------------------------------------------------------


def _without_base(
    series: Series, limit: int, *, is_explained: bool
) -> tuple[list[Finding], Reading]:
    exclusive = _is_exclusive(series)
    bases = fitting_bases(
        series.shares,
        limit,
        is_exclusive=exclusive and series.counts is None,
        may_sum100=_may_sum100(series),
    )
    reading = Reading(series.table, series.place, None, bases, None)
    if bases.count or is_explained:
        return [], reading
    known = [s for s in series.shares if s.n and s.units]
    best, given = best_base(series.shares, limit)
    if given >= 2 and 2 * given >= len(known):
        failing = [s for s in series.shares if not gives(s, best, RoundingRule.HALF_UP)]
        return [_cell(series, s, best, RoundingRule.HALF_UP) for s in failing], reading
    finding = Finding(
        "no_base",
        Certainty.CERTAIN,
        series.table,
        series.row,
        series.column,
        printed=_printed(series),
        values={"limit": limit},
    )
    return [finding], reading


def _printed(series: Series) -> str:
    return "; ".join(s.figure.text for s in series.shares)


# --- sums ----------------------------------------------------------------------


def _over_100(series: Series) -> list[Finding]:
    return [
        Finding(
            "over_100",
            Certainty.CERTAIN,
            series.table,
            share.figure.row,
            share.figure.place,
            share.figure.text,
        )
        for share in series.shares
        if share.exact > 100
    ]


def _sum(series: Series) -> list[Finding]:
    """Check that percents add to 100."""
    total = series.total
    if not _is_exclusive(series) or len(series.shares) < 2:
        return []
    # Cut percents fall short of 100 by up to a unit each.
    is_cut = series.base is not None and _is_given(series, series.base, RoundingRule.CUT)
    if abs(total - 100) <= series.tolerance or (total < 100 and is_cut):
        return []
    return [
        Finding(
            "percents_sum",
            Certainty.LIKELY,
            series.table,
            series.row,
            series.column,
            _printed(series),
            {"total": _shown(series, total)},
        )
    ]


def _total(series: Series) -> list[Finding]:
    """Check the printed total of the percents; 100 may stand for the base."""
    printed = series.total_percent
    if printed is None or printed.value is None or not series.is_complete:
        return []
    off = abs(series.total - Fraction(printed.value))
    slack = series.tolerance + Fraction(1, 2 * 10**printed.decimals)
    # A total of one answer each is 100, or what the printed percents add to.
    if printed.value == 100 or off <= (0 if _is_exclusive(series) else slack):
        return []
    return [
        Finding(
            "percent_total",
            Certainty.CERTAIN,
            series.table,
            printed.row,
            printed.place,
            printed.text,
            {"total": _shown(series, series.total), "printed": printed.text},
        )
    ]


def _shown(series: Series, total: Fraction) -> str:
    """A sum of printed percents, exact in their decimals, for the texts to write."""
    scale = max(s.scale for s in series.shares)
    decimals = len(str(scale)) - 1
    return f"percent:{Decimal(int(total * scale)).scaleb(-decimals)}"
