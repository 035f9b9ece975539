"""The preview rebuilds when a file changes and shows problems in the page."""

from __future__ import annotations

import threading
import urllib.request

import pytest

from evaluation.pipeline.preview import Preview, make_server
from tests.browser import Browser, needs_browser
from tests.small_study import CHAPTER, STUDY, small_study


def fetch(server, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.server_address[1]}{path}") as answer:
        return answer.read().decode("utf-8")


def test_a_change_makes_a_new_version_and_an_error_shows_with_its_line(tmp_path):
    study = small_study(tmp_path / "small")
    preview = Preview(study)
    assert preview.refresh()
    assert not preview.refresh()
    server = make_server(preview, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        assert "/report" in fetch(server, "/")
        assert fetch(server, "/version") == "1"
        assert "De flesta är utbildade." in fetch(server, "/report")
        chapter = study / "chapters" / "1.md"
        chapter.write_text(CHAPTER + "\n{{ n('staff.nothing', 1) }}\n", encoding="utf-8")
        assert preview.refresh()
        page = fetch(server, "/report")
        assert fetch(server, "/version") == "2"
        assert "staff.nothing" in page
        assert "chapters/1.md" in page
        assert str(len(CHAPTER.splitlines()) + 2) in page
        chapter.write_text(CHAPTER, encoding="utf-8")
        assert preview.refresh()
        assert "De flesta är utbildade." in fetch(server, "/report")
    finally:
        server.shutdown()
        server.server_close()


def test_a_study_under_a_hidden_folder_is_watched_too(tmp_path):
    study = small_study(tmp_path / ".home" / "small")
    preview = Preview(study)
    assert preview.refresh()
    (study / "chapters" / "1.md").write_text(CHAPTER + "\nEtt tillägg.\n", encoding="utf-8")
    assert preview.refresh()
    assert "Ett tillägg." in preview.page.decode()
    (study / "chapters" / ".1.md.swp").write_text("x", encoding="utf-8")
    assert not preview.refresh()


@pytest.mark.parametrize("name", ["staff.yaml", "data/staff.csv", "study.yaml"])
def test_codebook_and_data_are_watched_and_broken_ones_are_told(tmp_path, name):
    study = small_study(tmp_path / "small")
    preview = Preview(study)
    preview.refresh()
    good = (study / name).read_text(encoding="utf-8")
    (study / name).write_text("{ [ inte\x00 detta", encoding="utf-8")
    assert preview.refresh()
    page = preview.page.decode()
    assert name.rpartition("/")[2] in page
    assert "De flesta är utbildade." not in page
    (study / name).write_text(good, encoding="utf-8")
    assert preview.refresh()
    assert "De flesta är utbildade." in preview.page.decode()


def test_what_no_check_foresaw_is_shown_and_the_preview_goes_on(tmp_path, monkeypatch):
    study = small_study(tmp_path / "small")
    preview = Preview(study)

    def fail(path):
        raise RuntimeError("något oväntat")

    with monkeypatch.context() as patched:
        patched.setattr("evaluation.pipeline.preview.build_page", fail)
        assert preview.refresh()
    assert "RuntimeError: något oväntat" in preview.page.decode()
    (study / "chapters" / "1.md").touch()
    assert preview.refresh()
    assert "De flesta är utbildade." in preview.page.decode()


def test_a_theme_with_a_wrong_colour_is_told(tmp_path):
    study = small_study(tmp_path / "small", study=STUDY + "\nreport: {theme: own}\n")
    (study / "themes" / "own").mkdir(parents=True)
    theme = study / "themes" / "own" / "theme.yaml"
    theme.write_text('base: neutral\nprimary: "blå"\n', encoding="utf-8")
    preview = Preview(study)
    preview.refresh()
    assert "own/theme.yaml" in preview.page.decode()
    theme.write_text('base: neutral\nprimary: "#0b3c5d"\n', encoding="utf-8")
    assert preview.refresh()
    assert "De flesta är utbildade." in preview.page.decode()


@pytest.mark.browser
@needs_browser
def test_the_open_page_follows_the_files(tmp_path):
    study = small_study(tmp_path / "small")
    preview = Preview(study)
    preview.refresh()
    server = make_server(preview, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    inside = "(document.querySelector('iframe').contentDocument?.body?.innerText ?? '')"
    chapter = study / "chapters" / "1.md"
    try:
        with Browser(tmp_path / "chromium") as browser:
            browser.visit(f"http://127.0.0.1:{server.server_address[1]}/")
            browser.wait_for(f"{inside}.includes('De flesta är utbildade.')")
            assert browser.violations() == []
            chapter.write_text(CHAPTER + "\n{{ n('staff.nothing', 1) }}\n", encoding="utf-8")
            preview.refresh()
            browser.wait_for(f"{inside}.includes('chapters/1.md')")
            assert str(len(CHAPTER.splitlines()) + 2) in browser.run(inside)
            assert browser.violations() == []
            chapter.write_text(CHAPTER + "\nRättat nu.\n", encoding="utf-8")
            preview.refresh()
            browser.wait_for(f"{inside}.includes('Rättat nu.')")
    finally:
        server.shutdown()
        server.server_close()
