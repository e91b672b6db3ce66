"""All that a service can answer wrongly, to each thing that it is asked: said in words, nothing lost."""

import asyncio
import json
import ssl
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.app.kit import NAMES, Tablet, put_of, tablet
from tests.app.test_enrolling import file_for, joined, publish
from tests.servers.certificates import DAY, NOW, Authority
from tests.sync.servers import (
    Change,
    Cut,
    Drip,
    Fault,
    Flood,
    LoseReply,
    Proxy,
    Say,
    Stall,
    held,
    proxy,
    reference_service,
)
from tests.sync.signed import OTHER, policy_claims, policy_text
from vigfield import clock
from vigfield.app import Ended, Enrolment, NoPolicy, PutOff
from vigfield.model import Delivery, Kind, OutboxItem, Policy
from vigfield.service import Served
from vigfield.store import Tx
from vigfield.sync import FhirClient, Limits, Why, line, policy
from vigfield.sync.capability import Capability
from vigfield.sync.reply import Failure
from vigfield.ui import servicewords, words

Act = Callable[[Tablet, Proxy, Served], Awaitable[None]]
GIGABYTES = 5_000_000_000
QUICK = Limits(whole=0.2)
NOBODY_THERE = (Why.AWAY, Why.SLOW, Why.UNTRUSTED, Why.DATE)
ITEMS = 6


@dataclass(frozen=True)
class Row:
    """One wrong answer, and what it means where; None where it cannot be given, or is not wrong.

    `refused`: when it is given to all that is sent, the one item that needs no other is refused.
    """

    fault: Fault
    push: Why | None
    pull: Why | None
    policy: Why | NoPolicy | None
    capability: Why | None
    refused: bool = False
    after: float = 0.0


def every(fault: Fault, why: Why, **more: float) -> Row:
    """The same everywhere."""
    return Row(fault, why, why, why, why, **more)  # type: ignore[arg-type]


def refusal(fault: Fault) -> Row:
    """About an item where something is sent; and about this tablet where something is read."""
    return Row(fault, Why.WAITS, Why.NOT_ALLOWED, Why.NOT_ALLOWED, Why.NOT_ALLOWED, refused=True)


def gone(fault: Fault, push: Why, why: Why, *, refused: bool = False) -> Row:
    """Not there, or not any more: of a policy that means that there is none."""
    return Row(fault, push, why, NoPolicy.NONE, why, refused=refused)


def binary(text: str, why: Why | NoPolicy) -> Row:
    """A policy that is not one to be taken."""
    return Row(Change(lambda there: there | {"data": text}), None, None, why, None)


def pushed(edit: Callable[[list[object]], list[object]]) -> Row:
    """Entries of a transaction's answer that are not what they should be; all of it was written."""
    return Row(Change(lambda there: there | {"entry": edit(there["entry"])}), Why.RUBBISH, None, None, None)


def found(edit: Callable[[dict[str, object]], dict[str, object]]) -> Row:
    """A search's answer that is not what it should be."""
    return Row(Change(edit), None, Why.RUBBISH, None, None)


def in_words(status: str, *headers: str) -> Say:
    """An answer of a FHIR server."""
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "diagnostics": "No.\u202e"}],
    }
    return Say(status, json.dumps(outcome).encode(), headers)


def about_another(entry: object) -> object:
    assert isinstance(entry, dict)
    return {**entry, "response": entry["response"] | {"location": "Patient/another/_history/1"}}


