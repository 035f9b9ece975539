"""What ``published.yaml`` may say: printed tables, phrases, stated figures, oddities.

Every figure is a text as it stands in print ("27,8%", "1 341"), never a float.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _text(value: object) -> object:
    """Read a YAML number as the text that was written."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


Printed = Annotated[str, BeforeValidator(_text)]


class Strict(BaseModel):
    """Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PrintedRow(Strict):
    """One printed row.

    One way: ``code`` (or ``label``) with ``n`` and ``percent``. Otherwise
    ``cells``: column code -> printed text, or -> measure or step -> text.
    A row of a grid names its ``item``, a row of a table of several questions
    its ``question``; its cells stand under the column ``total``.
    """

    label: str
    code: Printed | None = None
    codes: tuple[Printed, ...] = ()
    item: str | None = None
    question: str | None = None
    """``survey.question`` of this row, in a table of kind ``battery``."""
    group: str | None = None
    n: Printed | None = None
    percent: Printed | None = None
    base: Printed | None = None
    """Base printed in the row's label: "Kartläggning (n=71)"."""
    cells: dict[Printed, Printed | dict[Printed, Printed | None] | None] = Field(
        default_factory=dict
    )
    is_sum: bool = False
    note: str | None = None
    footnote: Printed | None = None


class PrintedTable(Strict):
    """One printed table."""

    id: str
    heading: Printed | None = None
    question: str | None = None
    """``survey.question`` that gives it, or ``data`` names a table of study data."""
    data: str | None = None
    head: str | None = None
    caption: str | None = None
    by: tuple[str, ...] = ()
    where: str = ""
    weight: str | None = None
    kind: Literal["single", "multiple", "grid", "battery", "data"] = "single"
    percents: Literal["column", "row", "total"] = "column"
    unit: str | None = None
    """``procent``: the figures of a grid or battery are percents though no sign stands there."""
    base: int | None = None
    base_of: Literal["answered", "respondents"] = "answered"
    """Whom the printed base counts: those who answered the question, or all of the survey."""
    base_printed: bool | None = None
    bases: dict[Printed, Printed] = Field(default_factory=dict)
    """Bases printed in the heads: column -> "486" for "Kvinnor (n=486)"."""
    margin: Literal["known", "everyone"] = "known"
    """Whether the column for all counts those who lack the column variable too."""
    decimals: int = 1
    rounding: Literal["plain", "sum100"] = "plain"
    columns: tuple[Printed, ...] = ()
    sum: dict[str, Printed] = Field(default_factory=dict)
    derived_sum: dict[str, Printed] = Field(default_factory=dict)
    rows: tuple[PrintedRow, ...]
    tests: tuple[dict[str, Printed], ...] = ()
    """What is printed of tests: ``method`` and any of ``base``, ``statistic``, ``df``, ``p`` and
    ``significant`` (yes or no)."""
    page: Printed | None = None
    line: int | None = None
    note: str | None = None


class PrintedPhrase(Strict):
    """Words that the print puts to a figure."""

    id: str
    table: str | None = None
    phrase: str
    words: str | None = None
    item: str | None = None
    row: str | None = None
    column: str | None = None
    columns: tuple[Printed, ...] = ()
    options: tuple[Printed, ...] = ()
    value: Printed | None = None
    n: Printed | tuple[Printed, ...] | None = None
    percent: Printed | tuple[Printed, ...] | None = None
    wording_fits: bool | None = None
    note: str | None = None


class PrintedFact(Strict):
    """A figure stated in running text; ``expression`` as in a chapter gives it."""

    id: str
    what: str
    printed: Printed
    value: Printed
    expression: str
    note: str | None = None


class PrintedRate(Strict):
    """A response rate: so many of so many."""

    id: str
    what: str
    answered: Printed
    base: Printed
    percent: Printed | None = None
    asked: Printed | None = None
    """Everyone asked, where the percent is of fewer (item non-response left out)."""
    expression: str
    """Gives ``answered``, as in a chapter."""
    of: str
    """Gives ``base``, as in a chapter."""
    note: str | None = None


class Oddity(Strict):
    """Something odd in print, kept because it explains a difference or a choice."""

    type: str
    where: str
    printed: str | None = None
    expected: str | None = None
    note: str | None = None
    table: str | None = None


class Contradiction(Strict):
    """Printed tables that cannot all hold for the same respondents."""

    id: str
    tables: tuple[str, ...] = ()
    note: str


class Published(Strict):
    """``published.yaml``."""

    report: str
    tables: tuple[PrintedTable, ...] = ()
    phrases: tuple[PrintedPhrase, ...] = ()
    facts: tuple[PrintedFact, ...] = ()
    rates: tuple[PrintedRate, ...] = ()
    oddities: tuple[Oddity, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
