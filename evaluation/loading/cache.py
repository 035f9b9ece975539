"""Exports kept in a form that opens at once, so that the second run need not read them again.

Reading a large workbook takes seconds, opening its columns from the cache a
few hundredths of one. The cache lies in ``.evaluation-cache/`` in the study
folder and can be deleted at any time. The folder is closed to others and left
out of version control, and an entry can be read only by somebody who holds the
export: it is masked with a stream of bytes (SHAKE-256) whose key is a hash of
the export's content, which is written nowhere. So an entry that is copied, or
left behind when the export is deleted, gives no person away.

An entry is found by a key made of everything that the reading depends on: the
bytes of the export and of the files beside it (one may be its questionnaire),
the study's own tool descriptions, the options, and this program. It is an Arrow
file, which keeps dictionary-encoded columns exactly as they are (Parquet
rebuilds the dictionaries), preceded by its hash.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.loading.templates import template_folder
from evaluation.model import ColumnHints, MissingKind, RawColumn, RawResponses, Source
from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from evaluation.codebook.schema import ReadOptions

    Read = Callable[[], Checked[RawResponses | None]]

FOLDER = ".evaluation-cache"
MAGIC = b"evaluation cache 2\n"
DIGEST_BYTES = 32
FILE_ROW = "file_row"

TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".tab"})
TEXT_BYTES = 4 * 1024**2
"""A text file smaller than this is read as quickly as a cache entry."""
OTHER_BYTES = 256 * 1024
"""So is a workbook or a statistics file smaller than this."""
BESIDE_BYTES = 32 * 1024**2
"""A neighbouring file larger than this is no questionnaire: only its name and size count."""

CACHEDIR_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n"
"""Tells backup programs to pass by (https://bford.info/cachedir/)."""


def cached(
    path: Path,
    options: ReadOptions,
    read: Read,
    *,
    folder: Path,
    display: str = "",
) -> Checked[RawResponses | None]:
    """Read an export, or take it from the cache if nothing has changed.

    A cache that cannot be written, is damaged or stems from other data is as
    good as none: the export is read, and nothing is said.

    Parameters
    ----------
    path
        The export.
    options
        How it is read.
    read
        Reads it; called only where the cache does not help.
    folder
        The study folder.
    display
        Name of the file in problems.

    Returns
    -------
    What ``read`` returns, problems included.
    """
    if not pays(path):
        return read()
    name = _digest([display or path.name, options.model_dump_json()])[:16]
    try:
        secret = _secret(path)
        key = _key(path, secret, options, display)
        mask = secret + key.encode()
        entry = folder / FOLDER / f"{name}-{key[:32]}.arrow"
        kept = _load(entry, mask)
    except OSError:
        return read()
    if kept is not None:
        return kept
    result = read()
    if result.value is not None:
        content = _masked(_pack(result.value, result.problems), mask)
        _store(entry, MAGIC + hashlib.sha256(content).digest() + content, f"{name}-")
    return result


def pays(path: Path) -> bool:
    """Tell whether a file is so large that the cache is quicker than reading it."""
    try:
        size = path.stat().st_size
    except OSError:
        return False
    return size >= (TEXT_BYTES if path.suffix.lower() in TEXT_SUFFIXES else OTHER_BYTES)


# --- the key ----------------------------------------------------------------------


def _secret(path: Path) -> bytes:
    """Return the hash that opens the entry: not the SHA-256 that the manifest publishes."""
    digest = hashlib.blake2b(digest_size=32, person=b"evaluation-cache")
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.digest()


def _masked(content: bytes | memoryview, mask: bytes) -> bytes:
    """Mask or unmask: each content has a key of its own, so that no stream is used twice."""
    stream = hashlib.shake_256(mask).digest(len(content))
    both = np.frombuffer(content, np.uint8) ^ np.frombuffer(stream, np.uint8)
    return both.tobytes()


def _key(path: Path, secret: bytes, options: ReadOptions, display: str) -> str:
    """Return a hash of everything that the result of reading depends on."""
    parts = [_program(), options.model_dump_json(), display, path.name]
    parts.append(hashlib.sha256(secret).hexdigest())
    tools = (path.parent / "tools", path.parent.parent / "tools")
    beside = [path.parent, *(tool for tool in tools if tool.is_dir())]
    for place in beside:
        for file in sorted(place.iterdir()):
            if file.is_file() and file != path:
                parts += [file.relative_to(path.parent.parent).as_posix(), _neighbour(file)]
    return _digest(parts)


def _neighbour(file: Path) -> str:
    size = file.stat().st_size
    return str(size) if size > BESIDE_BYTES else _file_digest(file)


def _file_digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def _program() -> str:
    """Return a stamp of the code and the descriptions that read exports."""
    here = Path(__file__).parent
    files = [*here.rglob("*.py"), *template_folder("tools").rglob("*.*")]
    stats = [(file, file.stat()) for file in sorted(files)]
    return _digest(f"{file.name} {s.st_size} {s.st_mtime_ns}" for file, s in stats)


# --- entries ----------------------------------------------------------------------


def _load(entry: Path, mask: bytes) -> Checked[RawResponses | None] | None:
    """Return what an entry holds; None where there is none, or it is damaged."""
    if not entry.is_file():
        return None
    content = entry.read_bytes()
    start = len(MAGIC) + DIGEST_BYTES
    payload = memoryview(content)[start:]
    if content[:start] != MAGIC + hashlib.sha256(payload).digest():
        return None
    try:
        return _unpack(memoryview(_masked(payload, mask)))
    except (KeyError, TypeError, ValueError):  # written by a program that kept it otherwise
        return None


def _unpack(payload: memoryview) -> Checked[RawResponses | None]:
    import pyarrow as pa

    batch = pa.ipc.open_stream(pa.py_buffer(payload)).read_next_batch()
    described = json.loads(batch.schema.metadata[b"evaluation"])
    columns = tuple(
        _column(column, batch.column(i)) for i, column in enumerate(described["columns"])
    )
    rows = batch.column(FILE_ROW).to_numpy()
    problems = tuple(
        Problem(
            **{
                **problem,
                "severity": Severity(problem["severity"]),
                "rows": tuple(problem["rows"]),
            }
        )
        for problem in described["problems"]
    )
    return Checked(RawResponses(Source(**described["source"]), columns, rows), problems)


def _column(described: dict[str, Any], array: Any) -> RawColumn:
    hints: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in described["hints"].items()
    }
    hints["missing"] = {text: MissingKind(kind) for text, kind in hints["missing"].items()}
    return RawColumn(
        described["header"],
        described["position"],
        tuple(array.dictionary.to_pylist()),
        array.indices.to_numpy(),
        ColumnHints(**hints),
    )


