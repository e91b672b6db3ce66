"""Random days: films, lost links, locks, wrong passphrases, kills and restarts in any order."""

import asyncio
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.kit import (
    HELLO,
    PASSPHRASE,
    WORDS,
    consent_draft,
    end,
    family_of,
    film,
    frames_of,
    part,
)
from vigfield.app import App, Covered, Door, FilmLink, Fresh, Locked, Open, PlayLink, filming
from vigfield.app.part import FilmPart
from vigfield.model import RecordingId, RecordingState, SessionId
from vigfield.rules import Refused

ACTIONS = st.sampled_from(
    ["begin", "send", "send", "send", "lost", "again", "end", "lock", "unlock", "wrong", "stop", "kill"]
)


class Day:
    """One tablet, with what its camera page knows: the part it sends, and what was acknowledged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app = App(Door(folder, demo=False), WORDS, None)
        self.session = SessionId("")
        self.part: FilmPart | None = None
        self.token = ""
        self.next_frame = 0
        self.recording = RecordingId("")
        self.acknowledged: Counter[RecordingId] = Counter()

    async def start(self) -> None:
        outcome = await self.app.create(PASSPHRASE)
        assert isinstance(outcome, Open)
        family, session = await family_of(outcome.work)
        await outcome.work.consenting.give(consent_draft(family))
        self.session = session.id

    async def do(self, action: str) -> None:
        await getattr(self, f"_{action}")()
        assert not isinstance(self.app.state, Fresh)
        if isinstance(self.app.state, Covered):
            assert self.app._work is not None
        await asyncio.gather(*self.app._tasks)

    async def _begin(self) -> None:
        if not isinstance(self.app.state, Open):
            return
        link = await self.app.state.work.filming.link(self.session)
        match link:
            case FilmLink(token):
                self.part = part(await self.app.begin(token, HELLO))
                self.recording, self.next_frame = self.part.value.recording, 0
                self.part.write([film()[0]])
            case Refused():
                pass

    async def _send(self) -> None:
        if self.part is not None and self.next_frame < len(film()[1]):
            self.part.write([film()[1][self.next_frame]])
            self.next_frame += 1
            self.acknowledged[self.recording] += 1

    async def _lost(self) -> None:
        if self.part is not None:
            self.token = self.part.next_token
            await self.part.lost()
            self.part = None

    async def _again(self) -> None:
        if self.part is None and self.token:
            begun = await self.app.begin(self.token, HELLO)
            self.token = ""
            if isinstance(begun, FilmPart):
                self.part = begun
                self.part.write([film()[0]])

    async def _end(self) -> None:
        if self.part is not None:
            await self.part.finish(end(self.part))
            self.part = None

    async def _lock(self) -> None:
        await self.app.lock()

    async def _unlock(self) -> None:
        assert isinstance(await self.app.unlock(PASSPHRASE), Open)

    async def _wrong(self) -> None:
        before = self.app.state
        assert not isinstance(await self.app.unlock("wrong"), Open)
        assert self.app.state == before
        await self._unlock()

    async def _stop(self) -> None:
        await self.app.close()
        self._restart()

    async def _kill(self) -> None:
        """The files as a killed process leaves them; what this process still holds is let go of."""
        if self.part is not None:
            self.part._writer.abandon()
        if self.app._work is not None:
            running, self.app._work.filming._running = self.app._work.filming._running, None
            if running is not None and running.grace is not None:
                running.grace.cancel()
        await self.app.close()
        self._restart()

    def _restart(self) -> None:
        self.part, self.token = None, ""
        self.app = App(Door(self.folder, demo=False), WORDS, None)
        assert self.app.state == Locked()

    async def finish(self) -> None:
        """In the end every film is there with all that was acknowledged, closed, and plays."""
        await self._stop()
        opened = await self.app.unlock(PASSPHRASE)
        assert isinstance(opened, Open)
        films, _, _ = await opened.work.practice.everything()
        for found in films:
            assert found.state is not RecordingState.OPEN
            assert all(p.state is not RecordingState.OPEN for p in found.parts)
            frames = sum(p.frames for p in found.parts)
            assert frames == self.acknowledged[found.id]
            assert (found.state is RecordingState.EMPTY) == (frames == 0)
            link = await opened.work.playing.link(found.id)
            if isinstance(link, PlayLink):
                claimed = self.app.claim(link.token)
                assert claimed is not None
                assert frames_of(claimed[1]) == frames
        assert {id_ for id_, count in self.acknowledged.items() if count} <= {found.id for found in films}
        await self.app.close()


@given(st.lists(ACTIONS, min_size=5, max_size=30))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_happens_every_film_keeps_what_was_acknowledged(actions: list[str]) -> None:
    async def run(folder: Path) -> None:
        day = Day(folder)
        await day.start()
        try:
            for action in actions:
                await day.do(action)
            await day.finish()
        finally:
            await day.app.close()

    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(filming, "GRACE_SECONDS", 3600.0)
        asyncio.run(run(Path(folder) / "vault"))
