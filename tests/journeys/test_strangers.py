"""What is not the one launched window gets nothing: other origins, other tabs, old links, bare sockets."""

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import BrowserContext
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.journeys.app import Running, tablet
from tests.journeys.browser import Screen
from tests.journeys.browser import chromium as start_chromium
from tests.journeys.walk import CAREGIVER, CODE, INFANT, Walk

pytestmark = pytest.mark.browser

SECRETS = [CAREGIVER, INFANT, CODE]

HOSTILE = """
async target => {
    const tries = {
        fetch: () => fetch(target + '/').then(r => r.text()),
        post: () => fetch(target + '/launch', {method: 'POST', body: 'x'}).then(r => r.text()),
        media: () => fetch(target + '/media/claim', {method: 'POST'}).then(r => r.text()),
        setup: () => fetch(target + '/capture/setup').then(r => r.text()),
        image: () => new Promise((yes, no) => {
            const i = new Image(); i.onload = yes; i.onerror = no; i.src = target + '/favicon.png' }),
        script: () => new Promise((yes, no) => {
            const s = document.createElement('script'); s.onload = yes; s.onerror = no;
            s.src = target + '/flutter.js'; document.head.append(s) }),
        socket: () => new Promise((yes, no) => {
            const w = new WebSocket(target.replace('http', 'ws') + '/ws'); w.onopen = yes; w.onerror = no }),
        film: () => new Promise((yes, no) => {
            const w = new WebSocket(target.replace('http', 'ws') + '/rec'); w.onopen = yes; w.onerror = no }),
    };
    const got = {};
    for (const [name, attempt] of Object.entries(tries))
        got[name] = await attempt().then(() => 'got something', () => 'nothing');
    return got;
}
"""


@contextmanager
def another_origin(folder: Path) -> Iterator[str]:
    """A page of somebody else's, on another port of the same machine."""
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>elsewhere</title>")
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def unlocked(
    tmp_path_factory: pytest.TempPathFactory, chromium: str
) -> Iterator[tuple[Running, BrowserContext, Screen]]:
    """An open vault with a family on the screen of the one launched window."""
    with tablet(tmp_path_factory.mktemp("strangers")) as machine:
        app = machine.start()
        with start_chromium(chromium, machine.root / "profile", machine.environment) as context:
            screen = Screen(context.new_page())
            walk = Walk(screen)
            screen.open(app.url)
            walk.make_vault()
            walk.add_family()
            yield app, context, screen
        assert app.stop() == 0


Unlocked = tuple[Running, BrowserContext, Screen]


def _nothing_of_ours(text: str) -> bool:
    return not any(secret in text for secret in SECRETS)


def test_another_origins_page_gets_nothing(unlocked: Unlocked, tmp_path: Path) -> None:
    app, context, _ = unlocked
    with another_origin(tmp_path / "elsewhere") as elsewhere:
        page = context.new_page()
        page.goto(elsewhere)
        got = page.evaluate(HOSTILE, app.origin)
        page.close()
    assert len(got) == 8
    assert set(got.values()) == {"nothing"}, json.dumps(got)


def test_another_origin_cannot_frame_it(unlocked: Unlocked, tmp_path: Path) -> None:
    app, context, _ = unlocked
    with another_origin(tmp_path / "elsewhere") as elsewhere:
        page = context.new_page()
        page.goto(elsewhere)
        page.evaluate(
            """target => new Promise(done => { const f = document.createElement('iframe');
               f.onload = done; f.src = target + '/'; document.body.append(f) })""",
            app.origin,
        )
        framed = page.frames[1]
        assert framed.url.startswith("chrome-error:") or _nothing_of_ours(framed.content())
        assert framed.locator("flutter-view").count() == 0
        page.close()


@pytest.mark.parametrize("host", ["localhost", "vigfield.example", "127.0.0.1", "127.0.0.1:1"])
def test_a_wrong_host_gets_nothing(unlocked: Unlocked, host: str) -> None:
    app, _, _ = unlocked
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(f"{app.origin}/", headers={"Host": host}))
    assert refused.value.code == 403
    assert _nothing_of_ours(refused.value.read().decode())


@pytest.mark.parametrize("path", ["/ws", "/rec"])
def test_a_socket_without_the_cookie_gets_nothing(unlocked: Unlocked, path: str) -> None:
    app, _, _ = unlocked
    with pytest.raises(InvalidStatus) as refused:
        connect(app.origin.replace("http", "ws") + path, origin=app.origin, proxy=None)  # type: ignore[arg-type]
    assert refused.value.response.status_code == 403


def test_a_used_launch_link_gets_nothing(unlocked: Unlocked) -> None:
    app, context, screen = unlocked
    page = context.new_page()
    page.goto(app.url)
    page.get_by_text("from its icon").wait_for()
    assert page.locator("flutter-view").count() == 0
    page.close()
    screen.says(CODE)


def test_a_second_tab_is_locked_and_the_first_stays(unlocked: Unlocked) -> None:
    app, context, screen = unlocked
    second = Screen(context.new_page())
    second.open(app.origin + "/")
    second.see("unlock")
    assert _nothing_of_ours(second.dom())
    second.page.close()
    screen.says(CODE)
