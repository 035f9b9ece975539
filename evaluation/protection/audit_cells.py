"""Published tables read back, cell by cell, for the audit.

Nothing here is shared with the methods that make a release: the audit reads
the rows of ``tables.csv`` as a stranger would, and names each count by the
conditions that it states ("q1=yes", "region=a").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evaluation.protection import audit_filters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evaluation.protection.audit_sheets import Beside

TOTAL = "total"
MISSING = ("item_nonresponse", "not_asked", "invalid")
ANY = "*"
"""In a condition: answered, whatever the answer."""
NET = audit_filters.NET
MARK = "release "
"""Begins a condition: belongs to the answers of an earlier release."""
MASKED, MUTE = "masked", "mute"
"""In place of a status: taken for hidden, taken for not published; see ``audit_earlier``."""
PEOPLE = "people"
"""Of a row of an earlier release: how many respondents its survey had, where known."""
Key = tuple[str, frozenset[str]]
"""Survey and conditions."""


@dataclass(frozen=True, slots=True)
class Published:
    """One cell as published.

    Attributes
    ----------
    n
        None where hidden.
    percent, places
        As published, with its number of decimals; None where not shown.
    base_n
        None where not shown.
    key
        What it counts.
    context
        The same without the row's own condition.
    source
        Number of an earlier release, "" for the one at hand.
    weight, wn, base_wn
        Of a weighted table: the weight, the weighted count and its base, None where not shown.
    where, filters
        The table's filter, and those of the conditions that it states.
    """

    table: str
    question: str
    row_var: str
    row_code: str
    col_var: str
    col_code: str
    n: int | None
    percent: float | None
    places: int
    base_n: int | None
    status: str
    key: Key
    context: Key
    source: str = ""
    weight: str = ""
    wn: float | None = None
    base_wn: float | None = None
    where: str = ""
    filters: frozenset[str] = frozenset()

    @property
    def place(self) -> tuple[str, str, str]:
        """Table, row and column, as decisions and leaks name them."""
        column = f"{self.col_var}:{self.col_code}".lstrip(":")
        return self.table, f"{self.row_var}:{self.row_code}", column

    @property
    def is_missing(self) -> bool:
        """Whether the row counts missing answers."""
        return self.row_code in MISSING

    @property
    def is_total(self) -> bool:
        """Whether the row counts all who answered."""
        return self.row_code == TOTAL

    @property
    def is_option(self) -> bool:
        """Whether the row is an answer option."""
        return self.row_code != TOTAL and not self.is_missing and not self.row_code.startswith(NET)


@dataclass(slots=True)
class Reading:
    """All cells of a release, with the codes of each variable.

    Attributes
    ----------
    cells
        In the order given.
    codes
        (survey, variable) -> codes met as rows or columns.
    n_own
        How many of the cells, the first ones, are of the release at hand.
    people
        Survey -> respondents, where that is known from elsewhere.
    most
        No count is taken to be bounded by less than this.
    told
        As ``people``, of earlier releases: marks of one -> respondents.
    nearly
        (Count, count, most by which they differ): before and after some answers were corrected.
    given
        Counts that the reader knows from elsewhere, see ``audit_sizes``.
    labels
        (Survey, variable, label) -> code.
    unprinted
        (Survey, variable) -> codes, of variables that only filters name.
    """

    cells: list[Published] = field(default_factory=list)
    codes: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    n_own: int = 0
    people: dict[str, int] = field(default_factory=dict)
    most: int = 0
    told: dict[Key, int] = field(default_factory=dict)
    nearly: list[tuple[Key, Key, int]] = field(default_factory=list)
    given: dict[Key, int] = field(default_factory=dict)
    labels: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    unprinted: dict[tuple[str, str], list[str]] = field(default_factory=dict)


def read_cells(
    rows: Iterable[Mapping[str, object]],
    everyone: frozenset[str] = frozenset(),
    marks: Iterable[str] = (),
    source: str = "",
    beside: Beside | None = None,
) -> Reading:
    """Read the rows of one release.

    Parameters
    ----------
    rows
        Keys as in ``tables.csv``; numbers as numbers or as text.
    everyone
        Tables whose margin counts also those who lack the column variable.
    marks
        Conditions that are added to every cell (earlier releases).
    source
        Number of the earlier release that these are rows of.
    beside
        What tables tell that are not among the rows; see ``audit_screen``.
    """
    listed, marks = list(rows), tuple(marks)
    labels: Mapping[tuple[str, str, str], str] = beside.labels if beside else _labels(listed)
    reading = Reading(labels=labels)
    if beside:
        reading.most = beside.most
        reading.codes = {name: list(codes) for name, codes in beside.codes.items()}
    for row in listed:
        cell = _cell(row, labels, everyone, (marks, source))
        reading.cells.append(cell)
        survey = cell.key[0]
        for name, code in ((cell.row_var, cell.row_code), (cell.col_var, cell.col_code)):
            known = reading.codes.setdefault((survey, name), [])
            is_code = name and code != TOTAL and code not in MISSING and not code.startswith(NET)
            if is_code and code not in known:
                known.append(code)
    return reading


def _labels(rows: list[Mapping[str, object]]) -> dict[tuple[str, str, str], str]:
    """(survey, variable, label) -> code, for filters that name options by label."""
    found = {}
    for row in rows:
        for side in ("row", "col"):
            name, label = str(row[f"{side}_var"] or ""), str(row[f"{side}_label"] or "")
            found[str(row["survey"]), name, label.casefold()] = str(row[f"{side}_code"])
    return found


def _cell(
    row: Mapping[str, object],
    labels: Mapping[tuple[str, str, str], str],
    everyone: frozenset[str],
    told: tuple[tuple[str, ...], str],
) -> Published:
    survey, table = str(row["survey"]), str(row["table"])
    row_var, row_code = str(row["row_var"]), str(row["row_code"])
    col_var, col_code = str(row["col_var"] or ""), str(row["col_code"])
    filters = audit_filters.conditions(str(row["where"] or ""), survey, labels)
    around = {*filters, *told[0]}
    if col_var and not (col_code == TOTAL and table in everyone):
        around.add(f"{col_var}={ANY if col_code == TOTAL else col_code}")
    own = f"{row_var}={ANY if row_code == TOTAL else row_code}"
    percent = _text(row["percent"])
    return Published(
        table=table,
        question=str(row["question"]),
        row_var=row_var,
        row_code=row_code,
        col_var=col_var,
        col_code=col_code,
        n=_whole(row["n"]),
        percent=float(percent) if percent else None,
        places=len(percent.partition(".")[2]),
        base_n=_whole(row["base_n"]),
        status=str(row["status"]),
        key=(survey, plain(around | {own})),
        context=(survey, plain(around)),
        source=told[1],
        weight=str(row.get("weight") or ""),
        wn=_number(row.get("wn")),
        base_wn=_number(row.get("base_wn")),
        where=str(row["where"] or ""),
        filters=frozenset(filters),
    )


def in_order(key: Key) -> tuple[str, list[str]]:
    """Return what counts are sorted by, so that nothing depends on the order of sets."""
    return key[0], sorted(key[1])


def plain(found: Iterable[str]) -> frozenset[str]:
    """Drop "answered" where the answer itself is stated."""
    stated = set(found)
    exact = {text.partition("=")[0] for text in stated if not text.endswith(f"={ANY}")}
    return frozenset(
        text for text in stated if not (text.endswith(f"={ANY}") and text[:-2] in exact)
    )


def _text(value: object) -> str:
    if isinstance(value, float):
        return repr(value)
    return "" if value is None else str(value)


def _number(value: object) -> float | None:
    text = _text(value)
    return float(text) if text else None


def _whole(value: object) -> int | None:
    text = _text(value)
    return int(float(text)) if text else None
