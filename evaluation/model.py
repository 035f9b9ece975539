"""Identifiers, states and raw answers: the words that every room shares.

Nothing here reads a file or knows a survey. Arrays have one entry per *row of
the export* (raw) or per *respondent kept after intake* (coded).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

TOTAL = "total"
"""Code of a margin, both as row and as column, in every table and file."""


class MissingKind(IntEnum):
    """Why a coded answer holds no category; stored in place of a category.

    Categories are positions 0, 1, 2 …; these are negative, so that
    ``codes >= 0`` means "answered".
    """

    ITEM_NONRESPONSE = -1
    """Asked, did not answer."""
    NOT_ASKED = -2
    """Filtered away, or not in the version of the form."""
    INVALID = -3
    """An answer that cannot be counted, such as two answers to one question."""


class IntakeStatus(StrEnum):
    """What became of one row of an export; every row has exactly one."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    DUPLICATE = "duplicate"
    TEST = "test"
    SCREENED_OUT = "screened_out"
    INVALID = "invalid"


class CellStatus(StrEnum):
    """Whether a number may leave the protection room, and if not, why."""

    SHOWN = "shown"
    PRIMARY = "primary"
    SECONDARY = "secondary"
    LOW_BASE = "low_base"


class RowKind(StrEnum):
    """What a row of a table stands for."""

    OPTION = "option"
    ITEM = "item"
    NET = "net"
    TOTAL = "total"
    ITEM_NONRESPONSE = "item_nonresponse"
    NOT_ASKED = "not_asked"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Category:
    """A code and its label in the language of the report."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class ColumnHints:
    """What the export itself says about a column (SPSS labels, a dictionary).

    Attributes
    ----------
    question
        Identifier that the survey tool gives the question, if any.
    text
        Full wording of the question.
    value_labels
        Value as it stands in the cells -> label, in the order of the form.
        Values with the same label are one option; the first is its code. In a
        column with role ``status``: value -> the `IntakeStatus` that it means.
    missing
        Value as it stands in the cells -> kind of missing.
    kind
        ``single``, ``multiple``, ``grid``, ``number``, ``date``, ``text`` or "".
    group
        Stem or set that the column belongs to (grid stem, multiple-response set).
    option
        Label of the option or item that the column stands for, within the group.
    role
        ``identity``, ``start``, ``end``, ``status``, ``respondent``, ``meta``,
        ``other_text`` (words to the "other" option of ``question``), ``skip``
        (says nothing that other columns do not say) or "".
    selected
        Option column of a multiple answer: cell values that mean "chosen";
        empty where the tool does not say.
    separator
        Multiple answers in one cell: what stands between them.
    ordered
        The value labels form a scale.
    """

    question: str = ""
    text: str = ""
    value_labels: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, MissingKind] = field(default_factory=dict)
    kind: str = ""
    group: str = ""
    option: str = ""
    role: str = ""
    selected: tuple[str, ...] = ()
    separator: str = ""
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class RawColumn:
    """One column of an export, every cell as text, dictionary-encoded.

    Attributes
    ----------
    header
        The head as printed; where there are several header rows, joined so
        that it is unique and can be named in a codebook.
    position
        0-based position in the sheet; 0 is spreadsheet column A.
    values
        The distinct texts of the column in order of first appearance,
        unstripped; a blank cell is ``""``.
    index
        1-D int32, one per data row: position in ``values``.
    hints
        What the export says about the column beyond its head.
    """

    header: str
    position: int
    values: tuple[str, ...]
    index: NDArray[np.int32]
    hints: ColumnHints = ColumnHints()


@dataclass(frozen=True, slots=True)
class Source:
    """Where answers came from: named in problems and in the manifest."""

    file: str
    sheet: str = ""
    sha256: str = ""
    encoding: str = ""
    tool: str = ""


@dataclass(frozen=True, slots=True)
class RawResponses:
    """All answers of one export, nothing interpreted yet.

    Attributes
    ----------
    source
        File, sheet and hash.
    columns
        In file order.
    file_row
        1-D int32, one per data row: the row number as a spreadsheet shows it.
    """

    source: Source
    columns: tuple[RawColumn, ...]
    file_row: NDArray[np.int32]

    @property
    def n_rows(self) -> int:
        """Number of data rows, whatever becomes of them."""
        return len(self.file_row)

    def column(self, header: str) -> RawColumn | None:
        """Return the column with exactly this head, or None."""
        return next((c for c in self.columns if c.header == header), None)


def column_letter(position: int) -> str:
    """Return the spreadsheet letters of a 0-based column position (0 -> A).

    Raises
    ------
    ValueError
        If the position is negative.
    """
    if position < 0:
        msg = f"column position must not be negative, got {position}"
        raise ValueError(msg)
    letters = ""
    number = position + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
