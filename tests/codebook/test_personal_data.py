"""Personal data by their form: found where they are, and not where they are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.codebook.free_text import scan_free_text
from evaluation.codebook.personal_data import (
    PersonalKind,
    kind_of_column,
    kinds_in,
    luhn_is_valid,
)
from evaluation.codebook.schema import Codebook
from evaluation.model import RawResponses, Source
from tests.codebook.test_draft import column

FOUND = {
    "Mejla anna.b@example.se, tack": PersonalKind.EMAIL,
    # Skatteverket's published examples of personal identity numbers.
    "Mitt nummer är 811218-9876.": PersonalKind.PERSONAL_NUMBER,
    "198112189876": PersonalKind.PERSONAL_NUMBER,
    "640823–3234 fast 640823-3234": PersonalKind.PERSONAL_NUMBER,
    "640823+3234": PersonalKind.PERSONAL_NUMBER,
    "samordningsnummer 701063-2391": PersonalKind.PERSONAL_NUMBER,
    "ring 070-123 45 67 efter fem": PersonalKind.PHONE,
    "+46 70 123 45 67": PersonalKind.PHONE,
    "08-123 456 78": PersonalKind.PHONE,
    "från 192.0.2.17": PersonalKind.IP,
    "2001:db8::8a2e:370:7334": PersonalKind.IP,
    "59.32930, 18.06860": PersonalKind.POSITION,
}


@pytest.mark.parametrize("text", FOUND)
def test_found(text: str) -> None:
    assert FOUND[text] in kinds_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Det var bra 2023-2024.",
        "Vi fick 1 341 000 kronor",
        "811218-9875",  # wrong check digit
        "999999-9999",
        "klockan 08:32:11",
        "2024-05-01 10:00:00",
        "version 10.2.3",
        "kapitel 3.1.4.1.5.9",
        "betyg 4,5 av 5",
        "12345",
        "SFS 2003:1210",
        "300.1.1.1",
        "användare@ utan domän",
    ],
)
def test_not_found(text: str) -> None:
    assert kinds_in(text) == ()


def test_column_of_addresses_and_a_comment_that_holds_one() -> None:
    assert kind_of_column(["a@b.se", "c@d.se", "vill inte"]) is PersonalKind.EMAIL
    assert kind_of_column(["bra kurs, mejla a@b.se", "dålig", "ok"]) is None
    assert kind_of_column([]) is None


@given(st.integers(0, 10**9 - 1))
def test_one_check_digit_in_ten_is_valid(number: int) -> None:
    valid = [d for d in range(10) if luhn_is_valid(f"{number:09}{d}")]
    assert len(valid) == 1


def test_dates_that_cannot_be() -> None:
    for text in ("811318-9876", "811232-0000"):
        assert PersonalKind.PERSONAL_NUMBER not in kinds_in(text)


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    kinds_in(text)


def test_problems_say_where_and_never_what() -> None:
    cells = ["bra", "mejla anna@example.se", "", "anna@example.se eller bo@example.se"]
    text = column("Kommentar", cells, 3)
    responses = RawResponses(Source("a.csv"), (text,), np.array([2, 3, 5, 7], dtype=np.int32))
    book = {"title": "T", "questions": [{"id": "k", "text": "Kommentar", "type": "text"}]}
    (problem,) = scan_free_text([responses], Codebook.model_validate(book))
    assert (problem.code, problem.row, problem.count) == ("email-in-text", 3, 2)
    assert problem.column == "D (Kommentar)"
    assert "anna" not in repr(problem)
    book["questions"][0]["role"] = "identity"
    assert scan_free_text([responses], Codebook.model_validate(book)) == ()