ANOTHER = {"resource": {"resourceType": "Patient", "id": "another", "meta": {"lastUpdated": "2026-01-01"}}}
ROWS: dict[str, Row] = {
    "400": refusal(Say("400 Bad Request")),
    "400 in words": refusal(in_words("400 Bad Request")),
    "401": every(Say("401 Unauthorized"), Why.NOT_ALLOWED),
    "401 in words": every(in_words("401 Unauthorized"), Why.NOT_ALLOWED),
    "403": every(Say("403 Forbidden"), Why.NOT_ALLOWED),
    "403 in words": every(in_words("403 Forbidden"), Why.NOT_ALLOWED),
    "404": gone(Say("404 Not Found"), Why.RUBBISH, Why.RUBBISH),
    "404 in words": gone(in_words("404 Not Found"), Why.WAITS, Why.NOT_ALLOWED, refused=True),
    "405": every(in_words("405 Method Not Allowed"), Why.RUBBISH),
    "409": refusal(Say("409 Conflict")),
    "409 in words": refusal(in_words("409 Conflict")),
    "410": gone(Say("410 Gone"), Why.RUBBISH, Why.RUBBISH),
    "410 in words": gone(in_words("410 Gone"), Why.WAITS, Why.NOT_ALLOWED, refused=True),
    "412": refusal(Say("412 Precondition Failed")),
    "412 in words": refusal(in_words("412 Precondition Failed")),
    "413": refusal(Say("413 Content Too Large")),
    "415": every(Say("415 Unsupported Media Type"), Why.RUBBISH),
    "415 in words": every(in_words("415 Unsupported Media Type"), Why.RUBBISH),
    "422": refusal(Say("422 Unprocessable Content")),
    "422 in words": refusal(in_words("422 Unprocessable Content")),
    "429": every(Say("429 Too Many Requests"), Why.SLOW),
    "429 with a wait": every(in_words("429 Too Many Requests", "Retry-After: 120"), Why.SLOW, after=120),
    "500": every(Say("500 Internal Server Error"), Why.SERVER_ERROR),
    "500 in words": every(in_words("500 Internal Server Error"), Why.SERVER_ERROR),
    "502": every(Say("502 Bad Gateway", b"<html>"), Why.SERVER_ERROR),
    "503 with a wait": every(Say("503 Away", b"", ("Retry-After: 60",)), Why.SERVER_ERROR, after=60),
    "504": every(Say("504 Gateway Timeout"), Why.SERVER_ERROR),
    "a redirect": every(Say("302 Found", b"", ("Location: http://127.0.0.1:1/",)), Why.RUBBISH),
    "nothing": every(Say("200 OK"), Why.RUBBISH),
    "no content": every(Say("204 No Content"), Why.RUBBISH),
    "a page": every(Say("200 OK", b"<html>Please log in</html>"), Why.RUBBISH),
    "half of its JSON": every(Say("200 OK", b'{"resourceType": "Bundle", "entry": ['), Why.RUBBISH),
    "a list": every(Say("200 OK", b"[]"), Why.RUBBISH),
    "JSON without a bottom": every(Say("200 OK", b'{"a":' * 100_000), Why.RUBBISH),
    "a refusal that says 200": every(in_words("200 OK"), Why.RUBBISH),
    "no HTTP": every(Say("what"), Why.AWAY),
    "5 GB": every(Flood(GIGABYTES), Why.RUBBISH),
    "5 GB that it did not announce": every(Flood(GIGABYTES, said=False), Why.RUBBISH),
    "a hang": every(Stall(), Why.SLOW),
    "a byte at a time": every(Drip(), Why.SLOW),
    "a cut": every(Cut(), Why.AWAY),
    "a cut after it was done": every(LoseReply(), Why.AWAY),
    "too few entries": pushed(lambda entries: entries[:-1]),
    "too many entries": pushed(lambda entries: [*entries, entries[0]]),
    "entries in another order": pushed(lambda entries: entries[::-1]),
    "entries that say nothing": pushed(lambda entries: [{}] * len(entries)),
    "entries without a status": pushed(lambda entries: [{"response": {"etag": "1"}}] * len(entries)),
    "entries about another": pushed(lambda entries: list(map(about_another, entries))),
    "more than it gives": found(lambda there: there | {"total": 7, "entry": []}),
    "another kind of bundle": found(lambda there: there | {"type": "history"}),
    "a resource of another kind": found(lambda there: there | {"entry": [ANOTHER]}),
    "a resource that is none": found(lambda there: there | {"entry": [{"resource": "Patient"}]}),
    "data that is no Base64": binary("%%%", Why.RUBBISH),
    "data that is no policy": binary("bm90aGluZw==", NoPolicy.UNREADABLE),
}
CHANNELS = {
    "push": b"POST /fhir ",
    "pull": b"GET /fhir/Consent?",
    "policy": b"GET /fhir/Binary/policy ",
    "capability": b"GET /fhir/metadata ",
}
CASES = [
    (name, channel) for name, row in ROWS.items() for channel in CHANNELS if getattr(row, channel) is not None
]


