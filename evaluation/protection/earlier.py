"""Earlier releases as knowledge of the reader: what was shown once cannot be taken back.

An earlier release is about the same answers (every count that both show is
equal: then it is simply known), about some of them (no count has shrunk:
then what has been added since is a group of its own, that subtraction would
reveal), or about others (then nothing follows).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.model import TOTAL, RowKind
from evaluation.protection.events import MISSING_KINDS, NET_PREFIX, YES, Domain
from evaluation.tables.spec import Column, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evaluation.protection.catalogue import Catalogue
    from evaluation.protection.events import Event

EARLIER = "~earlier"
"""Variable that tells the answers of an earlier release from those added since."""


def earlier_counts(
    previous: Sequence[Sequence[Mapping[str, object]]], catalogue: Catalogue
) -> dict[Event, int]:
    """Return counts that a reader knows from earlier releases.

    Parameters
    ----------
    previous
        Per release the rows of its ``tables.csv``.
    catalogue
        The release at hand.
    """
    known: dict[Event, int] = {}
    for number, rows in enumerate(previous):
        for survey in catalogue.spaces:
            counts = _counts([row for row in rows if row["survey"] == survey], catalogue)
            both = [
                (n, catalogue.counts[catalogue.index[event]])
                for event, n in counts.items()
                if event in catalogue.index
            ]
            if not both or any(before > now for before, now in both):
                continue
            if all(before == now for before, now in both):
                known |= counts
            else:
                mark = (f"{EARLIER} {number}", YES)
                known |= {event.with_(mark): n for event, n in counts.items()}
    return known


def earlier_domains(
    rows: Iterable[Mapping[str, object]], survey: str, domains: dict[str, Domain]
) -> None:
    """Add the variables and codes of an earlier release to those of this one."""
    for row in rows:
        if row["survey"] != survey:
            continue
        for name, code in (
            (str(row["row_var"]), str(row["row_code"])),
            (str(row["col_var"]), str(row["col_code"])),
        ):
            is_option = code != TOTAL and code not in MISSING_KINDS
            if name and is_option and not code.startswith(NET_PREFIX):
                domains.setdefault(name, Domain()).options.setdefault(code, code)


def _counts(rows: Sequence[Mapping[str, object]], catalogue: Catalogue) -> dict[Event, int]:
    counts: dict[Event, int] = {}
    for row in rows:
        survey = str(row["survey"])
        space, reader = catalogue.spaces[survey], catalogue.readers[survey]
        names = [str(row["row_var"]), str(row["col_var"])]
        if row["n"] in (None, "") or any(name and name not in space.domains for name in names):
            continue
        place = Row(names[0], str(row["row_code"]), "", RowKind.OPTION)
        column = space.column(Column(names[1], str(row["col_code"]), ""))
        literals = [*reader.literals(str(row["where"] or "")), space.row(place)]
        event = space.event([*literals, column] if column else literals)
        if event is not None:
            counts[event] = int(str(row["n"]))
    return counts
