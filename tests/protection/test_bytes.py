"""No withheld number stands anywhere in the files of a release: every byte is searched.

Large withheld counts are unmistakable. That the search finds what is there is
shown on the same study published unprotected.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.protection.drawn import Respondent, World, release, run
from tests.protection.reader import read_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LIBRARY = 200_000
FORMATS = "html,pdf,docx,xlsx,csv,json,px,ddi,csvw"
DRAWING = re.compile(r"(?<![\w.])(?:-?[0-9]*\.?[0-9]+\s+){2,6}(?:cm|Tm|Td|re|m|l|c)(?![\w])")
"""A place on the page of a PDF: "1 0 0 -1 430.95 696.53 cm" says nothing of 1 430 answers."""
CHAPTER = (
    '{{ table("s.q", by="gender", ci="wilson", tests="pearson") }}',
    '{{ chart("s.q", by="gender") }}',
    '{{ table("s.q", by="gender", percents="row") }}',
    '{{ table("s.m", by="gender", compare="holm") }}',
    '{{ chart("s.m", by="gender") }}',
    '{{ scale_table(["s.q"]) }}',
    '{{ index_table(["s.q"], by="gender") }}',
    '{{ nonresponse_table("s") }}',
    "{{ intake_table() }}",
    (
        'Ofta: {{ n("s.q", "1", where=\'gender == "w"\') }} kvinnor '
        '({{ pct("s.q", "1", where=\'gender == "w"\') }}), flest svarade {{ largest("s.q") }}.'
    ),
)
BY_UNIT = tuple(
    f'{{{{ table("s.{name}", by="{by}") }}}}' for name in ("q", "m") for by in ("unit", "county")
)


def people() -> list[Respondent]:
    """Some 9 000, of whom a few stand alone: three men who answered 1, two of them m1."""
    found: list[Respondent] = []

    def add(n: int, unit: str, gender: str, q: str, m: str) -> None:
        one = {"unit": unit, "gender": gender, "q": q, "m": m, "f": "f1" if q == "1" else ""}
        found.extend(dict(one) for _ in range(n))

    add(1213, "u1", "w", "1", "m2")
    add(1427, "u2", "w", "2", "m1")
    add(1873, "u3", "w", "3", "none")
    add(3, "u1", "m", "1", "m1;m2")
    add(2131, "u4", "m", "2", "m2")
    add(1367, "u4", "m", "3", "none")
    add(611, "u4", "w", "3", "m1")
    return found


def texts_of(path: Path) -> list[str]:
    """Return everything that a file says, archives unpacked and PDF streams opened."""
    if path.suffix in (".docx", ".xlsx"):
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            return [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    if path.suffix == ".pdf":
        import pikepdf

        said = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
        with pikepdf.open(path) as pdf:
            streams = [text for one in pdf.objects for text in spoken(one)]
        return [said.stdout.decode(), *streams]
    text = path.read_text(encoding="utf-8", errors="replace")
    # plotly itself (with the calendars of 2041) and the fonts hold no figures of the study
    parts = re.split(r"(?=<script)|(?<=</script>)", re.sub(r"base64,[A-Za-z0-9+/=]+", "", text))
    return [p for p in parts if not (p.startswith("<script") and len(p) > LIBRARY)]


def spoken(one: object) -> Iterator[str]:
    """Yield the stream and every text, name and number within an object of a PDF, one by one."""
    import pikepdf

    if isinstance(one, pikepdf.Stream):
        yield bytes(one.read_bytes()).decode("latin-1")
    inside: Iterable[object] = ()
    if isinstance(one, (pikepdf.Stream, pikepdf.Dictionary)):
        inside = [value for name, value in one.items() if name != "/Length"]
    elif isinstance(one, pikepdf.Array):
        inside = list(one)
    else:
        yield str(one)
    for value in inside:
        # what is elsewhere in the file is met there
        if not (isinstance(value, pikepdf.Object) and value.is_indirect):
            yield from spoken(value)


def holds(path: Path, number: str) -> bool:
    """Tell whether a number stands in a file, with or without marks between thousands."""
    spaced = number[:-3] + r"(?:[\s\u00a0\u202f\u2009.,]|&nbsp;|&#160;)?" + number[-3:]
    pattern, whole = (
        re.compile(rf"(?<![0-9A-Za-z.]){form}(?![0-9A-Za-z])") for form in (spaced, number)
    )
    return any(
        pattern.search(DRAWING.sub(" ", text) if path.suffix == ".pdf" else text)
        or whole.search(text)
        for text in texts_of(path)
    )


def unmistakable(rows: list[dict[str, str]], truth: list[dict[str, str]]) -> set[str]:
    """Return withheld counts of four digits that are shown nowhere."""
    key = ("table", "row_var", "row_code", "col_var", "col_code")
    counts = {tuple(r[k] for k in key): r["n"] for r in truth}
    withheld = {
        counts[place] for r in rows if not r["n"] and (place := tuple(r[k] for k in key)) in counts
    }
    shown = {r[k] for r in rows for k in ("n", "base_n") if r[k]}
    return {n for n in withheld - shown if int(n) >= 1000}


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
@pytest.mark.parametrize("planted", ["1430", "1 430", "1\u00a0430", "ja 1,430"])
@pytest.mark.parametrize("place", ["none", "title", "alternative", "drawing"])
def test_the_search_of_a_pdf_passes_over_places_on_the_page_alone(tmp_path, planted, place):
    import pikepdf

    file = tmp_path / "a.pdf"
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        drawn = b"q 1 0 0 -1 430.95 696.53 cm 1 213.7 m 1 430 l S Q"
        if place == "drawing":
            drawn += b" BT (" + planted.encode("latin-1") + b") Tj ET"
        page.Contents = pdf.make_stream(drawn)
        if place == "title":
            pdf.docinfo["/Title"] = planted
        if place == "alternative":
            page.StructElem = pikepdf.Dictionary(Alt=planted)
        pdf.save(file)
    assert holds(file, "1430") == (place != "none")
    assert not holds(file, "1213")


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_no_withheld_number_stands_in_any_file(tmp_path):
    world = World(tables=CHAPTER, policy={"time_limit": 2})
    out = release(tmp_path / "a", people(), world, to=FORMATS)
    open_ = release(tmp_path / "b", people(), world, "--raw", to=FORMATS)
    markers = unmistakable(read_rows(out), read_rows(open_))
    assert len(markers) >= 2
    files = [path for path in out.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".html", ".pdf", ".docx", ".xlsx", ".csv", ".json"}
    found = {(path.name, n) for path in files for n in markers if holds(path, n)}
    assert not found
    for name in ("report.html", "report.pdf", "report.docx", "tables.xlsx", "tables.csv"):
        assert any(holds(open_ / name, n) for n in markers), name


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_nor_in_units_reports_and_comparisons(tmp_path):
    world = World(tables=(*CHAPTER, *BY_UNIT), policy={"time_limit": 2})
    out = release(tmp_path / "a", people(), world)
    study = tmp_path / "a" / "study"
    run("report", study, "--each-unit", "--to", "html,pdf,docx", "--out", out, "--quiet")
    run("compare", study, "--by", "s.county", "--to", "html,pdf,docx", "--out", out)
    open_ = release(tmp_path / "b", people(), world, "--raw", to="html,csv")
    markers = unmistakable(read_rows(out), read_rows(open_))
    assert len(markers) >= 2
    files = [path for path in out.rglob("*") if path.is_file()]
    assert sum(path.suffix == ".pdf" for path in files) == 5
    assert not {(path.name, n) for path in files for n in markers if holds(path, n)}
    assert all(holds(open_ / "tables.csv", n) for n in markers)
    assert any(holds(open_ / "report.html", n) for n in markers)
