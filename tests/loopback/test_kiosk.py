"""The browser window: how it is started, and a real one that gets in through a local page."""

import asyncio
import os
import stat
import sys
from pathlib import Path

import pytest

from tests.loopback.site import running
from vigfield.loopback import kiosk

URL = "http://127.0.0.1:8123/launch#the-secret"


def test_the_link_is_not_on_the_command_line(tmp_path: Path) -> None:
    kiosk.write_page(tmp_path, URL)
    arguments = kiosk.launch_arguments(tmp_path)
    assert "secret" not in " ".join(arguments)
    assert f"--app={(tmp_path / 'open.html').as_uri()}" in arguments
    assert {"--incognito", "--disable-breakpad", f"--user-data-dir={tmp_path / 'profile'}"} <= set(arguments)
    assert "--no-sandbox" not in arguments
    assert "--no-sandbox" in kiosk.launch_arguments(tmp_path, without_sandbox=True)


@pytest.mark.skipif(sys.platform == "win32", reason="modes are a Unix thing")
def test_the_page_is_for_this_user_only(tmp_path: Path) -> None:
    page = kiosk.write_page(tmp_path, URL)
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert URL in page.read_text()
    with pytest.raises(FileExistsError):
        kiosk.write_page(tmp_path, URL)


def test_a_browser_is_found_by_platform(tmp_path: Path) -> None:
    assert kiosk.find_browser("linux", {"PATH": str(tmp_path)}) is None
    program = tmp_path / "google-chrome"
    program.touch(0o700)
    assert kiosk.find_browser("linux", {"PATH": str(tmp_path)}) == program
    edge = tmp_path / "Microsoft" / "Edge" / "Application" / "msedge.exe"
    edge.parent.mkdir(parents=True)
    edge.touch()
    assert kiosk.find_browser("win32", {"PROGRAMFILES": "", "PROGRAMFILES(X86)": str(tmp_path)}) == edge
    assert kiosk.find_browser("win32", {}) is None


def test_without_a_chromium_the_default_browser_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kiosk, "find_browser", lambda *_: None)
    monkeypatch.setattr(kiosk.webbrowser, "open", lambda _: True)
    borrowed = asyncio.run(kiosk.open_kiosk(URL))
    assert isinstance(borrowed, kiosk.Borrowed)
    assert URL in borrowed.page.read_text()
    borrowed.forget_link()
    assert not borrowed.page.parent.exists()
    monkeypatch.setattr(kiosk.webbrowser, "open", lambda _: False)
    assert asyncio.run(kiosk.open_kiosk(URL, tmp_path / "no-such-browser")) == kiosk.NoBrowser()


@pytest.mark.browser
def test_a_real_window_gets_in_by_its_local_page(chromium: str) -> None:
    async def go() -> None:
        async with running() as site:
            guard = site.server.guard
            launched = asyncio.Event()
            guard.on_launched.append(launched.set)
            root = hasattr(os, "geteuid") and os.geteuid() == 0
            window = await kiosk.open_kiosk(
                guard.new_launch_url(), Path(chromium), without_sandbox=root, extra=["--headless=new"]
            )
            assert isinstance(window, kiosk.Kiosk)
            folder = window._folder
            async with asyncio.timeout(60):
                await launched.wait()
                await site.ui.shown.wait()
            window.forget_link()
            assert not (folder / "open.html").exists()
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            await window.close()
            assert not folder.exists()

    asyncio.run(go())