def test_how_many_wrong_answers_there_are() -> None:
    assert len(ROWS) == 54
    assert len(CASES) == 42 * 4 + 6 + 4 + 2


def on(folder: Path, act: Act) -> None:
    """A tablet that has joined, with the service's policy in force and nothing sent yet."""

    async def run(served: Served) -> None:
        async with proxy(served.port) as between, tablet(folder / "vault") as one:
            await publish(served, policy_text(3))
            await joined(one, between)
            async with FhirClient(between.base) as client:
                await one.work.enrolling.renew(client)
            assert one.work.enrolling.inforce.policy.version == 3
            await act(one, between, served)

    with reference_service(folder / "service.db") as served:
        asyncio.run(run(served))


@contextmanager
def impatient(channel: str) -> Iterator[None]:
    """An answer to this question is not waited for long; one to any other is."""
    real = line.Line.ask

    async def ask(self: line.Line, method: str, url: str, *more: object) -> object:
        mine = f"{method} {urlsplit(url)._replace(scheme='', netloc='').geturl()} ".encode()
        self._limits = QUICK if mine.startswith(CHANNELS[channel]) else Limits()
        return await real(self, method, url, *more)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line.Line, "ask", ask)
        yield


def given(channel: str, fault: Fault) -> Callable[[bytes], Fault | None]:
    return lambda request: fault if request.startswith(CHANNELS[channel]) else None


async def record(one: Tablet) -> list[object]:
    """All that a service could change."""
    tables = ("session", "consent", "booking", "room", "family", "infant", "caregiver", "recording")

    def read(tx: Tx) -> list[object]:
        return [dict(row) for table in tables for row in tx.all(f"SELECT * FROM {table}")]

    return await one.work.practice._store.run(read)


async def items(one: Tablet) -> dict[Kind, OutboxItem]:
    return {item.kind: item for item in await one.work.practice.outbox()}


async def end_well(one: Tablet, between: Proxy, served: Served) -> None:
    """With a service that is well everything is sent, once; and nothing else ever was."""
    between.rule = lambda _: None
    for kind, item in (await items(one)).items():
        await one.work.telling.deciding.retry(kind, item.id)
    ended = await one.work.telling.run()
    assert isinstance(ended, Ended), ended
    now = await items(one)
    assert {item.delivery for item in now.values()} == {Delivery.SENT}
    assert one.work.enrolling.inforce.policy.version == 3
    for item in now.values():
        put = await one.work.practice._store.run(
            lambda tx, item=item: put_of(tx, item, one.work.enrolling.inforce.policy)
        )
        there = await asyncio.to_thread(held, served.base, put.address)
        assert there.headers["ETag"] == item.etag
        assert {**there.json(), "meta": 0} == {**put.resource, "meta": 0}
    assert len(now) == ITEMS
    said = b"".join(between.seen)
    assert [name for name in NAMES if name.encode() in said] == []
    assert {request.split(b" ")[0] for request in between.seen} <= {b"GET", b"POST"}


def sentences(one: Tablet, run: Ended | PutOff) -> str:
    """What a person can read on the service page and in Settings."""
    heard = servicewords.heard(one.work.telling.heard, put_off=isinstance(run, PutOff))
    return " ".join([words.last_run(run), *heard, servicewords.news(one.work.enrolling.news)])


def sampled(place: int, case: tuple[str, str]) -> object:
    """All that goes wrong in sending is tried each time, of all else a fourth; the rest with --long."""
    marks = () if case[1] == "push" or place % 4 == 0 else (pytest.mark.long,)
    return pytest.param(*case, marks=marks, id=" to ".join(case))


@pytest.mark.parametrize(("name", "channel"), [sampled(*one) for one in enumerate(CASES)])
def test_a_wrong_answer(tmp_path: Path, name: str, channel: str) -> None:
    row = ROWS[name]

    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        before = await record(one)
        between.rule = given(channel, row.fault)
        with impatient(channel) if isinstance(row.fault, Stall | Drip) else nullcontext():
            await ASKED[channel](one, between, row)
        assert await record(one) == before
        await end_well(one, between, served)

    on(tmp_path, act)


