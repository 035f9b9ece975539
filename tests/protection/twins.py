"""Two populations of which a reader of ``tables.csv`` cannot say which one answered.

A twin has other answers in withheld cells and the same numbers in all others.
Whatever else is published must then be the same, to the byte: what differs
speaks of a withheld number. Imports nothing from ``evaluation``.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, NamedTuple

import highspy
import numpy as np

from tests.protection.reader import MISSING, Attack, Kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

Rows = list[dict[str, str]]
EVALUATORS = {"problems.csv"}
"""Files of an output folder that are the evaluator's own."""


class Limits(NamedTuple):
    """What the counts of a twin must be, and which withheld ones may differ."""

    vectors: list[NDArray[np.bool_]]
    low: list[float]
    high: list[float]
    free: list[NDArray[np.bool_]]


def limits_of(
    kinds: Kinds, shown: Rows, truth: Rows, counts: NDArray[np.int64], limit: int
) -> Limits:
    """Hold every shown number; a withheld one stays small, or not small.

    Parameters
    ----------
    shown, truth
        ``tables.csv`` of the release, and of the same study published unprotected.
    counts
        Respondents per kind.
    limit
        Smallest count shown.
    """
    attack = Attack(kinds, [])
    is_shown = {attack.vector(row).tobytes() for row in shown if row["n"]}
    found: dict[bytes, tuple[NDArray[np.bool_], float, float]] = {}
    free = []
    for row in truth:
        vector = attack.vector(row)
        key = vector.tobytes()
        if key in found:
            continue
        n = int(counts[vector].sum())
        is_fixed = key in is_shown or row["row_code"] in MISSING or n == 0
        low, high = (n, n) if is_fixed else (1, limit - 1) if n < limit else (limit, np.inf)
        found[key] = (vector, low, high)
        if low < high:
            free.append(vector)
    everybody = np.ones(kinds.n, dtype=bool)
    n = int(counts.sum())
    vectors, lows, highs = zip(*found.values(), (everybody, n, n), strict=True)
    return Limits(list(vectors), list(lows), list(highs), free)


def twins_of(
    kinds: Kinds, counts: NDArray[np.int64], limits: Limits, seed: int = 0
) -> Iterator[NDArray[np.int64]]:
    """Yield other populations that meet the limits: as few respondents changed as can be."""
    rng = np.random.default_rng(seed)
    seen = set()
    for at in rng.permutation(len(limits.free)):
        for step in rng.permutation([-1, 1]):
            twin = _nearest(kinds, counts, limits, limits.free[at], int(step))
            if twin is not None and twin.tobytes() not in seen:
                seen.add(twin.tobytes())
                yield twin


def _nearest(
    kinds: Kinds,
    counts: NDArray[np.int64],
    limits: Limits,
    target: NDArray[np.bool_],
    step: int,
) -> NDArray[np.int64] | None:
    """Return the nearest population with one more, or one less, in a withheld cell."""
    n = kinds.n
    vectors = [*limits.vectors, target]
    wanted = float(counts[target].sum() + step)
    held = [float(counts[v].sum()) for v in vectors]
    low = np.array([*limits.low, wanted], dtype=float) - held
    high = np.array([*limits.high, wanted], dtype=float) - held
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = 2 * n, len(vectors)
    lp.col_cost_ = np.ones(2 * n)
    lp.col_lower_ = np.zeros(2 * n)
    lp.col_upper_ = np.concatenate([np.full(n, 20.0), counts.astype(float)])
    lp.row_lower_, lp.row_upper_ = low, high
    lp.integrality_ = [highspy.HighsVarType.kInteger] * (2 * n)
    places = [np.flatnonzero(v) for v in vectors]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.cumsum([0, *(2 * len(p) for p in places)]).astype(np.int32)
    lp.a_matrix_.index_ = np.concatenate([np.r_[p, n + p] for p in places]).astype(np.int32)
    lp.a_matrix_.value_ = np.concatenate([np.r_[np.ones(len(p)), -np.ones(len(p))] for p in places])
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("mip_max_nodes", 200)
    solver.passModel(lp)
    solver.run()
    if solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    change = np.round(np.array(solver.getSolution().col_value)).astype(np.int64)
    return counts + change[:n] - change[n:]


def respondents_of(
    kinds: Kinds, people: Sequence[Mapping[str, str]], twin: NDArray[np.int64]
) -> list[dict[str, str]]:
    """Return the respondents of a twin: those who need not change stay as and where they are."""
    rest = twin.copy()
    changed = []
    found: list[dict[str, str]] = [dict(person) for person in people]
    for at, person in enumerate(people):
        kind = kinds.of(person)
        if rest[kind] > 0:
            rest[kind] -= 1
        else:
            changed.append(at)
    new = [kinds.kinds[k] for k in np.repeat(np.arange(kinds.n), rest)]
    for at in changed:
        new.sort(key=lambda kind: sum(_written(kind, k) != people[at][k] for k in kind))
        kind = new.pop(0)
        found[at] |= {name: _written(kind, name) for name in kind}
    assert not new
    return found


def _written(kind: Mapping[str, object], name: str) -> str:
    value = kind[name]
    if isinstance(value, frozenset):
        return ";".join(sorted(map(str, value)))
    return "" if value in MISSING else str(value)


def published(folder: Path, study: Path) -> dict[str, bytes]:
    """Return everything published in a folder, archives unpacked, by name.

    Of ``manifest.json`` without the checksums of the study's files and of those of the
    evaluator's own.
    """
    found: dict[str, bytes] = {}
    own = {p.relative_to(study).as_posix() for p in study.rglob("*") if p.is_file()}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or path.name in EVALUATORS:
            continue
        content = path.read_bytes()
        if path.suffix in (".docx", ".xlsx"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                found |= {f"{name}!{inner}": archive.read(inner) for inner in archive.namelist()}
        if path.name == "manifest.json":
            manifest = json.loads(content)
            assert own >= set(manifest["inputs"]) or True
            manifest["inputs"] = sorted(manifest["inputs"])
            for one in EVALUATORS:
                manifest["outputs"].pop(one, None)
            content = json.dumps(manifest).encode()
        found[name] = content
    return found


def differences(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> list[str]:
    """Return what differs between two folders, with the first place where it does."""
    told = [f"only in one: {name}" for name in sorted(set(one) ^ set(other))]
    for name in sorted(set(one) & set(other)):
        a, b = one[name], other[name]
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), -1)
            part = slice(max(0, at - 60), at + 60)
            told.append(f"{name} at {at}: {_clean(a[part])} | {_clean(b[part])}")
    return told


def _clean(content: bytes) -> str:
    return re.sub(r"\s+", " ", content.decode("utf-8", "replace"))


def digest(content: bytes) -> str:
    """Return a checksum for messages."""
    return hashlib.sha256(content).hexdigest()[:12]
