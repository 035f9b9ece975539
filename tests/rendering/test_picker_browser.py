"""A reader picks a unit on the comparison page, in a real browser."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from evaluation.loading.texts import load_texts
from evaluation.rendering.html import render_html
from evaluation.rendering.theme import load_theme
from evaluation.report.model import Heading, Picked, Report, ReportMeta
from evaluation.report.region_blocks import comparison_table, dot_chart, unit_picker
from evaluation.report.regions import Comparison, UnitFigure
from tests.browser import Browser, needs_browser
from tests.rendering.test_html_browser import VIEWS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.browser, needs_browser]

SAID = "document.getElementById('picker-said').textContent"
ROWS = (
    "[...document.querySelectorAll('#picker-table tbody tr')].map(r =>"
    " [...r.cells].slice(0, 6).map(c => c.textContent.trim()))"
)


def figure(label: str, n: int | None, base: int | None) -> UnitFigure:
    if n is None or base is None:
        return UnitFigure(label, label, None, None, None)
    percent = 100 * n / base
    low, high = max(0.0, percent - 8), min(100.0, percent + 8)
    return UnitFigure(label, label, n, base, percent, low, high, percent - 50)


def report() -> Report:
    from dataclasses import replace

    texts = load_texts("sv")
    units = (figure("Norr", 30, 40), figure("Söder", 10, 40), figure("Ö", None, None))
    blocks: list = [Heading(1, "Jämförelse", "start", "1.")]
    picked, charts = [], []
    for number, name in enumerate(("Nöjd", "Trygg"), 1):
        found = Comparison(name, "Ja", figure("", 40, 80), units)
        blocks.append(Heading(2, name, f"del-{number}", f"1.{number}."))
        data = replace(dot_chart(found, texts).data_table, id=f"figur-{number}-data")
        charts.append(replace(dot_chart(found, texts), id=f"figur-{number}", data_table=data))
        blocks += [charts[-1], replace(comparison_table(found, texts), id=f"tabell-{number}")]
        picked.append(Picked(f"tabell-{number}", f"{name}: Ja", f"del-{number}", ("Ö",)))
    return Report(
        ReportMeta("Prov", "P", "sv", 2026),
        tuple(blocks),
        words={key: str(text) for key, text in texts.mapping("words").items()},
        picker=unit_picker(["Norr", "Söder", "Ö"], picked, charts, texts),
    )


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "compare.html"
    file.write_bytes(render_html(report(), load_theme("neutral")))
    return file


def pick(browser: Browser, unit: str) -> None:
    browser.run(
        "(() => { const s = document.getElementById('picker-unit');"
        f" s.value = [...s.options].find(o => o.text === '{unit}').value;"
        " s.dispatchEvent(new Event('change', {bubbles: true})); })()"
    )


def test_picking_a_unit_changes_what_is_shown(browser: Browser, page: Path) -> None:
    browser.look()
    browser.open(page)
    assert browser.run("document.getElementById('picker-table').hidden") is True
    pick(browser, "Norr")
    assert browser.run(ROWS) == [
        ["Nöjd: Ja", "40", "75,0", "67,0–83,0", "50,0", "25,0"],
        ["Trygg: Ja", "40", "75,0", "67,0–83,0", "50,0", "25,0"],
    ]
    assert browser.run(SAID) == "Nu visas Norr bredvid samtliga."
    pick(browser, "Söder")
    assert browser.run(ROWS)[0][2] == "25,0"
    assert browser.run(SAID) == "Nu visas Söder bredvid samtliga."
    assert browser.complaints() == []
    assert browser.requests() == [page.as_uri()]


def test_the_unit_is_marked_in_tables_and_charts(browser: Browser, page: Path) -> None:
    browser.look()
    browser.open(page)
    pick(browser, "Söder")
    marked = "[...document.querySelectorAll('tr.is-picked th')].map(t => t.textContent)"
    assert browser.run(marked) == ["Söder", "Söder"]
    # Highest first: Söder is the second of the dots.
    values = "[...document.querySelectorAll('.wide svg .is-picked')].map(p => p.dataset.v)"
    assert set(browser.run(values)) == {"25.0"}
    pick(browser, "Ö")
    assert browser.run(values) == []


def test_a_withheld_unit_is_withheld_here_too(browser: Browser, page: Path) -> None:
    browser.look()
    browser.open(page)
    pick(browser, "Ö")
    cells = browser.run(ROWS)[0]
    assert cells[1].startswith("..")
    assert cells[2].startswith("..")
    heard = "document.querySelector('#picker-table td .unseen').textContent"
    assert browser.run(heard) == "uppgiften visas inte"
    assert cells[4] == "50,0"
    assert browser.run("document.querySelectorAll('#picker-table .fill').length") == 0
    assert "Tecknet .. betyder att uppgiften inte visas" in browser.run(SAID)


def test_it_works_by_keyboard(browser: Browser, page: Path) -> None:
    browser.look()
    browser.open(page)
    for _ in range(30):
        browser.press("Tab")
        if browser.run("document.activeElement.id") == "picker-unit":
            break
    assert browser.run("document.activeElement.id") == "picker-unit"
    assert browser.run("document.activeElement.labels[0].textContent") == "Enhet"
    assert browser.run("document.getElementById('picker-said').getAttribute('role')") == "status"


def test_a_unit_can_be_named_in_the_address(browser: Browser, page: Path) -> None:
    browser.look()
    browser.open(page)
    browser.run("location.hash = '#unit=S%C3%B6der'; location.reload(); 0")
    browser.wait_for(f"document.getElementById('picker-said') && {SAID} !== ''")
    assert browser.run(SAID) == "Nu visas Söder bredvid samtliga."


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_no_violation(browser: Browser, page: Path, view: str) -> None:
    browser.look(**VIEWS[view])
    browser.open(page)
    pick(browser, "Norr")
    assert browser.violations() == []


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_sticks_out(browser: Browser, page: Path, width: int) -> None:
    browser.look(width=width)
    browser.open(page)
    pick(browser, "Norr")
    assert browser.run("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1100, 1280])
def test_its_last_column_is_not_cut_off_beside_the_contents(
    browser: Browser, page: Path, width: int, tmp_path: Path
) -> None:
    """With names of questions and answers as long as they come, on screens of common widths."""
    long = tmp_path / "long.html"
    said = "Informationen var tydlig: Stämmer helt och hållet"
    html = page.read_text(encoding="utf-8").replace('"name":"Trygg: Ja"', f'"name":"{said}"')
    assert said in html
    long.write_text(html, encoding="utf-8")
    browser.look(width=width)
    browser.open(long)
    pick(browser, "Norr")
    assert browser.run("document.querySelectorAll('#picker-table .fill').length") == 2
    frame = "document.getElementById('picker-table')"
    assert browser.run(f"{frame}.scrollWidth <= {frame}.clientWidth")


def test_the_picked_unit_is_printed_and_its_choice_is_not(browser: Browser, page: Path) -> None:
    browser.look()
    browser.open(page)
    shown = "document.querySelector('{}').getClientRects().length"
    assert browser.in_print(shown.format(".picker")) == 0
    pick(browser, "Norr")
    assert browser.in_print(shown.format("#picker-table table")) == 1
    assert browser.in_print(shown.format("#picker-unit")) == 0


def test_without_a_script_every_unit_stands_in_the_tables(browser: Browser, page: Path) -> None:
    browser.look()
    browser.scripts(allowed=False)
    try:
        browser.open_still(page)
        text = browser.visible_text()
    finally:
        browser.scripts(allowed=True)
    assert "Varje enhets siffror står i tabellerna nedan" in text
    assert "Ingen vald" not in text
    for unit in ("Norr", "Söder", "Ö"):
        assert text.count(unit) >= 2


def test_points_are_decimals() -> None:
    """The handmade page holds what a real one does."""
    assert all(
        point.value is None or isinstance(point.value, Decimal)
        for block in report().blocks
        if hasattr(block, "series")
        for series in block.series
        for point in series.points
    )
