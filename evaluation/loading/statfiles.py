"""SPSS, Stata and SAS files through pyreadstat: values as text, labels as hints.

User-missing values are kept as they stand and declared missing: SPSS's
discrete and range values, Stata's ``.a`` to ``.z`` and SAS's ``.A`` to ``.Z``
and ``._`` (written here with the point, as those programs print them).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from evaluation.loading.celltext import cell_text
from evaluation.loading.grid import ColumnEncoder
from evaluation.loading.sniff import FileKind
from evaluation.model import ColumnHints, MissingKind, RawColumn
from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_DATE_FORMATS = (
    "DATE",
    "ADATE",
    "EDATE",
    "SDATE",
    "JDATE",
    "%TD",
    "YYMMDD",
    "DDMMYY",
    "MMDDYY",
    "QYR",
    "MOYR",
    "WKYR",
)
_STAT_MISSING = frozenset({FileKind.DTA, FileKind.SAS7BDAT})


def read_statistics_file(
    path: Path, kind: FileKind, file: str, encoding: str | None = None
) -> Checked[tuple[RawColumn, ...] | None]:
    """Read all variables of a statistics file.

    Parameters
    ----------
    path
        The file; a SAS catalogue (``.sas7bcat``) beside it that has its formats
        gives the value labels, one of the same name before others.
    kind
        ``SAV`` (also compressed ``.zsav``), ``POR``, ``DTA``, ``SAS7BDAT``, ``XPT``.
    file
        Name to use in problems.
    encoding
        Encoding that the user names, else the one that the file declares.
    """
    problems: list[Problem] = []
    try:
        data, meta = _read(path, kind, encoding, file, problems)
    except UnicodeDecodeError:
        return _stopped(Problem("wrong-encoding", Severity.STOP, file, value=encoding or ""))
    except Exception as error:  # pyreadstat raises classes of its own for each fault
        if "encod" in str(error).lower() or "conver" in str(error).lower():
            return _stopped(Problem("wrong-encoding", Severity.STOP, file, value=encoding or ""))
        return _stopped(Problem("damaged-file", Severity.STOP, file, value=kind.value))
    sets = _response_sets(meta)
    of_variable = {name: found for found in sets for name in found.variables}
    columns = [
        _column(position, name, data[name], meta, kind, of_variable.get(name))
        for position, name in enumerate(meta.column_names)
    ]
    for found in sets:
        if not found.is_dichotomy:
            columns = _joined_categories(columns, found)
    return Checked(tuple(columns), tuple(problems))


@dataclass(frozen=True, slots=True)
class _ResponseSet:
    """A multiple-response set of SPSS.

    Attributes
    ----------
    counted
        Dichotomies: the value that means "chosen"; "" for categories.
    """

    name: str
    label: str
    variables: tuple[str, ...]
    counted: str
    is_dichotomy: bool


def _stopped(problem: Problem) -> Checked[tuple[RawColumn, ...] | None]:
    return Checked(None, (problem,))


def _read(
    path: Path, kind: FileKind, encoding: str | None, file: str, problems: list[Problem]
) -> Any:
    """Call the reader of the kind; every one returns columns (lists by name) and metadata."""
    import pyreadstat

    reader: Any = pyreadstat

    options: dict[str, Any] = {"output_format": "dict"}
    if encoding:
        options["encoding"] = encoding
    name = str(path)
    if kind is FileKind.SAV:
        try:
            return _with_days(reader.read_sav(name, user_missing=True, **options))
        except OverflowError:  # a date beyond the year 9999
            bare = {**options, "disable_datetime_conversion": True}
            return _with_days(reader.read_sav(name, user_missing=True, **bare))
    if kind is FileKind.DTA:
        return reader.read_dta(name, user_missing=True, **options)
    if kind is FileKind.SAS7BDAT:
        data, meta = reader.read_sas7bdat(name, user_missing=True, **options)
        problems += _with_catalogue(reader, path, meta, file)
        return data, meta
    if kind is FileKind.XPT:
        return reader.read_xport(name, **options)
    return reader.read_por(name, **{k: v for k, v in options.items() if k != "encoding"})


def _with_catalogue(reader: Any, path: Path, meta: Any, file: str) -> list[Problem]:
    """Take value labels out of a SAS catalogue beside: of the same name, else any that fits.

    pyreadstat joins file and catalogue only where it makes data frames.
    """
    own = path.with_suffix(".sas7bcat")
    beside = sorted(path.parent.glob("*.sas7bcat"))
    problems: list[Problem] = []
    for catalogue in sorted(beside, key=lambda other: other != own):
        try:
            _, found = reader.read_sas7bcat(str(catalogue))
        except Exception:  # pyreadstat raises classes of its own for each fault
            if catalogue == own:
                lost = Problem("catalog-unreadable", Severity.WARN, file, value=catalogue.name)
                problems.append(lost)
            continue
        labels = {
            name: found.value_labels[written]
            for name, written in meta.variable_to_label.items()
            if written in found.value_labels
        }
        if labels:
            meta.variable_value_labels = labels
            used = Problem("form-used", Severity.NOTE, file, value=catalogue.name)
            return [*problems, used]
    return problems


_SPSS_EPOCH = datetime(1582, 10, 14, tzinfo=UTC)
_SPSS_DAYS = (
    "DATE",
    "ADATE",
    "EDATE",
    "SDATE",
    "JDATE",
    "DATETIME",
    "YMDHMS",
    "QYR",
    "MOYR",
    "WKYR",
)
"""Formats of SPSS that hold seconds since the calendar's reform and mean a day."""


