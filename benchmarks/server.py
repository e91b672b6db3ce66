"""The app without its screens, as a process of its own: `python -m benchmarks.server FOLDER POLICY`.

The guard, the intake, the vault, the sealing and the player's way out are the real ones. It does what the
lines of JSON on its standard input ask for, and answers each with one.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.responses import HTMLResponse
from starlette.websockets import WebSocket

from benchmarks.lengthening import lengthened
from benchmarks.reading import decoded
from tests.app import kit
from vigfield.app import App, Given, Open, PageWords, door
from vigfield.app.filming import Running
from vigfield.app.playing import PlayLink
from vigfield.loopback import Guard, Server, build
from vigfield.model import Policy, RecordingId
from vigfield.serve import assets
from vigfield.ui import pagewords

ROOT = Path(__file__).resolve().parents[1]
HOME = "<!doctype html><title>bench</title><body data-in=yes>"
Answer = Mapping[str, object]


@dataclass(slots=True)
class Served:
    """The server's process as the benchmarks see it."""

    process: subprocess.Popen[str]
    origin: str

    @property
    def pid(self) -> int:
        """Its number, to be measured or killed by."""
        return self.process.pid

    def ask(self, what: str, **more: object) -> dict[str, Any]:
        """Have it do something, and wait for the answer."""
        assert self.process.stdin
        print(json.dumps({"do": what, **more}), file=self.process.stdin, flush=True)
        return self._hear()

    def _hear(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the server has ended"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(folder: Path, **policy: object) -> Iterator[Served]:
    """A server on a new vault in `folder`, ended with the block."""
    line = [sys.executable, "-m", "benchmarks.server", str(folder), json.dumps(policy)]
    with subprocess.Popen(
        line, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        served = Served(process, "")
        try:
            served.origin = served._hear()["origin"]
            yield served
            if process.poll() is None:
                served.ask("end")
                process.wait(60)
        finally:
            process.kill()


class Driven:
    """What the lines ask for."""

    def __init__(self, tablet: kit.Tablet, guard: Guard) -> None:
        self._tablet = tablet
        self._guard = guard
        self._verbs: dict[str, Callable[..., Awaitable[Answer]]] = {
            "launch": self._launch,
            "film": self._film,
            "newest": self._newest,
            "settled": self._settled,
            "lengthen": self._lengthen,
            "open": self._open,
        }

    async def answer(self, line: Mapping[str, Any]) -> Answer:
        """Do one thing and say what came of it."""
        return await self._verbs[line["do"]](**{name: value for name, value in line.items() if name != "do"})

    async def _launch(self) -> Answer:
        return {"url": self._guard.new_launch_url(600)}

    async def _film(self) -> Answer:
        return {"token": await self._tablet.link()}

    async def _newest(self) -> Answer:
        found = await self._tablet.recording()
        frames = sum(part.frames for part in found.parts)
        quality = found.quality
        return {"id": found.id, "frames": frames, "encoded": quality.encoded, "dropped": quality.dropped}

    async def _settled(self) -> Answer:
        """Once the page of the newest film has gone: give it up at once, and count what there is of it."""
        filming = self._tablet.work.filming
        await kit.until(lambda: not (isinstance(filming.state, Running) and filming.state.linked))
        await filming.stop(self._tablet.family.id)
        found = await self._tablet.recording()
        return {"decoded": await decoded(self._tablet.app, found.id)}

    async def _lengthen(self, recording: str, seconds: float) -> Answer:
        return await lengthened(self._tablet, RecordingId(recording), seconds)

    async def _open(self, recording: str) -> Answer:
        began = time.perf_counter()
        link = await self._tablet.work.playing.link(RecordingId(recording))
        taken = time.perf_counter() - began
        assert isinstance(link, PlayLink), link
        return {"token": link.token, "seconds": taken}


async def _serve(folder: Path, policy: Policy) -> None:
    app = App(door.Door(folder, demo=False), PageWords(pagewords.CAPTURE, pagewords.PLAYER), None)
    app._policy = policy
    server = await Server.start(build(_no_socket, HTMLResponse(HOME), app, app, assets()))
    try:
        tablet = await _tablet(app)
        _say({"origin": f"http://{server.guard.host}"})
        await _obey(Driven(tablet, server.guard))
    finally:
        await app.close()
        await server.stop()
    _say({})


async def _tablet(app: App) -> kit.Tablet:
    """A new vault with all that is needed to film."""
    outcome = await app.create(kit.PASSPHRASE)
    assert isinstance(outcome, Open), outcome
    family, session = await kit.family_of(outcome.work)
    given = await outcome.work.consenting.give(kit.consent_draft(family))
    assert isinstance(given, Given)
    return kit.Tablet(app, outcome.work, family, session, given.consent)


async def _obey(driven: Driven) -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        said = json.loads(line)
        if said["do"] == "end":
            return
        _say(await driven.answer(said))


async def _no_socket(socket: WebSocket) -> None:
    await socket.close()


def _say(answer: Answer) -> None:
    print(json.dumps(answer), flush=True)


def main(arguments: list[str]) -> None:
    """Serve a vault until told to end; a passphrase costs a millisecond here."""
    folder, policy = arguments
    door.calibrate = lambda: kit.CHEAP  # type: ignore[attr-defined]
    asyncio.run(_serve(Path(folder), Policy(**json.loads(policy))))


if __name__ == "__main__":
    main(sys.argv[1:])
