"""What a codebook (``<survey>.yaml``) and a ``study.yaml`` may say.

These models are the contract of the study folder: unknown keys are refused,
and the JSON Schemas that are shipped for editors are generated from them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema


def _as_text(value: object) -> object:
    """Codes and labels are texts: ``1`` and ``"1"`` in YAML are the same.

    A number read from YAML knows how it was written (``1.50``) where that
    differs from how Python writes it.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


Text = Annotated[str, BeforeValidator(_as_text), WithJsonSchema({"type": ["string", "number"]})]
"""A text that may look like a number."""
Code = Text
LocalText = Text | dict[str, Text]
"""A text, or one per language: ``{sv: Ja, en: Yes}``."""
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def _as_tuple(value: object) -> object:
    """One code stands for a list of one."""
    is_scalar = isinstance(value, str | int | float) and not isinstance(value, bool)
    return (value,) if is_scalar else value


Codes = Annotated[
    tuple[Code, ...],
    BeforeValidator(_as_tuple),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": ["string", "number"]},
                {"type": "array", "items": {"type": ["string", "number"]}},
            ]
        }
    ),
]
"""One code or several."""


class Strict(BaseModel):
    """Base of all models here: frozen, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class QuestionType(StrEnum):
    """How a question is answered."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    GRID = "grid"
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"


class Role(StrEnum):
    """What a question is used for."""

    QUESTION = "question"
    BACKGROUND = "background"
    UNIT = "unit"
    OCCASION = "occasion"
    WAVE = "wave"
    WEIGHT = "weight"
    IDENTITY = "identity"
    ADMIN = "admin"


class Option(Strict):
    """One answer option."""

    code: Code
    label: LocalText
    values: tuple[Code, ...] = ()
    """Other spellings in the data that mean this option, beside label and code."""
    column: Text | None = None
    """Multiple answers in one column per option: the head of that column."""
    exclusive: bool = False
    """Cannot stand together with other options ("Jag har inte …")."""
    missing: Literal["item_nonresponse", "not_asked"] | None = None
    """Counted as missing instead of as an answer."""
    other_text: Text | None = None
    """Head of the column with the text of "Annat, nämligen"."""
    open: bool = False
    """"Annat, nämligen": an answer that fits no other option is counted here."""
    off_scale: bool = False
    """No step of an ordered scale ("Vet inte"): left out of means, drawn apart in charts."""
    score: float | None = None
    """Value used for means and indexes; default: position for ordered scales."""


class Item(Strict):
    """One row of a grid."""

    id: Identifier
    text: LocalText
    column: Text | None = None
    short: LocalText | None = None
    group: LocalText | None = None
    """Heading that the item stands under in tables, with those after it that have the same."""


class Earlier(Strict):
    """How a question was asked in an earlier survey of the same study.

    Needed only where identifiers, wordings and labels do not tell by themselves.
    """

    question: Identifier | None = None
    """Its identifier there; default: the same, else the question with the same wording."""
    options: dict[Code, Codes] = Field(default_factory=dict)
    """Option here -> the option there that it was called, or those that were merged into it."""
    break_: LocalText | Literal[False] | None = Field(default=None, alias="break")
    """What changed so that answers before and after cannot be compared; ``false`` where a new
    wording means the same. Unsaid, a changed wording is a break in the series."""


class Question(Strict):
    """One question of a survey."""

    id: Identifier
    text: LocalText
    type: QuestionType
    short: LocalText | None = None
    """Short name for chart axes and lists of tables."""
    title: LocalText | None = None
    """Title of the question's table; default: the wording."""
    column: Text | None = None
    """Head of the column in the export; default: the wording."""
    options: tuple[Option, ...] = ()
    items: tuple[Item, ...] = ()
    separator: Text | None = None
    """Multiple answers in one cell: what stands between them."""
    selected: tuple[Code, ...] = ()
    """Cell values that mean "chosen" in option columns; default: any but no, 0 and blank."""
    none_chosen: Literal["item_nonresponse", "answered"] = "item_nonresponse"
    """Option columns: what a person is who chose nothing although a cell says "not chosen".
    ``answered`` where the export tells "saw it, chose nothing" from "left it out"."""
    ordered: bool = False
    """The options form a scale (Likert)."""
    asked_if: str | None = None
    """Filter: who was asked. Others count as not asked."""
    role: Role = Role.QUESTION
    sensitive: bool | None = None
    missing: dict[Code, Literal["item_nonresponse", "not_asked"]] = Field(default_factory=dict)
    """Cell values that mean missing: ``{"-99": item_nonresponse}``."""
    recode: str | None = None
    """Derived question: id of the question that it groups. Options then list
    the source's codes in ``values``, or ``bins`` cuts a number."""
    bins: tuple[float, ...] = ()
    """Lower bounds of the groups of a number; one option per group."""
    minimum: float | None = None
    maximum: float | None = None
    unit: LocalText | None = None
    nets: dict[Text, tuple[Code, ...]] = Field(default_factory=dict)
    """Sums of options shown in the table: label -> codes."""
    note: LocalText | None = None
    earlier: dict[Identifier, Earlier] = Field(default_factory=dict)
    """Earlier survey of the study -> how the question was asked in it."""
    breaks: dict[Code, LocalText] = Field(default_factory=dict)
    """Waves of one survey: code of the wave from which the question is asked differently -> what
    changed."""
    instruction: LocalText | None = None
    """What the form told respondents to do; for the appendix with the questionnaire."""
    hidden: bool = False
    """Left out of `all tables`."""