def _with_days(read: tuple[dict[str, list[object]], Any]) -> tuple[dict[str, list[object]], Any]:
    """Turn SPSS's seconds into dates; a day that no calendar has stays the number that it is."""
    data, meta = read
    for name, cells in data.items():
        written = str(meta.original_variable_types.get(name, "")).upper()
        if written.startswith(_SPSS_DAYS):
            data[name] = [_day(cell, with_time="TIME" in written) for cell in cells]
    return data, meta


def _day(cell: object, *, with_time: bool) -> object:
    """Return a date, or a time, of a number of seconds."""
    if not isinstance(cell, float):
        return cell
    try:
        moment = _SPSS_EPOCH + timedelta(seconds=cell)
    except (OverflowError, ValueError):
        return cell
    return moment.replace(tzinfo=None) if with_time else moment.date()


def _column(
    position: int,
    name: str,
    cells: Sequence[object],
    meta: Any,
    kind: FileKind,
    found: _ResponseSet | None,
) -> RawColumn:
    """Encode one variable with its labels."""
    declared = set(meta.missing_user_values.get(name, ())) if kind in _STAT_MISSING else set()
    is_number = meta.readstat_variable_types.get(name) != "string"
    if declared and is_number:
        cells = [f".{c}" if isinstance(c, str) and c in declared else c for c in cells]
    encoder = ColumnEncoder()
    encoder.add(cells)
    column = encoder.finish()
    labels = meta.variable_value_labels.get(name, {})
    value_labels = {_value_text(v, declared, is_number): str(t) for v, t in labels.items()}
    missing = {f".{code}" if is_number else str(code): _missing_kind() for code in sorted(declared)}
    missing.update(_ranges(meta.missing_ranges.get(name, ()), column.values, value_labels))
    text = meta.column_names_to_labels.get(name) or ""
    hints = ColumnHints(
        question=name,
        text=text,
        value_labels=value_labels,
        missing=missing,
        kind=_kind(name, meta, value_labels, is_number),
        ordered=meta.variable_measure.get(name) == "ordinal",
    )
    if found is not None and found.is_dichotomy:
        hints = replace(
            hints,
            question=found.name,
            text=found.label,
            kind="multiple",
            group=found.label,
            option=text or name,
            selected=(found.counted,) if found.counted else (),
        )
    return RawColumn(name, position, column.values, column.index, hints)


JOINED = "|"
"""Sign between the categories of a set that are put into one cell."""


def _joined_categories(columns: list[RawColumn], found: _ResponseSet) -> list[RawColumn]:
    """Put the variables of a category set ("first mention", "second mention") into one cell.

    The variables themselves say nothing more and are skipped.
    """
    members = [c for c in columns if c.header in found.variables]
    if not members:
        return columns
    missing = {value for c in members for value in c.hints.missing}
    texts = [[c.values[i] for i in c.index.tolist()] for c in members]
    cells = [
        JOINED.join(dict.fromkeys(t for t in row if t and t not in missing))
        for row in zip(*texts, strict=True)
    ]
    encoder = ColumnEncoder()
    encoder.add(cells)
    joined = encoder.finish()
    labels = {v: text for c in members for v, text in c.hints.value_labels.items()}
    hints = ColumnHints(
        question=found.name,
        text=found.label,
        kind="multiple",
        separator=JOINED,
        value_labels={v: text for v, text in labels.items() if v not in missing},
    )
    name = found.name if all(c.header != found.name for c in columns) else f"${found.name}"
    whole = RawColumn(name, members[0].position, joined.values, joined.index, hints)
    kept = [replace(c, hints=replace(c.hints, role="skip")) if c in members else c for c in columns]
    place = columns.index(members[0])
    return [*kept[:place], whole, *kept[place:]]


def _missing_kind() -> MissingKind:
    return MissingKind.ITEM_NONRESPONSE


def _value_text(value: object, declared: set[object], is_number: bool) -> str:
    """Write a labelled value as it stands in the cells."""
    if isinstance(value, str) and is_number and (value in declared or len(value) == 1):
        return f".{value}"
    return cell_text(value)


def _ranges(
    ranges: Sequence[Mapping[str, Any]], values: Sequence[str], labels: Mapping[str, str]
) -> dict[str, MissingKind]:
    """Turn SPSS's user-missing values and ranges into the texts that fall in them."""
    missing: dict[str, MissingKind] = {}
    for bounds in ranges:
        low, high = bounds["lo"], bounds["hi"]
        if isinstance(low, str):
            missing[low] = _missing_kind()
            continue
        if low == high:
            missing[cell_text(float(low))] = _missing_kind()
        for text in (*values, *labels):
            number = _number(text)
            if number is not None and low <= number <= high:
                missing[text] = _missing_kind()
    return missing


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _kind(name: str, meta: Any, value_labels: Mapping[str, str], is_number: bool) -> str:
    """Tell the kind of question that the file's own format and measure say."""
    written = str(meta.original_variable_types.get(name, "")).upper()
    is_day = is_number and written.startswith(_DATE_FORMATS)
    if is_day or written.startswith(("%TC", "DATETIME")):
        return "date"
    if value_labels:
        return "single"
    is_category = meta.variable_measure.get(name) in {"nominal", "ordinal"}
    return "single" if is_category and is_number else ""


def _response_sets(meta: Any) -> list[_ResponseSet]:
    """Read the multiple-response sets that an SPSS file defines."""
    return [
        _ResponseSet(
            name=str(name).lstrip("$"),
            label=str(described.get("label") or str(name).lstrip("$")),
            variables=tuple(described.get("variable_list", ())),
            counted=""
            if described.get("counted_value") is None
            else cell_text(described["counted_value"]),
            is_dichotomy=bool(described.get("is_dichotomy", True)),
        )
        for name, described in (getattr(meta, "mr_sets", None) or {}).items()
    ]
