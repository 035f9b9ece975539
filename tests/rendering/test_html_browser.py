"""The page in a real browser: axe-core, the keyboard, small windows, no script, no network."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest

from evaluation.loading.texts import load_texts
from evaluation.problems import Problem, Severity
from evaluation.rendering.html import render_html
from evaluation.rendering.problems import problems_html
from evaluation.rendering.theme import load_theme
from tests.browser import Browser, needs_browser
from tests.rendering import sample

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.browser, needs_browser]

VIEWS: dict[str, dict[str, Any]] = {
    "desktop": {},
    "dark": {"dark": True},
    "telephone": {"width": 320, "height": 640},
    "dark telephone": {"width": 320, "height": 640, "dark": True},
    "zoomed": {"zoom": 2.0},
}


@pytest.fixture(scope="module", params=["neutral", "agency-example"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_bytes(render_html(sample.sample_report(), load_theme(request.param)))
    return file


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_no_violation(browser: Browser, page: Path, view: str) -> None:
    browser.look(**VIEWS[view])
    browser.open(page)
    assert browser.violations() == []


def test_axe_finds_no_violation_in_what_a_reader_can_open(browser: Browser, page: Path) -> None:
    browser.look()
    browser.open(page)
    browser.open_everything()
    assert browser.violations() == []


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_no_violation_on_the_page_of_problems(
    browser: Browser, tmp_path: Path, view: str
) -> None:
    found = [
        Problem("theme-missing", Severity.STOP, file="study.yaml", value="x", expected="neutral"),
        Problem("unknown-option", Severity.WARN, file="a.csv", row=3, column="F (q7)", value="9"),
    ]
    file = tmp_path / "problems.html"
    file.write_bytes(problems_html(found, load_texts("sv"), "En studie"))
    browser.look(**VIEWS[view])
    browser.open(file)
    assert browser.violations() == []
    assert browser.run("document.documentElement.scrollWidth <= innerWidth")


def test_axe_finds_a_violation_where_there_is_one(browser: Browser, page: Path) -> None:
    browser.look()
    browser.open(page)
    browser.run("document.querySelector('main p').style.color = '#999999'")
    assert [name for name, _ in browser.violations()] == ["color-contrast"]


@pytest.mark.parametrize("width", [320, 640, 820, 1366])
def test_only_tables_scroll_sideways(browser: Browser, page: Path, width: int) -> None:
    browser.look(width=width)
    browser.open(page)
    assert browser.run("document.documentElement.scrollWidth") <= width
    browser.open_everything()
    assert browser.run("document.documentElement.scrollWidth") <= width


def test_the_page_is_quiet_and_asks_for_nothing(browser: Browser, page: Path) -> None:
    browser.look()
    browser.open(page)
    browser.open_everything()
    assert browser.complaints() == []
    assert browser.requests() == [page.as_uri()]


def test_charts_come_to_life_and_back(browser: Browser, page: Path) -> None:
    browser.look()
    browser.open(page)
    assert not browser.run("document.querySelector('.js-plotly-plot')")
    browser.open_everything()
    drawn = browser.run("document.querySelectorAll('.live .main-svg').length > 0")
    assert drawn
    count = browser.run(
        "document.querySelectorAll('.live .js-plotly-plot, .live.js-plotly-plot').length"
    )
    assert count == len(sample.all_charts())
    browser.run("document.querySelectorAll('button[data-chart]').forEach(b => b.click())")
    assert browser.run(
        "[...document.querySelectorAll('.picture.wide')].every(p => p.offsetHeight > 0)"
    )


def test_the_interactive_chart_speaks_swedish(browser: Browser, page: Path) -> None:
    browser.look()
    browser.open(page)
    browser.open_everything()
    browser.run("document.querySelector('#figur-1').scrollIntoView({behavior: 'instant'})")
    x, y = browser.run(
        "(() => { const r = document.querySelector('#figur-1 .live .point path')"
        ".getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()"
    )
    browser.move(x, y)
    browser.wait_for("document.querySelector('#figur-1 .hovertext')")
    said = browser.run("document.querySelector('#figur-1 .hovertext').textContent")
    assert "63,3" in said
    assert "Arbetsförberedande insatser" in said


def test_no_chart_has_a_button_that_shares_its_data(browser: Browser, page: Path) -> None:
    browser.look()
    browser.open(page)
    browser.open_everything()
    assert browser.run("document.querySelectorAll('.modebar-btn').length") == 0
    # Even with the tool bar forced on, our settings leave the button out; plotly's own do not.
    ours, theirs = (shared(browser, settings) for settings in ("ours", "{}"))
    assert not any("Share" in title for title in ours)
    assert ours
    assert any("Share" in title for title in theirs)


def shared(browser: Browser, settings: str) -> list[str]:
    """Draw a chart with its tool bar forced on; return the titles of the buttons."""
    return list(
        browser.run(
            "(async () => {"
            " const spec = JSON.parse(document.querySelector('#figur-1 script').textContent);"
            f" const ours = spec.config; const given = {settings};"
            " const place = document.createElement('div'); document.body.append(place);"
            " await Plotly.newPlot(place, spec.data, spec.layout,"
            "  {...given, displayModeBar: true});"
            " const titles = [...place.querySelectorAll('.modebar-btn')]"
            "  .map(b => b.dataset.title || b.getAttribute('aria-label') || '');"
            " place.remove(); return titles; })()"
        )
    )


def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    browser: Browser, page: Path
) -> None:
    browser.look()
    browser.open(page)
    expected = browser.run(
        "[...document.querySelectorAll('a[href], button:not([hidden]), summary, [tabindex=\"0\"]')]"
        ".filter(e => e.checkVisibility()).length"
    )
    seen = []
    for _ in range(expected + 5):
        browser.press("Tab")
        place = browser.run(
            "(() => { const e = document.activeElement; if (e === document.body) return null;"
            " const s = getComputedStyle(e);"
            " return [e.tagName, e.textContent.trim().slice(0, 40), s.outlineStyle,"
            "  parseFloat(s.outlineWidth)]; })()"
        )
        if place is None:
            break
        seen.append(place)
    assert seen[0][1] == "Hoppa till innehållet"
    assert len(seen) == expected
    assert all(style == "solid" and width >= 2 for _, _, style, width in seen)


def test_the_figures_are_one_key_away(browser: Browser, page: Path) -> None:
    browser.look()
    browser.open(page)
    browser.run("document.querySelector('#figur-2 summary').focus()")
    browser.press("Enter")
    assert browser.run("document.querySelector('#figur-2 details').open")


def test_a_table_is_copied_as_csv(browser: Browser, page: Path) -> None:
    browser.look()
    browser.open(page)
    browser.run(
        "navigator.clipboard.writeText = t => { window.copied = t; return Promise.resolve(); };"
        "document.querySelector('button[data-copy=tabell-2-table]').click()"
    )
    browser.wait_for("window.copied")
    rows = list(csv.reader(io.StringIO(browser.run("window.copied")), delimiter=";"))
    assert rows[0][:3] == ["Svarsalternativ", "Kvinnor", "Kvinnor"]
    assert rows[1][:3] == ["", "n", "Procent"]
    assert rows[3][:3] == ["I hög grad", "33", "41,8"]
    assert rows[3][5:7] == ["..", ".."]
    assert {len(row) for row in rows} == {9}
    browser.wait_for("document.querySelector('#status').textContent.includes('CSV')")


def test_large_numbers_are_copied_as_numbers(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run(
        "navigator.clipboard.writeText = t => { window.copied = t; return Promise.resolve(); };"
        "document.querySelector('button[data-copy=tabell-3-table]').click()"
    )
    browser.wait_for("window.copied")
    assert (
        "Utbildningsinsatser för styrelser och beredningsgrupper;2020–2021;1215500"
        in browser.run("window.copied")
    )


def test_without_script_everything_can_be_read(browser: Browser, page: Path) -> None:
    browser.look()
    browser.scripts(allowed=False)
    try:
        browser.open_still(page)
        text = browser.visible_text()
    finally:
        browser.scripts(allowed=True)
    for expected in ("Totalt", "Figur 11", "Visa siffrorna som tabell", "63,3", "1 215 500"):
        assert expected in text.replace("\u00a0", " ")
    assert "Kopiera tabellen" not in text
    assert "Visa interaktivt diagram" not in text


def test_the_side_bar_follows_the_reader(browser: Browser, page: Path) -> None:
    browser.look(width=1366)
    browser.open(page)
    browser.run("document.querySelector('#stod').scrollIntoView({behavior: 'instant'})")
    browser.wait_for("document.querySelector('.sidebar a[aria-current]')")
    assert browser.run("document.querySelector('.sidebar a[aria-current]').hash") == "#stod"


def test_heads_stay_in_sight_on_a_telephone(browser: Browser, page: Path) -> None:
    browser.look(width=320, height=640)
    browser.open(page)
    left = browser.run(
        "(() => { const s = document.querySelector('#tabell-2 .scroll'); s.scrollLeft = 200;"
        " return s.querySelector('tbody th[scope=row]').getBoundingClientRect().left -"
        " s.getBoundingClientRect().left; })()"
    )
    assert abs(left) < 1


def test_paper_shows_the_figures_of_each_chart_that_stand_folded_up(
    browser: Browser, page: Path
) -> None:
    browser.look()
    browser.open(page)
    assert browser.in_print(
        "[...document.querySelectorAll('.chart details:not([open]) tbody th')]"
        ".every(e => e.checkVisibility({contentVisibilityAuto: true}) && e.offsetHeight > 0)"
    )


def test_paper_has_the_static_pictures_only(browser: Browser, page: Path, tmp_path: Path) -> None:
    browser.look()
    browser.open(page)
    browser.open_everything()
    browser.print_pdf(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    shown = browser.in_print(
        "[...document.querySelectorAll('.live, button, summary, .sidebar, .skip, .picture.narrow')]"
        ".filter(e => e.checkVisibility()).length"
    )
    assert shown == 0
    assert browser.in_print(
        "[...document.querySelectorAll('.picture.wide')].every(e => e.checkVisibility())"
    )