class Codebook(Strict):
    """A questionnaire: its questions in the order asked."""

    title: LocalText
    introduction: LocalText | None = None
    questions: tuple[Question, ...]
    comment: str | None = None


class ReadOptions(Strict):
    """How an export is read, where detection needs help."""

    tool: str | None = None
    sheet: Text | None = None
    encoding: str | None = None
    separator: Text | None = None
    header_rows: int | None = Field(default=None, ge=1, le=5)
    skip_rows: int | None = Field(default=None, ge=0)


class Intake(Strict):
    """Which rows count as answers."""

    id: Text | None = None
    """Head of the column that names the submission; a repeat is a problem."""
    person: Text | None = None
    """Head of the column that names the respondent; used to find double submissions."""
    submitted: Text | None = None
    """Head of the column with the time of submission."""
    duplicates: Literal["first", "last", "problem"] = "last"
    """Which of two submissions by one person wins."""
    test_if: str | None = None
    """Expression on columns ("col:Status" == "Test") or questions: test answers."""
    screened_out_if: str | None = None
    invalid_if: str | None = None
    complete_if: str | None = None
    """Expression; default: at least ``complete_share`` of the questions asked are answered."""
    complete_share: float = Field(default=0.5, ge=0, le=1)
    include_partial: bool = True
    """Whether partial answers are counted in tables."""
    minimum_answered: int = Field(default=1, ge=0)
    """Fewer answered questions than this makes a row invalid (empty submission)."""
    unknown_options: Literal["stop", "warn", "note"] = "warn"
    """An answer that the codebook lacks is counted under its own name; how loud the problem is."""
    clashes: Literal["stop", "warn", "note"] = "stop"
    """Two answers to a single question, or an exclusive option beside others."""


class Design(Strict):
    """Sampling design and population of one survey."""

    weight: str | None = None
    strata: str | None = None
    cluster: str | None = None
    fpc: str | None = None
    population: int | None = Field(default=None, ge=1)
    """Number of persons asked or in the population."""


class Similar(Strict):
    """A table of the study that says which units are alike: a row per unit, the unit first."""

    file: str
    column: Text | None = None
    """Head of the column with each unit's group, or its size; default: the second."""
    classes: tuple[float, ...] = ()
    """Lower bounds of the second and further classes of size: ``[50, 200]`` makes three."""


class Survey(Strict):
    """One questionnaire of the study with its answers."""

    title: LocalText | None = None
    codebook: str | None = None
    """Default ``<survey>.yaml``."""
    data: str | tuple[str, ...]
    read: ReadOptions = ReadOptions()
    intake: Intake = Intake()
    design: Design = Design()
    filter: str | None = None
    """Which respondents the tables are about unless told otherwise (first occasion)."""
    weights: str | None = None
    """CSV with ``row, weight`` as ``evaluation weight`` writes it; the variable is ``weight``."""
    unit: str | None = None
    similar: str | Similar | None = None
    """Variable, or table of the study, that groups units that are alike (county, size): each
    unit's report shows the group beside the unit."""
    compare: dict[Identifier, Codes] = Field(default_factory=dict)
    """What ``evaluation compare`` compares: question or item -> answer or answers, by code, label
    or name of a net, each by itself; an empty list: as without it. Default: all questions."""
    occasion: str | None = None
    wave: str | None = None
    respondents: LocalText | None = None
    """What the respondents are called in running text ("anställda")."""
    synthetic: bool = False


class Protection(Strict):
    """Disclosure control of everything that is published together."""

    method: Literal["none", "suppress", "round", "cell_key"] = "suppress"
    """A study that says nothing is protected: what was published cannot be called back."""
    reason: LocalText | None = None
    """Why nothing needs to be hidden, where ``method`` is ``none``; printed in the report."""
    minimum_count: int = Field(default=5, ge=1)
    """Smallest count shown; 1 up to this less one is small."""
    zeros: Literal["shown", "hidden"] | dict[str, Literal["shown", "hidden"]] = "shown"
    """Whether zeros are printed; per question (``survey.question``) where a mapping, else shown."""
    minimum_base: int = Field(default=10, ge=1)
    """Smallest base for percents."""
    caution_base: int = Field(default=30, ge=1)
    """Below this base percents get a caution."""
    dominance: bool = True
    """A group that all gave the same sensitive answer is hidden too."""
    sensitive: tuple[str, ...] | Literal["all", "none"] = "all"
    """Questions (``survey.question``) that are sensitive."""
    identifying: tuple[str, ...] = ()
    """Variables that could identify a respondent."""
    interval_width: int = Field(default=5, ge=1)
    """Least width of the interval that a reader may derive for a hidden count."""
    insider: bool = False
    """Assume a reader who knows one respondent's answers."""
    merge: dict[str, str] = Field(default_factory=dict)
    """Variable -> coarser variable to try first."""
    rounding_base: int = Field(default=5, ge=2)
    seed: int = 2022
    time_limit: float = Field(default=60, gt=0)
    """Seconds for the optimisation."""
    previous: tuple[str, ...] = ()
    """Output folders of earlier releases."""


