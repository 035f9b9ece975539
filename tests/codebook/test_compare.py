"""Next year's codebook against this year's: what is new, gone, renamed, and what is kept."""

from __future__ import annotations

from evaluation.codebook.compare import Change, ChangeKind, adopt, compare_codebooks
from evaluation.codebook.schema import Codebook


def codebook(*questions: dict[str, object]) -> Codebook:
    return Codebook.model_validate({"title": "Enkät", "questions": questions})


def single(name: str, text: str, *labels: str, **more: object) -> dict[str, object]:
    options = [{"code": label.lower(), "label": label} for label in labels]
    return {"id": name, "text": text, "type": "single", "options": options, **more}


OLD = codebook(
    single("kon", "Kön", "Kvinna", "Man"),
    single("nojd", "Hur nöjd är du med stödet?", "Nöjd", "Missnöjd", title="Nöjdhet"),
    single("gammal", "Använder du faxen?", "Ja", "Nej"),
    {"id": "ar", "text": "Antal år", "type": "number"},
)


def test_nothing_changed() -> None:
    assert compare_codebooks(OLD, OLD) == ()


def test_every_kind_of_change() -> None:
    new = codebook(
        single("kon_2", "Kön", "Kvinna", "Man", "Annat"),
        single("hur_nojd", "Hur nöjd är du med stödet i år?", "Nöjd", "Missnöjd"),
        single("ny", "Har du deltagit på distans?", "Ja", "Nej"),
        {"id": "ar", "text": "Antal år", "type": "text"},
    )
    assert compare_codebooks(OLD, new) == (
        Change(ChangeKind.NEW_OPTION, "kon", new="Annat"),
        Change(
            ChangeKind.RENAMED_QUESTION,
            "nojd",
            "Hur nöjd är du med stödet?",
            "Hur nöjd är du med stödet i år?",
        ),
        Change(ChangeKind.NEW_QUESTION, "ny", new="Har du deltagit på distans?"),
        Change(ChangeKind.NEW_TYPE, "ar", "number", "text"),
        Change(ChangeKind.GONE_QUESTION, "gammal", old="Använder du faxen?"),
    )


def test_renamed_and_gone_options() -> None:
    old = codebook(single("a", "Fråga", "Instämmer helt", "Instämmer delvis", "Vet ej"))
    new = codebook(single("a", "Fråga", "Instämmer helt.", "Instämmer delvis"))
    assert compare_codebooks(old, new) == (
        Change(ChangeKind.RENAMED_OPTION, "a", "Instämmer helt", "Instämmer helt."),
        Change(ChangeKind.GONE_OPTION, "a", old="Vet ej"),
    )


def test_names_codes_and_decisions_are_kept() -> None:
    new = codebook(
        single("hur_nojd", "Hur nöjd är du med stödet?", "Nöjd", "Missnöjd", "Vet ej", column="F2"),
        single("kon_igen", "Har du bytt kön?", "Ja", "Nej"),
    )
    kept = adopt(OLD, new)
    nojd = kept.questions[0]
    assert (nojd.id, nojd.title, nojd.column) == ("nojd", "Nöjdhet", "F2")
    assert [option.code for option in nojd.options] == ["nöjd", "missnöjd", "vet ej"]
    assert kept.questions[1].id == "kon_igen"


def test_a_new_question_does_not_take_over_an_old_name() -> None:
    new = codebook(
        single("gammal", "Hur bor du?", "Hus", "Lägenhet", "Annat"),
        single("x", "Använder du faxen?", "Ja", "Nej"),
    )
    kept = adopt(OLD, new)
    assert [question.id for question in kept.questions] == ["gammal_new", "gammal"]


def grid(name: str, text: str, *items: str) -> dict[str, object]:
    listed = [{"id": f"i{n}", "text": item} for n, item in enumerate(items)]
    options = [{"code": "1", "label": "Ja"}, {"code": "2", "label": "Nej"}]
    return {"id": name, "text": text, "type": "grid", "options": options, "items": listed}


def test_a_question_worded_anew_is_known_by_options_that_no_other_has() -> None:
    steps = ("Bra", "Mycket bra", "Utmärkt")
    old = codebook(single("betyg", "Vilket är ditt omdöme om kursen?", *steps))
    said = "Vilket omdöme vill du ge kursen?"
    new = codebook(single("omdome", said, *steps))
    assert [c.kind for c in compare_codebooks(old, new)] == [ChangeKind.RENAMED_QUESTION]
    kept = adopt(old, new).questions[0]
    assert (kept.id, kept.text) == ("betyg", said)  # this year's wording is shown
    twice = codebook(single("omdome", said, *steps), single("annat", "Var lokalen bra?", *steps))
    assert {c.kind for c in compare_codebooks(old, twice)} == {
        ChangeKind.NEW_QUESTION,
        ChangeKind.GONE_QUESTION,
    }
    yes_no = codebook(single("a", "Har du fått ett stöd i år?", "Ja", "Nej"))
    other = codebook(single("b", "Har du gett ett råd i år?", "Ja", "Nej"))
    assert len(compare_codebooks(yes_no, other)) == 2


def test_items_of_a_grid_are_compared_and_keep_their_identifiers() -> None:
    old = codebook(grid("g", "Hur var det?", "Maten i restaurangen", "Lokalen", "Tiden"))
    new = codebook(
        grid("h", "Vad tyckte du?", "Tiden", "Ljudet", "Maten i restaurangerna", "Lokalen")
    )
    assert compare_codebooks(old, new) == (
        Change(ChangeKind.RENAMED_QUESTION, "g", "Hur var det?", "Vad tyckte du?"),
        Change(ChangeKind.NEW_ITEM, "g", new="Ljudet"),
        Change(ChangeKind.RENAMED_ITEM, "g", "Maten i restaurangen", "Maten i restaurangerna"),
    )
    assert [(i.id, i.text) for i in adopt(old, new).questions[0].items] == [
        ("i2", "Tiden"),
        ("i1_new", "Ljudet"),
        ("i0", "Maten i restaurangerna"),
        ("i1", "Lokalen"),
    ]
    assert compare_codebooks(new, old)[-1] == Change(ChangeKind.GONE_ITEM, "h", old="Ljudet")
