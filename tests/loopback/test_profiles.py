"""Browser profiles that were left behind: ours are removed, and nothing else is, whatever looks like one."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app.kit import tree
from tests.conftest import is_root
from vigfield.loopback import kiosk, profiles

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such lock")

ROOT = Path(__file__).resolve().parents[2]
OPEN = """
import asyncio, json, sys
from pathlib import Path
from vigfield.loopback import kiosk
async def main():
    root = sys.argv[2] == "root"
    window = await kiosk.open_kiosk(
        "http://127.0.0.1:9/", Path(sys.argv[1]), without_sandbox=root, extra=["--headless=new"]
    )
    print(json.dumps([str(window._folder), window.pid]), flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of its own for this machine's windows."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def left_behind(parent: Path) -> Path:
    """What a killed vigfield leaves."""
    folder = profiles.Folder.make()
    assert folder.path.parent == parent
    kiosk.write_page(folder.path, "http://127.0.0.1:9/launch/x")
    (folder.path / "profile" / "Default").mkdir(parents=True)
    (folder.path / "profile" / "Default" / "Preferences").write_text("{}")
    folder.let_go()
    return folder.path


def test_a_folder_that_was_left_behind_is_removed(temporary: Path) -> None:
    left_behind(temporary)
    left_behind(temporary)
    assert profiles.remove_left_behind() == 2
    assert list(temporary.iterdir()) == []


def test_a_folder_in_use_stays_until_it_is_let_go(temporary: Path) -> None:
    folder = profiles.Folder.make()
    assert profiles.remove_left_behind() == 0
    assert folder.path.is_dir()
    assert folder.remove()
    assert list(temporary.iterdir()) == []


def renamed(path: Path) -> None:
    path.rename(path.with_name("vigfield-notes"))


def longer(path: Path) -> None:
    path.rename(path.with_name(f"{path.name}x"))


def shared(path: Path) -> None:
    path.chmod(0o755)


def with_something_else(path: Path) -> None:
    (path / "film.mp4").write_text("x")


def without_a_lock(path: Path) -> None:
    (path / "held").unlink()


def with_a_link_for_a_lock(path: Path) -> None:
    (path / "held").rename(path.parent / "elsewhere")
    (path / "held").symlink_to(path.parent / "elsewhere")


def a_link(path: Path) -> None:
    path.rename(path.with_name("real"))
    path.symlink_to(path.with_name("real"))


def used_by_the_browser(path: Path) -> None:
    (path / "profile" / "SingletonLock").symlink_to(f"somewhere-{os.getpid()}")


def somebody_elses(path: Path) -> None:
    if not is_root():
        pytest.skip("needs root")
    os.chown(path, 65534, 65534)


def a_file(path: Path) -> None:
    path.rename(path.with_name("real"))
    path.write_text("x")


@pytest.mark.parametrize(
    "spoil",
    [
        renamed,
        longer,
        shared,
        with_something_else,
        without_a_lock,
        with_a_link_for_a_lock,
        a_link,
        used_by_the_browser,
        somebody_elses,
        a_file,
    ],
)
def test_what_is_not_beyond_doubt_ours_is_left_alone(temporary: Path, spoil: Callable[[Path], None]) -> None:
    spoil(left_behind(temporary))
    before = tree(temporary)
    assert profiles.remove_left_behind() == 0
    assert tree(temporary) == before


def test_a_folder_that_a_living_process_names_is_left_alone(temporary: Path, tmp_path: Path) -> None:
    path = left_behind(temporary)
    proc = tmp_path / "proc"
    (proc / "77").mkdir(parents=True)
    (proc / "self").mkdir()
    (proc / "77" / "cmdline").write_bytes(
        b"chromium\0--user-data-dir=" + os.fsencode(path / "profile") + b"\0"
    )
    assert profiles.remove_left_behind(proc=proc) == 0
    (proc / "77" / "cmdline").write_bytes(b"chromium\0--user-data-dir=/tmp/vigfield-other/profile\0")
    assert profiles.remove_left_behind(proc=proc) == 1


def test_a_link_inside_is_not_followed(temporary: Path) -> None:
    path = left_behind(temporary)
    (temporary / "precious").mkdir()
    (temporary / "precious" / "film").write_text("x")
    (path / "profile" / "link").symlink_to(temporary / "precious")
    assert profiles.remove_left_behind() == 1
    assert tree(temporary) == {"precious/film": b"x"}


@pytest.mark.browser
def test_after_a_kill_the_profile_goes_once_the_browser_has_gone(temporary: Path, chromium: str) -> None:
    line = [sys.executable, "-c", OPEN, chromium, "root" if is_root() else ""]
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(line, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as vigfield:
        assert vigfield.stdout is not None
        folder, browser = json.loads(vigfield.stdout.readline())
        asyncio.run(until((Path(folder) / "profile").is_dir))
        assert profiles.remove_left_behind() == 0  # both live
        vigfield.kill()
        vigfield.wait()
    assert profiles.remove_left_behind() == 0  # the browser outlives vigfield
    assert Path(folder).is_dir()
    os.kill(browser, signal.SIGKILL)
    asyncio.run(until(lambda: profiles.remove_left_behind() == 1))
    asyncio.run(until(lambda: not Path(folder).exists()))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  a process of its own has no event for us
            await asyncio.sleep(0.05)