class ReportConfig(Strict):
    """How the report is put together and looks."""

    theme: str = "neutral"
    chapters: tuple[str, ...] = ()
    """Markdown files in order; default: all of ``chapters/`` sorted by name."""
    decimals: int = Field(default=1, ge=0, le=2)
    rounding: dict[Literal["single", "multiple"], Literal["plain", "sum100"]] = {
        "single": "plain",
        "multiple": "plain",
    }
    uppercase_headings: tuple[int, ...] | None = None
    """Heading levels set in capitals; default: as the theme says, else none."""
    number_tables: bool | None = None
    """Whether tables and charts are numbered; default: as the theme says, else yes."""
    contents_depth: int = Field(default=2, ge=1, le=4)
    running_head: str | None = None
    """Text at the head of each page; default: as the theme says, else publisher | series."""
    ci: str | None = None
    quotes: str | None = None
    """File with reviewed quotes."""
    references: str | None = None
    """File with the works that the report cites."""
    glossary: str | None = None
    """File with the words that the report defines."""
    interactive_charts: bool = True


class DataTable(Strict):
    """A table that is study data, not survey answers (a budget, a list of grants).

    Either read from a ``file``, or made ``from`` another data table: filtered,
    and summed or counted per ``group``, so that sums are computed, not typed.
    """

    file: str | None = None
    title: LocalText | None = None
    note: LocalText | None = None
    source: LocalText | None = None
    from_: Identifier | None = Field(default=None, alias="from")
    """The data table that this one is made from; may itself be made from another."""
    where: dict[Text, Text | tuple[Text, ...]] = Field(default_factory=dict)
    """Which rows: column -> value, or one of several values."""
    select: tuple[Text, ...] = ()
    """Without ``group``: the columns kept, in this order; the first holds the row heads."""
    group: Text | None = None
    """Column whose values become the rows."""
    columns: Text | None = None
    """Column whose values become columns beside each other (a crosstab)."""
    column_order: tuple[Text, ...] = ()
    """Values of ``columns`` in the order wanted, also those without rows."""
    sum: Text | tuple[Text, ...] = ()
    """Columns that are added up."""
    mean: Text | tuple[Text, ...] = ()
    """Columns whose mean is shown, of the rows that have a figure."""
    change: LocalText | None = None
    """Head of a column with the change of each sum or mean: from the row above or, where there
    are ``columns``, from the first of them to the last."""
    count: LocalText | None = None
    """Count rows too, in a column with this head."""
    share: LocalText | None = None
    """Percent of the whole, of the first sum (else the count), in a column with this head."""
    labels: Identifier | None = None
    """A data table of two columns, value and label: names the rows of ``group``, gives their
    order and adds those that have no rows."""
    sort: Literal["none", "largest", "smallest", "label"] = "none"
    limit: int | None = Field(default=None, ge=1)
    """Keep so many rows, after sorting; rows equal to the last one are kept too."""
    rest: LocalText | None = None
    """Head of a row with all that ``limit`` left out, added up."""
    total: LocalText | None = None
    """Head of a sum row, and of a sum column where there are ``columns``."""
    heads: dict[Text, LocalText] = Field(default_factory=dict)
    """Column -> its head in this table."""


class Study(Strict):
    """``study.yaml``."""

    title: LocalText
    subtitle: LocalText | None = None
    publisher: LocalText
    series: LocalText | None = None
    year: int
    date: str | None = None
    """Date of publication, ISO; the only date that the outputs carry."""
    language: str = "sv"
    author: LocalText | None = None
    synthetic: LocalText | None = None
    """Said on the cover and in every file where answers are invented."""
    surveys: dict[Identifier, Survey] = Field(default_factory=dict)
    data_tables: dict[Identifier, DataTable] = Field(default_factory=dict)
    facts: dict[Identifier, Any] = Field(default_factory=dict)
    """Stated figures that no survey gives (number of interviews), for chapters."""
    hierarchy: str | None = None
    """CSV of units and what they belong to."""
    protection: Protection = Protection()
    report: ReportConfig = ReportConfig()
    texts: dict[str, Any] = Field(default_factory=dict)
    """Overrides of the texts catalogue."""


class Quote(Strict):
    """A quotation that someone has read with a view to recognisability."""

    id: Identifier
    text: LocalText
    by: LocalText | None = None
    """Who said it, in words that point to nobody ("handläggare")."""
    survey: str | None = None
    question: str | None = None
    invented: bool = False


class Quotes(Strict):
    """File of reviewed quotes, named by ``report.quotes``."""

    quotes: tuple[Quote, ...]
    reviewed: str | None = None
    """Who read them, and when."""
