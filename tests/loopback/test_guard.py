"""Attacks on the local server: each gets nothing, and learns nothing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.loopback.site import Site, running
from vigfield import clock

SECRETS = ("Anna", "Larsson", "A name", "a file", "Traceback", "Error")


def attack(test: Callable[[Site], Coroutine[object, object, None]]) -> Callable[[], None]:
    """A test that is given a running server."""

    @wraps(test)
    def run() -> None:
        async def go() -> None:
            async with running() as site:
                await test(site)

        asyncio.run(go())

    del run.__wrapped__  # type: ignore[attr-defined]
    return run


def open_socket(site: Site, cookie: str, **headers: str) -> Awaitable[ClientConnection]:
    extra = {"Cookie": cookie, **headers}
    return connect(f"ws://{site.host}/ws", origin=site.origin, additional_headers=extra, compression=None)  # type: ignore[arg-type]


def says_nothing(text: str) -> bool:
    return not any(secret in text for secret in SECRETS)


async def knock(site: Site, cookie: str, host: str, origin: str) -> bytes:
    """The status of a WebSocket handshake made of these very headers."""
    answer = await site.raw(
        f"GET /ws HTTP/1.1\nHost: {host}\nOrigin: {origin}\nCookie: {cookie}\nConnection: Upgrade\n"
        "Upgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\n\n"
    )
    return answer.split()[1]


async def refuses_socket(site: Site, cookie: str, origin: str | None, **headers: str) -> bool:
    try:
        async with connect(
            f"ws://{site.host}/ws",
            origin=origin,  # type: ignore[arg-type]
            additional_headers={"Cookie": cookie, **headers},
        ):
            return False
    except InvalidStatus as refusal:
        return refusal.response.status_code == 403


@attack
async def test_the_launched_client_gets_in(site: Site) -> None:
    cookie = await site.cookie()
    assert "A name" in (await site.get("/", cookie)).text
    async with await open_socket(site, cookie) as socket:
        await socket.send("hello")
        assert await socket.recv() == "hello"


@attack
async def test_without_the_cookie_there_is_nothing(site: Site) -> None:
    right = await site.cookie()
    name, _, value = right.partition("=")
    for wrong in ("", f"{name}=", f"{name}=x", f"other={value}", f"{right}; {right}", f"{name}={value}x"):
        for path in ("/", "/file.js", "/media/film", "/media/film/index", "/capture/", "/player/", "/fail"):
            answer = await site.get(path, wrong)
            assert answer.status_code == 403
            assert says_nothing(answer.text)
        assert await refuses_socket(site, wrong, site.origin)
    assert (await site.get("/", f"other=1; {right}; more=2")).status_code == 200


@attack
async def test_a_wrong_host_gets_nothing(site: Site) -> None:
    cookie = await site.cookie()
    port = site.server.port
    for host in (
        f"localhost:{port}",
        "127.0.0.1",
        f"127.0.0.1:{port + 1}",
        f"evil.example:{port}",
        f"127.0.0.1:{port}.",
    ):
        assert (await site.get("/", cookie, Host=host)).status_code == 403
        assert (await site.get("/launch", Host=host)).status_code == 403
        assert await knock(site, cookie, host, f"http://{host}") == b"403"
        assert await knock(site, cookie, host, site.origin) == b"403"
    assert await knock(site, cookie, site.host, site.origin) == b"101"


@attack
async def test_a_header_twice_gets_nothing(site: Site) -> None:
    cookie = await site.cookie()
    once = f"GET / HTTP/1.1\nHost: {site.host}\nCookie: {cookie}\nConnection: close\n"
    assert b" 200 " in (await site.raw(once + "\n")).splitlines()[0]
    for twice in (f"Host: {site.host}", "Host: evil.example", f"Cookie: {cookie}"):
        answer = (await site.raw(f"{once}{twice}\n\n")).decode()
        assert answer.split()[1] in ("400", "403")
        assert says_nothing(answer)
    origins = f"Origin: {site.origin}\nOrigin: {site.origin}\n"
    assert (await site.raw(f"{once}{origins}\n")).split()[1] == b"403"
    assert (await site.raw(f"GET / HTTP/1.0\nCookie: {cookie}\n\n")).split()[1] in (b"400", b"403")


@attack
async def test_another_origin_gets_nothing(site: Site) -> None:
    cookie = await site.cookie()
    for origin in (
        "null",
        "http://evil.example",
        f"https://{site.host}",
        f"{site.origin}/",
        "http://127.0.0.1:1",
        "",
    ):
        assert (await site.get("/", cookie, Origin=origin)).status_code == 403
        assert (await site.launch(Origin=origin)).status_code == 403
        assert await refuses_socket(site, cookie, None, Origin=origin)
    assert await refuses_socket(site, cookie, None)
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        assert (await site.get("/", cookie, method)).status_code == 403


@attack
async def test_another_site_gets_nothing(site: Site) -> None:
    cookie = await site.cookie()
    for other in ("cross-site", "same-site", "rubbish"):
        assert (await site.get("/", cookie, Sec_Fetch_Site=other)).status_code == 403
        assert (await site.get("/launch", Sec_Fetch_Site=other)).status_code == 403
        assert await refuses_socket(site, cookie, site.origin, **{"Sec-Fetch-Site": other})


@attack
async def test_only_a_window_may_open_the_launch_page_from_elsewhere(site: Site) -> None:
    async def status(mode: str, destination: str, method: str = "GET") -> int:
        headers = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": mode, "Sec_Fetch_Dest": destination}
        return (await site.get("/launch", "", method, **headers)).status_code

    assert await status("navigate", "document") == 200
    for mode, destination in [
        ("navigate", "iframe"),
        ("no-cors", "script"),
        ("cors", "empty"),
        ("navigate", "embed"),
    ]:
        assert await status(mode, destination) == 403
    assert await status("navigate", "document", "POST") == 403
    token = site.token()
    crossed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert (await site.launch(token, **crossed)).status_code == 403
    assert (await site.launch(token)).status_code == 204


@attack
async def test_a_launch_link_works_once(site: Site) -> None:
    token = site.token()
    assert (await site.launch(token)).status_code == 204
    again = await site.launch(token)
    assert again.status_code == 403
    assert "set-cookie" not in again.headers
    assert says_nothing(again.text)


@attack
async def test_guesses_get_nothing_and_leave_the_link(site: Site) -> None:
    token = site.token()
    for guess in ("", "x", token[:-1], token + "x", token * 10, "\xff" * 50):
        assert (await site.launch(guess)).status_code == 403
    assert (await site.launch(token)).status_code == 204


@attack
async def test_an_older_link_is_dead(site: Site) -> None:
    old, new = site.token(), site.token()
    assert (await site.launch(old)).status_code == 403
    assert (await site.launch(new)).status_code == 204


def test_a_late_launch_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        async with running() as site:
            token = site.token(60)
            late = clock.monotonic() + 61
            monkeypatch.setattr(clock, "monotonic", lambda: late)
            assert (await site.launch(token)).status_code == 403
            assert (await site.launch()).status_code == 204

    asyncio.run(go())


@attack
async def test_the_cookie_is_for_this_page_only_and_for_no_script(site: Site) -> None:
    answer = await site.launch()
    attributes = {part.strip() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert attributes == {"HttpOnly", "SameSite=Strict", "Path=/"}
    assert answer.headers["cache-control"] == "no-store"


@attack
async def test_a_second_launch_takes_over(site: Site) -> None:
    closed: list[object] = []

    async def note(socket: object) -> None:
        closed.append(socket)

    async def fail(_: object) -> None:
        raise RuntimeError("Anna Larsson")

    site.server.guard.on_socket_closed += [fail, note]
    first = await site.cookie()
    async with await open_socket(site, first) as socket:
        await socket.send("hello")
        await socket.recv()
        second = await site.cookie()
        with pytest.raises(ConnectionClosed) as ended:
            await socket.recv()
        assert ended.value.rcvd is not None
        assert ended.value.rcvd.code == 4409
    assert (await site.get("/", first)).status_code == 403
    assert await refuses_socket(site, first, site.origin)
    assert (await site.get("/", second)).status_code == 200
    async with await open_socket(site, second) as socket:
        await socket.send("hello")
        assert await socket.recv() == "hello"
    (one, mine), (other, _) = site.ui.seen
    assert one is not None
    assert one != other
    assert closed[0] is mine


@attack
async def test_revoking_ends_everything(site: Site) -> None:
    cookie, token = await site.cookie(), ""
    async with await open_socket(site, cookie) as socket:
        token = site.token()
        await site.server.guard.revoke()
        with pytest.raises(ConnectionClosed):
            await socket.recv()
    assert (await site.get("/", cookie)).status_code == 403
    assert (await site.launch(token)).status_code == 403


@attack
async def test_launches_are_told_of(site: Site) -> None:
    told: list[bool] = []
    site.server.guard.on_launched.append(lambda: told.append(True))
    await site.launch("wrong")
    assert told == []
    await site.launch()
    assert told == [True]


@attack
async def test_every_answer_has_the_headers(site: Site) -> None:
    cookie = await site.cookie()
    paths = [
        "/",
        "/file.js",
        "/capture/",
        "/player/",
        "/media/film",
        "/media/film/index",
        "/no/such",
        "/launch",
    ]
    answers = [await site.get(path, cookie) for path in paths]
    answers += [
        await site.get("/"),
        await site.get("/fail", cookie),
        await site.launch("wrong"),
        await site.launch(),
    ]
    for answer in answers:
        assert answer.headers.get_list("cache-control") == ["no-store"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-embedder-policy"] == "require-corp"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert not {"access-control-allow-origin", "etag", "last-modified", "server"} & set(answer.headers)


@attack
async def test_only_our_framed_pages_may_be_framed(site: Site) -> None:
    cookie = await site.cookie()
    for path, allowed in {
        "/": "'none'",
        "/capture/": "'self'",
        "/player/": "'self'",
        "/launch": "'none'",
    }.items():
        rules = (await site.get(path, cookie)).headers["content-security-policy"]
        assert f"frame-ancestors {allowed}" in rules
    page = (await site.get("/", cookie)).headers["content-security-policy"]
    assert "'sha256-" in page
    assert "'unsafe-inline'" not in page.partition("script-src")[2].partition(";")[0]


@attack
async def test_failures_tell_nothing(site: Site) -> None:
    cookie = await site.cookie()
    for path in ("/fail", "/fail.html"):
        answer = await site.get(path, cookie)
        assert (answer.status_code, answer.content) == (500, b"")
    async with await open_socket(site, cookie) as socket:
        await socket.send("fail")
        with pytest.raises(ConnectionClosed) as ended:
            await socket.recv()
        assert ended.value.rcvd is not None
        assert (ended.value.rcvd.code, ended.value.rcvd.reason) == (1011, "")


def test_failures_are_logged_by_kind_only(caplog: pytest.LogCaptureFixture) -> None:
    async def go() -> None:
        async with running() as site:
            cookie = await site.cookie()
            await site.get("/fail", cookie)
            async with await open_socket(site, cookie) as socket:
                await socket.send("fail")
                with pytest.raises(ConnectionClosed):
                    await socket.recv()
            await site.get("/secret-path")

    with caplog.at_level(logging.DEBUG, logger="vigfield"), caplog.at_level(logging.INFO, logger="uvicorn"):
        asyncio.run(go())
    ours = [record for record in caplog.records if record.name.startswith(("vigfield", "uvicorn"))]
    text = "\n".join(logging.Formatter().format(record) for record in ours)
    assert text.count("RuntimeError") == 2
    assert "refused a http: cookie" in text
    assert says_nothing(text.replace("RuntimeError", ""))
    assert "secret-path" not in text
