"""A Chromium driven without Playwright, so that pages can be hidden: Playwright makes all count as shown."""

import itertools
import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.film import processes
from tests.film.browser import Server, wait_until

PATIENCE = 60


class Tab:
    """The camera page in the first tab of a window; a second tab can be put in front of it."""

    def __init__(self, wire: ClientConnection) -> None:
        self._wire = wire
        self._numbers = itertools.count(1)
        self._session: str | None = None
        [self._target] = [
            found["targetId"]
            for found in self._send("Target.getTargets")["targetInfos"]
            if found["type"] == "page"
        ]
        self._session = self._send("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]

    def _send(self, method: str, **parameters: object) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session is not None and not method.startswith("Target."):
            message["sessionId"] = self._session
        self._wire.send(json.dumps(message))
        while (answer := json.loads(self._wire.recv(PATIENCE))).get("id") != number:
            pass
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def ask(self, expression: str) -> Any:
        """What an expression is in the page, once its promise is kept."""
        found = self._send(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def open(self, server: Server) -> None:
        self._send("Page.navigate", url=f"{server.address}/capture/#{server.token}")
        self.wait("ready")

    def wait(self, phase: str, health: str = "none") -> None:
        state = [phase, health]
        read = "document.body && [document.body.dataset.phase, document.body.dataset.health]"
        wait_until(lambda: self.ask(read) == state, " ".join(state), PATIENCE)

    def tap(self) -> None:
        self.ask("document.getElementById('film-record').click()")

    @property
    def visibility(self) -> str:
        return str(self.ask("document.visibilityState"))

    def hide(self) -> None:
        """Another tab in front."""
        self._send("Target.createTarget", url="about:blank")
        wait_until(lambda: self.visibility == "hidden", "the page is hidden")

    def show(self) -> None:
        self._send("Target.activateTarget", targetId=self._target)
        wait_until(lambda: self.visibility == "visible", "the page is shown")

    def freeze(self) -> None:
        """As browsers do with hidden pages, to save power; Chromium does not freeze a page that is shown."""
        self._send("Page.setWebLifecycleState", state="frozen")

    def thaw(self) -> None:
        self._send("Page.setWebLifecycleState", state="active")


@contextmanager
def tab(executable: str, flags: Sequence[str]) -> Iterator[Tab]:
    """The only tab of a Chromium of its own, without a window on any screen."""
    with tempfile.TemporaryDirectory(prefix="unwatched-") as profile:
        arguments = ["--headless", "--no-sandbox", "--disable-breakpad", "--disable-gpu", "--no-first-run"]
        own = [f"--user-data-dir={profile}", "--remote-debugging-port=0", "about:blank"]
        process = subprocess.Popen([executable, *arguments, *flags, *own], stderr=subprocess.DEVNULL)
        try:
            with connect(_address(Path(profile)), max_size=None) as wire:
                yield Tab(wire)
        finally:
            family = processes.family(process.pid)
            process.terminate()
            process.wait(PATIENCE)
            # Its helpers write to the profile for a moment longer.
            wait_until(lambda: processes.are_gone(family), "the browser is gone", PATIENCE)


def _address(profile: Path) -> str:
    said = profile / "DevToolsActivePort"
    wait_until(lambda: said.exists() and len(said.read_text().split()) == 2, "the browser listens")
    port, path = said.read_text().split()
    return f"ws://127.0.0.1:{port}{path}"
