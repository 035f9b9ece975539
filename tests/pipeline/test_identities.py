"""Who answered never leaves the intake: every output is searched, byte by byte."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest
import yaml
from click.testing import CliRunner
from pypdf import PdfReader

from evaluation.cli import main
from tests.loading.files import write_csv, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRETS = [
    ("Zaphira Qvarnstråhle", "zaphira@hemligdoman.se", "19850712-0019", "070-1234567"),
    ("Ottiliana Zethelius", "ottiliana@hemligdoman.se", "198507120027", "+46731234568"),
    ("Brynhildur Ahnfeltwick", "brynhildur@hemligdoman.se", "850772-0009", "08-5551234"),
    ("Klothilda Kuylenbrandt", "klothilda@hemligdoman.se", "19850712+0043", "0046701234569"),
]
PLACES = [("193.10.17.200", "59.31481", "18.06651"), ("193.10.18.201", "59.32482", "18.07652")]
WORDS = sorted({w for row in SECRETS for cell in row for w in cell.split()})
WORDS += [cell for row in PLACES for cell in row]


def luhn(ten: str) -> str:
    """Return ten digits with the right check digit."""
    total = sum(
        v - 9 if (v := int(d) * (2 if i % 2 == 0 else 1)) > 9 else v for i, d in enumerate(ten[:9])
    )
    return ten[:9] + str(-total % 10)


def rows(heads: list[str], kinds: str) -> list[list[str]]:
    """Return answers of 12 persons: n name, e mail, p number, t phone, i ip, a lat, o long."""
    found = [[*heads, "Kön", "Hur nöjd är du?", "Vill du säga något mer?"]]
    for n in range(12):
        name, mail, number, phone = SECRETS[n % 4]
        ip, lat, long = PLACES[n % 2]
        digits = "".join(c for c in number if c.isdigit())
        number = number.replace(digits[-10:][-4:], luhn(digits[-10:])[-4:])
        given = {"n": name, "e": mail, "p": number, "t": phone, "i": ip, "a": lat, "o": long}
        answer = ["Mycket nöjd", "Ganska nöjd", "Inte alls nöjd"][n % 3]
        said = f"Ring {name} på {phone} eller {mail}" if n % 5 == 0 else "Bra stöd tack"
        found.append([*(given[k] for k in kinds), ["Man", "Kvinna"][n % 2], answer, said])
    return found


EXPORTS = {
    "svenska": (["Namn", "E-post", "Personnummer", "Telefon", "IP-adress"], "nepti"),
    "frågor": (["Vad heter du?", "Ange din e-postadress", "Personnr", "Mobilnr"], "nept"),
    "utan rubriker": (["F1", "F2", "F3", "F4"], "epti"),
    "engelska": (["First name", "Email", "IP Address", "Latitude", "Longitude"], "neiao"),
    "handläggare": (["Handläggare", "Chefens namn"], "nn"),
}


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield everything that outputs hold, archives unpacked and PDF as text too."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        yield path.name, path.read_bytes()
        if path.suffix in (".xlsx", ".docx"):
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    yield f"{path.name}/{name}", archive.read(name)
        if path.suffix == ".pdf":
            text = " ".join(page.extract_text() for page in PdfReader(path).pages)
            yield f"{path.name} text", text.encode()


@pytest.mark.parametrize("name", list(EXPORTS))
def test_identities_reach_no_output(tmp_path: Path, name: str) -> None:
    heads, kinds = EXPORTS[name]
    if name == "engelska":
        export = write_xlsx(tmp_path / "svar.xlsx", {"S": rows(heads, kinds)})
    else:
        export = write_csv(tmp_path / "svar.csv", rows(heads, kinds))
    study, out = tmp_path / "study", tmp_path / "out"
    runner = CliRunner()
    said = ""
    for command in (
        ["init", str(export), "--study", str(study)],
        ["check", str(study), "-v", "--problems", str(out / "p.html")],
        ["check", str(study), "-q", "--problems", str(out / "p.csv")],
        ["codebook", str(study), "--format", "json"],
        ["report", str(study), "--out", str(out / "report")],
    ):
        run = runner.invoke(main, command)
        assert run.exit_code == 0, run.output
        said += run.output
    book = yaml.safe_load((study / "svar.yaml").read_text(encoding="utf-8"))
    roles = {q.get("column", q["text"]): q.get("role") for q in book["questions"]}
    assert [head for head in heads if roles[head] != "identity"] == []
    assert "email-in-text" in said
    assert "phone-in-text" in said
    (study / "data" / export.name).unlink()
    everything = [("terminal", said.encode()), *contents(study), *contents(out)]
    assert any(place.startswith("report.pdf text") for place, _ in everything)
    leaks = [(p, word) for p, data in everything for word in WORDS if word.encode() in data]
    assert leaks == []
