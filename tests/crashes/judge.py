"""After a death: unlock, recover, play, recover again, tell; and compare with what the dead had said."""

import asyncio
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.app.kit import frames_of, tree, unlocked, work_of
from tests.crashes.child import FRAMES, PARTS, SECONDS
from tests.sync.servers import held
from vigfield.app import Work
from vigfield.app.playing import OpenFilm, PlayLink
from vigfield.model import Delivery, OutboxItem, Recording, RecordingState
from vigfield.store import Tx
from vigfield.sync.spelling import TYPES


@dataclass(frozen=True, slots=True)
class Diary:
    """What a child said: messages given and acknowledged, by part, and how far it came."""

    given: tuple[int, ...]
    acknowledged: tuple[int, ...]
    said: frozenset[str]
    operations: tuple[str, ...]

    @property
    def fragments_acknowledged(self) -> int:
        return fragments(self.acknowledged)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: was there a film to recover and was it, seconds lost, and everything that is wrong."""

    promised: bool
    recovered: bool
    lost: float
    wrong: tuple[str, ...]


def read(path: Path) -> Diary:
    """The diary at `path`; a last line without an end counts as not said."""
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    words = [line.split() for line in lines]
    return Diary(
        _last(words, "given"),
        _last(words, "acknowledged"),
        frozenset(lines),
        tuple(word[1] for word in words if word[0] == "operation"),
    )


def _last(lines: list[list[str]], what: str) -> tuple[int, ...]:
    """How many messages of each part."""
    return tuple(sum(line[:2] == [what, str(part)] for line in lines) for part in (1, 2))


def fragments(messages: Iterable[int]) -> int:
    """How many fragments are in these numbers of messages: the first of each part is the init segment."""
    return sum(max(0, count - 1) for count in messages)


def judge(folder: Path, service: str, diary: Diary) -> Verdict:
    """Look at what a child left in `folder`, which is changed by it: it is unlocked three times."""
    promised = diary.fragments_acknowledged > 0
    if not (folder / "vault.json").exists():
        return Verdict(promised, False, 0.0, ("there is no vault",) if "made" in diary.said else ())
    copy = folder.with_name(folder.name + "-copy")
    shutil.copytree(folder, copy)
    return asyncio.run(_judge(folder, copy, service, diary))


async def _judge(folder: Path, copy: Path, service: str, diary: Diary) -> Verdict:
    async with unlocked(copy):
        pass
    wrong: list[str] = []
    async with unlocked(folder) as app:
        work = work_of(app)
        found = await _only_film(work)
        kept = await _messages(work, found) if found else ()
        wrong += _misnamed(found, diary, kept)
        wrong += await asyncio.to_thread(_not_at_the_service, service, await work.practice.outbox())
        if found and found.state is RecordingState.INTERRUPTED:
            await work.filming._opened.store.run(lambda tx: _reopen(tx, found))
    once = _films(folder)
    if once != _films(copy):
        wrong.append("recovering a copy gives other bytes")
    wrong += await _again(folder, service, found)
    if once != _films(folder):
        wrong.append("recovering again gives other bytes")
    promised, there = diary.fragments_acknowledged, fragments(kept)
    lost = (fragments(diary.given) - there) * SECONDS
    return Verdict(promised > 0, there >= promised > 0, lost, tuple(wrong))


async def _again(folder: Path, service: str, before: Recording | None) -> list[str]:
    """Recover a second time, and tell everything: the service has it once, and nobody disagrees."""
    async with unlocked(folder, service) as app:
        await asyncio.gather(*app._tasks)
        work = work_of(app)
        wrong = [] if await _only_film(work) == before else ["recovering again finds another film"]
        items = await work.practice.outbox()
        wrong += [f"{item.kind} {item.delivery} in the end" for item in items if not _sent(item)]
        return wrong + await asyncio.to_thread(_not_at_the_service, service, items)


async def _only_film(work: Work) -> Recording | None:
    found = (await work.practice.everything())[0]
    assert len(found) <= 1
    return found[0] if found else None


async def _messages(work: Work, found: Recording) -> tuple[int, ...]:
    """How many of the messages given are in each part; -1 for a part that is anything else than those."""
    link = await work.playing.link(found.id)
    if not isinstance(link, PlayLink):
        return ()
    film = work.playing._links[link.token].film
    assert isinstance(film, OpenFilm)
    numbers = [part.number for part in found.parts if part.bytes and part.state is not RecordingState.DAMAGED]
    counts = dict(zip(numbers, map(_count, numbers, _plaintexts(film)), strict=True))
    kept = tuple(counts.get(number, 0) for number in (1, 2))
    return kept if frames_of(film) == FRAMES * fragments(kept) else (-1, -1)


def _plaintexts(film: OpenFilm) -> Iterator[bytes]:
    return (reader.read(0, reader.size) for reader in film._readers)


def _count(number: int, data: bytes) -> int:
    """How many messages of a part these bytes are, to the byte."""
    messages = PARTS[number - 1]
    edges = (count for count in range(len(messages) + 1) if b"".join(messages[:count]) == data)
    return next(edges, -1)


def _misnamed(found: Recording | None, diary: Diary, kept: tuple[int, ...]) -> list[str]:
    """In what a film is not what it is called, or lacks what was acknowledged."""
    if found is None:
        return ["the film is gone"] if sum(diary.given) else []
    whole = found.state is RecordingState.WHOLE
    everything = kept == tuple(map(len, PARTS))
    complaints = {
        "a part is not what was given": any(count < 0 for count in kept),
        "acknowledged and not there": any(
            have < said for have, said in zip(kept or (0, 0), diary.acknowledged, strict=True) if said > 1
        ),
        f"called {found.state}": found.state in (RecordingState.OPEN, RecordingState.DAMAGED),
        "called whole and is not": whole and not (everything and "ending" in diary.said),
        "ended and not called whole": "ended" in diary.said and not whole,
        "called empty and is not": found.state is RecordingState.EMPTY and diary.fragments_acknowledged > 0,
        "frames miscounted": sum(part.frames for part in found.parts) != FRAMES * fragments(kept),
    }
    return [words for words, applies in complaints.items() if applies]


def _not_at_the_service(service: str, items: list[OutboxItem]) -> list[str]:
    """What is called sent, and the service does not hold in that version."""
    return [
        f"{item.kind} is not at the service" for item in items if _sent(item) and not _held(service, item)
    ]


def _sent(item: OutboxItem) -> bool:
    return item.delivery is Delivery.SENT


def _held(service: str, item: OutboxItem) -> bool:
    answer = held(service, f"{TYPES[item.kind]}/{item.id}")
    return answer.status_code == 200 and answer.headers["ETag"] == item.etag


def _films(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in tree(folder / "media").items() if name.endswith(".film")}


def _reopen(tx: Tx, found: Recording) -> None:
    """As if the process had died after the files were closed and before the database knew."""
    tx.execute("UPDATE recording SET state = 'open' WHERE id = ?", found.id)
    tx.execute("UPDATE part SET state = 'open' WHERE recording = ? AND state = 'interrupted'", found.id)
