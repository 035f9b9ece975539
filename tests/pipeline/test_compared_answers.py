"""What a comparison is about: chosen on the command line, by the study, or by default."""

from __future__ import annotations

import csv
import re

import pytest
from click.testing import CliRunner

from evaluation.cli import main
from evaluation.pipeline.compare import compare
from evaluation.pipeline.comparisons import subjects
from evaluation.pipeline.pieces import Compared, read_pieces
from evaluation.tables.request import RequestError
from tests.pipeline.unit_study import loaded, replace_in, unit_study

BY = "besok.kommun"
NETS = "    ordered: true\n    nets: {Nöjda: [1, 2], Missnöjda: [4, 5]}\n    options:\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A study whose question ``nojd`` has two sums of answers."""
    made = tmp_path_factory.mktemp("answers") / "s"
    unit_study(made, protected=False)
    replace_in(made / "besok.yaml", "    ordered: true\n    options:\n", NETS)
    return made


@pytest.fixture(scope="module")
def study(folder):
    return loaded(folder)


def said(study, questions=(), options=(), by=BY):
    asked = Compared(by, questions=questions, options=options)
    return [f"{s.variable}: {s.answer.label}" for s in subjects(study, asked)]


def test_by_default_the_first_sum_or_answer_of_each_question(study):
    assert said(study) == [
        "nojd: Nöjda", "hjalp: Ja", "ater: Ja",
        "lyssnade: Stämmer helt", "tydlig: Stämmer helt", "tid: Stämmer helt",
        "vag: Genom kommunen", "vag: Genom vården", "vag: Genom en vän", "vag: På webben",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("questions", "options", "wanted"),
    [
        (("nojd",), (), ["nojd: Nöjda"]),
        (("besok.nojd",), ("ganska nöjd",), ["nojd: Ganska nöjd"]),
        (("nojd",), ("2", "Missnöjda"), ["nojd: Ganska nöjd", "nojd: Missnöjda"]),
        (("tid", "hjalp"), (), ["tid: Stämmer helt", "hjalp: Ja"]),
        (("bemotande",), ("Stämmer inte",),
         ["lyssnade: Stämmer inte", "tydlig: Stämmer inte", "tid: Stämmer inte"]),
        (("vag",), ("van",), ["vag: Genom en vän"]),
        (("alder",), ("d",), ["alder: 65 år eller äldre"]),
        ((), ("Nej",), ["hjalp: Nej", "ater: Nej"]),
    ],
)  # fmt: skip
def test_questions_and_answers_are_chosen(study, questions, options, wanted):
    assert said(study, questions, options) == wanted


@pytest.mark.parametrize(
    ("questions", "options", "code", "expected"),
    [
        (("nöjd",), (), "unknown-question", "besok.nojd"),
        (("kommun",), (), "compare-question", "nojd"),
        (("nojd",), ("Nöjd",), "compare-option", "Nöjda"),
        ((), ("Kanske",), "compare-option", "Nöjda"),
    ],
)
def test_what_cannot_be_compared_is_told(study, questions, options, code, expected):
    with pytest.raises(RequestError) as error:
        said(study, questions, options)
    assert error.value.code == code
    assert expected in error.value.expected


def test_a_study_says_what_is_compared(folder):
    replace_in(
        folder / "study.yaml",
        "    unit: kommun\n",
        "    unit: kommun\n    compare:\n      hjalp: [nej, Delvis]\n      tid: []\n",
    )
    study = loaded(folder)
    assert said(study) == ["hjalp: Nej", "hjalp: Delvis", "tid: Stämmer helt"]
    assert said(study, ("hjalp",)) == ["hjalp: Nej", "hjalp: Delvis"]
    assert said(study, ("ater",)) == ["ater: Ja"]


def test_faulty_names_in_the_study_stop(tmp_path):
    unit_study(tmp_path / "s")
    faulty = "    compare: {hjalpp: Ja, hjalp: [Ja, Kansk], kon: []}\n"
    replace_in(tmp_path / "s" / "study.yaml", "    unit: kommun\n", "    unit: kommun\n" + faulty)
    result = CliRunner().invoke(main, ["check", str(tmp_path / "s")])
    assert result.exit_code == 1
    assert "hjalpp" in result.stderr
    assert "Kansk" in result.stderr


def test_the_page_holds_the_sum_and_says_what_it_is(study, tmp_path):
    """Its counts are those of the two answers in the table that is published beside it."""
    out = tmp_path / "out"
    result = compare(study, BY, out, formats=("html",), questions=("nojd",), options=("Nöjda",))
    page = result.value[0].read_text(encoding="utf-8")
    assert "Nöjda är dessa svar tillsammans: Mycket nöjd, Ganska nöjd." in page
    assert "valt av utvärderaren" in page
    assert "första svarsalternativet" not in page
    assert "Fick hjälp" not in page
    text = (study.folder.path / "data" / "besok.csv").read_text(encoding="utf-8")
    answers = list(csv.DictReader(text.splitlines(), delimiter=";"))
    head = "Hur nöjd är du med besöket i sin helhet?"
    for unit in ("Kommun 001", "Kommun 005"):
        given = [a[head] for a in answers if a["Kommun"] == unit and a[head]]
        share = 100 * sum(g in ("Mycket nöjd", "Ganska nöjd") for g in given) / len(given)
        row = re.search(rf'<th scope="row">{unit}</th>(.*?)</tr>', page)[1]
        cells = re.findall(r">([^<]+)</td>", row)
        assert cells[:2] == [str(len(given)), f"{share + 1e-9:.1f}".replace(".", ",")]


def test_the_folder_remembers_what_was_compared(tmp_path):
    study = unit_study(tmp_path / "s")
    out = tmp_path / "out"
    line = ("compare", str(tmp_path / "s"), "--by", BY, "--question", "hjalp", "--option", "Nej")
    result = CliRunner().invoke(main, [*line, "--out", str(out)])
    assert result.exit_code == 0, result.output
    (remembered,) = read_pieces(study, out).comparisons
    assert remembered == Compared(BY, questions=("hjalp",), options=("Nej",))


def test_a_question_without_a_short_name_loses_its_mark_before_the_colon(folder, tmp_path):
    text = (folder / "besok.yaml").read_text(encoding="utf-8")
    unit_study(tmp_path / "s", protected=False)
    (tmp_path / "s" / "besok.yaml").write_text(
        text.replace("    short: Fick hjälp\n", ""), encoding="utf-8"
    )
    (found,) = subjects(loaded(tmp_path / "s"), Compared(BY, questions=("hjalp",)))
    assert found.name == "Fick du den hjälp som du behövde"
