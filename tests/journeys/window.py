"""The app in the window that it opens itself: its own kiosk code and flags, and what a test adds to them.

On the PATH of the app lies a `chromium` of ours that hands everything on to the real one, headless and with a
fake camera. It may run it under strace, and may leave out the flags that keep the profile empty.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, sync_playwright

from tests.film.kit import Source
from tests.journeys import scan
from tests.journeys.app import TIMEOUT, Tablet
from tests.journeys.browser import ALONE, LONG

ROOT = Path(__file__).parents[2]
EMPTYING = (
    "--incognito",
    "--disk-cache-*",
    "--media-cache-*",
    "--disable-breakpad",
    "--disable-crash-reporter",
)
TRACED = "openat,creat,write,pwrite64,writev,pwritev,pwritev2"
_PORT_FILE = "vigfield-*/profile/DevToolsActivePort"


@dataclass(frozen=True, slots=True)
class Manner:
    """How the browser is run: as shipped or with a normal profile, and where strace writes, if it is used."""

    source: Source
    trace: Path | None = None
    normal_profile: bool = False


def strace() -> str | None:
    """Where strace is; nothing when it is not on this machine or may not be used."""
    found = shutil.which("strace")
    works = found and subprocess.run([found, "-qq", "-o", os.devnull, "true"], check=False).returncode == 0
    return found if works else None


def _write_browser(folder: Path, real: str, manner: Manner) -> None:
    more = [
        "--headless=new",
        "--remote-debugging-port=0",
        "--window-size=1280,856",
        "--disable-gpu",
        "--disable-quic",
        f"--host-resolver-rules={ALONE}",
        *manner.source.flags(),
    ]
    program = [real]
    if manner.trace is not None:
        options = ["-ff", "--seccomp-bpf", "-qq", "-y", "-x", "-s", "4194304", "-e", "signal=none"]
        program = [str(strace()), *options, "-e", f"trace={TRACED}", "-o", "TRACE", real]
    line = " ".join(shlex.quote(word) for word in program)
    line = line.replace("TRACE", f"{shlex.quote(str(manner.trace))}/$$")
    left_out = "|".join(EMPTYING) if manner.normal_profile else "--no-such-flag"
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "chromium"
    script.write_text(f"""#!/bin/sh
for word do
  shift
  case "$word" in {left_out}) ;; *) set -- "$@" "$word" ;; esac
done
exec {line} "$@" {" ".join(shlex.quote(word) for word in more)}
""")
    script.chmod(0o755)


@dataclass(slots=True)
class Window:
    """A started app with its own window, and the page in it."""

    process: subprocess.Popen[bytes]
    page: Page
    pids: list[int]
    """The processes of the browser, and of strace, as they were last seen."""

    def look(self) -> list[int]:
        """The processes of the browser that there are now."""
        found = [pid for pid in scan.family_of(self.process.pid) if pid != self.process.pid]
        self.pids = sorted({*self.pids, *found})
        return found

    def kill_renderers(self, number: int) -> int:
        """Send a signal to every process that draws pages; how many there were."""
        pids = [pid for pid in self.look() if b"--type=renderer" in _line(pid)]
        for pid in pids:
            os.kill(pid, number)
        return len(pids)

    def kill_browser(self) -> None:
        """kill -9, all of it, also when the app is gone and it is nobody's child any more."""
        if self.process.poll() is None:
            self.look()
        for pid in self.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def kill_app(self) -> None:
        """kill -9 of the server; its window is left behind."""
        self.look()
        self.process.kill()
        self.process.wait(TIMEOUT)


def _line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@contextmanager
def window(machine: Tablet, real: str, manner: Manner) -> Iterator[Window]:
    """Start the app as a person does; at the end it is asked to stop, if it still runs."""
    folder = machine.root.parent / f"{machine.root.name}-bin"
    _write_browser(folder, real, manner)
    here = machine.root / "here"
    here.mkdir(exist_ok=True)
    for old in machine.temp.glob(_PORT_FILE):
        old.unlink()
    environment = {
        **machine.environment,
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    line = [sys.executable, "-m", "vigfield", "run", "--no-sandbox", "--data", str(machine.data)]
    with (machine.root / "log.txt").open("ab") as log:
        process = subprocess.Popen(line, cwd=here, env=environment, stdout=log, stderr=log)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{_port(machine, process)}")
            try:
                yield Window(process, _page(browser.contexts[0].pages), [])
            finally:
                _stop(process)
                with suppress(PlaywrightError):
                    browser.close()
    finally:
        _stop(process)


def _port(machine: Tablet, process: subprocess.Popen[bytes]) -> int:
    for _ in range(600):
        for path in machine.temp.glob(_PORT_FILE):
            if text := path.read_text():
                return int(text.split()[0])
        assert process.poll() is None, (machine.root / "log.txt").read_text()
        time.sleep(0.1)
    raise AssertionError("the browser does not answer")


def _page(pages: list[Page]) -> Page:
    [page] = pages
    page.set_default_timeout(LONG)
    page.set_viewport_size({"width": 1280, "height": 800})
    return page


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        process.wait(TIMEOUT)
