"""SPSS, Stata and SAS files through pyreadstat: values as text, labels as hints.

User-missing values are kept as they stand and declared missing: SPSS's
discrete and range values, Stata's ``.a`` to ``.z`` and SAS's ``.A`` to ``.Z``
and ``._`` (written here with the point, as those programs print them).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evaluation.loading.celltext import cell_text
from evaluation.loading.grid import ColumnEncoder
from evaluation.loading.sniff import FileKind
from evaluation.model import ColumnHints, MissingKind, RawColumn
from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_DATE_FORMATS = ("DATE", "ADATE", "EDATE", "SDATE", "JDATE", "%TD", "YYMMDD", "DDMMYY", "MMDDYY")
_STAT_MISSING = frozenset({FileKind.DTA, FileKind.SAS7BDAT})


def read_statistics_file(
    path: Path, kind: FileKind, file: str, encoding: str | None = None
) -> Checked[tuple[RawColumn, ...] | None]:
    """Read all variables of a statistics file.

    Parameters
    ----------
    path
        The file; a SAS catalogue (``.sas7bcat``) of the same name beside it
        gives the value labels.
    kind
        ``SAV`` (also compressed ``.zsav``), ``POR``, ``DTA``, ``SAS7BDAT``, ``XPT``.
    file
        Name to use in problems.
    encoding
        Encoding that the user names, else the one that the file declares.
    """
    try:
        data, meta = _read(path, kind, encoding)
    except UnicodeDecodeError:
        return _stopped(Problem("wrong-encoding", Severity.STOP, file, value=encoding or ""))
    except Exception as error:  # pyreadstat raises classes of its own for each fault
        if "encod" in str(error).lower() or "conver" in str(error).lower():
            return _stopped(Problem("wrong-encoding", Severity.STOP, file, value=encoding or ""))
        return _stopped(Problem("damaged-file", Severity.STOP, file, value=kind.value))
    groups = _response_sets(meta)
    columns = tuple(
        _column(position, name, data[name], meta, kind, groups.get(name, ("", "", "")))
        for position, name in enumerate(meta.column_names)
    )
    return Checked(columns)


def _stopped(problem: Problem) -> Checked[tuple[RawColumn, ...] | None]:
    return Checked(None, (problem,))


def _read(path: Path, kind: FileKind, encoding: str | None) -> Any:
    """Call the reader of the kind; every one returns columns (lists by name) and metadata."""
    import pyreadstat

    reader: Any = pyreadstat

    options: dict[str, Any] = {"output_format": "dict"}
    if encoding:
        options["encoding"] = encoding
    name = str(path)
    if kind is FileKind.SAV:
        return reader.read_sav(name, user_missing=True, **options)
    if kind is FileKind.DTA:
        return reader.read_dta(name, user_missing=True, **options)
    if kind is FileKind.SAS7BDAT:
        catalog = path.with_suffix(".sas7bcat")
        if catalog.is_file():
            options["catalog_file"] = str(catalog)
        return reader.read_sas7bdat(name, user_missing=True, **options)
    if kind is FileKind.XPT:
        return reader.read_xport(name, **options)
    return reader.read_por(name, **{k: v for k, v in options.items() if k != "encoding"})


def _column(
    position: int,
    name: str,
    cells: Sequence[object],
    meta: Any,
    kind: FileKind,
    group: tuple[str, str, str],
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
    set_name, set_label, counted = group
    text = meta.column_names_to_labels.get(name) or ""
    hints = ColumnHints(
        question=set_name or name,
        text=set_label if set_name else text,
        value_labels=value_labels,
        missing=missing,
        kind=_kind(name, meta, value_labels, is_number, set_name),
        group=set_label if set_name else "",
        option=(text or name) if set_name else "",
    )
    del counted
    return RawColumn(name, position, column.values, column.index, hints)


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


def _kind(
    name: str, meta: Any, value_labels: Mapping[str, str], is_number: bool, set_name: str
) -> str:
    """Tell the kind of question that the file's own format and measure say."""
    if set_name:
        return "multiple"
    written = str(meta.original_variable_types.get(name, "")).upper()
    is_day = is_number and written.startswith(_DATE_FORMATS)
    if is_day or written.startswith(("%TC", "DATETIME")):
        return "date"
    if value_labels:
        return "single"
    if meta.variable_measure.get(name) in {"nominal", "ordinal"} and is_number:
        return "single"
    if meta.variable_measure.get(name) == "scale" and is_number:
        return ""
    return ""


def _response_sets(meta: Any) -> dict[str, tuple[str, str, str]]:
    """Map each variable of a multiple-response set to the set's name, label and counted value."""
    groups: dict[str, tuple[str, str, str]] = {}
    for name, described in (getattr(meta, "mr_sets", None) or {}).items():
        label = str(described.get("label") or name)
        counted = described.get("counted_value")
        for variable in described.get("variable_list", ()):
            text = "" if counted is None else cell_text(counted)
            groups[variable] = (str(name).lstrip("$"), label, text)
    return groups
