"""Studies with many features at once, published and attacked: one seed, or many in a row.

``python -m tests.protection.combined 0 200`` prints a line per seed and how
many studies told something; it ends with 1 if any told a withheld count.
`test_combined.py` holds a handful of seeds.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from evaluation.cli import main
from tests.protection.combined_files import write_combined
from tests.protection.combined_reader import LIMIT, CombinedAttack, tell
from tests.protection.combined_study import draw_study
from tests.protection.reader import MISSING, Found, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tests.protection.combined_kinds import Respondents
    from tests.protection.combined_study import Study

TELLS_HIDDEN = "hidden count told"
TELLS_DIFFERENCE = "filter difference told"
SHOWS_SMALL = "small count shown"
MISREAD = "misread"
"""A printed count is not what the attacker counts: a fault of one of both."""
REFUSED = "refused"
BROKEN = "broken off"
QUIET = "nothing told"


@dataclass(frozen=True)
class Outcome:
    """What one seed came to."""

    seed: int
    status: str
    said: str = ""
    hidden: tuple[Found, ...] = ()
    differences: tuple[Found, ...] = ()
    rows: int = 0
    withheld: int = 0
    targets: int = 0
    given_up: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        parts = [f"{self.seed}: {self.status}; {self.targets} targets, {self.withheld} of"]
        parts += [f"{self.rows} counts withheld, {self.seconds:.1f} s"]
        parts += [f"({self.given_up} programs given up)"] if self.given_up else []
        parts += [f"\n    {found}" for found in (*self.hidden, *self.differences)[:4]]
        return " ".join([*parts, self.said]).rstrip()


def examine(seed: int, folder: Path) -> Outcome:
    """Draw a study, publish it in ``folder`` and attack what was published."""
    started = time.process_time()
    study = draw_study(seed)
    out = folder / "out"
    refusal = _publish(write_combined(folder / "study", study), out, study)
    if refusal:
        return Outcome(seed, REFUSED, refusal)
    rows = read_rows(out)
    structure = _structure(json.loads((out / "manifest.json").read_text(encoding="utf-8")))
    printed = {row[place] for row in rows for place in ("row_var", "col_var")}
    kinds = study.questions.with_unsaid(printed, {row["where"] for row in rows}).kinds()
    truth = kinds.count(study.people)
    wrong = _misread(rows, structure, kinds, truth)
    if wrong:
        return Outcome(seed, MISREAD, wrong[0])
    told = tell(kinds, rows, structure, truth, zeros_hidden="zeros" in study.policy)
    counts = [row for row in rows if row["row_code"] not in MISSING]
    is_small_shown = any(row["n"] and 0 < int(row["n"]) < LIMIT for row in counts)
    claims = {
        TELLS_HIDDEN: told.hidden, SHOWS_SMALL: is_small_shown, TELLS_DIFFERENCE: told.differences
    }  # fmt: skip
    return Outcome(
        seed,
        next((status for status, holds in claims.items() if holds), QUIET),
        hidden=tuple(told.hidden),
        differences=tuple(told.differences),
        rows=len(counts),
        withheld=sum(not row["n"] for row in counts),
        targets=told.asked,
        given_up=told.given_up,
        seconds=time.process_time() - started,
    )


def _publish(folder: Path, out: Path, study: Study) -> str:
    """Publish by the command line; return what it said if it would not."""
    for options in [(), ("--each-unit",)][: 1 + study.reports_units]:
        arguments = ["report", folder, "--to", "csv", "--out", out, "--quiet", *options]
        made = CliRunner().invoke(main, [str(a) for a in arguments])
        if made.exit_code:
            return f"{made.output[-700:]} {made.exception!r}"
    return ""


def _structure(said: Any) -> dict[str, Any]:
    """Return what the manifest says of its tables, wherever it stands."""
    if not isinstance(said, dict):
        return {}
    if "structure" in said:
        return dict(said["structure"])
    return next(filter(None, map(_structure, said.values())), {})


def _misread(
    rows: list[dict[str, str]],
    structure: dict[str, Any],
    kinds: Respondents,
    truth: NDArray[Any],
) -> list[str]:
    """Return printed counts that are not what the attacker's reading of the answers gives."""
    reading = CombinedAttack(kinds, [], structure=structure, n=int(truth.sum()))
    return [
        f"{row} is {truth[reading.vector(row)].sum()}"
        for row in rows
        if row["n"] and int(row["n"]) != int(truth[reading.vector(row)].sum())
    ]


def scan(seeds: range) -> Iterator[Outcome]:
    """Examine seeds, each in a folder that is removed; one that breaks does not end the scan."""
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            try:
                outcome = examine(seed, Path(folder))
            except Exception:
                outcome = Outcome(seed, BROKEN, traceback.format_exc()[-700:])
        yield outcome


def scan_by_command(arguments: list[str] | None = None) -> int:
    """Print what each seed came to, and how many told something; 1 if any counts did."""
    parser = argparse.ArgumentParser(description="Attack drawn studies with many features.")
    parser.add_argument("first", type=int, help="the first seed")
    parser.add_argument("end", type=int, help="the seed after the last one")
    parsed = parser.parse_args(arguments)
    statuses: Counter[str] = Counter()
    for outcome in scan(range(parsed.first, parsed.end)):
        statuses[outcome.status] += 1
        print(outcome, flush=True)  # noqa: T201
    print(f"{statuses.total()} studies:", dict(statuses))  # noqa: T201
    return int(bool(set(statuses) - {QUIET, TELLS_DIFFERENCE}))


if __name__ == "__main__":
    raise SystemExit(scan_by_command())
