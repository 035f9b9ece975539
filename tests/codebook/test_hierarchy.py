"""Hierarchies of units: levels derived from the file, and all faults at once."""

from __future__ import annotations

from evaluation.codebook.hierarchy import Hierarchy, check_hierarchy, named_rows, with_levels
from evaluation.codebook.schema import Codebook
from evaluation.loading.areas import known_areas

CODEBOOK = Codebook.model_validate(
    {
        "title": "A",
        "questions": [
            {
                "id": "kommun",
                "text": "Kommun",
                "type": "single",
                "options": [
                    {"code": "u", "label": "Umeå"},
                    {"code": "s", "label": "Skellefteå"},
                    {"code": "v", "label": "Visby"},
                    {"code": "x", "label": "Vet inte", "missing": "item_nonresponse"},
                ],
            }
        ],
    }
)
ROWS = (
    ("Umeå", "Kusten", "24"),
    ("s", "Kusten", "AC"),
    ("Visby", "Gotland", "Region Gotland"),
)


def hierarchy(rows=ROWS, heads=("kommun", "Förbund", "Län")):
    return Hierarchy("h.csv", heads, tuple(rows), tuple(range(2, 2 + len(rows))), known_areas())


def faults(rows=ROWS, **options):
    found = check_hierarchy({"a": CODEBOOK}, hierarchy(rows, **options), "sv")
    return [(p.row, p.code, p.value, p.expected) for p in found]


def test_levels_become_questions_that_group_the_units():
    book = with_levels({"a": CODEBOOK}, hierarchy(), "sv")["a"]
    associations, counties = book.questions[1:]
    assert (associations.id, associations.text, associations.recode) == (
        "forbund", "Förbund", "kommun",
    )  # fmt: skip
    assert [(o.label, o.values) for o in associations.options] == [
        ("Kusten", ("u", "s")),
        ("Gotland", ("v",)),
    ]
    # The shipped counties are known by number, letters and names, and come under number and name.
    assert [(o.code, o.label, o.values) for o in counties.options] == [
        ("09", "Gotlands län", ("v",)),
        ("24", "Västerbottens län", ("u", "s")),
    ]


def test_rows_carry_the_names_of_the_counties():
    assert named_rows(hierarchy())[1] == {
        "kommun": "s", "forbund": "Kusten", "lan": "Västerbottens län",
    }  # fmt: skip


def test_all_21_counties_are_shipped_with_their_official_numbers():
    areas = known_areas()
    assert len(areas) == 21
    assert {a.code for a in areas} == {f"{n:02d}" for n in range(1, 26)} - {"02", "11", "15", "16"}


def test_a_sound_file_has_no_faults():
    assert faults() == []


def test_all_faults_come_at_once():
    rows = (
        ("Umeå", "Kusten", "24"),
        ("Umea", "Kusten", "25"),
        ("Visby", "", "09"),
        ("Visby", "Gotland", "09"),
    )
    assert faults(rows) == [
        (0, "hierarchy-missing-unit", "Skellefteå", ""),
        (3, "hierarchy-two-parents", "Kusten", "Västerbottens län, Norrbottens län"),
        (3, "hierarchy-unknown-unit", "Umea", "Umeå"),
        (4, "hierarchy-missing-parent", "Visby", "Förbund"),
        (5, "hierarchy-duplicate", "Visby", "4"),
    ]


def test_a_unit_may_not_belong_to_itself_by_way_of_others():
    rows = (("Umeå", "Skellefteå"), ("Skellefteå", "Umeå"), ("Visby", "Visby"))
    found = faults(rows, heads=("kommun", "del"))
    assert [(row, code) for row, code, *_ in found] == [
        (2, "hierarchy-cycle"),
        (3, "hierarchy-cycle"),
    ]


def test_a_file_of_other_variables_is_refused():
    found = faults(heads=("komun", "Förbund", "Län"))
    assert found == [(0, "hierarchy-unknown-variable", "komun", "kommun")]
    loose = check_hierarchy(
        {"a": CODEBOOK}, hierarchy(heads=("komun", "x", "y")), "sv", is_complete=False
    )
    assert loose == ()


def test_an_empty_file_is_told():
    assert [code for _, code, *_ in faults(())] == ["hierarchy-empty"]
