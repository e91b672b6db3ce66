"""The capture protocol at the wire: what is acknowledged, what is refused; and a part is always closed."""

import asyncio
import json
import struct
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.film.fragments import make_fragments
from tests.film.live import serving
from vigfield.errors import Damaged, DiskFull
from vigfield.loopback.intake import Film, Limits, NoFilm, Written, intake_route, setup_route
from vigfield.loopback.messages import End, Hello
from vigfield.loopback.mp4 import MAX_MESSAGE

INIT, FRAGMENTS = make_fragments(8)
HELLO = {
    "type": "hello", "proto": 1, "token": "first", "part": 1, "mime": "video/mp4", "codecs": ["avc", "opus"],
    "w": 1280, "h": 720, "settings": {}, "startedAt": 1_700_000_000_000, "ptsBase": 0,
}  # fmt: skip
QUALITY = {"delivered": 8, "encoded": 8, "dropped": 0, "events": [[0.5, "sound-lost"]]}


class MemoryPart:
    """A part in memory that tells what was asked of it."""

    def __init__(self, number: int) -> None:
        self.next_token = f"token-{number + 1}"
        self.stop = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self.batches: list[list[bytes]] = []
        self.threads: set[str] = set()
        self.noted: Mapping[str, object] = {}
        self.ended: End | str = ""
        self.closed = threading.Event()
        self.gate = threading.Event()
        self.writing = threading.Event()
        self.gate.set()
        self.error: Exception | None = None
        self.last_error: Exception | None = None
        self.ask_stop = False

    @property
    def film(self) -> bytes:
        return b"".join(message for batch in self.batches for message in batch)

    def write(self, messages: Sequence[bytes]) -> Written:
        self.writing.set()
        assert self.gate.wait(30)
        if self.error:
            raise self.error
        assert not self.closed.is_set(), "written to after it was closed"
        self.threads.add(threading.current_thread().name)
        self.batches.append(list(messages))
        return Written(len(self.film), 1.25, 10**9, self.ask_stop)

    def note(self, stats: Mapping[str, object]) -> None:
        self.noted = stats

    async def finish(self, end: End) -> int:
        if self.last_error:
            raise self.last_error
        self.ended = end
        self.closed.set()
        return len(self.film)

    async def lost(self) -> None:
        assert not self.closed.is_set()
        self.ended = "lost"
        self.closed.set()


class MemoryHost:
    """Gives out parts for `first` and each part's next token."""

    def __init__(self) -> None:
        self.parts: list[MemoryPart] = []
        self.hellos: list[Hello] = []
        self.token = "first"
        self.refuse: NoFilm | Exception | None = None
        self.prepare: Callable[[MemoryPart], None] = lambda part: None

    def setup(self, token: str) -> Mapping[str, object] | None:
        return {"words": {"state.ready": "Ready"}} if token == self.token else None

    async def begin(self, token: str, hello: Hello) -> Film | NoFilm:
        if isinstance(self.refuse, Exception):
            raise self.refuse
        if self.refuse:
            return self.refuse
        if token != self.token:
            return NoFilm("token")
        part = MemoryPart(len(self.parts) + 1)
        self.prepare(part)
        self.token = part.next_token
        self.parts.append(part)
        self.hellos.append(hello)
        return part


@pytest.fixture
def host() -> MemoryHost:
    return MemoryHost()


@pytest.fixture
def port(host: MemoryHost) -> Iterator[int]:
    with listening(host, Limits(hello=30, stop=0.3, linger=5, queue=4)) as port:
        yield port


@contextmanager
def listening(host: MemoryHost, limits: Limits) -> Iterator[int]:
    """An intake that waits as long as that."""
    with serving(Starlette(routes=[intake_route(host, limits), setup_route(host)])) as port:
        yield port


