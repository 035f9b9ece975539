"""The report on localhost while it is being written: built anew when a file changes.

The page is a frame around the report; it asks for the version every half
second and reloads the report when that has changed. An error shows in the
frame, with file and line, and the last good report comes back when it is mended.
"""

from __future__ import annotations

import html
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from evaluation.loading.texts import load_texts
from evaluation.pipeline.build import build_report
from evaluation.pipeline.load import load_study
from evaluation.problems import Problem, Severity, stops
from evaluation.rendering.html import render_html
from evaluation.rendering.palette import check_theme
from evaluation.rendering.problems import problems_html
from evaluation.rendering.theme import load_theme

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

POLL_SECONDS = 0.5
FRAME = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>
<style>html,body,main,iframe{{margin:0;border:0;width:100%;height:100%;display:block}}
h1{{position:absolute;width:1px;height:1px;margin:0;overflow:hidden;clip-path:inset(50%)}}</style></head>
<body><main><h1>{title}</h1><iframe id="report" title="{title}" src="/report"></iframe></main>
<script>
let seen = null;
async function look() {{
  try {{
    const version = await (await fetch("/version", {{cache: "no-store"}})).text();
    if (seen !== null && version !== seen) {{
      const frame = document.getElementById("report");
      const at = frame.contentWindow.scrollY;
      frame.onload = () => frame.contentWindow.scrollTo(0, at);
      frame.contentWindow.location.reload();
    }}
    seen = version;
  }} catch {{ seen = seen; }}
  setTimeout(look, {poll});
}}
look();
</script></body></html>
"""


@dataclass
class Preview:
    """The newest page of a study; ``refresh`` rebuilds it when a file has changed."""

    path: Path
    language: str = "sv"
    page: bytes = b""
    version: int = 0
    stamp: tuple[tuple[str, int, int], ...] = ()
    lock: threading.Lock = field(default_factory=threading.Lock)

    def refresh(self) -> bool:
        """Build the page if anything in the study folder has changed since the last time."""
        stamp = self._stamp()
        if stamp == self.stamp:
            return False
        page = self._build()
        with self.lock:
            self.page, self.stamp = page, stamp
            self.version += 1
        return True

    def _build(self) -> bytes:
        """Build the page; whatever fails is shown in it, and the preview goes on."""
        try:
            return build_page(self.path)
        except Exception as error:
            return failure_page(error, self.path)

    def _stamp(self) -> tuple[tuple[str, int, int], ...]:
        files = sorted(
            path
            for path in self.path.rglob("*")
            if path.is_file() and not _is_aside(path.relative_to(self.path))
        )
        found = []
        for path in files:
            try:
                status = path.stat()
            except OSError:  # an editor may replace a file at this very moment
                continue
            found.append((str(path), status.st_mtime_ns, status.st_size))
        return tuple(found)


def _is_aside(path: Path) -> bool:
    """Tell whether a path within the study is an editor's or the product's own."""
    return any(part.startswith((".", "__", "~")) for part in path.parts)


def failure_page(error: Exception, path: Path) -> bytes:
    """Return a page for what no check foresaw, with the place in the study if one is known."""
    texts = load_texts("sv")
    named = getattr(error, "filename", None)
    file = named if isinstance(named, str) else ""
    problem = Problem(
        "preview-failed",
        Severity.STOP,
        file=file,
        row=getattr(error, "lineno", None) or 0,
        value=f"{type(error).__name__}: {error}",
    )
    return problems_html((problem,), texts, path.name)


def build_page(path: Path) -> bytes:
    """Return the report of a study as HTML, or the page of its problems."""
    study, problems = load_study(path)
    if study is None:
        return problems_html(problems, load_texts("sv"), path.name)
    texts = study.folder.texts
    if not study.is_sound:
        return problems_html(problems, texts, path.name)
    built = build_report(study)
    if built.value is None or stops(built.problems):
        return problems_html((*problems, *built.problems), texts, path.name)
    theme = load_theme(study.folder.study.report.theme, (path / "themes",))
    if stops(check_theme(theme)):
        return problems_html((*problems, *check_theme(theme)), texts, path.name)
    return render_html(built.value.report, theme)


def make_server(preview: Preview, port: int) -> ThreadingHTTPServer:
    """Return a server on localhost for a preview; port 0 picks a free one."""

    class Handler(BaseHTTPRequestHandler):
        """Answers three paths: the frame, the report, its version."""

        def do_GET(self) -> None:
            """Answer a request."""
            if self.path == "/version":
                self._send(str(preview.version).encode(), "text/plain")
            elif self.path == "/report":
                with preview.lock:
                    page = preview.page
                self._send(page, "text/html; charset=utf-8")
            elif self.path == "/":
                title = html.escape(preview.path.resolve().name)
                frame = FRAME.format(
                    title=title, language=preview.language, poll=int(POLL_SECONDS * 1000)
                )
                self._send(frame.encode("utf-8"), "text/html; charset=utf-8")
            else:
                self.send_error(404)

        def _send(self, content: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing: requests come every half second."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def serve(
    path: Path,
    port: int,
    say: Callable[[str], None],
    keep_going: Callable[[], bool] = lambda: True,
) -> None:
    """Serve a study until interrupted.

    Parameters
    ----------
    path
        Study folder.
    port
        Port on localhost, 0 for any free one.
    say
        Told the address, and each rebuild with its seconds.
    keep_going
        Asked before each look; for tests.
    """
    preview = Preview(path)
    preview.refresh()
    server = make_server(preview, port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    say(f"http://127.0.0.1:{server.server_address[1]}/")
    try:
        while keep_going():
            time.sleep(POLL_SECONDS)
            start = time.perf_counter()
            if preview.refresh():
                say(f"{time.perf_counter() - start:.1f} s")
    except KeyboardInterrupt:
        pass
    finally:
        server.shutdown()
        server.server_close()
