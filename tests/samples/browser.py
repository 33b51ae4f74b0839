"""A headless Chromium driven over its own pipe (Chrome DevTools Protocol), with JavaScript switched off."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)
_LONGEST = 240.0
"""A browser that lives longer hangs; it is killed, which fails whoever waits for its answer."""


class Page:
    """The one page of a browser: a phone's or a desktop's, on which no script runs."""

    def __init__(self, commands: Any, answers: Any) -> None:
        self._commands = commands
        self._answers = answers
        self._numbers = itertools.count(1)
        self._session = ""
        self._heard: list[dict[str, Any]] = []
        self.complaints: list[str] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "DOM", "Log", "Network"):
            self._call(f"{domain}.enable")
        self._call("Emulation.setScriptExecutionDisabled", value=True)

    def resize(self, width: int, height: int) -> None:
        """Look at the page through a screen of that size; a narrow one is a phone's."""
        phone = width < 600
        size = {"width": width, "height": height}
        self._call("Emulation.setDeviceMetricsOverride", **size, deviceScaleFactor=1, mobile=phone)

    def open(self, url: str) -> None:
        """Go there."""
        self._call("Page.navigate", url=url)
        self._loaded()

    def submit(self, text: str) -> None:
        """Type into the field of the code, and press Enter."""
        root = self._call("DOM.getDocument", depth=0)["root"]["nodeId"]
        field = self._call("DOM.querySelector", nodeId=root, selector="#code")["nodeId"]
        self._call("DOM.focus", nodeId=field)
        self._call("Input.insertText", text=text)
        for kind in ("keyDown", "keyUp"):
            more = {"text": "\r"} if kind == "keyDown" else {}
            self._call("Input.dispatchKeyEvent", type=kind, key="Enter", windowsVirtualKeyCode=13, **more)
        self._loaded()

    def html(self) -> str:
        """Return the document as it stands."""
        root = self._call("DOM.getDocument", depth=0)["root"]["nodeId"]
        return str(self._call("DOM.getOuterHTML", nodeId=root)["outerHTML"])

    def overflow(self) -> float:
        """Return by how many pixels the content is wider than the screen."""
        told = self._call("Page.getLayoutMetrics")
        return float(told["cssContentSize"]["width"] - told["cssLayoutViewport"]["clientWidth"])

    def _loaded(self) -> None:
        while self._next()["method"] != "Page.loadEventFired":
            pass

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        said = {"id": number, "method": method, "params": params}
        if self._session:
            said["sessionId"] = self._session
        self._commands.write(json.dumps(said).encode() + b"\0")
        self._commands.flush()
        while True:
            told = self._read()
            if told.get("id") == number:
                assert "error" not in told, told
                return dict(told["result"])
            self._heard.append(told)

    def _next(self) -> dict[str, Any]:
        return self._heard.pop(0) if self._heard else self._read()

    def _read(self) -> dict[str, Any]:
        raw = bytearray()
        while (byte := self._answers.read(1)) != b"\0":
            assert byte, "the browser ended"
            raw += byte
        told: dict[str, Any] = json.loads(raw)
        if told.get("method") == "Log.entryAdded":
            self.complaints.append(told["params"]["entry"]["text"])
        return told


@contextmanager
def browser() -> Iterator[Page]:
    """Give the page of a browser that lives as long as the block."""
    profile = tempfile.mkdtemp(prefix="jinpu-browser-")
    to_read, commands = os.pipe()
    answers, to_write = os.pipe()
    line = f'exec chromium "$@" 3<&{to_read} 4>&{to_write}'
    process = subprocess.Popen(
        ["bash", "-c", line, "chromium", *_OPTIONS, f"--user-data-dir={profile}"],
        pass_fds=(to_read, to_write),
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    os.close(to_read)
    os.close(to_write)
    watchdog = threading.Timer(_LONGEST, process.kill)
    watchdog.start()
    try:
        with os.fdopen(commands, "wb") as writer, os.fdopen(answers, "rb") as reader:
            yield Page(writer, reader)
    finally:
        watchdog.cancel()
        process.terminate()
        process.wait()
        shutil.rmtree(profile, ignore_errors=True)
