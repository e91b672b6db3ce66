"""Where others could look: no secret is on a command line, in an environment or in an error's text."""

import io
import logging
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import is_root
from vigfield import __main__ as main
from vigfield import process

ROOT = Path(__file__).resolve().parents[1]
PASSPHRASE = "seven calm otters read maps"
NAME = "Quillfeather"
# Stands in for the browser: keeps a copy of the page with the launch link, then becomes the browser.
STAND_IN = """#!/bin/sh
for word in "$@"; do case "$word" in --app=file://*) cp "${{word#--app=file://}}" "{copy}.new";; esac; done
mv "{copy}.new" "{copy}"
exec {chromium} --headless=new "$@"
"""


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def family_of(process: int) -> list[Path]:
    """A process and all that it started, directly or not."""
    found, waiting = [], [process]
    while waiting:
        one = Path("/proc") / str(waiting.pop())
        found.append(one)
        for task in (one / "task").iterdir() if one.exists() else ():
            waiting += [int(child) for child in (task / "children").read_text().split()]
    return found


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A temporary folder with a short name: Chromium puts a socket in it."""
    with tempfile.TemporaryDirectory(prefix="vig-test-") as folder:
        yield Path(folder)


def readable(path: Path) -> bytes:
    """What somebody else could read there."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.mark.browser
@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_no_secret_is_on_a_command_line_or_in_an_environment(
    tmp_path: Path, temporary: Path, chromium: str
) -> None:
    copy, bin_ = tmp_path / "page", tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "chromium").write_text(STAND_IN.format(copy=copy, chromium=chromium))
    (bin_ / "chromium").chmod(0o700)
    environment = {
        **os.environ,
        "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}",
        "TMPDIR": str(temporary),
        "HOME": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    line = [sys.executable, "-m", "vigfield", "run", "--data", str(tmp_path / "vault")]
    line += ["--no-sandbox"] if is_root() else []
    with subprocess.Popen(line, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            until(copy.exists)
            until(lambda: not list(temporary.glob("vigfield-*/open.html")))  # the link has been used
            found = re.search(r"/launch#([\w-]{20,})", copy.read_text())
            assert found is not None
            processes = family_of(server.pid)
            told = {name: [readable(one / name) for one in processes] for name in ("cmdline", "environ")}
        finally:
            server.terminate()
            _, logged = server.communicate(timeout=60)
    assert server.returncode == 0, logged
    assert sum(b"--incognito" in one for one in told["cmdline"]) >= 1  # the browser was looked at
    assert len(processes) > 3
    everything = b"".join(told["cmdline"] + told["environ"]) + logged.encode()
    assert found[1].encode() not in everything
    assert not list(temporary.glob("vigfield-*"))


@pytest.fixture
def logging_restored() -> Iterator[None]:
    """What a command does to this process's logging is undone."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in process._QUIET}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


@pytest.mark.usefixtures("logging_restored")
@pytest.mark.parametrize("name", ["run", "demo", "status", "doctor"])
def test_no_command_prints_the_text_of_an_error(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise LookupError(f"{NAME} {PASSPHRASE}")

    async def failing_later(*_: object) -> None:
        failing()

    monkeypatch.setattr(main, "serve", failing_later)
    monkeypatch.setattr(main, "status", failing_later)
    monkeypatch.setattr(main, "gather", failing)
    monkeypatch.setattr(main, "harden", lambda: None)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSPHRASE}\n"))
    for hook in ("sys.excepthook", "threading.excepthook", "sys.unraisablehook"):
        monkeypatch.setattr(hook, lambda *_: None)  # put back as they were afterwards
    assert main.main([name, "--data", str(tmp_path / "vault")]) == 1
    said = capfd.readouterr()
    assert NAME not in said.err + said.out
    assert PASSPHRASE not in said.err + said.out
    assert "vigfield: Something went wrong" in said.err
    assert "LookupError" in said.err


def test_a_passphrase_on_standard_input_is_in_no_output(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "vigfield", "status", "--data", str(tmp_path / "none")]
    done = subprocess.run(
        line, cwd=ROOT, input=f"{PASSPHRASE}\n", capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert PASSPHRASE not in done.stdout + done.stderr
