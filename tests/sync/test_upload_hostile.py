"""Tus servers that mean no good: none is believed, none is followed, and every one comes to an end."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from tests.sync.servers import Drip, Fault, Flood, Proxy, Say, proxy
from tests.sync.uploads import QUICK, TOKEN, Book, in_memory
from vigfield.sync import Limits, Why
from vigfield.sync.course import MOST_BEGUN
from vigfield.sync.line import Line
from vigfield.sync.tus import Tus
from vigfield.sync.tus_reply import Unfit
from vigfield.sync.upload import Arrived, Declined, Outcome, PutOff, Unusable, upload

FILM = bytes(number % 251 for number in range(1000))
CHUNK = 300
TRIES = len(QUICK) + 1

LINE = Limits(connect=1, silence=1, whole=2, reply=20_000)
OPTIONS = Say("204 No Content", b"", ("Tus-Version: 1.0.0", "Tus-Extension: creation,termination"))
CREATED = Say("201 Created", b"", ("Location: /fhir/a",))
HTML = Say("200 OK", b"<html>Welcome to the guest network</html>", ("Content-Type: text/html",))
RUBBISH, BELIEVED = PutOff(Why.RUBBISH, 0.0), Arrived("", verified=False)
STRANGER = "{stranger}"  # the origin of somebody else


class ByMethod(Proxy):
    """Answers each method in its own way; `{stranger}` in a header is another server, `{self}` this one."""

    answers: dict[str, Fault]
    stranger: Proxy

    def methods(self) -> Counter[str]:
        return Counter(one.split(b" ")[0].decode() for one in self.seen)

    async def _answer(
        self, fault: Fault, request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        answer = self.answers[request.split(b" ")[0].decode()]
        if isinstance(answer, Say):
            there, here = (f"127.0.0.1:{port}" for port in (self.stranger.port, self.port))
            told = (one.replace(STRANGER, there).replace("{self}", here) for one in answer.headers)
            answer = replace(answer, headers=tuple(told))
        await super()._answer(answer, request, reader, writer)


def held(offset: object, length: object = len(FILM), status: str = "200 OK") -> Say:
    return Say(status, b"", (f"Upload-Offset: {offset}", f"Upload-Length: {length}"))


def moved(offset: object) -> Say:
    return Say("204 No Content", b"", (f"Upload-Offset: {offset}",))


def to(location: str, status: str = "307 Temporary Redirect") -> Say:
    return Say(status, b"", (f"Location: {location}",))


GOOD: dict[str, Fault] = {
    "OPTIONS": OPTIONS,
    "POST": CREATED,
    "PATCH": moved(300),
    "HEAD": held(0),
    "GET": Say("404 Not Found"),
    "DELETE": Say("204 No Content"),
}
COMPLETE: dict[str, Fault] = {"HEAD": held(len(FILM))}
BROKEN: dict[str, Fault] = {"PATCH": Say("500 Oh no")}

HOSTILE: dict[str, tuple[dict[str, Fault], Outcome, dict[str, int]]] = {
    # what it answers, what becomes of it, and how often it is asked what
    "Location at another host": ({"POST": to("http://localhost:1/a", "201 Created")}, RUBBISH, {"PATCH": 0}),
    "Location at another port": ({"POST": to(f"http://{STRANGER}/a", "201 Created")}, RUBBISH, {"PATCH": 0}),
    "Location with another scheme": ({"POST": to("https://{self}/a", "201 Created")}, RUBBISH, {"PATCH": 0}),
    "Location with a user": ({"POST": to("http://127.0.0.1@{self}/a", "201 Created")}, RUBBISH, {"PATCH": 0}),
    "no Location": ({"POST": Say("201 Created")}, RUBBISH, {"POST": TRIES}),
    "Location is where uploads are begun": ({"POST": to("/fhir", "201 Created")}, RUBBISH, {"PATCH": 0}),
    "OPTIONS is redirected": (
        {"OPTIONS": to(f"http://{STRANGER}/a")},
        RUBBISH,
        {"OPTIONS": TRIES, "POST": 0},
    ),
    "POST is redirected": ({"POST": to(f"http://{STRANGER}/a")}, RUBBISH, {"POST": TRIES, "PATCH": 0}),
    "PATCH is redirected": ({"PATCH": to(f"http://{STRANGER}/a")}, RUBBISH, {"PATCH": TRIES}),
    "HEAD is redirected": (BROKEN | {"HEAD": to(f"http://{STRANGER}/a")}, RUBBISH, {"PATCH": 1}),
    "GET is redirected": (COMPLETE | {"GET": to(f"http://{STRANGER}/a")}, BELIEVED, {"GET": 1}),
    "an offset beyond the end": (BROKEN | {"HEAD": held(1001)}, RUBBISH, {"POST": MOST_BEGUN, "DELETE": 0}),
    "a chunk that moves beyond itself": ({"PATCH": moved(301)}, RUBBISH, {"PATCH": TRIES}),
    "a negative offset": ({"PATCH": moved(-1), "HEAD": held(-1)}, RUBBISH, {"PATCH": 1}),
    "no number": ({"PATCH": moved("3e2"), "HEAD": held("all")}, RUBBISH, {"PATCH": 1}),
    "a huge offset": ({"PATCH": moved("9" * 400), "HEAD": held("9" * 400)}, RUBBISH, {"PATCH": 1}),
    "an offset that never moves": ({"PATCH": moved(0)}, RUBBISH, {"PATCH": TRIES}),
    "another length": (BROKEN | {"HEAD": held(0, 999)}, RUBBISH, {"POST": MOST_BEGUN, "DELETE": 0}),
    "no length": (BROKEN | {"HEAD": Say("200 OK", b"", ("Upload-Offset: 0",))}, RUBBISH, {"PATCH": 1}),
    "a page for everything": (dict.fromkeys(GOOD, HTML), RUBBISH, {"OPTIONS": TRIES, "POST": 0, "HEAD": 0}),
    "a page for a creation": ({"POST": HTML}, RUBBISH, {"POST": TRIES, "PATCH": 0}),
    "a page for a chunk": ({"PATCH": HTML}, RUBBISH, {"PATCH": TRIES}),
    "a page instead of the film": (COMPLETE | {"GET": HTML}, BELIEVED, {"GET": 1, "PATCH": 0}),
    "an endless reply to a creation": ({"POST": Flood(said=False)}, RUBBISH, {"POST": TRIES, "PATCH": 0}),
    "an endless reply to a chunk": ({"PATCH": Flood(said=False)}, RUBBISH, {"PATCH": TRIES}),
    "an endless film": (COMPLETE | {"GET": Flood(said=False)}, BELIEVED, {"GET": 1}),
    "another film": (
        COMPLETE | {"GET": Say("200 OK", bytes(len(FILM))), "PATCH": Say("410 Gone")},
        RUBBISH,
        {"DELETE": 1, "POST": MOST_BEGUN},
    ),
    "gone for ever": ({"PATCH": Say("410 Gone")}, RUBBISH, {"POST": MOST_BEGUN, "PATCH": MOST_BEGUN}),
    "another version": (
        {"POST": Say("412 No", b"", ("Tus-Version: 2.0.0",))},
        Unusable(Unfit.VERSION),
        {"POST": 1},
    ),
    "a refusal": ({"POST": Say("402 Pay", b"Over quota")}, Declined(402, "Over quota"), {"POST": 1}),
    "400 for ever": ({"PATCH": Say("400 Bad", b"no")}, Declined(400, "no"), {"PATCH": TRIES}),
    "a time to wait": (
        {"PATCH": Say("503 Busy", b"", ("Retry-After: 30",))},
        PutOff(Why.SERVER_ERROR, 30.0),
        {"PATCH": 1},
    ),
}


async def met(
    answers: dict[str, Fault], location: str, limits: Limits = LINE
) -> tuple[Outcome, ByMethod, Proxy]:
    """What becomes of an upload at such a server; the server, and the stranger to whom nothing may come."""
    async with (
        proxy(0, *[CREATED] * 50) as stranger,
        proxy(0, kind=ByMethod) as one,
        Line(limits) as line,
    ):
        assert isinstance(one, ByMethod)
        one.answers, one.stranger = GOOD | answers, stranger
        tus, start = Tus(line, one.base, TOKEN), f"{one.base}/{location}" if location else ""
        return await upload(tus, in_memory(FILM), start, Book(), chunk=CHUNK, pauses=QUICK), one, stranger


@pytest.mark.parametrize("name", HOSTILE)
def test_a_server_that_means_no_good(name: str) -> None:
    answers, outcome, counts = HOSTILE[name]
    ended, one, stranger = asyncio.run(met(answers, "a" if COMPLETE.items() <= answers.items() else ""))
    if isinstance(outcome, Arrived):
        outcome = replace(outcome, location=f"{one.base}/a")
    assert ended == outcome
    assert {method: one.methods()[method] for method in counts} == counts
    assert stranger.seen == []
    assert all(b"Bearer t0k3n" in seen for seen in one.seen)


def test_a_server_that_drips_is_put_off() -> None:
    ended, one, _ = asyncio.run(met({"OPTIONS": Drip()}, "", replace(LINE, whole=0.3)))
    assert ended == PutOff(Why.SLOW, 0.0)
    assert one.methods() == {"OPTIONS": TRIES}