class Page:
    """The page's end of the link."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.sequence = 0
        self.position = 0

    def hello(self, **more: object) -> dict[str, Any]:
        self.say({**HELLO, **more})
        return self.hear()

    def say(self, message: object) -> None:
        self.socket.send(json.dumps(message))

    def hear(self) -> dict[str, Any]:
        heard: dict[str, Any] = json.loads(self.socket.recv(timeout=30))
        return heard

    def send(self, payload: bytes, sequence: int | None = None, position: int | None = None) -> None:
        self.sequence += 1
        header = struct.pack(
            ">IQ",
            self.sequence if sequence is None else sequence,
            self.position if position is None else position,
        )
        self.socket.send(header + payload)
        self.position += len(payload)

    def acknowledged(self) -> dict[str, Any]:
        """The acknowledgement of everything sent."""
        while (heard := self.hear())["type"] == "ack" and heard["seq"] < self.sequence:
            pass
        return heard

    def end(self, **more: object) -> None:
        self.say({"type": "end", "bytes": self.position, "frames": 8, "quality": QUALITY, **more})

    def closed_with(self) -> int:
        with pytest.raises(ConnectionClosed) as caught:
            self.socket.recv(timeout=30)
        assert caught.value.rcvd is not None
        return caught.value.rcvd.code


@contextmanager
def link(port: int) -> Iterator[Page]:
    with connect(f"ws://127.0.0.1:{port}/rec", compression=None, max_size=None) as socket:
        yield Page(socket)


@pytest.fixture
def page(port: int) -> Iterator[Page]:
    with link(port) as page:
        yield page


def is_fault(page: Page, why: str) -> bool:
    while (heard := page.hear())["type"] == "ack":
        pass
    return heard == {"type": "fault", "why": why} and page.closed_with() == 4400


def lost_after(part: MemoryPart, film: bytes) -> bool:
    return part.closed.wait(10) and part.ended == "lost" and part.film == film


# The film


def test_a_film_is_written_in_order_acknowledged_and_finished(host: MemoryHost, page: Page) -> None:
    ready = page.hello()
    assert ready == {"type": "ready", "maxMsg": MAX_MESSAGE, "window": 16_000_000, "next": "token-2"}
    for payload in (INIT, *FRAGMENTS):
        page.send(payload)
    ack = page.acknowledged()
    assert ack == {
        "type": "ack", "seq": 9, "bytes": page.position, "syncMs": 1.2, "free": 10**9, "stop": False,
    }  # fmt: skip
    page.end()
    assert page.hear() == {"type": "closed", "bytes": page.position}
    [part] = host.parts
    assert part.film == INIT + b"".join(FRAGMENTS)
    assert part.ended == End(page.position, 8, QUALITY)
    assert len(part.threads) == 1
    assert threading.current_thread().name not in part.threads


def test_the_hello_reaches_the_host_without_its_token(host: MemoryHost, page: Page) -> None:
    page.hello()
    assert host.hellos == [Hello(1, "video/mp4", ("avc", "opus"), 1280, 720, {}, 1_700_000_000_000, 0.0)]
    assert "first" not in repr(host.hellos)


def test_a_part_that_is_over_is_closed_and_the_film_goes_on_in_the_next(host: MemoryHost, port: int) -> None:
    with link(port) as page:
        page.hello()
        page.send(INIT)
        page.send(FRAGMENTS[0])
        page.end(more=True)
        page.acknowledged()
        assert page.hear() == {"type": "closed", "bytes": page.position}
    with link(port) as again:
        ready = again.hello(token="token-2", part=2)
        assert ready["kept"] == len(INIT + FRAGMENTS[0])
        again.send(INIT)
        again.end()
        again.acknowledged()
        assert again.hear()["type"] == "closed"
    first, second = host.parts
    assert isinstance(first.ended, End)
    assert first.ended.more
    assert isinstance(second.ended, End)
    assert not second.ended.more


def test_more_is_yes_or_no(host: MemoryHost, page: Page) -> None:
    page.hello()
    page.end(more=1)
    assert is_fault(page, "end")
    assert lost_after(host.parts[0], b"")


def test_what_waits_while_one_sync_runs_shares_the_next(host: MemoryHost, page: Page) -> None:
    host.prepare = lambda part: part.gate.clear()
    page.hello()
    page.send(INIT)
    [part] = host.parts
    assert part.writing.wait(10)
    for fragment in FRAGMENTS[:4]:
        page.send(fragment)
    page.end()
    part.gate.set()
    assert page.acknowledged()["seq"] == 5
    assert page.hear()["type"] == "closed"
    assert len(part.batches) < 5


def test_the_counts_reach_the_film_as_quality(host: MemoryHost, page: Page) -> None:
    page.hello()
    page.say({"type": "stats", **QUALITY, "unknown": {"deep": 1}})
    page.end()
    assert page.hear() == {"type": "closed", "bytes": 0}
    assert host.parts[0].noted == QUALITY


def test_the_host_asks_to_stop_in_an_acknowledgement(host: MemoryHost, page: Page) -> None:
    host.prepare = lambda part: setattr(part, "ask_stop", True)
    page.hello()
    page.send(INIT)
    assert page.hear()["stop"] is True


def test_the_host_asks_to_stop_at_any_time(host: MemoryHost, page: Page) -> None:
    page.hello()
    [part] = host.parts
    part.loop.call_soon_threadsafe(part.stop.set)
    assert page.hear() == {"type": "stop"}
    page.send(INIT)
    assert page.hear()["stop"] is True
    page.end()
    assert page.hear()["type"] == "closed"


def test_a_page_that_does_not_stop_is_cut_off(host: MemoryHost, page: Page) -> None:
    page.hello()
    [part] = host.parts
    part.loop.call_soon_threadsafe(part.stop.set)
    assert page.hear() == {"type": "stop"}
    assert page.closed_with() == 1001
    assert lost_after(part, b"")


# Before the film


def test_no_hello_in_time(host: MemoryHost) -> None:
    with listening(host, Limits(hello=0.05)) as port, link(port) as page:
        assert is_fault(page, "hello-late")


@pytest.mark.parametrize(
    "first",
    [
        "not json",
        "[]",
        "[" * 10_000,
        json.dumps({**HELLO, "proto": 2}),
        json.dumps({**HELLO, "part": 0}),
        json.dumps({**HELLO, "w": -1}),
        json.dumps({**HELLO, "codecs": [1]}),
        json.dumps({**HELLO, "ptsBase": float("nan")}),
        json.dumps({key: value for key, value in HELLO.items() if key != "token"}),
        json.dumps({**HELLO, "mime": "x" * 300_000}),
        json.dumps({"type": "stats"}),
    ],
    ids=lambda text: text[:20],
)
def test_a_first_message_that_is_no_hello(host: MemoryHost, page: Page, first: str) -> None:
    page.socket.send(first)
    assert is_fault(page, "hello")
    assert host.parts == []


def test_bytes_before_the_hello(host: MemoryHost, page: Page) -> None:
    page.send(INIT)
    assert is_fault(page, "hello")
    assert host.parts == []


def test_an_unknown_token(host: MemoryHost, page: Page) -> None:
    assert page.hello(token="guessed") == {"type": "refused", "why": "token"}
    assert page.closed_with() == 4403
    assert host.parts == []


def test_a_token_serves_once(host: MemoryHost, port: int, page: Page) -> None:
    page.hello()
    with link(port) as other:
        assert other.hello() == {"type": "refused", "why": "token"}
    page.send(INIT)
    assert page.hear()["type"] == "ack"


@pytest.mark.parametrize(
    ("refuse", "why"),
    [
        (NoFilm("already-filming"), "already-filming"),
        (DiskFull("x"), "disk-full"),
        (OSError("x"), "disk"),
        (Damaged("x"), "disk"),
    ],
)
def test_the_host_refuses(host: MemoryHost, page: Page, refuse: NoFilm | Exception, why: str) -> None:
    host.refuse = refuse
    assert page.hello() == {"type": "refused", "why": why}
    assert page.closed_with() == 4403


def ask_setup(port: int, token: str) -> tuple[int, Any, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/capture/setup", headers={"X-Token": token})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer), answer.headers["cache-control"]
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused), refused.headers["cache-control"]


def test_the_setup_needs_the_token_and_leaves_it_unused(port: int, page: Page) -> None:
    assert ask_setup(port, "") == (403, {"why": "token"}, "no-store")
    assert ask_setup(port, "guessed") == (403, {"why": "token"}, "no-store")
    assert ask_setup(port, "first") == (200, {"words": {"state.ready": "Ready"}}, "no-store")
    assert page.hello()["type"] == "ready"


# Faults: each closes the part with what came before, and nothing of what came after


def wrong_sequence(page: Page) -> None:
    page.send(FRAGMENTS[1], sequence=4)


def same_sequence(page: Page) -> None:
    page.send(FRAGMENTS[1], sequence=2)


def position_ahead(page: Page) -> None:
    page.send(FRAGMENTS[1], position=page.position + 1)


def position_behind(page: Page) -> None:
    page.send(FRAGMENTS[1], position=0)


def oversized(page: Page) -> None:
    page.send(FRAGMENTS[1] + bytes(MAX_MESSAGE))


def rubbish(page: Page) -> None:
    page.send(b"rubbish, not boxes")


def second_init(page: Page) -> None:
    page.send(INIT)


def two_fragments(page: Page) -> None:
    page.send(FRAGMENTS[1] + FRAGMENTS[2])


def torn_fragment(page: Page) -> None:
    page.send(FRAGMENTS[1][:-1])


def only_a_header(page: Page) -> None:
    page.send(b"")


def unknown_text(page: Page) -> None:
    page.say({"type": "hello"})


def bad_stats(page: Page) -> None:
    page.say({"type": "stats", "delivered": -1})


def bad_events(page: Page) -> None:
    page.say({"type": "stats", "events": [[1, "<b>words</b>"]]})


def end_with_wrong_bytes(page: Page) -> None:
    page.end(bytes=page.position + 1)


def end_without_quality(page: Page) -> None:
    page.end(quality=None)


@pytest.mark.parametrize(
    ("do", "why"),
    [
        (wrong_sequence, "sequence"),
        (same_sequence, "sequence"),
        (position_ahead, "position"),
        (position_behind, "position"),
        (oversized, "oversized"),
        (rubbish, "not-a-fragment"),
        (second_init, "not-a-fragment"),
        (two_fragments, "not-a-fragment"),
        (torn_fragment, "not-a-fragment"),
        (only_a_header, "short"),
        (unknown_text, "text"),
        (bad_stats, "text"),
        (bad_events, "text"),
        (end_with_wrong_bytes, "end"),
        (end_without_quality, "end"),
    ],
)
def test_a_fault_closes_the_part(host: MemoryHost, page: Page, do: Callable[[Page], None], why: str) -> None:
    page.hello()
    page.send(INIT)
    page.send(FRAGMENTS[0])
    do(page)
    assert is_fault(page, why)
    assert lost_after(host.parts[0], INIT + FRAGMENTS[0])


def test_a_fragment_before_the_init_segment(host: MemoryHost, page: Page) -> None:
    page.hello()
    page.send(FRAGMENTS[0])
    assert is_fault(page, "not-a-fragment")
    assert lost_after(host.parts[0], b"")


def test_a_message_after_the_end(host: MemoryHost, page: Page) -> None:
    page.hello()
    page.send(INIT)
    page.end()
    page.send(FRAGMENTS[0])
    assert page.hear()["seq"] == 1
    assert page.hear() == {"type": "closed", "bytes": len(INIT)}
    assert is_fault(page, "after-end")
    assert host.parts[0].film == INIT
    assert isinstance(host.parts[0].ended, End)


# Our own disk


@pytest.mark.parametrize(
    ("error", "why"), [(DiskFull("x"), "disk-full"), (OSError("x"), "disk"), (Damaged("x"), "disk")]
)
def test_a_write_that_fails_stops_the_film(host: MemoryHost, page: Page, error: Exception, why: str) -> None:
    page.hello()
    page.send(INIT)
    assert page.acknowledged()["seq"] == 1
    host.parts[0].error = error
    page.send(FRAGMENTS[0])
    assert page.hear() == {"type": "stopped", "why": why}
    assert page.closed_with() == 4500
    assert lost_after(host.parts[0], INIT)


def test_a_film_that_cannot_be_finished_is_not_called_saved(host: MemoryHost, page: Page) -> None:
    host.prepare = lambda part: setattr(part, "last_error", DiskFull("x"))
    page.hello()
    page.send(INIT)
    page.end()
    assert page.acknowledged()["seq"] == 1
    assert page.hear() == {"type": "stopped", "why": "disk-full"}
    assert lost_after(host.parts[0], INIT)


# The link


def test_a_lost_link_closes_the_part_and_the_next_goes_on(host: MemoryHost, port: int) -> None:
    with link(port) as page:
        page.hello()
        page.send(INIT)
        page.send(FRAGMENTS[0])
        page.acknowledged()
    assert lost_after(host.parts[0], INIT + FRAGMENTS[0])
    with link(port) as page:
        ready = page.hello(token="token-2", part=2)
        assert ready["type"] == "ready"
        assert ready["kept"] == len(INIT + FRAGMENTS[0])
        page.send(INIT)
        page.send(FRAGMENTS[1])
        page.end()
        assert page.acknowledged()["bytes"] == len(INIT + FRAGMENTS[1])
        assert page.hear()["type"] == "closed"
    assert host.hellos[1].part == 2


def test_a_page_that_comes_back_replaces_its_own_dead_link(host: MemoryHost, port: int, page: Page) -> None:
    host.prepare = lambda part: part.gate.clear()
    page.hello()
    page.send(INIT)
    [part] = host.parts
    assert part.writing.wait(10)
    host.prepare = lambda part: None
    with link(port) as again:
        again.say({**HELLO, "token": "token-2", "part": 2})
        part.gate.set()
        assert again.hear()["kept"] == len(INIT)
        assert part.ended == "lost"
    assert page.acknowledged()["seq"] == 1
    assert page.closed_with() == 1001


def test_an_end_whose_answer_was_lost_is_answered_again(host: MemoryHost, port: int) -> None:
    with link(port) as page:
        page.hello()
        page.send(INIT)
        page.end()
    assert host.parts[0].closed.wait(10)
    with link(port) as other:
        assert other.hello(token="token-2", part=2) == {"type": "closed", "bytes": len(INIT)}
    assert len(host.parts) == 1


def test_the_queue_is_bounded(host: MemoryHost, page: Page) -> None:
    host.prepare = lambda part: part.gate.clear()
    page.hello()
    [part] = host.parts
    for payload in (INIT, *FRAGMENTS):
        page.send(payload)
    page.say({"type": "stats", **QUALITY})
    assert part.writing.wait(10)
    part.gate.set()
    page.end()
    assert page.acknowledged()["seq"] == 9
    assert page.hear()["type"] == "closed"
    assert part.noted == QUALITY
    assert max(len(batch) for batch in part.batches) <= 4
