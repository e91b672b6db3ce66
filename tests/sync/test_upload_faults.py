"""A sealed film arrives whole at two tus servers that are not ours, whatever is done to it on the way.

`python -m pytest tests/sync/test_upload_faults.py -rP` prints a row for each case (docs/verification.md).
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.tus_servers import SERVERS, Silent, TusServer, skip_without
from tests.sync.uploads import QUICK, TOKEN, Book, Kept, Noting, sealed_file, sealed_film
from tests.sync.wire import Act, Fault, Place, Wire, wire
from vigfield.sync import Limits
from vigfield.sync.address import origin
from vigfield.sync.tus import LIMITS, MOST_CHUNK, Tus
from vigfield.sync.upload import Arrived, Outcome, PutOff, Removed, Stopped, remove, upload

ROOT = Path(__file__).resolve().parents[2]
SMALL, LARGE = 300_000, 9_000_000  # bytes of film
CHUNK = 50_000
LAST = 7  # the chunk with which a small film ends
IMPATIENT = Limits(silence=2.0, whole=30.0, reply=1_000_000)
MOST_ROUNDS = 8
LEAST_CASES = 14

HEAD, BODY, REPLY = Place.HEAD, Place.BODY, Place.REPLY


@dataclass(frozen=True)
class Case:
    """What happens to one upload; `action` is what a CALL among the faults calls."""

    faults: tuple[Fault, ...]
    action: str = ""
    size: int = SMALL
    chunk: int = CHUNK
    limits: Limits = LIMITS
    client: str = "here"


def both(name: str, method: str, place: Place, at: int, number: int = 1) -> dict[str, Case]:
    """A cut at one place, by FIN and by RST."""
    cuts = (Act.FIN, Act.RST)
    return {f"{act.name}, {name}": Case((Fault(act, method, place, at, number),)) for act in cuts}


def call(action: str, method: str, place: Place, at: int, number: int = 1, **more: str) -> Case:
    return Case((Fault(Act.CALL, method, place, at, number),), action, **more)  # type: ignore[arg-type]


CASES: dict[str, Case] = {
    "nothing": Case(()),
    **both("while creating", "POST", HEAD, 100),
    **both("in the head of a chunk", "PATCH", HEAD, 120, 3),
    **both("in the middle of a chunk", "PATCH", BODY, 20_000, 3),
    **both("after a whole chunk, before its reply", "PATCH", BODY, CHUNK, 3),
    **both("in the last chunk", "PATCH", BODY, 100, LAST),
    **both("in the reply to a chunk", "PATCH", REPLY, 20, 3),
    **both("while it is read back", "GET", REPLY, 100_000),
    "the reply to the creation is lost": Case((Fault(Act.FIN, "POST", REPLY),)),
    "the reply to a chunk is lost": Case((Fault(Act.FIN, "PATCH", REPLY, 0, 3),)),
    "the reply to the last chunk is lost": Case((Fault(Act.FIN, "PATCH", REPLY, 0, LAST),)),
    "every second chunk is cut": Case(
        tuple(Fault(Act.RST, "PATCH", BODY, 20_000, number) for number in (1, 3, 5, 7, 9, 11, 13, 15))
    ),
    "nothing passes any more in a chunk": Case(
        (Fault(Act.STALL, "PATCH", BODY, 20_000, 3),), limits=IMPATIENT
    ),
    "a reply never comes": Case((Fault(Act.STALL, "PATCH", REPLY, 0, 3),), limits=IMPATIENT),
    "connections are refused for a while": Case((Fault(Act.REFUSE, "PATCH", BODY, 20_000, 3),)),
    "a slow line": Case((Fault(Act.SLOW, "PATCH", BODY, 0, 1),)),
    "kill -9 of the server in a chunk": call("kill server", "PATCH", BODY, 20_000, 3),
    "kill -9 of the server before a reply": call("kill server", "PATCH", REPLY, 0, 3),
    "kill -9 of the client in a chunk": call("kill client", "PATCH", BODY, 20_000, 3, client="child"),
    "kill -9 of the client before a reply": call("kill client", "PATCH", REPLY, 0, 3, client="child"),
    "kill -9 of the client while creating": call("kill client", "POST", REPLY, 0, client="child"),
    "the upload is gone, 404": call("forget", "PATCH", HEAD, 0, 3),
    "the upload is over its time, 410": call("expire", "PATCH", HEAD, 0, 3),
    "the run is cancelled in a chunk": call("cancel", "PATCH", BODY, 20_000, 3),
    "the run is cancelled while creating": call("cancel", "POST", HEAD, 100),
    "the run is cancelled while it is read back": call("cancel", "GET", REPLY, 100_000),
    "consent is taken back for a while": call("stop", "PATCH", REPLY, 0, 2),
    "a large film, cut by RST": Case(
        (Fault(Act.RST, "PATCH", BODY, 3_000_000, 5),), size=LARGE, chunk=MOST_CHUNK
    ),
}


@dataclass
class Trip:
    """One upload through all its rounds: what became of each, and what went over the wire."""

    case: Case
    server: TusServer
    film: Path
    folder: Path
    wire: Wire
    book: Book
    outcomes: list[Outcome | None]
    child: int = 0
    running: asyncio.Task[Outcome] | None = None

    def act(self) -> None:
        """What a CALL among the faults stands for."""
        match self.case.action:
            case "kill server":
                self.server.kill()
            case "kill client":
                os.kill(self.child, signal.SIGKILL)
            case "forget":
                self.server.forget(self.book.location)
            case "expire":
                self.server.expire(self.book.location)
            case "cancel":
                assert self.running is not None
                self.running.cancel()
            case "stop":
                self.book.refuse_at = self.book.questions + 1

    async def round(self) -> Outcome | None:
        """One run of the tablet; None when it was killed or cancelled."""
        self.server.revive()
        await self.wire.listen()
        if self.case.client == "child":
            return await self._elsewhere()
        self.running = asyncio.create_task(self._here())
        await asyncio.wait([self.running])
        return None if self.running.cancelled() else self.running.result()

    async def _here(self) -> Outcome:
        said_no: list[int] = []
        self.book.when_no = lambda: said_no.append(self.wire.carried)
        file = sealed_file(self.film)
        async with Noting(self.case.limits) as line:
            tus = Tus(line, self.wire.base, TOKEN)
            outcome = await upload(
                tus, file, self.book.location, self.book, chunk=self.case.chunk, pauses=QUICK
            )
        assert {origin(url) for _, url, _ in line.asked} == {origin(self.wire.base)}
        assert isinstance(outcome, Stopped) == bool(said_no)
        assert said_no in ([], [self.wire.carried])  # nothing began and no byte went after the no
        return outcome

    async def _elsewhere(self) -> Outcome | None:
        kept, here = self.folder / "journal.json", [self.wire.base, str(self.film)]
        command = [sys.executable, "-m", "tests.sync.upload_child", *here, str(kept), str(self.case.chunk)]
        child = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=subprocess.PIPE)
        self.child = child.pid
        said, _ = await child.communicate()
        self.book = Kept.open(kept)
        if child.returncode == -signal.SIGKILL:
            return None
        assert said.startswith(b"Arrived("), said
        return Arrived(self.book.location, b"verified=True" in said)


async def travel(case: Case, server: TusServer, folder: Path) -> Trip:
    """Upload until it has arrived, round after round, with the server started again where it died."""
    film = sealed_film(folder, case.size)
    async with wire(server.port, *case.faults) as line:
        trip = Trip(case, server, film, folder, line, Book(), [])
        line.call = trip.act
        while len(trip.outcomes) < MOST_ROUNDS:
            trip.outcomes.append(await trip.round())
            if isinstance(trip.outcomes[-1], Arrived):
                break
        await checked(trip)
    return trip


async def checked(trip: Trip) -> None:
    """What holds after every case."""
    *before, last = trip.outcomes
    assert last == Arrived(trip.book.location, verified=not isinstance(trip.server, Silent)), trip.outcomes
    assert all(one is None or isinstance(one, PutOff | Stopped) for one in before)
    assert trip.server.stored(last.location) == trip.film.read_bytes()
    assert trip.book.offset == trip.film.stat().st_size
    assert {one.headers.get("authorization") for one in trip.wire.requests} == {f"Bearer {TOKEN}"}
    assert len(trip.wire.met) >= min(len(trip.case.faults), 3), trip.wire.met
    trip.server.revive()
    async with Noting(LIMITS) as line:
        assert await remove(Tus(line, trip.wire.base, TOKEN), last.location, pauses=QUICK) == Removed()
    assert not trip.server.file(last.location).exists()


@pytest.fixture(scope="module", params=SERVERS.values(), ids=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TusServer]:
    kind: type[TusServer] = request.param
    skip_without(kind)
    one = kind(tmp_path_factory.mktemp("tus") / "server")
    one.start()
    yield one
    one.kill()


@pytest.mark.parametrize("name", CASES)
def test_it_arrives_whole(name: str, server: TusServer, tmp_path: Path, tried: Counter[str]) -> None:
    deaths = server.deaths
    trip = asyncio.run(travel(CASES[name], server, tmp_path))
    tried["cases of an upload"] += 1
    print(row(name, trip, server.deaths - deaths))


def row(name: str, trip: Trip, deaths: int) -> str:
    """One line of the table in docs/verification.md."""
    ends = ", ".join("cut off" if one is None else told(one) for one in trip.outcomes)
    posts = [one for one in trip.wire.requests if one.method == "POST"]
    carried = sum(one.body for one in trip.wire.requests)
    share = f"{carried / trip.film.stat().st_size:.2f}"
    server = next(name for name, kind in SERVERS.items() if isinstance(trip.server, kind))
    return f"| {name} | {server} | {ends} | {len(trip.wire.requests)} | {len(posts)} | {share} | {deaths} |"


def told(outcome: Outcome) -> str:
    match outcome:
        case PutOff(why, _):
            return f"put off ({why.value})"
        case _:
            return type(outcome).__name__.lower()


def test_a_server_that_gives_nothing_back_is_believed_but_not_called_verified(tmp_path: Path) -> None:
    skip_without(Silent)
    one = Silent(tmp_path / "server")
    one.start()
    try:
        asyncio.run(travel(Case(()), one, tmp_path))
    finally:
        one.kill()


def test_there_are_as_many_cases_as_the_page_says() -> None:
    assert len(CASES) >= LEAST_CASES
    page = (ROOT / "docs" / "verification.md").read_text(encoding="utf-8")
    assert f"{len(CASES)} cases for each of {len(SERVERS)} servers" in page
