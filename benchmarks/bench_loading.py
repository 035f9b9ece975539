"""Reading exports beside the raw readers: a 10 MB workbook, a large CSV, a Parquet file.

Each file is read by `read_export` and by the library beneath it alone
(python-calamine to Python lists, the csv module to lists, pyarrow to a table),
each in a process of its own, interleaved; medians and ratios are printed.

    python -m benchmarks.bench_loading [--rows 45000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import markdown

COLUMNS = 60
OPTIONS = [
    ["Kvinna", "Man", "Annat"],
    ["Instämmer helt", "Instämmer delvis", "Instämmer inte alls", "Vet ej", ""],
    ["Ja", "Nej", ""],
]
WORDS = [
    "vi",
    "fick",
    "mycket",
    "stöd",
    "av",
    "kommunen",
    "men",
    "hade",
    "gärna",
    "haft",
    "mer",
    "tid",
    "för",
    "samtal",
]


def make_rows(n: int) -> list[list[object]]:
    """Return heads and n rows of answers: choices, ratings, dates and some free text."""
    draw = random.Random(2022)
    heads: list[object] = ["Respondent", "Inskickad", "Kommentar"]
    heads += [f"Fråga {c}: hur är det med sak {c}?" for c in range(3, COLUMNS)]
    rows = [heads]
    for number in range(n):
        comment = " ".join(draw.choices(WORDS, k=12)) if draw.random() < 0.3 else ""
        row: list[object] = [
            number + 1,
            f"2024-05-{draw.randint(1, 30):02} 10:{draw.randint(0, 59):02}",
            comment,
        ]
        row += [
            draw.randint(1, 10) if c % 4 == 0 else draw.choice(OPTIONS[c % 3])
            for c in range(3, COLUMNS)
        ]
        rows.append(row)
    return rows


def make_files(folder: Path, n: int) -> dict[str, Path]:
    """Write the same answers as XLSX, CSV and Parquet."""
    import csv

    import pyarrow as pa
    import pyarrow.parquet as pq
    import xlsxwriter

    rows = make_rows(n)
    files = {kind: folder / f"answers.{kind}" for kind in ("xlsx", "csv", "parquet")}
    with xlsxwriter.Workbook(str(files["xlsx"]), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Svar")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    with files["csv"].open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    columns = [[str(cell) for cell in column] for column in zip(*rows[1:], strict=True)]
    table = pa.table({str(h): c for h, c in zip(rows[0], columns, strict=True)})
    pq.write_table(table, files["parquet"])
    return files


OURS = """
from pathlib import Path
from evaluation.loading.read import read_export
answers = read_export(Path({path!r})).value
"""
AGAIN = """
from functools import partial
from pathlib import Path
from evaluation.codebook.schema import ReadOptions
from evaluation.loading.cache import cached
from evaluation.loading.read import read_export
path = Path({path!r})
answers = cached(path, ReadOptions(), partial(read_export, path), folder=path.parent).value
"""
RAW = {
    "xlsx": """
import python_calamine
book = python_calamine.CalamineWorkbook.from_path({path!r})
rows = book.get_sheet_by_index(0).to_python()
""",
    "csv": "import csv; rows = list(csv.reader(open({path!r}, encoding='utf-8', newline='')))",
    "parquet": "import pyarrow.parquet; table = pyarrow.parquet.read_table({path!r})",
}
FRAME = """
import json, time
start, used = time.perf_counter(), time.process_time()
{body}
print(json.dumps([time.perf_counter() - start, time.process_time() - used]))
"""


def measure(body: str) -> tuple[float, float]:
    """Return seconds on the wall and in the processor of a piece of code in its own process."""
    done = subprocess.run(
        [sys.executable, "-c", FRAME.format(body=body)], capture_output=True, text=True, check=True
    )
    wall, used = json.loads(done.stdout)
    return wall, used


def loading_table(rows: int, rounds: int) -> str:
    """Return a row per kind of file."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        files = make_files(Path(folder), rows)
        runs: dict[str, list[tuple[tuple[float, float], tuple[float, float]]]] = {}
        files["again"] = files["xlsx"]
        measure(AGAIN.format(path=str(files["again"])))  # fills the cache
        for _ in range(rounds):
            for kind, path in files.items():
                raw = measure(RAW.get(kind, RAW["xlsx"]).format(path=str(path)))
                ours = measure((AGAIN if kind == "again" else OURS).format(path=str(path)))
                runs.setdefault(kind, []).append((raw, ours))
        for kind, path in files.items():
            columns = [
                statistics.median(run[who][what] for run in runs[kind])
                for what in (0, 1)
                for who in (0, 1)
            ]
            ratio = statistics.median(ours[1] / raw[1] for raw, ours in runs[kind])
            size = f"{path.stat().st_size / 1e6:.1f}"
            lines.append([f"{NAMES[kind]}", size, *(f"{x:.2f}" for x in (*columns, ratio))])
    head = ["file", "MB", "raw, s", "ours, s", "raw, CPU s", "ours, CPU s", "CPU ratio"]
    table = markdown(head, lines)
    return f"{rows} rows × {COLUMNS} columns, medians of {rounds} rounds.\n\n{table}"


NAMES = {
    "xlsx": "XLSX (calamine alone)",
    "csv": "CSV (csv module)",
    "parquet": "Parquet (pyarrow)",
    "again": "the XLSX again, from our cache",
}


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=45_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(loading_table(options.rows, options.rounds))


if __name__ == "__main__":
    main()
