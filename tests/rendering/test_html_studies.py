"""The pages of the bundled studies in Chromium, with all that can be opened.

Axe takes seconds a page: zoom is looked at with the sample report only, whose
page at 200 % is laid out as that of a window of 640 pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from evaluation.pipeline.load import load_study
from evaluation.pipeline.report import write_report
from tests.browser import Browser, needs_browser
from tests.paths import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_browser]

STUDIES = sorted(path.parent.name for path in (REPOSITORY / "surveys").glob("*/study.yaml"))


@dataclass(frozen=True)
class View:
    """A way of looking at a page, and whether everything in it is opened first."""

    look: dict[str, Any]
    opened: bool = False
    medium: str = ""


VIEWS = {
    "desktop, opened": View({}, opened=True),
    "dark": View({"dark": True}),
    "telephone": View({"width": 320, "height": 640}),
    "dark telephone, opened": View({"width": 320, "height": 640, "dark": True}, opened=True),
    "print": View({}, medium="print"),
}


@pytest.fixture(scope="module", params=STUDIES)
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(request.param)
    study, _ = load_study(REPOSITORY / "surveys" / request.param)
    assert study is not None
    written = write_report(study, folder, formats=("html",))
    assert written.value is not None
    return folder / "report.html"


def show(browser: Browser, page: Path, view: View) -> None:
    browser.look(**view.look)
    if view.medium:
        browser.media(view.medium)
    browser.open(page)
    if view.opened:
        browser.open_everything()


@pytest.mark.parametrize("name", VIEWS)
def test_axe_finds_no_violation_and_the_page_keeps_to_its_width(
    browser: Browser, page: Path, name: str
) -> None:
    view = VIEWS[name]
    show(browser, page, view)
    try:
        assert browser.violations(targets=not view.medium) == []
        if not view.medium:
            assert browser.run("document.documentElement.scrollWidth <= innerWidth")
        assert browser.complaints() == []
        assert browser.requests() == [page.as_uri()]
    finally:
        browser.media()


def test_links_lead_somewhere_and_headings_leave_out_no_level(browser: Browser, page: Path) -> None:
    browser.look()
    browser.open(page)
    lost = browser.run(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.hash.slice(1))"
        ".filter(id => !document.getElementById(decodeURIComponent(id)))"
    )
    assert lost == []
    levels = browser.run(
        "[...document.querySelectorAll('main h1, main h2, main h3, main h4, main h5')]"
        ".map(h => Number(h.tagName[1]))"
    )
    assert levels[0] == 2
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert browser.run("document.documentElement.lang") == "sv"


def test_row_heads_stay_in_sight_in_every_table_on_a_telephone(
    browser: Browser, page: Path
) -> None:
    browser.look(width=320, height=640)
    browser.open(page)
    browser.open_everything()
    strays = browser.run(
        "[...document.querySelectorAll('.scroll')].filter(s => s.scrollWidth > s.clientWidth)"
        ".map(s => { s.scrollLeft = s.scrollWidth; const head = s.querySelector('th[scope=row]');"
        " return [s.querySelector('table').id, head.getBoundingClientRect().left"
        " - s.getBoundingClientRect().left, head.offsetWidth / s.clientWidth]; })"
        ".filter(([id, left, share]) => Math.abs(left) > 1 || share > 0.6)"
    )
    assert strays == []
    assert browser.run(
        "[...document.querySelectorAll('.scroll')].every(s => s.tabIndex === 0"
        " || s.scrollWidth <= s.clientWidth)"
    )


def test_on_paper_no_picture_or_row_is_cut_and_all_figures_are_there(
    browser: Browser, page: Path
) -> None:
    browser.look()
    browser.open(page)
    assert browser.in_print(
        "[...document.querySelectorAll('.chart details tbody th')]"
        ".every(e => e.checkVisibility({contentVisibilityAuto: true}) && e.offsetHeight > 0)"
    )
    assert browser.in_print(
        "[...document.querySelectorAll('tr, .picture.wide')]"
        ".every(e => getComputedStyle(e).breakInside === 'avoid')"
    )
    assert browser.in_print(
        "[...document.querySelectorAll('thead')].every(e => getComputedStyle(e).display ==="
        " 'table-header-group')"
    )
