"""A reader without a mouse: the whole page by Tab, the figures and copies of tables by keys.

The page is that of a bundled study, opened from a file as the reader gets it, by
presses of real keys; nothing is focused by a script.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

import pytest

from evaluation.pipeline.load import load_study
from evaluation.pipeline.report import write_report
from tests.browser import Browser, needs_browser
from tests.paths import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_browser]

STUDY = "samordningsforbund-2022"

# Whatever HTML lets the keyboard reach, in the order of the document.
STOPS = (
    "window.stops = [...document.querySelectorAll('a[href], area[href], button, select, input,"
    " textarea, summary, iframe, audio[controls], video[controls], [contenteditable], [tabindex]')]"
    ".filter(e => e.tabIndex >= 0 && !e.disabled && e.getAttribute('tabindex') !== '-1'"
    " && e.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true}))"
)
# Which of them has the focus, and how that is seen: outline, and the share of it in the window.
HERE = """(() => {
  const e = document.activeElement;
  if (e === document.body) return null;
  const s = getComputedStyle(e), r = e.getBoundingClientRect();
  const middle = [r.x + Math.min(r.width, 40) / 2, r.y + Math.min(r.height, 20) / 2];
  let ground = e;
  const clear = (p) => /rgba\\(.*, 0\\)/.test(getComputedStyle(p).backgroundColor);
  ground = e.parentElement;
  while (ground.parentElement && clear(ground)) ground = ground.parentElement;
  return {at: window.stops.indexOf(e), html: e.outerHTML.slice(0, 90), style: s.outlineStyle,
    width: parseFloat(s.outlineWidth), colour: s.outlineColor,
    ground: getComputedStyle(ground).backgroundColor,
    seen: r.width > 0 && r.height > 0 && r.x >= 0 && r.y >= -1 && r.y < innerHeight
      && r.x < innerWidth,
    on_top: !!document.elementFromPoint(...middle)
      && (e.contains(document.elementFromPoint(...middle))
        || document.elementFromPoint(...middle).contains(e))};
})()"""
STATE = (
    "JSON.stringify([location.href, window.stops.filter(e => e.isConnected).length,"
    " [...document.querySelectorAll('details')].map(d => d.open),"
    " [...document.querySelectorAll('.live')].map(l => l.hidden), document.activeElement.outerHTML])"
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(STUDY)
    study, _ = load_study(REPOSITORY / "surveys" / STUDY)
    assert study is not None
    assert write_report(study, folder, formats=("html",)).value
    return folder / "report.html"


@pytest.fixture
def calm(browser: Browser, page: Path) -> Iterator[Browser]:
    """The page for a reader who wants no motion, so that no scrolling is under way."""
    browser.look()
    browser.media(prefers_reduced_motion="reduce")
    browser.open(page)
    yield browser
    browser.media()


def settle(browser: Browser) -> None:
    """Wait until the sizes of tables have been looked at, which come with a frame."""
    browser.run("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")


def walk(browser: Browser, *, back: bool = False) -> list[dict[str, Any]]:
    """Press Tab until the page is left or begins anew; return each stop.

    Chromium stops by itself at a table that scrolls by a part of a pixel; no script can tell.
    """
    count = browser.run(f"{STOPS}; window.stops.length")
    seen = []
    for _ in range(count + 20):
        browser.press("Tab", shift=back)
        here = browser.run(HERE)
        if here is None or (seen and here["at"] == seen[0]["at"]):
            break
        if here["at"] >= 0 or not here["html"].startswith('<div class="scroll"'):
            seen.append(here)
    return seen


def tab_to(browser: Browser, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(browser.run(f"{STOPS}; window.stops.length") + 1):
        browser.press("Tab")
        if browser.run(f"document.activeElement.matches({selector!r})"):
            return
    raise AssertionError(f"{selector} is not reached")


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.1) of ``rgb(…)``."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


WAYS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "as it comes": ({}, {"a", "button", "summary"}),
    "all charts live": ({}, {"a", "button", "summary"}),
    "telephone, all opened": ({"width": 320, "height": 640}, {"a", "button", "div", "summary"}),
}
"""How the page is looked at, and what kinds of stops it has; ``div`` is a table that scrolls."""


@pytest.mark.parametrize("way", WAYS)
def test_tab_goes_through_everything_in_order_and_back(calm: Browser, way: str) -> None:
    look, kinds = WAYS[way]
    calm.look(**look)
    calm.media(prefers_reduced_motion="reduce")
    if way != "as it comes":
        calm.open_everything()
        calm.run("scrollTo(0, 0)")
    settle(calm)
    there = walk(calm)
    count = calm.run("window.stops.length")
    assert count > 200
    assert [stop["at"] for stop in there] == list(range(count))
    assert set(calm.run("window.stops.map(e => e.localName)")) == kinds
    assert [s for s in there if s["style"] != "solid" or s["width"] < 2] == []
    assert [s for s in there if contrast(s["colour"], s["ground"]) < 3] == []
    assert [s["html"] for s in there if not (s["seen"] and s["on_top"])] == []
    back = walk(calm, back=True)
    assert [stop["at"] for stop in back] == list(range(count))[::-1]


def test_arrows_move_a_table_that_is_wider_than_the_window(calm: Browser) -> None:
    calm.look(width=320, height=640)
    calm.media(prefers_reduced_motion="reduce")
    settle(calm)
    tab_to(calm, ".scroll")
    assert calm.run("document.activeElement.scrollWidth > document.activeElement.clientWidth")
    calm.press("ArrowRight")
    calm.wait_for("document.activeElement.scrollLeft > 0")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_key_opens_the_figures_of_a_chart_and_closes_them(calm: Browser, key: str) -> None:
    tab_to(calm, "figure.chart summary")
    figures = "document.activeElement.parentElement"
    shown = f"{figures}.open && {figures}.querySelector('tbody td').checkVisibility()"
    assert not calm.run(shown)
    calm.press(key)
    assert calm.run(shown)
    calm.draw()
    # The table's own copy is the next stop, or the table if it scrolls.
    calm.press("Tab")
    assert calm.run("document.activeElement.closest('details') !== null")
    calm.press("Tab", shift=True)
    calm.press(key)
    assert not calm.run(shown)


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_key_brings_a_chart_to_life_and_tab_leaves_it(calm: Browser, key: str) -> None:
    tab_to(calm, "button[data-chart]")
    chart = "document.getElementById(document.activeElement.dataset.chart)"
    name = calm.run("document.activeElement.textContent")
    calm.press(key)
    calm.wait_for(f"{chart}.querySelector('.live').dataset.drawn === 'yes'")
    assert calm.run("document.activeElement.textContent") != name
    calm.run(STOPS)
    at = calm.run("window.stops.indexOf(document.activeElement)")
    calm.press("Tab")
    assert calm.run("window.stops.indexOf(document.activeElement)") == at + 1
    calm.press("Tab", shift=True)
    assert calm.run("window.stops.indexOf(document.activeElement)") == at
    calm.press(key)
    assert calm.run(f"{chart}.querySelector('.live').hidden")
    assert calm.run("document.activeElement.textContent") == name


def test_escape_does_no_harm(calm: Browser) -> None:
    calm.open_everything()
    calm.run("scrollTo(0, 0)")
    settle(calm)
    for _ in range(calm.run(f"{STOPS}; window.stops.length")):
        calm.press("Tab")
        before = calm.run(STATE)
        calm.press("Escape")
        assert calm.run(STATE) == before
    assert calm.complaints() == []


# --- copying ----------------------------------------------------------------------------------

PRINTED = (
    "[...document.getElementById(document.activeElement.dataset.copy).rows].map(row =>"
    " [...row.cells].filter(c => c.matches('td.number')).map(c => c.innerText.trim()))"
    ".filter(row => row.length)"
)


def copy_of_figures(browser: Browser) -> str:
    """Return where the copy of the first table with decimals is, which stands unfolded."""
    name = browser.run(
        "[...document.querySelectorAll('button[data-copy]')].filter(b => b.checkVisibility())"
        ".map(b => b.dataset.copy).find(id => /\\d,\\d/.test(document.getElementById(id).innerText))"
    )
    return f"button[data-copy={name}]"


def numbers(text: str) -> list[list[str]]:
    """Return the cells of a copied table that hold figures, row by row."""
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert len({len(row) for row in rows}) == 1
    assert len(rows[0]) > 1
    return [[c for c in row[1:] if re.fullmatch(r"-?\d+(,\d+)?", c)] for row in rows]


def plain(rows: list[list[str]]) -> list[list[str]]:
    """Return figures as the page prints them the way spreadsheets read them."""
    spaces = re.compile(r"[\s\u00a0]")
    cells = [[spaces.sub("", c).replace("\u2212", "-") for c in row] for row in rows]
    return [[c for c in row if re.fullmatch(r"-?\d+(,\d+)?", c)] for row in cells]


def same_figures(text: str, printed: list[list[str]]) -> bool:
    """Tell whether a copy holds the figures of the page, row by row."""
    expected = [row for row in plain(printed) if row]
    return bool(expected) and [row for row in numbers(text) if row] == expected


def test_a_table_of_a_page_from_a_file_is_copied_by_a_key(calm: Browser) -> None:
    assert calm.run("location.protocol") == "file:"
    tab_to(calm, copy_of_figures(calm))
    printed = calm.run(PRINTED)
    calm.press("Enter")
    calm.wait_for("document.getElementById('status').textContent !== ''")
    assert calm.run("document.getElementById('status').getAttribute('role')") == "status"
    assert "CSV" in calm.run("document.getElementById('status').textContent")
    assert calm.run("document.activeElement.matches('button[data-copy].done')")
    assert same_figures(calm.pasted(), printed)


def test_where_no_script_may_copy_the_reader_does(calm: Browser) -> None:
    calm.run(
        "navigator.clipboard.writeText = () => Promise.reject(new DOMException('no'));"
        "document.execCommand = () => false"
    )
    tab_to(calm, copy_of_figures(calm))
    button = calm.run("document.activeElement.dataset.copy")
    printed = calm.run(PRINTED)
    calm.press("Space")
    calm.wait_for("document.activeElement.localName === 'textarea'")
    box = "document.activeElement"
    assert calm.run(f"{box}.labels.length") == 1
    assert calm.run(f"{box}.selectionEnd - {box}.selectionStart === {box}.value.length")
    assert same_figures(calm.run(f"{box}.value"), printed)
    calm.wait_for("document.getElementById('status').textContent.includes('markerad')")
    assert calm.violations() == []
    # Not a trap either, and Escape takes it away.
    calm.press("Tab")
    assert not calm.run("document.activeElement.localName === 'textarea'")
    calm.press("Tab", shift=True)
    calm.press("Escape")
    assert calm.run("document.querySelector('textarea')") is None
    assert calm.run("document.activeElement.dataset.copy") == button


# --- motion -----------------------------------------------------------------------------------


@pytest.mark.parametrize("wish", ["reduce", "no-preference"])
def test_nothing_moves_for_a_reader_who_wants_no_motion(
    browser: Browser, page: Path, wish: str
) -> None:
    browser.look()
    browser.media(prefers_reduced_motion=wish)
    try:
        browser.open(page)
        browser.open_everything()
        smooth = browser.run("getComputedStyle(document.documentElement).scrollBehavior")
        assert smooth == ("auto" if wish == "reduce" else "smooth")
        if wish == "no-preference":
            return
        moving = browser.run(
            "[...document.querySelectorAll('*')].filter(e => ['', '::before', '::after'].some(p =>"
            " { const s = getComputedStyle(e, p || null); return s.animationName !== 'none'"
            " || s.transitionDuration.split(', ').some(t => parseFloat(t) > 0)"
            " || (s.scrollBehavior && s.scrollBehavior !== 'auto'); })).map(e => e.outerHTML.slice(0, 90))"
        )
        assert moving == []
        assert browser.run("document.getAnimations().length") == 0
        # The last place of the contents is there at once.
        browser.run("scrollTo(0, 0)")
        tops = browser.run(
            "(() => { const link = [...document.querySelectorAll('.sidebar a')].at(-1);"
            " const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));"
            " link.click(); return [scrollY, target.getBoundingClientRect().top < innerHeight]; })()"
        )
        assert tops[0] > 0
        assert tops[1]
    finally:
        browser.media()