def _store(entry: Path, content: bytes, prefix: str) -> None:
    """Write an entry in place of older ones of the same export; do nothing where that fails."""
    try:
        _prepare(entry.parent)
        with tempfile.NamedTemporaryFile(dir=entry.parent, delete=False) as stream:
            unfinished = Path(stream.name)
            stream.write(content)
        try:
            unfinished.replace(entry)
        finally:
            unfinished.unlink(missing_ok=True)
        for older in entry.parent.glob(f"{prefix}*.arrow"):
            if older != entry:
                older.unlink(missing_ok=True)
    except OSError:
        return


def _prepare(folder: Path) -> None:
    """Make the folder: closed to other users, unknown to git and to backups."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
        (folder / "CACHEDIR.TAG").write_text(CACHEDIR_TAG, encoding="utf-8")


def _pack(responses: RawResponses, problems: tuple[Problem, ...]) -> bytes:
    """Return an export as bytes."""
    import pyarrow as pa

    arrays = {
        str(i): pa.DictionaryArray.from_arrays(
            pa.array(column.index), pa.array(column.values, pa.string())
        )
        for i, column in enumerate(responses.columns)
    }
    described = {
        "source": asdict(responses.source),
        "columns": [_describe(column) for column in responses.columns],
        "problems": [asdict(problem) for problem in problems],
    }
    metadata = {"evaluation": json.dumps(described)}
    batch = pa.record_batch({**arrays, FILE_ROW: pa.array(responses.file_row)}, metadata=metadata)
    sink = pa.BufferOutputStream()
    compressed = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, batch.schema, options=compressed) as writer:
        writer.write_batch(batch)
    payload: bytes = sink.getvalue().to_pybytes()
    return payload


def _describe(column: RawColumn) -> dict[str, Any]:
    hints = column.hints
    fields = {name: getattr(hints, name) for name in hints.__dataclass_fields__}
    fields["value_labels"] = dict(hints.value_labels)
    fields["missing"] = {text: int(kind) for text, kind in hints.missing.items()}
    return {"header": column.header, "position": column.position, "hints": fields}
