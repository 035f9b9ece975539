"""Chromium by its debugging pipe: no driver, no port, nothing but the standard library.

Messages are JSON, each ended by a null byte, on file descriptors 3 and 4
(https://chromedevtools.github.io/devtools-protocol/).
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import TracebackType

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)

AXE = Path(__file__).resolve().parent / "vendor" / "axe-core" / "axe.min.js"

KEYS = {
    "Tab": (9, "", "Tab"),
    "Enter": (13, "\r", "Enter"),
    "Escape": (27, "", "Escape"),
    "Space": (32, " ", " "),
    "ArrowDown": (40, "", "ArrowDown"),
    "ArrowRight": (39, "", "ArrowRight"),
    "V": (86, "", "v"),
}
"""Number, text and name of each key that tests press, by its code."""

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@dataclass
class Browser:
    """A headless Chromium with one page; use it in a ``with`` statement."""

    profile: Path
    events: list[dict[str, Any]] = field(default_factory=list)
    _last: int = 0
    _session: str = ""
    _buffer: bytes = b""

    def __enter__(self) -> Browser:
        ours_read, theirs_write = os.pipe()
        theirs_read, ours_write = os.pipe()

        def connect() -> None:
            # High numbers first, so that 3 and 4 are free to be taken.
            read, write = os.dup2(theirs_read, 100), os.dup2(theirs_write, 101)
            os.dup2(read, 3)
            os.dup2(write, 4)

        assert CHROMIUM is not None
        self._process = subprocess.Popen(
            [
                CHROMIUM,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-extensions",
                "--no-first-run",
                "--hide-scrollbars",
                "--remote-debugging-pipe",
                f"--user-data-dir={self.profile}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=connect,  # noqa: PLW1509
            close_fds=False,
        )
        os.close(theirs_read)
        os.close(theirs_write)
        self._read, self._write = ours_read, ours_write
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        self._call("Page.bringToFront")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(20)
        os.close(self._read)
        os.close(self._write)

    def look(
        self, *, width: int = 1280, height: int = 900, dark: bool = False, zoom: float = 1
    ) -> None:
        """Set the size of the window (CSS pixels at 100 %), the colour scheme and the zoom."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=round(width / zoom),
            height=round(height / zoom),
            deviceScaleFactor=zoom,
            mobile=False,
        )
        scheme = "dark" if dark else "light"
        self._call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    def open(self, file: Path) -> None:
        """Load a file and wait until it is complete."""
        self.events.clear()
        self._call("Page.navigate", url=file.as_uri())
        self.wait_for("document.readyState === 'complete' && document.fonts.status === 'loaded'")

    def visit(self, address: str) -> None:
        """Load an address of this machine and wait until it is complete."""
        self.events.clear()
        self._call("Page.navigate", url=address)
        self.wait_for("document.readyState === 'complete'")

    def open_still(self, file: Path) -> None:
        """Load a file whose scripts do not run."""
        self.events.clear()
        self._call("Page.navigate", url=file.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self._take()

    def scripts(self, *, allowed: bool) -> None:
        """Let pages run their scripts, or not."""
        self._call("Emulation.setScriptExecutionDisabled", value=not allowed)

    def visible_text(self) -> str:
        """Return the text that is shown, without running a script."""
        shot = self._call("DOMSnapshot.captureSnapshot", computedStyles=["display", "visibility"])
        strings = shot["strings"]
        layout = shot["documents"][0]["layout"]
        return " ".join(strings[text] for text in layout["text"] if text >= 0)

    def media(self, kind: str = "", **features: str) -> None:
        """Emulate a medium ("print") and preferences (``forced_colors="active"``) until told else."""
        wanted = [{"name": k.replace("_", "-"), "value": v} for k, v in features.items()]
        self._call("Emulation.setEmulatedMedia", media=kind, features=wanted)

    def violations(self, *, targets: bool = True) -> list[Any]:
        """Run axe-core on the page as it stands; rule and elements of each violation.

        Its rule of WCAG 2.2 on the size of targets is switched on too, but for paper.
        """
        self.run(AXE.read_text(encoding="utf-8") + ";0")
        found = self.run(
            "axe.run(document, {resultTypes: ['violations'],"
            f" rules: {{'target-size': {{enabled: {json.dumps(targets)}}}}}}})"
            ".then(r => JSON.stringify("
            "r.violations.map(v => [v.id, v.nodes.map(n => n.html.slice(0, 200))])))"
        )
        return list(json.loads(found))

    def open_everything(self) -> None:
        """Show every interactive chart and every table of figures."""
        self.run(
            "document.querySelectorAll('button[data-chart]').forEach(b => b.click());"
            "document.querySelectorAll('details').forEach(d => { d.open = true; })"
        )
        self.wait_for(
            "[...document.querySelectorAll('.live')].every(e => e.dataset.drawn === 'yes')", 60
        )

    def in_print(self, script: str) -> Any:
        """Evaluate JavaScript as if the page were printed."""
        self._call("Emulation.setEmulatedMedia", media="print")
        try:
            # What was folded up is laid out with the next frame.
            self.draw()
            return self.run(script)
        finally:
            self._call("Emulation.setEmulatedMedia", media="")

    def run(self, script: str) -> Any:
        """Evaluate JavaScript in the page and return its (awaited) value."""
        answer = self._call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def wait_for(self, condition: str, seconds: float = 20.0) -> None:
        """Wait until an expression is true; a page that is just being left is asked again."""
        end = time.monotonic() + seconds
        while not self._holds(condition):
            if time.monotonic() > end:
                raise TimeoutError(condition)
            time.sleep(0.05)

    def _holds(self, condition: str) -> bool:
        try:
            return bool(self.run(f"!!({condition})"))
        except RuntimeError as error:
            if "navigated" in str(error):
                return False
            raise

    def draw(self) -> None:
        """Wait until what has changed is laid out."""
        self.run("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")

    def press(self, key: str, *, shift: bool = False, command: str = "") -> None:
        """Press a key: ``Tab``, ``Enter``, ``Escape``, ``Space`` or an arrow.

        A command of the editor, such as ``paste``, is what the key stands for in the
        operating system; Chromium without a window does not know that by itself.
        """
        number, text, name = KEYS[key]
        for kind in ("keyDown", "keyUp"):
            is_down = kind == "keyDown"
            self._call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=name,
                code=key,
                windowsVirtualKeyCode=number,
                modifiers=8 if shift else 0,
                **({"text": text} if text and is_down else {}),
                **({"commands": [command]} if command and is_down else {}),
            )

    def pasted(self) -> str:
        """Return what a reader gets who pastes into an empty text area."""
        self.run(
            "(() => { const a = document.createElement('textarea'); a.id = 'pasted-here';"
            " document.body.append(a); a.focus(); })()"
        )
        self.press("V", command="paste")
        return str(
            self.run(
                "(() => { const a = document.getElementById('pasted-here'); a.remove();"
                " return a.value; })()"
            )
        )

    def move(self, x: float, y: float) -> None:
        """Move the mouse."""
        self._call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def picture(self, file: Path, *, whole: bool = True) -> None:
        """Save a picture of the page, or of the window."""
        answer = self._call("Page.captureScreenshot", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(answer["data"]))

    def print_pdf(self, file: Path) -> None:
        """Print the page by its own style sheet."""
        answer = self._call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        file.write_bytes(base64.b64decode(answer["data"]))

    def complaints(self) -> list[str]:
        """Return what the page logged as error or warning, refused by its policy or not."""
        said = []
        for event in self.events:
            if event["method"] == "Log.entryAdded":
                said.append(event["params"]["entry"]["text"])
            elif event["method"] == "Runtime.exceptionThrown":
                said.append(str(event["params"]["exceptionDetails"]))
            elif event["method"] == "Runtime.consoleAPICalled":
                is_bad = event["params"]["type"] in ("error", "warning")
                said += [str(event["params"]["args"])] if is_bad else []
        return said

    def requests(self) -> list[str]:
        """Return the addresses that were asked for, data addresses aside."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
            and not event["params"]["request"]["url"].startswith(("data:", "blob:"))
        ]

    def _call(self, method: str, /, **params: Any) -> dict[str, Any]:
        self._last += 1
        message: dict[str, Any] = {"id": self._last, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == message["id"]:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return dict(answer["result"])
            if "method" in answer:
                self.events.append(answer)

    def _take(self) -> None:
        """Receive one event."""
        answer = self._receive()
        if "method" in answer:
            self.events.append(answer)

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            chunk = os.read(self._read, 1 << 20)
            if not chunk:
                raise RuntimeError("Chromium ended")
            self._buffer += chunk
        message, _, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(message))
