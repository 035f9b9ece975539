"""What a found table says: n and percent, columns of figures, several statistics in a cell.

Kind, unit, base and the direction of percents are told from heads, captions
and sums; what is only likely is noted as a doubt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from evaluation.published.kinds import guess_kind
from evaluation.published.lift.heads import take_base
from evaluation.published.lift.items import MAX_STUB
from evaluation.published.lift.statistics import stack
from evaluation.published.lift.tables import Doubt, FoundTable
from evaluation.published.schema import PrintedRow
from evaluation.published.strings import read_number
from evaluation.published.words import Words, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.published.lift.cells import PlacedRow

CODE = re.compile(r"[A-ZÅÄÖ]{1,3}|\d{1,4}")
"""A code before a label, such as a county's letter."""
MOST = Fraction(4, 5)
_MONEY = re.compile(r"\b(kr|kronor|tkr|mkr|mnkr|SEK)\b", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Content:
    """A table on its way to ``published.yaml``.

    Attributes
    ----------
    found
        As found in the text.
    columns
        Name of each column; a step under a head stands after a line break.
    rows
        With a cell for each column.
    caption
        Without footnote marks.
    stated
        Base that the caption or a note states.
    words
        What totals, counts and percents are called.
    """

    found: FoundTable
    columns: list[str]
    rows: list[PlacedRow]
    caption: str
    stated: int | None
    words: Words

    def fields(self) -> tuple[dict[str, Any], tuple[tuple[Doubt, ...], ...], list[Doubt]]:
        """Return the table's fields, doubts of each row, doubts of the table."""
        stacked = stack(self.rows, self.words)
        if stacked is not None:
            return self._stacked(stacked)
        doubts = tuple(row.doubts for row in self.rows)
        measures = self._measures()
        if measures is not None:
            return self._frequency(measures, doubts)
        return self._crossed(doubts)

    @property
    def says_multiple(self) -> bool:
        """The caption or a note says that several answers could be given."""
        text = " ".join([self.caption, *self.found.notes]).casefold()
        return any(phrase in text for phrase in self.words.multiple)

    def _is_sum(self, label: str) -> bool:
        return self.words.is_total(label) or self.words.is_base(label)

    def _answers(self) -> list[PlacedRow]:
        return [row for row in self.rows if not self._is_sum(row.label)]

    # --- n and percent -----------------------------------------------------------

    def _measures(self) -> list[str] | None:
        """Return n and percent for the columns of a frequency table, None where it is none."""
        if len(self.columns) > 2:
            return None
        made = [self._measure(i) for i in range(len(self.columns))]
        has_years = any(_YEAR.fullmatch(c) for c in self.columns)
        if None in made or len(set(made)) < len(made) or self._is_money() or has_years:
            return None
        return [m for m in made if m is not None]

    def _measure(self, at: int) -> str | None:
        """Tell n or percent by a column's head, or by its figures where heads are unknown."""
        if self.columns[at] in ("n", "percent"):
            return self.columns[at]
        if self.found.heads is None:
            said = len(self.columns) == 1 and self._says_percent()
            return "percent" if said or self._has_percent(at) else "n"
        first = self.columns[at].split()[0] if self.columns[at] else ""
        for name in (self.columns[at], first.strip("(),")):
            if self.words.is_count(name):
                return "n"
            if self.words.is_percent(name):
                return "percent"
        return None

    def _has_percent(self, at: int) -> bool:
        filled = [row.cells[at] for row in self.rows if row.cells[at]]
        signed = [c for c in filled if c and ("%" in c or "procent" in c)]
        return bool(filled) and len(signed) * 2 > len(filled)

    def _frequency(
        self, measures: Sequence[str], doubts: tuple[tuple[Doubt, ...], ...]
    ) -> tuple[dict[str, Any], tuple[tuple[Doubt, ...], ...], list[Doubt]]:
        rows = []
        for row in self.rows:
            label, own_base = take_base(row.label)
            cells: Mapping[str, str | None] = dict(zip(measures, row.cells, strict=True))
            rows.append(
                PrintedRow(
                    label=label,
                    group=row.group or None,
                    n=cells.get("n"),
                    percent=cells.get("percent"),
                    base=own_base,
                    is_sum=self._is_sum(row.label),
                )
            )
        answers = [r for r in rows if not r.is_sum]
        total = next((read_number(r.n) for r in rows if r.is_sum and r.n), None)
        base = self.stated or (int(total.value) if total else None)
        guess = guess_kind(
            [r.n for r in answers],
            [r.percent for r in answers] if "percent" in measures else [],
            base,
            says_multiple=self.says_multiple,
        )
        more = [] if guess.is_sure else [Doubt("kind_guessed")]
        content = {
            "kind": guess.kind,
            "base": self.stated,
            "base_printed": True if self.stated else None,
            "decimals": self._decimals(),
            "columns": self._long_heads(),
            "rows": tuple(rows),
        }
        return content, doubts, more

    def _long_heads(self) -> tuple[str, ...]:
        """Heads that say more than n and percent."""
        if self.found.heads is None:
            return ()
        known = all(self.words.is_count(c) or self.words.is_percent(c) for c in self.columns)
        return () if known else tuple(self.columns)

    # --- several columns ---------------------------------------------------------

    def _crossed(
        self, doubts: tuple[tuple[Doubt, ...], ...]
    ) -> tuple[dict[str, Any], tuple[tuple[Doubt, ...], ...], list[Doubt]]:
        more: list[Doubt] = []
        along = self._sums_to_100(along_rows=True)
        down = self._sums_to_100(along_rows=False)
        percents, unsure = self._is_percents(along=along, down=down)
        if unsure:
            more.append(Doubt("percent_guessed"))
        kind, unit = "data", None
        if self._has_measures():
            kind = "single" if self._percents_sum_down() else "multiple"
            more = [] if kind == "single" or self.says_multiple else [Doubt("kind_guessed")]
        elif self._is_money():
            unit = self._money_unit()
        elif percents:
            kind = "battery" if self.says_multiple or not (along or down) else "grid"
            kind = "single" if down and not along and not self.says_multiple else kind
            unit = None if self._signed() else "procent"
            more += [] if along or down or self.says_multiple else [Doubt("kind_guessed")]
        is_along = kind in ("grid", "battery")
        rows = tuple(self._crossed_row(row, under_total=is_along) for row in self.rows)
        content = {
            "kind": kind,
            "unit": unit,
            "percents": "row" if is_along else "column",
            "base": self.stated,
            "base_printed": True if self.stated else None,
            "decimals": self._decimals(),
            "columns": tuple(dict.fromkeys(c.partition("\n")[0] for c in self.columns)),
            "rows": rows,
        }
        return content, doubts, more

    def _crossed_row(self, row: PlacedRow, *, under_total: bool) -> PrintedRow:
        label, base = take_base(row.label)
        label, group = self._code(label, row.group)
        cells: dict[str, Any] = {}
        for column, text in zip(self.columns, row.cells, strict=True):
            head, _, step = column.partition("\n")
            if step:
                cells.setdefault(head, {})[self._step(step)] = text
            elif under_total:
                cells.setdefault("total", {})[head] = text
            else:
                cells[head] = text
        is_sum = self._is_sum(row.label)
        return PrintedRow(label=label, group=group or None, base=base, cells=cells, is_sum=is_sum)

    def _code(self, label: str, group: str) -> tuple[str, str]:
        """Part a code from a label where the stub has two heads and every label a code."""
        heads = self.found.heads
        if (
            heads is None
            or len(heads.stub) != 2
            or any(len(s.split()) > MAX_STUB for s in heads.stub)
        ):
            return label, group
        first, _, rest = label.partition(" ")
        return (rest, first) if rest and CODE.fullmatch(first) else (label, group)

    def _step(self, step: str) -> str:
        if self.words.is_count(step):
            return "n"
        return "percent" if self.words.is_percent(step) else step

    def _values(self) -> list[list[Fraction | None]]:
        made = []
        for row in self._answers():
            numbers = [read_number(c) if c else None for c in row.cells]
            made.append([None if n is None else Fraction(n.value) for n in numbers])
        return made

    def _sums_to_100(self, *, along_rows: bool) -> bool:
        """Most rows (within each group of columns), or most columns, add to about 100."""
        values = self._values()
        if along_rows:
            groups = (
                max(1, len({c.partition("\n")[0] for c in self.columns})) if self._has_steps else 1
            )
            size = len(self.columns) // groups
            lines = [r[i * size : (i + 1) * size] for r in values for i in range(groups)]
        else:
            lines = [list(c) for c in zip(*values, strict=True)]
        known = [[v for v in line if v is not None] for line in lines]
        several = [line for line in known if len(line) > 1]
        right = sum(abs(sum(line, Fraction(0)) - 100) <= max(1, len(line) // 2) for line in several)
        return bool(several) and right >= MOST * len(several)

    def _has_measures(self) -> bool:
        """Under every column stand n and percent."""
        steps = {self._step(self._last(c)) for c in self.columns if "\n" in c}
        return steps == {"n", "percent"}

    def _percents_sum_down(self) -> bool:
        percents = [i for i, c in enumerate(self.columns) if self._step(self._last(c)) == "percent"]
        values = [[row[i] for row in self._values()] for i in percents]
        sums = [sum((v for v in column if v is not None), Fraction(0)) for column in values]
        right = sum(abs(s - 100) <= len(self.rows) for s in sums)
        return right >= MOST * len(sums)

    @property
    def _has_steps(self) -> bool:
        return any("\n" in c for c in self.columns)

    def _signed(self) -> bool:
        return all(self._has_percent(i) for i in range(len(self.columns)))

    def _is_percents(self, *, along: bool, down: bool) -> tuple[bool, bool]:
        """Return (figures are percents, that is a guess)."""
        if self._signed():
            return True, False
        if self._says_percent():
            return True, False
        if all(self.words.is_percent(self._last(c)) for c in self.columns):
            return True, False
        return along or down, along or down

    def _says_percent(self) -> bool:
        """The caption or a note has a word for percents."""
        text = plain(f"{self.caption} {' '.join(self.found.notes)}")
        tokens = set(re.split(r"[\s().,:]+", text))
        return bool(tokens & {w for w in self.words.percent if " " not in w})

    def _last(self, column: str) -> str:
        return column.rpartition("\n")[2]

    def _texts(self) -> str:
        heads = self.found.heads.text if self.found.heads else ""
        labels = (
            " ".join(r.group for r in self.rows[:1])
            + " "
            + " ".join(r.label for r in self.rows[:2])
        )
        return f"{self.caption} {heads} {labels} {' '.join(self.found.notes)}"

    def _is_money(self) -> bool:
        return bool(_MONEY.search(self._texts()))

    def _money_unit(self) -> str:
        """Return the longest name of a unit that is said: "tusental kronor" before "kronor"."""
        text = f" {plain(self._texts())} "
        said = [w for w in self.words.money if re.search(rf"\W{re.escape(w)}\W", text)]
        units = [w for w in said if _MONEY.search(w)]
        return max(units, key=len, default="kr").strip("() ").removeprefix("belopp (")

    def _decimals(self) -> int:
        numbers = [read_number(c) for row in self.rows for c in row.cells if c]
        return max((n.decimals for n in numbers if n is not None), default=0)

    # --- several statistics in a cell -----------------------------------------------

    def _stacked(
        self, stacked: Sequence[tuple[str, str, Mapping[str, Any], PlacedRow]]
    ) -> tuple[dict[str, Any], tuple[tuple[Doubt, ...], ...], list[Doubt]]:
        rows = []
        doubts = []
        for label, group, statistics, first in stacked:
            cells: dict[str, Any] = {}
            for statistic, values in statistics.items():
                for column, text in zip(self.columns, values, strict=True):
                    cells.setdefault(column.replace("\n", ": "), {})[statistic] = text
            is_sum = self._is_sum(label)
            rows.append(PrintedRow(label=label, group=group or None, cells=cells, is_sum=is_sum))
            doubts.append(first.doubts)
        content = {
            "kind": "single",
            "base": self.stated,
            "base_printed": True if self.stated else None,
            "decimals": 0,
            "columns": tuple(self.columns),
            "rows": tuple(rows),
        }
        return content, tuple(doubts), []
