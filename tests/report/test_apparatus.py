"""Works cited, words defined, and rules in words, from the files of a study to the report."""

from __future__ import annotations

import pytest

from evaluation.codebook.apparatus import Source
from evaluation.loading.texts import load_texts
from evaluation.pipeline.build import build_report
from evaluation.pipeline.load import load_study
from evaluation.problems import Severity
from evaluation.report.citations import entry, in_order, years
from evaluation.report.model import CrossReference, EntryKind, EntryList, Paragraph
from evaluation.report.rules import rule_in_words
from evaluation.texts import alphabetical
from tests.small_study import STUDY, small_study

REPORT = "report: {references: references.yaml, glossary: glossary.yaml}\n"
REFERENCES = """\
references:
  - {id: manual, author: [Socialstyrelsen], year: 2014, title: Manual, publisher: Fritzes}
  - {id: handbok, author: [Socialstyrelsen], year: 2014, title: Handbok, series: SOSFS 2014:4}
  - {id: ab, author: ["Andersson, Anna", "Berg, Bo"], year: 2019, title: Fråga!, container: Socionomen,
     volume: 12, issue: 3, pages: 4-9, url: "https://exempel.se/a_b*c", accessed: 2022-03-01}
  - {id: sol, title: Socialtjänstlag, short: SoL, series: "SFS 2001:453"}
"""
GLOSSARY = """\
terms:
  - {id: Old_term, term: Övrigt, text: Allt annat.}
  - {id: bas, term: Bas, text: De som räknas., see: [Old_term], source: ab}
"""
CHAPTER = """\
# Kapitel

Enligt {{ cite("manual", pages="12") }} och {{ cite("ab", text=True) }} är {{ term("bas", "*basen*") }} stor.[^a]

Se {{ cite("sol", "handbok") }}, {{ cite("sol", text=True) }}.

{{ definitions() }}

{{ references() }}

[^a]: Jämför {{ cite("handbok", text=True, pages="3") }}.
"""


def report_of(tmp_path, chapter=CHAPTER, references=REFERENCES, glossary=GLOSSARY, config=REPORT):
    folder = small_study(tmp_path / "s", chapter=chapter, study=STUDY + config)
    (folder / "references.yaml").write_text(references, encoding="utf-8")
    (folder / "glossary.yaml").write_text(glossary, encoding="utf-8")
    loaded, found = load_study(folder)
    built = build_report(loaded) if loaded else None
    problems = [*found, *(built.problems if built else ())]
    problems = [p for p in problems if p.severity is not Severity.NOTE]
    return (built.value.report if built and built.value else None), problems


def plain(inlines):
    return "".join(getattr(i, "text", "") or plain(getattr(i, "children", ())) for i in inlines)


def paragraphs(report):
    return [plain(b.children) for b in report.blocks if isinstance(b, Paragraph)]


def lists(report):
    return {b.kind: b for b in report.blocks if isinstance(b, EntryList)}


def test_works_are_cited_by_author_and_year(tmp_path):
    report, problems = report_of(tmp_path)
    assert problems == []
    first, second, *_ = paragraphs(report)
    assert first == (
        "Enligt (Socialstyrelsen 2014b, s. 12) och Andersson och Berg (2019) är *basen* stor."
    )
    assert second == "Se (SoL; Socialstyrelsen 2014a), SoL."
    assert plain(report.footnotes[0].children) == "Jämför Socialstyrelsen (2014a, s. 3)."


def test_every_citation_leads_to_an_entry_of_the_list(tmp_path):
    report, _ = report_of(tmp_path)
    held = lists(report)
    anchors = {anchor for block in held.values() for anchor in block.anchors}
    inlines = [
        i
        for group in (*report.blocks, *report.footnotes)
        for i in getattr(group, "children", ())
        if isinstance(i, CrossReference)
    ]
    assert len(inlines) == 7
    assert {i.target for i in inlines} <= anchors
    # Alphabetical, å, ä and ö last; an address is not closed by a full stop.
    assert [plain(e.children) for e in held[EntryKind.REFERENCES].entries] == [
        (
            "Andersson, Anna och Berg, Bo (2019). Fråga! Socionomen, 12(3), s. 4–9. "
            "https://exempel.se/a_b*c (hämtad 2022-03-01)."
        ),
        "Socialstyrelsen (2014a). Handbok. SOSFS 2014:4.",
        "Socialstyrelsen (2014b). Manual. Fritzes.",
        "Socialtjänstlag. SFS 2001:453.",
    ]
    assert [(e.label, plain(e.children)) for e in held[EntryKind.DEFINITIONS].entries] == [
        ("Bas", "De som räknas (Andersson och Berg 2019). Se även Övrigt."),
        ("Övrigt", "Allt annat."),
    ]


def test_numbers_follow_the_order_of_first_mention(tmp_path):
    report, problems = report_of(tmp_path, references="style: numbered\n" + REFERENCES)
    assert problems == []
    first, second, *_ = paragraphs(report)
    assert first == "Enligt [1, s. 12] och Andersson och Berg [2] är *basen* stor."
    # The note, read where its mark stands, comes before the second paragraph.
    assert plain(report.footnotes[0].children) == "Jämför Socialstyrelsen [3, s. 3]."
    assert second == "Se [4, 3], SoL [4]."
    block = lists(report)[EntryKind.NUMBERED_REFERENCES]
    assert [e.label for e in block.entries] == ["1", "2", "3", "4"]
    assert plain(block.entries[0].children) == "Socialstyrelsen. Manual. Fritzes. 2014."


