"""A tus server's answers mean what they must, and nothing is asked of anybody else."""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable

import pytest

from tests.sync.servers import Cut, Drip, Fault, Flood, Proxy, Say, proxy
from vigfield.sync import Limits, Why
from vigfield.sync.address import Unsafe
from vigfield.sync.line import Line
from vigfield.sync.reply import Failure
from vigfield.sync.tus import LIMITS, MOST_CHUNK, Tus
from vigfield.sync.tus_reply import (
    Ability,
    CannotRemove,
    Created,
    Gone,
    Moved,
    Stored,
    Untold,
)

QUICK = Limits(connect=1, silence=1, whole=2, reply=20_000)
RUBBISH = Failure(Why.RUBBISH)


def asked(fault: Fault, act: Callable[[Tus], Awaitable[object]], token: str = "") -> tuple[object, Proxy]:
    """What one call tells, and what came to the server."""

    async def go() -> tuple[object, Proxy]:
        async with proxy(0, fault) as one, Line(QUICK) as line:
            return await act(Tus(line, one.base, token)), one

    return asyncio.run(go())


def head(one: Proxy) -> dict[str, str]:
    """The one request's headers; its first line is under an empty name."""
    (request,) = one.seen
    first, *lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    return {"": first} | {name.lower(): value for name, _, value in (at.partition(": ") for at in lines)}


# The requests.

OPTIONS = Say("204 No Content", b"", ("Tus-Version: 1.0.0", "Tus-Extension: creation"))
CREATED = Say("201 Created", b"", ("Location: /fhir/a",))


def test_options_names_no_version_and_carries_the_token() -> None:
    reply, one = asked(OPTIONS, lambda tus: tus.options(), "t0k3n")
    assert reply == Ability(creation=True, termination=False, checksum="", most=None)
    assert head(one)[""] == "OPTIONS /fhir HTTP/1.1"
    assert "tus-resumable" not in head(one)
    assert head(one)["authorization"] == "Bearer t0k3n"


def test_a_creation_says_how_long_it_will_be_and_what_for() -> None:
    metadata = {"film": "6f", "name": "Zoë", "empty": ""}
    reply, one = asked(CREATED, lambda tus: tus.create(70, metadata), "t0k3n")
    assert reply == Created(f"http://127.0.0.1:{one.port}/fhir/a")
    told = head(one)
    assert told[""] == "POST /fhir HTTP/1.1"
    assert told["tus-resumable"] == "1.0.0"
    assert told["upload-length"] == "70"
    assert told["content-length"] == "0"
    assert told["upload-metadata"] == f"film NmY=,name {base64.b64encode('Zoë'.encode()).decode()},empty"
    assert told["authorization"] == "Bearer t0k3n"


def test_no_header_is_ever_empty() -> None:
    told = head(asked(CREATED, lambda tus: tus.create(70, {}))[1])
    assert "upload-metadata" not in told
    assert "authorization" not in told
    assert all(told.values())


@pytest.mark.parametrize("name", ["", "a b", "a,b", "é", "a\r\nX: y", "x" * 101])
def test_a_name_that_cannot_stand_in_metadata_is_a_mistake(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a name"):
        asked(CREATED, lambda tus: tus.create(70, {name: "x"}))


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", ""])
def test_a_chunk_says_where_it_belongs_and_its_checksum_where_that_is_known(algorithm: str) -> None:
    data = b"0123456789" * 20_000  # more than is handed on at once
    moved = Say("204 No Content", b"", (f"Upload-Offset: {len(data) + 7}",))
    reply, one = asked(moved, lambda tus: tus.send(f"{tus._base}/a", 7, data, algorithm))
    assert reply == Moved(len(data) + 7)
    told = head(one)
    assert told[""] == "PATCH /fhir/a HTTP/1.1"
    assert told["content-type"] == "application/offset+octet-stream"
    assert told["upload-offset"] == "7"
    assert told["content-length"] == str(len(data))
    assert "transfer-encoding" not in told
    assert one.seen[0].partition(b"\r\n\r\n")[2] == data
    if algorithm:
        digest = base64.b64encode(hashlib.new(algorithm, data).digest()).decode()
        assert told["upload-checksum"] == f"{algorithm} {digest}"
    else:
        assert "upload-checksum" not in told


def test_the_rest_is_asked_with_the_version_and_the_token() -> None:
    calls: dict[str, Callable[[Tus], Awaitable[object]]] = {
        "HEAD": lambda tus: tus.offset(f"{tus._base}/a"),
        "GET": lambda tus: tus.digest(f"{tus._base}/a", 3),
        "DELETE": lambda tus: tus.remove(f"{tus._base}/a"),
    }
    for method, act in calls.items():
        told = head(asked(Say("404 Not Found"), act, "t0k3n")[1])
        assert told[""] == f"{method} /fhir/a HTTP/1.1"
        assert told["tus-resumable"] == "1.0.0"
        assert told["authorization"] == "Bearer t0k3n"
        assert "accept-encoding" in told
        assert told["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "base", ["", "http://a.example/files", "https://u:p@a.example/f", "https://a.example/f?x", "ftp://a/"]
)
def test_an_unsafe_address_is_refused(base: str) -> None:
    with pytest.raises(Unsafe):
        Tus(Line(), base, "")


@pytest.mark.parametrize("token", ["a b", "a\r\nX: y", "ключ"])
def test_a_token_that_cannot_stand_in_a_header_is_refused(token: str) -> None:
    with pytest.raises(Unsafe) as caught:
        Tus(Line(), "https://a.example/files", token)
    assert token not in str(caught.value)


# Where an upload is.


def placed(said: str, base: str = "https://a.example/files/") -> str | None:
    return Tus(Line(), base, "t")._placed(said)


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ("/files/1", "https://a.example/files/1"),
        ("1", "https://a.example/files/1"),
        ("./1?x=y", "https://a.example/files/1?x=y"),
        ("/else/1", "https://a.example/else/1"),
        ("//a.example/files/1", "https://a.example/files/1"),
        ("https://a.example/files/1", "https://a.example/files/1"),
        ("https://A.EXAMPLE:443/files/1", "https://A.EXAMPLE:443/files/1"),
    ],
)
def test_a_location_on_the_same_server_is_taken(said: str, where: str) -> None:
    assert placed(said) == where


