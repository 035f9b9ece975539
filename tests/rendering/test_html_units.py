"""The pages over units, of a bundled study in Chromium: the index of reports, a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest

from evaluation.pipeline.compare import compare
from evaluation.pipeline.load import load_study
from evaluation.pipeline.units import write_unit_reports
from tests.browser import Browser, needs_browser
from tests.paths import REPOSITORY
from tests.rendering.test_html_keyboard import PRINTED, copy_of_figures, same_figures, tab_to

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_browser]

STUDY, BY = "samordningsforbund-2022", "fov.forbund"

VIEWS: dict[str, dict[str, Any]] = {
    "desktop": {},
    "dark": {"dark": True},
    "telephone": {"width": 320, "height": 640},
    "dark telephone": {"width": 320, "height": 640, "dark": True},
}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(STUDY)
    study, _ = load_study(REPOSITORY / "surveys" / STUDY)
    assert study is not None
    assert write_unit_reports(study, folder).value
    assert compare(study, BY, folder, shrunk=True).value
    return folder


def index_of(outputs: Path) -> Path:
    """Return the page with a link to every unit's report."""
    return outputs / "units" / "index.html"


def comparison_of(outputs: Path) -> Path:
    """Return the page on which units stand beside each other."""
    return outputs / f"compare-{BY.replace('.', '-')}.html"


def unit_of(outputs: Path) -> Path:
    """Return the page of one unit's report."""
    return sorted(outputs.glob("units/*/report.html"))[1]


def pick_one(browser: Browser) -> None:
    """Pick the third unit, where the page lets a reader pick one."""
    browser.run(
        "(() => { const s = document.getElementById('picker-unit'); if (!s) return;"
        " s.selectedIndex = 3; s.dispatchEvent(new Event('change')); })()"
    )


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    ("place", "opened"),
    [
        (index_of, False),
        (comparison_of, False),
        (comparison_of, True),
        (unit_of, False),
        (unit_of, True),
    ],
    ids=["index", "comparison", "comparison opened", "unit", "unit opened"],
)
def test_axe_finds_no_violation_and_the_page_keeps_to_its_width(
    browser: Browser, outputs: Path, place: Callable[[Path], Path], view: str, opened: bool
) -> None:
    page = place(outputs)
    browser.look(**VIEWS[view])
    browser.open(page)
    if opened:
        browser.open_everything()
        pick_one(browser)
    assert browser.violations() == []
    assert browser.run("document.documentElement.scrollWidth <= innerWidth")
    assert browser.complaints() == []
    assert browser.requests() == [page.as_uri()]


@pytest.mark.parametrize("width", [1100, 1280])
def test_the_table_over_a_picked_unit_fits_beside_the_contents(
    browser: Browser, outputs: Path, width: int
) -> None:
    """Its last column was cut off where the contents stand beside it."""
    browser.look(width=width)
    browser.open(comparison_of(outputs))
    pick_one(browser)
    assert browser.run("document.querySelectorAll('#picker-table .fill').length") > 0
    table = "document.getElementById('picker-table')"
    assert browser.run(f"{table}.scrollWidth <= {table}.clientWidth")


def test_every_link_of_the_index_leads_to_a_report_by_its_name(
    browser: Browser, outputs: Path
) -> None:
    browser.look()
    browser.open(index_of(outputs))
    links = browser.run(
        "[...document.querySelectorAll('main li a')].map(a => [a.textContent.trim(), a.href])"
    )
    folders = {file.parent.name for file in (outputs / "units").glob("*/report.html")}
    assert len(folders) > 10
    assert {unquote(urlsplit(address).path).split("/")[-2] for _, address in links} == folders
    assert len({name for name, _ in links}) == len(links)
    # By the keyboard: the last link, Enter, and the unit's own page is there.
    name, address = links[-1]
    for _ in range(len(links) + 20):
        browser.press("Tab")
        if browser.run("document.activeElement.href") == address:
            break
    browser.press("Enter")
    browser.wait_for(f"location.href === {address!r} && document.readyState === 'complete'")
    assert name in browser.run("document.querySelector('.cover').innerText")


def test_a_unit_is_picked_with_arrows_and_its_rows_are_reached_next(
    browser: Browser, outputs: Path
) -> None:
    browser.look()
    browser.open(comparison_of(outputs))
    for _ in range(60):
        browser.press("Tab")
        if browser.run("document.activeElement.id") == "picker-unit":
            break
    browser.press("ArrowDown")
    browser.press("ArrowDown")
    picked = browser.run("document.activeElement.selectedOptions[0].text")
    browser.wait_for("document.getElementById('picker-said').textContent !== ''")
    assert picked in browser.run("document.getElementById('picker-said').textContent")
    browser.press("Tab")
    assert browser.run("document.activeElement.closest('#picker-table') !== null")


def test_differences_are_copied_with_a_minus_that_spreadsheets_read(
    browser: Browser, outputs: Path
) -> None:
    browser.look()
    browser.open(comparison_of(outputs))
    tab_to(browser, copy_of_figures(browser))
    printed = browser.run(PRINTED)
    browser.press("Enter")
    browser.wait_for("document.getElementById('status').textContent !== ''")
    copied = browser.pasted()
    assert "\u2212" in str(printed)
    assert "\u2212" not in copied
    assert ";-" in copied
    assert same_figures(copied, printed)
