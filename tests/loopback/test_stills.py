"""Pictures of a film over HTTP: one PNG of the film's size, no more bytes than that, and no cache."""

import asyncio
import json
import struct
import zlib
from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.loopback.site import Kept, KeptStills, Site, running
from vigfield.loopback.stills import LARGEST, is_picture_of

INDEX = {"pts": [0.0, 0.04, 0.08], "width": 4, "height": 2}
PRIVATE = {"cache-control", "cross-origin-resource-policy", "x-content-type-options"}
Put = Callable[[bytes, str], Awaitable[httpx.Response]]


def png(width: int = 4, height: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x14\x5a\x50" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def on(act: Callable[[Site, Put, str], Awaitable[None]], stills: KeptStills | None = None) -> None:
    async def go() -> None:
        film = Kept(b"film", INDEX, stills=stills or KeptStills())
        async with running(film) as site, httpx.AsyncClient(base_url=site.origin) as client:
            cookie = await site.cookie()

            async def put(data: bytes, frame: str) -> httpx.Response:
                headers = {"Cookie": cookie, "Origin": site.origin, "X-Frame": frame}
                return await client.put("/media/film/still", content=data, headers=headers)

            await act(site, put, cookie)

    asyncio.run(go())


def test_a_picture_is_kept_listed_shown_and_removed() -> None:
    async def act(site: Site, put: Put, cookie: str) -> None:
        kept = await put(png(), "2")
        assert (kept.status_code, kept.json()) == (201, {"number": 1, "frame": 2, "seconds": 0.08})
        assert (await site.get("/media/film/stills", cookie)).json() == [kept.json()]
        seen = await site.get("/media/film/still/1", cookie)
        assert (seen.content, seen.headers["content-type"]) == (png(), "image/png")
        assert seen.headers["cache-control"] == "no-store"
        assert set(seen.headers) >= PRIVATE
        assert not {"etag", "last-modified", "expires"} & set(seen.headers)
        removed = await site.get("/media/film/still/1", cookie, "DELETE", Origin=site.origin)
        assert removed.status_code == 204
        for method, more in (("GET", {}), ("DELETE", {"Origin": site.origin})):
            assert (await site.get("/media/film/still/1", cookie, method, **more)).status_code == 404

    on(act)


@pytest.mark.parametrize("frame", ["", "3", "-1", "1.0", "x", "9" * 40])
def test_a_frame_that_the_film_has_not_is_refused(frame: str) -> None:
    async def act(_: Site, put: Put, __: str) -> None:
        assert (await put(png(), frame)).status_code == 400

    on(act)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"\xff\xd8\xff\xe0 a JPEG \xff\xd9",
        png(4, 3),
        png()[:-1],
        png() + b"\0",
        png()[:20],
        b"<svg onload=alert(1)>",
    ],
)
def test_what_is_no_picture_of_the_film_is_refused(data: bytes) -> None:
    async def act(site: Site, put: Put, cookie: str) -> None:
        assert (await put(data, "0")).status_code == 400
        assert (await site.get("/media/film/stills", cookie)).json() == []

    assert not is_picture_of(data, INDEX)
    on(act)


def test_a_picture_that_is_too_large_is_refused() -> None:
    async def act(site: Site, put: Put, cookie: str) -> None:
        assert (await put(png() + bytes(LARGEST), "0")).status_code == 413
        assert (await site.get("/media/film/stills", cookie)).json() == []

    on(act)


def test_a_refusal_names_its_reason_and_nothing_else() -> None:
    async def act(site: Site, put: Put, cookie: str) -> None:
        refused = await put(png(), "0")
        assert (refused.status_code, refused.json()) == (409, {"why": "stills-refused"})
        for path in ("stills", "still/1"):
            answer = await site.get(f"/media/film/{path}", cookie)
            assert (answer.status_code, json.loads(answer.content)) == (409, {"why": "stills-refused"})

    on(act, KeptStills(why="stills-refused"))


def test_nothing_without_the_films_token_the_cookie_or_the_origin() -> None:
    async def act(site: Site, put: Put, cookie: str) -> None:
        assert (await put(png(), "0")).status_code == 201
        for path in ("/media/other/stills", "/media/other/still/1"):
            assert (await site.get(path, cookie)).status_code == 404
        assert (await site.get("/media/film/still/1")).status_code == 403
        assert (await site.get("/media/film/still/1", cookie, "DELETE")).status_code == 403
        there = await site.get("/media/film/still/1", cookie, Sec_Fetch_Site="cross-site")
        assert there.status_code == 403

    on(act)