@pytest.mark.parametrize(
    ("changed", "code", "value"),
    [
        ({"chapter": CHAPTER.replace('"manual"', '"manuel"')}, "unknown-source", "manuel"),
        ({"chapter": CHAPTER.replace('term("bas"', 'term("bass"')}, "unknown-term", "bass"),
        (
            {"references": REFERENCES + "  - {id: x, title: X}\n"},
            "uncited-source",
            "x",
        ),
        ({"references": REFERENCES + "  - {id: ab, title: X}\n"}, "repeated-key", "ab"),
        ({"glossary": GLOSSARY.replace("source: ab", "source: ac")}, "unknown-source", "ac"),
        ({"glossary": GLOSSARY.replace("[Old_term]", "[old]")}, "unknown-term", "old"),
        ({"chapter": CHAPTER.replace("{{ references() }}", "")}, "list-not-placed", "manual"),
        ({"chapter": CHAPTER.replace("{{ definitions() }}", "")}, "list-not-placed", "bas"),
        ({"config": "", "chapter": "# A\n\n{{ references() }}\n"}, "no-references", "references"),
        ({"config": "", "chapter": "# A\n\n{{ definitions() }}\n"}, "no-glossary", "definitions"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, changed, code, value):
    _, problems = report_of(tmp_path, **changed)
    assert (code, value) in [(p.code, p.value) for p in problems]


def test_unknown_keys_name_file_line_and_the_nearest(tmp_path):
    _, problems = report_of(tmp_path, chapter=CHAPTER.replace('"manual"', '"manuel"'))
    (problem,) = [p for p in problems if p.code == "unknown-source"]
    assert (problem.file, problem.row) == ("chapters/1.md", 3)
    assert problem.expected.startswith("manual")


def test_swedish_letters_come_last():
    names = ["Östergren", "Zetterlund", "Åberg", "Ärlig", "Édith", "Eriksson"]
    expected = ["Édith", "Eriksson", "Zetterlund", "Åberg", "Ärlig", "Östergren"]
    assert sorted(names, key=alphabetical) == expected


def test_forms_of_entries():
    texts = load_texts("sv")
    chapter = Source(
        id="k", author=("A, B", "C, D", "E, F"), year="2020", title="Ett kapitel",
        container="En bok", editor=("G, H",), pages="1-9", place="Lund", publisher="Studentlitteratur",
    )  # fmt: skip
    undated = Source(id="u", author=("NCK",), title="Rapport", doi="10.1/x", note="Opublicerad.")
    assert years([chapter, undated], texts) == {"k": "2020", "u": "u.å."}
    assert [s.id for s in in_order([undated, chapter], texts)] == ["k", "u"]
    assert plain(entry(chapter, "2020", texts)) == (
        "A, B, C, D och E, F (2020). Ett kapitel. I G, H (red.), En bok, s. 1–9. "
        "Lund: Studentlitteratur."
    )
    assert plain(entry(undated, "u.å.", texts)) == (
        "NCK (u.å.). Rapport. https://doi.org/10.1/x. Opublicerad."
    )


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("trained == 1", "har svarat ”Ja” på fråga 2"),
        ('trained != "Nej"', "har svarat något annat än ”Nej” på fråga 2"),
        ("trained in (1, 2)", "har svarat ”Ja” eller ”Nej” på fråga 2"),
        ('"police" in contacts', "har svarat ”Polisen” på frågan ”Vilka har du kontakt med?”"),
        ("3 <= years", "har svarat minst 3 på frågan ”Antal år i yrket”"),
        ("years < 2.5", "har svarat mindre än 2,5 på frågan ”Antal år i yrket”"),
        ("answered(trained)", "har besvarat fråga 2"),
        ("missing(trained)", "inte har besvarat fråga 2"),
        (
            'trained == 1 and (gender == "w" or not years > 3)',
            (
                "har svarat ”Ja” på fråga 2 och (har ”Kvinna” i uppgiften ”Kön” eller inte "
                "har svarat mer än 3 på frågan ”Antal år i yrket”)"
            ),
        ),
        ('col:Status == "Test"', "har ”Test” i kolumnen Status"),
        ('col("E-post") != ""', "har en uppgift i kolumnen E-post"),
        ("no expression (", "no expression ("),
    ],
)
def test_rules_in_words(tmp_path, rule, words):
    loaded, _ = load_study(small_study(tmp_path / "s"))
    codebook = loaded.folder.codebooks["staff"]
    assert rule_in_words(rule, codebook, load_texts("sv"), {"trained": 2}) == words


METHOD_STUDY = STUDY.replace(
    "    design: {population: 20}\n",
    """\
    design: {population: 20}
    filter: gender == "w"
    intake:
      complete_if: answered(trained)
      include_partial: false
      test_if: col:Kön == "Test"
""",
)


def test_the_method_says_what_the_study_does_and_nothing_else(tmp_path):
    chapter = '# A\n\n{{ table("staff.trained", ci="wilson") }}\n\n{{ method() }}\n'
    folder = small_study(tmp_path / "s", chapter=chapter, study=METHOD_STUDY)
    report = build_report(load_study(folder)[0]).value.report
    said = " ".join(paragraphs(report))
    for part in (
        "räknas som fullständigt när den svarande har besvarat frågan ”Har du fått utbildning?”",
        "Som testsvar räknas den rad som har ”Test” i kolumnen Kön.",
        "Tabellerna gäller den som har ”Kvinna” i uppgiften ”Kön”, 6 svarande.",
        "Konfidensintervallen är 95-procentiga och beräknade med Wilsons metod.",
        "Inga uppgifter är dolda",
    ):
        assert part in said, part
    # No respondent is named in the export, so nothing is said about double answers.
    for part in ("flera gånger", "vägda", "prövats", "exakt 100"):
        assert part not in said, part