def test_a_relative_location_is_next_to_a_base_without_a_slash() -> None:
    assert placed("1", "https://a.example/files") == "https://a.example/1"  # RFC 9110, 10.2.2
    assert placed("/files/1", "https://a.example") == "https://a.example/files/1"


@pytest.mark.parametrize(
    "said",
    [
        "",
        "https://b.example/files/1",
        "https://a.example.b.example/files/1",
        "http://a.example/files/1",
        "https://a.example:8443/files/1",
        "//b.example/files/1",
        "https://u@a.example/files/1",
        "https://a.example\\@b.example/",
        "ftp://a.example/files/1",
        "javascript:alert(1)",
        "https://[",
        "/files/1#x",
        "/files/é",
        "/files/1 2",
        "/files/1\t2",
        "/" + "x" * 2000,
        "https://a.example/files/",
        "/files/",
        ".",
    ],
)
def test_a_location_anywhere_else_is_none(said: str) -> None:
    assert placed(said) is None


def test_nothing_is_asked_at_an_address_of_another_origin() -> None:
    async def go() -> None:
        async with (
            proxy(0, *[CREATED] * 5) as ours,
            proxy(0, *[CREATED] * 5) as stranger,
            Line(QUICK) as line,
        ):
            tus, there = Tus(line, ours.base, "t0k3n"), f"{stranger.base}/a"
            assert await tus.offset(there) == Gone()
            assert await tus.send(there, 0, b"x") == Gone()
            assert await tus.digest(there, 1) == Untold()
            assert await tus.remove(there) == CannotRemove()
            assert await tus.remove("") == CannotRemove()
            assert ours.seen == stranger.seen == []

    asyncio.run(go())


# What is given back.


def test_what_is_given_back_is_hashed_and_not_kept() -> None:
    data = bytes(range(256)) * 2000  # many times what a reply may have that is kept
    reply, _ = asked(Say("200 OK", data), lambda tus: tus.digest(f"{tus._base}/a", len(data)))
    assert reply == Stored(hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize(
    ("fault", "means"),
    [
        (Flood(said=False), Untold()),
        (Say("200 OK", b"x" * 101), Untold()),
        (Say("200 OK", b"x" * 99), Untold()),
        (Say("200 OK", b"<html>"), Untold()),
        (Cut(), Failure(Why.AWAY)),
        (Drip(), Failure(Why.SLOW)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_else_comes_back(fault: Fault, means: object) -> None:
    length = 1_000_000 if isinstance(fault, Drip) else 100
    assert asked(fault, lambda tus: tus.digest(f"{tus._base}/a", length))[0] == means


@pytest.mark.parametrize(("count", "extended"), [(QUICK.reply - 1, False), (QUICK.reply * 10, True)])
def test_a_long_film_may_take_as_long_as_its_parts(
    count: int, extended: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time for a reply begins again with every so many bytes of it, and not with fewer."""
    deadlines, reschedule = list[float | None](), asyncio.Timeout.reschedule

    def noted(self: asyncio.Timeout, when: float | None) -> None:
        deadlines.append(when)
        reschedule(self, when)

    monkeypatch.setattr(asyncio.Timeout, "reschedule", noted)
    asked(Say("200 OK", bytes(count)), lambda tus: tus.digest(f"{tus._base}/a", count))
    assert (len({when for when in deadlines if when}) > 1) == extended


def test_a_flood_is_not_read_to_its_end() -> None:
    assert asked(Flood(said=False), lambda tus: tus.create(1, {}))[0] == RUBBISH


def test_chunks_may_take_longer_than_questions() -> None:
    assert LIMITS.whole > Limits().whole
    assert LIMITS.reply < MOST_CHUNK == 4 * 1024 * 1024
