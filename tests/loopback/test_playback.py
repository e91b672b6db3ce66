"""One range at a time, and only one."""

import asyncio
import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.loopback.site import Kept, running
from vigfield.errors import Damaged
from vigfield.loopback.playback import CHUNK, Span, Unsatisfiable, Whole, parse_range

DATA = bytes(range(256)) * 10_000


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-", Span(0, 99)),
        ("bytes=0-0", Span(0, 0)),
        ("bytes=10-19", Span(10, 19)),
        ("bytes=99-", Span(99, 99)),
        ("bytes=90-5000", Span(90, 99)),
        ("bytes=-1", Span(99, 99)),
        ("bytes=-100", Span(0, 99)),
        ("bytes=-5000", Span(0, 99)),
        (" bytes=5-6 ", Span(5, 6)),
    ],
)
def test_a_range_is_read(header: str, span: Span) -> None:
    assert parse_range(header, 100) == span


@pytest.mark.parametrize(
    "header",
    [
        "bytes=100-",
        "bytes=100-200",
        "bytes=9-3",
        "bytes=-0",
        "bytes=-",
        "bytes=",
        "",
        "bytes",
        "bytes=0-1,5-6",
        "bytes=0-1,",
        "bytes= 0-1",
        "bytes=0 -1",
        "bytes=a-b",
        "bytes=--1",
        "bytes=0-1-2",
        "bytes=1.0-2",
        "bytes=٠-١",
        "BYTES=0-1",
        "items=0-1",
        "bytes=99999999999999999999-",
    ],
)
def test_anything_else_is_unsatisfiable(header: str) -> None:
    assert parse_range(header, 100) == Unsatisfiable()


@given(st.text(max_size=40) | st.from_regex(r"bytes=\d*-\d*(,\d*-\d*)*"), st.integers(0, 200))
def test_whatever_is_asked_stays_within(header: str, size: int) -> None:
    found = parse_range(header, size)
    assert found == Unsatisfiable() or (isinstance(found, Span) and 0 <= found.start <= found.end < size)


def test_no_range_is_the_whole() -> None:
    assert parse_range(None, 100) == Whole()


def test_over_http() -> None:
    async def go() -> None:
        film = Kept(DATA, {"pts": [0.0]})
        async with running(film) as site:
            cookie, size = await site.cookie(), len(DATA)

            async def get(header: str | None, method: str = "GET") -> httpx.Response:
                more = {} if header is None else {"Range": header}
                return await site.get("/media/film", cookie, method, If_Range='"x"', **more)

            whole = await get(None)
            assert (whole.status_code, whole.content) == (200, DATA)
            assert whole.headers["accept-ranges"] == "bytes"
            assert whole.headers["content-type"] == "video/mp4"
            part = await get(f"bytes=5-{size - 2}")
            assert (part.status_code, part.content) == (206, DATA[5:-1])
            assert part.headers["content-range"] == f"bytes 5-{size - 2}/{size}"
            head = await get("bytes=-7", "HEAD")
            assert (head.status_code, head.content, head.headers["content-length"]) == (206, b"", "7")
            for wrong in ("bytes=0-1,3-4", "bytes=9-3", f"bytes={size}-", "lines=1-2"):
                refused = await get(wrong)
                assert (refused.status_code, refused.content) == (416, b"")
                assert refused.headers["content-range"] == f"bytes */{size}"
            assert film.largest == CHUNK

    asyncio.run(go())


def test_a_link_works_once_and_only_a_token_plays() -> None:
    async def go() -> None:
        async with running(Kept(DATA, {"pts": [0.0], "words": {"play": "Play"}})) as site:
            cookie = await site.cookie()
            claim = {"Origin": site.origin, "X_Token": "link"}
            claimed = await site.get("/media/claim", cookie, "POST", **claim)
            assert json.loads(claimed.content) == {"pts": [0.0], "words": {"play": "Play"}, "token": "film"}
            assert (await site.get("/media/claim", cookie, "POST", **claim)).status_code == 404
            assert (await site.get("/media/claim", cookie, "POST", Origin=site.origin)).status_code == 404
            assert (await site.get("/media/film/index", cookie)).json()["pts"] == [0.0]
            for path in ("/media/link", "/media/other", "/media/other/index", "/media/claim"):
                assert (await site.get(path, cookie)).status_code in (404, 405)

    asyncio.run(go())


class Torn(Kept):
    """A film whose disk fails after the first chunk."""

    def read(self, offset: int, count: int) -> bytes:
        if offset:
            raise Damaged("Anna Larsson")
        return super().read(offset, count)


def test_a_film_that_fails_breaks_off() -> None:
    async def go() -> None:
        async with running(Torn(DATA)) as site:
            cookie = await site.cookie()
            with pytest.raises(httpx.RemoteProtocolError):
                await site.get("/media/film", cookie)
            assert (await site.get("/media/film", cookie, Range="bytes=9-10")).status_code == 500

    asyncio.run(go())


def test_a_second_launch_stops_what_is_being_sent() -> None:
    class Slow(Kept):
        def read(self, offset: int, count: int) -> bytes:
            if offset:
                asyncio.run_coroutine_threadsafe(site.launch(), loop).result()
            return super().read(offset, count)

    async def go() -> None:
        nonlocal site, loop
        loop = asyncio.get_running_loop()
        async with running(Slow(DATA)) as site:
            cookie = await site.cookie()
            with pytest.raises(httpx.RemoteProtocolError):
                await site.get("/media/film", cookie)

    site = loop = None  # type: ignore[assignment]
    asyncio.run(go())
