"""Which tables of a large release the audit need not write equations for, and why.

A table that shows every count can say something of a hidden one only through a
count that nobody prints and that another table speaks of too. All of these are
followed here from the tables that hide something: the same count in another
table, how many there are in a column, a count with one condition more or less,
who was asked, what a filter leaves out, three crosstabs that close a ring. What
is not reached holds known numbers and remainders of its own, and is left out.

What a table says by itself is looked at here: small counts, groups that all
gave one answer, options that nearly all chose. Where there is any of that, or
anything that is not understood, the table is kept and read like the others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from evaluation.protection import audit_whole
from evaluation.protection.audit_cells import ANY, MISSING, NET, TOTAL, Key, plain
from evaluation.protection.audit_filters import about, conditions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evaluation.protection.audit import AuditPolicy
    from evaluation.protection.audit_sheets import Beside, Sheet

WORTH_SCREENING = 5_000
"""Cells of a release from which on tables are left out."""


MOST_DIRTY = 0.5
"""Share of the cells above which nothing is left out: it would not be worth it."""


@dataclass(slots=True)
class _Read:
    """A sheet with what its rows, columns and filter state.

    Attributes
    ----------
    rows
        Condition of each row.
    contexts
        Conditions of filter and column, column by column.
    sets
        Variables that the cells of a column name, for each question in the rows.
    is_dirty
        Hides something, or must be read for other reasons.
    is_whole
        Tells for each column how many there are in it.
    """

    sheet: Sheet
    filters: frozenset[str]
    rows: frozenset[str]
    contexts: list[frozenset[str]]
    sets: list[frozenset[str]]
    questions: frozenset[str]
    is_dirty: bool = False
    is_whole: bool = False


def screened(sheets: Sequence[Sheet], beside: Beside, policy: AuditPolicy) -> list[int]:
    """Return the positions of the tables that have to be read.

    Parameters
    ----------
    sheets
        All tables of one release; no earlier release is known, and weighted figures, where
        there are any, tell nothing of who was counted.
    beside
        Codes and labels of all of them.
    policy
        What the audit holds the release against.
    """
    everything = list(range(len(sheets)))
    n_cells = sum(sheet.size for sheet in sheets)
    if n_cells < WORTH_SCREENING:
        return everything
    small = {survey for survey in {s.survey for s in sheets} if _is_small(survey, beside, policy)}
    screen = _Screen(sheets, beside, policy, small)
    n_dirty = sum(read.sheet.size for read in screen.read if read.is_dirty)
    if n_dirty > MOST_DIRTY * n_cells:
        return everything
    return sorted(screen.follow())


def _is_small(survey: str, beside: Beside, policy: AuditPolicy) -> bool:
    """Tell whether all kinds of respondents of a survey may be laid out; see ``audit_whole``."""
    grouped, size = _grouped(policy.structure), 1
    for (of, name), codes in beside.codes.items():
        if of == survey and name and f"{survey}.{name}" not in grouped:
            size *= max(1, len(codes))
    return size <= audit_whole.LARGEST


def _grouped(structure: Mapping[str, Any]) -> set[str]:
    """Return the variables of which one groups another."""
    recodes = structure.get("recodes", {})
    return {
        *recodes,
        *structure.get("cuts", {}),
        *(source for source, _ in recodes.values()),
        *(at.partition("=")[0] for pair in structure.get("hierarchy", {}).items() for at in pair),
    }


class _Screen:
    """Follows unknown counts from table to table."""

    def __init__(
        self,
        sheets: Sequence[Sheet],
        beside: Beside,
        policy: AuditPolicy,
        small: set[str],
    ) -> None:
        self.policy, self.structure = policy, policy.structure
        self.everyone = frozenset(policy.structure.get("everyone", ()))
        self.grouped = _grouped(policy.structure)
        self.read = [self._read(sheet, beside) for sheet in sheets]
        several = {
            (read.sheet.survey, name)
            for read in self.read
            if read.is_dirty
            for name in _with_several_answers(read.sheet)
        }
        self.loose: dict[str, set[str]] = defaultdict(set)
        self.at: dict[Key, list[int]] = defaultdict(list)
        n_of = Counter(sheet.table for sheet in sheets)
        for number, read in enumerate(self.read):
            survey = read.sheet.survey
            read.is_dirty |= survey in small or n_of[read.sheet.table] > 1
            read.is_dirty |= any((survey, name) in several for name in read.questions)
            self.loose[survey] |= read.filters
            for column, context in zip(read.sheet.columns, read.contexts, strict=True):
                if column[1] == TOTAL:
                    self.loose[survey] |= context
                self.at[survey, context].append(number)
        self.asked = self._asked_at()
        self.kept: set[int] = set()
        self._todo: list[int] = []
        self._unknown: set[Key] = set()
        self._wanted: set[Key] = set()

    def follow(self) -> set[int]:
        """Return the tables that are kept."""
        self._keep(number for number, read in enumerate(self.read) if read.is_dirty)
        self._close_rings()
        while self._todo:
            self._follow(self._todo.pop())
        return self.kept

    # --- reading ----------------------------------------------------------------------

    def _read(self, sheet: Sheet, beside: Beside) -> _Read:
        filters = plain(conditions(sheet.where, sheet.survey, beside.labels))
        rows = frozenset(_condition(name, code) for name, code, _ in sheet.rows)
        contexts = []
        questions = frozenset(name for name, _, _ in sheet.rows)
        for name, code, _ in sheet.columns:
            stated = set(filters)
            if name and not (code == TOTAL and sheet.table in self.everyone):
                stated.add(_condition(name, code))
            contexts.append(plain(stated))
        sets = [names for context in contexts for names in _sets_of(questions, context)]
        read = _Read(sheet, filters, rows, contexts, list(dict.fromkeys(sets)), questions)
        names = {name for name, _, _ in (*sheet.rows, *sheet.columns) if name}
        names |= {name for text in filters for name in about(text)}
        is_odd = (
            any(text.startswith("?") or "!=" in text or f"={NET}" in text for text in filters)
            or any(len(found) != 1 + len(c) for c in contexts for found in _sets_of(questions, c))
            or any(f"{sheet.survey}.{name}" in self.grouped for name in names)
        )
        codes = {code for name, code, _ in sheet.rows if name in questions}
        read.is_whole = len(questions) == 1 and {TOTAL, *MISSING} <= codes
        read.is_dirty = is_odd or not self._is_clean(sheet)
        return read

    def _is_clean(self, sheet: Sheet) -> bool:
        """Tell whether a table shows everything, and by itself nothing that it must not."""
        threshold = self.policy.threshold
        if any(n is None or 0 < n < threshold for line in sheet.counts for n in line):
            return False
        blocks: dict[str, list[tuple[str, Sequence[Any], Sequence[Any]]]] = defaultdict(list)
        for (name, code, _), counts, bases in zip(
            sheet.rows, sheet.counts, sheet.bases, strict=True
        ):
            blocks[name].append((code, counts, bases))
        multiple = self.structure.get("multiple", ())
        return all(
            self._is_block_clean(block, is_multiple=f"{sheet.survey}.{name}" in multiple)
            for name, block in blocks.items()
        )

    def _is_block_clean(
        self, block: list[tuple[str, Sequence[Any], Sequence[Any]]], *, is_multiple: bool
    ) -> bool:
        totals = [counts for code, counts, _ in block if code == TOTAL]
        options = [line for line in block if line[0] != TOTAL and line[0] not in MISSING]
        if len(totals) != 1:
            return False
        insider, threshold = int(self.policy.insider), self.policy.threshold
        for _, counts, bases in options:
            for n, base, total in zip(counts, bases, totals[0], strict=True):
                if base is not None and 0 < base <= n + insider:
                    return False  # all but an insider gave this answer
                if is_multiple and 0 < total - n < threshold:
                    return False  # few did not choose it
        if is_multiple:
            return True
        sums = [
            sum(ns)
            for ns in zip(*(c for code, c, _ in options if not code.startswith(NET)), strict=True)
        ]
        return all(n <= total for n, total in zip(sums, totals[0], strict=False))

    def _asked_at(self) -> dict[Key, list[int]]:
        """Return, for who was asked, the tables that say how many answered."""
        found: dict[Key, list[int]] = defaultdict(list)
        for number in range(len(self.read)):
            for key in self._asked_of(number):
                found[key].append(number)
        return found

    def _asked_of(self, number: int) -> Iterator[Key]:
        read = self.read[number]
        survey = read.sheet.survey
        for name in read.questions:
            text = self.structure.get("asked_if", {}).get(f"{survey}.{name}", "")
            stated = conditions(text, survey, {})
            if stated:
                yield from ((survey, plain(context | stated)) for context in read.contexts)

    # --- following --------------------------------------------------------------------

    def _keep(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            if number not in self.kept:
                self.kept.add(number)
                self._todo.append(number)

    def _showing(self, key: Key) -> Iterator[int]:
        """Return the tables in which a count stands."""
        for text in key[1]:
            for number in self.at.get((key[0], key[1] - {text}), ()):
                if text in self.read[number].rows:
                    yield number

    def _follow(self, number: int) -> None:
        """Look for what else speaks of what a table leaves unknown."""
        read = self.read[number]
        survey = read.sheet.survey
        if read.is_whole and not read.is_dirty:
            return  # its columns add up; nothing in it is unknown
        self._want((survey, frozenset()))
        for j, context in enumerate(read.contexts):
            key = (survey, context)
            self._want(key)
            self._keep(n for n in self.at[key] if read.questions & self.read[n].questions)
            if read.is_dirty:
                for (name, code, _), counts in zip(read.sheet.rows, read.sheet.counts, strict=True):
                    own = (survey, plain(context | {_condition(name, code)}))
                    self._left_out(own)
                    if counts[j] is None:
                        self._reach(own)
            self._left_out(key)
        for key in self._asked_of(number):
            self._keep(self._showing(key))
            self._want(key)

    def _reach(self, key: Key) -> None:
        """Keep whatever speaks of an unknown count in one equation with others."""
        if key in self._unknown:
            return
        self._unknown.add(key)
        self._keep([*self._showing(key), *self.asked.get(key, ())])
        survey, stated = key
        loose = self.loose[survey]
        for other in [stated - {text} for text in stated & loose] + [
            stated | {text} for text in loose - stated
        ]:
            self._keep(self._showing((survey, other)))
            self._want((survey, other))

    def _want(self, key: Key) -> None:
        """Keep what tells how many a column or filter leaves, or else whatever is about it."""
        if key in self._wanted or key not in self.at:
            return
        self._wanted.add(key)
        showing = set(self._showing(key))
        self._keep(showing)
        sums = {n: self._everybody(n, key[1]) for n in self.at[key] if self.read[n].is_whole}
        told = {n: total for n, total in sums.items() if total is not None}
        is_shown = any(not self.read[n].is_dirty for n in showing)
        if len(set(told.values())) == 1:
            if not self.kept & told.keys():
                self._keep([min(told)])
        elif told or not is_shown:
            self._keep(self.at[key])
            self._reach(key)

    def _everybody(self, number: int, context: frozenset[str]) -> int | None:
        """Return how many there are in a column: those who answered and those who did not."""
        read = self.read[number]
        j = read.contexts.index(context)
        counts = [
            line[j]
            for (_, code, _), line in zip(read.sheet.rows, read.sheet.counts, strict=True)
            if code == TOTAL or code in MISSING
        ]
        return None if None in counts else sum(n or 0 for n in counts)

    def _left_out(self, key: Key) -> None:
        """Keep what is as wide as a filtered count, what the filter left out or is a list of."""
        survey, stated = key
        for text in stated:
            name, sign, code = text.partition("!=")
            of, net, codes = text.partition(f"={NET}")
            rest = stated - {text}
            if net:
                others = [rest | {f"{of}={one}"} for one in codes.split("+")]
            elif sign:
                others = [rest | {f"{name}={code}"}, rest | {f"{name}={ANY}"}, rest]
            elif text.startswith("?"):
                others = [rest]
            else:
                continue
            for other in map(plain, others):
                self._keep(self._showing((survey, other)))
                self._want((survey, other))

    # --- rings ------------------------------------------------------------------------

    def _close_rings(self) -> None:
        """Keep the crosstabs that close a ring with one that hides something."""
        by_set: dict[tuple[str, frozenset[str]], list[int]] = defaultdict(list)
        beside: dict[tuple[str, str], set[str]] = defaultdict(set)
        for number, read in enumerate(self.read):
            survey = read.sheet.survey
            for names in read.sets:
                by_set[survey, names].append(number)
                if len(names) == 2:
                    one, other = names
                    beside[survey, one].add(other)
                    beside[survey, other].add(one)
        rings = {
            (read.sheet.survey, ring)
            for read in self.read
            if read.is_dirty
            for names in read.sets
            for ring in _rings(read.sheet.survey, names, beside)
        }
        for survey, ring in rings:
            for size in (1, 2, 3):
                for names in map(frozenset, combinations(sorted(ring), size)):
                    self._keep(by_set.get((survey, names), ()))


def _rings(
    survey: str, names: frozenset[str], beside: Mapping[tuple[str, str], set[str]]
) -> Iterator[frozenset[str]]:
    """Yield the threes of variables with some names of which every two stand in a crosstab."""
    first = sorted(names)
    if len(first) == 1:
        for one, other in combinations(sorted(beside.get((survey, first[0]), set())), 2):
            if other in beside.get((survey, one), set()):
                yield frozenset({*first, one, other})
    elif len(first) == 2:
        around, beyond = (beside.get((survey, name), set()) for name in first)
        if first[1] in around:
            yield from (names | {third} for third in around & beyond)
    elif len(first) == 3:
        yield names


def _sets_of(questions: Iterable[str], context: frozenset[str]) -> Iterator[frozenset[str]]:
    around = {text.partition("=")[0] for text in context}
    return (frozenset({question, *around}) for question in questions)


def _with_several_answers(sheet: Sheet) -> set[str]:
    """Return the questions whose shown options add up to more than all who answered."""
    sums: dict[tuple[str, int], int] = defaultdict(int)
    totals: dict[tuple[str, int], int] = {}
    for (name, code, _), counts in zip(sheet.rows, sheet.counts, strict=True):
        for j, n in enumerate(counts):
            if code == TOTAL and n is not None:
                totals[name, j] = n
            elif code not in MISSING and not code.startswith(NET):
                sums[name, j] += n or 0
    return {name for (name, j), n in sums.items() if n > totals.get((name, j), n)}


def _condition(name: str, code: str) -> str:
    return f"{name}={ANY if code == TOTAL else code}"
