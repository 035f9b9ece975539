"""Themes are checked when loaded: colours that are colours, and contrast."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluation.loading.texts import load_texts
from evaluation.problems import Severity
from evaluation.rendering.charts.colour import contrast
from evaluation.rendering.palette import check_theme, dark_colours, page_colours
from evaluation.rendering.theme import load_theme

NEUTRAL = load_theme("neutral")
THEMES = ("neutral", "agency-example")


@pytest.mark.parametrize("name", THEMES)
def test_our_own_themes_have_no_problems(name: str) -> None:
    assert check_theme(load_theme(name)) == ()


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("colours", [page_colours, dark_colours])
def test_text_can_be_read_on_every_ground(name: str, colours: object) -> None:
    found = colours(load_theme(name))  # type: ignore[operator]
    for text in ("ink", "muted", "link", "primary"):
        for ground in ("background", "surface"):
            assert contrast(found[text], found[ground]) >= 4.5
    assert contrast(found["on-cover"], found["cover"]) >= 4.5


def test_a_pale_text_is_named_with_its_ground_and_ratio() -> None:
    problems = check_theme(replace(NEUTRAL, muted="#9a9a9a"))
    assert {(p.code, p.column) for p in problems} == {("theme-contrast", "muted")}
    assert problems[0].severity is Severity.WARN
    assert problems[0].value == "muted #9a9a9a / background #ffffff: 2,8 < 4,5"
    assert not check_theme(replace(NEUTRAL, surface="#ffffff", muted=problems[0].expected))
    assert "2.8 < 4.5" in check_theme(replace(NEUTRAL, muted="#9a9a9a"), decimal=".")[0].value


def test_the_threshold_itself_passes() -> None:
    # #767676 on white is 4.54 to 1, #777777 is 4.48.
    white = replace(NEUTRAL, surface="#ffffff")
    assert not check_theme(replace(white, muted="#767676"))
    assert check_theme(replace(white, muted="#777777"))


def test_what_is_no_colour_stops() -> None:
    problems = check_theme(replace(NEUTRAL, accent="röd", scale=("#fff", "#000000")))
    assert {(p.code, p.column, p.value) for p in problems} == {
        ("theme-colour", "accent", "röd"),
        ("theme-colour", "scale[0]", "#fff"),
    }
    assert {p.severity for p in problems} == {Severity.STOP}


def test_dark_colours_can_be_set_and_are_checked() -> None:
    theme = replace(NEUTRAL, extra={"dark": {"link": "#333333"}})
    assert dark_colours(theme)["link"] == "#333333"
    assert "dark.link" in {p.column for p in check_theme(theme)}


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("code", ["theme-colour", "theme-contrast"])
def test_the_problems_have_their_words(language: str, code: str) -> None:
    texts = load_texts(language)
    for part in ("message", "mend"):
        texts.get(f"problems.{code}.{part}", value="x", column="y", expected="z")