async def push(one: Tablet, between: Proxy, row: Row) -> None:
    run = await one.work.telling.run()
    assert isinstance(run, PutOff)
    assert (run.why, run.after) == (row.push, row.after)
    assert words.WHY_LATER[run.why] in sentences(one, run)
    now = await items(one)
    for first in (now.pop(Kind.PRACTITIONER), now.pop(Kind.INFANT)):  # they refer to nothing
        assert first.delivery is (Delivery.REFUSED if row.refused else Delivery.WAITING)
        assert bool(first.words) is row.refused
        assert first.words.isprintable()
    assert {item.delivery for item in now.values()} == {Delivery.WAITING}
    assert {item.etag for item in now.values()} == {""}
    posts = sum(request.startswith(CHANNELS["push"]) for request in between.seen)
    parted = row.refused or (row.push is Why.SERVER_ERROR and not row.after)
    assert (posts > 1) is (parted or name_of(row) == "403 in words")


async def pull(one: Tablet, between: Proxy, row: Row) -> None:
    run = await one.work.telling.run()
    heard = one.work.telling.heard
    assert (heard.why, heard.after) == (row.pull, row.after)
    assert (heard.withdrawn, heard.sessions, heard.conflicts) == (0, 0, 0)
    await ends_here_or_goes_on(one, run, row.pull, row.after)


async def policy_(one: Tablet, between: Proxy, row: Row) -> None:
    run = await one.work.telling.run()
    told = one.work.enrolling.news
    assert told is not None
    assert (told.reason or told.trouble) == row.policy
    assert servicewords.news(told).endswith(".")
    assert one.work.enrolling.inforce.policy.version == 3
    await ends_here_or_goes_on(one, run, row.policy, row.after)


async def ends_here_or_goes_on(one: Tablet, run: object, why: object, after: float) -> None:
    """Where nobody answers, or the service asks for time, nothing is sent; else everything is."""
    sent = (await one.work.practice.outbox_counts())[Delivery.SENT]
    if why in NOBODY_THERE or after:
        assert isinstance(run, PutOff)
        assert (run.why, run.after, sent) == (why, after, 0)
    else:
        assert isinstance(run, Ended)
        assert (run.sent, sent) == (ITEMS, ITEMS)
    if isinstance(why, Why):
        known = {words.WHY_LATER[why], servicewords.WHY_NOT_HEARD[why]}
        assert any(sentence in sentences(one, run) for sentence in known)


async def capability(one: Tablet, between: Proxy, row: Row) -> None:
    assert row.capability is not None
    found = await one.work.enrolling.capability()
    assert found == Failure(row.capability, row.after)
    assert words.WHY_LATER[row.capability].endswith(".")


ASKED = {"push": push, "pull": pull, "policy": policy_, "capability": capability}


def name_of(row: Row) -> str:
    return next(name for name, one in ROWS.items() if one is row)


def test_the_right_answers_are_taken(tmp_path: Path) -> None:
    """Else all of the above could be right for the wrong reason."""

    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        assert isinstance(await one.work.enrolling.capability(), Capability)
        await end_well(one, between, served)
        assert one.work.telling.heard.why is None
        assert servicewords.news(one.work.enrolling.news) == ""

    on(tmp_path, act)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("said", [True, False])
def test_five_gigabytes_are_cut_and_are_not_kept(tmp_path: Path, channel: str, said: bool) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        between.rule = given(channel, Flood(GIGABYTES, said))
        tracemalloc.start()
        try:
            await (one.work.enrolling.capability() if channel == "capability" else one.work.telling.run())
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert between.flooded < 40_000_000  # the limit, and what stands in the system's buffers
        assert peak < 40_000_000

    on(tmp_path, act)


# Whose certificate it is, and what day it is.

