"""The preview rebuilds when a file changes and shows problems in the page."""

from __future__ import annotations

import threading
import urllib.request

from evaluation.pipeline.preview import Preview, make_server
from tests.small_study import CHAPTER, small_study


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
