"""The processes that a browser consists of: found by what they are for, to be killed or stopped."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser

AUDIO = "--utility-sub-type=audio.mojom.AudioService"
CAPTURE = "--utility-sub-type=video_capture.mojom.VideoCaptureService"
GPU = "--type=gpu-process"
RENDERER = "--type=renderer"


def pid_of(browser: Browser) -> int:
    """The process that a browser's other processes descend from, as the browser itself names it."""
    session = browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    [pid] = [process["id"] for process in found if process["type"] == "browser"]
    return int(pid)


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    return [pid, *_descendants(pid)]


def helpers(pid: int, kind: str) -> list[int]:
    """The browser's processes that were started with this argument."""
    return [helper for helper in _descendants(pid) if kind.encode() in _arguments(helper)]


def are_gone(pids: Sequence[int]) -> bool:
    """Whether none of these processes runs any more."""
    return not any(any(_arguments(pid)) for pid in pids)


def kill(pids: Sequence[int]) -> None:
    """kill -9; at least one, or a test would try nothing."""
    assert pids, "no such process"
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


@contextmanager
def stopped(pids: Sequence[int]) -> Iterator[None]:
    """These processes stand still, as all do on a computer that sleeps."""
    assert pids, "no such process"
    for pid in pids:
        _send(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(pids):
            _send(pid, signal.SIGCONT)


def _send(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (parent := _parent(folder)):
            children.setdefault(parent, []).append(int(folder.name))
    found, waiting = [], list(children.get(pid, []))
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def _parent(folder: Path) -> int | None:
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def _arguments(pid: int) -> list[bytes]:
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return []
    # Chromium may write its arguments anew, with spaces between them.
    return line.replace(b"\0", b" ").split(b" ")