OURS, THEIRS = Authority.make(), Authority.make()
YEAR = 365 * DAY
CERTIFICATES: dict[str, tuple[Authority, dict[str, object], Why]] = {
    "another authority": (THEIRS, {}, Why.UNTRUSTED),
    "another host": (OURS, {"host": "127.0.0.9"}, Why.UNTRUSTED),
    "ended yesterday": (OURS, {"until": NOW - DAY}, Why.DATE),
    "ended, for a clock a year ahead": (
        OURS,
        {"since": NOW - YEAR - DAY, "until": NOW - YEAR + DAY},
        Why.DATE,
    ),
    "not begun, for a clock a year behind": (
        OURS,
        {"since": NOW + YEAR - DAY, "until": NOW + YEAR + DAY},
        Why.DATE,
    ),
}


@pytest.mark.parametrize("name", CERTIFICATES)
def test_a_certificate_that_does_not_verify_gets_no_byte(tmp_path: Path, name: str) -> None:
    authority, more, why = CERTIFICATES[name]
    server, _ = authority.server(tmp_path, **more)  # type: ignore[arg-type]

    async def act(one: Tablet, between: Proxy) -> None:
        before = await record(one)
        run = await one.work.telling.run()
        assert isinstance(run, PutOff)
        assert run.why == why
        assert words.WHY_LATER[why] in words.last_run(run)
        assert words.WHY_LATER[why] in servicewords.news(one.work.enrolling.news)
        assert await one.work.enrolling.capability() == Failure(why)
        assert between.seen == []
        assert {item.tried for item in (await items(one)).values()} == {0}
        assert await record(one) == before

    over_tls(tmp_path, server, act)


def over_tls(folder: Path, server: ssl.SSLContext, act: Callable[[Tablet, Proxy], Awaitable[None]]) -> None:
    """A tablet that trusts our authority alone."""

    async def run(port: int) -> None:
        async with proxy(port, tls=server) as between, tablet(folder / "vault") as one:
            base = between.base.replace("http:", "https:")
            text = file_for(
                between,
                fhir={"base": base},
                auth={"kind": "bearer", "token": "t0k3n"},
                tls={"authority": OURS.pem, "pins": []},
            )
            assert isinstance(await one.work.enrolling.take(text), Enrolment)
            await act(one, between)

    with reference_service(folder / "service.db") as served:
        asyncio.run(run(served.port))


def test_a_right_certificate_is_taken(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy) -> None:
        assert isinstance(await one.work.telling.run(), Ended)

    over_tls(tmp_path, OURS.server(tmp_path)[0], act)


@pytest.mark.parametrize(
    ("days", "why"),
    [
        (365, NoPolicy.EXPIRED),
        (-365, None),  # the vault remembers a later day, and goes by that
    ],
)
def test_a_clock_a_year_off_sends_under_the_strict_default_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, why: NoPolicy | None
) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        real = clock.now
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(days=days))
        assert isinstance(await one.work.telling.run(), Ended)
        assert one.work.enrolling.inforce.why is why
        strict = one.work.enrolling.inforce.policy == Policy()
        assert strict is (why is not None)
        assert (b"birthDate" in b"".join(between.seen)) is not strict
        assert {item.delivery for item in (await items(one)).values()} == {Delivery.SENT}
        said = servicewords.standing(one.work.enrolling.inforce.policy, one.work.enrolling.inforce.why)
        assert (servicewords.STRICT in said) is strict

    on(tmp_path, act)


@pytest.mark.parametrize("days", [365, -365])
def test_a_clock_a_year_off_enrols_nobody_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    async def run() -> None:
        async with proxy(0) as between, tablet(tmp_path / "vault") as one:
            real = clock.now
            monkeypatch.setattr(clock, "now", lambda: real() + timedelta(days=days))
            found = await one.work.enrolling.take(file_for(between))
            assert not isinstance(found, Enrolment)
            assert "Check the date of this tablet" in servicewords.not_taken(found).replace("check", "Check")
            assert one.work.enrolling.enrolment is None

    asyncio.run(run())


def test_a_policy_that_somebody_else_signed_never_holds(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        await publish(served, OTHER.sign(policy_claims(9), policy.TYPE))
        assert isinstance(await one.work.telling.run(), Ended)
        assert one.work.enrolling.inforce.policy.version == 3
        assert servicewords.news(one.work.enrolling.news) == servicewords.NONE_BECAUSE[NoPolicy.FORGED]

    on(tmp_path, act)
